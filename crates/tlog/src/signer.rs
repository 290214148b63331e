//! The signer's decisions, without I/O: what becomes of a segment, an acknowledgement, a report, an advance, a loss.
//!
//! The store loads, with the log's row locked, a [`Known`] for each log of a call, hands it in, and persists the change
//! that comes out in the same transaction before anything is answered. One query loads many logs:
//!
//! ```sql
//! SELECT … FROM unnest($1::uuid[], $2::bigint[]) AS wanted (log_id, first_index)
//!   JOIN signer_logs USING (log_id)
//!   LEFT JOIN LATERAL (SELECT … FROM signer_segments s WHERE s.log_id = wanted.log_id
//!                      AND s.first_index <= wanted.first_index ORDER BY s.first_index DESC LIMIT 1) at ON true
//!   ORDER BY log_id FOR UPDATE OF signer_logs
//! ```
//!
//! # Layout
//! - [`mod@seal`]: what becomes of a segment
//! - [`marks`]: acknowledgements and reports of what was found in the audit database
//! - [`repair`]: `AdvanceHead` and `DeclareLoss`
//!
//! # What the store must keep
//! The newest segment of a log is never deleted: [`LogState::agrees_with`] holds the state against it.

use names::LogName;

use crate::{
    compact_range::CompactRange,
    hash::{Hash, genesis},
    mac::{MAC_BYTES, Mac, ReadyMacKeyring},
    protocol::{AlarmKind, Loss, Segment, StoredSegment, count},
};

pub mod marks;
pub mod repair;
pub mod seal;

pub use marks::{AckDecision, acknowledge, report};
pub use repair::{AdvanceError, LossError, advance, declare_loss};
pub use seal::{Decision, page, seal};

/// What the signer keeps of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// Head after the last entry.
    pub head: Hash,
    /// Compact range over all entries; its size is the log's.
    pub range: CompactRange,
    /// How far audit-service says it has committed. Never goes down.
    pub acknowledged: u64,
}

impl LogState {
    /// The state of a log before its first segment.
    pub fn empty(log: &LogName) -> Self {
        Self { head: genesis(log), range: CompactRange::new(), acknowledged: 0 }
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.range.size()
    }

    /// Whether the newest stored segment leads to this state. If not, rows of the key database were set back.
    pub fn agrees_with(&self, newest: &SegmentMeta) -> bool {
        newest.end() == self.size() && newest.head == self.head && self.acknowledged <= self.size()
    }
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
    /// The stored segment with the greatest first index that is not above the segment's first index (for an
    /// acknowledgement: that is below its size). `None` if no such segment is kept. Not needed, and may be `None`, where
    /// the first index (the size) is that of the log.
    pub at: Option<SegmentMeta>,
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
    /// The entries' bytes.
    pub entries: Vec<bytes::Bytes>,
    /// Their MACs.
    pub macs: Vec<Mac>,
}

impl Sealing {
    /// The segment as later answers carry it.
    pub fn stored(&self) -> StoredSegment {
        StoredSegment {
            first_index: self.meta.first_index,
            entries: self.entries.clone(),
            macs: self.macs.clone(),
            head: self.meta.head,
        }
    }
}

/// An alarm to keep. The same kind and index of a log is kept once while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    /// What happened.
    pub kind: AlarmKind,
    /// Index it concerns.
    pub first_index: u64,
    /// In words.
    pub detail: &'static str,
}

/// Why a `VerifyMacs` cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyMacsError {
    /// Heads are not 32 bytes each, MACs not 36 bytes each, or there are not as many of both.
    #[error("heads and macs do not pair")]
    Pairs,
    /// More than fit one call, or beyond the last index there can be.
    #[error("too many heads")]
    TooMany,
}

/// Indices, ascending, whose MAC does not verify. `heads` and `macs` stand one after the other, 32 and 36 bytes each.
pub fn verify_macs(
    keys: &ReadyMacKeyring,
    log: &LogName,
    first_index: u64,
    (heads, macs): (&[u8], &[u8]),
) -> Result<Vec<u64>, VerifyMacsError> {
    let (heads, odd_heads) = heads.as_chunks::<32>();
    let (macs, odd_macs) = macs.as_chunks::<MAC_BYTES>();
    if !odd_heads.is_empty() || !odd_macs.is_empty() || heads.len() != macs.len() {
        return Err(VerifyMacsError::Pairs);
    }
    if heads.len() > crate::protocol::MAX_VERIFY_MACS || first_index.checked_add(count(heads.len())).is_none() {
        return Err(VerifyMacsError::TooMany);
    }
    let log_id = crate::hash::log_id(log);
    let verifies =
        |index, head, mac: &[u8]| Mac::from_slice(mac).is_some_and(|mac| keys.verify(log_id, index, head, &mac));
    let pairs = (first_index..).zip(heads.iter().zip(macs));
    Ok(pairs.filter(|(index, (head, mac))| !verifies(*index, *head, *mac)).map(|(index, _)| index).collect())
}

/// Puts entries' bytes into one value for storage: each behind its length as u32.
pub fn pack(entries: &[bytes::Bytes]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 4).sum());
    for entry in entries {
        packed.extend_from_slice(&crate::hash::length_prefix(entry.len()));
        packed.extend_from_slice(entry);
    }
    packed
}

/// Reads what [`pack`] wrote, without copying. `None` if it is damaged.
pub fn unpack(mut packed: bytes::Bytes) -> Option<Vec<bytes::Bytes>> {
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

/// Puts MACs into one value for storage, 36 bytes each.
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
