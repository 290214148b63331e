//! The outbox against a private PostgreSQL cluster and a fake audit-service.
//!
//! - `backlog`: the gate that closes while events pile up
//! - `coalescer`: refused calls, counted
//! - `fake`: the audit-service, with faults to order
//! - `forwarder`: delivery at least once, and what is never delivered
//! - `many_logs`: logs that share calls, and one of them or all not getting on
//! - `policy`: entries of the policy and its changes
//! - `writer`: durable events, shared commits
#![cfg(test)]

// The name it has everywhere else.
extern crate strongroom_audit as audit;

mod backlog;
mod coalescer;
mod fake;
mod forwarder;
mod many_logs;
mod policy;
mod writer;

use std::sync::Arc;

use audit::{Event, Outbox, OutboxConfig, OutboxKey, OutboxKeySlot, OutboxRow, OutboxWriter};
use clock::{Clock, SystemClock, uuid_v7};
use db::{Db, Migration};
use names::{EventId, LogName};
use secret::SecretBytes;
use test_support::postgres::{Cluster, TestDatabase};
use tokio::task::JoinSet;

/// The table as vault-service has it; key-service's differs in the role alone (a test below).
const VAULT_SQL: &str = include_str!("../../../../migrations/vault/0002_audit_outbox.sql");
const KEY_SQL: &str = include_str!("../../../../migrations/key/0003_audit_outbox.sql");
const MIGRATIONS: [Migration; 1] = [Migration { version: 1, name: "audit_outbox", sql: VAULT_SQL }];

#[test]
fn both_producers_have_the_same_outbox() {
    assert_eq!(VAULT_SQL.replace("strongroom_vault", "strongroom_key"), KEY_SQL);
}

/// An outbox in a database of its own.
struct Fixture {
    database: TestDatabase<'static>,
    db: Db,
    outbox: Outbox,
}

impl Fixture {
    async fn new() -> Self {
        Self::with(&OutboxConfig::default(), OutboxKeySlot::filled(outbox_key(1))).await
    }

    async fn with(config: &OutboxConfig, key: OutboxKeySlot) -> Self {
        let database = Cluster::shared().await.unwrap().database("vault", &MIGRATIONS).await.unwrap();
        let db = database.connect().unwrap();
        let outbox = Outbox::new(db.clone(), key, Arc::new(SystemClock), config);
        Self { database, db, outbox }
    }

    /// A writer whose job runs as long as the set lives.
    fn writer(&self) -> (OutboxWriter, JoinSet<()>) {
        let (writer, job) = OutboxWriter::new(self.outbox.clone());
        let mut jobs = JoinSet::new();
        jobs.spawn(job);
        (writer, jobs)
    }

    async fn insert(&self, rows: &[OutboxRow]) {
        let inserted = Outbox::insert(&self.db, rows);
        inserted.await.unwrap();
    }

    /// Inserts one row for each event and returns the rows.
    async fn insert_each(&self, log: &LogName, events: &[Event]) -> Vec<OutboxRow> {
        let rows: Vec<_> =
            events.iter().map(|event| self.outbox.row(log, std::slice::from_ref(event)).unwrap()).collect();
        self.insert(&rows).await;
        rows
    }

    async fn count(&self, sql: &str) -> i64 {
        self.database.superuser().await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
    }

    async fn waiting(&self) -> i64 {
        self.count("SELECT count(*) FROM audit_outbox").await
    }

    /// Reason and log of the refused rows.
    async fn refused(&self) -> Vec<(String, String)> {
        let sql = "SELECT reason, log_name FROM audit_outbox_refused ORDER BY reason, log_name";
        let rows = self.database.superuser().await.unwrap().query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

fn outbox_key(byte: u8) -> OutboxKey {
    OutboxKey::new(&SecretBytes::from_slice(&[byte; 32]).unwrap())
}

fn log(tenant: &str) -> LogName {
    format!("logs/{tenant}").parse().unwrap()
}

/// `count` events of a log.
fn events(log: &LogName, count: usize) -> Vec<Event> {
    (0..count)
        .map(|index| {
            let id = EventId::new(uuid_v7(&SystemClock));
            Event::new(id, log.clone(), SystemClock.now(), "spiffe://strongroom.dev/app", "records.reveal")
                .with("count", index)
        })
        .collect()
}

fn ids(events: &[Event]) -> Vec<EventId> {
    events.iter().map(|event| event.event_id).collect()
}
