//! What becomes of a segment that audit-service wants sealed.

use super::{Known, LogState, NewAlarm, Sealing, SegmentMeta, is_probe};
use crate::{
    chain::{Link, SegmentError, walk},
    hash::log_id,
    mac::ReadyMacKey,
    protocol::{AlarmKind, Loss, MAX_BEHIND_BYTES, SealOutcome, Segment, StoredSegment, count},
};

/// What to do about a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Store the segment and the state durably, then answer SEALED with the state's size and head and the MACs.
    Seal(Box<Sealing>),
    /// A probe at the log's end: answer SEALED with the state's size and head. Nothing to store.
    Probed,
    /// Sealed before: answer SEALED with the stored segment's MACs, its end and its head. Nothing to store.
    Replay {
        /// The stored segment's first index.
        first_index: u64,
    },
    /// Answer BEHIND with one [`page`] of stored segments from here on, and the losses that end after it.
    Behind {
        /// First index that the caller lacks.
        from: u64,
    },
    /// Answer with a refusal, after the alarm, if there is one, is stored.
    Refuse {
        /// AHEAD, FORKED, STALE or MALFORMED.
        outcome: SealOutcome,
        /// The alarm to keep.
        alarm: Option<NewAlarm>,
        /// Why, in words.
        detail: String,
    },
}

/// Decides about a segment. `known` is `None` for a log that the signer has never sealed for.
pub fn seal(known: Option<&Known>, segment: &Segment, key: &ReadyMacKey) -> Decision {
    let empty;
    let state = if let Some(known) = known {
        &known.state
    } else {
        empty = LogState::empty(&segment.log);
        &empty
    };
    match segment.first_index.cmp(&state.size()) {
        std::cmp::Ordering::Greater => refuse(SealOutcome::Ahead, segment, "begins beyond the end of the log"),
        std::cmp::Ordering::Equal if segment.previous_head != state.head => {
            refuse(SealOutcome::Forked, segment, "does not follow the head of the log")
        }
        std::cmp::Ordering::Equal if is_probe(segment) => Decision::Probed,
        std::cmp::Ordering::Equal => extend(state, segment, key),
        std::cmp::Ordering::Less => known.map_or(Decision::Probed, |known| earlier(known, segment)),
    }
}

/// Seals the segment at the end of the log.
fn extend(state: &LogState, segment: &Segment, key: &ReadyMacKey) -> Decision {
    match checked(segment) {
        Err(error) => Decision::Refuse {
            outcome: SealOutcome::Malformed,
            alarm: None,
            detail: match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            },
        },
        Ok(links) => {
            let id = log_id(&segment.log);
            let macs = links.iter().map(|link| key.compute(id, link.index, &link.head)).collect();
            Decision::Seal(Box::new(sealing(state, segment, &links, macs)))
        }
    }
}

/// The state after a segment whose links were checked.
pub(super) fn sealing(state: &LogState, segment: &Segment, links: &[Link], macs: Vec<crate::mac::Mac>) -> Sealing {
    let range_before = state.range.clone();
    let mut range = state.range.clone();
    for link in links {
        range.append(link.leaf);
    }
    let head = links.last().map_or(state.head, |link| link.head);
    Sealing {
        state: LogState { head, range, acknowledged: state.acknowledged },
        meta: SegmentMeta {
            first_index: segment.first_index,
            count: count(links.len()),
            previous_head: segment.previous_head,
            head,
        },
        range_before,
        entries: segment.entries.clone(),
        macs,
    }
}

pub(super) fn checked(segment: &Segment) -> Result<Vec<Link>, SegmentError> {
    walk(log_id(&segment.log), segment.first_index, &segment.previous_head, &segment.entries)
}

/// Decides about a segment that begins before the end of the log.
fn earlier(known: &Known, segment: &Segment) -> Decision {
    let first_index = segment.first_index;
    if known.losses.iter().any(|loss| loss.contains(first_index)) {
        return Decision::Behind { from: first_index };
    }
    let Some(at) = &known.at else {
        return stale();
    };
    if at.first_index == first_index {
        if segment.previous_head != at.previous_head {
            return refuse(SealOutcome::Forked, segment, "does not follow the head that the log had there");
        }
        if replays(segment, at) {
            return Decision::Replay { first_index };
        }
        return Decision::Behind { from: first_index };
    }
    if first_index < at.end() {
        return refuse(SealOutcome::Forked, segment, "begins within a sealed segment");
    }
    stale()
}

/// Whether the segment is, byte for byte, the stored one.
fn replays(segment: &Segment, at: &SegmentMeta) -> bool {
    if is_probe(segment) || count(segment.entries.len()) != at.count {
        return false;
    }
    checked(segment).is_ok_and(|links| links.last().is_some_and(|link| link.head == at.head))
}

fn stale() -> Decision {
    Decision::Refuse {
        outcome: SealOutcome::Stale,
        alarm: None,
        detail: "begins before the segments that are kept".to_owned(),
    }
}

fn refuse(outcome: SealOutcome, segment: &Segment, detail: &'static str) -> Decision {
    let kind = if outcome == SealOutcome::Ahead { AlarmKind::Ahead } else { AlarmKind::Forked };
    let alarm = Some(NewAlarm { kind, first_index: segment.first_index, detail });
    Decision::Refuse { outcome, alarm, detail: detail.to_owned() }
}

/// One page of stored segments for an answer BEHIND, and whether more follow: those from `from` on that no loss covers.
/// `stored` is in order; `stored_more` says that the store has more. `budget` begins at [`MAX_BEHIND_BYTES`] for a call and
/// goes down from log to log; the first segment of a call is taken however long it is.
pub fn page(
    from: u64,
    (stored, stored_more): (Vec<StoredSegment>, bool),
    losses: &[Loss],
    budget: &mut usize,
) -> (Vec<StoredSegment>, bool) {
    let lost = |segment: &StoredSegment| {
        losses.iter().any(|loss| loss.first_index < segment.end() && segment.first_index <= loss.last_index)
    };
    let mut page = Vec::new();
    for segment in stored.into_iter().filter(|segment| segment.first_index >= from && !lost(segment)) {
        let bytes = segment.bytes();
        if bytes > *budget && *budget < MAX_BEHIND_BYTES {
            return (page, true);
        }
        *budget = budget.saturating_sub(bytes.max(1));
        page.push(segment);
    }
    (page, stored_more)
}
