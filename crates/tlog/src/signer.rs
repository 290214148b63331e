//! The signer's decisions, without I/O: what becomes of a segment, an acknowledgement, a report, an advance, a loss.
//!
//! The store loads, with the log's row locked, a [`Known`] for each log of a call, hands it in, and persists the change
//! that comes out in the same transaction before anything is answered. It locks the rows in the order of their ids in one
//! statement and reads them, and everything else, in the next: a statement that waits for a lock goes on with the newest
//! version of the locked row, but sees everything else as it was when it began.
//!
//! Time comes from the signer's database, which is one for all replicas ([`Clock`]).
//!
//! # Layout
//! - [`mod@seal`]: what becomes of a segment
//! - [`marks`]: acknowledgements and reports of what was found in the audit database
//! - [`alarms`]: raising alarms, and closing them
//! - [`repair`]: `AdvanceHead` and `DeclareLoss`
//!
//! # What the store must keep
//! The newest segment of a log is never deleted: [`LogState::agrees_with`] holds the state against it. All alarms and losses
//! of a log are held against their [`Tally`] in its state whenever they are read.

use names::LogName;

use bytes::Bytes;

use crate::{
    compact_range::CompactRange,
    hash::{Hash, genesis, log_id},
    mac::{MAC_BYTES, Mac, MacVerdict, NO_MACS, ReadyMacKeyring},
    protocol::{AlarmKind, Loss, Segment, Tally},
    snapshot::{PruneMark, Snapshot},
};

pub mod alarms;
pub mod marks;
pub mod repair;
pub mod seal;

pub use alarms::{CloseError, Raising, close, close_named, explain, raise};
pub use marks::{AckDecision, acknowledge, report};
pub use repair::{Advance, AdvanceError, Advancing, LossError, Proof, advance, declare_loss};
pub use seal::{Decision, page, seal};

/// What the signer keeps of one log, all of it under its row's HMAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// Head after the last entry.
    pub head: Hash,
    /// Compact range over all entries; its size is the log's.
    pub range: CompactRange,
    /// Time logged of the last entry, nanoseconds since 1970; `i64::MIN` without entries.
    pub last_logged_ns: i64,
    /// Running digest over the entries' MACs.
    pub macs_digest: Hash,
    /// Up to where entries were pruned.
    pub prune_mark: Option<PruneMark>,
    /// How far audit-service says it has committed. Never goes down.
    pub acknowledged: u64,
    /// When audit-service was last known to stand where the signer stands, nanoseconds since 1970; 0 for not since an alarm
    /// was last raised, or the log was brought forward. Kept up to date while alarms are open: none of them is closed before
    /// rows and signer agree again.
    pub agreed_ns: i64,
    /// Where audit-service stood when it was last refused as STALE: from here on entries are lost to it.
    pub stale_at: Option<u64>,
    /// From this size on a report of rolled back rows is explained by what an operator has closed or declared, until
    /// audit-service has caught up: has committed more than it had acknowledged then, or agreed at the log's end.
    pub explained_from: Option<u64>,
    /// Size up to which an operator brought the log forward: stands in place of a newest segment that ends there.
    pub advanced_to: Option<u64>,
    /// How often something of the log was to be an alarm, kept or not, or the log was brought forward: after each, rows and
    /// signer have to agree anew. An acknowledgement that knows of less was on its way.
    pub alarms_raised: u64,
    /// The log's size the last time: agreement is at this size or behind it.
    pub raised_at: u64,
    /// All alarms of the log, open or closed.
    pub alarms: Tally,
    /// How many of them are open.
    pub open_alarms: u64,
    /// All ranges of the log that were declared lost.
    pub losses: Tally,
    /// How often the row was written, which the store counts: an older row shows by it, also one of the same size.
    pub changes: u64,
}

impl LogState {
    /// The state of a log before its first segment.
    pub fn empty(log: &LogName) -> Self {
        Self {
            head: genesis(log),
            range: CompactRange::new(),
            last_logged_ns: i64::MIN,
            macs_digest: NO_MACS,
            prune_mark: None,
            acknowledged: 0,
            agreed_ns: 0,
            stale_at: None,
            explained_from: None,
            advanced_to: None,
            alarms_raised: 0,
            raised_at: 0,
            alarms: Tally::default(),
            open_alarms: 0,
            losses: Tally::default(),
            changes: 0,
        }
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.range.size()
    }

    /// Whether the newest stored segment, or where the log was brought forward to, leads to this state. If not, rows of
    /// the key database were set back.
    pub fn agrees_with(&self, newest: Option<&SegmentMeta>) -> bool {
        let sealed = newest.is_some_and(|newest| newest.end() == self.size() && newest.head == self.head);
        let advanced = self.advanced_to == Some(self.size()) && newest.is_none_or(|newest| newest.end() <= self.size());
        (sealed || advanced) && self.acknowledged <= self.size()
    }

    /// What a snapshot says of this state.
    pub fn snapshot(&self, log: &LogName, losses: &[Loss]) -> Snapshot {
        Snapshot {
            log_id: log_id(log),
            head: self.head,
            range: self.range.clone(),
            last_logged_ns: self.last_logged_ns,
            macs_digest: self.macs_digest,
            prune_mark: self.prune_mark.clone(),
            losses: losses.to_vec(),
            alarms: self.alarms,
        }
    }
}

/// The signer's clock: that of its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Nanoseconds since 1970.
    pub now_ns: i64,
}

/// A stored segment without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentMeta {
    /// Index of the first entry.
    pub first_index: u64,
    /// Number of entries, at least 1.
    pub count: u64,
    /// Head before the first entry.
    pub previous_head: Hash,
    /// Head after the last entry. It commits to every byte of the segment, so it is its digest.
    pub head: Hash,
}

impl SegmentMeta {
    /// Index after the last entry.
    pub fn end(&self) -> u64 {
        self.first_index.saturating_add(self.count)
    }
}

/// What the store knows of a log, loaded with its row locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The log's state.
    pub state: LogState,
    /// Ranges declared lost, in order.
    pub losses: Vec<Loss>,
    /// The stored segment with the greatest first index that is not above where the decision looks: the segment's first
    /// index, or the end of the loss that covers it ([`Known::place`]); for an acknowledgement, one below its size. `None`
    /// if no such segment is kept. Not needed, and may be `None`, where that is the size of the log.
    pub at: Option<SegmentMeta>,
}

impl Known {
    /// Where a log that stands at `size` goes on: there, or behind the losses that cover it.
    pub fn place(&self, size: u64) -> u64 {
        place(&self.losses, size)
    }
}

fn place(losses: &[Loss], size: u64) -> u64 {
    let covering = |at: u64| losses.iter().filter(move |loss| loss.contains(at)).map(Loss::end).max();
    let mut at = size;
    while let Some(end) = covering(at) {
        at = end;
    }
    at
}

/// A segment to store, and the state after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// The log's new state.
    pub state: LogState,
    /// The segment's place and heads.
    pub meta: SegmentMeta,
    /// Compact range before the segment: what a loss that ends there needs.
    pub range_before: CompactRange,
    /// Running digest of MACs before the segment: likewise.
    pub digest_before: Hash,
    /// The entries' bytes.
    pub entries: Vec<Bytes>,
    /// Their MACs.
    pub macs: Vec<Mac>,
}

/// An alarm to keep. The same kind and index of a log is kept once while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    /// What happened.
    pub kind: AlarmKind,
    /// First index it concerns.
    pub first_index: u64,
    /// Last index it concerns.
    pub last_index: u64,
    /// In words.
    pub detail: String,
    /// ADVANCED: the head that the signer had before, at the first index.
    pub head: Option<Hash>,
}

impl NewAlarm {
    /// An alarm about one index.
    pub(crate) fn at(kind: AlarmKind, index: u64, detail: &str) -> Self {
        Self { kind, first_index: index, last_index: index, detail: detail.to_owned(), head: None }
    }
}

/// Why a `VerifyMacs` cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyMacsError {
    /// Heads are not 32 bytes each, MACs not 44 bytes each, or there are not as many of both as indices.
    #[error("indices, heads and macs do not pair")]
    Pairs,
    /// More than fit one call.
    #[error("too many heads")]
    TooMany,
    /// An index is lower than the one before it.
    #[error("must not descend")]
    Order,
}

/// Heads of a log, 32 bytes each one after the other, and the MACs that claim to be over them, 44 bytes each.
#[derive(Clone, Copy, Debug)]
pub struct HeadMacs<'a> {
    /// The log.
    pub log: &'a LogName,
    /// Index of each head, none lower than the one before it.
    pub indices: &'a [u64],
    /// The heads.
    pub heads: &'a [u8],
    /// The MACs.
    pub macs: &'a [u8],
}

impl<'a> HeadMacs<'a> {
    /// Whether they can be checked at all.
    pub fn check(&self) -> Result<(), VerifyMacsError> {
        let (indices, heads, macs) = (self.indices.len(), self.heads.len(), self.macs.len());
        let pair = heads.is_multiple_of(32) && macs.is_multiple_of(MAC_BYTES);
        if heads / 32 > crate::protocol::MAX_VERIFY_MACS {
            Err(VerifyMacsError::TooMany)
        } else if !pair || heads / 32 != indices || macs / MAC_BYTES != indices {
            Err(VerifyMacsError::Pairs)
        } else if !self.indices.is_sorted() {
            Err(VerifyMacsError::Order)
        } else {
            Ok(())
        }
    }

    /// The same in parts of at most so many heads.
    pub fn parts(self, most: usize) -> impl Iterator<Item = HeadMacs<'a>> {
        let parts = self.indices.chunks(most).zip(self.heads.chunks(most * 32)).zip(self.macs.chunks(most * MAC_BYTES));
        parts.map(move |((indices, heads), macs)| HeadMacs { indices, heads, macs, ..self })
    }
}

/// What the signer says of MACs; neither list descends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MacsChecked {
    /// Indices whose MAC is wrong.
    pub wrong: Vec<u64>,
    /// Indices whose MAC was made under a key version that is not at hand.
    pub unknown: Vec<u64>,
}

/// Checks MACs of heads.
pub fn verify_macs(keys: &ReadyMacKeyring, asked: HeadMacs<'_>) -> Result<MacsChecked, VerifyMacsError> {
    asked.check()?;
    let (heads, _) = asked.heads.as_chunks::<32>();
    let (macs, _) = asked.macs.as_chunks::<MAC_BYTES>();
    let id = log_id(asked.log);
    let mut checked = MacsChecked::default();
    for (index, (head, mac)) in asked.indices.iter().copied().zip(heads.iter().zip(macs)) {
        // A value of 44 bytes is always a MAC.
        let Some(mac) = Mac::from_slice(mac) else { continue };
        match keys.verify(id, index, head, &mac) {
            MacVerdict::Valid => {}
            MacVerdict::Wrong => checked.wrong.push(index),
            MacVerdict::UnknownVersion => checked.unknown.push(index),
        }
    }
    Ok(checked)
}

/// Puts entries' bytes into one value for storage: each behind its length as u32.
pub fn pack(entries: &[Bytes]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 4).sum());
    for entry in entries {
        packed.extend_from_slice(&crate::hash::length_prefix(entry.len()));
        packed.extend_from_slice(entry);
    }
    packed
}

/// Reads what [`pack`] wrote, without copying. `None` if it is damaged.
pub fn unpack(mut packed: Bytes) -> Option<Vec<Bytes>> {
    let mut entries = Vec::new();
    while !packed.is_empty() {
        let (length, _) = packed.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if packed.len() - 4 < length {
            return None;
        }
        let mut rest = packed.split_off(4);
        packed = rest.split_off(length);
        entries.push(rest);
    }
    Some(entries)
}

/// Puts MACs into one value for storage, 44 bytes each.
pub fn pack_macs(macs: &[Mac]) -> Vec<u8> {
    macs.iter().flat_map(|mac| *mac.as_bytes()).collect()
}

/// Reads what [`pack_macs`] wrote. `None` if it is damaged.
pub fn unpack_macs(packed: &[u8]) -> Option<Vec<Mac>> {
    let (macs, odd) = packed.as_chunks::<MAC_BYTES>();
    if !odd.is_empty() {
        return None;
    }
    macs.iter().map(|mac| Mac::from_slice(mac)).collect()
}

/// The segment's place in the log, as far as its request says.
fn is_probe(segment: &Segment) -> bool {
    segment.entries.is_empty()
}
