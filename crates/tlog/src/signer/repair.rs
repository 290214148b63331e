//! What operators do after a restore: bring the signer forward with entries that carry its own MACs, or state a loss.

use names::LogName;

use super::{Known, LogState, Sealing, SegmentMeta, seal};
use crate::{
    chain::SegmentError,
    compact_range::CompactRange,
    hash::log_id,
    mac::{Mac, ReadyMacKeyring},
    protocol::{Loss, Segment},
};

/// Why a log is not advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// There are no entries, or not as many MACs.
    #[error("as many macs as entries are required, at least one")]
    Pairs,
    /// The first index is not the log's size.
    #[error("entries must begin at the size of the log")]
    FirstIndex,
    /// The previous head is not the log's.
    #[error("entries do not follow the head of the log")]
    Head,
    /// The entries are no segment.
    #[error("entries are not a segment of the log")]
    Segment(#[source] SegmentError),
    /// A MAC is not the signer's own.
    #[error("mac of entry {index} does not verify")]
    Mac {
        /// Index of the entry.
        index: u64,
    },
}

/// Brings a log forward with entries that carry the signer's own MACs. `known` is `None` for a log that the signer does
/// not know. Alarms [`crate::protocol::AlarmKind::Ahead`] up to the new size are explained by it: the store closes them.
pub fn advance(
    known: Option<&Known>,
    segment: &Segment,
    macs: &[Mac],
    keys: &ReadyMacKeyring,
) -> Result<Sealing, AdvanceError> {
    let state = known.map_or_else(|| LogState::empty(&segment.log), |known| known.state.clone());
    if segment.entries.is_empty() || segment.entries.len() != macs.len() {
        return Err(AdvanceError::Pairs);
    }
    if segment.first_index != state.size() {
        return Err(AdvanceError::FirstIndex);
    }
    if segment.previous_head != state.head {
        return Err(AdvanceError::Head);
    }
    let links = seal::checked(segment).map_err(AdvanceError::Segment)?;
    let id = log_id(&segment.log);
    for (link, mac) in links.iter().zip(macs) {
        if !keys.verify(id, link.index, &link.head, mac) {
            return Err(AdvanceError::Mac { index: link.index });
        }
    }
    Ok(seal::sealing(&state, segment, &links, macs.to_vec()))
}

/// Why a loss is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossError {
    /// The range is empty or ends beyond the log.
    #[error("range is not within the log")]
    Range,
    /// The range does not end at the log's last entry nor one before a stored segment.
    #[error("range must end at the last entry of the log or one before a stored segment")]
    Boundary,
    /// The range overlaps one that was declared before.
    #[error("range overlaps a loss that was declared before")]
    Overlap,
}

/// The loss to keep. `next` is the stored segment that begins at `last_index + 1`, if one is kept, with the compact range
/// before it. Whether or not a range is named, the store closes the log's open alarms of rollback and suppression.
pub fn declare_loss(
    known: &Known,
    (first_index, last_index): (u64, u64),
    next: Option<(&SegmentMeta, &CompactRange)>,
    declared_ns: i64,
) -> Result<Loss, LossError> {
    let size = known.state.size();
    if first_index > last_index || last_index >= size {
        return Err(LossError::Range);
    }
    if known.losses.iter().any(|loss| loss.first_index <= last_index && first_index <= loss.last_index) {
        return Err(LossError::Overlap);
    }
    let end = last_index + 1;
    let (head, range) = match next {
        _ if end == size => (known.state.head, known.state.range.clone()),
        Some((meta, range)) if meta.first_index == end && range.size() == end => (meta.previous_head, range.clone()),
        _ => return Err(LossError::Boundary),
    };
    Ok(Loss { first_index, last_index, head, range, declared_ns })
}

/// The state of a log that the signer does not know yet.
pub fn unknown(log: &LogName) -> Known {
    Known { state: LogState::empty(log), losses: Vec::new(), at: None }
}
