//! HMAC-SHA-256 over lists of parts: fingerprints of requests, which must not be told apart by guessing.
//!
//! ```text
//! fingerprint = HMAC(key, "strongroom/fingerprint/v1\0" ‖ each part …)
//! ```
//! Every part is u32-length-prefixed. Parts come from requests, whose limits are far below 4 GiB.

use std::fmt;

use ring::hmac::{self, HMAC_SHA256, Key};
use secret::{SecretBytes, scrubbed};

use crate::encode::length;

const LABEL: &[u8] = b"strongroom/fingerprint/v1\0";

/// Fingerprints of requests: equal requests give equal fingerprints, and nobody without the key can test a guess. The key
/// lives on the heap, so that moving this leaves no copy of it behind.
pub struct Fingerprint(Box<Key>);

impl Fingerprint {
    /// With a key that has no other use.
    #[expect(clippy::needless_pass_by_value, reason = "the key is used up: nobody else may hold it")]
    pub fn new(key: SecretBytes<32>) -> Self {
        Self(scrubbed(|| Box::new(Key::new(HMAC_SHA256, key.expose()))))
    }

    /// The fingerprint of these parts.
    pub fn compute(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(LABEL);
        for part in parts {
            context.update(&length(part.len()));
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.iter_mut().zip(context.sign().as_ref()).for_each(|(place, byte)| *place = *byte);
        mac
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint([redacted])")
    }
}
