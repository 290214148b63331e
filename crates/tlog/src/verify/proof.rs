//! The chain followed row by row from a trusted start: what leads to the signer's head is proven without asking anybody.

use super::row::Read;
use super::subject::Expectation;
use crate::chain::Link;
use crate::compact_range::CompactRange;
use crate::hash::Hash;
use crate::mac::{Mac, NO_MACS, macs_digest};
use crate::protocol::{Loss, SignerView};

/// Where the chain is to lead.
#[derive(Clone, Copy, Debug)]
struct Goal {
    size: u64,
    head: Hash,
    root: Hash,
    macs_digest: Hash,
}

/// How far the chain leads.
#[derive(Clone, Debug)]
struct Tip {
    size: u64,
    head: Hash,
    /// `None`: unknown, for the rows were not read from the log's beginning.
    tree: Option<CompactRange>,
    /// `None`: unknown, likewise, or a row has no MAC at all.
    macs_digest: Option<Hash>,
}

impl Tip {
    fn append(&mut self, head: Hash, leaf: Hash, mac: Option<&Mac>) {
        self.size += 1;
        self.head = head;
        if let Some(tree) = &mut self.tree {
            tree.append(leaf);
        }
        self.macs_digest = self.macs_digest.zip(mac).map(|(digest, mac)| macs_digest(&digest, mac));
    }
}

/// What the chain says of the signer's statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proven {
    /// The rows do not lead to the signer's size, or to another head.
    Nothing,
    /// The rows lead to the signer's head, but the tree over them has another root than it says.
    OtherRoot,
    /// The rows lead to the signer's head, but their MACs are not those that it made.
    OtherMacs {
        /// The root.
        root: Option<Hash>,
    },
    /// The rows lead to the signer's head. Where the root was computed, the MACs are known to be those that it made.
    All {
        /// The root.
        root: Option<Hash>,
    },
}

/// Follows the chain.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    tip: Tip,
    goal: Option<Goal>,
    /// Ranges declared lost: behind each the chain begins anew, with what the signer knows.
    losses: Vec<Loss>,
    /// The tip when it stood at the goal.
    reached: Option<Tip>,
    broken: bool,
}

impl Proof {
    /// Begins at the log's beginning, or where the caller trusts it.
    pub(super) fn new(start: Expectation, signer: Option<&SignerView>) -> Self {
        let whole = start.size == 0;
        let tip = Tip {
            size: start.size,
            head: start.head,
            tree: whole.then(CompactRange::new),
            macs_digest: whole.then_some(NO_MACS),
        };
        let goal = signer.map(|signer| Goal {
            size: signer.size,
            head: signer.head,
            root: signer.root,
            macs_digest: signer.macs_digest,
        });
        let losses = signer.map_or_else(Vec::new, |signer| signer.losses.clone());
        let mut proof = Self { tip, goal, losses, reached: None, broken: false };
        proof.look();
        proof
    }

    /// Whether a row did not follow from those before it.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, read: &Read) {
        let Some(entry) = read.entry.as_ref().filter(|entry| u64::try_from(read.column) == Ok(entry.index)) else {
            self.broken = true;
            return;
        };
        let follows = |tip: &Tip| (tip.size, tip.head) == (entry.index, entry.previous);
        if !follows(&self.tip) {
            self.pass(entry.index);
        }
        if follows(&self.tip) {
            self.tip.append(entry.head, entry.leaf, entry.mac.as_ref());
            self.look();
        } else {
            self.broken = true;
        }
    }

    /// Takes entries that the signer keeps, with their MACs.
    pub(super) fn segment(&mut self, links: &[Link], macs: &[Mac]) {
        for (link, mac) in links.iter().zip(macs) {
            if link.index != self.tip.size {
                self.pass(link.index);
            }
            if link.index == self.tip.size {
                self.tip.append(link.head, link.leaf, Some(mac));
                self.look();
            }
        }
    }

    /// Goes on behind the range declared lost that ends before `index`.
    fn pass(&mut self, index: u64) {
        if let Some(loss) = self.losses.iter().find(|loss| loss.end() == index && loss.end() > self.tip.size) {
            let (tree, digest) = (Some(loss.range.clone()), Some(loss.macs_digest));
            self.tip = Tip { size: loss.end(), head: loss.head, tree, macs_digest: digest };
            self.look();
        }
    }

    fn look(&mut self) {
        if self.goal.is_some_and(|goal| goal.size == self.tip.size) && self.reached.is_none() {
            self.reached = Some(self.tip.clone());
        }
    }

    /// What is proven once all rows were taken.
    pub(super) fn end(&mut self) -> Proven {
        let Some(goal) = self.goal else { return Proven::Nothing };
        if self.reached.is_none() {
            self.pass(goal.size);
        }
        let Some(tip) = self.reached.as_ref().filter(|tip| tip.head == goal.head) else { return Proven::Nothing };
        let root = tip.tree.as_ref().map(CompactRange::root);
        if root.is_some_and(|root| root != goal.root) {
            Proven::OtherRoot
        } else if root.is_some() && tip.macs_digest != Some(goal.macs_digest) {
            Proven::OtherMacs { root }
        } else {
            Proven::All { root }
        }
    }
}
