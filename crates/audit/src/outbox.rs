//! Rows of `audit_outbox`, and whether more may be written.
//!
//! A row holds the events of one transaction for one log, authenticated by an HMAC. Rows are written with the change that
//! they tell of, in the same statement, so that neither exists without the other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clock::{SharedClock, uuid_v7};
use db::{Db, Executor, Statement, statement};
use names::LogName;
use prost::Message as _;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::backlog::Backlog;
use crate::event::to_message;
use crate::key::Unsigned;
use crate::schedule::{Schedule, least_id};
use crate::{AuditUnavailable, Event, OutboxConfig, OutboxKeySlot};

/// Most bytes of events that share a row: above, PostgreSQL would move them out of the row.
const MAX_SHARED_BYTES: usize = 7_000;

/// A row, ready to be inserted: `(outbox_id, log_name, time_ns, events, mac)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// `outbox_id`, a `UUIDv7`.
    pub id: Uuid,
    /// `log_name`, `logs/{log}`.
    pub log: String,
    /// `time_ns`: when the row was made.
    pub time_ns: i64,
    /// `events`: an encoded `strongroom.audit.v1.AppendEventsRequest`.
    pub events: Vec<u8>,
    /// `mac`: HMAC-SHA-256 over the other columns, 32 bytes.
    pub mac: Vec<u8>,
}

impl OutboxRow {
    pub(crate) fn unsigned(&self) -> Unsigned<'_> {
        Unsigned { id: &self.id, log: &self.log, time_ns: self.time_ns, events: &self.events }
    }
}

/// The outbox of this service. Clones share it.
#[derive(Clone, Debug)]
pub struct Outbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    key: OutboxKeySlot,
    clock: SharedClock,
    backlog: Backlog,
    schedule: Schedule,
    wake: Notify,
}

impl Outbox {
    /// The outbox in `db`, whose rows `key` authenticates.
    pub fn new(db: Db, key: OutboxKeySlot, clock: SharedClock, config: &OutboxConfig) -> Self {
        let backlog = Backlog::new(config);
        Self { inner: Arc::new(Inner { db, key, clock, backlog, schedule: Schedule::default(), wake: Notify::new() }) }
    }

    /// Makes the row for `events` of one transaction, all of `log`. Fails while the outbox key is not there.
    pub fn row(&self, log: &LogName, events: &[Event]) -> Result<OutboxRow, AuditUnavailable> {
        self.row_of_bytes(log.to_string(), encode(events))
    }

    /// Makes rows for events that are to be written together, of one log or several: as few as stay short.
    pub fn rows<'a>(&self, events: impl IntoIterator<Item = &'a Event>) -> Result<Vec<OutboxRow>, AuditUnavailable> {
        self.shared_rows(events.into_iter().map(|event| (event.log.to_string(), encode(std::slice::from_ref(event)))))
    }

    /// One row for each log, or a few where they would grow too long.
    pub(crate) fn shared_rows(
        &self,
        events: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Vec<OutboxRow>, AuditUnavailable> {
        let mut gathering: HashMap<String, Vec<u8>> = HashMap::new();
        let mut rows = Vec::new();
        for (log, events) in events {
            match gathering.get_mut(&log) {
                Some(shared) if shared.len().saturating_add(events.len()) <= MAX_SHARED_BYTES => {
                    shared.extend_from_slice(&events);
                }
                Some(shared) => rows.push(self.row_of_bytes(log, std::mem::replace(shared, events))?),
                None => {
                    gathering.insert(log, events);
                }
            }
        }
        for (log, events) in gathering {
            rows.push(self.row_of_bytes(log, events)?);
        }
        Ok(rows)
    }

    /// Makes the row for encoded events; encodings of several requests concatenate to one request with all their events.
    pub(crate) fn row_of_bytes(&self, log: String, events: Vec<u8>) -> Result<OutboxRow, AuditUnavailable> {
        self.inner.schedule.notice(&log);
        self.row_with_id(uuid_v7(self.inner.clock.as_ref()), log, events)
    }

    /// Makes a row of this id.
    pub(crate) fn row_with_id(&self, id: Uuid, log: String, events: Vec<u8>) -> Result<OutboxRow, AuditUnavailable> {
        let key = self.inner.key.current().ok_or(AuditUnavailable)?;
        let time_ns = self.inner.clock.now().as_nanos();
        let mac = key.mac(&Unsigned { id: &id, log: &log, time_ns, events: &events });
        Ok(OutboxRow { id, log, time_ns, events, mac })
    }

    /// Whether events of `log` may be written: refused while too many or too old ones of it, or too many of all logs, wait for
    /// delivery. Costs two loads while all is well, so it stands at the beginning of every call that will need evidence.
    pub fn admit(&self, log: &LogName) -> Result<(), AuditUnavailable> {
        self.inner.backlog.admit(log)
    }

    /// Inserts rows through `db`, a transaction or a single statement of its own.
    pub async fn insert(db: &impl Executor, rows: &[OutboxRow]) -> Result<(), db::Error> {
        db::Error::unless_all(insert(db, &INSERT, rows).await?, rows.len())
    }

    /// Like [`Self::insert`], but a row that is there already counts as written: for a second try after a lost connection.
    pub(crate) async fn insert_again(db: &impl Executor, rows: &[OutboxRow]) -> Result<(), db::Error> {
        insert(db, &INSERT_AGAIN, rows).await.map(drop)
    }

    /// Call after the commit of `rows` rows: counts them and wakes the forwarder.
    pub fn committed(&self, rows: usize) {
        self.inner.backlog.count(rows);
        self.inner.wake.notify_one();
    }

    /// The slot of the key.
    pub fn key(&self) -> &OutboxKeySlot {
        &self.inner.key
    }

    /// The clock that rows are made by.
    pub fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn backlog(&self) -> &Backlog {
        &self.inner.backlog
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.inner.schedule
    }

    /// The least id of rows that were made less than this ago.
    pub(crate) fn made_since(&self, ago: Duration) -> Uuid {
        let now = self.inner.clock.now().as_nanos().div_euclid(1_000_000);
        least_id(u64::try_from(now).unwrap_or(0).saturating_sub(u64::try_from(ago.as_millis()).unwrap_or(0)))
    }

    pub(crate) fn wake(&self) -> &Notify {
        &self.inner.wake
    }
}

/// `AppendEventsRequest` of these events.
pub(crate) fn encode(events: &[Event]) -> Vec<u8> {
    let events = events.iter().map(to_message).collect();
    api::audit::v1::AppendEventsRequest { events }.encode_to_vec()
}

const INSERT: Statement = statement!(
    "outbox_insert",
    "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
SELECT * FROM unnest($1::uuid[] /* outbox_id */, $2::text[] /* log_name */, $3::bigint[] /* time_ns */,
                     $4::bytea[] /* events */, $5::bytea[] /* mac */)"
);

const INSERT_AGAIN: Statement = statement!(
    "outbox_insert_again",
    "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
SELECT * FROM unnest($1::uuid[] /* outbox_id */, $2::text[] /* log_name */, $3::bigint[] /* time_ns */,
                     $4::bytea[] /* events */, $5::bytea[] /* mac */)
ON CONFLICT (log_name, outbox_id) DO NOTHING"
);

async fn insert(db: &impl Executor, statement: &Statement, rows: &[OutboxRow]) -> Result<u64, db::Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let logs: Vec<&str> = rows.iter().map(|row| row.log.as_str()).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.time_ns).collect();
    let events: Vec<&[u8]> = rows.iter().map(|row| row.events.as_slice()).collect();
    let macs: Vec<&[u8]> = rows.iter().map(|row| row.mac.as_slice()).collect();
    db.execute(statement, &[&ids, &logs, &times, &events, &macs]).await
}
