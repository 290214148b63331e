//! Sealing new revisions.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use api::vault::v1::{Collection, FieldPolicy, Record};
use clock::TestClock;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use prost_types::{FieldMask, Timestamp};
use rpc::StatusDetails;
use serde_json::json;
use tonic::{Code, Request, Status};

use crate::support::{Refused, World, fields, name, new_record, refused, update_request};

#[tokio::test]
async fn a_stale_etag_updates_nothing() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let first = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    app.update("p-1", &[], &json!({ "a": 2 })).await.unwrap();
    for update_fields in [&[][..], &["a"]] {
        let mut request = update_request("p-1", update_fields, &json!({ "a": 3 }));
        request.record.as_mut().unwrap().etag.clone_from(&first.etag);
        let stale = Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]);
        assert_eq!(refused(app.update_record(request).await), stale);
    }
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 2 })));
}

#[tokio::test]
async fn an_update_to_nothing_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let invalid = || Refused::with(Code::InvalidArgument, "", &["record.fields"]);
    assert_eq!(refused(app.update("p-1", &[], &json!({})).await), invalid());
    assert_eq!(refused(app.update("p-1", &["a"], &json!({})).await), invalid());
}

/// What can be valid on no record is refused before the record is looked at: no revision is opened for it, and none need
/// be there.
#[tokio::test]
async fn more_than_a_record_can_hold_is_refused_before_a_revision_is_opened() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let many: serde_json::Map<_, _> = (0..257).map(|number| (format!("f{number}"), json!(number))).collect();
    let long = json!({ "note": "x".repeat(1 << 20) });
    let invalid = Refused::with(Code::InvalidArgument, "", &["record.fields"]);
    for id in ["p-1", "none"] {
        assert_eq!(refused(app.update(id, &[], &json!(many)).await), invalid, "{id}");
        assert_eq!(refused(app.update(id, &[], &long).await), invalid, "{id}");
        assert_eq!(refused(app.update(id, &["note"], &long).await), invalid, "{id}");
    }
    // The control: as many fields beside those of the record are refused once it is open.
    let fits: serde_json::Map<_, _> = many.into_iter().take(256).collect();
    assert_eq!(refused(app.update("p-1", &[], &json!(fits)).await), invalid);
    world.audit.event("records.carryOver", |_| true).await;
    world.audit.count(1, |event| event.action == "records.carryOver").await;
}

#[tokio::test]
async fn an_update_keeps_to_the_policies_as_a_whole() {
    let (world, vault) = World::start().await;
    let required = FieldPolicy { field: "ssn".to_owned(), required: true, ..FieldPolicy::default() };
    let people = Collection { field_policies: vec![required], ..Collection::default() };
    world.calls(&vault, "operator").create_collection_with("tenants/acme", "people", people).await.unwrap();
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "ssn": "1", "note": "x" }));
    request.parent = "tenants/acme/collections/people".to_owned();
    let made = app.create_record(request).await.unwrap();
    let update = |update_fields: &[&str], json| {
        let mut request = update_request("p-1", update_fields, &json);
        request.record.as_mut().unwrap().name.clone_from(&made.name);
        request
    };
    for request in
        [update(&["ssn"], json!({})), update(&["ssn"], json!({ "ssn": null })), update(&["*"], json!({ "a": 1 }))]
    {
        let invalid = Refused::with(Code::InvalidArgument, "", &["record.fields.ssn"]);
        assert_eq!(refused(app.update_record(request).await), invalid);
    }
    app.update_record(update(&["note"], json!({}))).await.unwrap();
}

#[tokio::test]
async fn a_partial_update_carries_the_rest_over() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "a": 1, "b": 2, "c": 3 }));
    let record = request.record.as_mut().unwrap();
    record.subject = "person-1".to_owned();
    record.expire_time = Some(Timestamp { seconds: 4_000_000_000, nanos: 0 });
    let first = app.create_record(request).await.unwrap();
    // `c` is not named: it stays as it was. `b` is named and not given: it goes.
    let second = app.update("p-1", &["a", "b"], &json!({ "a": "one" })).await.unwrap();
    assert_eq!(second.field_names, ["a", "c"]);
    assert_eq!((second.revision, second.uid.as_str()), (Some(2), first.uid.as_str()));
    assert_eq!((&second.subject, second.expire_time), (&first.subject, first.expire_time));
    assert_eq!(second.create_time, first.create_time);
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": "one", "c": 3 })));
    assert_eq!(app.get("p-1").await.unwrap(), second);
}

#[tokio::test]
async fn a_whole_update_replaces_everything() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "a": 1 }));
    request.record.as_mut().unwrap().subject = "person-1".to_owned();
    let first = app.create_record(request).await.unwrap();
    let mut request = update_request("p-1", &["*"], &json!({ "b": 2 }));
    request.record.as_mut().unwrap().etag = first.etag;
    let second = app.update_record(request).await.unwrap();
    assert_eq!((second.subject.as_str(), second.revision), ("", Some(2)));
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "b": 2 })));
}

/// A client that leaves `update_fields` out, or whose library drops a name that it does not know, loses nothing.
#[tokio::test]
async fn an_update_that_names_nothing_changes_what_is_given() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "a": 1, "b": 2 }));
    request.record.as_mut().unwrap().subject = "person-1".to_owned();
    app.create_record(request).await.unwrap();
    let second = app.update("p-1", &[], &json!({ "b": "two", "c": 3 })).await.unwrap();
    assert_eq!(second.subject, "person-1");
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 1, "b": "two", "c": 3 })));
}

#[tokio::test]
async fn subject_and_expire_time_change_alone() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let values = json!({ "a": 1 });
    let mut request = new_record("p-1", &values);
    request.record.as_mut().unwrap().subject = "person-1".to_owned();
    app.create_record(request).await.unwrap();
    let end = Timestamp { seconds: 4_000_000_000, nanos: 0 };
    let change = |subject: &str, expire_time, mask: &[&str]| {
        let mut request = update_request("p-1", &[], &json!({}));
        let record = request.record.as_mut().unwrap();
        (record.subject, record.expire_time) = (subject.to_owned(), expire_time);
        let paths = mask.iter().map(|&path| path.to_owned()).collect();
        request.update_mask = (!mask.is_empty()).then_some(FieldMask { paths });
        request
    };
    let cases = [
        // What is given is changed, what is named and not given is cleared.
        (change("", Some(end), &[]), "person-1", Some(end)),
        (change("person-2", None, &["subject"]), "person-2", Some(end)),
        (change("", None, &["expire_time"]), "person-2", None),
        (change("", Some(end), &["subject", "expire_time"]), "", Some(end)),
    ];
    for (request, subject, expire_time) in cases {
        let updated = app.update_record(request).await.unwrap();
        assert_eq!((updated.subject.as_str(), updated.expire_time), (subject, expire_time));
        assert_eq!(app.reveal("p-1").await.unwrap(), fields(&values));
    }
    let refusals = [
        (change("person-3", None, &["expire_time"]), &["record.subject"][..]),
        (change("", Some(end), &["subject"]), &["record.expire_time"]),
        (change("", None, &["fields"]), &["update_mask", "record.fields"]),
        (change("", None, &[]), &["record.fields"]),
    ];
    for (request, violations) in refusals {
        assert_eq!(refused(app.update_record(request).await).fields, violations);
    }
    assert_eq!(app.get("p-1").await.unwrap().revision, Some(5));
}

/// A slip of the pen drops nothing silently.
#[tokio::test]
async fn names_that_do_not_fit_what_is_given_are_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "name": "Ada", "address": "OLD" })).await.unwrap();
    let cases = [
        (&["adress"][..], json!({ "address": "NEW" }), &["record.fields.address"][..]),
        (&["name"], json!({ "name": "Grace", "address": "NEW" }), &["record.fields.address"]),
        (&["name", "name"], json!({ "name": "Grace" }), &["update_fields[1]"]),
        (&["nothere"], json!({}), &["update_fields[0]"]),
        (&["*", "name"], json!({ "name": "Grace" }), &["update_fields[0]"]),
    ];
    for (update_fields, json, violations) in cases {
        assert_eq!(refused(app.update("p-1", update_fields, &json).await).fields, violations, "{update_fields:?}");
    }
    assert_eq!(app.get("p-1").await.unwrap().revision, Some(1));
}

#[tokio::test]
async fn concurrent_updates_without_etag_all_happen_one_after_the_other() {
    let (world, vault) = World::start().await;
    let app = world.calls(&vault, "app");
    app.clone().create("p-1", &json!({ "base": true })).await.unwrap();
    let updates = (0..4).map(|number| {
        let (mut app, field) = (app.clone(), format!("f{number}"));
        async move { app.update("p-1", &[&field], &json!({ field.clone(): number })).await }
    });
    for result in futures::future::join_all(updates).await {
        result.unwrap();
    }
    let mut app = app;
    let expected = json!({ "base": true, "f0": 0, "f1": 1, "f2": 2, "f3": 3 });
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&expected));
    assert_eq!(app.get("p-1").await.unwrap().revision, Some(5));
}

#[tokio::test]
async fn of_concurrent_updates_with_one_etag_one_wins() {
    let (world, vault) = World::start().await;
    let app = world.calls(&vault, "app");
    let made = app.clone().create("p-1", &json!({ "a": 0 })).await.unwrap();
    let updates = (1..6).map(|number| {
        let mut app = app.clone();
        let mut request = update_request("p-1", &[], &json!({ "a": number }));
        request.record.as_mut().unwrap().etag.clone_from(&made.etag);
        async move { app.update_record(request).await }
    });
    let results = futures::future::join_all(updates).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.into_iter().filter_map(Result::err).all(|status| status.code() == Code::Aborted));
    assert_eq!(app.clone().get("p-1").await.unwrap().revision, Some(2));
}

#[tokio::test]
async fn an_update_without_a_record_or_of_another_name_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let mut request = update_request("p-1", &[""], &json!({ "a": f64::MAX }));
    request.record.as_mut().unwrap().name = "tenants/Acme".to_owned();
    let fields = ["record.name", "update_fields[0]", "record.fields.a"];
    assert_eq!(refused(app.update_record(request.clone()).await), Refused::with(Code::InvalidArgument, "", &fields));
    request.record = None;
    assert_eq!(refused(app.update_record(request).await).fields, ["update_fields[0]", "record"]);
    let record = Record { name: name("p-1"), ..Record::default() };
    let request =
        api::vault::v1::UpdateRecordRequest { record: Some(record), update_fields: Vec::new(), ..Default::default() };
    assert_eq!(refused(app.update_record(request).await).fields, ["record.fields"]);
}

/// Updates without an etag that meet at one record are all made, each with one entry; the old revisions that were opened
/// for them have entries of another action.
#[tokio::test]
async fn updates_of_one_record_at_once_are_all_made() {
    const EACH: usize = 10;
    let (world, vault) = World::start().await;
    let other = world.replica().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 0 })).await.unwrap();
    let updates = (0..2 * EACH).map(|number| {
        let mut app = world.calls(if number < EACH { &vault } else { &other }, "app");
        async move { app.update("p-1", &[], &json!({ (format!("f-{number}")): number })).await.unwrap() }
    });
    let mut revisions: Vec<_> =
        futures::future::join_all(updates).await.iter().map(|record| record.revision.unwrap()).collect();
    revisions.sort_unstable();
    let expected: Vec<_> = (2..2 + i64::try_from(2 * EACH).unwrap()).collect();
    assert_eq!(revisions, expected);
    assert_eq!(app.get("p-1").await.unwrap().field_names.len(), 1 + 2 * EACH);
    world.audit.count(2 * EACH, |event| event.action == "records.update").await;
    // The two replicas meet at the revision; within each nothing is opened in vain.
    let opened = world.audit.events().iter().filter(|event| event.action == "records.carryOver").count();
    assert!((2 * EACH..=4 * EACH).contains(&opened), "{opened}");
}

/// A repeated request among them sends nobody off before its turn: each revision is opened once.
#[tokio::test]
async fn a_repeated_update_costs_the_others_nothing() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 0 })).await.unwrap();
    let updates = (0..30).map(|number| {
        let mut app = world.calls(&vault, "app");
        let mut request = update_request("p-1", &[], &json!({ (format!("f-{}", number / 2 * 2)): 1 }));
        if number < 2 {
            request.request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
        }
        async move { app.update_record(request).await.unwrap() }
    });
    let records = futures::future::join_all(updates).await;
    assert_eq!(records[0], records[1], "one change");
    world.audit.count(30, |event| event.action == "records.update").await;
    assert_eq!(world.audit.events().iter().filter(|event| event.action == "records.carryOver").count(), 29);
}

/// So many wait that there is no turn for it; it was made before.
#[tokio::test]
async fn a_repeated_update_is_answered_however_many_wait() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 0 })).await.unwrap();
    let mut request = update_request("p-1", &["a"], &json!({ "a": 1 }));
    request.request_id = "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned();
    let made = app.update_record(request.clone()).await.unwrap();
    let session = world.sql().await;
    session.batch_execute("BEGIN; SELECT FROM records FOR UPDATE").await.unwrap();
    let mut waiting: FuturesUnordered<_> = (0..80)
        .map(|number| {
            let mut app = world.calls(&vault, "app");
            async move { app.update("p-1", &[], &json!({ (format!("f-{number}")): 1 })).await }
        })
        .collect();
    let has_no_place = |updated: &Result<Record, Status>| {
        ready(updated.as_ref().is_err_and(|status| StatusDetails::of(status).reason == "CONTENDED"))
    };
    assert!(waiting.by_ref().filter(has_no_place).next().await.is_some(), "the control: there is no place in the line");
    assert_eq!(app.update_record(request).await.unwrap(), made);
    session.batch_execute("COMMIT").await.unwrap();
    let rest: Vec<_> = waiting.collect().await;
    assert!(rest.iter().any(Result::is_ok));
}

/// SQL sees to it that the record has always moved.
#[tokio::test]
async fn an_update_that_never_comes_through_is_told_so() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world
        .run(
            "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER never BEFORE UPDATE ON records FOR EACH ROW EXECUTE FUNCTION never()",
        )
        .await;
    let mut request = Request::new(update_request("p-1", &["a"], &json!({ "a": 2 })));
    request.set_timeout(Duration::from_secs(1));
    let status = app.records.update_record(request).await.unwrap_err();
    let details = StatusDetails::of(&status);
    assert_eq!((status.code(), details.reason.as_str()), (Code::Aborted, "CONTENDED"));
    assert!(details.retry_after.is_some());
    // Nothing was written, and each revision that was opened in vain has its own entry.
    world.audit.event("records.carryOver", |_| true).await;
    let events = world.audit.events();
    assert!(events.iter().all(|event| event.action != "records.update" || event.outcome != 1));
    let opened = events.iter().filter(|event| event.action == "records.carryOver");
    let mut counters: Vec<_> = opened.map(|event| event.key_counter).collect();
    let all = counters.len();
    counters.sort_unstable();
    counters.dedup();
    assert_eq!(counters.len(), all);
}

/// The clock of the replica that updates is behind that of the one before.
#[tokio::test]
async fn times_never_go_back() {
    let at = |seconds| clock::Timestamp::from_parts(seconds, 0).unwrap();
    let clock = Arc::new(TestClock::at(at(2_000_000_000)));
    let world = World::new().await.with_clock(clock.clone());
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    clock.set(at(2_000_000_060));
    let second = app.update("p-1", &[], &json!({ "a": 2 })).await.unwrap();
    clock.set(at(1_999_999_000));
    let third = app.update("p-1", &[], &json!({ "a": 3 })).await.unwrap();
    assert_eq!((third.update_time, third.revision), (second.update_time, Some(3)));
}
