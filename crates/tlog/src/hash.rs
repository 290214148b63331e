//! The hashes of a log: its id, its leaves and the chain over them. docs/audit-log.md draws the formats.

use names::{LogId, LogName};
use ring::digest::{Context, SHA256};
use uuid::Uuid;

/// A SHA-256 digest.
pub type Hash = [u8; HASH_BYTES];

/// Length of a [`type@Hash`] in bytes.
pub const HASH_BYTES: usize = 32;

const LOG_LABEL: &[u8] = b"strongroom/audit/log/v1\0";
const GENESIS_LABEL: &[u8] = b"strongroom/audit/genesis/v1\0";
const CHAIN_LABEL: &[u8] = b"strongroom/audit/chain/v1\0";
const LEAF_PREFIX: &[u8] = &[0];
const NODE_PREFIX: &[u8] = &[1];

/// Id of a log: the first 16 bytes of a hash over its name, so that nobody chooses it.
pub fn log_id(log: &LogName) -> LogId {
    let name = log.to_string();
    let digest = sha256(&[LOG_LABEL, &length_prefix(name.len()), name.as_bytes()]);
    let mut id = [0; 16];
    id.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    LogId::new(Uuid::from_bytes(id))
}

/// Head of a log without entries.
pub fn genesis(log: &LogName) -> Hash {
    let name = log.to_string();
    sha256(&[GENESIS_LABEL, log_id(log).as_bytes(), &length_prefix(name.len()), name.as_bytes()])
}

/// Hash of an entry as a leaf of the tree (RFC 6962, section 2.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[LEAF_PREFIX, entry])
}

/// Hash of an inner node of the tree (RFC 6962, section 2.1).
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[NODE_PREFIX, left, right])
}

/// Root of a tree without leaves (RFC 6962, section 2.1).
pub(crate) fn empty_root() -> Hash {
    sha256(&[])
}

/// Head after the entry at `index`, from the head before it and the entry's leaf hash.
pub fn chain_head(log_id: LogId, index: u64, previous: &Hash, leaf: &Hash) -> Hash {
    sha256(&[CHAIN_LABEL, log_id.as_bytes(), &index.to_be_bytes(), previous, leaf])
}

/// Bytes in hex, as commands print them.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
        text
    })
}

/// Reads a hash of 64 hex digits. `None` if it is none.
pub fn from_hex(text: &str) -> Option<Hash> {
    let digit = |digit: &u8| u8::try_from(char::from(*digit).to_digit(16)?).ok();
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
    bytes.filter(|_| odd.is_empty())?.try_into().ok()
}

pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// A length as the u32 that stands before every variable part. Saturates: callers have bounded the length long before.
pub(crate) fn length_prefix(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
