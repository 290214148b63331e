//! JSON objects as `google.protobuf.Struct`, as a caller's library makes them.

use api::EncodedStruct;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

/// The fields of a record.
pub(crate) fn fields(json: &serde_json::Value) -> EncodedStruct {
    object(json).into()
}

fn object(json: &serde_json::Value) -> Struct {
    let serde_json::Value::Object(object) = json else { panic!("the fields of a record are an object") };
    Struct { fields: object.iter().map(|(name, value)| (name.clone(), value_of(value))).collect() }
}

fn value_of(json: &serde_json::Value) -> Value {
    let kind = match json {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(value) => Kind::BoolValue(*value),
        serde_json::Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap()),
        serde_json::Value::String(value) => Kind::StringValue(value.clone()),
        serde_json::Value::Array(values) => {
            Kind::ListValue(ListValue { values: values.iter().map(value_of).collect() })
        }
        serde_json::Value::Object(_) => Kind::StructValue(object(json)),
    };
    Value { kind: Some(kind) }
}
