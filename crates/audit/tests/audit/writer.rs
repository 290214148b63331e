//! Durable events, shared commits.

use std::time::Duration;

use audit::{AuditUnavailable, OutboxConfig, OutboxKeySlot};
use futures::future::join_all;
use test_support::poll_until;
use tokio::time::Instant;

use crate::{Fixture, events, log, outbox_key};

const COMMITS: &str = "SELECT count(DISTINCT xmin::text) FROM audit_outbox";

#[tokio::test]
async fn concurrent_writers_share_rows_and_commits() {
    let fixture = Fixture::new().await;
    let (writer, _job) = fixture.writer();
    let acme = log("acme");
    let writes = (0..200).map(|_| async { writer.write(&acme, &events(&acme, 1)).await });
    assert!(join_all(writes).await.into_iter().all(|written| written.is_ok()));
    let (commits, rows) = (fixture.count(COMMITS).await, fixture.waiting().await);
    assert!(commits <= 20, "{commits} commits");
    assert!(rows <= 40, "{rows} rows");
    let bytes = fixture.count("SELECT max(octet_length(events))::bigint FROM audit_outbox").await;
    assert!(bytes <= 7_000, "rows of several callers must stay within a page: {bytes}");
}

#[tokio::test]
async fn writers_one_after_the_other_commit_one_by_one() {
    let fixture = Fixture::new().await;
    let (writer, _job) = fixture.writer();
    let acme = log("acme");
    for expected in 1..=5 {
        writer.write(&acme, &events(&acme, 1)).await.unwrap();
        // Durable now: another session sees it.
        assert_eq!(fixture.waiting().await, expected);
    }
    assert_eq!(fixture.count(COMMITS).await, 5);
}

#[tokio::test]
async fn events_of_different_logs_never_share_a_row() {
    let fixture = Fixture::new().await;
    let (writer, _job) = fixture.writer();
    let writes = (0..30).map(|number| {
        let (writer, log) = (&writer, log(&format!("tenant-{}", number % 3)));
        async move { writer.write(&log, &events(&log, 1)).await.unwrap() }
    });
    join_all(writes).await;
    assert_eq!(fixture.count("SELECT count(DISTINCT log_name) FROM audit_outbox").await, 3);
}

#[tokio::test]
async fn without_a_key_nothing_is_written_until_it_comes() {
    let key = OutboxKeySlot::empty();
    let fixture = Fixture::with(&OutboxConfig::default(), key.clone()).await;
    let (writer, _job) = fixture.writer();
    let acme = log("acme");
    assert_eq!(writer.write(&acme, &events(&acme, 1)).await, Err(AuditUnavailable));
    assert_eq!(fixture.outbox.row(&acme, &events(&acme, 1)), Err(AuditUnavailable));
    assert_eq!(fixture.waiting().await, 0);
    key.set(outbox_key(1));
    writer.write(&acme, &events(&acme, 1)).await.unwrap();
    key.clear();
    assert_eq!(writer.write(&acme, &events(&acme, 1)).await, Err(AuditUnavailable));
}

#[tokio::test]
async fn a_stuck_database_fails_closed_within_two_seconds_and_recovers() {
    let fixture = Fixture::new().await;
    let (writer, _job) = fixture.writer();
    let acme = log("acme");
    let superuser = fixture.database.superuser().await.unwrap();
    superuser.batch_execute("BEGIN; LOCK TABLE audit_outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let started = Instant::now();
    let writes = (0..50).map(|_| async { writer.write(&acme, &events(&acme, 1)).await });
    assert!(join_all(writes).await.into_iter().all(|written| written == Err(AuditUnavailable)));
    assert!(started.elapsed() < Duration::from_millis(2_300), "{:?}", started.elapsed());
    superuser.batch_execute("ROLLBACK").await.unwrap();
    let written = poll_until(Duration::from_secs(5), "the writer to recover", async || {
        writer.write(&acme, &events(&acme, 1)).await.ok()
    });
    written.await.unwrap();
}

#[tokio::test]
async fn a_connection_lost_midway_is_made_up_for() {
    let fixture = Fixture::new().await;
    let (writer, _job) = fixture.writer();
    let acme = log("acme");
    let superuser = fixture.database.superuser().await.unwrap();
    superuser.batch_execute("BEGIN; LOCK TABLE audit_outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let event = events(&acme, 1);
    fixture.db.warm(2).await.unwrap();
    // Another session: within a transaction the list of sessions stays what it was at the first look.
    let killer = fixture.database.superuser().await.unwrap();
    let cut = async {
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE wait_event_type = 'Lock' AND usename = 'strongroom_vault' AND datname = current_database()";
        let killed = poll_until(Duration::from_secs(2), "a session to kill", async || {
            (killer.query_one(kill, &[]).await.unwrap().get::<_, i64>(0) > 0).then_some(())
        });
        killed.await.unwrap();
        superuser.batch_execute("ROLLBACK").await.unwrap();
    };
    let (written, ()) = futures::future::join(writer.write(&acme, &event), cut).await;
    written.unwrap();
    assert_eq!(fixture.waiting().await, 1);
}

#[tokio::test]
async fn the_job_ends_with_the_last_writer_and_its_answers() {
    let fixture = Fixture::new().await;
    let (writer, mut job) = fixture.writer();
    let acme = log("acme");
    let last = tokio::task::JoinSet::from_iter([async move { writer.write(&acme, &events(&acme, 1)).await }]);
    assert_eq!(last.join_all().await, [Ok(())]);
    job.join_next().await.unwrap().unwrap();
}
