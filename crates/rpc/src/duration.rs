//! Durations as people write them in configuration files: `"250ms"`, `"10s"`, `"5m"`, `"1h"`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Longest duration in a configuration: no sum or multiple of some overflows, and PostgreSQL and gRPC take it.
pub const LONGEST: Duration = Duration::from_hours(20 * 24);

/// What is wrong with the durations of a section's settings, in words: each is more than nothing and at most [`LONGEST`].
pub fn problems<'a>(
    section: &'a str,
    durations: impl IntoIterator<Item = (&'a str, Duration)>,
) -> impl Iterator<Item = String> {
    durations.into_iter().filter_map(move |(setting, duration)| {
        if duration.is_zero() {
            return Some(format!("{section}.{setting}: must be more than nothing"));
        }
        (duration > LONGEST).then(|| format!("{section}.{setting}: must be at most 480h"))
    })
}

/// Reads a duration with its unit; for `#[serde(deserialize_with = "rpc::duration::deserialize")]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("a duration is a whole number and ms, s, m or h, such as \"10s\""))
}

/// Reads a duration with its unit.
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_number_and_a_unit() {
        for bad in ["", "10", "s", "1.5s", "-1s", "10 s", "1d", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse("10m"), Some(Duration::from_mins(10)));
        assert_eq!(parse("1h"), Some(Duration::from_hours(1)));
    }
}
