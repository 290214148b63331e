//! What operators do after a restore: bring the signer forward to what it had known, or state a loss.

use names::LogName;
use uuid::Uuid;

use super::alarms::NewAlarm;
use super::known::{Clock, Known, LogState, SegmentMeta};
use crate::compact_range::CompactRange;
use crate::consistency::verify;
use crate::hash::{Hash, log_id};
use crate::mac::MacVersion;
use crate::protocol::{Alarm, AlarmKind, Loss, MAX_LOSSES, MAX_TIME_AHEAD_NS, Tally};
use crate::snapshot::{Snapshot, SnapshotError};

/// What vouches that a snapshot continues what the signer has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Proof that the snapshot's tree continues the signer's own ([`crate::consistency`]).
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
    /// What is offered begins at another size than the signer's: it was made for what another process said, or before.
    #[error("what is offered begins at another size than the signer's, which has {size} entries")]
    Beginning {
        /// The signer's size.
        size: u64,
    },
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
    #[error("size and head are not those of the snapshot, which is one of {size} entries")]
    Expectation {
        /// The snapshot's size.
        size: u64,
    },
    /// The version of the MAC key that the snapshot names is not here, and no operator vouches for what it says.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The time of the last entry, which only an operator vouches for, cannot be.
    #[error("the snapshot's last entry is logged before the signer's own, or more than a minute ahead of its clock")]
    Time,
}

/// A log brought forward, to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advancing {
    /// The new state, with its alarms still to be set ([`LogState::set_alarms`]).
    pub state: LogState,
    /// All losses of the log from now on.
    pub losses: Vec<Loss>,
    /// Open alarms AHEAD that it explains: the store closes them.
    pub explained: Vec<Uuid>,
    /// The alarm to keep: ADVANCED where only an operator vouches for the range, or alarms of the lost time are gone or changed.
    pub alarm: Option<NewAlarm>,
}

/// What an operator offers to bring a log forward.
#[derive(Clone, Copy, Debug)]
pub struct Advance<'a> {
    /// The log.
    pub log: &'a LogName,
    /// What the signer had known of it; its MAC was checked, or cannot be.
    pub snapshot: &'a Snapshot,
    /// The version of the MAC key that it names, where the signer does not have that: what it says is only a claim.
    pub unknown_version: Option<MacVersion>,
    /// Size of the signer's log that the offer was made for: where the proof begins.
    pub from: u64,
    /// What vouches for it.
    pub proof: &'a Proof,
}

/// Brings a log forward to a snapshot. `known` is `None` for a log that the signer does not know; `known.at` is the stored
/// segment with the greatest first index below the snapshot's size. `alarms` are all that are kept of the log.
pub fn advance(
    known: Option<&Known>,
    alarms: &[Alarm],
    offered: Advance<'_>,
    clock: Clock,
) -> Result<Advancing, AdvanceError> {
    let Advance { log, snapshot, unknown_version, from, proof } = offered;
    let empty = Known { state: LogState::empty(log), losses: Vec::new(), at: None };
    let known = known.unwrap_or(&empty);
    let (state, size) = (&known.state, snapshot.size());
    if snapshot.log_id != log_id(log) {
        return Err(AdvanceError::Log);
    }
    let claimed = unknown_version.map(|version| vouched_for(known, offered, version, clock)).transpose()?;
    let snapshot = claimed.as_ref().unwrap_or(snapshot);
    if from != state.size() {
        return Err(AdvanceError::Beginning { size: state.size() });
    }
    if size <= state.size() {
        let at = known.at.as_ref().filter(|at| at.end() == size).map(|at| at.head);
        let same = if size == state.size() { Some(state.head) } else { at };
        let forked = same.is_some_and(|head| head != snapshot.head);
        return Err(if forked { AdvanceError::Forked } else { AdvanceError::NotBeyond { size: state.size() } });
    }
    let explained = |alarm: &&Alarm| alarm.is_open() && alarm.kind == AlarmKind::Ahead && alarm.first_index <= size;
    let explained: Vec<Uuid> = alarms.iter().filter(explained).map(|alarm| alarm.id).collect();
    let detail = match proof {
        Proof::Consistency(hashes) => {
            if !verify(&state.range, &snapshot.range, hashes) {
                return Err(AdvanceError::Forked);
            }
            let gone = "alarms that the signer had kept are gone, or are not as they were";
            (!has_all_alarms(snapshot, alarms, &explained)).then_some(gone)
        }
        Proof::Operator { size, head } if (*size, *head) != (snapshot.size(), snapshot.head) => {
            return Err(AdvanceError::Expectation { size: snapshot.size() });
        }
        Proof::Operator { .. } if claimed.is_some() => Some(
            "the signer was brought here on an operator's word alone: the key that vouches for the snapshot is not here",
        ),
        Proof::Operator { .. } => {
            Some("the signer was brought here on an operator's word: nothing shows what lay between")
        }
    };
    let (first_index, last_index) = (state.size(), size.saturating_sub(1));
    let advanced = |detail: &str| NewAlarm {
        kind: AlarmKind::Advanced,
        first_index,
        last_index,
        detail: detail.to_owned(),
        head: Some(state.head),
    };
    Ok(Advancing {
        state: advanced_state(state, snapshot),
        losses: snapshot.losses.clone(),
        explained,
        alarm: detail.map(advanced),
    })
}

/// What counts of a snapshot whose MAC cannot be checked: size and head, which must be those that an operator brings, and compact
/// range, digest of MACs and time, which show by the entries before that head whether they are true. Losses and the prune mark
/// excuse that entries are missing: the signer's own stay, and what the snapshot says of them is not taken.
fn vouched_for(
    known: &Known,
    offered: Advance<'_>,
    version: MacVersion,
    clock: Clock,
) -> Result<Snapshot, AdvanceError> {
    let Advance { snapshot, proof, .. } = offered;
    let Proof::Operator { size, head } = proof else { return Err(SnapshotError::UnknownVersion(version).into()) };
    if (*size, *head) != (snapshot.size(), snapshot.head) {
        return Err(AdvanceError::Expectation { size: snapshot.size() });
    }
    // A time that was made up would be that of every entry from then on.
    let earliest = known.state.last_logged_ns;
    let latest = earliest.max(clock.now_ns.saturating_add(MAX_TIME_AHEAD_NS));
    if !(earliest..=latest).contains(&snapshot.last_logged_ns) {
        return Err(AdvanceError::Time);
    }
    let (prune_mark, losses) = (known.state.prune_mark.clone(), known.losses.clone());
    Ok(Snapshot { prune_mark, losses, ..snapshot.clone() })
}

/// Whether the alarms that the snapshot knew are there, as they were: those that were raised first. While the log waited for
/// being brought forward, audit-service was refused as AHEAD, a wrong proof may have been offered, and alarms may have been
/// closed: all that came after. Ids do not tell what came first, they are made by each replica's own clock; the database's does,
/// unless it was set back, and then the alarms that `explained` names are known to have come after all the same.
fn has_all_alarms(snapshot: &Snapshot, alarms: &[Alarm], explained: &[Uuid]) -> bool {
    let unexplained = alarms.iter().filter(|alarm| !explained.contains(&alarm.id)).cloned();
    begin_with(snapshot.alarms, alarms.to_vec()) || begin_with(snapshot.alarms, unexplained.collect())
}

/// Whether the first of the alarms have this tally, as they are or before the last of them were closed.
fn begin_with(tally: Tally, mut alarms: Vec<Alarm>) -> bool {
    alarms.sort_by_key(|alarm| (alarm.raised_ns, alarm.id));
    let Some(first) = usize::try_from(tally.number).ok().and_then(|number| alarms.get_mut(..number)) else {
        return false;
    };
    loop {
        if Tally::of_alarms(first) == tally {
            return true;
        }
        let closed_ns = |alarm: &Alarm| alarm.closing.as_ref().map(|closing| closing.closed_ns);
        let Some(last) = first.iter().filter_map(closed_ns).max() else { return false };
        first.iter_mut().filter(|alarm| closed_ns(alarm) == Some(last)).for_each(|alarm| alarm.closing = None);
    }
}

/// Nothing but an acknowledgement shows that the rows are there, too.
fn advanced_state(state: &LogState, snapshot: &Snapshot) -> LogState {
    let mut advanced = LogState {
        head: snapshot.head,
        range: snapshot.range.clone(),
        last_logged_ns: snapshot.last_logged_ns,
        macs_digest: snapshot.macs_digest,
        prune_mark: snapshot.prune_mark.clone(),
        acknowledged: snapshot.size(),
        stale_at: None,
        explained_from: None,
        advanced_to: Some(snapshot.size()),
        losses: Tally::of_losses(&snapshot.losses),
        ..state.clone()
    };
    advanced.disagree(1);
    advanced
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
    /// The range ends within one that was declared before.
    #[error("the range must not end within one that was declared before")]
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
/// A loss may be declared again to cover more, and from where rows that were set back end within it.
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
    if known.losses.iter().any(|loss| loss.contains(last_index) && loss.last_index != last_index) {
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
