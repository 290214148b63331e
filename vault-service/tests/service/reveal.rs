//! Revealing records.

use api::vault::v1::{Collection, RevealRecordRequest};
use serde_json::json;
use tonic::Code;

use crate::support::{Refused, World, fields, name, new_record, refused, reveal_request};

#[tokio::test]
async fn a_reveal_needs_a_purpose_of_the_collection() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    for purpose in ["", "curiosity", "Treatment"] {
        let request = RevealRecordRequest { purpose: purpose.to_owned(), ..reveal_request("p-1") };
        let invalid = Refused::with(Code::InvalidArgument, "", &["purpose"]);
        assert_eq!(refused(app.reveal_record(request).await), invalid, "{purpose:?}");
    }
    let purposes = Collection { purposes: vec!["research".to_owned()], ..Collection::default() };
    world.calls(&vault, "operator").create_collection_with("tenants/acme", "studies", purposes).await.unwrap();
    let mut request = new_record("s-1", &json!({ "a": 1 }));
    request.parent = "tenants/acme/collections/studies".to_owned();
    app.create_record(request).await.unwrap();
    let mut request = reveal_request("x");
    request.name = "tenants/acme/collections/studies/records/s-1".to_owned();
    assert_eq!(refused(app.reveal_record(request.clone()).await).fields, ["purpose"]);
    request.purpose = "research".to_owned();
    app.reveal_record(request).await.unwrap();
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_reveal_is_said_at_once() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let request = RevealRecordRequest {
        name: name("p-1"),
        etag: "stale".to_owned(),
        read_fields: vec![String::new(), "x".repeat(129)],
        view: 77,
        purpose: String::new(),
        reference: "a b".to_owned(),
        ..Default::default()
    };
    let fields = ["etag", "read_fields[0]", "read_fields[1]", "view", "reference", "purpose"];
    assert_eq!(refused(app.reveal_record(request).await), Refused::with(Code::InvalidArgument, "", &fields));
}

#[tokio::test]
async fn a_stale_etag_reveals_nothing() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let first = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    app.update("p-1", &[], &json!({ "a": 2 })).await.unwrap();
    let request = RevealRecordRequest { etag: first.etag, ..reveal_request("p-1") };
    assert_eq!(refused(app.reveal_record(request).await), Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]));
}

#[tokio::test]
async fn whatever_is_sealed_is_revealed_equal() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let patient = json!({
        "name": { "family": "Öztürk", "given": ["Ayşe", "Nur"] },
        "ssn": "123-45-6789",
        "weight": 61.5, "tiny": 1e-300, "third": 0.333_333_333_333_333_3, "zero": 0, "minus": -0.0,
        "largest": 9_007_199_254_740_991_i64, "smallest": -9_007_199_254_740_991_i64,
        "active": true, "deceased": null, "notes": "line\nbreak \u{1f9ec} \"quoted\" \\ \u{7f}",
        "empty": {}, "none": [], "nested": [[1, [2, { "a": [null, false] }]]],
    });
    app.create("p-1", &patient).await.unwrap();
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&patient));
}

#[tokio::test]
async fn only_the_asked_for_fields_leave() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        app.create(id, &json!({ "ssn": "1", "birthDate": "1970", "birth_date": "other" })).await.unwrap();
    }
    let read = |names: &[&str]| {
        let read_fields = names.iter().map(|&name| name.to_owned()).collect();
        RevealRecordRequest { read_fields, ..reveal_request("p-1") }
    };
    let record = app.reveal_record(read(&["birthDate"])).await.unwrap();
    assert_eq!(record.fields.unwrap(), fields(&json!({ "birthDate": "1970" })));
    assert_eq!(record.field_names, ["birthDate", "birth_date", "ssn"]);
    // A name that nobody knows is a slip of the pen; the key was unwrapped, so an entry tells of it.
    let absent = read(&["birthDate", "birthdate", "absent"]);
    assert_eq!(refused(app.reveal_record(absent.clone()).await).fields, ["read_fields[1]", "read_fields[2]"]);
    let told = world.audit.event("records.reveal", |event| event.outcome == 3).await;
    assert_eq!(told.attributes["reason"], "INVALID_ARGUMENT");
    let [all, slip] = app.batch_reveal(vec![reveal_request("p-2"), absent]).await.unwrap().try_into().unwrap();
    all.unwrap();
    let slip = slip.unwrap_err();
    assert_eq!(slip.code(), Code::InvalidArgument);
    assert!(slip.message().contains("read_fields[1]"), "{}", slip.message());
}

#[tokio::test]
async fn old_records_are_revealed_after_a_rotation() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let old = app.create("old", &json!({ "a": 1 })).await.unwrap();
    let key = old.key_version.strip_suffix("/versions/1").unwrap().to_owned();
    world.rotate(&key).await;
    let new = app.create("new", &json!({ "a": 2 })).await.unwrap();
    assert_eq!(new.key_version, format!("{key}/versions/2"));
    assert_eq!(app.reveal("old").await.unwrap(), fields(&json!({ "a": 1 })));
    assert_eq!(app.reveal("new").await.unwrap(), fields(&json!({ "a": 2 })));
}
