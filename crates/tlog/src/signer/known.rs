//! What the store knows of a log when something is decided about it.

use names::LogName;

use crate::compact_range::CompactRange;
use crate::hash::{Hash, genesis, log_id};
use crate::mac::NO_MACS;
use crate::protocol::{Loss, Tally};
use crate::snapshot::{PruneMark, Snapshot};

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

/// Where a log with these losses goes on that stands at `size`: there, or behind those that cover it.
pub(super) fn place(losses: &[Loss], size: u64) -> u64 {
    let covering = |at: u64| losses.iter().filter(move |loss| loss.contains(at)).map(Loss::end).max();
    let mut at = size;
    while let Some(end) = covering(at) {
        at = end;
    }
    at
}
