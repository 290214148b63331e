//! Logs that share calls, and one of them or all not getting on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use audit::forwarder::Pass;
use audit::{Forwarder, ForwarderConfig, Outbox, OutboxConfig, OutboxKeySlot};
use names::EventId;
use test_support::poll_until;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fake::{FakeIngest, Faults};
use crate::forwarder::{forwarder, set};
use crate::{Fixture, events, log, outbox_key};

/// Forwarders that run, and what watches their backlogs.
#[derive(Default)]
struct Running {
    jobs: JoinSet<()>,
    shutdown: CancellationToken,
}

impl Running {
    fn start(&mut self, outbox: &Outbox, ingest: &FakeIngest, config: ForwarderConfig) {
        let forwarder = Forwarder::new(outbox.clone(), ingest.clone(), config);
        self.jobs.spawn(outbox.clone().watch_backlog(self.shutdown.clone()));
        self.jobs.spawn(forwarder.run(self.shutdown.clone()));
    }

    async fn end(self) {
        self.shutdown.cancel();
        self.jobs.join_all().await;
    }
}

/// One event of each of so many logs.
async fn one_of_each(fixture: &Fixture, logs: usize) -> BTreeSet<EventId> {
    let (mut ids, mut rows) = (BTreeSet::new(), Vec::new());
    for number in 0..logs {
        let log = log(&format!("tenant-{number}"));
        let event = events(&log, 1);
        rows.push(fixture.outbox.row(&log, &event).unwrap());
        ids.append(&mut set(&event));
    }
    fixture.insert(&rows).await;
    fixture.outbox.committed(rows.len());
    ids
}

async fn taken(ingest: &FakeIngest, expected: &BTreeSet<EventId>) {
    let all = async || (ingest.taken() == *expected).then_some(());
    poll_until(Duration::from_secs(20), "all events", all).await.unwrap();
}

/// A log of which thousands of rows wait and none is taken; another log's events are taken all the while, though each of the two
/// lanes makes so many calls with both before it knows which log is to blame.
async fn one_log_fails(calls_of_a_lane: u32, faults: impl Fn(String) -> Faults) {
    let fixture = Fixture::new().await;
    let (acme, other) = (log("acme"), log("other"));
    let stuck = events(&acme, 4_000);
    fixture.insert_each(&acme, &stuck).await;
    let ingest = FakeIngest::with(faults(acme.to_string()));
    let mut jobs = JoinSet::new();
    let shutdown = CancellationToken::new();
    jobs.spawn(fixture.outbox.clone().watch_backlog(shutdown.clone()));
    jobs.spawn(forwarder(&fixture, &ingest).run(shutdown.clone()));
    let mut expected = BTreeSet::new();
    for _ in 0..8 {
        let flowing = events(&other, 5);
        fixture.insert_each(&other, &flowing).await;
        fixture.outbox.committed(5);
        expected.append(&mut set(&flowing));
        let started = Instant::now();
        let arrived = poll_until(Duration::from_secs(10), "the other log's events", async || {
            (ingest.taken() == expected).then_some(())
        });
        arrived.await.unwrap();
        // The promise is about a second, and the first call that hangs is waited for.
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    }
    let delivered =
        poll_until(Duration::from_secs(10), "receipts", async || (fixture.waiting().await == 4_000).then_some(()));
    delivered.await.unwrap();
    let mixed = ingest.mixed(&acme.to_string());
    assert!(mixed <= 2 * calls_of_a_lane, "{mixed} calls with both");
    ingest.order(Faults::default());
    expected.append(&mut set(&stuck));
    let all = poll_until(Duration::from_secs(20), "all events", async || (ingest.taken() == expected).then_some(()));
    all.await.unwrap();
    shutdown.cancel();
    jobs.join_all().await;
    assert_eq!(fixture.waiting().await, 0);
}

#[tokio::test]
async fn a_log_that_is_not_served_is_tried_alone_and_goes_on_later() {
    one_log_fails(1, |log| Faults { unserved: [log].into(), ..Faults::default() }).await;
}

#[tokio::test]
async fn a_log_that_makes_its_whole_call_fail_is_tried_alone_and_goes_on_later() {
    one_log_fails(1, |log| Faults { failing: [log].into(), ..Faults::default() }).await;
}

#[tokio::test]
async fn a_log_whose_calls_are_never_answered_is_tried_alone_and_goes_on_later() {
    one_log_fails(1, |log| Faults { stuck: [log].into(), ..Faults::default() }).await;
}

#[tokio::test]
async fn many_logs_take_turns_and_a_long_one_holds_none_up() {
    let fixture = Fixture::new().await;
    let long = log("a-long-one");
    fixture.insert_each(&long, &events(&long, 3_000)).await;
    let mut few = BTreeSet::new();
    for number in 0..40 {
        let log = log(&format!("tenant-{number}"));
        let events = events(&log, 2);
        fixture.insert_each(&log, &events).await;
        few.append(&mut set(&events));
    }
    let ingest = FakeIngest::default();
    assert_eq!(forwarder(&fixture, &ingest).pass().await, Pass::Full);
    assert!(few.is_subset(&ingest.taken()), "all of those that have little, in the first pass");
    assert!((few.len() + 1..=1_024).contains(&ingest.taken().len()), "{}", ingest.taken().len());
}

/// The audit-service seems away first: a second call shows that it is not.
#[tokio::test]
async fn a_log_that_ends_the_connection_of_its_calls_is_tried_alone_and_goes_on_later() {
    one_log_fails(2, |log| Faults { crashing: [log].into(), ..Faults::default() }).await;
}

/// The audit-service seems away first: a second call shows that it is not.
#[tokio::test]
async fn a_log_that_ends_the_connection_of_its_calls_is_found_among_many() {
    let fixture = Fixture::new().await;
    let acme = log("acme");
    fixture.insert_each(&acme, &events(&acme, 1)).await;
    let ingest = FakeIngest::with(Faults { crashing: [acme.to_string()].into(), ..Faults::default() });
    let mut running = Running::default();
    running.start(&fixture.outbox, &ingest, ForwarderConfig::default());
    let mut expected = BTreeSet::new();
    for _ in 0..12 {
        expected.append(&mut one_of_each(&fixture, 200).await);
        taken(&ingest, &expected).await;
    }
    // Each of two lanes may need a few to find it.
    let mixed = ingest.mixed("logs/acme");
    assert!(mixed <= 6, "{mixed} calls with others");
    running.end().await;
}

#[tokio::test]
async fn logs_that_had_a_row_a_moment_ago_take_nothing_away_from_a_busy_one() {
    let fixture = Fixture::new().await;
    let busy = log("busy");
    let sent = events(&busy, 4_000);
    fixture.insert_each(&busy, &sent).await;
    // Their rows are not committed.
    for number in 0..500 {
        let log = log(&format!("tenant-{number}"));
        fixture.outbox.row(&log, &events(&log, 1)).unwrap();
    }
    let ingest = FakeIngest::default();
    let forwarder = forwarder(&fixture, &ingest);
    for _ in 0..4 {
        forwarder.pass().await;
    }
    assert_eq!((ingest.taken(), fixture.waiting().await), (set(&sent), 0));
}

#[tokio::test]
async fn a_log_that_another_replica_holds_is_not_taken_for_one_that_gets_on() {
    let fixture = Fixture::new().await;
    let another_key = OutboxKeySlot::filled(outbox_key(1));
    let clock = Arc::clone(fixture.outbox.clock());
    let another = Outbox::new(fixture.db.clone(), another_key, clock, &OutboxConfig::default());
    let (acme, other) = (log("acme"), log("other"));
    fixture.insert_each(&acme, &events(&acme, 1)).await;
    let faults = Faults { stuck: [acme.to_string()].into(), ..Faults::default() };
    let ingests = [FakeIngest::with(faults.clone()), FakeIngest::with(faults)];
    let mut running = Running::default();
    for (outbox, ingest) in [&fixture.outbox, &another].into_iter().zip(&ingests) {
        let config = ForwarderConfig { append_timeout: Duration::from_millis(400), ..ForwarderConfig::default() };
        running.start(outbox, ingest, config);
    }
    let mut expected = BTreeSet::new();
    // The log has one row: as long as one of them tries it, the other finds none.
    while ingests.iter().map(FakeIngest::late).sum::<u32>() < 16 {
        let flowing = events(&other, 5);
        for (outbox, events) in [&fixture.outbox, &another].into_iter().zip([&flowing[..2], &flowing[2..]]) {
            fixture.insert(&[outbox.row(&other, events).unwrap()]).await;
            outbox.committed(1);
        }
        expected.append(&mut set(&flowing));
        let arrived = async || (&ingests[0].taken() | &ingests[1].taken() == expected).then_some(());
        poll_until(Duration::from_secs(10), "the other log's events", arrived).await.unwrap();
    }
    let mixed = ingests.each_ref().map(|ingest| ingest.mixed("logs/acme"));
    assert!(mixed.iter().all(|mixed| *mixed <= 2), "{mixed:?} calls with both");
    running.end().await;
}

/// Nothing is taken of 2,000 logs for so many calls; how many calls it takes afterwards.
async fn calls_after(faults: Faults, calls: u32) -> u32 {
    let fixture = Fixture::new().await;
    let sent = one_of_each(&fixture, 2_000).await;
    let ingest = FakeIngest::with(faults);
    let mut running = Running::default();
    running.start(&fixture.outbox, &ingest, ForwarderConfig::default());
    let failed = async || (ingest.calls() >= calls).then_some(());
    poll_until(Duration::from_mins(1), "calls that fail", failed).await.unwrap();
    ingest.order(Faults::default());
    let before = ingest.calls();
    taken(&ingest, &sent).await;
    running.end().await;
    ingest.calls() - before
}

#[tokio::test]
async fn after_an_audit_service_was_away_logs_share_calls_as_before() {
    for failed in [2, 14] {
        let calls = calls_after(Faults { away: true, ..Faults::default() }, failed).await;
        assert!(calls <= 12, "{calls} calls after {failed}");
    }
}

#[tokio::test]
async fn after_an_audit_service_could_not_decide_logs_share_calls_as_before() {
    let calls = calls_after(Faults { undecided: true, ..Faults::default() }, 6).await;
    assert!(calls <= 12, "{calls} calls");
}
