//! What every fault test uses.
//!
//! # Layout
//! - `calls`: calls to `RecordService`, and what their failures leave open
//! - `checks`: everything that must hold once the faults are over
//! - `evidence`: audit entries and record rows, held against what clients were told
//! - `json`: JSON to the API's values and back, as the system tests have it
//! - `ledger`: what clients were told
//! - `load`: clients that create, reveal, update and delete
//! - `proxy`: a TCP proxy that cuts and stalls
//! - `random`: chance that can be repeated
//! - `raw`: connections of hostile callers
//! - `world`: a stack with a tenant and a collection

pub(crate) mod calls;
pub(crate) mod checks;
pub(crate) mod evidence;
#[path = "../system/support/json.rs"]
pub(crate) mod json;
pub(crate) mod ledger;
pub(crate) mod load;
pub(crate) mod proxy;
pub(crate) mod random;
pub(crate) mod raw;
pub(crate) mod world;

use std::path::Path;
use std::time::Duration;

/// Longest wait for something that takes seconds at most on a machine with nothing else to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Replaces a file at once, as a mounted secret is; its mode stays.
pub(crate) fn replace(path: &Path, content: impl AsRef<[u8]>) {
    let beside = path.with_extension("replacement");
    std::fs::copy(path, &beside).unwrap();
    std::fs::write(&beside, content).unwrap();
    std::fs::rename(beside, path).unwrap();
}

/// Waits until `probe` yields a value.
pub(crate) async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Option<T>) -> T {
    match test_support::poll_until(PATIENCE, what, probe).await {
        Ok(value) => value,
        Err(late) => panic!("{late}"),
    }
}
