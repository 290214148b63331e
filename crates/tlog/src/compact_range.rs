//! The compact range of a growing Merkle tree (RFC 6962, section 2.1): the roots of its full subtrees, which is all
//! that is needed to append leaves and to know the root.

use crate::hash::{HASH_BYTES, Hash, empty_root, node_hash};

/// Roots of the full subtrees of a tree of `size` leaves, largest first: one for each bit set in `size`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    hashes: Vec<Hash>,
}

impl CompactRange {
    /// The range of a tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The range of a tree of `size` leaves from its subtree roots, largest first. `None` if their number is not that of
    /// the bits set in `size`.
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (u32::try_from(hashes.len()) == Ok(size.count_ones())).then_some(Self { size, hashes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Subtree roots, largest subtree first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Adds a leaf at the right.
    pub fn append(&mut self, leaf: Hash) {
        self.append_subtree(0, leaf);
    }

    /// Adds a full subtree of `2^height` leaves at the right, by its root. The size must be a multiple of its leaves.
    pub(crate) fn append_subtree(&mut self, height: u32, root: Hash) {
        let mut hash = root;
        for _ in 0..(self.size >> height).trailing_ones() {
            // One subtree root for each trailing one bit: the vector cannot run out.
            if let Some(left) = self.hashes.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.hashes.push(hash);
        self.size += 1 << height;
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        let mut roots = self.hashes.iter().rev();
        let Some(smallest) = roots.next() else { return empty_root() };
        roots.fold(*smallest, |right, left| node_hash(left, &right))
    }

    /// Bytes for storage: size u64, big-endian, then the subtree roots, largest first.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + self.hashes.len() * HASH_BYTES);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        bytes.extend_from_slice(self.hashes.as_flattened());
        bytes
    }

    /// Reads what [`CompactRange::encode`] wrote. `None` if the length does not fit the size.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk::<8>()?;
        let (hashes, trailing) = rest.as_chunks::<HASH_BYTES>();
        if !trailing.is_empty() {
            return None;
        }
        Self::from_hashes(u64::from_be_bytes(*size), hashes.to_vec())
    }
}
