//! Databases that an earlier release has left: dumps of all three, made once and never anew, which every later release must
//! migrate and open. `tests/golden/databases` has the dumps, the secret of their development seal and `expected.json`.
//!
//! # Nothing in the dumps grows old
//! They are opened years after they were made. What has an age, and why it does no harm:
//! - `requests.created_at` of the vault (a request is forgotten after 24 hours) and `audit_outbox.created_at` of both (a log's
//!   gate closes after `max_backlog_age`) are under no HMAC: the dumps are loaded as if these rows were new.
//! - `requests.create_time_us` of key-service is under its HMAC: the rotation is repeated before the first cleaning, a minute
//!   after the start, and asserted only then.
//! - Segments that are older than a day are pruned, where they are acknowledged and not the newest of their log: no verification
//!   needs them. The quarantined log needs none either: its rows end where the signer stands.
//! - Records expire in 2096, and their time is only held against the clock where it is given.
//! - Entries are logged at or after the last one's time; a clock that is years ahead of it is no alarm. Event ids that are old
//!   raise a metric alone.
//! - Certificates are the new stack's. The databases hold identities, which are the same in every stack.
//!
//! # Layout
//! - this file: opens the dumps
//! - `expected`: what `expected.json` says, and where the files are
//! - `making`: makes them, with the services as they were
//! - `scenes`: what becomes of logs while they are made

mod expected;
mod making;
mod scenes;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::audit::v1::VerifyLogRequest;
use api::vault::v1::record_service_client::RecordServiceClient;
use api::vault::v1::{GetRecordRequest, Record, RevealRecordRequest, UpdateRecordRequest, View};
use serde_json::{Value as Json, json};
use stack::Service;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::checks::verify_as;
use crate::support::eventually;
use crate::support::json::fields;
use crate::support::world::World;
use expected::{Expected, Waiting, said, shown};
use making::send;
use scenes::{FORKED_LOG, close_alarms, mend_head};

/// Rows whose age no HMAC covers are as new as the day on which they are loaded.
const MADE_TODAY: [(Service, &str); 2] = [
    (
        Service::Vault,
        "UPDATE public.requests SET created_at = now(); UPDATE public.audit_outbox SET created_at = now();",
    ),
    (Service::Key, "UPDATE public.audit_outbox SET created_at = now();"),
];

/// A stack on the dumps: filled, migrated, started.
async fn opened() -> World {
    let mut dumps = expected::dumps();
    for (service, sql) in MADE_TODAY {
        dumps.get_mut(&service).unwrap().push_str(sql);
    }
    World::bare(|options| {
        options.dumps = dumps;
        expected::lay_seal(&options.directory);
    })
    .await
}

/// A record with all its values.
async fn reveal(world: &World, name: &str) -> Result<Record, Status> {
    let (name, purpose) = (name.to_owned(), "treatment".to_owned());
    let request = RevealRecordRequest { name, purpose, view: View::Full.into(), ..Default::default() };
    let mut records = RecordServiceClient::new(world.app("vault")).max_decoding_message_size(64 << 20);
    Ok(records.reveal_record(request).await?.into_inner().record.unwrap())
}

async fn requests_are_remembered(world: &World, expected: &Expected, started: Instant) {
    for asked in &expected.remembered {
        let answer = send(world, &asked.path, &asked.request).await;
        let is_forgotten = asked.path.contains(".key.v1.") && started.elapsed() > Duration::from_secs(55);
        assert!(is_forgotten || answer == asked.answer, "{}: another answer", asked.path);
    }
}

async fn records_open(world: &World, expected: &Expected) {
    for (name, wanted) in &expected.records {
        let record = reveal(world, name).await.unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
        assert_eq!(&shown(&record), wanted, "{name}");
    }
    for name in &expected.deleted {
        let request = GetRecordRequest { name: name.clone(), ..Default::default() };
        let answer = RecordServiceClient::new(world.app("vault")).get_record(request).await;
        assert_eq!(answer.unwrap_err().code(), Code::NotFound, "{name}");
    }
}

/// Every record takes a field, and keeps what it had.
async fn records_are_updated(world: &World, expected: &Expected) {
    for (name, wanted) in &expected.records {
        let record =
            Record { name: name.clone(), fields: Some(fields(&json!({"added": "since"}))), ..Default::default() };
        let request = UpdateRecordRequest { record: Some(record), ..Default::default() };
        let updated = RecordServiceClient::new(world.app("vault")).update_record(request).await;
        updated.unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
        let mut values = wanted["fields"].clone();
        values["added"] = Json::from("since");
        assert_eq!(shown(&reveal(world, name).await.unwrap())["fields"], values, "{name}");
    }
}

/// Waits until each event is in its log, once.
async fn delivered(world: &World, waiting: impl Iterator<Item = &Waiting>) {
    let audit = world.sql(Service::Audit).await.unwrap();
    for Waiting { log, event_id } in waiting {
        let id: Uuid = event_id.parse().unwrap();
        let sql = "SELECT count(*) FROM entries JOIN logs USING (log_id) WHERE name = $1 AND event_id = $2";
        eventually("an event that waited in its log", async || {
            let count: i64 = audit.query_one(sql, &[log, &id]).await.unwrap().get(0);
            (count == 1).then_some(())
        })
        .await;
    }
}

/// Every log, however much it has grown, holds what was dumped, and its report says what it said.
async fn logs_verify(world: &World, expected: &Expected) {
    for (name, log) in &expected.logs {
        let (expected_size, expected_head) = (log.size, log.head.clone());
        let request = VerifyLogRequest { name: name.clone(), expected_size, expected_head, ..Default::default() };
        let report = verify_as(world, request).await;
        assert_eq!(said(&report), log.report, "{name}: {report:?}");
    }
}

/// The log that the dumps left in quarantine is mended as the runbook says, and takes what waited for it.
async fn the_quarantine_ends(world: &World, expected: &Expected) {
    let log = &expected.logs[FORKED_LOG];
    mend_head(world, &log.head).await;
    delivered(world, expected.waiting.iter().filter(|waiting| waiting.log == FORKED_LOG)).await;
    close_alarms(world, FORKED_LOG).await;
    let (expected_size, expected_head) = (log.size, log.head.clone());
    let request = VerifyLogRequest { name: FORKED_LOG.into(), expected_size, expected_head, ..Default::default() };
    let report = said(&verify_as(world, request).await);
    assert_eq!(report["verdict"], "VERDICT_INTACT_WITH_ALARMS", "{report}");
    assert_eq!(report["alarms"], json!([["FORKED", "closed"]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_golden_databases_are_migrated_opened_and_go_on() {
    let expected = Expected::read();
    assert!(expected.records.len() >= 8 && expected.logs.len() >= 4 && !expected.waiting.is_empty());
    let started = Instant::now();
    let world = opened().await;
    requests_are_remembered(&world, &expected, started).await;
    records_open(&world, &expected).await;
    delivered(&world, expected.waiting.iter().filter(|waiting| waiting.log != FORKED_LOG)).await;
    logs_verify(&world, &expected).await;
    let rows = "SELECT count(*) FROM audit_outbox_refused WHERE reason = 'FORGED'";
    let refused: BTreeMap<_, _> = [
        ("key".to_owned(), world.count(Service::Key, rows).await),
        ("vault".to_owned(), world.count(Service::Vault, rows).await),
    ]
    .into();
    assert_eq!(refused, expected.refused);
    records_are_updated(&world, &expected).await;
    the_quarantine_ends(&world, &expected).await;
    logs_verify(&world, &Expected { logs: expected.without(FORKED_LOG), ..Expected::default() }).await;
    for instance in ["key", "vault"] {
        assert_eq!(world.mentions(instance, "\"level\":\"ERROR\""), 0, "{}", world.log(instance).display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "run once, when the first release was made: it refuses to overwrite what is there"]
async fn makes_the_golden_databases_once_and_for_all() {
    expected::nothing_is_there();
    making::make().await;
}
