//! Times in microseconds: what PostgreSQL keeps, so what is sealed and answered.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(i64);

const PER_SECOND: i64 = 1_000_000;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the range of `google.protobuf.Timestamp`.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

impl Micros {
    /// From a count of microseconds.
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// Cuts a timestamp to microseconds.
    pub fn of(timestamp: Timestamp) -> Self {
        Self(timestamp.as_micros())
    }

    /// From seconds and nanoseconds as a `google.protobuf.Timestamp` has them, cut to microseconds; `None` where they
    /// are out of its range.
    pub fn from_parts(seconds: i64, nanos: i32) -> Option<Self> {
        if !SECONDS.contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
            return None;
        }
        Some(Self(seconds * PER_SECOND + i64::from(nanos / 1000)))
    }

    /// Seconds and nanoseconds as a `google.protobuf.Timestamp` has them.
    pub fn parts(self) -> (i64, i32) {
        let nanos = self.0.rem_euclid(PER_SECOND) * 1000;
        (self.0.div_euclid(PER_SECOND), i32::try_from(nanos).unwrap_or(0))
    }

    /// The count of microseconds.
    pub const fn get(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_to_microseconds_and_come_back() {
        let time = Micros::from_parts(-1, 999_999_999).unwrap();
        assert_eq!(time.get(), -1);
        assert_eq!(time.parts(), (-1, 999_999_000));
        assert_eq!(Micros::from_parts(253_402_300_799, 0).unwrap().parts(), (253_402_300_799, 0));
    }

    #[test]
    fn parts_out_of_range_are_refused() {
        assert_eq!(Micros::from_parts(253_402_300_800, 0), None);
        assert_eq!(Micros::from_parts(0, 1_000_000_000), None);
        assert_eq!(Micros::from_parts(0, -1), None);
    }
}
