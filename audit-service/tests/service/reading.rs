//! Logs, entries, filters, pages, authorization; and that every read and every refusal is accounted for.
use api::audit::v1::{
    Entry, GetEntryRequest, GetLogRequest, ListEntriesRequest, ListLogsRequest, LogState, Outcome, VerifyLogRequest,
};
use test_support::poll_until;
use tonic::{Code, Request};

use test_support::entries::event_of;

use crate::world::{PATIENCE, Replica, World, event, events, log};

const AUDITOR: &str = "spiffe://strongroom.dev/auditor";

async fn entries(world: &World, replica: &Replica, request: ListEntriesRequest) -> Vec<Entry> {
    let mut logs = world.logs(replica, "auditor");
    let mut all = Vec::new();
    let mut request = request;
    loop {
        let page = logs.list_entries(Request::new(request.clone())).await.unwrap().into_inner();
        assert!(request.page_size == 0 || page.entries.len() <= usize::try_from(request.page_size).unwrap());
        all.extend(page.entries);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

fn indices(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.index.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_every_filter_and_in_pages() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let mut all = events(25);
    all[3].action = "records.create".to_owned();
    all[7].outcome = tlog::Outcome::DENIED;
    all[9].actor = "spiffe://strongroom.dev/other".to_owned();
    for event in &all {
        replica.append(&acme, std::slice::from_ref(event)).await;
    }
    let parent = ListEntriesRequest { parent: acme.to_string(), page_size: 7, ..ListEntriesRequest::default() };
    let found = entries(&world, &replica, parent.clone()).await;
    assert_eq!(indices(&found), (0..25).collect::<Vec<u64>>());

    let time = |index: usize| found[index].log_time;
    assert!(found.is_sorted_by_key(|entry| entry.log_time.map(|time| (time.seconds, time.nanos))));
    let later = time(24).map(|time| prost_types::Timestamp { seconds: time.seconds + 1, ..time });
    let requests = [
        (ListEntriesRequest { action: "records.create".to_owned(), ..parent.clone() }, vec![3]),
        (ListEntriesRequest { outcome: Outcome::Denied.into(), ..parent.clone() }, vec![7]),
        (ListEntriesRequest { actor: all[9].actor.clone(), ..parent.clone() }, vec![9]),
        (ListEntriesRequest { resource: all[5].resource.clone(), ..parent.clone() }, vec![5]),
        (ListEntriesRequest { event_id: all[8].event_id.to_string(), ..parent.clone() }, vec![8]),
        (ListEntriesRequest { start_time: time(22), ..parent.clone() }, vec![22, 23, 24]),
        (ListEntriesRequest { end_time: time(2), ..parent.clone() }, vec![0, 1]),
        (ListEntriesRequest { start_time: time(4), end_time: time(6), ..parent.clone() }, vec![4, 5]),
        (ListEntriesRequest { start_time: later, ..parent.clone() }, vec![]),
        (ListEntriesRequest { action: "records.create".to_owned(), actor: all[9].actor.clone(), ..parent }, vec![]),
    ];
    for (request, expected) in requests {
        assert_eq!(indices(&entries(&world, &replica, request.clone()).await), expected, "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_are_missing_hide_no_others() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(33)).await;
    world.tamperer().await.batch_execute("DELETE FROM entries WHERE entry_index IN (0, 16, 32)").await.unwrap();
    let there: Vec<u64> = (1..16).chain(17..32).collect();
    let time = |seconds: i64| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let all = ListEntriesRequest { parent: acme.to_string(), page_size: 10, ..ListEntriesRequest::default() };
    for request in [
        all.clone(),
        ListEntriesRequest { end_time: time(7_000_000_000), ..all.clone() },
        ListEntriesRequest { start_time: time(1), ..all.clone() },
        ListEntriesRequest { start_time: time(1), end_time: time(7_000_000_000), ..all },
    ] {
        assert_eq!(indices(&entries(&world, &replica, request.clone()).await), there, "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rare_among_many_is_found_in_pages_of_any_size() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let mut all = events(700);
    for event in all.iter_mut().step_by(110) {
        event.action = "records.create".to_owned();
    }
    replica.append(&acme, &all).await;
    let expected: Vec<u64> = (0..700).step_by(110).collect();
    for page_size in [1, 3, 1_000] {
        let request = ListEntriesRequest {
            parent: acme.to_string(),
            page_size,
            actor: all[0].actor.clone(),
            action: "records.create".to_owned(),
            outcome: Outcome::Ok.into(),
            ..ListEntriesRequest::default()
        };
        assert_eq!(indices(&entries(&world, &replica, request).await), expected, "{page_size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_entries_is_short_and_the_next_one_goes_on() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let mut all = events(100);
    for event in &mut all {
        event.attributes =
            ["code", "digest", "etag", "names", "reason", "uid", "view", "count", "fields", "first", "last", "method"]
                .map(|name| (name.to_owned(), "x".repeat(1_024)))
                .into();
    }
    replica.append(&acme, &all).await;
    let request = ListEntriesRequest { parent: acme.to_string(), page_size: 1_000, ..ListEntriesRequest::default() };
    let mut logs = world.logs(&replica, "auditor");
    let page = logs.list_entries(Request::new(request.clone())).await.unwrap().into_inner();
    let bytes: usize = page.entries.iter().map(|entry| entry.entry.len()).sum();
    assert!((900_000..=1 << 20).contains(&bytes) && page.entries.len() < 100, "{bytes}");
    assert_eq!(indices(&entries(&world, &replica, request).await), (0..100).collect::<Vec<u64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_filters_are_refused_by_name() {
    let world = World::start().await;
    let replica = world.replica().await;
    let mut logs = world.logs(&replica, "auditor");
    let request = ListEntriesRequest { parent: "logs/acme".to_owned(), ..ListEntriesRequest::default() };
    let time = |seconds: i64| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let (start_time, end_time) = (time(2), time(1));
    let bad =
        ListEntriesRequest { page_size: -1, event_id: "x".to_owned(), outcome: 256, start_time, end_time, ..request };
    let refused = logs.list_entries(Request::new(bad)).await.unwrap_err();
    let mut fields: Vec<String> =
        rpc::StatusDetails::of(&refused).violations.into_iter().map(|(field, _)| field).collect();
    fields.sort();
    assert_eq!(fields, ["end_time", "event_id", "outcome", "page_size"]);
    // What no entry can have is no filter, and PostgreSQL takes no NUL.
    let bad = ListEntriesRequest {
        parent: "logs/acme".to_owned(),
        action: "\0".to_owned(),
        actor: "a b".to_owned(),
        resource: "ｘ".repeat(1025),
        ..ListEntriesRequest::default()
    };
    let refused = logs.list_entries(Request::new(bad)).await.unwrap_err();
    let fields: Vec<String> = rpc::StatusDetails::of(&refused).violations.into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        (refused.code(), fields.as_slice()),
        (Code::InvalidArgument, &["action", "actor", "resource"].map(str::to_owned)[..])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_what_its_bytes_say() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let event = event(4);
    replica.append(&acme, std::slice::from_ref(&event)).await;
    let mut logs = world.logs(&replica, "auditor");
    let name = "logs/acme/entries/0".to_owned();
    let entry = logs
        .get_entry(Request::new(GetEntryRequest { name: name.clone(), ..GetEntryRequest::default() }))
        .await
        .unwrap();
    let entry = entry.into_inner().entry.unwrap();
    assert_eq!((entry.name.as_str(), entry.index), (name.as_str(), Some(0)));
    assert_eq!(entry.event_id, event.event_id.to_string());
    assert_eq!((&entry.producer, &entry.actor, &entry.action), (&event.producer, &event.actor, &event.action));
    assert_eq!((&entry.resource, entry.outcome()), (&event.resource, Outcome::Ok));
    assert_eq!((entry.purpose.as_str(), entry.attributes["revision"].as_str()), ("treatment", "1"));
    assert_eq!((entry.mac.len(), event_of(&tlog::entry::decode(&entry.entry).unwrap(), &acme)), (44, event));

    // A changed row is not shown as if it were an entry.
    let garbage = "UPDATE entries SET entry = '\\x00' WHERE entry_index = 0 AND action = 'records.reveal'";
    world.tamperer().await.batch_execute(garbage).await.unwrap();
    let lost = logs.get_entry(Request::new(GetEntryRequest { name, ..GetEntryRequest::default() })).await.unwrap_err();
    let details = rpc::StatusDetails::of(&lost);
    assert_eq!((details.code, details.reason.as_str()), (Code::DataLoss, "LOG_INCONSISTENT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_listed_in_the_order_of_their_names() {
    let world = World::start().await;
    let replica = world.replica().await;
    for name in ["logs/umbrella", "logs/acme", "logs/initech"] {
        replica.append(&log(name), &events(2)).await;
    }
    let mut logs = world.logs(&replica, "auditor");
    let first = logs.list_logs(Request::new(ListLogsRequest { page_size: 2, ..ListLogsRequest::default() }));
    let first = first.await.unwrap().into_inner();
    let request =
        ListLogsRequest { page_size: 2, page_token: first.next_page_token.clone(), ..ListLogsRequest::default() };
    let second = logs.list_logs(Request::new(request)).await.unwrap().into_inner();
    let names: Vec<String> = first.logs.iter().chain(&second.logs).map(|log| log.name.clone()).collect();
    // The first list made the system log, with its own entry.
    assert_eq!(names, ["logs/acme", "logs/initech", "logs/system", "logs/umbrella"]);
    assert_eq!((first.logs[0].size, first.logs[0].state()), (Some(2), LogState::Active));
    let head = world.signer.head(log("logs/acme")).await.unwrap().unwrap().head;
    assert_eq!(first.logs[0].head, head);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_read_leaves_an_entry_before_it_is_answered() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(2)).await;
    let mut logs = world.logs(&replica, "auditor");
    let read = logs
        .get_log(Request::new(GetLogRequest { name: "logs/acme".to_owned(), ..GetLogRequest::default() }))
        .await
        .unwrap();
    let event_id = read.metadata().get("strongroom-event-id").unwrap().to_str().unwrap().to_owned();
    let nothing = logs
        .get_log(Request::new(GetLogRequest { name: "logs/nobody".to_owned(), ..GetLogRequest::default() }))
        .await
        .unwrap_err();
    assert_eq!(nothing.code(), Code::NotFound);
    let nothing = VerifyLogRequest { name: "logs/nobody".to_owned(), ..VerifyLogRequest::default() };
    assert_eq!(logs.verify_log(Request::new(nothing)).await.unwrap_err().code(), Code::NotFound);
    let system = ListEntriesRequest { parent: "logs/system".to_owned(), ..ListEntriesRequest::default() };
    let made = entries(&world, &replica, system).await;
    let seen: Vec<_> =
        made.iter().map(|entry| (entry.action.as_str(), entry.resource.as_str(), entry.outcome())).collect();
    let expected = [
        ("logs.get", "logs/acme", Outcome::Ok),
        ("logs.get", "logs/nobody", Outcome::Refused),
        ("logs.verify", "logs/nobody", Outcome::Refused),
    ];
    assert_eq!(seen, expected);
    assert_eq!((made[0].event_id.as_str(), made[0].actor.as_str()), (event_id.as_str(), AUDITOR));
    assert_eq!(made[0].producer, "audit-service");
    assert_eq!(made[0].attributes["identity"], "spiffe://strongroom.dev/audit-service");
    assert_eq!(made[0].attributes["peer"], "127.0.0.1");
    let reasons: Vec<_> = made.iter().map(|entry| entry.attributes.get("reason").map(String::as_str)).collect();
    assert_eq!(reasons, [None, Some("NOT_FOUND"), Some("NOT_FOUND")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_for_whom_a_log_was_read_and_an_email_address_is_refused() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(2)).await;
    let mut logs = world.logs(&replica, "auditor");
    for address in ["ada@example.com", "Ada Lovelace", &"a".repeat(201)] {
        let mut refusals = Vec::new();
        let (name, on_behalf_of) = ("logs/acme".to_owned(), address.to_owned());
        let get = GetLogRequest { name: name.clone(), on_behalf_of: on_behalf_of.clone() };
        refusals.push(logs.get_log(Request::new(get)).await.unwrap_err());
        let list = ListLogsRequest { on_behalf_of: on_behalf_of.clone(), ..ListLogsRequest::default() };
        refusals.push(logs.list_logs(Request::new(list)).await.unwrap_err());
        let get = GetEntryRequest { name: format!("{name}/entries/0"), on_behalf_of: on_behalf_of.clone() };
        refusals.push(logs.get_entry(Request::new(get)).await.unwrap_err());
        let list = ListEntriesRequest {
            parent: name.clone(),
            on_behalf_of: on_behalf_of.clone(),
            ..ListEntriesRequest::default()
        };
        refusals.push(logs.list_entries(Request::new(list)).await.unwrap_err());
        let verify = VerifyLogRequest { name, on_behalf_of, ..VerifyLogRequest::default() };
        refusals.push(logs.verify_log(Request::new(verify)).await.unwrap_err());
        for refused in refusals {
            let violations = rpc::StatusDetails::of(&refused).violations;
            assert_eq!(violations.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["on_behalf_of"]);
            assert!(!refused.message().contains(address), "{}", refused.message());
        }
    }
    let user = "tenants/acme/users/ada".to_owned();
    let read = GetLogRequest { name: "logs/acme".to_owned(), on_behalf_of: user.clone() };
    logs.get_log(Request::new(read)).await.unwrap();
    let system = ListEntriesRequest {
        parent: "logs/system".to_owned(),
        action: "logs.get".to_owned(),
        outcome: Outcome::Ok.into(),
        ..ListEntriesRequest::default()
    };
    let made = entries(&world, &replica, system).await;
    assert_eq!(made.iter().map(|entry| &entry.on_behalf_of).collect::<Vec<_>>(), [&user]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_learns_nothing_and_is_counted() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(2)).await;
    for caller in ["app", "operator", "stranger", "vault-service"] {
        let mut logs = world.logs(&replica, caller);
        for name in ["logs/acme", "logs/nobody"] {
            let refused = logs
                .get_log(Request::new(GetLogRequest { name: name.to_owned(), ..GetLogRequest::default() }))
                .await
                .unwrap_err();
            assert_eq!((refused.code(), refused.message()), (Code::PermissionDenied, "permission denied"), "{caller}");
        }
    }
    let counted = async || {
        let request = ListEntriesRequest {
            parent: "logs/system".to_owned(),
            outcome: Outcome::Denied.into(),
            actor: "spiffe://strongroom.dev/app".to_owned(),
            ..ListEntriesRequest::default()
        };
        let entries = world.logs(&replica, "auditor").list_entries(Request::new(request)).await;
        let entries = entries.ok()?.into_inner().entries;
        let count: u64 = entries.iter().map(|entry| entry.attributes["count"].parse::<u64>().unwrap()).sum();
        (count == 2).then_some(entries)
    };
    let entries = poll_until(PATIENCE, "the refusals to be counted", counted).await.unwrap();
    assert!(entries.len() <= 2, "one event a second");
    assert_eq!((entries[0].action.as_str(), entries[0].attributes["peer"].as_str()), ("logs.get", "127.0.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_read_the_system_log_only() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/system"), &events(2)).await;
    let mut logs = world.logs(&replica, "operator");
    logs.get_entry(Request::new(GetEntryRequest {
        name: "logs/system/entries/1".to_owned(),
        ..GetEntryRequest::default()
    }))
    .await
    .unwrap();
    let refused = logs
        .get_entry(Request::new(GetEntryRequest {
            name: "logs/acme/entries/0".to_owned(),
            ..GetEntryRequest::default()
        }))
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_while_the_service_drains_is_reported() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.ask_to_end();
    let request = ListEntriesRequest { parent: "logs/system".to_owned(), ..ListEntriesRequest::default() };
    let refused = world.logs(&replica, "stranger").list_entries(Request::new(request.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    replica.end().await;
    let next = world.replica().await;
    let entries = world.logs(&next, "auditor").list_entries(Request::new(request)).await.unwrap().into_inner().entries;
    let strangers = entries.iter().filter(|entry| entry.actor.ends_with("/stranger")).count();
    assert_eq!(strangers, 1, "{entries:?}");
}
