//! What audit-service and the signer say to each other: the messages of `SignerService` as types.

use std::fmt;

use bytes::Bytes;
use names::LogName;
use uuid::Uuid;

use crate::compact_range::CompactRange;
use crate::hash::{Hash, length_prefix, sha256};
use crate::mac::Mac;

/// Most entries of one `SealBatch`.
pub const MAX_SEAL_ENTRIES: usize = 4096;

/// Most bytes of entries of one `SealBatch`.
pub const MAX_SEAL_BYTES: usize = 3 << 20;

/// Most bytes of stored segments in one answer, except that there is always one segment.
pub const MAX_BEHIND_BYTES: usize = 2 << 20;

/// Most MACs of one `VerifyMacs`.
pub const MAX_VERIFY_MACS: usize = 16_384;

/// Most logs of one `Acknowledge`.
pub const MAX_ACKNOWLEDGEMENTS: usize = 1000;

/// Most ranges of one log that are declared lost.
pub const MAX_LOSSES: usize = 64;

/// Most alarms that one call names.
pub const MAX_NAMED_ALARMS: usize = 1000;

/// Most alarms of one kind and log that are kept while one of them is open; further ones are counted in a metric only, for
/// so many tell as much as more.
pub const MAX_ALARMS_OF_KIND: usize = 150;

/// Likewise of a log that the signer has never sealed for.
pub const MAX_ALARMS_OF_UNKNOWN: usize = 16;

/// Longest name of a kind of alarm in bytes.
pub const MAX_ALARM_KIND_BYTES: usize = 32;

/// How far the log's time may be ahead of the signer's clock, in nanoseconds: a minute.
pub const MAX_TIME_AHEAD_NS: i64 = 60_000_000_000;

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
    /// An entry's time is below that of the entry before, or too far ahead of the signer's clock: build the entries anew
    /// with the times of the answer.
    Time,
    /// The bytes are no valid entries for their place.
    Malformed,
    /// Nothing was done, so that others did not wait: to be sent in a call of its own.
    PassedOver,
}

/// What the signer keeps an alarm about: a name of the form `[A-Z][A-Z0-9_]{0,31}`. A reader may meet names that were made
/// up after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmKind {
    /// The signer was brought forward over a range that nothing but an operator's word vouches for.
    Advanced,
    /// A segment began beyond the end of the log.
    Ahead,
    /// The log's time is more than a minute ahead of the signer's clock: one of them was wrong.
    Clock,
    /// A second history was offered.
    Forked,
    /// audit-service found its rows below what it had acknowledged.
    RolledBack,
    /// audit-service found a row with a known event id that is not that event.
    Suppressed,
    /// A kind that this program does not know.
    Other(String),
}

impl AlarmKind {
    /// The kind with this name. `None` if the name is not of the form.
    pub fn from_name(name: &str) -> Option<Self> {
        let first = name.starts_with(|first: char| first.is_ascii_uppercase());
        let rest = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        Some(match name {
            "ADVANCED" => Self::Advanced,
            "AHEAD" => Self::Ahead,
            "CLOCK" => Self::Clock,
            "FORKED" => Self::Forked,
            "ROLLED_BACK" => Self::RolledBack,
            "SUPPRESSED" => Self::Suppressed,
            other if first && rest && other.len() <= MAX_ALARM_KIND_BYTES => Self::Other(other.to_owned()),
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Advanced => "ADVANCED",
            Self::Ahead => "AHEAD",
            Self::Clock => "CLOCK",
            Self::Forked => "FORKED",
            Self::RolledBack => "ROLLED_BACK",
            Self::Suppressed => "SUPPRESSED",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for AlarmKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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
    /// [`SegmentAnswer::alarms_raised`] of the answer that the commit followed; `None` where it followed from none. Rows and
    /// signer agree in spite of what was raised until then, and of nothing that came later.
    pub alarms_raised: Option<u64>,
}

/// What became of an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckOutcome {
    /// The log is acknowledged as far as that, now or before.
    Acknowledged,
    /// It says nothing that can be checked: the signer no longer keeps what leads there.
    Unchecked,
    /// It goes beyond the end of the log. An alarm is kept.
    Ahead,
    /// Its head is not the one that was sealed. An alarm is kept.
    Forked,
    /// The log is being worked on. Nothing changed: to be said again.
    Busy,
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
    /// The [`Snapshot`](crate::Snapshot) after it, under the signer's MAC.
    pub snapshot: Bytes,
}

impl StoredSegment {
    /// Index after the last entry.
    pub fn end(&self) -> u64 {
        self.first_index.saturating_add(count(self.entries.len()))
    }

    /// Bytes of entries, MACs and snapshot.
    pub fn bytes(&self) -> usize {
        let entries: usize = self.entries.iter().map(Bytes::len).sum();
        entries + self.macs.len() * crate::mac::MAC_BYTES + self.snapshot.len()
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
    /// Running digest of MACs after the last lost entry.
    pub macs_digest: Hash,
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
    /// Its id, a `UUIDv7`.
    pub id: Uuid,
    /// What happened.
    pub kind: AlarmKind,
    /// First index it concerns.
    pub first_index: u64,
    /// Last index it concerns.
    pub last_index: u64,
    /// In words.
    pub detail: String,
    /// ADVANCED: the head that the signer had before it was brought forward, when `first_index` was its size. Rows must lead
    /// there.
    pub head: Option<Hash>,
    /// When, nanoseconds since 1970.
    pub raised_ns: i64,
    /// When and why an operator closed it. `None`: it is open.
    pub closing: Option<Closing>,
}

impl Alarm {
    /// Whether nobody has closed it.
    pub fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    fn absorb(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.id.as_bytes());
        for text in [self.kind.name(), &self.detail] {
            out.extend_from_slice(&length_prefix(text.len()));
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(&self.first_index.to_be_bytes());
        out.extend_from_slice(&self.last_index.to_be_bytes());
        out.extend_from_slice(&self.raised_ns.to_be_bytes());
        match &self.head {
            None => out.push(0),
            Some(head) => {
                out.push(1);
                out.extend_from_slice(head);
            }
        }
        match &self.closing {
            None => out.push(0),
            Some(closing) => {
                out.push(1);
                out.extend_from_slice(&closing.closed_ns.to_be_bytes());
                out.extend_from_slice(&length_prefix(closing.reference.len()));
                out.extend_from_slice(closing.reference.as_bytes());
            }
        }
    }
}

/// How an alarm was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When, nanoseconds since 1970.
    pub closed_ns: i64,
    /// Why, as the operator said: an id or ticket number.
    pub reference: String,
}

/// Number and digest of all alarms, or of all losses, of a log: shows that none is missing and none was set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub number: u64,
    /// SHA-256 over all of them; zeros where there is none.
    pub digest: Hash,
}

impl Tally {
    /// The tally of these alarms: `SHA-256("strongroom/audit/alarms/v1\0" ‖ each, in the order of their ids)`.
    pub fn of_alarms(alarms: &[Alarm]) -> Self {
        let mut sorted: Vec<&Alarm> = alarms.iter().collect();
        sorted.sort_by_key(|alarm| alarm.id);
        let mut bytes = Vec::with_capacity(alarms.len() * 128);
        for alarm in sorted {
            alarm.absorb(&mut bytes);
        }
        Self::new(alarms.len(), b"strongroom/audit/alarms/v1\0", &bytes)
    }

    pub(crate) fn new(number: usize, label: &[u8], bytes: &[u8]) -> Self {
        if number == 0 {
            return Self::default();
        }
        Self { number: count(number), digest: sha256(&[label, bytes]) }
    }
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
    /// The [`Snapshot`](crate::Snapshot) at that size and head: for SEALED, and for BEHIND without more.
    pub snapshot: Bytes,
    /// Time logged of the log's last entry, nanoseconds since 1970; `i64::MIN` without entries.
    pub last_logged_ns: i64,
    /// The signer's clock, nanoseconds since 1970.
    pub now_ns: i64,
    /// How often an alarm of the log was raised, kept or not, or the log was brought forward.
    pub alarms_raised: u64,
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
    /// RFC 6962 root of the tree over them.
    pub root: Hash,
    /// Time logged of the last entry, nanoseconds since 1970; `i64::MIN` without entries.
    pub last_logged_ns: i64,
    /// Running digest over the entries' MACs.
    pub macs_digest: Hash,
    /// Alarms of the log: all ADVANCED; of the others the open ones first, then the newest of the closed ones.
    pub alarms: Vec<Alarm>,
    /// All alarms of the log that there are, open or closed.
    pub alarms_in_all: u64,
    /// Greatest last index of the alarms that are not listed. `None`: all are, or it was not said.
    pub unlisted_last_index: Option<u64>,
    /// Ranges declared lost, in order.
    pub losses: Vec<Loss>,
    /// Sealed segments above the acknowledged mark, in order.
    pub unacknowledged: Vec<StoredSegment>,
}

/// A length as a count of entries.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
