//! A data key under a key version: what vault-service stores beside the record.
//!
//! ```text
//! wrapped = 01 ‖ suite u8 ‖ key uid 16 ‖ key version u32 ‖ birth mark 8 ‖ salt 32 ‖ commitment 32 ‖ AES-256-GCM(data key) 48
//! ```
//! The header names the exact key and version, so nothing is ever tried in turn. The version's birth mark tells two versions
//! of one number apart, as there can be after the key database was restored. Suite 1 derives from the version's 32
//! bytes; suite 2 from those and a subject's key, so that destroying the subject's key erases the subject.

use names::{BirthMark, KeyUid};
use ring::hkdf::Prk;
use secret::{SecretBytes, SecretVec, random_array, scrubbed};
use uuid::Uuid;

use crate::committed::{self, Parts, SALT};
use crate::context::EncryptionContext;
use crate::data_key::DataKey;
use crate::error::Error;
use crate::kdf;

const FORMAT: u8 = 1;
const LABEL: &[u8] = b"strongroom/wrap/v1\0";
/// Format, suite, key uid, key version and its birth mark.
const HEAD: usize = 1 + 1 + 16 + 4 + BirthMark::BYTES;
/// Length of a data key in bytes.
const DATA_KEY: usize = 32;
/// Length of a wrapped data key in bytes.
pub const WRAPPED_LENGTH: usize = HEAD + committed::OVERHEAD + DATA_KEY;

/// How the wrapping key is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// From the key version alone.
    KeyVersion,
    /// From the key version and the key of a data subject.
    Subject,
}

/// What the first bytes of a wrapped data key say. Not authenticated until it is unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How the wrapping key is derived.
    pub suite: Suite,
    /// The key.
    pub key: KeyUid,
    /// Its version, counted from 1.
    pub version: u32,
    /// The version's birth mark.
    pub birth_mark: BirthMark,
}

/// A key version as it wraps and unwraps.
#[derive(Debug, Clone, Copy)]
pub struct WrappingKey<'a> {
    /// The key.
    pub key: KeyUid,
    /// Its version, counted from 1.
    pub version: u32,
    /// The version's birth mark.
    pub birth_mark: BirthMark,
    /// The version's 32 bytes.
    pub material: &'a SecretBytes<32>,
    /// The key of the data subject, where there is one.
    pub subject_key: Option<&'a SecretBytes<32>>,
}

/// Which key opens `wrapped`. [`Error::Malformed`] if it is no wrapped data key at all.
pub fn header(wrapped: &[u8]) -> Result<Header, Error> {
    split(wrapped).map(|(header, _, _)| header)
}

/// Randomness for new data keys and their salts, asked for at once and used once.
#[derive(Debug)]
pub struct Fresh {
    random: SecretVec,
    taken: usize,
}

impl Fresh {
    /// Runs `work`, which may [`generate`] as many as `count` data keys, and overwrites the stack that it used: once for
    /// all of them. `work` must return nothing secret by value (data keys are boxed).
    pub fn with<T>(count: usize, work: impl FnOnce(&mut Self) -> T) -> Result<T, Error> {
        let length = count.checked_mul(SALT + DATA_KEY).ok_or(Error::Bug("more data keys than there is memory"))?;
        let mut fresh = Self { random: SecretVec::random(length)?, taken: 0 };
        Ok(scrubbed(|| work(&mut fresh)))
    }

    /// A salt and the bytes of a data key that nothing else has.
    fn take(&mut self) -> Result<(&[u8; SALT], &[u8]), Error> {
        let rest = self.random.expose().get(self.taken..).unwrap_or_default();
        let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(Error::Bug("no randomness is left"))?;
        let bytes = rest.get(..DATA_KEY).ok_or(Error::Bug("no randomness is left"))?;
        self.taken += SALT + DATA_KEY;
        Ok((salt, bytes))
    }
}

/// A new data key of `fresh`, and the same wrapped. Within [`Fresh::with`] only, which wipes what this leaves behind.
pub fn generate(
    key: &WrappingKey<'_>,
    context: &EncryptionContext,
    fresh: &mut Fresh,
) -> Result<(DataKey, Vec<u8>), Error> {
    let (salt, bytes) = fresh.take()?;
    let data_key = DataKey::from_slice(bytes).ok_or(Error::Bug("a data key has 32 bytes"))?;
    let wrapped = sealed_under(key, context, &data_key, salt)?;
    Ok((data_key, wrapped))
}

/// `data_key` under `key`, bound to `context`.
pub fn wrap(key: &WrappingKey<'_>, context: &EncryptionContext, data_key: &DataKey) -> Result<Vec<u8>, Error> {
    wrap_with_salt(key, context, data_key, &random_array()?)
}

/// The data key in `wrapped`.
///
/// [`Error::DoesNotOpen`] for another key, version, subject or context than it was wrapped with, and for altered bytes.
pub fn unwrap(key: &WrappingKey<'_>, context: &EncryptionContext, wrapped: &[u8]) -> Result<DataKey, Error> {
    let (header, head, body) = split(wrapped)?;
    if header != key.header() {
        return Err(Error::DoesNotOpen);
    }
    let mut data_key = DataKey::zeroed();
    scrubbed(|| committed::open(&key.prk(), LABEL, parts(head, body, context), data_key.expose_mut()))?;
    Ok(data_key)
}

/// The data key in `wrapped`, which `old` opens, under `new` with the same context. It does not leave this function.
pub fn rewrap(
    old: &WrappingKey<'_>,
    new: &WrappingKey<'_>,
    context: &EncryptionContext,
    wrapped: &[u8],
) -> Result<Vec<u8>, Error> {
    wrap(new, context, &unwrap(old, context, wrapped)?)
}

pub(crate) fn wrap_with_salt(
    key: &WrappingKey<'_>,
    context: &EncryptionContext,
    data_key: &DataKey,
    salt: &[u8; SALT],
) -> Result<Vec<u8>, Error> {
    scrubbed(|| sealed_under(key, context, data_key, salt))
}

/// Leaves copies of keys on the stack, for the caller to overwrite.
fn sealed_under(
    key: &WrappingKey<'_>,
    context: &EncryptionContext,
    data_key: &DataKey,
    salt: &[u8; SALT],
) -> Result<Vec<u8>, Error> {
    let head = key.header().encode();
    committed::seal(&key.prk(), LABEL, salt, parts(&head, data_key.expose(), context))
}

fn parts<'a>(
    head: &'a [u8],
    body: &'a [u8],
    context: &'a EncryptionContext,
) -> Parts<'a, impl FnOnce(&mut Vec<u8>) + use<'a>> {
    Parts {
        head,
        body,
        bind: |aad: &mut Vec<u8>| aad.extend_from_slice(context.canonical()),
        bound: context.canonical().len(),
    }
}

fn split(wrapped: &[u8]) -> Result<(Header, &[u8], &[u8]), Error> {
    let (head, body) = wrapped.split_first_chunk::<HEAD>().ok_or(Error::Malformed)?;
    if wrapped.len() != WRAPPED_LENGTH {
        return Err(Error::Malformed);
    }
    Ok((Header::decode(head)?, head, body))
}

impl WrappingKey<'_> {
    fn header(&self) -> Header {
        let suite = if self.subject_key.is_some() { Suite::Subject } else { Suite::KeyVersion };
        Header { suite, key: self.key, version: self.version, birth_mark: self.birth_mark }
    }

    fn prk(&self) -> Prk {
        match self.subject_key {
            None => kdf::prk(self.material.expose()),
            Some(subject_key) => kdf::extract(self.material.expose(), subject_key.expose()),
        }
    }
}

impl Suite {
    fn code(self) -> u8 {
        match self {
            Self::KeyVersion => 1,
            Self::Subject => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::KeyVersion),
            2 => Some(Self::Subject),
            _ => None,
        }
    }
}

impl Header {
    fn encode(self) -> [u8; HEAD] {
        let [a, b, c, d] = self.version.to_be_bytes();
        let mut head = [0; HEAD];
        let bytes = [FORMAT, self.suite.code()]
            .into_iter()
            .chain(*self.key.as_bytes())
            .chain([a, b, c, d])
            .chain(*self.birth_mark.as_bytes());
        head.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        head
    }

    fn decode(head: &[u8; HEAD]) -> Result<Self, Error> {
        let ([format, suite], rest) = head.split_first_chunk::<2>().ok_or(Error::Malformed)?;
        let (uid, version) = rest.split_first_chunk::<16>().ok_or(Error::Malformed)?;
        let suite = Suite::from_code(*suite).filter(|_| *format == FORMAT).ok_or(Error::Malformed)?;
        let (version, birth_mark) = version.split_first_chunk::<4>().ok_or(Error::Malformed)?;
        Ok(Self {
            suite,
            key: KeyUid::new(Uuid::from_bytes(*uid)),
            version: u32::from_be_bytes(*version),
            birth_mark: BirthMark::from_slice(birth_mark).ok_or(Error::Malformed)?,
        })
    }
}
