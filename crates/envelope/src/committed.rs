//! The sealing that wrapped data keys and stored columns share: a key of its own for each, committed to.
//!
//! ```text
//! okm    = HKDF-Expand(PRK, label ‖ salt, 76)  =  key 32 ‖ nonce 12 ‖ commitment 32
//! sealed = head ‖ salt 32 ‖ commitment 32 ‖ AES-256-GCM(key, nonce, plaintext, AAD)
//! AAD    = head ‖ salt ‖ commitment ‖ what the caller binds
//! ```
//! With a fresh key each time there is no 2^32 limit of random nonces. GCM does not commit to its key, so the commitment
//! is compared, in constant time, before anything is opened.

use ring::hkdf::Prk;
use secret::constant_time_eq;
use zeroize::Zeroizing;

use crate::aead;
use crate::error::Error;
use crate::kdf::expand;

/// Length of a salt in bytes.
pub(crate) const SALT: usize = 32;
const COMMITMENT: usize = 32;
/// What this sealing adds to head and plaintext, in bytes.
pub(crate) const OVERHEAD: usize = SALT + COMMITMENT + aead::TAG;

/// What a PRK and a salt give.
struct Okm(Zeroizing<[u8; 76]>);

impl Okm {
    fn new(prk: &Prk, label: &[u8], salt: &[u8; SALT]) -> Result<Self, Error> {
        let mut okm = Zeroizing::new([0; 76]);
        expand(prk, &[label, salt], &mut *okm)?;
        Ok(Self(okm))
    }

    fn split(&self) -> Result<Derived<'_>, Error> {
        let derived = || {
            let (key, rest) = self.0.split_first_chunk::<32>()?;
            let (nonce, rest) = rest.split_first_chunk::<12>()?;
            Some(Derived { key, nonce: *nonce, commitment: rest.first_chunk()? })
        };
        derived().ok_or(Error::Bug("HKDF output too short"))
    }
}

struct Derived<'a> {
    key: &'a [u8; 32],
    nonce: [u8; 12],
    commitment: &'a [u8; COMMITMENT],
}

/// Seals `parts.body` behind `parts.head`.
pub(crate) fn seal(
    prk: &Prk,
    label: &[u8],
    salt: &[u8; SALT],
    parts: Parts<'_, impl FnOnce(&mut Vec<u8>)>,
) -> Result<Vec<u8>, Error> {
    let okm = Okm::new(prk, label, salt)?;
    let Derived { key, nonce, commitment } = okm.split()?;
    let start = parts.head.len() + SALT + COMMITMENT;
    let mut out = Vec::with_capacity(start + parts.body.len() + aead::TAG);
    for piece in [parts.head, salt, commitment] {
        out.extend_from_slice(piece);
    }
    let mut aad = Vec::with_capacity(start + parts.bound);
    aad.extend_from_slice(&out);
    (parts.bind)(&mut aad);
    out.extend_from_slice(parts.body);
    aead::seal_from(&aead::key(key)?, nonce, &aad, &mut out, start)?;
    Ok(out)
}

/// Opens what [`seal`] made into `out`, which has the plaintext's length. `parts.body` is all that follows the head.
pub(crate) fn open(
    prk: &Prk,
    label: &[u8],
    parts: Parts<'_, impl FnOnce(&mut Vec<u8>)>,
    out: &mut [u8],
) -> Result<(), Error> {
    let (salt, rest) = parts.body.split_first_chunk::<SALT>().ok_or(Error::Malformed)?;
    let (given, ciphertext) = rest.split_first_chunk::<COMMITMENT>().ok_or(Error::Malformed)?;
    let okm = Okm::new(prk, label, salt)?;
    let Derived { key, nonce, commitment } = okm.split()?;
    if !constant_time_eq(commitment, given) {
        return Err(Error::DoesNotOpen);
    }
    let mut aad = Vec::with_capacity(parts.head.len() + SALT + COMMITMENT + parts.bound);
    for piece in [parts.head, salt, given] {
        aad.extend_from_slice(piece);
    }
    (parts.bind)(&mut aad);
    aead::open_into(&aead::key(key)?, nonce, &aad, ciphertext, out)
}

/// What a sealing is made of besides its key.
pub(crate) struct Parts<'a, B: FnOnce(&mut Vec<u8>)> {
    /// Written before the salt, in the clear.
    pub(crate) head: &'a [u8],
    /// The plaintext when sealing; salt, commitment and ciphertext when opening.
    pub(crate) body: &'a [u8],
    /// Appends what is authenticated besides the bytes themselves.
    pub(crate) bind: B,
    /// How many bytes that is, to allocate once.
    pub(crate) bound: usize,
}
