//! Ids of events: UUIDv7, whose time says when the event was made.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::{SharedClock, Timestamp};
use names::EventId;

/// How far an id's time may be from now before that is worth a word.
const MAX_DISTANCE: Duration = Duration::from_hours(24);
/// Between two words.
const INTERVAL: Duration = Duration::from_mins(1);

/// Notes events whose ids are more than a day away from now. They are taken all the same: an event that comes late, or
/// from a service whose clock is wrong, is evidence. Clones share when it was last said.
#[derive(Clone, Debug)]
pub(crate) struct IdTimes {
    clock: SharedClock,
    said: Arc<Mutex<Option<Timestamp>>>,
}

impl IdTimes {
    /// Compares with the time of `clock`.
    pub(crate) fn new(clock: SharedClock) -> Self {
        Self { clock, said: Arc::default() }
    }

    /// Takes note of an event's id. Whether it was said in the log.
    pub(crate) fn note(&self, id: EventId) -> bool {
        let now = self.clock.now();
        let (made_ms, now_ms) = (millis_of(id), now.as_nanos().div_euclid(1_000_000));
        let distance = Duration::from_millis(made_ms.abs_diff(now_ms));
        if distance <= MAX_DISTANCE {
            return false;
        }
        metrics::counter!("audit_event_ids_far_from_now_total").increment(1);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_some_and(|said| now < said.saturating_add(INTERVAL)) {
            return false;
        }
        *said = Some(now);
        tracing::warn!(%id, hours = distance.as_secs() / 3_600, "an event's id was made more than a day away from now");
        true
    }
}

/// The time in a UUIDv7 (RFC 9562, section 5.7): milliseconds since 1970.
fn millis_of(id: EventId) -> i64 {
    // 48 bits, so that they fit.
    i64::try_from(id.as_uuid().as_u64_pair().0 >> 16).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use clock::{TestClock, uuid_v7};

    use super::*;

    #[test]
    fn ids_more_than_a_day_away_are_said_once_a_minute() {
        let start = Timestamp::from_micros(1_800_000_000_000_000);
        let hours = |hours: u64| Duration::from_hours(hours);
        let id = |at: Timestamp| EventId::new(uuid_v7(&TestClock::at(at)));
        let clock = Arc::new(TestClock::at(start));
        let times = IdTimes::new(clock.clone());
        assert!(!times.note(id(start)) && !times.note(id(start.saturating_add(hours(23)))));
        assert!(times.note(id(start.saturating_add(hours(25)))));
        clock.advance(Duration::from_secs(59));
        assert!(!times.note(id(start.saturating_add(hours(50)))), "said a minute ago");
        clock.advance(Duration::from_secs(1));
        assert!(times.note(id(start.saturating_add(hours(50)))));
        clock.advance(hours(48));
        assert!(times.note(id(start)), "the past is as far");
    }
}
