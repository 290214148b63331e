//! HMAC-SHA-256 over lists of parts: rows that SQL must not change, requests that must not be told apart by guessing.
//!
//! ```text
//! row         = HMAC(key, "strongroom/row/v1\0" ‖ table ‖ each column …)
//! fingerprint = HMAC(key, "strongroom/fingerprint/v1\0" ‖ each part …)
//! ```
//! Every part is u32-length-prefixed. Parts come from rows and requests, whose limits are far below 4 GiB.

use std::fmt;

use ring::hmac::{self, HMAC_SHA256, Key};
use secret::{SecretBytes, constant_time_eq, scrubbed};

use crate::encode::length;

const ROW: &[u8] = b"strongroom/row/v1\0";
const FINGERPRINT: &[u8] = b"strongroom/fingerprint/v1\0";

/// Authenticates rows: all columns of a table, in the order of the table.
pub struct RowMac(PartsMac);

impl RowMac {
    /// With a key that has no other use.
    #[expect(clippy::needless_pass_by_value, reason = "the key is used up: nobody else may hold it")]
    pub fn new(key: SecretBytes<32>) -> Self {
        Self(PartsMac::new(&key, ROW))
    }

    /// The HMAC over the row of `table` with these columns. NULL and empty must differ: give optional columns a
    /// presence byte.
    pub fn compute(&self, table: &str, columns: &[&[u8]]) -> [u8; 32] {
        self.0.compute(&[table.as_bytes()], columns)
    }

    /// Whether `mac` is the HMAC over that row, in constant time.
    pub fn verify(&self, table: &str, columns: &[&[u8]], mac: &[u8]) -> bool {
        constant_time_eq(&self.compute(table, columns), mac)
    }
}

/// Fingerprints of requests: equal requests give equal fingerprints, and nobody without the key can test a guess.
pub struct Fingerprint(PartsMac);

impl Fingerprint {
    /// With a key that has no other use.
    #[expect(clippy::needless_pass_by_value, reason = "the key is used up: nobody else may hold it")]
    pub fn new(key: SecretBytes<32>) -> Self {
        Self(PartsMac::new(&key, FINGERPRINT))
    }

    /// The fingerprint of these parts.
    pub fn compute(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.0.compute(&[], parts)
    }
}

/// The key lives on the heap, so that moving this leaves no copy of it behind.
struct PartsMac {
    key: Box<Key>,
    label: &'static [u8],
}

impl PartsMac {
    fn new(key: &SecretBytes<32>, label: &'static [u8]) -> Self {
        Self { key: scrubbed(|| Box::new(Key::new(HMAC_SHA256, key.expose()))), label }
    }

    fn compute(&self, first: &[&[u8]], rest: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(self.label);
        for part in first.iter().chain(rest) {
            context.update(&length(part.len()));
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.iter_mut().zip(context.sign().as_ref()).for_each(|(place, byte)| *place = *byte);
        mac
    }
}

impl fmt::Debug for RowMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowMac([redacted])")
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint([redacted])")
    }
}
