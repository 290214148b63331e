//! The bytes of a sealed record.
//!
//! ```text
//! sealed = 01 ‖ number of fields u32 ‖ manifest tag 16 ‖ each field …
//! field  = name length u32 ‖ name ‖ ciphertext length u32 ‖ ciphertext of the padded value, and tag
//! ```
//! Fields are in strictly rising order of the bytes of their names, so a record has one encoding.

use crate::aead::TAG;
use crate::encode::{length, part};
use crate::error::Error;
use crate::padding::padded_length;

const FORMAT: u8 = 1;
/// Format, number of fields and manifest tag.
const HEAD: usize = 1 + 4 + TAG;
/// Two lengths and a tag.
const SMALLEST_FIELD: usize = 4 + 4 + TAG;

/// Writes a sealed record, piece by piece.
pub(super) struct Layout;

impl Layout {
    /// How many bytes a record with these names and values becomes.
    pub(super) fn length(fields: &[(&str, &[u8])]) -> Result<usize, Error> {
        let add = |sum: usize, (name, value): &(&str, &[u8])| {
            let value = padded_length(value.len()).ok()?;
            u32::try_from(value.checked_add(TAG)?).ok()?;
            u32::try_from(name.len()).ok()?;
            sum.checked_add(SMALLEST_FIELD)?.checked_add(name.len())?.checked_add(value)
        };
        fields.iter().try_fold(HEAD, add).ok_or(Error::TooLong)
    }

    pub(super) fn begin(out: &mut Vec<u8>, fields: usize) -> Result<(), Error> {
        let count = u32::try_from(fields).map_err(|_too_many| Error::TooLong)?;
        out.push(FORMAT);
        out.extend_from_slice(&count.to_be_bytes());
        Ok(())
    }

    pub(super) fn begin_field(out: &mut Vec<u8>, name: &str, padded_length: usize) {
        part(out, name.as_bytes());
        out.extend_from_slice(&length(padded_length.saturating_add(TAG)));
    }
}

/// A sealed record, taken apart but not opened.
#[derive(Debug)]
pub(super) struct Sealed<'a> {
    /// The tag over the manifest, whose plaintext is empty.
    pub(super) manifest: &'a [u8; TAG],
    /// In strictly rising order of names.
    pub(super) fields: Vec<Field<'a>>,
}

/// A sealed field.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    /// With its tag.
    pub(super) ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// [`Error::Malformed`] for an unknown version, lengths that do not fit, names out of order or twice, and anything
    /// behind the end.
    pub(super) fn parse(sealed: &'a [u8]) -> Result<Self, Error> {
        let (head, mut rest) = sealed.split_first_chunk::<HEAD>().ok_or(Error::Malformed)?;
        let ([format], head) = head.split_first_chunk::<1>().ok_or(Error::Malformed)?;
        let (count, manifest) = head.split_first_chunk::<4>().ok_or(Error::Malformed)?;
        let manifest = manifest.first_chunk::<TAG>().ok_or(Error::Malformed)?;
        if *format != FORMAT {
            return Err(Error::Malformed);
        }
        let count = u32::from_be_bytes(*count);
        // The count is the attacker's until the manifest is open: memory follows the bytes that are there.
        let possible = usize::try_from(count).map_or(0, |count| count.min(rest.len() / SMALLEST_FIELD));
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(possible);
        for _ in 0..count {
            let name = std::str::from_utf8(take(&mut rest)?).map_err(|_not_text| Error::Malformed)?;
            let ciphertext = take(&mut rest)?;
            if ciphertext.len() < TAG || fields.last().is_some_and(|last| last.name >= name) {
                return Err(Error::Malformed);
            }
            fields.push(Field { name, ciphertext });
        }
        if rest.is_empty() { Ok(Self { manifest, fields }) } else { Err(Error::Malformed) }
    }
}

/// One length-prefixed part from the front of `rest`.
fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    let (length, behind) = rest.split_first_chunk::<4>().ok_or(Error::Malformed)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_too_long| Error::Malformed)?;
    let (part, behind) = behind.split_at_checked(length).ok_or(Error::Malformed)?;
    *rest = behind;
    Ok(part)
}
