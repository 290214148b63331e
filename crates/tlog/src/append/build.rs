//! Entries at exactly the locked size, and the request that has them sealed.

use std::collections::{HashSet, VecDeque};

use bytes::Bytes;

use super::batch::LogWork;
use super::pending::{EventResult, Pending};
use super::times::Times;
use crate::entry::{Place, encode};
use crate::hash::{Hash, chain_head, leaf_hash};
use crate::protocol::{MAX_SEAL_BYTES, MAX_SEAL_ENTRIES, Segment};

/// A batch whose entries are built.
#[derive(Debug)]
pub struct Built {
    pub(super) logs: Vec<BuiltLog>,
    pub(super) results: Vec<(u64, EventResult)>,
    pub(super) again: Vec<Pending>,
    segments: Vec<Segment>,
}

/// One log's part.
#[derive(Debug)]
pub(super) struct BuiltLog {
    pub(super) work: LogWork,
    /// Events in the segment, in its order.
    pub(super) events: Vec<Pending>,
    pub(super) entries: Vec<Bytes>,
    pub(super) head: Hash,
    /// When the entries are logged, nanoseconds since 1970.
    pub(super) logged_ns: i64,
    /// Whether the signer is asked about it.
    pub(super) asked: bool,
}

impl Built {
    /// The segments to seal, at most one for each log. Where there is none, go on with no answers.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

pub(super) fn build(logs: Vec<LogWork>, mut results: Vec<(u64, EventResult)>, times: &Times) -> Built {
    let mut budget = Budget { entries: MAX_SEAL_ENTRIES, bytes: MAX_SEAL_BYTES };
    let mut again = Vec::new();
    let mut segments = Vec::new();
    let mut built_logs = Vec::with_capacity(logs.len());
    for mut work in logs {
        let events = std::mem::take(&mut work.events);
        let built = if work.suppressed.is_some() {
            results.extend(events.into_iter().map(|pending| (pending.ticket, EventResult::Quarantined)));
            BuiltLog::nothing(work)
        } else {
            build_log(work, events, times, &mut budget, &mut again)
        };
        if built.asked {
            segments.push(Segment {
                log: built.work.log.clone(),
                first_index: built.work.row.size,
                previous_head: built.work.row.head,
                entries: built.entries.clone(),
            });
        }
        built_logs.push(built);
    }
    Built { logs: built_logs, results, again, segments }
}

struct Budget {
    entries: usize,
    bytes: usize,
}

impl BuiltLog {
    fn nothing(work: LogWork) -> Self {
        let head = work.row.head;
        Self { work, events: Vec::new(), entries: Vec::new(), head, logged_ns: i64::MIN, asked: false }
    }
}

fn build_log(
    work: LogWork,
    events: VecDeque<Pending>,
    times: &Times,
    budget: &mut Budget,
    again: &mut Vec<Pending>,
) -> BuiltLog {
    let mut built = BuiltLog::nothing(work);
    let logged_ns = times.of(&built.work.log);
    built.logged_ns = logged_ns;
    let mut index = built.work.row.size;
    let mut ids = HashSet::with_capacity(events.len());
    let mut full = false;
    for pending in events {
        // An event that is to be alone is so: it begins a segment, and nothing follows it.
        full = full || (pending.alone && !built.events.is_empty());
        if full || !ids.insert(pending.event.event_id) {
            again.push(pending);
            continue;
        }
        let place = Place { log_id: built.work.row.log_id, index, previous_head: built.head, logged_ns };
        let entry = encode(&place, &pending.event);
        if budget.entries == 0 || budget.bytes < entry.len() {
            full = true;
            again.push(pending);
            continue;
        }
        budget.entries -= 1;
        budget.bytes -= entry.len();
        built.head = chain_head(place.log_id, index, &built.head, &leaf_hash(&entry));
        index = index.saturating_add(1);
        full = pending.alone;
        built.entries.push(entry);
        built.events.push(pending);
    }
    built.asked = !built.entries.is_empty() || built.work.probe;
    built
}
