//! What is never stored, by whatever name it comes and however deep, and what is not refused for it.

use std::path::PathBuf;

use api::vault::v1::{
    BatchCreateRecordsRequest, Collection, CreateRecordRequest, FieldPolicy, GetRecordRequest, Record, Treatment,
};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use crate::support::{Calls, Refused, Replica, World, fields, new_record, reason_of, refused, update_request};

const CARDS: &str = "tenants/acme/collections/cards";

fn never(field: &str) -> FieldPolicy {
    FieldPolicy { field: field.to_owned(), treatment: Treatment::NeverStore.into(), ..FieldPolicy::default() }
}

/// A collection `cards` that never stores these fields.
async fn cards(world: &World, vault: &Replica, names: &[&str]) -> Calls {
    let collection =
        Collection { field_policies: names.iter().map(|name| never(name)).collect(), ..Collection::default() };
    world.calls(vault, "operator").create_collection_with("tenants/acme", "cards", collection).await.unwrap();
    world.calls(vault, "app")
}

fn card(id: &str, json: &Value) -> CreateRecordRequest {
    CreateRecordRequest { parent: CARDS.to_owned(), ..new_record(id, json) }
}

async fn get(app: &mut Calls, id: &str) -> Result<Record, Status> {
    let request = GetRecordRequest { name: format!("{CARDS}/records/{id}"), ..Default::default() };
    Ok(app.records.get_record(request).await?.into_inner().record.unwrap())
}

/// Creates a card, creates it in a batch, and updates one: everything, the fields given, and the same by name.
async fn all_ways(app: &mut Calls, json: &Value) -> [Refused; 5] {
    let named: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let update = |update_fields: &[&str]| {
        let mut request = update_request("there", update_fields, json);
        request.record.as_mut().unwrap().name = format!("{CARDS}/records/there");
        request
    };
    let requests = vec![card("good", &json!({ "a": 1 })), card("bad", json)];
    let batch = BatchCreateRecordsRequest { parent: CARDS.to_owned(), requests, ..Default::default() };
    let mut in_batch = refused(app.records.batch_create_records(batch).await);
    for field in &mut in_batch.fields {
        *field = field.strip_prefix("requests[1].").unwrap().to_owned();
    }
    [
        refused(app.create_record(card("bad", json)).await),
        in_batch,
        refused(app.update_record(update(&["*"])).await),
        refused(app.update_record(update(&[])).await),
        refused(app.update_record(update(&named)).await),
    ]
}

#[tokio::test]
async fn names_that_look_alike_are_refused_at_any_depth() {
    let (world, vault) = World::start().await;
    let mut app = cards(&world, &vault, &["cvv"]).await;
    app.create_record(card("there", &json!({ "a": 1 }))).await.unwrap();
    for name in ["cvv", "CVV", "cvv ", "cvv\u{200b}", "сvv", "c\u{301}vv", "ｃｖｖ", "c-v.v", "¢VV", "ϲѵν", "ᏟᏙᏙ"]
    {
        for (json, at) in [
            (json!({ name: "123" }), format!("record.fields.{name}")),
            (json!({ "card": { name: "123" } }), format!("record.fields.card.{name}")),
            (json!({ "cards": [{ "a": 1 }, { name: null }] }), format!("record.fields.cards[1].{name}")),
            (json!({ "a": [[{ "b": { "c": [{ name: {} }] } }]] }), format!("record.fields.a[0][0].b.c[0].{name}")),
        ] {
            for refused in all_ways(&mut app, &json).await {
                let (code, reason) = (refused.code, refused.reason.as_str());
                assert_eq!((code, reason), (Code::InvalidArgument, "NEVER_STORE"), "{}", name.escape_unicode());
                // Twice where the name itself is refused, too.
                assert!(refused.fields.iter().all(|field| *field == at), "{at} {:?}", refused.fields);
            }
        }
    }
    let there = get(&mut app, "there").await.unwrap();
    assert_eq!((there.revision, there.field_names), (Some(1), vec!["a".to_owned()]));
    assert_eq!(reason_of(get(&mut app, "bad").await).0, Code::NotFound);
    assert_eq!(reason_of(get(&mut app, "good").await).0, Code::NotFound);
}

#[tokio::test]
async fn all_places_are_named_at_once_and_a_flood_of_them_is_counted() {
    let (world, vault) = World::start().await;
    let mut app = cards(&world, &vault, &["cvv", "pin"]).await;
    let several = json!({ "PIN": 1, "a": { "cvv": 1, "b": [{ "p-i-n": 1 }] }, "b": 9_007_199_254_740_992_i64 });
    let expected = ["record.fields.b", "record.fields.PIN", "record.fields.a.b[0].p-i-n", "record.fields.a.cvv"];
    let refusal = refused(app.create_record(card("c-1", &several)).await);
    assert_eq!(refusal, Refused::with(Code::InvalidArgument, "NEVER_STORE", &expected));
    let flood = json!({ "x".repeat(128): vec![json!({ "y".repeat(20): { "cvv": 1 } }); 10_000] });
    let refusal = refused(app.create_record(card("c-1", &flood)).await);
    assert_eq!(refusal.reason, "NEVER_STORE");
    assert!(refusal.fields.len() < 40 && refusal.fields.last().unwrap() == "…", "{}", refusal.fields.len());
}

#[tokio::test]
async fn a_stored_value_that_is_not_allowed_any_more_is_refused_by_name() {
    let (world, vault) = World::start().await;
    let stored = json!({ "cvv": 1, "card": { "number": 2, "c.v.v": 3 }, "CVV": 4, "note": "x" });
    world.calls(&vault, "app").create("p-1", &stored).await.unwrap();
    world.write_policies(r#"{"v":1,"min":1,"value":[{"field":"cvv","treatment":"never_store"}]}"#).await;
    let fresh = world.replica().await;
    let mut app = world.calls(&fresh, "app");
    // What is inside a value is not repeated to who cannot see it.
    let all = ["record.fields.CVV", "record.fields.card", "record.fields.cvv"];
    let refusal = Refused::with(Code::InvalidArgument, "NEVER_STORE", &all);
    for update_fields in [&["note"][..], &[]] {
        assert_eq!(refused(app.update("p-1", update_fields, &json!({ "note": "y" })).await), refusal);
    }
    let one = Refused::with(Code::InvalidArgument, "NEVER_STORE", &["record.fields.card"]);
    assert_eq!(refused(app.update("p-1", &["cvv", "CVV"], &json!({})).await), one);
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&stored), "nothing has changed");
    let removed = app.update("p-1", &["cvv", "CVV", "card"], &json!({ "card": { "number": 2 } })).await.unwrap();
    assert_eq!(removed.field_names, ["card", "note"]);
}

#[tokio::test]
async fn other_policies_hold_for_exact_names_at_the_top_alone() {
    let (world, vault) = World::start().await;
    let ssn = FieldPolicy { field: "ssn".to_owned(), max_size: 3, required: true, ..FieldPolicy::default() };
    let collection = Collection { field_policies: vec![ssn, never("cvv")], ..Collection::default() };
    world.calls(&vault, "operator").create_collection_with("tenants/acme", "cards", collection).await.unwrap();
    let mut app = world.calls(&vault, "app");
    let alike = json!({ "SSN": "longer than that", "a": { "ssn": "longer than that" } });
    assert_eq!(refused(app.create_record(card("c-1", &alike)).await).fields, ["record.fields.ssn"]);
    let good = json!({ "ssn": 123, "SSN": "longer than that", "a": { "ssn": "longer than that" } });
    app.create_record(card("c-1", &good)).await.unwrap();
}

#[tokio::test]
async fn values_and_other_names_are_not_refused() {
    let (world, vault) = World::start().await;
    let mut app = cards(&world, &vault, &["cvv", "pin"]).await;
    let good = json!({
        "cvv2": 1, "card_cvv": 1, "cvc": 1, "pln": 1, "PLN": 1, "spin": 1, "🎂": 1, "-": 1,
        "field": "cvv", "list": ["cvv", "cvv=123"], "text": "{\"cvv\":\"123\"}",
    });
    app.create_record(card("c-1", &good)).await.unwrap();
}

#[tokio::test]
async fn a_policy_that_no_name_can_be_told_by_is_refused() {
    let (world, vault) = World::start().await;
    let policies = vec![never("-"), never("cvv"), never("🎂"), never("…"), never("c-")];
    let create = async |field_policies, id: &str| {
        let collection = Collection { field_policies, ..Collection::default() };
        world.calls(&vault, "operator").create_collection_with("tenants/acme", id, collection).await
    };
    let expected = [0, 2, 3].map(|index| format!("collection.field_policies[{index}].field"));
    assert_eq!(refused(create(policies, "cards").await).fields, expected);
    let sealed = FieldPolicy { treatment: Treatment::Encrypt.into(), ..never("🎂") };
    create(vec![sealed], "cards").await.unwrap();
}

/// Resources that are part of the repository.
const FHIR: &str = include_str!("../../../tests/data/fhir.ndjson");

/// Where many more may lie beside a checkout.
fn more(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fhir_resource_is_refused_falsely() {
    let (world, vault) = World::start().await;
    let names = [
        "cvv",
        "cvv2",
        "cvc",
        "cvc2",
        "cid",
        "csc",
        "cav2",
        "pin",
        "pinblock",
        "pan",
        "track",
        "track1",
        "track2",
        "magstripe",
        "securitycode",
        "cardverificationvalue",
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "privatekey",
        "otp",
    ];
    let mut app = cards(&world, &vault, &names).await;
    let mut stored = 0;
    let files = ["patients.ndjson", "clinical.ndjson"].map(|file| std::fs::read_to_string(more(file)));
    for text in [FHIR.to_owned()].into_iter().chain(files.into_iter().flatten()) {
        let resources: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for several in resources.chunks(250) {
            let requests = several.iter().map(|resource| card("", resource)).collect();
            let batch = BatchCreateRecordsRequest { parent: CARDS.to_owned(), requests, ..Default::default() };
            stored += app.records.batch_create_records(batch).await.unwrap().into_inner().records.len();
        }
        // The control: with a code in it none of them is taken.
        for resource in resources.iter().step_by(100) {
            let mut with_code = resource.clone();
            with_code["identifier"] = json!([{ "use": "usual", "cvv": "123" }]);
            let at = ["record.fields.identifier[0].cvv"];
            let refusal = Refused::with(Code::InvalidArgument, "NEVER_STORE", &at);
            assert_eq!(refused(app.create_record(card("", &with_code)).await), refusal);
        }
    }
    assert!(stored >= 10, "only {stored}");
    println!("{stored} resources were taken");
}

/// An update may not bring a record past what is compared of its names: the next one would be refused for what it carries over.
#[tokio::test]
async fn names_of_a_record_count_together_whether_given_or_carried_over() {
    let (world, vault) = World::start().await;
    world.write_policies(r#"{"v":1,"min":1,"value":[{"field":"cvv","treatment":"never_store"}]}"#).await;
    let mut app = world.calls(&vault, "app");
    let names = |first: u32| -> Value {
        (first..first + 400).map(|number| (format!("имя-{number:0>50}"), json!(1))).collect::<Map<_, _>>().into()
    };
    app.create("p-1", &json!({ "a": names(0) })).await.unwrap();
    let refusal = refused(app.update("p-1", &["b"], &json!({ "b": names(1_000) })).await);
    assert_eq!(refusal, Refused::with(Code::InvalidArgument, "", &["record.fields.a"]));
    app.update("p-1", &["a"], &json!({ "a": names(1_000) })).await.unwrap();
    app.update("p-1", &["b"], &json!({ "b": 1 })).await.unwrap();
}

/// One request would hold a thread of the service for as long as it has records otherwise.
#[tokio::test]
async fn names_of_a_batch_count_together_each_once() {
    let (world, vault) = World::start().await;
    let mut app = cards(&world, &vault, &["cvv"]).await;
    let names = |first: u32| -> Value {
        (first..first + 400).map(|number| (format!("имя-{number:0>50}"), json!(1))).collect::<Map<_, _>>().into()
    };
    let batch = |ids: &[(&str, u32)]| BatchCreateRecordsRequest {
        parent: CARDS.to_owned(),
        requests: ids.iter().map(|(id, first)| card(id, &json!({ "a": names(*first) }))).collect(),
        ..Default::default()
    };
    let refusal = refused(app.records.batch_create_records(batch(&[("c-1", 0), ("c-2", 1_000)])).await);
    assert_eq!(refusal, Refused::with(Code::InvalidArgument, "", &["requests[1].record.fields.a"]));
    app.records.batch_create_records(batch(&[("c-1", 0), ("c-2", 0), ("c-3", 0)])).await.unwrap();
}
