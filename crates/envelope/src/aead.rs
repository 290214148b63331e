//! AES-256-GCM with 96-bit nonces and 128-bit tags, from ring.
//!
//! Nothing here chooses a nonce: callers have a key of their own for each sealing.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::encode::checked;
use crate::error::Error;

/// Length of a tag in bytes.
pub(crate) const TAG: usize = 16;

/// A key with its schedule. It lives on the stack, so its users run inside [`secret::scrubbed`].
pub(crate) fn key(bytes: &[u8; 32]) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .map(LessSafeKey::new)
        .map_err(|ring::error::Unspecified| Error::Bug("a 32-byte key is refused"))
}

/// Seals what `out` holds from `start` on and appends the tag.
pub(crate) fn seal_from(
    key: &LessSafeKey,
    nonce: [u8; 12],
    aad: &[u8],
    out: &mut Vec<u8>,
    start: usize,
) -> Result<(), Error> {
    let aad = Aad::from(checked(aad)?);
    let plaintext = out.get_mut(start..).ok_or(Error::Bug("sealing starts behind the end"))?;
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, plaintext)
        .map_err(|ring::error::Unspecified| Error::TooLong)?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

/// Opens `sealed`, ciphertext and tag, into `out`, which has the length of the plaintext.
pub(crate) fn open_into(
    key: &LessSafeKey,
    nonce: [u8; 12],
    aad: &[u8],
    sealed: &[u8],
    out: &mut [u8],
) -> Result<(), Error> {
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG>().ok_or(Error::DoesNotOpen)?;
    if ciphertext.len() != out.len() {
        return Err(Error::DoesNotOpen);
    }
    out.copy_from_slice(ciphertext);
    key.open_in_place_separate_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(checked(aad)?),
        (*tag).into(),
        out,
        0..,
    )
    .map(|_plaintext| ())
    .map_err(|ring::error::Unspecified| Error::DoesNotOpen)
}
