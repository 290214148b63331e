//! Delivery at least once, and what is never delivered.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use api::audit::v1::AppendEventsRequest;
use api::audit::v1::ingest_service_client::IngestServiceClient;
use audit::forwarder::Pass;
use audit::{Event, Forwarder, ForwarderConfig, Outbox, OutboxConfig, OutboxKeySlot, OutboxRow};
use clock::{Clock as _, SystemClock, TestClock};
use prost::Message as _;
use test_support::poll_until;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::fake::{FakeIngest, Faults};
use crate::{Fixture, events, ids, log, outbox_key};

pub(crate) fn forwarder(fixture: &Fixture, ingest: &FakeIngest) -> Forwarder<FakeIngest> {
    Forwarder::new(fixture.outbox.clone(), ingest.clone(), ForwarderConfig::default())
}

pub(crate) fn set(events: &[Event]) -> BTreeSet<names::EventId> {
    ids(events).into_iter().collect()
}

fn wire_ids(events: &[Event]) -> BTreeSet<Vec<u8>> {
    events.iter().map(|event| event.event_id.as_bytes().to_vec()).collect()
}

#[tokio::test]
async fn rows_are_deleted_after_the_receipt_and_not_before() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 20);
    fixture.insert_each(&acme, &sent).await;
    let ingest = FakeIngest::with(Faults { away: true, ..Faults::default() });
    let forwarder = forwarder(&fixture, &ingest);
    assert_eq!(forwarder.pass().await, Pass::Failed);
    assert_eq!(fixture.waiting().await, 20);
    ingest.order(Faults::default());
    assert_eq!(forwarder.pass().await, Pass::Drained);
    assert_eq!(fixture.waiting().await, 0);
    assert_eq!(ingest.taken(), set(&sent));
    assert!(fixture.refused().await.is_empty());
}

#[tokio::test]
async fn lost_answers_lead_to_a_second_delivery_of_the_same_events() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 10);
    fixture.insert(&[fixture.outbox.row(&acme, &sent).unwrap()]).await;
    let ingest = FakeIngest::with(Faults { lost_answers: 2, ..Faults::default() });
    let forwarder = forwarder(&fixture, &ingest);
    let outcomes = [forwarder.pass().await, forwarder.pass().await, forwarder.pass().await];
    assert_eq!(outcomes, [Pass::Failed, Pass::Failed, Pass::Drained]);
    assert_eq!(ingest.taken(), set(&sent));
    assert_eq!(ingest.deliveries(), 30, "the same event ids three times");
    assert_eq!(fixture.waiting().await, 0);
}

#[tokio::test]
async fn a_forwarder_that_dies_between_receipt_and_deletion_loses_nothing() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 3);
    fixture.insert_each(&acme, &sent).await;
    let ingest = FakeIngest::with(Faults { hangs: true, ..Faults::default() });
    assert!(timeout(Duration::from_millis(500), forwarder(&fixture, &ingest).pass()).await.is_err());
    assert_eq!(ingest.deliveries(), 3);
    assert_eq!(fixture.waiting().await, 3);
    ingest.order(Faults::default());
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!(ingest.taken(), set(&sent));
    assert_eq!(fixture.waiting().await, 0);
}

#[tokio::test]
async fn forged_rows_are_never_sent_and_raise_an_alarm() {
    let fixture = Fixture::new().await;
    let (acme, other) = (log("acme"), log("other"));
    let genuine = events(&acme, 1);
    let row = fixture.outbox.row(&acme, &genuine).unwrap();
    let bytes = |events: &[Event]| fixture.outbox.row(&acme, events).unwrap().events;
    let forged = [
        OutboxRow { id: fixture.outbox.row(&acme, &genuine).unwrap().id, ..row.clone() },
        OutboxRow { id: uuid(&fixture), log: other.to_string(), ..row.clone() },
        OutboxRow { id: uuid(&fixture), time_ns: row.time_ns + 1, ..row.clone() },
        OutboxRow { id: uuid(&fixture), events: bytes(&events(&acme, 1)), ..row.clone() },
        OutboxRow { id: uuid(&fixture), mac: vec![0; 32], ..row.clone() },
        OutboxRow { id: uuid(&fixture), mac: Vec::new(), ..row.clone() },
        Fixture::with(&OutboxConfig::default(), OutboxKeySlot::filled(outbox_key(2)))
            .await
            .outbox
            .row(&acme, &events(&acme, 1))
            .unwrap(),
    ];
    fixture.insert(&forged).await;
    fixture.insert(std::slice::from_ref(&row)).await;
    let ingest = FakeIngest::default();
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!(ingest.taken(), set(&genuine));
    assert_eq!(ingest.deliveries(), 1);
    let refused = fixture.refused().await;
    assert_eq!(refused.len(), forged.len());
    assert!(refused.iter().all(|(reason, _)| reason == "FORGED"), "{refused:?}");
    assert_eq!(fixture.waiting().await, 0);
}

/// So much is read of it that it is refused; what was there is kept whole.
#[tokio::test]
async fn a_row_that_is_longer_than_any_is_set_aside_as_it_is() {
    let fixture = Fixture::new().await;
    let row = fixture.outbox.row(&log("acme"), &events(&log("acme"), 1)).unwrap();
    fixture.insert(std::slice::from_ref(&row)).await;
    let superuser = fixture.database.superuser().await.unwrap();
    let longer = "UPDATE audit_outbox SET events = events || decode(repeat('00', 20000000), 'hex'), mac = mac || decode(repeat('00', 500), 'hex')";
    superuser.batch_execute(longer).await.unwrap();
    let ingest = FakeIngest::default();
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!((ingest.deliveries(), fixture.refused().await.len()), (0, 1));
    let kept = "SELECT octet_length(events), octet_length(mac), time_ns FROM audit_outbox_refused";
    let kept = superuser.query_one(kept, &[]).await.unwrap();
    let length = |bytes: &[u8], more: usize| i32::try_from(bytes.len() + more).unwrap();
    assert_eq!(
        (kept.get::<_, i32>(0), kept.get::<_, i32>(1)),
        (length(&row.events, 20_000_000), length(&row.mac, 500))
    );
    assert_eq!(kept.get::<_, i64>(2), row.time_ns);
}

#[tokio::test]
async fn a_row_without_a_value_is_set_aside_and_holds_no_log_up() {
    let fixture = Fixture::new().await;
    let superuser = fixture.database.superuser().await.unwrap();
    for column in ["time_ns", "events", "mac", "created_at"] {
        superuser.batch_execute(&format!("ALTER TABLE audit_outbox ALTER {column} DROP NOT NULL")).await.unwrap();
        let (hurt, other) = (log(&format!("hurt-{column}").replace('_', "-")), log("other"));
        fixture.insert_each(&hurt, &events(&hurt, 1)).await;
        superuser.batch_execute(&format!("UPDATE audit_outbox SET {column} = NULL")).await.unwrap();
        let behind = events(&hurt, 1);
        fixture.insert_each(&hurt, &behind).await;
        let beside = events(&other, 1);
        fixture.insert_each(&other, &beside).await;
        let ingest = FakeIngest::default();
        assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained, "{column}");
        assert!(ingest.taken().is_superset(&set(&[behind, beside].concat())), "{column}");
        assert_eq!(fixture.waiting().await, 0, "{column}");
        // When the row was made is not what its MAC covers.
        let refused = fixture.refused().await.contains(&("FORGED".to_owned(), hurt.to_string()));
        assert_eq!(refused, column != "created_at", "{column}");
    }
}

#[tokio::test]
async fn a_row_whose_time_is_infinite_or_that_has_no_id_hides_no_other() {
    let fixture = Fixture::new().await;
    let superuser = fixture.database.superuser().await.unwrap();
    let hurt = log("hurt");
    for time in ["infinity", "-infinity"] {
        let sent = events(&hurt, 1);
        fixture.insert_each(&hurt, &sent).await;
        superuser.batch_execute(&format!("UPDATE audit_outbox SET created_at = '{time}'")).await.unwrap();
        let ingest = FakeIngest::default();
        assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained, "{time}");
        assert_eq!(ingest.taken(), set(&sent), "{time}");
    }
    let no_id = "ALTER TABLE audit_outbox DROP CONSTRAINT audit_outbox_pkey;
        ALTER TABLE audit_outbox ALTER outbox_id DROP NOT NULL";
    superuser.batch_execute(no_id).await.unwrap();
    fixture.insert_each(&hurt, &events(&hurt, 1)).await;
    superuser.batch_execute("UPDATE audit_outbox SET outbox_id = NULL").await.unwrap();
    let other = log("other");
    let sent = events(&other, 1);
    fixture.insert_each(&other, &sent).await;
    let ingest = FakeIngest::default();
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!((ingest.taken(), fixture.waiting().await), (set(&sent), 1));
}

fn uuid(fixture: &Fixture) -> uuid::Uuid {
    clock::uuid_v7(fixture.outbox.clock().as_ref())
}

#[tokio::test]
async fn a_refused_event_is_set_aside_and_blocks_nothing() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 6);
    fixture
        .insert(&[fixture.outbox.row(&acme, &sent[..3]).unwrap(), fixture.outbox.row(&acme, &sent[3..]).unwrap()])
        .await;
    let ingest = FakeIngest::with(Faults { refused: wire_ids(&sent[1..2]), ..Faults::default() });
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    let taken: Vec<Event> = [&sent[..1], &sent[2..]].concat();
    assert_eq!(ingest.taken(), set(&taken));
    assert_eq!(fixture.waiting().await, 0);
    assert_eq!(fixture.refused().await, [("MALFORMED".to_owned(), "logs/acme".to_owned())]);
    // The row set aside holds that event alone.
    let superuser = fixture.database.superuser().await.unwrap();
    let kept: Vec<u8> = superuser.query_one("SELECT events FROM audit_outbox_refused", &[]).await.unwrap().get(0);
    let kept = AppendEventsRequest::decode(kept.as_slice()).unwrap();
    // Put back once its cause is mended, it is delivered: it was authenticated anew.
    let put_back =
        "INSERT INTO audit_outbox SELECT outbox_id, log_name, time_ns, events, mac FROM audit_outbox_refused";
    superuser.batch_execute(put_back).await.unwrap();
    ingest.order(Faults::default());
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!(ingest.taken(), set(&sent));
    assert_eq!(kept.events.len(), 1);
    assert_eq!(kept.events[0].event_id, sent[1].event_id.as_bytes());
}

#[tokio::test]
async fn an_event_that_spoils_its_whole_request_is_found_and_set_aside() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 33);
    fixture.insert_each(&acme, &sent).await;
    let ingest = FakeIngest::with(Faults { poisonous: wire_ids(&sent[7..8]), ..Faults::default() });
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    let taken: Vec<Event> = [&sent[..7], &sent[8..]].concat();
    assert_eq!(ingest.taken(), set(&taken));
    assert_eq!(fixture.refused().await, [("INVALID_ARGUMENT".to_owned(), "logs/acme".to_owned())]);
    assert_eq!(fixture.waiting().await, 0);
}

#[tokio::test]
async fn a_claim_does_not_walk_the_rows_that_a_held_snapshot_keeps() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let holder = fixture.database.superuser().await.unwrap();
    holder.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM audit_outbox").await.unwrap();
    let superuser = fixture.database.superuser().await.unwrap();
    // A minute's worth of rows, delivered and deleted, of which none can be removed.
    let dead = "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
        SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 60000 + n / 2), 12, '0') || '7000'
                || substr(gen_random_uuid()::text, 20, 4) || substr(md5(n::text), 1, 12))::uuid, 'logs/acme', 1, '\\x00', '\\x00'
        FROM generate_series(1, 100000) AS n";
    superuser.batch_execute(dead).await.unwrap();
    superuser.batch_execute("DELETE FROM audit_outbox").await.unwrap();
    let ingest = FakeIngest::default();
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    // Claims alone: nobody watches the backlog.
    jobs.spawn(forwarder(&fixture, &ingest).run(shutdown.clone()));
    for round in 1..=20 {
        fixture.insert_each(&acme, &events(&acme, 1)).await;
        fixture.outbox.committed(1);
        let arrived =
            poll_until(Duration::from_secs(10), "the event", async || (ingest.taken().len() == round).then_some(()));
        arrived.await.unwrap();
    }
    shutdown.cancel();
    jobs.join_all().await;
    // A session that ends leaves what it counted.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND usename = 'strongroom_vault'";
    superuser.batch_execute(end).await.unwrap();
    let read = "SELECT idx_scan, idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'audit_outbox_pkey'";
    let (scans, rows) = poll_until(Duration::from_secs(10), "statistics", async || {
        let row = superuser.query_one(read, &[]).await.unwrap();
        let (scans, rows): (i64, i64) = (row.get(0), row.get(1));
        (scans >= 20).then_some((scans, rows))
    })
    .await
    .unwrap();
    assert!(rows < 5_000, "{rows} rows in {scans} scans");
    holder.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test]
async fn two_forwarders_share_the_work_without_repeating_it() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 3_000);
    fixture.insert_each(&acme, &sent).await;
    let ingest = FakeIngest::default();
    let (one, two) = (forwarder(&fixture, &ingest), forwarder(&fixture, &ingest));
    while fixture.waiting().await > 0 {
        futures::future::join(one.pass(), two.pass()).await;
    }
    assert_eq!(ingest.taken(), set(&sent));
    assert_eq!(ingest.deliveries(), 3_000);
    assert!(ingest.calls() < 30, "{} calls", ingest.calls());
}

#[tokio::test]
async fn events_of_one_statement_share_rows_that_stay_in_the_table() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 500);
    let moved_out = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'audit_outbox'";
    let rows = fixture.outbox.rows(&sent).unwrap();
    fixture.insert(&rows).await;
    assert!(rows.len() < sent.len() / 4, "{} rows", rows.len());
    assert_eq!(fixture.count(moved_out).await, 0);
    let ingest = FakeIngest::default();
    let forwarder = forwarder(&fixture, &ingest);
    while forwarder.pass().await == Pass::Full {}
    assert_eq!(ingest.taken(), set(&sent));
    fixture.insert(&[fixture.outbox.row(&acme, &sent).unwrap()]).await;
    assert!(fixture.count(moved_out).await > 0, "the control: all in one row is moved out");
}

#[tokio::test]
async fn a_slow_audit_service_is_sent_less_at_a_time_until_it_keeps_up() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 4_000);
    let rows: Vec<OutboxRow> = sent.chunks(100).map(|events| fixture.outbox.row(&acme, events).unwrap()).collect();
    fixture.insert(&rows).await;
    // Rows of 100 events: what is sent must come down to two rows.
    let ingest = FakeIngest::with(Faults { in_time: Some(250), ..Faults::default() });
    let config = ForwarderConfig { first_pause: Duration::from_millis(1), ..ForwarderConfig::default() };
    let forwarder = Forwarder::new(fixture.outbox.clone(), ingest.clone(), config);
    assert_eq!(forwarder.pass().await, Pass::Failed, "the control: all at once is too much");
    let shutdown = CancellationToken::new();
    let mut running = JoinSet::new();
    running.spawn(fixture.outbox.clone().watch_backlog(shutdown.clone()));
    running.spawn(forwarder.run(shutdown.clone()));
    let empty =
        poll_until(Duration::from_secs(20), "an empty outbox", async || (fixture.waiting().await == 0).then_some(()));
    empty.await.unwrap();
    shutdown.cancel();
    running.join_all().await;
    assert_eq!(ingest.taken(), set(&sent));
    assert_eq!(ingest.deliveries(), 4_000, "what was too much was not taken");
}

#[tokio::test]
async fn requests_keep_to_the_limit_of_the_api_whatever_rows_hold() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let sent = events(&acme, 5_000);
    fixture.insert(&[fixture.outbox.row(&acme, &sent).unwrap()]).await;
    let ingest = FakeIngest::default();
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!(ingest.taken(), set(&sent));
    assert_eq!(ingest.largest(), 2_048);
    assert_eq!(fixture.waiting().await, 0);
}

#[tokio::test]
async fn an_idle_forwarder_delivers_within_a_second_announced_or_not() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    let ingest = FakeIngest::default();
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    jobs.spawn(fixture.outbox.clone().watch_backlog(shutdown.clone()));
    jobs.spawn(forwarder(&fixture, &ingest).run(shutdown.clone()));
    // Another process on the same database, which tells nobody here.
    let key = OutboxKeySlot::filled(outbox_key(1));
    let another = Outbox::new(fixture.db.clone(), key, Arc::clone(fixture.outbox.clock()), &OutboxConfig::default());
    for round in 1..=6 {
        let started = Instant::now();
        if round % 2 == 0 {
            fixture.insert_each(&acme, &events(&acme, 1)).await;
            fixture.outbox.committed(1);
        } else {
            fixture.insert(&[another.row(&acme, &events(&acme, 1)).unwrap()]).await;
        }
        let arrived =
            poll_until(Duration::from_secs(10), "the event", async || (ingest.taken().len() == round).then_some(()));
        arrived.await.unwrap();
        // The promise is a second; other tests load the machine.
        assert!(started.elapsed() < Duration::from_secs(3), "round {round}: {:?}", started.elapsed());
    }
    shutdown.cancel();
    jobs.join_all().await;
}

#[tokio::test]
async fn rows_that_could_not_be_deleted_are_looked_for_however_old_they_grow() {
    let fixture = Fixture::new().await;
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    let key = OutboxKeySlot::filled(outbox_key(1));
    let outbox = Outbox::new(fixture.db.clone(), key, Arc::<TestClock>::clone(&clock), &OutboxConfig::default());
    let acme = log("acme");
    let sent = events(&acme, 1);
    fixture.insert(&[outbox.row(&acme, &sent).unwrap()]).await;
    let superuser = fixture.database.superuser().await.unwrap();
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$;
                  CREATE TRIGGER refuse BEFORE DELETE ON audit_outbox EXECUTE FUNCTION refuse()";
    superuser.batch_execute(refuse).await.unwrap();
    let ingest = FakeIngest::default();
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    // Nobody watches the backlog.
    let forwarder = Forwarder::new(outbox.clone(), ingest.clone(), ForwarderConfig::default());
    jobs.spawn(forwarder.run(shutdown.clone()));
    let twice = async || (ingest.calls() >= 2).then_some(());
    poll_until(Duration::from_secs(10), "deliveries", twice).await.unwrap();
    clock.advance(Duration::from_mins(1));
    let before = ingest.calls();
    let again = async || (ingest.calls() >= before + 2).then_some(());
    poll_until(Duration::from_secs(10), "deliveries again", again).await.unwrap();
    superuser.batch_execute("DROP TRIGGER refuse ON audit_outbox").await.unwrap();
    let empty = async || (fixture.waiting().await == 0).then_some(());
    poll_until(Duration::from_secs(10), "an empty outbox", empty).await.unwrap();
    shutdown.cancel();
    jobs.join_all().await;
}

/// Processes that have waited for a second for a lock, with a statement of this name.
fn waiting_with(statement: &str) -> String {
    format!(
        "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' \
         AND state_change < clock_timestamp() - interval '1 s' AND query LIKE '-- {statement}()%'"
    )
}

#[tokio::test]
async fn rows_that_could_not_be_claimed_are_looked_for_however_old_they_grow() {
    let fixture = Fixture::new().await;
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    let key = OutboxKeySlot::filled(outbox_key(1));
    let outbox = Outbox::new(fixture.db.clone(), key, Arc::<TestClock>::clone(&clock), &OutboxConfig::default());
    let acme = log("acme");
    fixture.insert(&[outbox.row(&acme, &events(&acme, 1)).unwrap()]).await;
    let superuser = fixture.database.superuser().await.unwrap();
    superuser.batch_execute("BEGIN; LOCK TABLE audit_outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    // Nobody watches the backlog.
    let forwarder = Forwarder::new(outbox.clone(), FakeIngest::default(), ForwarderConfig::default());
    jobs.spawn(forwarder.run(shutdown.clone()));
    let cut = format!("SELECT count(pg_terminate_backend(pid)) {}", waiting_with("outbox_claim"));
    let claimed = async || (fixture.count(&cut).await > 0).then_some(());
    poll_until(Duration::from_secs(10), "a claim to be cut off", claimed).await.unwrap();
    clock.advance(Duration::from_mins(1));
    superuser.batch_execute("ROLLBACK").await.unwrap();
    let empty = async || (fixture.waiting().await == 0).then_some(());
    poll_until(Duration::from_secs(10), "an empty outbox", empty).await.unwrap();
    shutdown.cancel();
    jobs.join_all().await;
}

#[tokio::test]
async fn a_database_that_was_long_away_is_looked_at_soon_after() {
    let fixture = Fixture::new().await;
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    let key = OutboxKeySlot::filled(outbox_key(1));
    let outbox = Outbox::new(fixture.db.clone(), key, Arc::<TestClock>::clone(&clock), &OutboxConfig::default());
    let superuser = fixture.database.superuser().await.unwrap();
    superuser.batch_execute("BEGIN; LOCK TABLE audit_outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    jobs.spawn(outbox.clone().watch_backlog(shutdown.clone()));
    // Two were cut off, and a third is under way.
    let watcher = fixture.database.superuser().await.unwrap();
    let mut begun = BTreeSet::new();
    let looks = format!("SELECT max(query_start)::text {}", waiting_with("outbox_logs"));
    let third = poll_until(Duration::from_secs(30), "a third look", async || {
        begun.extend(watcher.query_one(&looks, &[]).await.unwrap().get::<_, Option<String>>(0));
        (begun.len() == 3).then_some(())
    });
    third.await.unwrap();
    // A process that has ended wrote it a minute ago.
    clock.advance(Duration::from_mins(1));
    superuser.batch_execute("ROLLBACK").await.unwrap();
    let acme = log("acme");
    fixture.insert_each(&acme, &events(&acme, 1)).await;
    let forwarder = Forwarder::new(outbox, FakeIngest::default(), ForwarderConfig::default());
    jobs.spawn(forwarder.run(shutdown.clone()));
    let empty = async || (fixture.waiting().await == 0).then_some(());
    poll_until(Duration::from_secs(15), "an empty outbox", empty).await.unwrap();
    shutdown.cancel();
    jobs.join_all().await;
}

#[tokio::test]
async fn without_a_key_the_forwarder_waits_and_then_delivers() {
    let key = OutboxKeySlot::filled(outbox_key(1));
    let fixture = Fixture::with(&OutboxConfig::default(), key.clone()).await;
    let acme = log("acme");
    fixture.insert_each(&acme, &events(&acme, 1)).await;
    key.clear();
    let ingest = FakeIngest::default();
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    jobs.spawn(fixture.outbox.clone().watch_backlog(shutdown.clone()));
    jobs.spawn(forwarder(&fixture, &ingest).run(shutdown.clone()));
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Drained);
    assert_eq!((ingest.calls(), fixture.waiting().await), (0, 1));
    key.set(outbox_key(1));
    let arrived = poll_until(Duration::from_secs(10), "the event", async || (ingest.taken().len() == 1).then_some(()));
    arrived.await.unwrap();
    shutdown.cancel();
    jobs.join_all().await;
}

#[tokio::test]
async fn a_generated_client_is_an_ingest_and_its_absence_a_failure() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    fixture.insert_each(&acme, &events(&acme, 1)).await;
    // Nobody listens on port 1.
    let channel = tonic::transport::Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
    let client = IngestServiceClient::new(channel);
    let forwarder = Forwarder::new(fixture.outbox.clone(), client, ForwarderConfig::default());
    assert_eq!(forwarder.pass().await, Pass::Failed);
    assert_eq!(fixture.waiting().await, 1);
}
