//! One revision of a record: its fields, each sealed by itself, and a manifest that binds what surrounds them.
//!
//! Everything is sealed under the revision's own data key, used for this sealing only, so the nonce is the ordinal of the
//! field: 1 for the first in the order of the names' bytes; 0 is the manifest. The manifest's plaintext is empty and its
//! associated data names the place, the fields, the subject and the times: nothing can be dropped, added, renamed,
//! emptied, re-dated or given to another subject. It is opened by every [`open`], whatever is asked for.
//!
//! A value is padded before it is sealed and comes back without: see [`crate::padding`].
//!
//! # Layout
//! - [`aad`]: what manifest and fields are bound to
//! - [`format`](mod@format): the bytes of a sealed record

mod aad;
mod format;

use secret::{SecretVec, scrubbed};

use crate::aead::{self, TAG};
use crate::data_key::DataKey;
use crate::error::Error;
use crate::padding;
use aad::Binding;
pub use aad::{Manifest, Place};
use format::{Layout, Sealed};

/// Which fields [`open`] opens.
#[derive(Debug, Clone, Copy)]
pub enum Selection<'a> {
    /// Every field.
    All,
    /// The fields with these names; names that the record does not have are left out.
    Names(&'a [String]),
}

/// Seals a revision. The key is used up.
///
/// `fields` may come in any order; [`Error::DuplicateField`] if two have the same name. Values are JSON texts: spaces at
/// the end of one are padding and do not come back.
pub fn seal(
    key: DataKey,
    place: &Place<'_>,
    manifest: &Manifest<'_>,
    fields: &[(&str, &[u8])],
) -> Result<Vec<u8>, Error> {
    let mut sorted: Vec<(&str, &[u8])> = fields.to_vec();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    if sorted.windows(2).any(|pair| matches!(pair, [(first, _), (second, _)] if first == second)) {
        return Err(Error::DuplicateField);
    }
    scrubbed(|| seal_sorted(key, place, manifest, &sorted))
}

/// The names of a sealed record's fields, without opening it: they are not secret, and not authenticated before it is.
pub fn field_names(sealed: &[u8]) -> Result<Vec<&str>, Error> {
    Ok(Sealed::parse(sealed)?.fields.into_iter().map(|field| field.name).collect())
}

/// Opens the manifest, then the fields asked for, in the order of the names' bytes. The key is used up.
///
/// [`Error::DoesNotOpen`] for bytes that were altered in any way or belong to another place, subject, time or key; with
/// `Selection::Names(&[])` that is all that is checked.
pub fn open(
    key: DataKey,
    place: &Place<'_>,
    manifest: &Manifest<'_>,
    sealed: &[u8],
    selection: Selection<'_>,
) -> Result<Vec<(String, SecretVec)>, Error> {
    // From here on even a malformed value is one that something was done to: it is never a caller's input.
    let sealed = Sealed::parse(sealed).map_err(|_malformed| Error::DoesNotOpen)?;
    scrubbed(|| open_parsed(key, place, manifest, &sealed, selection))
}

#[expect(clippy::needless_pass_by_value, reason = "a data key seals once: it is wiped when this returns")]
fn seal_sorted(
    key: DataKey,
    place: &Place<'_>,
    manifest: &Manifest<'_>,
    fields: &[(&str, &[u8])],
) -> Result<Vec<u8>, Error> {
    let cipher = aead::key(key.expose())?;
    let mut binding = Binding::new(place)?;
    // The exact length at once: growing would leave copies of plaintext behind.
    let mut out = Vec::with_capacity(Layout::length(fields)?);
    Layout::begin(&mut out, fields.len())?;
    let manifest = binding.manifest(place, manifest, fields.iter().map(|(name, _)| *name))?;
    let start = out.len();
    aead::seal_from(&cipher, nonce(0), &manifest, &mut out, start)?;
    for (ordinal, (name, value)) in (1..).zip(fields) {
        Layout::begin_field(&mut out, name, padding::padded_length(value.len())?);
        let start = out.len();
        padding::append(&mut out, value)?;
        aead::seal_from(&cipher, nonce(ordinal), binding.field(name), &mut out, start)?;
    }
    Ok(out)
}

#[expect(clippy::needless_pass_by_value, reason = "a data key opens one answer: it is wiped when this returns")]
fn open_parsed(
    key: DataKey,
    place: &Place<'_>,
    manifest: &Manifest<'_>,
    sealed: &Sealed<'_>,
    selection: Selection<'_>,
) -> Result<Vec<(String, SecretVec)>, Error> {
    let cipher = aead::key(key.expose())?;
    let mut binding = Binding::new(place)?;
    let manifest = binding.manifest(place, manifest, sealed.fields.iter().map(|field| field.name))?;
    aead::open_into(&cipher, nonce(0), &manifest, sealed.manifest, &mut [])?;
    let wanted = Wanted::new(selection);
    let mut opened = Vec::new();
    for (ordinal, field) in (1..).zip(&sealed.fields) {
        if wanted.contains(field.name) {
            let length = field.ciphertext.len().checked_sub(TAG).ok_or(Error::DoesNotOpen)?;
            let mut value = vec![0; length];
            aead::open_into(&cipher, nonce(ordinal), binding.field(field.name), field.ciphertext, &mut value)?;
            padding::remove(&mut value);
            opened.push((field.name.to_owned(), SecretVec::new(value)));
        }
    }
    Ok(opened)
}

/// The ordinal as 96 bits, big-endian.
fn nonce(ordinal: u32) -> [u8; 12] {
    let [a, b, c, d] = ordinal.to_be_bytes();
    [0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]
}

/// A selection, sorted for look-up.
struct Wanted<'a>(Option<Vec<&'a str>>);

impl<'a> Wanted<'a> {
    fn new(selection: Selection<'a>) -> Self {
        let Selection::Names(names) = selection else { return Self(None) };
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        Self(Some(names))
    }

    fn contains(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.binary_search(&name).is_ok())
    }
}
