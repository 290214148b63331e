//! Where the time comes from.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::timestamp::Timestamp;

/// A source of the current time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now, in UTC.
    fn now(&self) -> Timestamp;
}

/// A clock that many parts of a service share.
pub type SharedClock = Arc<dyn Clock>;

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as the epoch: no such host is in its right mind.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH.saturating_add(since)
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Default)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at `time`.
    pub fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.as_nanos()))
    }

    /// Moves the clock to `time`, backwards too.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_nanos(), Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().saturating_add(duration));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_past_the_year_2025() {
        assert!(SystemClock.now() > Timestamp::from_micros(1_735_689_600_000_000));
    }

    #[test]
    fn a_test_clock_moves_only_when_told() {
        let clock = TestClock::at(Timestamp::from_nanos(5));
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_nanos(2));
        assert_eq!(clock.now().as_nanos(), 7);
    }
}
