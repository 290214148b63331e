//! Events for several logs, until those are locked and it is known which events may be there already.

use std::collections::{BTreeMap, HashMap, VecDeque};

use bytes::Bytes;
use names::{EventId, LogId, LogName};

use super::pending::{EventResult, Pending, Refusal};
use crate::hash::{Hash, log_id};

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
pub(super) struct LogWork {
    pub(super) log: LogName,
    pub(super) row: LockedLog,
    pub(super) events: VecDeque<Pending>,
    pub(super) probe: bool,
    pub(super) suppressed: Option<u64>,
}

impl LogWork {
    fn new(log: LogEvents, row: LockedLog) -> Self {
        Self { log: log.log, row, events: log.events, probe: log.probe, suppressed: None }
    }

    /// Whether the log, as it is locked, has no entry at `index`.
    pub(super) fn ends_before(&self, index: u64) -> bool {
        self.row.size <= index
    }
}

/// A batch whose logs are locked.
#[derive(Debug)]
pub struct Locked {
    pub(super) logs: Vec<LogWork>,
    pub(super) results: Vec<(u64, EventResult)>,
}

/// A batch whose logs are locked, with the greatest event id that each of them had then.
#[derive(Debug)]
pub struct Newest {
    pub(super) locked: Locked,
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
