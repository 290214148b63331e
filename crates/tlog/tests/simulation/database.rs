//! The audit database as READ COMMITTED transactions see it: committed rows, row locks, sessions that end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use names::{EventId, LogId, LogName};
use tlog::append::{Committed, KnownRow, LockedLog, LogUpdate, NewRow, Quarantine};
use tlog::entry::decode;
use tlog::{Hash, Mac, genesis, log_id};

/// A row of `logs`, and the log's rows of `entries`.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) name: LogName,
    pub(crate) size: u64,
    pub(crate) head: Hash,
    pub(crate) last_logged_ns: Option<i64>,
    pub(crate) snapshot: Option<Bytes>,
    pub(crate) quarantined: bool,
    pub(crate) rows: BTreeMap<u64, (Bytes, Mac)>,
    /// Index by event id: unique with the producer.
    ids: BTreeMap<(EventId, String), u64>,
    holder: Option<u64>,
}

#[derive(Debug, Default)]
struct Transaction {
    locks: BTreeSet<LogId>,
    rows: Vec<NewRow>,
    updates: Vec<LogUpdate>,
}

/// Why a statement failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The session has ended, and its transaction with it.
    Ended,
    /// A unique constraint is violated.
    Conflict,
}

#[derive(Debug, Default)]
pub(crate) struct Database {
    pub(crate) logs: BTreeMap<LogId, Log>,
    sessions: BTreeMap<u64, Transaction>,
    next: u64,
}

impl Database {
    pub(crate) fn begin(&mut self) -> u64 {
        self.next += 1;
        self.sessions.insert(self.next, Transaction::default());
        self.next
    }

    /// INSERT INTO logs … ON CONFLICT DO NOTHING.
    pub(crate) fn create(&mut self, name: &LogName) {
        self.logs.entry(log_id(name)).or_insert_with(|| Log {
            name: name.clone(),
            size: 0,
            head: genesis(name),
            last_logged_ns: None,
            snapshot: None,
            quarantined: false,
            rows: BTreeMap::new(),
            ids: BTreeMap::new(),
            holder: None,
        });
    }

    /// SELECT … FOR UPDATE of one row. `None`: somebody else holds it.
    pub(crate) fn lock(&mut self, session: u64, id: LogId) -> Result<Option<LockedLog>, Failure> {
        let transaction = self.sessions.get_mut(&session).ok_or(Failure::Ended)?;
        let log = self.logs.get_mut(&id).unwrap();
        if log.holder.is_some_and(|holder| holder != session) {
            return Ok(None);
        }
        log.holder = Some(session);
        transaction.locks.insert(id);
        Ok(Some(LockedLog { log_id: id, size: log.size, head: log.head, quarantined: log.quarantined }))
    }

    /// Whether the session still lives, and with it every lock that it took.
    pub(crate) fn alive(&self, session: u64) -> Result<(), Failure> {
        if self.sessions.contains_key(&session) { Ok(()) } else { Err(Failure::Ended) }
    }

    /// SELECT max(event id) of each log: what is committed now.
    pub(crate) fn newest(&self, session: u64) -> Result<HashMap<LogId, EventId>, Failure> {
        self.alive(session)?;
        let newest = |(id, log): (&LogId, &Log)| Some((*id, log.ids.last_key_value()?.0.0));
        Ok(self.logs.iter().filter_map(newest).collect())
    }

    /// SELECT … WHERE event id is one of these: what is committed now.
    pub(crate) fn known(&self, session: u64, ids: &[(LogId, EventId)]) -> Result<Vec<KnownRow>, Failure> {
        self.alive(session)?;
        let mut known = Vec::new();
        for (log_id, event_id) in ids {
            let log = &self.logs[log_id];
            for (_, index) in log.ids.range((*event_id, String::new())..).take_while(|((id, _), _)| id == event_id) {
                let (entry, mac) = log.rows[index].clone();
                let (index, mac) = (i64::try_from(*index).unwrap(), Bytes::copy_from_slice(mac.as_bytes()));
                known.push(KnownRow { log_id: *log_id, index, event_id: *event_id, entry, mac });
            }
        }
        Ok(known)
    }

    /// INSERT and UPDATE, seen by others after COMMIT.
    pub(crate) fn write(&mut self, session: u64, rows: &[NewRow], updates: &[LogUpdate]) -> Result<(), Failure> {
        let transaction = self.sessions.get_mut(&session).ok_or(Failure::Ended)?;
        for row in rows {
            assert!(transaction.locks.contains(&row.log_id), "a row for a log that is not locked");
            let log = &self.logs[&row.log_id];
            if log.rows.contains_key(&row.index) || log.ids.contains_key(&event_of(&row.entry)) {
                return Err(Failure::Conflict);
            }
        }
        transaction.rows.extend_from_slice(rows);
        transaction.updates.extend_from_slice(updates);
        Ok(())
    }

    /// Returns the rows that are committed by it.
    pub(crate) fn commit(&mut self, session: u64) -> Result<Vec<NewRow>, Failure> {
        let transaction = self.sessions.remove(&session).ok_or(Failure::Ended)?;
        for row in transaction.rows.clone() {
            let log = self.logs.get_mut(&row.log_id).unwrap();
            log.ids.insert(event_of(&row.entry), row.index);
            log.rows.insert(row.index, (row.entry, row.mac));
        }
        for update in transaction.updates {
            let log = self.logs.get_mut(&update.log_id).unwrap();
            (log.size, log.head) = (update.size, update.head);
            log.last_logged_ns = update.last_logged_ns.or(log.last_logged_ns);
            log.snapshot = update.snapshot.or(log.snapshot.take());
            match update.quarantine {
                Quarantine::Keep => {}
                Quarantine::Begin(_) => log.quarantined = true,
                Quarantine::End => log.quarantined = false,
            }
        }
        self.release(session);
        Ok(transaction.rows)
    }

    /// Ends a session: its transaction is rolled back, its locks are free.
    pub(crate) fn end(&mut self, session: u64) {
        self.sessions.remove(&session);
        self.release(session);
    }

    fn release(&mut self, session: u64) {
        for log in self.logs.values_mut().filter(|log| log.holder == Some(session)) {
            log.holder = None;
        }
    }

    pub(crate) fn sessions(&self) -> Vec<u64> {
        self.sessions.keys().copied().collect()
    }

    /// Puts back what a backup has. Nobody is connected meanwhile.
    pub(crate) fn restore(&mut self, logs: BTreeMap<LogId, Log>) {
        for session in self.sessions() {
            self.end(session);
        }
        self.logs = logs;
        self.logs.values_mut().for_each(|log| log.holder = None);
    }

    pub(crate) fn committed(&self) -> Vec<Committed> {
        let committed = |log: &Log| Committed { log: log.name.clone(), size: log.size, head: log.head };
        self.logs.values().map(committed).collect()
    }

    pub(crate) fn quarantined(&self) -> Vec<LogName> {
        self.logs.values().filter(|log| log.quarantined).map(|log| log.name.clone()).collect()
    }
}

fn event_of(entry: &[u8]) -> (EventId, String) {
    let entry = decode(entry).unwrap();
    (entry.event_id, entry.producer.to_owned())
}
