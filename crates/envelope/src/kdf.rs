//! HKDF-SHA-256 (RFC 5869): subkeys by label, so that no key has two uses.

use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use secret::{SecretBytes, scrubbed};

use crate::error::Error;

/// `HKDF-Expand(prk, label ‖ 00, N)`: the subkey of `prk` for the use that `label` names. `N` is at most 8160.
///
/// Labels are constants such as `"strongroom/key/row-mac/v1"`; one label, one use.
pub fn derive<const N: usize>(prk: &SecretBytes<32>, label: &'static str) -> Result<SecretBytes<N>, Error> {
    const { assert!(N <= 255 * 32, "RFC 5869: L is at most 255 times the length of the hash") };
    let mut subkey = SecretBytes::zeroed();
    scrubbed(|| expand(&self::prk(prk.expose()), &[label.as_bytes(), &[0]], subkey.expose_mut()))?;
    Ok(subkey)
}

/// The 32 bytes as they are: they are uniformly random already, so Extract may be skipped (RFC 5869, section 3.3).
pub(crate) fn prk(bytes: &[u8; 32]) -> Prk {
    Prk::new_less_safe(HKDF_SHA256, bytes)
}

/// `HKDF-Extract(salt, ikm)`.
pub(crate) fn extract(salt: &[u8], ikm: &[u8]) -> Prk {
    Salt::new(HKDF_SHA256, salt).extract(ikm)
}

/// `HKDF-Expand(prk, info, out.len())`, where `info` is given in pieces.
pub(crate) fn expand(prk: &Prk, info: &[&[u8]], out: &mut [u8]) -> Result<(), Error> {
    prk.expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(|ring::error::Unspecified| Error::Bug("HKDF output too long"))
}

#[derive(Debug, Clone, Copy)]
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
