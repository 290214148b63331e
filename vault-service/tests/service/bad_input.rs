//! Bad input gets a clear error, with everything that is wrong at once, after authorization.

use std::collections::BTreeMap;

use api::vault::v1::{Collection, CreateRecordRequest, FieldPolicy, GetRecordRequest, JsonType, Record, Treatment};
use prost_types::value::Kind;
use prost_types::{Struct, Timestamp, Value};
use serde_json::json;
use tonic::Code;

use crate::support::{Calls, Refused, World, new_record, refused, reveal_request};

fn policy(field: &str) -> FieldPolicy {
    FieldPolicy { field: field.to_owned(), ..FieldPolicy::default() }
}

/// A collection `strict` with a policy of each kind.
async fn strict(calls: &mut Calls) {
    let field_policies = vec![
        FieldPolicy { treatment: Treatment::NeverStore.into(), ..policy("cvv") },
        FieldPolicy { required: true, json_type: JsonType::String.into(), ..policy("ssn") },
        FieldPolicy { max_size: 6, ..policy("note") },
        FieldPolicy { json_type: JsonType::Object.into(), ..policy("address") },
    ];
    let collection = Collection { field_policies, ..Collection::default() };
    calls.create_collection_with("tenants/acme", "strict", collection).await.unwrap();
}

fn in_strict(json: &serde_json::Value) -> CreateRecordRequest {
    CreateRecordRequest { parent: "tenants/acme/collections/strict".to_owned(), ..new_record("r-1", json) }
}

#[tokio::test]
async fn a_never_stored_field_is_refused_with_all_else() {
    let (world, vault) = World::start().await;
    strict(&mut world.calls(&vault, "operator")).await;
    let mut app = world.calls(&vault, "app");
    let bad = json!({ "cvv": null, "note": "too long", "address": "Elm Street", "age": 9_007_199_254_740_992_i64 });
    let fields =
        ["record.fields.age", "record.fields.address", "record.fields.cvv", "record.fields.note", "record.fields.ssn"];
    assert_eq!(
        refused(app.create_record(in_strict(&bad)).await),
        Refused::with(Code::InvalidArgument, "NEVER_STORE", &fields)
    );
    let good =
        json!({ "ssn": "1", "note": "four", "address": { "ssn": 1, "note": "only top-level names have these" } });
    app.create_record(in_strict(&good)).await.unwrap();
}

#[tokio::test]
async fn a_never_stored_field_is_refused_in_updates_too() {
    let (world, vault) = World::start().await;
    strict(&mut world.calls(&vault, "operator")).await;
    let mut app = world.calls(&vault, "app");
    let made = app.create_record(in_strict(&json!({ "ssn": "1" }))).await.unwrap();
    for update_fields in [&[][..], &["ssn", "cvv"], &["*"]] {
        let mut request = crate::support::update_request("r-1", update_fields, &json!({ "ssn": "1", "cvv": "123" }));
        request.record.as_mut().unwrap().name.clone_from(&made.name);
        let refusal = Refused::with(Code::InvalidArgument, "NEVER_STORE", &["record.fields.cvv"]);
        assert_eq!(refused(app.update_record(request).await), refusal);
    }
}

#[tokio::test]
async fn malformed_records_are_refused_field_by_field() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let value = |kind| Value { kind };
    let fields = BTreeMap::from([
        ("infinite".to_owned(), value(Some(Kind::NumberValue(f64::INFINITY)))),
        ("nan".to_owned(), value(Some(Kind::NumberValue(f64::NAN)))),
        ("nothing".to_owned(), value(None)),
        (String::new(), value(Some(Kind::BoolValue(true)))),
        ("x".repeat(129), value(Some(Kind::BoolValue(true)))),
    ]);
    let record = Record {
        subject: "Jane Doe".to_owned(),
        fields: Some(Struct { fields }.into()),
        expire_time: Some(Timestamp { seconds: i64::MAX, nanos: -1 }),
        ..Record::default()
    };
    let request =
        CreateRecordRequest { record: Some(record), record_id: "P 1".to_owned(), ..new_record("", &json!({})) };
    let long = format!("record.fields.{}", "x".repeat(129));
    let expected = [
        "record_id",
        "record.subject",
        "record.expire_time",
        "record.fields.infinite",
        "record.fields.nan",
        "record.fields.nothing",
        "record.fields.",
        &long,
    ];
    assert_eq!(refused(app.create_record(request).await), Refused::with(Code::InvalidArgument, "", &expected));
}

#[tokio::test]
async fn what_is_missing_or_too_large_is_refused() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let missing = CreateRecordRequest { record: None, ..new_record("p-1", &json!({})) };
    assert_eq!(refused(app.create_record(missing).await).fields, ["record", "record.fields"]);
    assert_eq!(refused(app.create("p-1", &json!({})).await).fields, ["record.fields"]);
    let large = json!({ "note": "x".repeat(1 << 20) });
    assert_eq!(refused(app.create("p-1", &large).await).fields, ["record.fields"]);
    let fields = (0..257).map(|number| (format!("f{number}"), json!(number))).collect::<serde_json::Map<_, _>>();
    assert_eq!(refused(app.create("p-1", &fields.into()).await).fields, ["record.fields"]);
    let too_large = json!({ "note": "x".repeat(5 << 20) });
    let refusal = Refused::with(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", &[]);
    assert_eq!(refused(app.create("p-1", &too_large).await), refusal);
    let fits = json!({ "note": "x".repeat((1 << 20) - 6) });
    app.create("p-1", &fits).await.unwrap();
}

#[tokio::test]
async fn names_that_do_not_parse_are_refused_with_a_hint() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for bad in
        ["", "p-1", "tenants/acme/collections/patients/records/P 1", "tenants/acme/collections/patients/records/", "/"]
    {
        let get = app.records.get_record(GetRecordRequest { name: bad.to_owned(), ..Default::default() }).await;
        assert_eq!(refused(get), Refused::with(Code::InvalidArgument, "", &["name"]), "{bad}");
        let mut request = reveal_request("x");
        request.name = bad.to_owned();
        assert_eq!(refused(app.reveal_record(request).await).fields, ["name"], "{bad}");
    }
    let request =
        CreateRecordRequest { parent: "tenants/ACME".to_owned(), ..new_record("P?", &json!({ "a": f64::MAX })) };
    let expected = ["parent", "record_id", "record.fields.a"];
    assert_eq!(refused(app.create_record(request).await), Refused::with(Code::InvalidArgument, "", &expected));
}

#[tokio::test]
async fn who_may_not_learns_nothing() {
    let (world, vault) = World::start().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    for caller in ["stranger", "auditor", "operator"] {
        let mut calls = world.calls(&vault, caller);
        let denied = Refused::with(Code::PermissionDenied, "", &[]);
        assert_eq!(refused(calls.reveal("p-1").await), denied, "{caller}");
        assert_eq!(refused(calls.reveal("none").await), denied, "{caller}");
        assert_eq!(refused(calls.create("P 1", &json!({})).await), denied, "{caller}");
        assert_eq!(refused(calls.delete("p-1", "").await), denied, "{caller}");
    }
    let mut app = world.calls(&vault, "app");
    assert_eq!(refused(app.create_tenant("mine").await).code, Code::PermissionDenied);
    world.audit.event("records.reveal", |event| event.outcome == 2 && event.log == "logs/system").await;
}

#[tokio::test]
async fn an_application_of_another_tenant_is_refused_and_the_tenant_is_told() {
    let (world, vault) = World::start().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    let mut other = world.calls(&vault, "other-app");
    let denied = || Refused::with(Code::PermissionDenied, "", &[]);
    assert_eq!(refused(other.reveal("p-1").await), denied());
    assert_eq!(refused(other.get("none").await), denied());
    assert_eq!(refused(other.create("p-2", &json!({ "a": 1 })).await), denied());
    let told = world.audit.event("records.reveal", |event| event.outcome == 2).await;
    assert_eq!((told.log.as_str(), told.actor.as_str()), ("logs/acme", "spiffe://strongroom.dev/other-app"));
    // In its own tenant it learns what is there.
    let mut request = reveal_request("p-1");
    request.name = "tenants/other/collections/patients/records/p-1".to_owned();
    assert_eq!(refused(other.reveal_record(request).await).code, Code::NotFound);
}
