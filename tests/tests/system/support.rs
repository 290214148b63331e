//! What every system test uses.
//!
//! # Layout
//! - `calls`: callers, typed clients and raw calls
//! - `entries`: audit entries, read from the database
//! - `golden`: golden files
//! - `journal`: warnings and errors in the logs of the services
//! - `json`: JSON to the API's values and back
//! - `message`: fields of any message by their path
//! - `places`: tenants and collections of a test's own
//! - `raw`: connections that send what they are told, as the fault tests have it
//! - `specimens`: a good request for every RPC
//! - `sql`: databases as their superuser sees them
//! - `stacks`: the stacks that tests share

pub(crate) mod calls;
pub(crate) mod entries;
pub(crate) mod golden;
pub(crate) mod journal;
pub(crate) mod json;
pub(crate) mod message;
pub(crate) mod places;
#[path = "../faults/support/raw.rs"]
#[expect(dead_code, reason = "the fault tests use the rest")]
pub(crate) mod raw;
pub(crate) mod specimens;
pub(crate) mod sql;
pub(crate) mod stacks;

use std::time::Duration;

/// Longest wait for something that takes a second at most on a machine with nothing else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `probe` yields a value.
pub(crate) async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Option<T>) -> T {
    match test_support::poll_until(PATIENCE, what, probe).await {
        Ok(value) => value,
        Err(late) => panic!("{late}"),
    }
}
