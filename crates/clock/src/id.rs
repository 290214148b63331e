//! Unique ids that sort by the time they were made.

use ring::rand::{SecureRandom, SystemRandom};
use uuid::{Builder, Uuid};

use crate::clock::Clock;

/// A version 7 UUID (RFC 9562, section 5.7): 48 bits of milliseconds from `clock`, 74 random bits.
///
/// Ends the process where the operating system gives no randomness: nothing that a vault does is sound without it.
pub fn uuid_v7(clock: &dyn Clock) -> Uuid {
    let mut random = [0; 10];
    if SystemRandom::new().fill(&mut random).is_err() {
        std::process::abort();
    }
    let millis = u64::try_from(clock.now().as_nanos().div_euclid(1_000_000)).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TestClock, Timestamp};
    use std::time::Duration;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let clock = TestClock::at(Timestamp::from_micros(1_800_000_000_000_000));
        let first = uuid_v7(&clock);
        clock.advance(Duration::from_millis(1));
        assert!(first < uuid_v7(&clock));
    }

    #[test]
    fn ids_of_one_moment_differ_and_carry_version_and_time() {
        let clock = TestClock::at(Timestamp::from_micros(1_800_000_000_000_000));
        let (a, b) = (uuid_v7(&clock), uuid_v7(&clock));
        assert_ne!(a, b);
        assert_eq!(a.get_version_num(), 7);
        assert_eq!(a.as_u128() >> 80, 1_800_000_000_000);
    }
}
