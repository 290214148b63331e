//! Known and repeated event ids: an event that is in the log already gets its receipt again, and never a second entry.

use std::collections::{HashMap, VecDeque};

use names::{EventId, LogName};

use super::{Built, EventResult, KnownRow, Locked, LogWork, Pending, Refusal, build, mac};
use crate::{
    append::AppendError,
    entry::{Entry, decode},
    event::Event,
    hash::{Hash, chain_head, leaf_hash},
    mac::Mac,
};

/// A MAC to have checked by the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacCheck {
    /// The log.
    pub log: LogName,
    /// Index of the entry.
    pub index: u64,
    /// Head after it, as its own bytes say.
    pub head: Hash,
    /// The MAC of its row.
    pub mac: Mac,
}

/// A batch whose event ids were looked up.
#[derive(Debug)]
pub struct Matched {
    logs: Vec<LogWork>,
    results: Vec<(u64, EventResult)>,
    checks: Vec<MacCheck>,
    claims: Vec<Claim>,
}

/// An event whose id a row has, which holds if the row's MAC verifies.
#[derive(Debug)]
struct Claim {
    log: usize,
    pending: Pending,
    result: EventResult,
    index: u64,
}

impl Locked {
    /// Goes on with the rows that have event ids of the batch.
    pub fn known(self, rows: Vec<KnownRow>) -> Matched {
        let mut known: HashMap<_, KnownRow> = rows.into_iter().map(|row| ((row.log_id, row.event_id), row)).collect();
        let mut matched = Matched { logs: self.logs, results: self.results, checks: Vec::new(), claims: Vec::new() };
        for position in 0..matched.logs.len() {
            matched.log(position, &mut known);
        }
        matched
    }
}

impl Matched {
    fn log(&mut self, position: usize, known: &mut HashMap<(names::LogId, EventId), KnownRow>) {
        let Some(log) = self.logs.get_mut(position) else { return };
        let events = std::mem::take(&mut log.events);
        let mut first: HashMap<EventId, usize> = HashMap::with_capacity(events.len());
        let mut kept = VecDeque::with_capacity(events.len());
        for pending in events {
            let id = pending.event.event_id;
            if let Some(row) = known.get(&(log.row.log_id, id)) {
                match matches(&pending.event, row) {
                    Match::Row { index, head, mac, same } => {
                        let result = if same {
                            EventResult::Receipt { index }
                        } else {
                            EventResult::Refused(Refusal::EventIdReused)
                        };
                        self.checks.push(MacCheck { log: log.log.clone(), index, head, mac });
                        self.claims.push(Claim { log: position, pending, result, index });
                    }
                    Match::Forged => {
                        log.suppressed.get_or_insert(u64::try_from(row.index).unwrap_or(0));
                        self.results.push((pending.ticket, EventResult::Quarantined));
                    }
                }
                continue;
            }
            if let Some(earlier) = first.get(&id).and_then(|at| kept.get(*at)) {
                let earlier: &Pending = earlier;
                if earlier.event != pending.event {
                    self.results.push((pending.ticket, EventResult::Refused(Refusal::EventIdReused)));
                    continue;
                }
                // The same event twice in a batch: the second takes part in the next batch, where it finds the first.
            } else {
                first.insert(id, kept.len());
            }
            kept.push_back(pending);
        }
        log.events = kept;
    }

    /// The MACs that the signer is to check.
    pub fn checks(&self) -> &[MacCheck] {
        &self.checks
    }

    /// Goes on with the signer's answers about [`Matched::checks`], in their order, and builds entries logged at `now_ns`.
    pub fn checked(mut self, valid: &[bool], now_ns: i64) -> Result<Built, AppendError> {
        if valid.len() != self.claims.len() {
            return Err(AppendError::Answers);
        }
        for (claim, valid) in self.claims.into_iter().zip(valid) {
            if *valid {
                self.results.push((claim.pending.ticket, claim.result));
                continue;
            }
            self.results.push((claim.pending.ticket, EventResult::Quarantined));
            if let Some(log) = self.logs.get_mut(claim.log) {
                log.suppressed.get_or_insert(claim.index);
            }
        }
        Ok(build::build(self.logs, self.results, now_ns))
    }
}

enum Match {
    /// The row holds an entry with the event's id: to be believed if its MAC verifies.
    Row { index: u64, head: Hash, mac: Mac, same: bool },
    /// The row says of itself that it is something else.
    Forged,
}

fn matches(event: &Event, row: &KnownRow) -> Match {
    let (Ok(entry), Some(mac)) = (decode(&row.entry), mac(&row.mac)) else { return Match::Forged };
    let place = entry.place;
    if place.log_id != row.log_id || i64::try_from(place.index) != Ok(row.index) || entry.event_id != event.event_id {
        return Match::Forged;
    }
    let head = chain_head(place.log_id, place.index, &place.previous_head, &leaf_hash(&row.entry));
    Match::Row { index: place.index, head, mac, same: is_event(&entry, event) }
}

fn is_event(entry: &Entry<'_>, event: &Event) -> bool {
    entry.event() == *event
}
