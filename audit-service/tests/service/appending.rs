//! Receipts, duplicates, refusals, log time.

use std::sync::Arc;

use api::audit::v1 as proto;
use api::audit::v1::append_result::Result as Answer;
use audit_service::append::Outcome;
use audit_service::config::AppendConfig;
use clock::{Clock as _, SystemClock, TestClock, Timestamp, uuid_v7};
use names::LogName;
use tlog::append::Refusal;
use tonic::{Code, Request};

use crate::world::{LIMIT, World, event, events, log};

fn message(log: &str) -> proto::Event {
    proto::Event {
        event_id: uuid_v7(&SystemClock).as_bytes().to_vec(),
        log: log.to_owned(),
        time_ns: 1,
        actor: "spiffe://strongroom.dev/app".to_owned(),
        action: "records.create".to_owned(),
        resource: "tenants/acme/collections/patients/records/p-1".to_owned(),
        outcome: proto::Outcome::Ok.into(),
        ..proto::Event::default()
    }
}

/// What was answered to each event: an index, or the code of a refusal.
fn answers(response: proto::AppendEventsResponse) -> Vec<Result<u64, String>> {
    response
        .results
        .into_iter()
        .map(|result| match result.result {
            Some(Answer::Receipt(receipt)) => Ok(receipt.index.unwrap()),
            Some(Answer::Refusal(refusal)) => Err(refusal.reason),
            None => panic!("put off"),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_events_are_refused_one_by_one_and_the_others_are_taken() {
    let world = World::start().await;
    let replica = world.replica().await;
    let mut events = vec![message("logs/acme"); 9];
    for event in &mut events {
        event.event_id = uuid_v7(&SystemClock).as_bytes().to_vec();
    }
    events[1].event_id = vec![1; 15];
    events[2].log = "tenants/acme".to_owned();
    events[3].outcome = 0;
    events[4].resource = "John Smith".to_owned();
    events[5].attributes.insert("Comment".to_owned(), "x".to_owned());
    events[6].attributes.insert("reason".to_owned(), "says who".to_owned());
    events[7].reference = "x".repeat(65);
    let request = Request::new(proto::AppendEventsRequest { events });
    let response = world.ingest(&replica, "vault-service").append_events(request).await.unwrap();
    let refused = || Err("MALFORMED".to_owned());
    let expected = vec![Ok(0), refused(), refused(), refused(), refused(), refused(), refused(), refused(), Ok(1)];
    assert_eq!(answers(response.into_inner()), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_append_and_too_many_events_are_refused() {
    let world = World::start().await;
    let replica = world.replica().await;
    let request = || Request::new(proto::AppendEventsRequest { events: vec![message("logs/acme")] });
    for caller in ["app", "operator", "auditor", "stranger", "audit-service"] {
        let refused = world.ingest(&replica, caller).append_events(request()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{caller}");
    }
    let mut ingest = world.ingest(&replica, "vault-service");
    for count in [0, 2_049] {
        let request = proto::AppendEventsRequest { events: vec![message("logs/acme"); count] };
        assert_eq!(ingest.append_events(Request::new(request)).await.unwrap_err().code(), Code::InvalidArgument);
    }
    assert!(world.signer.head(log("logs/acme")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_producer_is_the_caller_and_nobody_else() {
    let world = World::start().await;
    let replica = world.replica().await;
    let request = proto::AppendEventsRequest { events: vec![message("logs/acme")] };
    world.ingest(&replica, "key-service").append_events(Request::new(request)).await.unwrap();
    let row = world.database.superuser().await.unwrap();
    let row = row.query_one("SELECT producer FROM entries", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "key-service");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_again_gets_the_same_receipt() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let first = events(5);
    assert_eq!(replica.append(&acme, &first).await, [0, 1, 2, 3, 4]);
    let mut again = vec![first[3].clone(), event(9), first[0].clone(), first[3].clone()];
    assert_eq!(replica.append(&acme, &again).await, [3, 5, 0, 3]);
    // Twice in one batch, and never before.
    again = vec![event(10), event(11)];
    again.push(again[0].clone());
    assert_eq!(replica.append(&acme, &again).await, [6, 7, 6]);
    let report = world.verify(&replica, &acme).await;
    assert_eq!((report.verdict(), report.entries), (proto::Verdict::Intact, Some(8)));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_any_order_and_are_known_again_whatever_their_ids() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let mut made = [event(0), event(1), event(2)];
    made.sort_by_key(|event| event.event_id);
    let [oldest, middle, newest] = made;
    assert_eq!(replica.append(&acme, &[newest.clone(), oldest.clone()]).await, [0, 1]);
    assert_eq!(replica.append(&acme, std::slice::from_ref(&newest)).await, [0]);
    assert_eq!(replica.append(&acme, &[middle.clone(), oldest]).await, [2, 1]);
    assert_eq!(replica.append(&acme, &[newest, middle, event(3)]).await, [0, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_id_is_another_event_in_another_log() {
    let world = World::start().await;
    let replica = world.replica().await;
    let event = event(1);
    assert_eq!(replica.append(&log("logs/acme"), std::slice::from_ref(&event)).await, [0]);
    assert_eq!(replica.append(&log("logs/umbrella"), std::slice::from_ref(&event)).await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_event_under_a_used_id_is_refused_for_ever() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let first = event(1);
    replica.append(&acme, std::slice::from_ref(&first)).await;
    let mut other = event(2);
    other.event_id = first.event_id;
    assert_eq!(replica.outcomes(&acme, &[other]).await, [Outcome::Refused(Refusal::EventIdReused)]);
    assert_eq!(world.verify(&replica, &acme).await.verdict(), proto::Verdict::Intact);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_said_at_once_with_the_time_to_wait() {
    let world = World::start().await;
    let config = AppendConfig { queue: 4, ..AppendConfig::default() };
    let replica = world.replica_with(Arc::new(SystemClock), config).await;
    replica.faults.hold_next();
    let acme = log("logs/acme");
    let four: Vec<_> = events(4);
    let waiting = replica.append(&acme, &four);
    let refused = async {
        replica.faults.holding().await;
        let mut ingest = world.ingest(&replica, "vault-service");
        let request = proto::AppendEventsRequest { events: vec![message("logs/acme")] };
        let refused = ingest.append_events(Request::new(request)).await.unwrap_err();
        replica.faults.release();
        refused
    };
    let (indices, refused) = futures::join!(waiting, refused);
    assert_eq!(indices, [0, 1, 2, 3]);
    let details = rpc::StatusDetails::of(&refused);
    assert_eq!(details.code, Code::ResourceExhausted);
    assert!(details.retry_after.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_shutdown_finds_waiting_is_appended_first() {
    let world = World::start().await;
    let replica = world.replica().await;
    let appender = replica.app.appender().clone();
    let appending = async { appender.append(vec![event(1)], tokio::time::Instant::now() + LIMIT, None).await.unwrap() };
    let (outcomes, ()) = futures::join!(appending, replica.end());
    assert_eq!(outcomes, [Outcome::Logged { index: 0 }]);
}

/// Times logged of the entries of a log, in order.
async fn log_times(world: &World, log: &LogName) -> Vec<i64> {
    let database = world.database.superuser().await.unwrap();
    let sql = "SELECT entry FROM entries WHERE log_id = $1 ORDER BY entry_index";
    let rows = database.query(sql, &[&tlog::log_id(log).as_uuid()]).await.unwrap();
    rows.iter().map(|row| tlog::entry::decode(row.get(0)).unwrap().place.logged_ns).collect()
}

const HOUR: i64 = 3_600_000_000_000;
const YEAR: i64 = 365 * 24 * HOUR;

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_audit_database_nor_this_machines_clock_decides_a_time() {
    let world = World::start().await;
    // A machine whose clock stands in 1970.
    let clock = Arc::new(TestClock::at(Timestamp::from_nanos(0)));
    let replica = world.replica_with(clock, AppendConfig::default()).await;
    let acme = log("logs/acme");
    let now = SystemClock.now().as_nanos();
    replica.append(&acme, &events(2)).await;
    for last in [7_000_000_000_000_000_000_i64, 0] {
        let sql = "UPDATE logs SET last_logged_ns = $1";
        world.tamperer().await.execute(sql, &[&last]).await.unwrap();
        replica.append(&acme, &events(2)).await;
    }
    let times = log_times(&world, &acme).await;
    assert!(times.is_sorted() && times.iter().all(|time| time.abs_diff(now) < HOUR.unsigned_abs()), "{times:?}");
    assert_eq!(world.signer.head(acme.clone()).await.unwrap().unwrap().alarms, []);
    assert_eq!(world.verify(&replica, &acme).await.verdict(), proto::Verdict::Intact);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signers_clock_that_was_a_year_fast_costs_true_times_and_no_event() {
    let (world, clock) = World::start_with_signer_clock().await;
    clock.set("1 year").await.unwrap();
    let replica = world.replica().await;
    let (acme, umbrella) = (log("logs/acme"), log("logs/umbrella"));
    let now = SystemClock.now().as_nanos();
    replica.append(&acme, &events(2)).await;
    clock.set("0").await.unwrap();
    for _ in 0..3 {
        replica.append(&acme, &events(2)).await;
    }
    replica.append(&umbrella, &events(2)).await;
    let times = log_times(&world, &acme).await;
    assert!(times[0] > now + YEAR - HOUR && times[1..].iter().all(|time| *time == times[1]), "{times:?}");
    assert!(log_times(&world, &umbrella).await.iter().all(|time| time.abs_diff(now) < HOUR.unsigned_abs()));
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    let kinds: Vec<_> = view.alarms.iter().map(|alarm| alarm.kind.name()).collect();
    assert_eq!((view.size, kinds), (8, vec!["CLOCK"]), "one alarm, however many entries");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signers_clock_that_was_a_year_slow_leaves_no_trace_once_it_is_right() {
    let (world, clock) = World::start_with_signer_clock().await;
    clock.set("-1 year").await.unwrap();
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let now = SystemClock.now().as_nanos();
    replica.append(&acme, &events(2)).await;
    clock.set("0").await.unwrap();
    // The first batch is still built by what the signer said before.
    replica.append(&acme, &events(2)).await;
    replica.append(&acme, &events(2)).await;
    let times = log_times(&world, &acme).await;
    assert!(times.is_sorted() && times[0] < now - YEAR + HOUR && times[5] > now - HOUR, "{times:?}");
    assert_eq!(world.signer.head(acme.clone()).await.unwrap().unwrap().alarms, []);
    assert_eq!(world.verify(&replica, &acme).await.verdict(), proto::Verdict::Intact);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_delivered_twice_are_checked_in_one_call_wherever_they_are() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let all = events(20);
    replica.append(&acme, &all).await;
    let again: Vec<_> = all.iter().step_by(3).cloned().collect();
    replica.faults.count_checks();
    assert_eq!(replica.append(&acme, &again).await, (0..20).step_by(3).collect::<Vec<u64>>());
    assert_eq!(replica.faults.count_checks(), 1);
}
