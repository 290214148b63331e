//! Known and repeated event ids: an event that is in the log already gets its receipt again, and never a second entry.

use std::collections::{HashMap, VecDeque};

use names::{EventId, LogId, LogName};

use super::batch::{AppendError, KnownRow, Locked, LogWork, Newest};
use super::build::{Built, build};
use super::pending::{EventResult, Pending, Refusal};
use super::times::Times;
use crate::entry::decode;
use crate::event::Event;
use crate::hash::{Hash, chain_head, leaf_hash};
use crate::mac::{Mac, MacVerdict};

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

/// Rows by log and event id: one for each producer that gave that id.
type KnownRows = HashMap<(LogId, EventId), Vec<KnownRow>>;

impl Newest {
    /// Goes on with the rows that have event ids of the batch, whoever's events they are.
    pub fn known(self, rows: Vec<KnownRow>) -> Matched {
        let mut known = KnownRows::new();
        for row in rows {
            known.entry((row.log_id, row.event_id)).or_default().push(row);
        }
        let Locked { logs, results } = self.locked;
        let mut matched = Matched { logs, results, checks: Vec::new(), claims: Vec::new() };
        for position in 0..matched.logs.len() {
            matched.log(position, &known);
        }
        matched
    }
}

impl Matched {
    fn log(&mut self, position: usize, known: &KnownRows) {
        let Some(log) = self.logs.get_mut(position) else { return };
        let events = std::mem::take(&mut log.events);
        let mut first: HashMap<EventId, usize> = HashMap::with_capacity(events.len());
        let mut kept = VecDeque::with_capacity(events.len());
        for pending in events {
            let id = pending.event.event_id;
            let rows = known.get(&(log.row.log_id, id)).map(Vec::as_slice).unwrap_or_default();
            match matches(&pending.event, rows) {
                Match::None => {}
                Match::Row { index, head, mac, same } => {
                    let result = if same {
                        EventResult::Receipt { index }
                    } else {
                        EventResult::Refused(Refusal::EventIdReused)
                    };
                    self.checks.push(MacCheck { log: log.log.clone(), index, head, mac });
                    self.claims.push(Claim { log: position, pending, result, index });
                    continue;
                }
                Match::Forged { index } => {
                    log.suppressed.get_or_insert(u64::try_from(index).unwrap_or(0));
                    self.results.push((pending.ticket, EventResult::Quarantined));
                    continue;
                }
            }
            if let Some(earlier) = first.get(&id).and_then(|at| kept.get(*at)) {
                let earlier: &Pending = earlier;
                if earlier.event.producer == pending.event.producer && !earlier.event.is_same(&pending.event) {
                    self.results.push((pending.ticket, EventResult::Refused(Refusal::EventIdReused)));
                    continue;
                }
                // The same id twice in a batch: the second takes part in the next batch, where it finds the first.
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

    /// Goes on with the signer's answers about [`Matched::checks`], in their order, and builds entries.
    pub fn checked(mut self, macs: &[MacVerdict], times: &Times) -> Result<Built, AppendError> {
        if macs.len() != self.claims.len() {
            return Err(AppendError::Answers);
        }
        for (claim, verdict) in self.claims.into_iter().zip(macs) {
            let result = match verdict {
                MacVerdict::Valid => claim.result,
                // Neither a receipt nor an alarm: the key that could tell is not there.
                MacVerdict::UnknownVersion
                    if !self.logs.get(claim.log).is_some_and(|log| log.ends_before(claim.index)) =>
                {
                    EventResult::Undecided
                }
                // Behind the end of a log that is locked there is no entry, whatever key its MAC names.
                MacVerdict::UnknownVersion | MacVerdict::Wrong => {
                    if let Some(log) = self.logs.get_mut(claim.log) {
                        log.suppressed.get_or_insert(claim.index);
                    }
                    EventResult::Quarantined
                }
            };
            self.results.push((claim.pending.ticket, result));
        }
        Ok(build(self.logs, self.results, times))
    }
}

enum Match {
    /// No row holds an event of this producer with this id.
    None,
    /// The row holds an entry of the producer with the event's id: to be believed if its MAC verifies.
    Row { index: u64, head: Hash, mac: Mac, same: bool },
    /// The row says of itself that it is something else.
    Forged { index: i64 },
}

fn matches(event: &Event, rows: &[KnownRow]) -> Match {
    for row in rows {
        let forged = Match::Forged { index: row.index };
        let (Ok(entry), Some(mac)) = (decode(&row.entry), Mac::from_slice(&row.mac)) else { return forged };
        let place = entry.place;
        if place.log_id != row.log_id || i64::try_from(place.index) != Ok(row.index) || entry.event_id != event.event_id
        {
            return forged;
        }
        if entry.producer == event.producer {
            let head = chain_head(place.log_id, place.index, &place.previous_head, &leaf_hash(&row.entry));
            return Match::Row { index: place.index, head, mac, same: entry.is_of(event) };
        }
    }
    Match::None
}
