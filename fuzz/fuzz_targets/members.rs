//! `google.protobuf.Struct`, taken apart level by level: what is read means what prost's tree says.
#![no_main]

use std::collections::BTreeMap;

use api::{EncodedField, EncodedStruct, EncodedValue, encoded_members};
use libfuzzer_sys::fuzz_target;
use prost::Message;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

/// Levels that are looked at: more than prost reads, which ends at 100 messages, two for each list.
const DEPTH: usize = 60;

fuzz_target!(|encoded: &[u8]| {
    // Whatever it is: it is read to the end or refused.
    let read = object(encoded, DEPTH);
    let Ok(tree) = Struct::decode(encoded) else { return };
    if let Some(read) = read {
        assert!(is_same(&read, &tree), "read otherwise: {tree:?}");
    }
    // What prost writes has nothing twice, so nothing of it is refused.
    let written = tree.encode_to_vec();
    let read = object(&written, DEPTH).expect("what prost writes is read");
    assert!(is_same(&read, &tree), "read otherwise as written: {tree:?}");
    let back = EncodedStruct::from(tree.clone()).to_struct().expect("what we write is read by prost");
    assert!(is_same(&back, &tree), "written otherwise: {tree:?}");
});

/// A struct as it is read level by level; none where any of it is refused.
fn object(encoded: &[u8], depth: usize) -> Option<Struct> {
    let depth = depth.checked_sub(1)?;
    let mut fields = BTreeMap::new();
    for member in encoded_members(encoded) {
        let field = EncodedField::read(member?)?;
        fields.insert(field.name.to_owned(), value(field.value, depth)?);
    }
    Some(Struct { fields })
}

fn list(encoded: &[u8], depth: usize) -> Option<ListValue> {
    let depth = depth.checked_sub(1)?;
    let values = encoded_members(encoded).map(|member| value(member?, depth)).collect::<Option<_>>()?;
    Some(ListValue { values })
}

fn value(encoded: &[u8], depth: usize) -> Option<Value> {
    let kind = match EncodedValue::read(encoded)? {
        None => None,
        Some(EncodedValue::Null) => Some(Kind::NullValue(0)),
        Some(EncodedValue::Number(number)) => Some(Kind::NumberValue(number)),
        Some(EncodedValue::String(text)) => Some(Kind::StringValue(text.to_owned())),
        Some(EncodedValue::Bool(value)) => Some(Kind::BoolValue(value)),
        Some(EncodedValue::Struct(encoded)) => Some(Kind::StructValue(object(encoded, depth)?)),
        Some(EncodedValue::List(encoded)) => Some(Kind::ListValue(list(encoded, depth)?)),
    };
    Some(Value { kind })
}

/// Whether both mean the same: numbers bit by bit, and null whichever number it has.
fn is_same(one: &Struct, other: &Struct) -> bool {
    let is_same_field = |((name, value), (other_name, other)): ((&String, &Value), (&String, &Value))| {
        name == other_name && is_same_value(value, other)
    };
    one.fields.len() == other.fields.len() && one.fields.iter().zip(&other.fields).all(is_same_field)
}

fn is_same_value(one: &Value, other: &Value) -> bool {
    match (&one.kind, &other.kind) {
        (Some(Kind::NullValue(_)), Some(Kind::NullValue(_))) => true,
        (Some(Kind::NumberValue(one)), Some(Kind::NumberValue(other))) => one.to_bits() == other.to_bits(),
        (Some(Kind::StructValue(one)), Some(Kind::StructValue(other))) => is_same(one, other),
        (Some(Kind::ListValue(one)), Some(Kind::ListValue(other))) => {
            one.values.len() == other.values.len()
                && one.values.iter().zip(&other.values).all(|(one, other)| is_same_value(one, other))
        }
        (one, other) => one == other,
    }
}
