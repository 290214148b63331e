//! Names of the service's own metrics, each in one place.

/// Rows or key material that somebody else changed were found.
pub fn tampering() {
    metrics::counter!("key_tampering_found_total").increment(1);
}

/// Data keys were generated, unwrapped or rewrapped, or that was refused.
pub fn operations(action: &'static str, outcome: &'static str, count: usize) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    metrics::counter!("key_operations_total", "action" => action, "outcome" => outcome).increment(count);
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
pub fn alarm(kind: &'static str) {
    metrics::counter!("key_signer_alarms_total", "kind" => kind).increment(1);
}
