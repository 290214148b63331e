//! What operators do after a restore: bring the signer forward to what it had known, or state a loss.

use names::LogName;

use super::{Clock, Known, LogState, NewAlarm, SegmentMeta};
use crate::{
    compact_range::CompactRange,
    consistency::{Tree, verify},
    hash::{Hash, log_id},
    protocol::{AlarmKind, Loss, MAX_LOSSES, Tally},
    snapshot::Snapshot,
};

/// What vouches that a snapshot continues what the signer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// RFC 6962 consistency proof between the signer's tree and the snapshot's.
    Consistency(Vec<Hash>),
    /// An operator, who brings size and head from outside, because what lies between is lost or pruned.
    Operator {
        /// Number of entries that the log had.
        size: u64,
        /// Head after them.
        head: Hash,
    },
}

/// Why a log is not advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// The snapshot is another log's.
    #[error("the snapshot is that of another log")]
    Log,
    /// The snapshot is not beyond what the signer has, which it does not contradict.
    #[error("the signer has {size} entries already")]
    NotBeyond {
        /// The signer's size.
        size: u64,
    },
    /// The snapshot contradicts what the signer has: another history.
    #[error("the snapshot does not continue what the signer has sealed")]
    Forked,
    /// Size and head from outside are not the snapshot's.
    #[error("size and head are not those of the snapshot")]
    Expectation,
}

/// A log brought forward, to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advancing {
    /// The new state, with its alarms still to be set ([`LogState::set_alarms`]).
    pub state: LogState,
    /// All losses of the log from now on.
    pub losses: Vec<Loss>,
    /// Alarms to keep: ADVANCED where only an operator vouches for the range, or alarms of the lost time are gone.
    pub alarms: Vec<NewAlarm>,
}

/// Brings a log forward to a snapshot whose MAC was checked. `known` is `None` for a log that the signer does not know;
/// `known.at` is the stored segment with the greatest first index below the snapshot's size. Open alarms
/// [`AlarmKind::Ahead`] up to the new size are explained by it: the store closes them.
pub fn advance(
    log: &LogName,
    known: Option<&Known>,
    snapshot: &Snapshot,
    proof: &Proof,
    clock: Clock,
) -> Result<Advancing, AdvanceError> {
    let empty = Known { state: LogState::empty(log), losses: Vec::new(), at: None };
    let known = known.unwrap_or(&empty);
    let (state, size) = (&known.state, snapshot.size());
    if snapshot.log_id != log_id(log) {
        return Err(AdvanceError::Log);
    }
    if size <= state.size() {
        let at = known.at.as_ref().filter(|at| at.end() == size).map(|at| at.head);
        let same = if size == state.size() { Some(state.head) } else { at };
        let forked = same.is_some_and(|head| head != snapshot.head);
        return Err(if forked { AdvanceError::Forked } else { AdvanceError::NotBeyond { size: state.size() } });
    }
    let mut alarms = Vec::new();
    let mut keep = |detail: &str| {
        let (first_index, last_index) = (state.size(), size.saturating_sub(1));
        alarms.push(NewAlarm { kind: AlarmKind::Advanced, first_index, last_index, detail: detail.to_owned() });
    };
    match proof {
        Proof::Consistency(hashes) => {
            let own = Tree { size: state.size(), root: state.range.root() };
            let theirs = Tree { size, root: snapshot.range.root() };
            if !verify(own, theirs, hashes) {
                return Err(AdvanceError::Forked);
            }
            if snapshot.alarms != state.alarms {
                keep("alarms that the signer had kept of these entries are gone");
            }
        }
        Proof::Operator { size, head } => {
            if (*size, *head) != (snapshot.size(), snapshot.head) {
                return Err(AdvanceError::Expectation);
            }
            keep("the signer was brought here on an operator's word: nothing shows what lay between");
        }
    }
    let next = LogState {
        head: snapshot.head,
        range: snapshot.range.clone(),
        last_logged_ns: snapshot.last_logged_ns,
        macs_digest: snapshot.macs_digest,
        prune_mark: snapshot.prune_mark.clone(),
        acknowledged: size,
        agreed_ns: clock.now_ns,
        stale_at: None,
        explained_from: None,
        advanced_to: Some(size),
        losses: Tally::of_losses(&snapshot.losses),
        ..state.clone()
    };
    Ok(Advancing { state: next, losses: snapshot.losses.clone(), alarms })
}

/// Why a loss is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LossError {
    /// The range is empty or ends beyond the log.
    #[error("the range is not within the log")]
    Range,
    /// audit-service was not refused for lack of entries: nothing is lost.
    #[error("audit-service lacks no entries that the signer does not keep: there is nothing to declare lost")]
    NothingLost,
    /// The log would not get out from there.
    #[error("the range must begin at {first_index}, where audit-service's entries end")]
    Beginning {
        /// The first index that works.
        first_index: u64,
    },
    /// The range does not end at the log's last entry nor one before a stored segment.
    #[error("the range must end at the last entry of the log or one before a segment that is kept")]
    Boundary,
    /// The range covers a part of one that was declared before, and not all of it.
    #[error("the range must not cover only a part of one that was declared before")]
    Overlap,
    /// The log has as many losses as are kept.
    #[error("the log has {MAX_LOSSES} declared losses already")]
    TooMany,
}

/// A range of entries, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRange {
    /// First index.
    pub first_index: u64,
    /// Last index.
    pub last_index: u64,
}

/// A stored segment behind a range that is to be declared lost.
#[derive(Clone, Copy, Debug)]
pub struct Following<'a> {
    /// The segment.
    pub meta: &'a SegmentMeta,
    /// Compact range before it.
    pub range_before: &'a CompactRange,
    /// Running digest of MACs before it.
    pub digest_before: Hash,
}

/// The loss to keep, and the state with it. `next` is the stored segment that begins at `last_index + 1`, if one is kept.
/// A loss may be declared again to cover more.
pub fn declare_loss(
    known: &Known,
    lost: EntryRange,
    next: Option<Following<'_>>,
    clock: Clock,
) -> Result<(LogState, Loss), LossError> {
    let size = known.state.size();
    let EntryRange { first_index, last_index } = lost;
    if first_index > last_index || last_index >= size {
        return Err(LossError::Range);
    }
    let stale_at = known.state.stale_at.ok_or(LossError::NothingLost)?;
    if first_index != stale_at {
        return Err(LossError::Beginning { first_index: stale_at });
    }
    let touches = |loss: &&Loss| loss.first_index <= last_index && first_index <= loss.last_index;
    let covers = |loss: &Loss| first_index <= loss.first_index && loss.last_index <= last_index;
    if known.losses.iter().filter(touches).any(|loss| !covers(loss)) {
        return Err(LossError::Overlap);
    }
    if known.losses.len() >= MAX_LOSSES {
        return Err(LossError::TooMany);
    }
    let end = last_index + 1;
    let (head, range, macs_digest) = match next {
        _ if end == size => (known.state.head, known.state.range.clone(), known.state.macs_digest),
        Some(next) if next.meta.first_index == end && next.range_before.size() == end => {
            (next.meta.previous_head, next.range_before.clone(), next.digest_before)
        }
        _ => return Err(LossError::Boundary),
    };
    let loss = Loss { first_index, last_index, head, range, macs_digest, declared_ns: clock.now_ns };
    let mut losses = known.losses.clone();
    losses.push(loss.clone());
    losses.sort_by_key(|loss| (loss.first_index, loss.last_index));
    let state = LogState {
        stale_at: None,
        explained_from: Some(known.state.explained_from.map_or(first_index, |from| from.min(first_index))),
        losses: Tally::of_losses(&losses),
        ..known.state.clone()
    };
    Ok((state, loss))
}
