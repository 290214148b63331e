//! One log that does not get on, and thousands of its events: others have their entries and their receipts all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use api::audit::v1::append_result::Result as Answer;
use api::audit::v1::{AppendEventsRequest, ListLogsRequest};
use audit::{Forwarder, ForwarderConfig, Outbox, OutboxConfig, OutboxKey, OutboxKeySlot};
use audit_service::append::Outcome;
use clock::{SystemClock, uuid_v7};
use db::Migration;
use names::LogName;
use secret::SecretBytes;
use test_support::poll_until;
use test_support::postgres::{Cluster, TestDatabase};
use tlog::Event;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};

use crate::world::{PATIENCE, Replica, World, event, events, log};

const OUTBOX: [Migration; 1] = [Migration {
    version: 1,
    name: "audit_outbox",
    sql: include_str!("../../../migrations/vault/0002_audit_outbox.sql"),
}];

/// The promise is about a second, for an entry; a busy machine takes longer, and a receipt may wait for one call of the
/// log's that is to blame.
const SOON: Duration = Duration::from_secs(4);
/// Of a call; a log that gets no answer takes all of it.
const DEADLINE: Duration = Duration::from_secs(6);

/// A vault's outbox and what delivers it, to a real replica.
pub(crate) struct Vault {
    pub(crate) database: TestDatabase<'static>,
    db: db::Db,
    pub(crate) outbox: Outbox,
    shutdown: CancellationToken,
    pub(crate) jobs: JoinSet<()>,
}

impl Vault {
    pub(crate) async fn new() -> Self {
        let database = Cluster::shared().await.unwrap().database("vault", &OUTBOX).await.unwrap();
        let db = database.connect().unwrap();
        let key = OutboxKeySlot::filled(OutboxKey::new(&SecretBytes::from_slice(&[1; 32]).unwrap()));
        let outbox = Outbox::new(db.clone(), key, Arc::new(SystemClock), &OutboxConfig::default());
        Self { database, db, outbox, shutdown: CancellationToken::new(), jobs: JoinSet::new() }
    }

    fn deliver_to(&mut self, world: &World, replica: &Replica) {
        let ingest = world.ingest(replica, "vault-service");
        let forwarder = Forwarder::new(self.outbox.clone(), ingest, ForwarderConfig::default());
        self.jobs.spawn(self.outbox.clone().watch_backlog(self.shutdown.clone()));
        self.jobs.spawn(forwarder.run(self.shutdown.clone()));
    }

    async fn write(&self, log: &LogName, events: &[Event]) {
        let events = events.iter().map(|event| Event { log: log.clone(), ..event.clone() });
        let rows: Vec<_> = events.map(|event| self.outbox.row(log, &[event]).unwrap()).collect();
        let rows = rows.as_slice();
        let insert = Outbox::insert(&self.db, rows);
        insert.await.unwrap();
        self.outbox.committed(rows.len());
    }

    /// Rows that wait, by log.
    pub(crate) async fn waiting(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT log_name, count(*) FROM audit_outbox GROUP BY log_name";
        let rows = self.database.superuser().await.unwrap().query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    async fn end(mut self) {
        self.shutdown.cancel();
        while let Some(ended) = self.jobs.join_next().await {
            ended.unwrap();
        }
    }
}

/// Entries of a log that are there.
async fn entries(world: &World, log: &LogName) -> i64 {
    let sql = "SELECT count(*) FROM entries WHERE log_id = $1";
    let superuser = world.database.superuser().await.unwrap();
    superuser.query_one(sql, &[&tlog::log_id(log).as_uuid()]).await.unwrap().get(0)
}

/// Events of another log become entries, and leave the outbox, while those of `stuck` wait.
async fn others_get_on(world: &World, vault: &Vault, stuck: &LogName) {
    let other = log("logs/other");
    for round in 1..=6 {
        let started = Instant::now();
        vault.write(&other, &events(1)).await;
        let there = async || (entries(world, &other).await == round).then_some(());
        poll_until(PATIENCE, "the other log's entry", there).await.unwrap();
        let receipt = async || (!vault.waiting().await.contains_key("logs/other")).then_some(());
        poll_until(PATIENCE, "the other log's receipt", receipt).await.unwrap();
        assert!(started.elapsed() < SOON, "round {round}: {:?}", started.elapsed());
        if round == 1 {
            assert!(vault.waiting().await.contains_key(&stuck.to_string()), "the control: it is stuck");
        }
    }
}

async fn empty(vault: &Vault) {
    poll_until(PATIENCE * 2, "an empty outbox", async || vault.waiting().await.is_empty().then_some(())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_row_somebody_has_locked_holds_no_other_up() {
    let (world, mut vault) = (World::start().await, Vault::new().await);
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(1)).await;
    let session = world.database.superuser().await.unwrap();
    session.batch_execute("BEGIN; SELECT FROM logs WHERE name = 'logs/acme' FOR UPDATE").await.unwrap();
    vault.write(&acme, &events(4_000)).await;
    vault.deliver_to(&world, &replica);
    others_get_on(&world, &vault, &acme).await;
    session.batch_execute("COMMIT").await.unwrap();
    empty(&vault).await;
    assert_eq!(entries(&world, &acme).await, 4_001);
    vault.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_row_at_the_signer_somebody_has_locked_holds_no_other_up() {
    let (world, mut vault) = (World::start().await, Vault::new().await);
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(1)).await;
    let session = world.key_database.superuser().await.unwrap();
    session.batch_execute("BEGIN; SELECT FROM signer_heads WHERE log_name = 'logs/acme' FOR UPDATE").await.unwrap();
    vault.write(&acme, &events(4_000)).await;
    vault.deliver_to(&world, &replica);
    others_get_on(&world, &vault, &acme).await;
    session.batch_execute("COMMIT").await.unwrap();
    empty(&vault).await;
    assert_eq!(entries(&world, &acme).await, 4_001);
    vault.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_row_at_the_signer_was_altered_holds_no_other_up() {
    let (world, mut vault) = (World::start().await, Vault::new().await);
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(1)).await;
    let keys = world.key_database.superuser().await.unwrap();
    let alter = "UPDATE signer_heads SET changes = changes + $1 WHERE log_name = 'logs/acme'";
    keys.execute(alter, &[&1_i64]).await.unwrap();
    vault.write(&acme, &events(4_000)).await;
    vault.deliver_to(&world, &replica);
    others_get_on(&world, &vault, &acme).await;
    keys.execute(alter, &[&-1_i64]).await.unwrap();
    empty(&vault).await;
    assert_eq!(entries(&world, &acme).await, 4_001);
    vault.end().await;
}

/// As large as an event may be.
fn large(number: u64) -> Event {
    let mut event = event(number);
    event.body = Some(tlog::Body { kind: "filler".to_owned(), content: vec![7; 8_000] });
    event.attributes = (0..3).map(|name| (format!("filler_{name}"), "x".repeat(4_000))).collect();
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_catches_up_for_long_holds_no_other_up() {
    let (world, mut vault) = (World::start().await, Vault::new().await);
    let replica = world.replica().await;
    let acme = log("logs/acme");
    for _ in 0..60 {
        let large: Vec<Event> = (0..64).map(large).collect();
        replica.append(&acme, &large).await;
    }
    // Set back to nothing: 80 MiB are to be fetched from the signer.
    world.tamperer().await.batch_execute("DELETE FROM entries; DELETE FROM logs").await.unwrap();
    vault.write(&acme, &events(4_000)).await;
    vault.deliver_to(&world, &replica);
    others_get_on(&world, &vault, &acme).await;
    empty(&vault).await;
    assert_eq!(entries(&world, &acme).await, 60 * 64 + 4_000);
    vault.end().await;
}

fn message(log: &str) -> api::audit::v1::Event {
    api::audit::v1::Event {
        event_id: uuid_v7(&SystemClock).as_bytes().to_vec(),
        log: log.to_owned(),
        actor: "spiffe://strongroom.dev/app".to_owned(),
        action: "records.create".to_owned(),
        outcome: 1,
        ..api::audit::v1::Event::default()
    }
}

/// What one call with these events is answered.
async fn answers(
    world: &World,
    replica: &Replica,
    events: Vec<api::audit::v1::Event>,
) -> Result<Vec<Option<Answer>>, Status> {
    let mut request = Request::new(AppendEventsRequest { events });
    request.set_timeout(DEADLINE);
    let answer = world.ingest(replica, "vault-service").append_events(request).await?;
    Ok(answer.into_inner().results.into_iter().map(|result| result.result).collect())
}

/// One call with an event of each of these logs, of which the last must get an entry: when it was there, and the answers.
async fn call(world: &World, replica: &Replica, events: Vec<api::audit::v1::Event>) -> (Duration, Vec<Option<Answer>>) {
    let last = log(&events.last().unwrap().log);
    let before = entries(world, &last).await;
    let started = Instant::now();
    let there = async {
        poll_until(PATIENCE, "the entry", async || (entries(world, &last).await > before).then_some(())).await.unwrap();
        started.elapsed()
    };
    let (answers, there) = futures::join!(answers(world, replica, events), there);
    (there, answers.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_in_its_time_with_what_is_decided() {
    let world = World::start().await;
    let replica = world.replica().await;
    for name in ["logs/acme", "logs/other"] {
        replica.append(&log(name), &events(1)).await;
    }
    let session = world.database.superuser().await.unwrap();
    session.batch_execute("BEGIN; SELECT FROM logs WHERE name = 'logs/acme' FOR UPDATE").await.unwrap();
    let malformed = api::audit::v1::Event { actor: String::new(), ..message("logs/other") };
    let events = vec![message("logs/acme"), malformed, message("logs/other")];
    let (there, results) = call(&world, &replica, events).await;
    assert!(matches!(results.as_slice(), [None, Some(Answer::Refusal(_)), Some(Answer::Receipt(_))]), "{results:?}");
    // The lock is waited for a second and a half where all logs of a batch are.
    assert!(there < Duration::from_secs(1), "{there:?}");
}

/// The transactions of the audit-service that wait for a lock, by when they began.
async fn waiting_for_a_lock(world: &World) -> BTreeSet<SystemTime> {
    let sql = "SELECT xact_start FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock' AND xact_start IS NOT NULL";
    let rows = world.database.superuser().await.unwrap().query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_row_is_locked_for_a_while_is_appended_to_by_the_same_call() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(1)).await;
    let session = world.database.superuser().await.unwrap();
    session.batch_execute("BEGIN; SELECT FROM logs WHERE name = 'logs/acme' FOR UPDATE").await.unwrap();
    let released = async {
        // A transaction does not wait that long: another one has begun.
        let mut waited = BTreeSet::new();
        let twice = async || {
            waited.append(&mut waiting_for_a_lock(&world).await);
            (waited.len() > 1).then_some(())
        };
        poll_until(PATIENCE, "a second transaction that waits", twice).await.unwrap();
        session.batch_execute("COMMIT").await.unwrap();
    };
    let sent = events(1);
    let (outcomes, ()) = futures::join!(replica.outcomes(&acme, &sent), released);
    assert!(matches!(outcomes.as_slice(), [Outcome::Logged { index: 1 }]), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_failed_shares_no_batch_until_it_gets_on_again() {
    let world = World::start().await;
    let replica = world.replica().await;
    for name in ["logs/acme", "logs/other"] {
        replica.append(&log(name), &events(1)).await;
    }
    let session = world.key_database.superuser().await.unwrap();
    session.batch_execute("BEGIN; SELECT FROM signer_heads WHERE log_name = 'logs/acme' FOR UPDATE").await.unwrap();
    let both = || vec![message("logs/acme"), message("logs/other")];
    let (_, results) = call(&world, &replica, both()).await;
    assert!(matches!(results.as_slice(), [None, Some(Answer::Receipt(_))]), "{results:?}");
    let (there, results) = call(&world, &replica, both()).await;
    assert!(matches!(results.as_slice(), [None, Some(Answer::Receipt(_))]), "{results:?}");
    // The signer is waited for a second.
    assert!(there < Duration::from_millis(900), "{there:?}");
    session.batch_execute("COMMIT").await.unwrap();
    replica.append(&log("logs/acme"), &events(1)).await;
}

/// One call for many logs, of which one row at the signer is locked and one was altered: each other one has its receipt.
#[tokio::test(flavor = "multi_thread")]
async fn two_logs_of_three_hundred_that_the_signer_cannot_serve_hold_no_other_up() {
    let world = World::start().await;
    let replica = world.replica().await;
    let names: Vec<String> = (0..300).map(|number| format!("logs/t-{number}")).collect();
    let of_each = || names.iter().map(|name| message(name)).collect::<Vec<_>>();
    // On a busy machine some of so many new logs come too late for one call: that they have rows is not what this is about.
    let have_rows = async || {
        let answers = answers(&world, &replica, of_each()).await.ok()?;
        answers.iter().all(Option::is_some).then_some(())
    };
    poll_until(PATIENCE, "rows of all", have_rows).await.unwrap();
    let session = world.key_database.superuser().await.unwrap();
    let spoil = "UPDATE signer_heads SET changes = changes + 1 WHERE log_name = 'logs/t-7';
        BEGIN; SELECT FROM signer_heads WHERE log_name = 'logs/t-150' FOR UPDATE";
    session.batch_execute(spoil).await.unwrap();
    let (there, results) = call(&world, &replica, of_each()).await;
    let unserved: Vec<_> = results.iter().zip(0..).filter(|(result, _)| result.is_none()).map(|(_, at)| at).collect();
    assert_eq!(unserved, [7, 150]);
    assert!(there < SOON, "{there:?}");
    session
        .batch_execute("COMMIT; UPDATE signer_heads SET changes = changes - 1 WHERE log_name = 'logs/t-7'")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_behind_those_that_have_no_answer_are_held_against_the_signer_in_the_next_round() {
    let world = World::start().await;
    let replica = world.replica().await;
    let logs = ["logs/a", "logs/b", "logs/c", "logs/d"].map(log);
    for log in &logs {
        replica.append(log, &events(1)).await;
    }
    replica.end().await;
    world.tamperer().await.batch_execute("DELETE FROM entries; DELETE FROM logs").await.unwrap();
    let session = world.key_database.superuser().await.unwrap();
    session.batch_execute("BEGIN; SELECT FROM signer_heads WHERE log_name < 'logs/d' FOR UPDATE").await.unwrap();
    let _replica = world.replica().await;
    let caught_up = async || (entries(&world, &logs[3]).await == 1).then_some(());
    poll_until(PATIENCE, "the last log's entry", caught_up).await.unwrap();
    assert_eq!(entries(&world, &logs[0]).await, 0, "the control: it has no answer");
    session.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_logs_that_cannot_be_read_spoils_nothing_but_itself() {
    let world = World::start().await;
    let replica = world.replica().await;
    let (acme, other) = (log("logs/acme"), log("logs/other"));
    replica.append(&acme, &events(1)).await;
    replica.faults.lose_acknowledgements();
    replica.append(&other, &events(3)).await;
    replica.end().await;
    let alter = "ALTER TABLE logs DROP CONSTRAINT logs_size_not_negative;
                 UPDATE logs SET size = -1 WHERE name = 'logs/acme'";
    world.database.superuser().await.unwrap().batch_execute(alter).await.unwrap();
    // A start holds all logs against the signer.
    let replica = world.replica().await;
    world.acknowledged(&other, 3).await;
    let (there, results) = call(&world, &replica, vec![message("logs/acme"), message("logs/other")]).await;
    assert!(matches!(results.as_slice(), [None, Some(Answer::Receipt(_))]), "{results:?}");
    assert!(there < SOON, "{there:?}");
    let request = Request::new(ListLogsRequest::default());
    let listed = world.logs(&replica, "auditor").list_logs(request).await.unwrap().into_inner().logs;
    let listed: Vec<_> = listed.iter().map(|log| (log.name.as_str(), log.size)).collect();
    assert_eq!(listed[..2], [("logs/acme", None), ("logs/other", Some(4))]);
}
