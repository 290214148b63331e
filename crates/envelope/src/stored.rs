//! Encrypted columns of the key database, each under the root key with a key of its own.
//!
//! ```text
//! sealed = 01 ‖ salt 32 ‖ commitment 32 ‖ AES-256-GCM(plaintext)
//! AAD    = 01 ‖ salt ‖ commitment ‖ "strongroom/column/v1\0" ‖ table ‖ column ‖ each part of the row's primary key …
//! ```

use secret::{SecretBytes, SecretVec, random_array, scrubbed};

use crate::committed::{self, Parts, SALT};
use crate::encode::part;
use crate::error::Error;
use crate::kdf;

const FORMAT: u8 = 1;
const LABEL: &[u8] = b"strongroom/stored/v1\0";
const COLUMN_LABEL: &[u8] = b"strongroom/column/v1\0";

/// A column that is encrypted: one constant for each, declared beside the statements that read and write it.
///
/// A test compares the constants with the columns that the database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    table: &'static str,
    column: &'static str,
}

impl Column {
    /// The column `column` of the table `table`.
    pub const fn new(table: &'static str, column: &'static str) -> Self {
        Self { table, column }
    }

    /// The table's name.
    pub const fn table(&self) -> &'static str {
        self.table
    }

    /// The column's name.
    pub const fn column(&self) -> &'static str {
        self.column
    }

    /// What a value of this column is bound to, to be completed by the parts that say which row it is in.
    pub fn aad(&self) -> Aad {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(COLUMN_LABEL);
        part(&mut bytes, self.table.as_bytes());
        part(&mut bytes, self.column.as_bytes());
        Aad(bytes)
    }
}

/// The place of an encrypted value: column, primary key, and what else must not change under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aad(Vec<u8>);

impl Aad {
    /// One more part: bytes or text.
    #[must_use]
    pub fn part(mut self, bytes: impl AsRef<[u8]>) -> Self {
        part(&mut self.0, bytes.as_ref());
        self
    }

    /// One more part: a number of four bytes, big-endian.
    #[must_use]
    pub fn number(self, number: u32) -> Self {
        self.part(number.to_be_bytes())
    }
}

/// `plaintext` under the root key, to be stored in the place that `aad` names.
pub fn seal(root: &SecretBytes<32>, aad: &Aad, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    seal_with_salt(root, aad, plaintext, &random_array()?)
}

/// What [`seal`] sealed. [`Error::DoesNotOpen`] under another root key, in another place, or altered.
pub fn open(root: &SecretBytes<32>, aad: &Aad, sealed: &[u8]) -> Result<SecretVec, Error> {
    let (format, body) = sealed.split_first_chunk::<1>().ok_or(Error::Malformed)?;
    let length = body.len().checked_sub(committed::OVERHEAD).ok_or(Error::Malformed)?;
    if *format != [FORMAT] {
        return Err(Error::Malformed);
    }
    let mut plaintext = vec![0; length];
    scrubbed(|| committed::open(&kdf::prk(root.expose()), LABEL, parts(format, body, aad), &mut plaintext))?;
    Ok(SecretVec::new(plaintext))
}

/// As [`open`], for a key of `N` bytes; a value of another length is [`Error::Malformed`].
pub fn open_key<const N: usize>(root: &SecretBytes<32>, aad: &Aad, sealed: &[u8]) -> Result<SecretBytes<N>, Error> {
    SecretBytes::from_slice(open(root, aad, sealed)?.expose()).ok_or(Error::Malformed)
}

pub(crate) fn seal_with_salt(
    root: &SecretBytes<32>,
    aad: &Aad,
    plaintext: &[u8],
    salt: &[u8; SALT],
) -> Result<Vec<u8>, Error> {
    scrubbed(|| committed::seal(&kdf::prk(root.expose()), LABEL, salt, parts(&[FORMAT], plaintext, aad)))
}

fn parts<'a>(head: &'a [u8], body: &'a [u8], aad: &'a Aad) -> Parts<'a, impl FnOnce(&mut Vec<u8>) + use<'a>> {
    Parts { head, body, bind: |out: &mut Vec<u8>| out.extend_from_slice(&aad.0), bound: aad.0.len() }
}
