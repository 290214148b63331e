//! Proofs that a tree of `to` leaves continues a tree of `from` leaves: the rest is appended.
//!
//! Whoever has the leaves from `from` on computes the roots of [`subtrees`], each with a [`CompactRange`] of its own, in one
//! pass. Whoever has the compact range over the first `from` leaves appends them: what comes out is the compact range of the
//! larger tree, or the tree is another one. Unlike a proof after RFC 6962, section 2.1.2, it needs no leaf below `from`.

use std::ops::Range;

use crate::CompactRange;
use crate::hash::Hash;

/// Most hashes of a proof: subtrees first grow, then shrink, and no size occurs more than twice.
pub const MAX_PROOF_HASHES: usize = 128;

/// The subtrees whose roots are the proof between trees of `from` and of `to` leaves, in the proof's order: the largest aligned
/// ones that fill what lies between. Empty where there is nothing to prove, because `from` is 0 or not below `to`.
pub fn subtrees(from: u64, to: u64) -> Vec<Range<u64>> {
    let mut proof = Vec::new();
    let mut at = from;
    while 0 < at && at < to {
        let height = height(at, to);
        proof.push(at..at + (1 << height));
        at += 1 << height;
    }
    proof
}

/// Height of the largest aligned subtree that begins at `at`, which is below `to`, and does not go beyond `to`.
fn height(at: u64, to: u64) -> u32 {
    at.trailing_zeros().min(to.saturating_sub(at).max(1).ilog2())
}

/// Whether `proof` shows that the tree `to` continues the tree `from`. Every tree continues the one without leaves.
pub fn verify(from: &CompactRange, to: &CompactRange, proof: &[Hash]) -> bool {
    if from.size() == 0 {
        return proof.is_empty();
    }
    let mut range = from.clone();
    for root in proof {
        if range.size() >= to.size() {
            return false;
        }
        range.append_subtree(height(range.size(), to.size()), *root);
    }
    range == *to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    fn range(leaves: Range<u64>) -> CompactRange {
        let mut range = CompactRange::new();
        leaves.for_each(|leaf| range.append(leaf_hash(&leaf.to_be_bytes())));
        range
    }

    #[test]
    fn each_tree_continues_each_smaller_one_and_no_proof_shows_another() {
        for to in 0..40_u64 {
            for from in 0..=to {
                let trees = subtrees(from, to);
                assert!(trees.iter().all(|leaves| leaves.start >= from), "{from} to {to}: reads below {from}");
                let proof: Vec<Hash> = trees.into_iter().map(|leaves| range(leaves).root()).collect();
                let (old, new) = (range(0..from), range(0..to));
                assert!(verify(&old, &new, &proof), "{from} to {to}");
                if from == 0 {
                    continue;
                }
                let mut other = range(100..100 + from);
                assert!(!verify(&other, &new, &proof), "{from} to {to}: another beginning");
                (from..to).for_each(|leaf| other.append(leaf_hash(&leaf.to_be_bytes())));
                assert!(!verify(&old, &other, &proof), "{from} to {to}: another tree with the same end");
                let long = [&proof[..], &[[7; 32]]].concat();
                assert!(!verify(&old, &new, &long), "{from} to {to}: one hash too many");
                let Some((_, short)) = proof.split_last() else { continue };
                assert!(!verify(&old, &new, short), "{from} to {to}: a hash is missing");
                let wrong = [short, &[[7; 32]]].concat();
                assert!(!verify(&old, &new, &wrong), "{from} to {to}: another end");
            }
        }
    }

    #[test]
    fn a_proof_between_any_sizes_is_within_its_limit() {
        for (from, to) in [(1, u64::MAX), (u64::MAX / 2, u64::MAX), (u64::MAX / 2 - 1, u64::MAX - 1), (1, 1 << 63)] {
            let trees = subtrees(from, to);
            assert!(trees.len() <= MAX_PROOF_HASHES, "{from} to {to}: {}", trees.len());
            assert_eq!((trees.first().unwrap().start, trees.last().unwrap().end), (from, to));
        }
    }

    #[test]
    fn a_shorter_tree_is_no_continuation() {
        assert!(!verify(&range(0..5), &range(0..4), &[]));
        assert!(!verify(&range(0..5), &range(0..4), &[[7; 32]]));
    }
}
