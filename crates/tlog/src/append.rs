//! The appending side's decisions, without I/O: one transaction over several logs, from events to receipts.
//!
//! audit-service drives a [`Batch`] through its stages; each stage is a type, so that none can be skipped:
//!
//! ```text
//!  Batch::new(events)                     BEGIN (READ COMMITTED)
//!    .logs()                              INSERT absent logs (size 0, genesis) … ON CONFLICT DO NOTHING
//!    .locked(rows)        → Locked        SELECT … FROM logs … ORDER BY log_id FOR UPDATE
//!    .newest(ids)         → Newest        the greatest event id of each log, in a statement sent after the locks are held
//!    .event_ids()                         SELECT … FROM entries WHERE (log_id, event_id) …   likewise
//!    .known(rows)         → Matched       VerifyMacs for each of .checks() (rare: only for events delivered twice)
//!    .checked(macs, times)→ Built         SealBatch(.segments()), deadline 1 s
//!    .answered(answers)   → Writes        if .rollbacks() is not empty: a statement on this very transaction (the locks
//!                                         still hold), then SealBatch { rollbacks }, before anything is committed
//!                                         INSERT .rows(), UPDATE .logs(), COMMIT
//!    .committed()         → Done          receipts, acknowledgements, events to start over with
//! ```
//!
//! Whatever fails before COMMIT answers, drop the stage, roll back and start over with the same events: nothing needs to
//! be repaired. A failed transaction over several logs is repeated log by log. If a single log's INSERT violates a unique
//! constraint, somebody put rows where only the lock's holder may: [`conflict`].
//!
//! # Layout
//! - [`dedupe`]: known and repeated event ids
//! - [`build`]: entries at exactly the locked size
//! - [`times`]: when they are logged
//! - [`answer`]: what the signer's answers mean
//! - [`mod@sync`]: what to say and to fetch at the start

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use names::{EventId, LogId, LogName};

use crate::{
    event::{Event, EventError},
    hash::{Hash, log_id},
    mac::Mac,
    protocol::{AlarmKind, Rollback},
};

pub mod answer;
pub mod build;
pub mod dedupe;
pub mod sync;
pub mod times;

pub use answer::{Done, LogUpdate, NewRow, Quarantine, Writes};
pub use build::Built;
pub use dedupe::{MacCheck, Matched};
pub use sync::{Committed, Listed, Sync, sync};
pub use times::Times;

/// An event that waits for its place in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The caller's own number for it; every result carries it.
    pub ticket: u64,
    /// The event.
    pub event: Arc<Event>,
    /// Whether it is to be sealed by itself, because a batch with it was refused as malformed.
    pub(crate) alone: bool,
}

impl Pending {
    /// An event for its log.
    pub fn new(ticket: u64, event: impl Into<Arc<Event>>) -> Self {
        Self { ticket, event: event.into(), alone: false }
    }

    /// The log.
    pub fn log(&self) -> &LogName {
        &self.event.log
    }
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventResult {
    /// It is durable at this index.
    Receipt {
        /// Index in its log.
        index: u64,
    },
    /// It will never be taken.
    Refused(Refusal),
    /// Its log takes no entries for now: try again later.
    Quarantined,
    /// Whether it is in its log already cannot be told now: try again later.
    Undecided,
}

/// Why an event will never be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The event is not one that a log takes.
    #[error("malformed event")]
    Malformed(#[source] EventError),
    /// The signer does not take the entry made of it.
    #[error("the signer refused the entry as malformed")]
    Entry,
    /// Another event of the same producer with the same id is in the log, sealed.
    #[error("another event of this producer has this id")]
    EventIdReused,
}

impl Refusal {
    /// Its code on the wire.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Entry => "MALFORMED",
            Self::EventIdReused => "EVENT_ID_REUSED",
        }
    }
}

/// Why a log is quarantined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarantineReason {
    /// The signer's log ends before ours.
    Ahead,
    /// The signer's log is another.
    Forked,
    /// The signer no longer keeps what our log lacks.
    Stale,
    /// A row has the id, or the place, of an event that it is not.
    Suppressed,
    /// The signer's answer does not fit our log.
    SignerAnswer,
    /// The signer cannot use what it keeps of the log.
    SignerUnusable,
}

impl QuarantineReason {
    /// Its code in `logs.quarantine_reason`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ahead => "AHEAD",
            Self::Forked => "FORKED",
            Self::Stale => "STALE",
            Self::Suppressed => "SUPPRESSED",
            Self::SignerAnswer => "SIGNER_ANSWER",
            Self::SignerUnusable => "SIGNER_UNUSABLE",
        }
    }
}

/// A caller drove the stages with something that does not fit them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A log of the batch has no locked row.
    #[error("a log of the batch is not locked")]
    NotLocked,
    /// There are not as many answers as questions.
    #[error("answers do not match the questions")]
    Answers,
}

/// A log's row, locked by this transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedLog {
    /// Id of the log.
    pub log_id: LogId,
    /// Number of entries.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
    /// Whether it takes no entries.
    pub quarantined: bool,
}

/// A row of `entries` whose event id is one of the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// The log.
    pub log_id: LogId,
    /// Column `entry_index`.
    pub index: i64,
    /// Column `event_id`.
    pub event_id: EventId,
    /// Column `entry`.
    pub entry: Bytes,
    /// Column `mac`.
    pub mac: Bytes,
}

/// Events for several logs, before anything is locked.
#[derive(Debug)]
pub struct Batch {
    logs: BTreeMap<LogId, LogEvents>,
    results: Vec<(u64, EventResult)>,
}

#[derive(Debug)]
struct LogEvents {
    log: LogName,
    events: VecDeque<Pending>,
    probe: bool,
}

impl Batch {
    /// A batch of events, in the order in which they are to stand in their logs. Events that no log takes are refused
    /// here.
    pub fn new(events: Vec<Pending>) -> Self {
        let mut batch = Self { logs: BTreeMap::new(), results: Vec::new() };
        for pending in events {
            match pending.event.check() {
                Ok(()) => batch.log(&pending.event.log, false).push_back(pending),
                Err(error) => batch.results.push((pending.ticket, EventResult::Refused(Refusal::Malformed(error)))),
            }
        }
        batch
    }

    /// A batch without events that asks the signer about logs: those in quarantine, which it ends if the signer accepts
    /// them, and those that lag behind the signer, which catch up.
    pub fn probe(logs: &[LogName]) -> Self {
        let mut batch = Self { logs: BTreeMap::new(), results: Vec::new() };
        for log in logs {
            batch.log(log, true);
        }
        batch
    }

    fn log(&mut self, log: &LogName, probe: bool) -> &mut VecDeque<Pending> {
        let new = || LogEvents { log: log.clone(), events: VecDeque::new(), probe };
        &mut self.logs.entry(log_id(log)).or_insert_with(new).events
    }

    /// The logs to lock, in the order in which to lock them.
    pub fn logs(&self) -> impl Iterator<Item = (LogId, &LogName)> {
        self.logs.iter().map(|(id, log)| (*id, &log.log))
    }

    /// Goes on with the locked rows of all logs.
    pub fn locked(self, rows: Vec<LockedLog>) -> Result<Locked, AppendError> {
        let mut rows: BTreeMap<LogId, LockedLog> = rows.into_iter().map(|row| (row.log_id, row)).collect();
        let mut logs = Vec::with_capacity(self.logs.len());
        let mut results = self.results;
        for (id, log) in self.logs {
            let row = rows.remove(&id).ok_or(AppendError::NotLocked)?;
            let mut work = LogWork::new(log, row);
            if work.row.quarantined && !work.probe {
                results.extend(work.events.drain(..).map(|event| (event.ticket, EventResult::Quarantined)));
            }
            logs.push(work);
        }
        Ok(Locked { logs, results })
    }
}

/// One log's part of a batch.
#[derive(Debug)]
struct LogWork {
    log: LogName,
    row: LockedLog,
    events: VecDeque<Pending>,
    probe: bool,
    suppressed: Option<u64>,
}

impl LogWork {
    fn new(log: LogEvents, row: LockedLog) -> Self {
        Self { log: log.log, row, events: log.events, probe: log.probe, suppressed: None }
    }

    /// Whether the log, as it is locked, has no entry at `index`.
    fn ends_before(&self, index: u64) -> bool {
        self.row.size <= index
    }
}

/// A batch whose logs are locked.
#[derive(Debug)]
pub struct Locked {
    logs: Vec<LogWork>,
    results: Vec<(u64, EventResult)>,
}

/// A batch whose logs are locked, with the greatest event id that each of them had then.
#[derive(Debug)]
pub struct Newest {
    locked: Locked,
    ids: HashMap<LogId, EventId>,
}

impl Locked {
    /// Goes on with the greatest event id of each log that has entries, read by a statement that was sent after the locks
    /// were held.
    pub fn newest(self, ids: HashMap<LogId, EventId>) -> Newest {
        Newest { locked: self, ids }
    }
}

impl Newest {
    /// The event ids to look up, in a statement that is sent after the locks were held. Ids are `UUIDv7`: nearly all are
    /// greater than any that is there, and need no looking up.
    pub fn event_ids(&self) -> impl Iterator<Item = (LogId, EventId)> {
        let may_be_known = |(log, id): &(LogId, EventId)| self.ids.get(log).is_some_and(|newest| id <= newest);
        let all = self.locked.logs.iter();
        all.flat_map(|log| log.events.iter().map(|event| (log.row.log_id, event.event.event_id))).filter(may_be_known)
    }
}

/// What to do when the INSERT of a batch over one log, which was locked at `size`, violates a unique constraint: report
/// it to the signer, then quarantine the log in a transaction of its own.
pub fn conflict(log: &LogName, size: u64) -> (Rollback, QuarantineReason) {
    (Rollback { log: log.clone(), kind: AlarmKind::Suppressed, size }, QuarantineReason::Suppressed)
}

/// Whether a MAC column holds a MAC at all.
fn mac(column: &Bytes) -> Option<Mac> {
    Mac::from_slice(column)
}
