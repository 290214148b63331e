//! The bytes under a row's HMAC, and the published vectors of it.

use std::path::PathBuf;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use secret::SecretBytes;
use serde_json::{Value as Json, json};

use crate::mac::{RowKeys, message};
use crate::value::Value;

type Columns = std::collections::BTreeMap<String, Value<'static>>;

fn keys(version: u32, byte: u8) -> RowKeys {
    RowKeys::new(version, SecretBytes::from_slice(&[byte; 32]).unwrap())
}

fn slices(columns: &Columns) -> Vec<(&str, &Value<'static>)> {
    columns.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

fn bytes_of(columns: &Columns) -> Vec<u8> {
    message([1, 0, 0, 0, 1], "t", &slices(columns))
}

#[test]
fn a_mac_of_another_format_version_key_or_length_does_not_hold() {
    let columns = Columns::from([("a".to_owned(), Value::Integer(1))]);
    let columns = slices(&columns);
    let keys = keys(7, 1);
    let mac = keys.make("t", &columns);
    assert!(keys.holds("t", &columns, &mac));
    for place in 0..mac.len() {
        let mut other = mac.clone();
        other[place] ^= 1;
        assert!(!keys.holds("t", &columns, &other), "byte {place}");
        assert!(!keys.holds("t", &columns, &mac[..place]), "{place} bytes");
    }
    assert!(!keys.holds("t", &columns, &[&mac[..], &[0]].concat()));
    assert!(!keys.holds("u", &columns, &mac));
    assert!(!self::keys(7, 2).holds("t", &columns, &mac), "another key");
    assert!(!self::keys(8, 1).holds("t", &columns, &mac), "its version is not known");
}

#[test]
fn older_versions_check_and_make_nothing() {
    let columns = Columns::from([("a".to_owned(), Value::Integer(1))]);
    let columns = slices(&columns);
    let old = keys(1, 1).make("t", &columns);
    let rotated = keys(2, 2).with_older(1, SecretBytes::from_slice(&[1; 32]).unwrap());
    assert!(rotated.holds("t", &columns, &old));
    assert!(keys(2, 2).holds("t", &columns, &rotated.make("t", &columns)));
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let short = prop_oneof![
        Just(Value::Null),
        (-2_i64..3).prop_map(Value::Integer),
        (-2_i64..3).prop_map(Value::Time),
        vec(0_u8..3, 0..4).prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    short.prop_recursive(2, 6, 3, |inner| vec(inner, 0..3).prop_map(Value::Array))
}

fn columns() -> impl Strategy<Value = Columns> {
    btree_map("[ab]{1,2}", value(), 0..4)
}

proptest! {
    #[test]
    fn different_columns_give_different_bytes(one in columns(), other in columns()) {
        let present = |columns: &Columns| -> Columns {
            columns.iter().filter(|(_, value)| **value != Value::Null).map(|(n, v)| (n.clone(), v.clone())).collect()
        };
        prop_assert_eq!(present(&one) == present(&other), bytes_of(&one) == bytes_of(&other));
    }

    #[test]
    fn a_new_column_that_is_null_changes_nothing(mut columns in columns()) {
        let before = bytes_of(&columns);
        columns.insert("new".to_owned(), Value::Null);
        prop_assert_eq!(before, bytes_of(&columns));
    }
}

#[test]
fn this_crate_still_makes_the_published_vectors() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors/rows.json");
    let made = vectors();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{made:#}\n")).unwrap();
    }
    let published: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(made == published, "the format has changed: {} needs a new version, not new vectors", path.display());
}

fn vectors() -> Json {
    let uid = Value::Bytes((0..16).collect());
    let text = |text: &'static str| Value::Bytes(text.as_bytes().into());
    let key = [
        ("key_uid", uid.clone()),
        ("key_id", text("audit-mac")),
        ("tenant_uid", Value::Null),
        ("system", Value::Integer(1)),
        ("primary_version", Value::Integer(2)),
        ("labels", Value::Bytes(Vec::new().into())),
        ("create_time_us", Value::Integer(-1)),
    ];
    let collection = [
        ("tenant_uid", uid),
        ("purposes", Value::Array(vec![text("treatment"), Value::Null, text("")])),
        ("no_purposes", Value::Array(Vec::new())),
        ("create_time", Value::Time(1_700_000_000_000_001)),
        ("size", Value::Integer(i64::MAX)),
    ];
    json!({
        "about": "HMACs of rows, format 1 (crates/rows). Bytes are hex; integers and times are decimal text. A column \
            is absent where it is NULL. The key here is fixed; real ones are derived or random.",
        "rows": [
            vector("an integer, a boolean, bytes, text, a uuid, and a NULL", 1, "keys", &key),
            vector("arrays and a time, under another key version", 0x0102_0304, "collections", &collection),
            vector("no columns at all", 1, "empty", &[]),
        ],
    })
}

fn vector(what: &str, version: u32, table: &str, columns: &[(&str, Value<'static>)]) -> Json {
    let columns: Columns = columns.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let mac = keys(version, 0x31).make(table, &slices(&columns));
    let present = columns.iter().filter(|(_, value)| **value != Value::Null);
    let shown: serde_json::Map<_, _> = present.map(|(name, value)| (name.clone(), shown(value))).collect();
    json!({
        "what": what, "key": hex(&[0x31; 32]), "key_version": version, "table": table, "columns": shown, "row_mac": hex(&mac),
    })
}

fn shown(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => json!({ "integer": number.to_string() }),
        Value::Bytes(bytes) => json!({ "bytes": hex(bytes) }),
        Value::Time(micros) => json!({ "time": micros.to_string() }),
        Value::Array(elements) => json!({ "array": elements.iter().map(shown).collect::<Vec<_>>() }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)).collect()
}
