//! Refused calls, counted.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::{AuditUnavailable, Coalescer, Event, EventSink, LogUnknown, Outcome, RefusedCall};
use clock::{SharedClock, SystemClock};
use names::LogName;
use tokio::sync::Barrier;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::log;

/// Keeps what it is given, or refuses it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sink(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    away: bool,
    /// Logs that take nothing.
    closed: BTreeSet<LogName>,
}

impl Sink {
    pub(crate) fn away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    fn close(&self, log: &LogName) {
        self.0.lock().unwrap().closed.insert(log.clone());
    }

    fn open(&self) {
        self.0.lock().unwrap().closed.clear();
    }

    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap().events)
    }
}

impl EventSink for Sink {
    async fn write(&self, log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        let mut state = self.0.lock().unwrap();
        if state.away || state.closed.contains(log) {
            return Err(AuditUnavailable);
        }
        assert!(events.iter().all(|event| event.log == *log));
        state.events.extend_from_slice(events);
        Ok(())
    }
}

fn clock() -> SharedClock {
    Arc::new(SystemClock)
}

fn call<'a>(caller: &'a str, resource: &'a str) -> RefusedCall<'a> {
    RefusedCall {
        caller,
        peer: IpAddr::from([192, 0, 2, 1]),
        method: "/strongroom.vault.v1.RecordService/RevealRecord",
        action: "records.reveal",
        outcome: Outcome::DENIED,
        reason: "NOT_ALLOWED",
        resource,
    }
}

fn count(event: &Event) -> u64 {
    event.attributes["count"].parse().unwrap()
}

#[tokio::test]
async fn calls_of_one_caller_method_and_reason_make_one_event() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    for number in 0..1_000 {
        let resource = format!("tenants/acme/collections/c/records/r{}", number % 10);
        coalescer.count(call("spiffe://strongroom.dev/app", &resource));
    }
    coalescer.count(RefusedCall {
        reason: "MALFORMED",
        outcome: Outcome::REFUSED,
        ..call("spiffe://strongroom.dev/app", "")
    });
    coalescer.count(call("spiffe://strongroom.dev/stranger", "tenants/acme/collections/c/records/r1"));
    coalescer.report().await;
    let mut events = sink.take();
    events.sort_by_key(|event| std::cmp::Reverse(count(event)));
    assert_eq!(events.iter().map(count).collect::<Vec<_>>(), [1_000, 1, 1]);
    let first = &events[0];
    assert_eq!((first.actor.as_str(), first.outcome), ("spiffe://strongroom.dev/app", Outcome::DENIED));
    assert_eq!(first.action, "records.reveal");
    assert_eq!(first.attributes["names"].split(',').count(), 3);
    assert_eq!(first.attributes["reason"], "NOT_ALLOWED");
    coalescer.report().await;
    assert!(sink.take().is_empty(), "reported twice");
}

#[tokio::test]
async fn the_addresses_of_refused_calls_stand_in_their_event_eight_at_most() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    for number in [7, 7, 1, 7] {
        let peer = IpAddr::from([192, 0, 2, number]);
        coalescer.count(RefusedCall { peer, ..call("spiffe://strongroom.dev/app", "") });
    }
    for number in 0..100 {
        let peer = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, number]);
        coalescer.count(RefusedCall { peer, ..call("spiffe://strongroom.dev/stranger", "") });
    }
    coalescer.report().await;
    let peers: Vec<String> = sink.take().iter().map(|event| event.attributes["peer"].clone()).collect();
    assert_eq!(peers[0], "192.0.2.7,192.0.2.1");
    assert_eq!(peers[1].split(',').count(), 8, "{peers:?}");
    assert!(peers[1].starts_with("2001:db8::,2001:db8::1,"), "{peers:?}");
}

#[tokio::test]
async fn the_tenant_decides_the_log_and_tenants_do_not_mix() {
    let sink = Sink::default();
    let log_of: audit::LogOf = Arc::new(|scope| {
        Box::pin(async move { Ok(if scope == "tenants/acme" { log("acme") } else { LogName::System }) })
    });
    let coalescer = Coalescer::new(sink.clone(), clock(), log_of);
    for resource in ["tenants/acme/collections/c", "tenants/nobody/collections/c", "keys/k", "", "tenants/acme"] {
        coalescer.count(call("spiffe://strongroom.dev/app", resource));
    }
    coalescer.report().await;
    let events = sink.take();
    let acme: Vec<_> = events.iter().filter(|event| event.log == log("acme")).collect();
    assert_eq!(acme.len(), 1);
    assert_eq!(count(acme[0]), 2);
    assert_eq!(events.iter().filter(|event| event.log == LogName::System).map(count).sum::<u64>(), 3);
}

#[tokio::test]
async fn what_a_caller_typed_is_not_repeated() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    let long = format!("tenants/{}", "a".repeat(5_000));
    for resource in ["tenants/John Smith", "tenants/acme\n", "naïve", &long] {
        coalescer.count(call("spiffe://strongroom.dev/app", resource));
    }
    coalescer.report().await;
    let events = sink.take();
    assert_eq!(events.len(), 1);
    assert_eq!((count(&events[0]), events[0].resource.as_str()), (4, ""));
    assert!(!events[0].attributes.contains_key("names"));
}

#[tokio::test]
async fn an_identity_of_any_length_that_the_handshake_takes_is_reported_whole() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    let caller = format!("{:a<length$}", "spiffe://test.dev/", length = names::MAX_IDENTITY_BYTES);
    coalescer.count(call(&caller, ""));
    coalescer.report().await;
    let events = sink.take();
    assert_eq!(events.iter().map(|event| event.actor.as_str()).collect::<Vec<_>>(), [caller]);
}

#[tokio::test]
async fn while_the_sink_is_away_calls_are_counted_and_the_same_events_written_later() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    sink.away(true);
    for _ in 0..3 {
        coalescer.count(call("spiffe://strongroom.dev/app", "keys/k"));
        coalescer.report().await;
    }
    sink.away(false);
    coalescer.report().await;
    coalescer.report().await;
    let events = sink.take();
    assert_eq!(events.iter().map(count).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(events.iter().map(|event| event.event_id).collect::<BTreeSet<_>>().len(), 2);
}

#[tokio::test]
async fn a_flood_is_bounded_by_the_quota_and_counted_in_full() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    for number in 0..5_000 {
        coalescer.count(call(&format!("spiffe://strongroom.dev/caller-{number}"), ""));
    }
    let mut total = 0;
    for _ in 0..16 {
        coalescer.report().await;
        let events = sink.take();
        assert!(events.len() <= 65, "{} events in one report", events.len());
        total += events.iter().map(count).sum::<u64>();
    }
    assert_eq!(total, 5_000);
    coalescer.report().await;
    assert!(sink.take().is_empty());
}

/// A run whose shutdown has come.
fn ending(coalescer: &Coalescer<Sink>) -> impl Future<Output = ()> {
    let shutdown = CancellationToken::new();
    shutdown.cancel();
    coalescer.clone().run(shutdown)
}

#[tokio::test(start_paused = true)]
async fn all_that_has_gathered_is_reported_at_the_end_also_by_a_sink_that_comes_back() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    for number in 0..200 {
        coalescer.count(call(&format!("spiffe://strongroom.dev/caller-{number}"), ""));
    }
    sink.away(true);
    let comes_back = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // While those events wait, one more of the same log gathers.
        coalescer.count(call("spiffe://strongroom.dev/app", ""));
        sink.away(false);
    };
    tokio::join!(ending(&coalescer), comes_back);
    assert_eq!(sink.take().iter().map(count).sum::<u64>(), 201);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_stays_away_is_not_waited_for_longer_than_a_process_may_take_to_end() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    coalescer.count(call("spiffe://strongroom.dev/app", ""));
    sink.away(true);
    let begun = Instant::now();
    ending(&coalescer).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

/// Takes nothing, and says so only after the longest wait that a sink may have.
struct Slow;

impl EventSink for Slow {
    async fn write(&self, _: &LogName, _: &[Event]) -> Result<(), AuditUnavailable> {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Err(AuditUnavailable)
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_under_way_at_the_shutdown_has_its_share_of_the_time_until_the_end() {
    let log_of: audit::LogOf = Arc::new(|_tenant| {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(1_900)).await;
            Ok(log("acme"))
        })
    });
    let coalescer = Coalescer::new(Slow, clock(), log_of);
    coalescer.count(call("spiffe://strongroom.dev/app", "tenants/acme/collections/c"));
    let shutdown = CancellationToken::new();
    let ended = async {
        // The first report has begun by then.
        tokio::time::sleep(Duration::from_millis(1)).await;
        shutdown.cancel();
        Instant::now()
    };
    let ((), asked) = tokio::join!(coalescer.run(shutdown.clone()), ended);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

/// Each tenant has a log.
fn by_tenant() -> audit::LogOf {
    Arc::new(|scope| {
        let log = scope.strip_prefix("tenants/").map_or(LogName::System, log);
        Box::pin(async move { Ok(log) })
    })
}

#[tokio::test]
async fn a_log_that_takes_nothing_holds_back_its_own_events_alone() {
    let sink = Sink::default();
    let coalescer = Coalescer::new(sink.clone(), clock(), by_tenant());
    sink.close(&log("acme"));
    for _ in 0..3 {
        coalescer.count(call("spiffe://strongroom.dev/app", "tenants/acme/collections/c"));
        coalescer.count(call("spiffe://strongroom.dev/app", "tenants/other/collections/c"));
        coalescer.count(call("spiffe://strongroom.dev/app", "keys/k"));
        coalescer.report().await;
        let logs: BTreeSet<LogName> = sink.take().into_iter().map(|event| event.log).collect();
        assert_eq!(logs, [log("other"), LogName::System].into());
    }
    sink.open();
    coalescer.report().await;
    coalescer.report().await;
    let events = sink.take();
    assert!(events.iter().all(|event| event.log == log("acme")), "{events:?}");
    assert_eq!(events.iter().map(count).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn a_caller_that_makes_tenants_up_leaves_room_and_turns_to_others() {
    let sink = Sink::default();
    let coalescer = Coalescer::system(sink.clone(), clock());
    let (stranger, app) = ("spiffe://strongroom.dev/stranger", "spiffe://strongroom.dev/app");
    for number in 0..5_000 {
        coalescer.count(call(stranger, &format!("tenants/made-up-{number}")));
    }
    for number in 0..32 {
        coalescer.count(call(app, &format!("tenants/t-{number}")));
    }
    coalescer.report().await;
    let mut events = sink.take();
    let of_app = events.iter().filter(|event| event.actor == app).count();
    assert_eq!(of_app, 32, "within the first report");
    coalescer.report().await;
    coalescer.report().await;
    events.extend(sink.take());
    let of_stranger: Vec<&Event> = events.iter().filter(|event| event.actor == stranger).collect();
    assert_eq!(
        of_stranger.iter().map(|event| count(event)).sum::<u64>(),
        5_000,
        "what found no room is counted as its own"
    );
    let overflow: Vec<u64> = of_stranger
        .iter()
        .filter(|event| event.attributes["reason"] == "TOO_MANY_GROUPS")
        .map(|event| count(event))
        .collect();
    assert_eq!(overflow, [5_000 - 64]);
}

/// Like [`by_tenant`], but the log of one tenant is known only from when `known` is set.
fn not_always_known(known: &Arc<AtomicBool>) -> audit::LogOf {
    let (known, by_tenant) = (Arc::clone(known), by_tenant());
    Arc::new(move |scope| {
        let is_known = scope != "tenants/acme" || known.load(Ordering::Relaxed);
        if is_known { by_tenant(scope) } else { Box::pin(async { Err(LogUnknown) }) }
    })
}

#[tokio::test]
async fn a_call_whose_log_is_not_known_waits_for_it_and_holds_back_no_other() {
    let (sink, known) = (Sink::default(), Arc::new(AtomicBool::new(false)));
    let coalescer = Coalescer::new(sink.clone(), clock(), not_always_known(&known));
    for _ in 0..3 {
        for resource in ["tenants/acme/collections/c", "tenants/other/collections/c", "keys/k"] {
            coalescer.count(call("spiffe://strongroom.dev/app", resource));
        }
        coalescer.report().await;
        let logs: BTreeSet<LogName> = sink.take().into_iter().map(|event| event.log).collect();
        assert_eq!(logs, [log("other"), LogName::System].into());
    }
    known.store(true, Ordering::Relaxed);
    coalescer.report().await;
    coalescer.report().await;
    let events = sink.take();
    assert!(events.iter().all(|event| event.log == log("acme")), "{events:?}");
    assert_eq!(events.iter().map(count).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn calls_whose_log_is_never_known_are_bounded_and_counted() {
    let (sink, known) = (Sink::default(), Arc::new(AtomicBool::new(false)));
    let (is_known, by_tenant) = (Arc::clone(&known), by_tenant());
    let log_of: audit::LogOf =
        Arc::new(
            move |scope| {
                if is_known.load(Ordering::Relaxed) { by_tenant(scope) } else { Box::pin(async { Err(LogUnknown) }) }
            },
        );
    let coalescer = Coalescer::new(sink.clone(), clock(), log_of);
    for round in 0..10 {
        for number in 0..100 {
            coalescer.count(call("spiffe://strongroom.dev/app", &format!("tenants/t-{round}-{number}")));
        }
        coalescer.report().await;
    }
    let mut events = sink.take();
    assert!(events.iter().all(|event| event.attributes["reason"] == "TOO_MANY_GROUPS"), "{events:?}");
    known.store(true, Ordering::Relaxed);
    for _ in 0..4 {
        coalescer.report().await;
        events.extend(sink.take());
    }
    let groups = events.iter().filter(|event| event.log != LogName::System).count();
    assert_eq!(groups, 64, "as many as gather of one caller");
    assert_eq!(events.iter().map(count).sum::<u64>(), 1_000);
}

/// Eight look-ups wait for each other: one after the other none would ever end.
#[tokio::test]
async fn logs_are_looked_up_at_once_but_not_all_of_them() {
    let (sink, asked) = (Sink::default(), Arc::new(Mutex::new(BTreeSet::new())));
    let (together, running) = (Arc::new(Barrier::new(8)), Arc::new(AtomicUsize::new(0)));
    let (is_asked, by_tenant) = (Arc::clone(&asked), by_tenant());
    let log_of: audit::LogOf = Arc::new(move |scope| {
        let (together, running) = (Arc::clone(&together), Arc::clone(&running));
        assert!(is_asked.lock().unwrap().insert(scope.to_owned()), "{scope} is looked up twice");
        let log = by_tenant(scope);
        Box::pin(async move {
            assert!(running.fetch_add(1, Ordering::Relaxed) < 8, "too many at once");
            together.wait().await;
            running.fetch_sub(1, Ordering::Relaxed);
            log.await
        })
    });
    let coalescer = Coalescer::new(sink.clone(), clock(), log_of);
    for number in 0..32 {
        let resource = format!("tenants/t-{number}/collections/c");
        coalescer.count(call("spiffe://strongroom.dev/app", &resource));
        coalescer.count(call("spiffe://strongroom.dev/stranger", &resource));
    }
    coalescer.report().await;
    assert_eq!(asked.lock().unwrap().len(), 32);
    let logs: BTreeSet<LogName> = sink.take().into_iter().map(|event| event.log).collect();
    assert_eq!(logs.len(), 32);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_never_ends_holds_nobody_up_for_long() {
    let (sink, by_tenant) = (Sink::default(), by_tenant());
    let log_of: audit::LogOf =
        Arc::new(
            move |scope| {
                if scope == "tenants/acme" { Box::pin(std::future::pending()) } else { by_tenant(scope) }
            },
        );
    let coalescer = Coalescer::new(sink.clone(), clock(), log_of);
    for resource in ["tenants/acme/collections/c", "tenants/other/collections/c", "keys/k"] {
        coalescer.count(call("spiffe://strongroom.dev/app", resource));
    }
    let of_no_tenant = async {
        // The clock stands still until nothing else can be done.
        tokio::time::sleep(Duration::from_millis(1)).await;
        sink.take().into_iter().map(|event| event.log).collect::<Vec<_>>()
    };
    let begun = Instant::now();
    let ((), at_once) = tokio::join!(coalescer.report(), of_no_tenant);
    assert!(begun.elapsed() <= Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(at_once, [LogName::System]);
    assert_eq!(sink.take().into_iter().map(|event| event.log).collect::<Vec<_>>(), [log("other")]);
}
