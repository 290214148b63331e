//! Padding: the JSON of a field is followed by spaces before it is sealed, so that short values look alike.
//!
//! ```text
//! n bytes of JSON   length before sealing
//! 0 … 512           n rounded up to a multiple of 32, at least 32
//! above             n rounded up to a multiple of 2^(b-4), b being the number of bits of n-1: eight steps from each
//!                   power of two to the next, so at most an eighth more
//! ```
//! White space behind a JSON text means nothing (RFC 8259, section 2), and a JSON text never ends with a space. So whoever
//! opens a field takes off all the spaces at its end, however many there are: a later rule may add more, and a field that
//! was sealed without any opens too.

use crate::error::Error;

/// What is added: U+0020.
const SPACE: u8 = b' ';
/// Smallest step, and smallest padded length, in bytes.
const STEP: usize = 32;

/// How many bytes are sealed for a value of `length` bytes.
pub fn padded_length(length: usize) -> Result<usize, Error> {
    let bits = usize::BITS - length.saturating_sub(1).leading_zeros();
    let step = bits.checked_sub(4).and_then(|shift| 1_usize.checked_shl(shift)).unwrap_or(STEP).max(STEP);
    length.max(1).checked_next_multiple_of(step).ok_or(Error::TooLong)
}

/// Appends `value` and its padding to `out`.
pub(crate) fn append(out: &mut Vec<u8>, value: &[u8]) -> Result<(), Error> {
    let end = out.len().checked_add(padded_length(value.len())?).ok_or(Error::TooLong)?;
    out.extend_from_slice(value);
    out.resize(end, SPACE);
    Ok(())
}

/// Takes all padding off an opened value.
pub(crate) fn remove(value: &mut Vec<u8>) {
    let end = value.iter().rposition(|byte| *byte != SPACE).map_or(0, |last| last + 1);
    value.truncate(end);
}
