//! What audit-service and the signer say to each other: the messages of `SignerService` as types.

use bytes::Bytes;
use names::LogName;

use crate::{compact_range::CompactRange, hash::Hash, mac::Mac};

/// Most entries of one `SealBatch`.
pub const MAX_SEAL_ENTRIES: usize = 4096;

/// Most bytes of entries of one `SealBatch`.
pub const MAX_SEAL_BYTES: usize = 3 << 20;

/// Most bytes of stored segments in one answer, except that there is always one segment.
pub const MAX_BEHIND_BYTES: usize = 2 << 20;

/// Most MACs of one `VerifyMacs`.
pub const MAX_VERIFY_MACS: usize = 16_384;

/// Most entries of one `AdvanceHead`.
pub const MAX_ADVANCE_ENTRIES: usize = 2048;

/// What became of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealOutcome {
    /// Sealed, now or in an earlier identical call; or a probe that stands at the log's end.
    Sealed,
    /// The log has gone on: take the stored segments first.
    Behind,
    /// The segment begins beyond the end of the log.
    Ahead,
    /// The segment contradicts what is sealed.
    Forked,
    /// The segment begins before what the signer still keeps.
    Stale,
    /// The bytes are no valid entries for their place.
    Malformed,
}

/// What the signer keeps an alarm about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// A segment began beyond the end of the log.
    Ahead,
    /// A second history was offered.
    Forked,
    /// audit-service found its rows below what it had acknowledged.
    RolledBack,
    /// audit-service found a row with a known event id that is not that event.
    Suppressed,
}

/// A run of consecutive entries of one log, to be sealed. Without entries it is a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The log.
    pub log: LogName,
    /// Index of the first entry.
    pub first_index: u64,
    /// Head before it.
    pub previous_head: Hash,
    /// The entries' bytes.
    pub entries: Vec<Bytes>,
}

/// How far audit-service has committed a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The log.
    pub log: LogName,
    /// Number of entries committed.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
}

/// What audit-service found wrong in its own database while it held the log's row locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// The log.
    pub log: LogName,
    /// [`AlarmKind::RolledBack`] or [`AlarmKind::Suppressed`].
    pub kind: AlarmKind,
    /// Number of entries found, or the index of the row.
    pub size: u64,
}

/// A sealed segment from the signer's storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSegment {
    /// Index of the first entry.
    pub first_index: u64,
    /// The entries' bytes.
    pub entries: Vec<Bytes>,
    /// Their MACs.
    pub macs: Vec<Mac>,
    /// Head after the last entry.
    pub head: Hash,
}

impl StoredSegment {
    /// Index after the last entry.
    pub fn end(&self) -> u64 {
        self.first_index.saturating_add(count(self.entries.len()))
    }

    /// Bytes of entries and MACs.
    pub fn bytes(&self) -> usize {
        self.entries.iter().map(Bytes::len).sum::<usize>() + self.macs.len() * crate::mac::MAC_BYTES
    }
}

/// A range of entries that an operator declared lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// First lost index.
    pub first_index: u64,
    /// Last lost index.
    pub last_index: u64,
    /// Head after the last lost entry.
    pub head: Hash,
    /// Compact range after the last lost entry.
    pub range: CompactRange,
    /// When it was declared, nanoseconds since 1970.
    pub declared_ns: i64,
}

impl Loss {
    /// Whether it covers `index`.
    pub fn contains(&self, index: u64) -> bool {
        self.first_index <= index && index <= self.last_index
    }

    /// Index after the last lost entry.
    pub fn end(&self) -> u64 {
        self.last_index.saturating_add(1)
    }
}

/// Something that should never happen, as the signer keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What happened.
    pub kind: AlarmKind,
    /// Index it concerns.
    pub first_index: u64,
    /// In words.
    pub detail: String,
    /// When, nanoseconds since 1970.
    pub raised_ns: i64,
    /// Whether an operator has closed it.
    pub closed: bool,
}

/// The signer's answer to one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentAnswer {
    /// What became of it.
    pub outcome: SealOutcome,
    /// Entries in the log afterwards.
    pub size: u64,
    /// Head afterwards.
    pub head: Hash,
    /// Sealed: the entries' MACs.
    pub macs: Vec<Mac>,
    /// Behind: stored segments from the segment's first index on.
    pub behind: Vec<StoredSegment>,
    /// Behind: more segments follow those.
    pub more: bool,
    /// Behind: ranges declared lost, at or after the segment's first index.
    pub losses: Vec<Loss>,
    /// How far the log is acknowledged.
    pub acknowledged: u64,
    /// Refused: why, in words.
    pub detail: String,
}

/// What the signer knows of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerView {
    /// Number of sealed entries.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
    /// How far audit-service says it has committed.
    pub acknowledged: u64,
    /// Alarms of the log.
    pub alarms: Vec<Alarm>,
    /// Ranges declared lost, in order.
    pub losses: Vec<Loss>,
    /// Sealed segments above the acknowledged mark, in order.
    pub unacknowledged: Vec<StoredSegment>,
}

/// A length as a count of entries.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
