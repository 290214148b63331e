//! A point in time as whole nanoseconds since the Unix epoch, in UTC.

use std::time::Duration;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const NANOS_PER_MICRO: i64 = 1_000;

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Reaches from 1677 to 2262.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From microseconds since the epoch; a time out of range becomes the nearest one.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(NANOS_PER_MICRO))
    }

    /// From seconds since the epoch and nanoseconds of the second (0 to 999 999 999), as protobuf has them; `None` where
    /// they are out of range.
    pub fn from_parts(seconds: i64, nanos: i32) -> Option<Self> {
        let nanos = i64::from(nanos);
        if !(0..NANOS_PER_SECOND).contains(&nanos) {
            return None;
        }
        seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos).map(Self)
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole microseconds since the epoch, rounded towards the past.
    pub const fn as_micros(self) -> i64 {
        self.0.div_euclid(NANOS_PER_MICRO)
    }

    /// Whole seconds since the epoch, rounded towards the past.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS_PER_SECOND)
    }

    /// Nanoseconds of the second: 0 to 999 999 999.
    pub fn subsec_nanos(self) -> i32 {
        i32::try_from(self.0.rem_euclid(NANOS_PER_SECOND)).unwrap_or(0)
    }

    /// The same time without what is below a microsecond: what PostgreSQL and sealed manifests keep.
    #[must_use]
    pub const fn truncate_micros(self) -> Self {
        Self(self.0 - self.0.rem_euclid(NANOS_PER_MICRO))
    }

    /// `duration` later, or the last time there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(duration)))
    }

    /// `duration` earlier, or the first time there is.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos_of(duration)))
    }

    /// How long after `earlier` this is; zero where it is before.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn nanos_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_the_epoch_round_towards_the_past() {
        let time = Timestamp::from_nanos(-1);
        assert_eq!((time.as_micros(), time.seconds(), time.subsec_nanos()), (-1, -1, 999_999_999));
        assert_eq!(time.truncate_micros(), Timestamp::from_nanos(-1000));
    }

    #[test]
    fn parts_round_trip_and_bad_nanos_are_refused() {
        for nanos in [0, 1, 999_999_999, 1_800_000_000_123_456_789, -5, i64::MAX] {
            let time = Timestamp::from_nanos(nanos);
            let parts = Timestamp::from_parts(time.seconds(), time.subsec_nanos());
            assert_eq!(parts, Some(time));
        }
        assert_eq!(Timestamp::from_parts(0, -1), None);
        assert_eq!(Timestamp::from_parts(0, 1_000_000_000), None);
        assert_eq!(Timestamp::from_parts(i64::MAX, 0), None);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let (last, first) = (Timestamp::from_nanos(i64::MAX), Timestamp::from_nanos(i64::MIN));
        assert_eq!(last.saturating_add(Duration::MAX), last);
        assert_eq!(first.saturating_sub(Duration::from_secs(1)), first);
        assert_eq!(first.since(last), Duration::ZERO);
        assert_eq!(Timestamp::from_nanos(1500).since(Timestamp::from_nanos(500)), Duration::from_micros(1));
    }
}
