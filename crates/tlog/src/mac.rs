//! MACs over heads: what only the signer can make.

use names::LogId;
use ring::hmac;
use secret::SecretBytes;

use crate::hash::Hash;

const MAC_LABEL: &[u8] = b"strongroom/audit/mac/v1\0";
const MAC_MESSAGE_BYTES: usize = MAC_LABEL.len() + 16 + 8 + 32;

/// Length of a [`Mac`] in bytes: key version u32 ‖ HMAC-SHA-256.
pub const MAC_BYTES: usize = 36;

/// A MAC over one head, as it stands on the wire and in the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac([u8; MAC_BYTES]);

impl Mac {
    /// Takes a MAC's bytes. `None` if there are not exactly [`MAC_BYTES`].
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes: key version u32, big-endian, then 32 bytes of HMAC-SHA-256.
    pub fn as_bytes(&self) -> &[u8; MAC_BYTES] {
        &self.0
    }

    /// Version of the key that made it.
    pub fn version(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }

    fn tag(&self) -> &[u8] {
        self.0.split_at(4).1
    }
}

/// One version of the signer's MAC key.
#[derive(Debug)]
pub struct MacKey {
    version: u32,
    material: SecretBytes<32>,
}

impl MacKey {
    /// A key version with its 32 bytes.
    pub fn new(version: u32, material: SecretBytes<32>) -> Self {
        Self { version, material }
    }

    /// Number of the version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Makes the key ready for many MACs.
    pub fn ready(&self) -> ReadyMacKey {
        ReadyMacKey { version: self.version, key: hmac::Key::new(hmac::HMAC_SHA256, self.material.expose()) }
    }
}

/// A MAC key whose HMAC state is set up. Holds key material; keep it for a batch only.
pub struct ReadyMacKey {
    version: u32,
    key: hmac::Key,
}

impl std::fmt::Debug for ReadyMacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadyMacKey").field("version", &self.version).finish_non_exhaustive()
    }
}

impl ReadyMacKey {
    /// The MAC over the head after the entry at `index`.
    pub fn compute(&self, log_id: LogId, index: u64, head: &Hash) -> Mac {
        let tag = hmac::sign(&self.key, &mac_message(log_id, index, head));
        let mut bytes = [0; MAC_BYTES];
        let (version, rest) = bytes.split_at_mut(4);
        version.copy_from_slice(&self.version.to_be_bytes());
        rest.copy_from_slice(tag.as_ref());
        Mac(bytes)
    }

    /// Whether `mac` is this key's MAC over that head, compared in constant time.
    pub fn verify(&self, log_id: LogId, index: u64, head: &Hash, mac: &Mac) -> bool {
        mac.version() == self.version && hmac::verify(&self.key, &mac_message(log_id, index, head), mac.tag()).is_ok()
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
        let twice = keys.is_sorted_by(|a, b| a.version < b.version);
        (twice && !keys.is_empty()).then_some(Self { keys })
    }

    /// The newest version, which makes MACs. `None` never happens: a ring is not empty.
    pub fn current(&self) -> Option<&MacKey> {
        self.keys.last()
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
    /// Whether any version made `mac` over that head.
    pub fn verify(&self, log_id: LogId, index: u64, head: &Hash, mac: &Mac) -> bool {
        self.keys.iter().any(|key| key.verify(log_id, index, head, mac))
    }
}

/// What a MAC is computed over.
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
