//! Values that `RecordService` does not take. Every violation of a request is reported at once, by the path of its field.

use api::vault::v1::{CreateRecordRequest, FieldPolicy, JsonType, Treatment};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use serde_json::{Value as Json, json};
use tonic::Code;

use super::place;
use crate::support::places::Place;
use crate::support::stacks::on_shared_stack;

const EXACT: f64 = 9_007_199_254_740_991.0;

/// The paths that a refused creation names, sorted.
async fn violations(place: &Place, request: CreateRecordRequest, reason: &str) -> Vec<String> {
    let answer = place.app.records().create_record(request).await;
    let details = place.app.refused(answer, Code::InvalidArgument, reason);
    let mut fields: Vec<String> = details.violations.into_iter().map(|(field, _)| field).collect();
    fields.sort();
    fields
}

/// A creation whose field `x` has this value.
fn with_value(place: &Place, value: Value) -> CreateRecordRequest {
    let mut request = place.creation("", &json!({}));
    let fields = Struct { fields: [("x".to_owned(), value)].into() };
    request.record.as_mut().unwrap().fields = Some(fields.into());
    request
}

fn number(number: f64) -> Value {
    Value { kind: Some(Kind::NumberValue(number)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn integral_numbers_from_2_to_the_53_on_are_refused_with_a_hint_and_smaller_ones_kept() {
    on_shared_stack(async |world| {
        let (place, app) = place(world).await;
        for refused in [9_007_199_254_740_992.0, -9_007_199_254_740_992.0, 1e300, -1e300, f64::MAX] {
            let answer = app.records().create_record(with_value(&place, number(refused))).await;
            let details = app.refused(answer, Code::InvalidArgument, "");
            let (field, text) = &details.violations[0];
            assert_eq!(field, "record.fields.x");
            assert!(text.contains("string"), "no hint to send a string: {text}");
        }
        for (id, kept) in [("max", EXACT), ("min", -EXACT), ("half", 0.5), ("tiny", f64::MIN_POSITIVE), ("neg", -0.0)] {
            let mut request = with_value(&place, number(kept));
            request.record_id = id.into();
            app.records().create_record(request).await.unwrap();
            let revealed = place.reveal(id).await["x"].as_f64().unwrap();
            assert_eq!(revealed.to_bits(), kept.to_bits(), "{kept} is not what was stored");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_none_and_values_without_a_kind_are_refused_wherever_they_stand() {
    on_shared_stack(async |world| {
        let (place, _) = place(world).await;
        let list = |value: Value| Value { kind: Some(Kind::ListValue(ListValue { values: vec![number(1.0), value] })) };
        for bad in [number(f64::NAN), number(f64::INFINITY), number(f64::NEG_INFINITY), Value { kind: None }] {
            assert_eq!(violations(&place, with_value(&place, bad.clone()), "").await, ["record.fields.x"]);
            assert_eq!(violations(&place, with_value(&place, list(bad)), "").await, ["record.fields.x[1]"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_too_deep_too_long_or_one_of_too_many_is_refused() {
    on_shared_stack(async |world| {
        let (place, _) = place(world).await;
        let nested = |depth: usize| (0..depth).fold(json!("x"), |inner, _| json!([inner]));
        // The last ones are deeper than decoders of protobuf go.
        for depth in [31, 60, 500] {
            let deep = violations(&place, place.creation("", &json!({"x": nested(depth)})), "").await;
            assert_eq!(deep, [format!("record.fields.x{}", "[0]".repeat(30))], "{depth}");
        }
        place.create("deep", &json!({"x": nested(30)})).await;
        assert_eq!(place.reveal("deep").await, json!({"x": nested(30)}));
        let many: serde_json::Map<String, Json> = (0..2000).map(|index| (format!("f{index}"), json!(1))).collect();
        assert_eq!(violations(&place, place.creation("", &Json::Object(many)), "").await, ["record.fields"]);
        let long = json!({"x": "y".repeat(3 << 20)});
        let long = violations(&place, place.creation("", &long), "").await;
        assert!(long.iter().all(|field| field.starts_with("record.fields")), "{long:?}");
        assert_eq!(violations(&place, place.creation("", &json!({})), "").await, ["record.fields"]);
        let names = json!({"": 1, "a\u{0}b": 1, "n".repeat(129): 1});
        assert_eq!(violations(&place, place.creation("", &names), "").await.len(), 3);
    })
    .await;
}

/// A policy for `field`.
fn policy(field: &str) -> FieldPolicy {
    FieldPolicy { field: field.into(), treatment: Treatment::Encrypt.into(), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collections_policies_hold_and_all_that_is_wrong_is_said_at_once() {
    on_shared_stack(async |world| {
        let policies = vec![
            FieldPolicy { treatment: Treatment::NeverStore.into(), ..policy("cvv") },
            FieldPolicy { json_type: JsonType::String.into(), required: true, max_size: 12, ..policy("ssn") },
            FieldPolicy { json_type: JsonType::Number.into(), ..policy("age") },
            FieldPolicy { json_type: JsonType::Bool.into(), ..policy("smoker") },
            FieldPolicy { json_type: JsonType::Object.into(), ..policy("address") },
            FieldPolicy { json_type: JsonType::Array.into(), ..policy("codes") },
            FieldPolicy { required: true, ..policy("name") },
        ];
        let place = Place::with_policies(world, policies).await;
        let good = json!({"ssn": "123456789", "name": "Ada", "age": 36, "smoker": false, "address": {}, "codes": []});
        place.create("good", &good).await;
        assert_eq!(place.reveal("good").await, crate::support::json::doubles(&good));
        let cvv = json!({"ssn": "123456789", "name": "Ada", "cvv": "123"});
        assert_eq!(violations(&place, place.creation("", &cvv), "NEVER_STORE").await, ["record.fields.cvv"]);
        let bad = json!({
            "cvv": "123", "ssn": 123_456_789_012_345_u64, "age": "36", "smoker": "no", "address": [], "codes": {},
            "weight": 9_007_199_254_740_992_u64,
        });
        let mut request = place.creation("an id", &bad);
        request.request_id = "nonsense".into();
        request.record.as_mut().unwrap().subject = "a b".into();
        let all = violations(&place, request, "NEVER_STORE").await;
        let wanted = [
            "record.fields.address",
            "record.fields.age",
            "record.fields.codes",
            "record.fields.cvv",
            "record.fields.name",
            "record.fields.smoker",
            "record.fields.ssn",
            "record.fields.ssn",
            "record.fields.weight",
            "record.subject",
            "record_id",
            "request_id",
        ];
        assert_eq!(all, wanted);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_cannot_bring_in_what_a_create_cannot() {
    on_shared_stack(async |world| {
        let policies = vec![
            FieldPolicy { treatment: Treatment::NeverStore.into(), ..policy("cvv") },
            FieldPolicy { required: true, ..policy("name") },
        ];
        let place = Place::with_policies(world, policies).await;
        let record = place.create("p-1", &json!({"name": "Ada", "note": "x"})).await;
        let update = |json: Json, update_fields: &[&str]| api::vault::v1::UpdateRecordRequest {
            record: Some(api::vault::v1::Record {
                name: record.name.clone(),
                fields: Some(crate::support::json::fields(&json)),
                ..Default::default()
            }),
            update_fields: update_fields.iter().map(|field| (*field).to_owned()).collect(),
            ..Default::default()
        };
        let cases = [
            (update(json!({"name": "Ada", "cvv": "1"}), &[]), "NEVER_STORE", "record.fields.cvv"),
            (update(json!({"cvv": "1"}), &["cvv"]), "NEVER_STORE", "record.fields.cvv"),
            (update(json!({"note": "y"}), &["*"]), "", "record.fields.name"),
            (update(json!({}), &["name"]), "", "record.fields.name"),
            (update(json!({"n": 9_007_199_254_740_992_u64}), &["n"]), "", "record.fields.n"),
        ];
        for (request, reason, field) in cases {
            let answer = place.app.records().update_record(request).await;
            let details = place.app.refused(answer, Code::InvalidArgument, reason);
            assert_eq!(details.violations[0].0, field);
        }
        assert_eq!(place.reveal("p-1").await, json!({"name": "Ada", "note": "x"}));
    })
    .await;
}
