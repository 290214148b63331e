//! RFC 6962 consistency proofs: that a tree of `to` leaves begins with the tree of `from` leaves (section 2.1.2).
//!
//! Whoever has the leaves computes the roots of [`subtrees`], each with a [`CompactRange`](crate::CompactRange) of its own,
//! in one pass over the leaves from the first subtree's first leaf on; [`verify`] needs the two roots only.

use std::ops::Range;

use crate::hash::{Hash, node_hash};

/// Most hashes of a proof.
pub const MAX_PROOF_HASHES: usize = 65;

/// The subtrees whose roots are the proof between trees of `from` and of `to` leaves, in the proof's order. Empty where
/// there is nothing to prove (`from` is 0 or `to`) and where `from` is greater than `to`.
pub fn subtrees(from: u64, to: u64) -> Vec<Range<u64>> {
    let mut proof = Vec::new();
    if from == 0 || from >= to {
        return proof;
    }
    // SUBPROOF of RFC 6962: `tree` still has to be split; `whole` says that its root is the one that the caller has.
    let (mut tree, mut from, mut whole) = (0..to, from, true);
    loop {
        let leaves = tree.end - tree.start;
        if from == leaves {
            if !whole {
                proof.push(tree);
            }
            break;
        }
        let middle = tree.start + split(leaves);
        if from <= middle - tree.start {
            proof.push(middle..tree.end);
            tree = tree.start..middle;
        } else {
            proof.push(tree.start..middle);
            from -= middle - tree.start;
            tree = middle..tree.end;
            whole = false;
        }
    }
    proof.reverse();
    proof
}

/// The greatest power of two below `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (63 - leaves.saturating_sub(1).leading_zeros().min(63))
}

/// A tree by its number of leaves and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Number of leaves.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Whether `proof` shows that the tree `to` begins with the tree `from` (RFC 9162, section 2.1.4.2). A tree without leaves
/// begins every other.
pub fn verify(from: Tree, to: Tree, proof: &[Hash]) -> bool {
    if from.size > to.size || proof.len() > MAX_PROOF_HASHES {
        return false;
    }
    if from.size == 0 || from.size == to.size {
        return proof.is_empty() && (from.size == 0 || from.root == to.root);
    }
    let mut rest = proof.iter();
    let (mut at, mut last) = (from.size - 1, to.size - 1);
    let trailing = at.trailing_ones();
    (at, last) = (at >> trailing, last >> trailing);
    // A tree of a power of two leaves is a subtree of the other: its root is the first hash.
    let first = if from.size.is_power_of_two() { Some(&from.root) } else { rest.next() };
    let Some(first) = first else { return false };
    let (mut from_root, mut to_root) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            from_root = node_hash(hash, &from_root);
            to_root = node_hash(hash, &to_root);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            to_root = node_hash(&to_root, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && from_root == from.root && to_root == to.root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CompactRange, hash::leaf_hash};

    fn root(leaves: Range<u64>) -> Hash {
        let mut range = CompactRange::new();
        leaves.for_each(|leaf| range.append(leaf_hash(&leaf.to_be_bytes())));
        range.root()
    }

    #[test]
    fn each_tree_begins_each_larger_one_and_no_proof_shows_another() {
        for to in 0..40_u64 {
            for from in 0..=to {
                let proof: Vec<Hash> = subtrees(from, to).into_iter().map(root).collect();
                let (old, new) = (Tree { size: from, root: root(0..from) }, Tree { size: to, root: root(0..to) });
                assert!(verify(old, new, &proof), "{from} to {to}");
                if from == 0 {
                    continue;
                }
                assert!(!verify(Tree { root: [7; 32], ..old }, new, &proof), "{from} to {to}: another beginning");
                if from == to {
                    continue;
                }
                assert!(!verify(old, Tree { root: [7; 32], ..new }, &proof), "{from} to {to}: another end");
                let (_, short) = proof.split_last().expect("a proof has hashes");
                assert!(!verify(old, new, short), "{from} to {to}: a hash is missing");
                let long = [&proof[..], &[[7; 32]]].concat();
                assert!(!verify(old, new, &long), "{from} to {to}: one hash too many");
            }
        }
    }

    #[test]
    fn a_shorter_tree_is_no_continuation() {
        let (long, short) = (Tree { size: 5, root: root(0..5) }, Tree { size: 4, root: root(0..4) });
        assert!(!verify(long, short, &[]));
    }
}
