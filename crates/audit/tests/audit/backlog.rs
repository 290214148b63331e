//! The gate that closes while events pile up.

use std::time::Duration;

use audit::{AuditUnavailable, Forwarder, ForwarderConfig, Outbox, OutboxConfig, OutboxKeySlot};
use test_support::poll_until;
use tokio_util::sync::CancellationToken;

use crate::fake::{FakeIngest, Faults};
use crate::{Fixture, events, log, outbox_key};

async fn bounded(max_backlog: u64, max_backlog_age: Duration) -> Fixture {
    let config = OutboxConfig { max_backlog, max_backlog_age, ..OutboxConfig::default() };
    Fixture::with(&config, OutboxKeySlot::filled(outbox_key(1))).await
}

#[tokio::test]
async fn the_gate_closes_at_the_row_limit_for_that_log_alone_and_opens_again() {
    let fixture = bounded(10, Duration::from_mins(1)).await;
    let (acme, other) = (log("acme"), log("other"));
    let (writer, _job) = fixture.writer();
    fixture.insert_each(&acme, &events(&acme, 9)).await;
    fixture.outbox.sample_backlog().await.unwrap();
    fixture.outbox.admit(&acme).unwrap();
    // The tenth is counted by this process, before the table is read again.
    writer.write(&acme, &events(&acme, 1)).await.unwrap();
    assert_eq!(fixture.outbox.admit(&acme), Err(AuditUnavailable));
    fixture.outbox.sample_backlog().await.unwrap();
    assert_eq!(fixture.outbox.admit(&acme), Err(AuditUnavailable));
    assert_eq!(writer.write(&acme, &events(&acme, 1)).await, Err(AuditUnavailable));
    assert_eq!(fixture.waiting().await, 10);
    fixture.outbox.admit(&other).unwrap();
    writer.write(&other, &events(&other, 1)).await.unwrap();

    let ingest = FakeIngest::default();
    Forwarder::new(fixture.outbox.clone(), ingest.clone(), ForwarderConfig::default()).pass().await;
    assert_eq!(ingest.taken().len(), 11);
    fixture.outbox.sample_backlog().await.unwrap();
    fixture.outbox.admit(&acme).unwrap();
    writer.write(&acme, &events(&acme, 1)).await.unwrap();
}

#[tokio::test]
async fn the_gate_closes_when_the_oldest_row_is_too_old() {
    let fixture = bounded(1_000, Duration::from_secs(10)).await;
    let (acme, other) = (log("acme"), log("other"));
    let rows = fixture.insert_each(&acme, &events(&acme, 1)).await;
    fixture.insert_each(&other, &events(&other, 1)).await;
    fixture.outbox.sample_backlog().await.unwrap();
    fixture.outbox.admit(&acme).unwrap();
    let age = "UPDATE audit_outbox SET created_at = now() - interval '11 s' WHERE outbox_id = $1";
    fixture.database.superuser().await.unwrap().execute(age, &[&rows[0].id]).await.unwrap();
    fixture.outbox.sample_backlog().await.unwrap();
    assert_eq!(fixture.outbox.admit(&acme), Err(AuditUnavailable));
    fixture.outbox.admit(&other).unwrap();
}

#[tokio::test]
async fn with_the_audit_service_away_writing_stops_and_goes_on_by_itself_when_it_is_back() {
    let fixture = bounded(5, Duration::from_mins(1)).await;
    let acme = log("acme");
    let ingest = FakeIngest::with(Faults { away: true, ..Faults::default() });
    let (writer, mut jobs) = fixture.writer();
    let shutdown = CancellationToken::new();
    jobs.spawn(fixture.outbox.clone().watch_backlog(shutdown.clone()));
    jobs.spawn(
        Forwarder::new(fixture.outbox.clone(), ingest.clone(), ForwarderConfig::default()).run(shutdown.clone()),
    );
    let mut written = 0;
    while writer.write(&acme, &events(&acme, 1)).await.is_ok() {
        written += 1;
        assert!(written <= 5, "the gate does not close");
    }
    // Rows written while the table is read count twice for a moment: the gate may close early, never late.
    assert!(written >= 1);
    let tried = poll_until(Duration::from_secs(5), "a failed delivery", async || (ingest.calls() > 0).then_some(()));
    tried.await.unwrap();

    ingest.order(Faults::default());
    let again = poll_until(Duration::from_secs(10), "the gate to open", async || {
        writer.write(&acme, &events(&acme, 1)).await.ok()
    });
    again.await.unwrap();
    let delivered = poll_until(Duration::from_secs(5), "all events to arrive", async || {
        (ingest.taken().len() == written + 1).then_some(())
    });
    delivered.await.unwrap();
    shutdown.cancel();
    drop(writer);
    while let Some(ended) = jobs.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn the_gate_closes_for_all_when_all_logs_together_have_too_much_and_last_for_those_that_have_little() {
    let config = OutboxConfig { max_rows: 1_300, ..OutboxConfig::default() };
    let fixture = Fixture::with(&config, OutboxKeySlot::filled(outbox_key(1))).await;
    let (acme, other) = (log("acme"), log("other"));
    fixture.insert_each(&acme, &events(&acme, 1_169)).await;
    fixture.outbox.sample_backlog().await.unwrap();
    fixture.outbox.admit(&acme).unwrap();
    fixture.insert_each(&acme, &events(&acme, 1)).await;
    fixture.outbox.sample_backlog().await.unwrap();
    // Nine tenths are taken.
    assert_eq!(fixture.outbox.admit(&acme), Err(AuditUnavailable));
    fixture.outbox.admit(&other).unwrap();
    fixture.insert_each(&other, &events(&other, 130)).await;
    fixture.outbox.sample_backlog().await.unwrap();
    for log in [&acme, &other, &log("third")] {
        assert_eq!(fixture.outbox.admit(log), Err(AuditUnavailable));
    }
}

#[tokio::test]
async fn the_gate_closes_when_what_waits_has_too_many_bytes() {
    let acme = log("acme");
    let bytes = |fixture: &Fixture| fixture.outbox.row(&acme, &events(&acme, 10)).unwrap().events.len();
    let config = OutboxConfig { max_bytes: 3_000, ..OutboxConfig::default() };
    let fixture = Fixture::with(&config, OutboxKeySlot::filled(outbox_key(1))).await;
    let rows = 3_000_usize.div_ceil(bytes(&fixture));
    for row in 1..=rows {
        fixture.outbox.admit(&acme).unwrap_or_else(|_| panic!("row {row} of {rows}"));
        fixture.insert(&[fixture.outbox.row(&acme, &events(&acme, 10)).unwrap()]).await;
        fixture.outbox.sample_backlog().await.unwrap();
    }
    assert_eq!(fixture.outbox.admit(&acme), Err(AuditUnavailable));
}

#[tokio::test]
async fn rows_of_another_process_count_and_age_for_their_own_log() {
    let fixture = bounded(10, Duration::from_secs(10)).await;
    let key = OutboxKeySlot::filled(outbox_key(1));
    let config = OutboxConfig { max_backlog: 10, max_backlog_age: Duration::from_secs(10), ..OutboxConfig::default() };
    let another = Outbox::new(fixture.db.clone(), key, std::sync::Arc::clone(fixture.outbox.clock()), &config);
    let (acme, old, other) = (log("acme"), log("old"), log("other"));
    fixture.insert_each(&acme, &events(&acme, 10)).await;
    fixture.insert_each(&old, &events(&old, 1)).await;
    let age = "UPDATE audit_outbox SET created_at = now() - interval '11 s' WHERE log_name = 'logs/old'";
    fixture.database.superuser().await.unwrap().batch_execute(age).await.unwrap();
    another.sample_backlog().await.unwrap();
    assert_eq!(another.admit(&acme), Err(AuditUnavailable));
    assert_eq!(another.admit(&old), Err(AuditUnavailable));
    another.admit(&other).unwrap();
}
