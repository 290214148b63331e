//! What time it is by the database's clock, as far as that can be true: what is old is removed by it, and a clock that
//! jumps ahead must make nothing old.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Timestamp;

/// How far the database's clock may run ahead of this process's monotonic one: what two true clocks drift apart by.
const DRIFT: Duration = Duration::from_mins(1);

/// Holds what the database's clock shows against the time that has passed for this process.
///
/// # Known limits
/// - The clock that a process meets first is believed.
/// - After a clock that was set back and forward again what is old stays until the process is started again.
#[derive(Debug)]
pub struct DatabaseTime {
    started: Instant,
    /// The earliest that the database's clock can have shown at the start, as far as was seen.
    at_start: Mutex<Option<Timestamp>>,
}

impl Default for DatabaseTime {
    fn default() -> Self {
        Self { started: Instant::now(), at_start: Mutex::default() }
    }
}

impl DatabaseTime {
    /// The time, where the clock shows `shown`: that, or what has passed since the clock was seen first, and a minute.
    pub fn bounded(&self, shown: Timestamp) -> Timestamp {
        self.bounded_after(shown, self.started.elapsed())
    }

    fn bounded_after(&self, shown: Timestamp, elapsed: Duration) -> Timestamp {
        let mut at_start = self.at_start.lock().unwrap_or_else(PoisonError::into_inner);
        let now = shown.saturating_sub(elapsed);
        let earliest = at_start.map_or(now, |earliest| earliest.min(now));
        *at_start = Some(earliest);
        shown.min(earliest.saturating_add(elapsed.saturating_add(DRIFT)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn time_goes_forward_no_faster_than_it_passes() {
        let (time, noon) = (DatabaseTime::default(), Timestamp::from_micros(1_000_000_000_000_000));
        let after = |passed: Duration| noon.saturating_add(passed);
        assert_eq!(time.bounded_after(noon, Duration::ZERO), noon);
        assert_eq!(time.bounded_after(after(HOUR), HOUR), after(HOUR));
        for round in 0..100 {
            let jumped = time.bounded_after(after(HOUR * 48), HOUR);
            assert_eq!(jumped, after(HOUR + DRIFT), "asking often, now {round} times, moves nothing");
        }
        assert_eq!(time.bounded_after(after(HOUR * 48), HOUR * 30), after(HOUR * 30 + DRIFT));
        assert_eq!(time.bounded_after(noon, HOUR * 30), noon, "a clock that was set back shows what it shows");
        assert_eq!(time.bounded_after(after(HOUR * 31), HOUR * 31), after(HOUR + DRIFT));
    }
}
