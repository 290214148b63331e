//! Names of the service's own metrics, each in one place.

use std::sync::OnceLock;

use metrics::Counter;

use crate::operations::Action;

/// Rows or key material that somebody else changed were found.
pub fn tampering() {
    metrics::counter!("key_tampering_found_total").increment(1);
}

/// How many keys were set back behind what this process has seen of them.
pub fn set_back(keys: usize) {
    metrics::gauge!("key_set_back_keys").set(f64::from(u32::try_from(keys).unwrap_or(u32::MAX)));
}

/// Counts what is done with data keys. Looks the counter of each action up once, not at each use.
#[derive(Debug, Default)]
pub struct DoneCounters([OnceLock<Counter>; 3]);

impl DoneCounters {
    /// Data keys were generated, unwrapped or rewrapped.
    pub fn add(&self, action: Action, count: usize) {
        let [generate, unwrap, rewrap] = &self.0;
        let counter = match action {
            Action::Generate => generate,
            Action::Unwrap => unwrap,
            Action::Rewrap => rewrap,
        };
        counter.get_or_init(|| operations(action, "ok")).increment(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// Generating, unwrapping or rewrapping of a data key was refused.
pub fn refused(action: Action, reason: &'static str) {
    operations(action, reason).increment(1);
}

fn operations(action: Action, outcome: &'static str) -> Counter {
    metrics::counter!("key_operations_total", "action" => action.permission(), "outcome" => outcome)
}

/// Whether the root key is at hand.
pub fn sealed(sealed: bool) {
    metrics::gauge!("key_sealed").set(if sealed { 1.0 } else { 0.0 });
}

/// Entries were sealed.
pub fn sealed_entries(count: u64) {
    metrics::counter!("key_sealed_entries_total").increment(count);
}

/// An alarm about a log was raised.
pub fn alarm(kind: &str) {
    metrics::counter!("key_signer_alarms_total", "kind" => kind.to_owned()).increment(1);
}
