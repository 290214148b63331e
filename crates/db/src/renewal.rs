//! Connections that were made before the schema changed, or to a server that is no more the one: they are replaced before they
//! are used again.
//!
//! PostgreSQL refuses a prepared statement whose result has other columns or types than when it was prepared (SQLSTATE
//! 0A000), each time and on each connection that prepared it; and a server that was left behind is read-only on each connection to
//! it, or silent, or gone. One such finding replaces them all, each when its turn comes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Since when connections are new enough.
#[derive(Debug)]
pub(crate) struct Renewal {
    born: Instant,
    /// Nanoseconds after `born`; 0 while none was found outdated.
    not_before: AtomicU64,
}

impl Renewal {
    pub(crate) fn new() -> Self {
        Self { born: Instant::now(), not_before: AtomicU64::new(0) }
    }

    /// Whether a connection made at `created` is to be replaced.
    pub(crate) fn is_due(&self, created: Instant) -> bool {
        self.nanos(created) < self.not_before.load(Ordering::Relaxed)
    }

    /// Takes note that a connection made at `created` was found outdated. Where that connection is due already,
    /// those made since are not: several that fail at once must not replace what came in their stead.
    pub(crate) fn found_outdated(&self, created: Instant) {
        if !self.is_due(created) {
            self.not_before.fetch_max(self.nanos(Instant::now()), Ordering::Relaxed);
        }
    }

    fn nanos(&self, time: Instant) -> u64 {
        u64::try_from(time.saturating_duration_since(self.born).as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_made_before_the_finding_is_due_and_what_came_after_is_not() {
        let renewal = Renewal::new();
        let (old, other) = (Instant::now(), Instant::now());
        assert!(!renewal.is_due(old));
        while Instant::now() == other {}
        renewal.found_outdated(old);
        assert!(renewal.is_due(old) && renewal.is_due(other));
        let fresh = Instant::now() + Duration::from_secs(1);
        renewal.found_outdated(other);
        assert!(!renewal.is_due(fresh));
    }
}
