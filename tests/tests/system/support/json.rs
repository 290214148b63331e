//! JSON to `google.protobuf.Struct` and back.

use std::collections::BTreeMap;

use api::EncodedStruct;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use serde_json::Value as Json;

/// A record's fields from a JSON object.
pub(crate) fn fields(json: &Json) -> EncodedStruct {
    object(json).into()
}

fn object(json: &Json) -> Struct {
    let object = json.as_object().unwrap();
    Struct { fields: object.iter().map(|(name, json)| (name.clone(), value(json))).collect() }
}

/// A value.
pub(crate) fn value(json: &Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(bool) => Kind::BoolValue(*bool),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap()),
        Json::String(string) => Kind::StringValue(string.clone()),
        Json::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(value).collect() }),
        Json::Object(_) => Kind::StructValue(object(json)),
    };
    Value { kind: Some(kind) }
}

/// The JSON of a record's fields; numbers as doubles, which is what the API has.
pub(crate) fn json(fields: Option<&EncodedStruct>) -> Json {
    json_of_object(&fields.unwrap().to_struct().unwrap())
}

fn json_of_object(object: &Struct) -> Json {
    let sorted: BTreeMap<_, _> = object.fields.iter().collect();
    Json::Object(sorted.into_iter().map(|(name, value)| (name.clone(), json_of(value))).collect())
}

fn json_of(value: &Value) -> Json {
    match value.kind.as_ref().unwrap() {
        Kind::NullValue(_) => Json::Null,
        Kind::BoolValue(bool) => Json::Bool(*bool),
        Kind::NumberValue(number) => Json::from(*number),
        Kind::StringValue(string) => Json::String(string.clone()),
        Kind::ListValue(list) => Json::Array(list.values.iter().map(json_of).collect()),
        Kind::StructValue(object) => json_of_object(object),
    }
}

/// The same JSON with every number as a double.
pub(crate) fn doubles(json: &Json) -> Json {
    match json {
        Json::Number(number) => Json::from(number.as_f64().unwrap()),
        Json::Array(values) => Json::Array(values.iter().map(doubles).collect()),
        Json::Object(object) => Json::Object(object.iter().map(|(name, json)| (name.clone(), doubles(json))).collect()),
        other => other.clone(),
    }
}
