//! The published vectors, `docs/vectors/envelope.json`: what this crate makes of fixed inputs, byte for byte.
//!
//! `tests/interop/python/envelope_check.py` checks the same file with an implementation of its own. After a deliberate
//! change of a format, `UPDATE_GOLDEN=1 cargo test -p strongroom-envelope vectors` writes the file anew.

use std::path::PathBuf;

use names::{BirthMark, CollectionUid, KeyUid, RecordName, RecordUid, TenantUid};
use secret::SecretBytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::key;
use crate::context::EncryptionContext;
use crate::data_key::DataKey;
use crate::kdf::derive;
use crate::mac::Fingerprint;
use crate::padding::padded_length;
use crate::record::{Manifest, Place, Selection, open, seal};
use crate::stored::{self, Column};
use crate::wrap::{WrappingKey, unwrap, wrap_with_salt};

const UID: &str = "018f2e5a-7c3b-7def-8123-456789abcdef";
const KEY_UID: &str = "018f2e5a-0000-7000-8000-000000000001";

#[test]
fn this_crate_still_makes_the_published_vectors() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors/envelope.json");
    let made = all();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{made:#}\n")).unwrap();
    }
    let published: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(made == published, "a format has changed: {} needs a new version, not new vectors", path.display());
}

#[test]
fn this_crate_opens_the_published_vectors_and_refuses_the_refused_ones() {
    let vectors: Value = serde_json::from_str(include_str!("../../../../docs/vectors/envelope.json")).unwrap();
    let list = |name: &str| vectors[name].as_array().unwrap().clone();
    for vector in list("wrapped_keys") {
        assert_eq!(unwrap_vector(&vector).unwrap().expose()[..], bytes(&vector["data_key"]), "{}", vector["what"]);
    }
    for vector in list("wrapped_keys_refused") {
        assert!(unwrap_vector(&vector).is_err(), "{}", vector["what"]);
    }
    for vector in list("records") {
        let opened = open_vector(&vector).unwrap();
        assert_eq!(opened.len(), vector["fields"].as_object().unwrap().len());
        for (name, value) in opened {
            assert_eq!(value.expose(), bytes(&vector["fields"][&name]), "{}: {name}", vector["what"]);
        }
    }
    for vector in list("records_refused") {
        assert!(open_vector(&vector).is_err(), "{}", vector["what"]);
    }
    let counts = ["wrapped_keys", "wrapped_keys_refused", "records", "records_refused"].map(|name| list(name).len());
    assert_eq!(counts, [3, 7, 3, 9]);
}

fn all() -> Value {
    let wrapped = wrapped_keys();
    let records = records();
    json!({
        "about": "Strongroom envelope formats, version 1 (docs/envelope-format.md). Bytes are hex; 64-bit numbers are \
            decimal text. Keys and salts here are fixed; real ones are random.",
        "contexts": contexts(),
        "subkeys": subkeys(),
        "wrapped_keys_refused": wrapped_keys_refused(&wrapped),
        "wrapped_keys": wrapped,
        "paddings": paddings(),
        "records_refused": records_refused(&records),
        "records": records,
        "stored_columns": stored_columns(),
        "fingerprints": fingerprints(),
    })
}

fn contexts() -> Value {
    let pairs = [json!({}), json!({ "b": "", "a": "xy" }), json!({ "record": "a:b", "größe": "日本" })];
    let vector = |pairs: &Value| json!({ "pairs": pairs, "canonical": hex(context(pairs).canonical()) });
    pairs.iter().map(vector).collect()
}

fn subkeys() -> Value {
    let first = derive::<32>(&key(0x11), "strongroom/example/v1").unwrap();
    let second = derive::<64>(&key(0x12), "strongroom/example/v2").unwrap();
    json!([
        { "prk": hex(&[0x11; 32]), "label": "strongroom/example/v1", "subkey": hex(first.expose()) },
        { "prk": hex(&[0x12; 32]), "label": "strongroom/example/v2", "subkey": hex(second.expose()) },
    ])
}

fn wrapped_keys() -> Value {
    let record = json!({
        "purpose": "record", "record": "tenants/acme/collections/patients/records/p1", "record_uid": UID, "revision": "1",
    });
    let vector = |what: &str, version: u32, subject: Option<u8>, pairs: &Value| {
        let (material, subject_key) = (key(0x21), subject.map(key));
        let wrapping = WrappingKey {
            key: uid(KEY_UID),
            version,
            birth_mark: BirthMark::new(*b"birthday"),
            material: &material,
            subject_key: subject_key.as_ref(),
        };
        let data_key = DataKey::from_slice(&[0x23; 32]).unwrap();
        let wrapped = wrap_with_salt(&wrapping, &context(pairs), &data_key, &[0x24; 32]).unwrap();
        json!({
            "what": what, "key_uid": KEY_UID, "version": version, "birth_mark": hex(b"birthday"),
            "material": hex(&[0x21; 32]),
            "subject_key": subject.map(|byte| hex(&[byte; 32])), "context": pairs, "salt": hex(&[0x24; 32]),
            "data_key": hex(&[0x23; 32]), "wrapped": hex(&wrapped),
        })
    };
    json!([
        vector("suite 1", 1, None, &record),
        vector("suite 2, with a subject key", u32::MAX, Some(0x22), &record),
        vector("an empty context", 2, None, &json!({})),
    ])
}

fn wrapped_keys_refused(wrapped: &Value) -> Value {
    let mut list = Vec::new();
    let mut refuse = |what: &str, alter: &dyn Fn(&mut Value)| list.push(altered(&wrapped[0], what, alter));
    refuse("another context", &|v| v["context"]["revision"] = "2".into());
    refuse("another version", &|v| v["version"] = 2.into());
    refuse("another birth mark", &|v| v["birth_mark"] = hex(b"another!").into());
    refuse("another key", &|v| v["key_uid"] = UID.into());
    refuse("a subject key where there was none", &|v| v["subject_key"] = hex(&[0x22; 32]).into());
    refuse("an altered commitment", &|v| v["wrapped"] = flipped(&v["wrapped"], 60).into());
    refuse("a trailing byte", &|v| v["wrapped"] = format!("{}00", v["wrapped"].as_str().unwrap()).into());
    list.into()
}

fn paddings() -> Value {
    let lengths =
        [0, 1, 31, 32, 33, 256, 480, 512, 513, 576, 577, 1024, 1025, 4096, 4097, 65_537, 1_048_576, 1_048_577];
    lengths.into_iter().map(|length| json!({ "length": length, "padded": padded_length(length).unwrap() })).collect()
}

fn records() -> Value {
    let fields = json!({ "ssn": hex(b"\"078-05-1120\""), "name": hex(b"\"Ada\""), "née": hex(b"null"), "": "" });
    let vector = |what: &str, subject: Value, expire: Value, fields: &Value| {
        let mut vector = json!({
            "what": what, "data_key": hex(&[0x31; 32]), "tenant_uid": "018f2e5a-0000-7000-8000-00000000000a",
            "collection_uid": "018f2e5a-0000-7000-8000-00000000000b",
            "name": "tenants/acme/collections/patients/records/p1", "uid": UID, "revision": u64::MAX.to_string(),
            "subject": subject, "create_time": "1800000000000001", "update_time": "-1", "expire_time": expire,
            "fields": fields,
        });
        vector["sealed"] = hex(&seal_vector(&vector)).into();
        vector
    };
    json!([
        vector("subject and expiry", "person-7".into(), "1900000000000000".into(), &fields),
        vector("neither", Value::Null, Value::Null, &fields),
        vector("an empty subject, no fields", "".into(), "0".into(), &json!({})),
    ])
}

fn records_refused(records: &Value) -> Value {
    let mut list = Vec::new();
    let mut refuse = |what: &str, alter: &dyn Fn(&mut Value)| list.push(altered(&records[0], what, alter));
    refuse("another record", &|v| v["name"] = "tenants/acme/collections/patients/records/p2".into());
    refuse("another uid", &|v| v["uid"] = KEY_UID.into());
    refuse("another revision", &|v| v["revision"] = "1".into());
    refuse("another tenant", &|v| v["tenant_uid"] = KEY_UID.into());
    refuse("another subject", &|v| v["subject"] = Value::Null);
    refuse("another time", &|v| v["expire_time"] = "1900000000000001".into());
    refuse("an altered version", &|v| v["sealed"] = flipped(&v["sealed"], 0).into());
    refuse("an altered field name", &|v| v["sealed"] = flipped(&v["sealed"], 60).into());
    refuse("no fields any more", &|v| {
        let tag = v["sealed"].as_str().unwrap().get(10..42).unwrap();
        v["sealed"] = format!("0100000000{tag}").into();
    });
    list.into()
}

fn stored_columns() -> Value {
    let aad = Column::new("key_versions", "material").aad().part(uid(KEY_UID).as_bytes()).number(7).part("wrap");
    let sealed = stored::seal_with_salt(&key(0x41), &aad, &[0x42; 32], &[0x43; 32]).unwrap();
    json!([{
        "root": hex(&[0x41; 32]), "table": "key_versions", "column": "material",
        "parts": [hex(uid(KEY_UID).as_bytes()), "00000007", hex(b"wrap")],
        "salt": hex(&[0x43; 32]), "plaintext": hex(&[0x42; 32]), "sealed": hex(&sealed),
    }])
}

fn fingerprints() -> Value {
    let fingerprint = Fingerprint::new(key(0x52)).compute(&[b"caller", b"", b"request"]);
    let parts = [hex(b"caller"), String::new(), hex(b"request")];
    json!([{ "key": hex(&[0x52; 32]), "parts": parts, "fingerprint": hex(&fingerprint) }])
}

fn unwrap_vector(vector: &Value) -> Result<DataKey, crate::Error> {
    let subject_key = vector["subject_key"].as_str().map(|_| secret_key(&vector["subject_key"]));
    let wrapping = WrappingKey {
        key: uid(vector["key_uid"].as_str().unwrap()),
        version: vector["version"].as_u64().unwrap().try_into().unwrap(),
        birth_mark: BirthMark::from_slice(&bytes(&vector["birth_mark"])).unwrap(),
        material: &secret_key(&vector["material"]),
        subject_key: subject_key.as_ref(),
    };
    unwrap(&wrapping, &context(&vector["context"]), &bytes(&vector["wrapped"]))
}

fn seal_vector(vector: &Value) -> Vec<u8> {
    let fields: Vec<(&String, Vec<u8>)> =
        vector["fields"].as_object().unwrap().iter().map(|(name, value)| (name, bytes(value))).collect();
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
    with_place(vector, |key, place, manifest| seal(key, place, manifest, &fields)).unwrap()
}

fn open_vector(vector: &Value) -> Result<Vec<(String, secret::SecretVec)>, crate::Error> {
    with_place(vector, |key, place, manifest| open(key, place, manifest, &bytes(&vector["sealed"]), Selection::All))
}

fn with_place<T>(vector: &Value, run: impl FnOnce(DataKey, &Place<'_>, &Manifest<'_>) -> T) -> T {
    let text = |name: &str| vector[name].as_str().unwrap();
    let name: RecordName = text("name").parse().unwrap();
    let place = Place {
        tenant_uid: text("tenant_uid").parse::<TenantUid>().unwrap(),
        collection_uid: text("collection_uid").parse::<CollectionUid>().unwrap(),
        name: &name,
        uid: text("uid").parse::<RecordUid>().unwrap(),
        revision: text("revision").parse().unwrap(),
    };
    let manifest = Manifest {
        subject: vector["subject"].as_str(),
        create_time: text("create_time").parse().unwrap(),
        update_time: text("update_time").parse().unwrap(),
        expire_time: vector["expire_time"].as_str().map(|time| time.parse().unwrap()),
    };
    run(DataKey::from_slice(&bytes(&vector["data_key"])).unwrap(), &place, &manifest)
}

fn altered(vector: &Value, what: &str, alter: &dyn Fn(&mut Value)) -> Value {
    let mut vector = vector.clone();
    alter(&mut vector);
    vector["what"] = what.into();
    vector
}

fn flipped(hex_bytes: &Value, place: usize) -> String {
    let mut altered = bytes(hex_bytes);
    altered[place] ^= 2;
    hex(&altered)
}

fn context(pairs: &Value) -> EncryptionContext {
    pairs.as_object().unwrap().iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap())).collect()
}

fn secret_key(hex_bytes: &Value) -> SecretBytes<32> {
    SecretBytes::from_slice(&bytes(hex_bytes)).unwrap()
}

fn uid(text: &str) -> KeyUid {
    KeyUid::new(Uuid::try_parse(text).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

fn bytes(hex: &Value) -> Vec<u8> {
    let digits = hex.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
