//! Canonical bytes: a NUL-terminated, versioned label, then parts, each with its length before it.
//!
//! `recordId:tenantId` can be read in two ways; these bytes can be read in one.

use std::fmt::Display;
use std::io::Write;

use crate::error::Error;

/// Appends the length of `bytes` (u32, big-endian) and `bytes`.
///
/// A part of 4 GiB or more would not be canonical: [`checked`] refuses the whole before it is used.
pub(crate) fn part(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&length(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Appends what `value` displays as one part, without a string in between.
pub(crate) fn part_of(out: &mut Vec<u8>, value: &impl Display) -> Result<(), Error> {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write!(out, "{value}").map_err(|_infallible| Error::Bug("a name does not display"))?;
    let written = length(out.len().saturating_sub(start).saturating_sub(4));
    let prefix = out.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<4>());
    *prefix.ok_or(Error::Bug("a length has no place"))? = written;
    Ok(())
}

/// Appends an optional value as one part: `00`, or `01` and the value.
pub(crate) fn optional_part(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => part(out, &[0]),
        Some(value) => {
            out.extend_from_slice(&length(value.len().saturating_add(1)));
            out.push(1);
            out.extend_from_slice(value);
        }
    }
}

/// A length as it is written; one that does not fit is written as the largest, which [`checked`] catches.
pub(crate) fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// Canonical bytes as they may be authenticated: if all of them are below 4 GiB, so was each part.
pub(crate) fn checked(canonical: &[u8]) -> Result<&[u8], Error> {
    if u32::try_from(canonical.len()).is_ok() { Ok(canonical) } else { Err(Error::TooLong) }
}
