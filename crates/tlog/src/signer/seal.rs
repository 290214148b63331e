//! What becomes of a segment that audit-service wants sealed.

use bytes::Bytes;

use super::alarms::NewAlarm;
use super::known::{Clock, Known, LogState, SegmentMeta, place};
use crate::chain::{Link, SegmentError, Start, walk};
use crate::compact_range::CompactRange;
use crate::hash::{Hash, log_id};
use crate::mac::{Mac, ReadyMacKey, macs_digest};
use crate::protocol::{
    AlarmKind, Loss, MAX_BEHIND_BYTES, MAX_TIME_AHEAD_NS, SealOutcome, Segment, StoredSegment, count,
};

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

/// What to do about a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Store the segment and the state durably, with the alarm if there is one, then answer SEALED with the state's size
    /// and head, the MACs and the snapshot.
    Seal {
        /// What to store.
        sealing: Box<Sealing>,
        /// The alarm to keep with it.
        alarm: Option<NewAlarm>,
    },
    /// A probe at the log's end: answer SEALED with the state's size, head and snapshot. Nothing to store.
    Probed,
    /// Sealed before: answer SEALED with the stored segment's MACs, its end, its head and its snapshot. Nothing to store.
    Replay {
        /// The stored segment's first index.
        first_index: u64,
    },
    /// Answer BEHIND with one [`page`] of stored segments from here on, and the losses that end after it.
    Behind {
        /// First index that the caller lacks.
        from: u64,
    },
    /// Answer with a refusal, after the alarm, or where the log is stale, is stored.
    Refuse {
        /// AHEAD, FORKED, STALE, TIME, MALFORMED or `PASSED_OVER`.
        outcome: SealOutcome,
        /// The alarm to keep.
        alarm: Option<NewAlarm>,
        /// Why, in words.
        detail: String,
    },
}

/// Decides about a segment. `known` is `None` for a log that the signer has never sealed for.
pub fn seal(known: Option<&Known>, segment: &Segment, key: &ReadyMacKey, clock: Clock) -> Decision {
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
        std::cmp::Ordering::Equal => extend(state, segment, key, clock),
        std::cmp::Ordering::Less => known.map_or(Decision::Probed, |known| earlier(known, segment)),
    }
}

/// Seals the segment at the end of the log.
fn extend(state: &LogState, segment: &Segment, key: &ReadyMacKey, clock: Clock) -> Decision {
    let links = match checked(segment, state.last_logged_ns) {
        Ok(links) => links,
        Err(error @ SegmentError::Time { .. }) => return time(error.to_string()),
        Err(error) => {
            let detail = match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            return Decision::Refuse { outcome: SealOutcome::Malformed, alarm: None, detail };
        }
    };
    let latest = clock.now_ns.saturating_add(MAX_TIME_AHEAD_NS);
    // What is logged at the very time of the entry before costs a true time and nothing more; the log goes on.
    if let Some(link) = links.iter().find(|link| link.logged_ns > latest && link.logged_ns != state.last_logged_ns) {
        return time(format!("entry {} was logged more than a minute ahead of the signer's clock", link.index));
    }
    let alarm = (state.last_logged_ns > latest).then(|| {
        let detail = "the log's time is more than a minute ahead of the signer's clock";
        NewAlarm::at(AlarmKind::Clock, segment.first_index, detail)
    });
    let id = log_id(&segment.log);
    let macs = links.iter().map(|link| key.compute(id, link.index, &link.head)).collect();
    Decision::Seal { sealing: Box::new(sealing(state, segment, &links, macs)), alarm }
}

fn time(detail: String) -> Decision {
    Decision::Refuse { outcome: SealOutcome::Time, alarm: None, detail }
}

/// The state after a segment whose links were checked.
fn sealing(state: &LogState, segment: &Segment, links: &[Link], macs: Vec<Mac>) -> Sealing {
    let mut next = LogState { advanced_to: None, ..state.clone() };
    for (link, mac) in links.iter().zip(&macs) {
        next.range.append(link.leaf);
        next.macs_digest = macs_digest(&next.macs_digest, mac);
        (next.head, next.last_logged_ns) = (link.head, link.logged_ns);
    }
    Sealing {
        meta: SegmentMeta {
            first_index: segment.first_index,
            count: count(links.len()),
            previous_head: segment.previous_head,
            head: next.head,
        },
        state: next,
        range_before: state.range.clone(),
        digest_before: state.macs_digest,
        entries: segment.entries.clone(),
        macs,
    }
}

fn checked(segment: &Segment, last_logged_ns: i64) -> Result<Vec<Link>, SegmentError> {
    let start =
        Start { log_id: log_id(&segment.log), index: segment.first_index, head: segment.previous_head, last_logged_ns };
    walk(start, &segment.entries)
}

/// Decides about a segment that begins before the end of the log.
fn earlier(known: &Known, segment: &Segment) -> Decision {
    let first_index = segment.first_index;
    let place = known.place(first_index);
    if place == known.state.size() {
        return Decision::Behind { from: first_index };
    }
    let Some(at) = &known.at else {
        return stale();
    };
    if place > first_index {
        // Behind a declared loss the log goes on with a segment that is kept, or not at all.
        return if at.first_index == place { Decision::Behind { from: first_index } } else { stale() };
    }
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
    checked(segment, i64::MIN).is_ok_and(|links| links.last().is_some_and(|link| link.head == at.head))
}

/// Whether the segment only asks where the log stands.
fn is_probe(segment: &Segment) -> bool {
    segment.entries.is_empty()
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
    let alarm = Some(NewAlarm::at(kind, segment.first_index, detail));
    Decision::Refuse { outcome, alarm, detail: detail.to_owned() }
}

/// Stored segments of one log, as the store has them.
#[derive(Debug)]
pub struct Stored {
    /// Segments in order.
    pub segments: Vec<StoredSegment>,
    /// Whether the store has more.
    pub more: bool,
}

/// One page of stored segments for an answer BEHIND: those that follow each other from `from` on, but for losses, and
/// whether more follow: also where none is kept of what does, because the log was brought forward there. `budget` begins at
/// [`MAX_BEHIND_BYTES`] for a call and goes down from log to log; the first segment of a call is taken however long it is.
pub fn page(from: u64, stored: Stored, losses: &[Loss], budget: &mut usize) -> Stored {
    let lost = |segment: &StoredSegment| {
        losses.iter().any(|loss| loss.first_index < segment.end() && segment.first_index <= loss.last_index)
    };
    let mut segments = Vec::new();
    let mut next = place(losses, from);
    for segment in stored.segments.into_iter().filter(|segment| segment.first_index >= from && !lost(segment)) {
        let bytes = segment.bytes();
        if segment.first_index != next || (bytes > *budget && *budget < MAX_BEHIND_BYTES) {
            return Stored { segments, more: true };
        }
        next = place(losses, segment.end());
        *budget = budget.saturating_sub(bytes.max(1));
        segments.push(segment);
    }
    Stored { segments, more: stored.more }
}

impl Sealing {
    /// The segment as later answers carry it, with the snapshot after it.
    pub fn stored(&self, snapshot: Bytes) -> StoredSegment {
        StoredSegment {
            first_index: self.meta.first_index,
            entries: self.entries.clone(),
            macs: self.macs.clone(),
            head: self.meta.head,
            snapshot,
        }
    }
}
