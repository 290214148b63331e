//! Refused calls, counted.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use audit::{AuditUnavailable, Coalescer, Event, EventSink, Outcome, RefusedCall};
use clock::{SharedClock, SystemClock};
use names::LogName;

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
    let log_of: audit::LogOf =
        Arc::new(|scope| Box::pin(async move { if scope == "tenants/acme" { log("acme") } else { LogName::System } }));
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

/// Each tenant has a log.
fn by_tenant() -> audit::LogOf {
    Arc::new(|scope| {
        let log = scope.strip_prefix("tenants/").map_or(LogName::System, log);
        Box::pin(async move { log })
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
