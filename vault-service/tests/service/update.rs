//! Sealing new revisions.

use api::vault::v1::{Collection, FieldPolicy, Record};
use prost_types::Timestamp;
use serde_json::json;
use tonic::Code;

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
        [update(&["ssn"], json!({})), update(&["ssn"], json!({ "ssn": null })), update(&[], json!({ "a": 1 }))]
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
    // `c` is given and not named: it stays as it was. `b` is named and not given: it goes.
    let second = app.update("p-1", &["a", "b"], &json!({ "a": "one", "c": "three" })).await.unwrap();
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
    let mut request = update_request("p-1", &[], &json!({ "b": 2 }));
    request.record.as_mut().unwrap().etag = first.etag;
    let second = app.update_record(request).await.unwrap();
    assert_eq!((second.subject.as_str(), second.revision), ("", Some(2)));
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "b": 2 })));
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
