//! `grpc-timeout`: the time that a caller gives a call.

use std::time::Duration;

use http::HeaderMap;

use crate::Failure;

/// Name of the header that carries a call's timeout.
pub(crate) const GRPC_TIMEOUT: &str = "grpc-timeout";

/// The time that a call has: the caller's `grpc-timeout`, at most `ceiling`; `default` where it gives none.
pub(crate) fn of(headers: &HeaderMap, default: Duration, ceiling: Duration) -> Result<Duration, Failure> {
    let Some(value) = headers.get(GRPC_TIMEOUT) else {
        return Ok(default);
    };
    let asked = parse(value.as_bytes()).ok_or_else(|| {
        Failure::invalid_because("MALFORMED", "grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n")
    })?;
    Ok(asked.min(ceiling))
}

/// Reads a `grpc-timeout` (gRPC over HTTP/2, "Requests").
pub(crate) fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(number * 3600)),
        b'M' => Some(Duration::from_secs(number * 60)),
        b'S' => Some(Duration::from_secs(number)),
        b'm' => Some(Duration::from_millis(number)),
        b'u' => Some(Duration::from_micros(number)),
        b'n' => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_one_to_eight_digits_and_a_unit() {
        for bad in ["", "1", "S", "123456789S", "-1S", "1.5S", "1 S", "1s", "1x"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(parse(b"99999999H"), Some(Duration::from_hours(99_999_999)));
        assert_eq!(parse(b"250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse(b"5u"), Some(Duration::from_micros(5)));
    }

    #[test]
    fn a_timeout_is_capped_and_has_a_default() {
        let (default, ceiling) = (Duration::from_secs(10), Duration::from_secs(30));
        let mut headers = HeaderMap::new();
        assert_eq!(of(&headers, default, ceiling).unwrap(), default);
        headers.insert(GRPC_TIMEOUT, "1H".parse().unwrap());
        assert_eq!(of(&headers, default, ceiling).unwrap(), ceiling);
        headers.insert(GRPC_TIMEOUT, "soon".parse().unwrap());
        assert_eq!(of(&headers, default, ceiling).unwrap_err().reason(), "MALFORMED");
    }
}
