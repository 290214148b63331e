//! MACs over heads and snapshots: what only the signer can make.
//!
//! A MAC names the key version that made it, by its number and its birth mark, so nothing is ever tried in turn, and "made
//! by a version that I do not have" and "wrong" are different answers.

use names::{BirthMark, LogId};
use ring::hmac;
use secret::{SecretBytes, scrubbed};

use crate::hash::{Hash, sha256};

const MAC_LABEL: &[u8] = b"strongroom/audit/mac/v1\0";
const MAC_MESSAGE_BYTES: usize = MAC_LABEL.len() + 16 + 8 + 32;

/// Length of a [`Mac`] in bytes: key version u32 ‖ birth mark 8 ‖ HMAC-SHA-256 32.
pub const MAC_BYTES: usize = 44;

/// A MAC, as it stands on the wire and in the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac([u8; MAC_BYTES]);

impl Mac {
    /// Takes a MAC's bytes. `None` if there are not exactly [`MAC_BYTES`].
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes: key version u32, big-endian, its birth mark, then 32 bytes of HMAC-SHA-256.
    pub fn as_bytes(&self) -> &[u8; MAC_BYTES] {
        &self.0
    }

    /// The key version that made it.
    pub fn version(&self) -> MacVersion {
        let (number, rest) = self.0.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        let mark = rest.first_chunk::<{ BirthMark::BYTES }>().copied().unwrap_or_default();
        MacVersion { number: u32::from_be_bytes(*number), birth_mark: BirthMark::new(mark) }
    }

    fn tag(&self) -> &[u8] {
        self.0.split_at(4 + BirthMark::BYTES).1
    }
}

/// A version of the MAC key, as a MAC names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MacVersion {
    /// Its number, from 1.
    pub number: u32,
    /// What tells it from another version of that number.
    pub birth_mark: BirthMark,
}

/// What the keys at hand say of a MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacVerdict {
    /// The named version made it over these bytes.
    Valid,
    /// The named version did not make it over these bytes.
    Wrong,
    /// The named version is not at hand, so nothing can be said.
    UnknownVersion,
}

/// One version of the signer's MAC key.
#[derive(Debug)]
pub struct MacKey {
    version: MacVersion,
    material: SecretBytes<32>,
}

impl MacKey {
    /// A key version with its 32 bytes.
    pub fn new(version: MacVersion, material: SecretBytes<32>) -> Self {
        Self { version, material }
    }

    /// Which version it is.
    pub fn version(&self) -> MacVersion {
        self.version
    }

    /// Makes the key ready for many MACs.
    pub fn ready(&self) -> ReadyMacKey {
        let key = scrubbed(|| Box::new(hmac::Key::new(hmac::HMAC_SHA256, self.material.expose())));
        ReadyMacKey { version: self.version, key }
    }
}

/// A MAC key whose HMAC state is set up. Holds key material; keep it for a batch only.
pub struct ReadyMacKey {
    version: MacVersion,
    /// On the heap, so that moving it leaves no copy behind.
    key: Box<hmac::Key>,
}

impl std::fmt::Debug for ReadyMacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadyMacKey").field("version", &self.version).finish_non_exhaustive()
    }
}

impl ReadyMacKey {
    /// The MAC over the head after the entry at `index`.
    pub fn compute(&self, log_id: LogId, index: u64, head: &Hash) -> Mac {
        self.sign(&[&mac_message(log_id, index, head)])
    }

    /// The MAC over bytes that begin with a label of their own.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Mac {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(part);
        }
        let mut bytes = [0; MAC_BYTES];
        let (number, rest) = bytes.split_at_mut(4);
        let (mark, tag) = rest.split_at_mut(BirthMark::BYTES);
        number.copy_from_slice(&self.version.number.to_be_bytes());
        mark.copy_from_slice(self.version.birth_mark.as_bytes());
        tag.copy_from_slice(context.sign().as_ref());
        Mac(bytes)
    }

    /// In constant time.
    fn verify(&self, message: &[u8], mac: &Mac) -> MacVerdict {
        if hmac::verify(&self.key, message, mac.tag()).is_ok() { MacVerdict::Valid } else { MacVerdict::Wrong }
    }
}

/// All versions of the MAC key that still verify.
#[derive(Debug)]
pub struct MacKeyring {
    keys: Vec<MacKey>,
}

impl MacKeyring {
    /// A ring of key versions. `None` if there is none, or a version twice.
    pub fn new(mut keys: Vec<MacKey>) -> Option<Self> {
        keys.sort_by_key(MacKey::version);
        let distinct = keys.is_sorted_by(|a, b| a.version < b.version);
        (distinct && !keys.is_empty()).then_some(Self { keys })
    }

    /// Whether this version is in the ring.
    pub fn has(&self, version: MacVersion) -> bool {
        self.keys.iter().any(|key| key.version == version)
    }

    /// Makes all versions ready for many verifications.
    pub fn ready(&self) -> ReadyMacKeyring {
        ReadyMacKeyring { keys: self.keys.iter().map(MacKey::ready).collect() }
    }
}

/// A [`MacKeyring`] set up for a batch of verifications.
#[derive(Debug)]
pub struct ReadyMacKeyring {
    keys: Vec<ReadyMacKey>,
}

impl ReadyMacKeyring {
    /// Whether `mac` is the MAC over the head after the entry at `index`.
    pub fn verify(&self, log_id: LogId, index: u64, head: &Hash, mac: &Mac) -> MacVerdict {
        self.verify_message(&mac_message(log_id, index, head), mac)
    }

    /// Whether `mac` is the MAC over bytes that begin with a label of their own.
    pub(crate) fn verify_message(&self, message: &[u8], mac: &Mac) -> MacVerdict {
        let named = mac.version();
        let key = self.keys.iter().find(|key| key.version == named);
        key.map_or(MacVerdict::UnknownVersion, |key| key.verify(message, mac))
    }
}

/// What a MAC over a head is computed over: label ‖ log id 16 ‖ index u64 ‖ head 32.
pub fn mac_message(log_id: LogId, index: u64, head: &Hash) -> [u8; MAC_MESSAGE_BYTES] {
    let mut message = [0; MAC_MESSAGE_BYTES];
    let (label, rest) = message.split_at_mut(MAC_LABEL.len());
    let (id, rest) = rest.split_at_mut(16);
    let (position, hash) = rest.split_at_mut(8);
    label.copy_from_slice(MAC_LABEL);
    id.copy_from_slice(log_id.as_bytes());
    position.copy_from_slice(&index.to_be_bytes());
    hash.copy_from_slice(head);
    message
}

/// The running digest over a log's column of MACs before its first entry.
pub const NO_MACS: Hash = [0; 32];

/// The running digest after one more MAC: `d_i = SHA-256(d_{i-1} ‖ mac_i)`, with [`NO_MACS`] before the first.
pub fn macs_digest(before: &Hash, mac: &Mac) -> Hash {
    sha256(&[before, &mac.0])
}
