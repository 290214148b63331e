//! Who may report what, and what an entry says of it.

use std::time::Duration;

use api::audit::v1 as proto;
use api::audit::v1::Verdict;
use api::audit::v1::append_result::Result as Answer;
use clock::{Clock as _, SystemClock, TestClock, Timestamp, uuid_v7};
use rpc::GrpcConfig;
use rpc::server::CallerLimits;
use test_support::poll_until;
use tonic::{Code, Request};
use uuid::Uuid;

use crate::world::{PATIENCE, Replica, World, log};

const DOMAIN: &str = "spiffe://strongroom.dev";

fn event(log: &str, action: &str) -> proto::Event {
    proto::Event {
        event_id: uuid_v7(&SystemClock).as_bytes().to_vec(),
        log: log.to_owned(),
        time_ns: 1_800_000_000_000_000_000,
        actor: format!("{DOMAIN}/app"),
        action: action.to_owned(),
        resource: "tenants/acme/collections/patients/records/p-1".to_owned(),
        outcome: proto::Outcome::Ok.into(),
        ..proto::Event::default()
    }
}

/// An index, or the code of a refusal, for each event.
async fn append(world: &World, replica: &Replica, caller: &str, events: Vec<proto::Event>) -> Vec<Result<u64, String>> {
    let request = Request::new(proto::AppendEventsRequest { events });
    let answer = world.ingest(replica, caller).append_events(request).await.unwrap().into_inner();
    let results = answer.results.into_iter().map(|result| match result.result {
        Some(Answer::Receipt(receipt)) => Ok(receipt.index.unwrap()),
        Some(Answer::Refusal(refusal)) => Err(refusal.reason),
        None => panic!("put off"),
    });
    results.collect()
}

async fn entry(world: &World, replica: &Replica, name: &str) -> proto::Entry {
    let request = proto::GetEntryRequest { name: name.to_owned(), ..proto::GetEntryRequest::default() };
    world.logs(replica, "auditor").get_entry(Request::new(request)).await.unwrap().into_inner().entry.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_in_no_producer_appends_nothing_though_its_role_may() {
    let world = World::start().await;
    let replica = world.replica().await;
    world.change_policy(|policy| policy.producers.retain(|producer| producer.name != "vault-service"));
    for events in [vec![event("logs/acme", "records.create")], Vec::new()] {
        let request = Request::new(proto::AppendEventsRequest { events });
        let refused = world.ingest(&replica, "vault-service").append_events(request).await.unwrap_err();
        assert_eq!((refused.code(), refused.message()), (Code::PermissionDenied, "permission denied"));
    }
    assert!(world.signer.head(log("logs/acme")).await.unwrap().is_none());
    // The control: with its producer it may.
    world.change_policy(|_| {});
    let taken = append(&world, &replica, "vault-service", vec![event("logs/acme", "records.create")]).await;
    assert_eq!(taken, [Ok(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_producer_owns_is_refused_in_the_system_log_alone() {
    let world = World::start().await;
    let replica = world.replica().await;
    let events = vec![
        event("logs/system", "dataKeys.unwrap"),
        event("logs/system", "logs.get"),
        event("logs/system", "tenants.create"),
        event("logs/system", "zeta.begin"),
        event("logs/acme", "dataKeys.unwrap"),
    ];
    let foreign = || Err("FOREIGN_ACTION".to_owned());
    let answers = append(&world, &replica, "vault-service", events.clone()).await;
    assert_eq!(answers, [foreign(), foreign(), Ok(0), Ok(1), Ok(0)]);
    let of_key_service = vec![events[0].clone(), event("logs/system", "tenants.create")];
    assert_eq!(append(&world, &replica, "key-service", of_key_service).await, [Ok(2), foreign()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_names_its_producer_and_the_identity_that_spoke_for_it() {
    let world = World::start().await;
    let replica = world.replica().await;
    let mut reported = event("logs/acme", "records.create");
    reported.attributes.insert("identity".to_owned(), "somebody-else".to_owned());
    append(&world, &replica, "vault-service", vec![reported]).await;
    let entry = entry(&world, &replica, "logs/acme/entries/0").await;
    assert_eq!(entry.producer, "vault-service");
    assert_eq!(entry.attributes["identity"], format!("{DOMAIN}/vault-service"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_is_a_uuidv7_of_any_time() {
    let world = World::start().await;
    let replica = world.replica().await;
    let with = |id: Uuid| proto::Event { event_id: id.as_bytes().to_vec(), ..event("logs/acme", "records.create") };
    let now = SystemClock.now();
    let made = |at: Timestamp| with(uuid_v7(&TestClock::at(at)));
    let events = vec![
        with(Uuid::nil()),
        with(Uuid::max()),
        with(Uuid::from_u128(0x0193_0000_0000_4000_8000_0000_0000_0001)),
        with(Uuid::from_u128(0x0193_0000_0000_7000_0000_0000_0000_0001)),
        proto::Event { event_id: vec![0x70; 15], ..event("logs/acme", "records.create") },
        made(now),
        made(now.saturating_add(Duration::from_hours(24 * 400))),
        made(Timestamp::from_micros(1)),
    ];
    let malformed = || Err("MALFORMED".to_owned());
    let answers = append(&world, &replica, "vault-service", events).await;
    assert_eq!(answers, [malformed(), malformed(), malformed(), malformed(), malformed(), Ok(0), Ok(1), Ok(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_that_is_bound_to_one_log_reports_the_rest_beside_a_malformed_event() {
    let world = World::start().await;
    let replica = world.replica().await;
    world.change_policy(|policy| {
        for binding in &mut policy.bindings {
            if binding.subject == format!("{DOMAIN}/vault-service") {
                binding.scope = "logs/acme".to_owned();
            }
        }
    });
    let malformed = proto::Event { actor: String::new(), ..event("logs/acme", "records.create") };
    let answers =
        append(&world, &replica, "vault-service", vec![malformed, event("logs/acme", "records.create")]).await;
    assert_eq!(answers, [Err("MALFORMED".to_owned()), Ok(0)]);
    let elsewhere = Request::new(proto::AppendEventsRequest { events: vec![event("logs/other", "records.create")] });
    let refused = world.ingest(&replica, "vault-service").append_events(elsewhere).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_names_made_up_later_is_sealed_shown_and_verified() {
    let world = World::start().await;
    let replica = world.replica().await;
    let (content, outcome) = (vec![0, 0xff, 7], 17);
    let mut later = event("logs/acme", "zetas.begin");
    later.outcome = outcome;
    later.attributes.insert("zeta_9".to_owned(), "9.1".to_owned());
    later.body = Some(proto::Body { kind: "zeta_form".to_owned(), content: content.clone() });
    assert_eq!(append(&world, &replica, "vault-service", vec![later.clone(), later]).await, [Ok(0), Ok(0)]);

    let shown = entry(&world, &replica, "logs/acme/entries/0").await;
    assert_eq!((shown.action.as_str(), shown.outcome), ("zetas.begin", outcome));
    assert_eq!((shown.body_kind.as_str(), &shown.body), ("zeta_form", &content));
    assert_eq!(shown.attributes["zeta_9"], "9.1");
    let parent = proto::ListEntriesRequest { parent: "logs/acme".to_owned(), ..proto::ListEntriesRequest::default() };
    for request in [
        proto::ListEntriesRequest { outcome, ..parent.clone() },
        proto::ListEntriesRequest { action: "zetas.begin".to_owned(), ..parent },
    ] {
        let found = world.logs(&replica, "auditor").list_entries(Request::new(request)).await.unwrap().into_inner();
        assert_eq!(found.entries, std::slice::from_ref(&shown));
    }
    let report = world.verify(&replica, &log("logs/acme")).await;
    assert_eq!((report.verdict(), report.entries), (Verdict::Intact, Some(1)), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_with_the_longest_identity_that_the_handshake_takes_has_an_entry() {
    let world = World::start().await;
    let replica = world.replica().await;
    let of = |bytes: usize| {
        let actor = format!("{DOMAIN}/{}", "a".repeat(bytes - DOMAIN.len() - 1));
        proto::Event { actor, ..event("logs/acme", "records.reveal") }
    };
    let events = vec![of(1_100), of(names::MAX_IDENTITY_BYTES), of(names::MAX_IDENTITY_BYTES + 1)];
    let answers = append(&world, &replica, "vault-service", events.clone()).await;
    assert_eq!(answers, [Ok(0), Ok(1), Err("MALFORMED".to_owned())]);
    for (index, event) in events.into_iter().take(2).enumerate() {
        let request = proto::ListEntriesRequest {
            parent: "logs/acme".to_owned(),
            actor: event.actor,
            ..proto::ListEntriesRequest::default()
        };
        let found = world.logs(&replica, "auditor").list_entries(Request::new(request)).await.unwrap().into_inner();
        let indices: Vec<_> = found.entries.iter().map(|entry| entry.index).collect();
        assert_eq!(indices, [u64::try_from(index).ok()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_again_under_another_identity_of_its_producer_has_its_receipt() {
    let world = World::start().await;
    let replica = world.replica().await;
    let second = format!("{DOMAIN}/vault-service-2");
    world.change_policy(|policy| {
        let mut binding = policy.bindings.iter().find(|one| one.subject.ends_with("/vault-service")).unwrap().clone();
        binding.subject.clone_from(&second);
        policy.bindings.push(binding);
        let producer = policy.producers.iter_mut().find(|one| one.name == "vault-service").unwrap();
        producer.identities.push(second.clone());
    });
    let reported = event("logs/acme", "records.create");
    for caller in ["vault-service", "vault-service-2"] {
        assert_eq!(append(&world, &replica, caller, vec![reported.clone()]).await, [Ok(0)], "{caller}");
    }
    let altered = proto::Event { actor: format!("{DOMAIN}/other"), ..reported };
    let refused = append(&world, &replica, "vault-service-2", vec![altered]).await;
    assert_eq!(refused, [Err("EVENT_ID_REUSED".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_outlive_their_call_count_as_it_until_they_are_decided() {
    let world = World::start().await;
    let caller_limits = CallerLimits { max_calls: 1, ..CallerLimits::default() };
    let replica = world.replica_with_limits(GrpcConfig { caller_limits, ..GrpcConfig::default() }).await;
    let call = |time: Duration| {
        let events = vec![event("logs/acme", "records.create")];
        let mut request = Request::new(proto::AppendEventsRequest { events });
        request.set_timeout(time);
        let mut ingest = world.ingest(&replica, "vault-service");
        async move { ingest.append_events(request).await }
    };
    replica.faults.hold_next();
    let answer = call(Duration::from_secs(1)).await.unwrap().into_inner();
    assert_eq!(answer.results[0].result, None, "put off");
    assert_eq!(call(PATIENCE).await.unwrap_err().code(), Code::ResourceExhausted);
    replica.faults.release();
    poll_until(PATIENCE, "a place for a call", async || call(PATIENCE).await.ok()).await.unwrap();
}
