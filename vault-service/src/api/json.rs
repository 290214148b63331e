//! `google.protobuf.Struct` to JSON texts and back. What is sealed is JSON (RFC 8259), one text a field.
//!
//! Numbers of a `Struct` are binary64. They are written as the shortest decimal that reads back as the same number;
//! integral numbers of 2^53 and more are refused, for the caller may have meant one of their neighbours.
//!
//! # Layout
//! - this file: what callers send, as JSON
//! - `encode`: JSON, as what callers get

pub(super) mod encode;

use std::io;

use api::{EncodedField, EncodedStruct, EncodedValue, encoded_members};
use bytes::Bytes;
use secret::SecretVec;

use crate::fields::name::{MAX_NAME_BYTES, check_characters};
use crate::fields::path::Path;
use crate::fields::{GivenFields, MAX_DEPTH, MAX_FIELDS, MAX_RECORD_BYTES, sorted};
use crate::problems::Problems;

/// 2^53: from here on not every integer is a binary64.
const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;
const NOT_A_STRUCT: &str = "is not encoded as a google.protobuf.Struct";
/// Bytes of JSON that a member of an object has at least: `"":0`, and a comma.
const SHORTEST_MEMBER: usize = 5;
const NOT_A_VALUE: &str = "is not encoded as a google.protobuf.Value";

/// Reads the fields of a record; what is wrong with values is reported below `fields`.
pub(super) fn fields_of(fields: Option<EncodedStruct>, problems: &mut Problems) -> GivenFields {
    let fields = fields.unwrap_or_default().fields;
    // Of too many, so many names are read that the check of their number says so.
    let is_too_many = fields.len() > MAX_FIELDS;
    let mut writer = Writer::new(problems);
    let read = |field: Bytes| {
        let Some(EncodedField { name, value }) = EncodedField::read(&field) else {
            writer.problems.add("fields", NOT_A_STRUCT);
            return None;
        };
        // What is wrong with the name is said when it is checked: no value is looked at before.
        if is_too_many || name.len() > MAX_NAME_BYTES || writer.is_too_large() {
            return Some((name.to_owned(), None));
        }
        Some((name.to_owned(), writer.field(name, value)))
    };
    fields.into_iter().take(MAX_FIELDS + 1).filter_map(read).collect()
}

/// Writes the values of a record as JSON, one after the other.
struct Writer<'p> {
    /// The value that is being written.
    json: Vec<u8>,
    /// Bytes of the names and values before it, and of its name.
    before: usize,
    /// Most members that the objects of the rest may have together.
    members: usize,
    problems: &'p mut Problems,
    /// Whether something is wrong with the value.
    failed: bool,
}

impl<'p> Writer<'p> {
    fn new(problems: &'p mut Problems) -> Self {
        Self { json: Vec::new(), before: 0, members: MAX_RECORD_BYTES / SHORTEST_MEMBER, problems, failed: false }
    }

    /// The JSON of the next field; none where something is wrong with it.
    fn field(&mut self, name: &str, value: &[u8]) -> Option<SecretVec> {
        // A first guess at the length of the JSON, so that most buffers never grow and leave copies to wipe.
        self.json = Vec::with_capacity(value.len().min(MAX_RECORD_BYTES) + 8);
        self.before += name.len();
        self.failed = false;
        self.value(value, &Path::FIELDS.name(name), 0);
        self.is_over();
        self.before += self.json.len();
        let json = SecretVec::new(std::mem::take(&mut self.json));
        (!self.failed).then_some(json)
    }

    /// Whether there is more than a record holds.
    fn is_too_large(&self) -> bool {
        self.before + self.json.len() > MAX_RECORD_BYTES
    }

    /// Whether the rest need not be looked at: there is more than a record holds, or more is wrong than is said.
    fn is_over(&mut self) -> bool {
        let is_too_large = self.is_too_large();
        if is_too_large && !self.failed {
            self.failed = true;
            self.problems.add("fields", too_large());
        }
        self.failed && (is_too_large || self.problems.is_full())
    }

    fn value(&mut self, value: &[u8], path: &Path<'_>, depth: usize) {
        let Some(value) = EncodedValue::read(value) else { return self.refuse(path, NOT_A_VALUE) };
        match value {
            None => self.refuse(path, "has no value"),
            Some(EncodedValue::Null) => self.json.extend_from_slice(b"null"),
            Some(EncodedValue::Bool(true)) => self.json.extend_from_slice(b"true"),
            Some(EncodedValue::Bool(false)) => self.json.extend_from_slice(b"false"),
            Some(EncodedValue::Number(number)) => self.number(number, path),
            Some(EncodedValue::String(text)) => self.string(text, path),
            Some(EncodedValue::Struct(_) | EncodedValue::List(_)) if depth == MAX_DEPTH => {
                self.refuse(path, "has more than 30 objects and arrays inside each other");
            }
            Some(EncodedValue::Struct(object)) => self.object(object, path, depth),
            Some(EncodedValue::List(list)) => self.list(list, path, depth),
        }
    }

    fn object(&mut self, object: &[u8], path: &Path<'_>, depth: usize) {
        // More than fit into a record are not even listed: they stay listed while the objects inside are.
        let count = encoded_members(object).take(self.members + 1).count();
        if count > self.members {
            return self.refuse(path, &too_large());
        }
        self.members -= count;
        let member = |member| EncodedField::read(member?).map(|EncodedField { name, value }| (name, value));
        let members: Option<Vec<_>> = encoded_members(object).map(member).collect();
        let Some(members) = members else { return self.refuse(path, NOT_A_VALUE) };
        let mut members = sorted(members);
        members.shrink_to_fit();
        self.json.push(b'{');
        for (index, (name, value)) in members.into_iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            let path = path.name(name);
            // The value is written all the same, so that what else is wrong with it is found, too.
            if let Err(rule) = check_characters(name) {
                self.problems.add(path.text(), rule);
            }
            self.string(name, &path);
            self.json.push(b':');
            self.value(value, &path, depth + 1);
            if self.is_over() {
                return;
            }
        }
        self.json.push(b'}');
    }

    fn list(&mut self, list: &[u8], path: &Path<'_>, depth: usize) {
        self.json.push(b'[');
        for (index, value) in encoded_members(list).enumerate() {
            let Some(value) = value else { return self.refuse(path, NOT_A_VALUE) };
            if index > 0 {
                self.json.push(b',');
            }
            self.value(value, &path.index(index), depth + 1);
            if self.is_over() {
                return;
            }
        }
        self.json.push(b']');
    }

    fn string(&mut self, text: &str, path: &Path<'_>) {
        let room = (MAX_RECORD_BYTES + 1).saturating_sub(self.before + self.json.len());
        let written = serde_json::to_writer(Bounded { json: &mut self.json, room }, text);
        if written.is_err() && !self.is_too_large() {
            self.refuse(path, "cannot be written as JSON");
        }
    }

    fn number(&mut self, number: f64, path: &Path<'_>) {
        if !number.is_finite() {
            return self.refuse(path, "must be a finite number");
        }
        if number.fract() == 0.0 {
            if number.abs() >= FIRST_INEXACT {
                return self.refuse(path, "a number of 2^53 and more may not be the one that was meant, for a double does not hold each: send a string");
            }
            self.json.extend_from_slice(number.to_string().as_bytes());
        } else if serde_json::to_writer(&mut self.json, &number).is_err() {
            self.refuse(path, "cannot be written as JSON");
        }
    }

    fn refuse(&mut self, path: &Path<'_>, rule: &str) {
        self.failed = true;
        self.problems.add(path.text(), rule);
    }
}

/// Takes so much JSON that it shows to be too much.
struct Bounded<'a> {
    json: &'a mut Vec<u8>,
    room: usize,
}

impl io::Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        self.json.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn too_large() -> String {
    format!("a record's names and values take at most {MAX_RECORD_BYTES} bytes as JSON")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use prost::Message as _;
    use prost_types::value::Kind;
    use prost_types::{ListValue, Struct, Value};
    use unicode_normalization::UnicodeNormalization as _;

    use super::encode::{Sink as _, integer, key, struct_length, struct_of, write_bytes, write_field};
    use super::*;
    use crate::fields::Fields;

    trait IntoValue {
        fn into_value(self) -> Value;
    }

    impl IntoValue for Kind {
        fn into_value(self) -> Value {
            Value { kind: Some(self) }
        }
    }

    fn number(number: f64) -> Value {
        Kind::NumberValue(number).into_value()
    }

    fn value_of(json: &[u8]) -> Option<Value> {
        let fields = Fields::from_iter([("f".to_owned(), SecretVec::new(json.to_vec()))]);
        let mut fields = struct_of(&fields)?.to_struct().unwrap().fields;
        assert_eq!(fields.len(), 1);
        fields.remove("f")
    }

    fn one(value: Value) -> Struct {
        Struct { fields: BTreeMap::from([("f".to_owned(), value)]) }
    }

    fn json_of(value: Value) -> Result<String, Vec<String>> {
        let mut problems = Problems::default();
        let given = fields_of(Some(one(value).into()), &mut problems);
        match problems.finish() {
            Ok(()) => {
                let fields = given.into_fields();
                Ok(String::from_utf8(fields.get("f").unwrap().expose().to_vec()).unwrap())
            }
            Err(invalid) => Err(invalid.iter().map(|(field, _)| field.to_owned()).collect()),
        }
    }

    #[test]
    fn integers_that_are_not_exact_are_refused_wherever_they_are() {
        for bad in [FIRST_INEXACT, -FIRST_INEXACT, 1e300, f64::MAX] {
            assert_eq!(json_of(number(bad)), Err(vec!["fields.f".to_owned()]), "{bad}");
        }
        let nested = Kind::ListValue(ListValue {
            values: vec![number(1.0), Kind::StructValue(one(number(FIRST_INEXACT))).into_value()],
        });
        assert_eq!(json_of(nested.into_value()), Err(vec!["fields.f[1].f".to_owned()]));
    }

    #[test]
    fn numbers_that_are_none_and_values_that_are_none_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(json_of(number(bad)).is_err());
        }
        assert!(json_of(Value { kind: None }).is_err());
    }

    #[test]
    fn depth_is_bounded() {
        let nest = |depth| (0..depth).fold(number(1.0), |value, _| Kind::StructValue(one(value)).into_value());
        assert!(json_of(nest(MAX_DEPTH)).is_ok());
        assert!(json_of(nest(MAX_DEPTH + 1)).is_err());
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        for (value, json) in [
            (0.0, "0"),
            (42.0, "42"),
            (-7.0, "-7"),
            (0.1, "0.1"),
            (1e-7, "1e-7"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ] {
            assert_eq!(json_of(number(value)).unwrap(), json);
        }
    }

    #[test]
    fn text_that_is_no_json_or_repeats_a_name_does_not_come_back() {
        for bad in ["", "{", "1 2", "{\"a\":1,\"a\":2}", "18446744073709551615", "\"\u{1}\""] {
            assert!(value_of(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_struct_or_value_is_refused_where_it_is() {
        let refused = |fields: Vec<Bytes>| {
            let mut problems = Problems::default();
            fields_of(Some(EncodedStruct { fields }), &mut problems);
            problems.finish().unwrap_err().iter().map(|(field, _)| field.to_owned()).collect::<Vec<_>>()
        };
        let no_entry = Bytes::from_static(&[key::NAME, 9, b'f']);
        assert_eq!(refused(vec![no_entry]), ["fields"]);
        let cut: &[u8] = &[key::STRING, 5, b'a'];
        let no_utf8: &[u8] = &[key::STRING, 1, 0xff];
        let no_list: &[u8] = &[key::LIST, 2, key::MEMBER, 7];
        let no_object: &[u8] = &[key::STRUCT, 4, key::MEMBER, 2, key::NAME, 3];
        for bad in [cut, no_utf8, no_list, no_object] {
            assert_eq!(refused(vec![EncodedField::write("f", bad)]), ["fields.f"], "{bad:?}");
        }
        let nested: &[u8] = &[key::LIST, 5, key::MEMBER, 3, key::STRING, 1, 0xff];
        assert_eq!(refused(vec![EncodedField::write("f", nested)]), ["fields.f[0]"]);
    }

    #[test]
    fn a_name_that_is_not_allowed_is_reported_with_all_else_that_is_wrong_below_it() {
        let member = |name: &str, value| {
            Kind::StructValue(Struct { fields: BTreeMap::from([(name.to_owned(), value)]) }).into_value()
        };
        for name in ["a\u{200b}", " a", "e\u{301}", "\u{1}"] {
            let list = Kind::ListValue(ListValue { values: vec![member("b", member(name, number(f64::NAN)))] });
            let path = format!("fields.f[0].b.{name}");
            assert_eq!(json_of(list.into_value()), Err(vec![path.clone(), path]));
        }
    }

    #[test]
    fn of_one_name_the_last_value_counts_on_every_level() {
        let field = |name: &str, value: Value| EncodedField::write(name, &value.encode_to_vec());
        let twice = || EncodedStruct {
            fields: vec![field("b", number(1.0)), field("a", number(2.0)), field("b", number(3.0))],
        };
        let mut object = Vec::new();
        write_bytes(&mut object, key::STRUCT, &twice().encode_to_vec());
        let mut fields = twice();
        fields.fields.push(EncodedField::write("c", &object));
        let mut problems = Problems::default();
        let given = fields_of(Some(fields), &mut problems).into_fields();
        problems.finish().unwrap();
        let read: Vec<_> = given.iter().map(|(name, json)| (name, json.expose())).collect();
        assert_eq!(read, [("a", &b"2"[..]), ("b", b"3"), ("c", br#"{"a":2,"b":3}"#)]);
    }

    fn names() -> impl Strategy<Value = String> {
        any::<String>().prop_map(|text| {
            let visible: String = text.chars().filter(|&one| check_characters(&format!("a{one}a")).is_ok()).collect();
            visible.nfc().collect::<String>().trim().to_owned()
        })
    }

    fn values() -> impl Strategy<Value = Value> {
        let numbers = any::<f64>().prop_filter("finite and exact", |number| {
            number.is_finite() && (number.fract() != 0.0 || number.abs() < FIRST_INEXACT)
        });
        let leaf = prop_oneof![
            Just(Kind::NullValue(0).into_value()),
            any::<bool>().prop_map(|value| Kind::BoolValue(value).into_value()),
            numbers.prop_map(number),
            (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(|value| integer(
                value.unsigned_abs(),
                value < 0
            )
            .map(number)
            .unwrap()),
            any::<String>().prop_map(|value| Kind::StringValue(value).into_value()),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8)
                    .prop_map(|values| Kind::ListValue(ListValue { values }).into_value()),
                prop::collection::btree_map(names(), inner, 0..8)
                    .prop_map(|fields| Kind::StructValue(Struct { fields }).into_value()),
            ]
        })
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_read_or_refused(value in values(), cut: prop::sample::Index, flip: prop::sample::Index) {
            let whole = EncodedStruct::from(one(value)).encode_to_vec();
            for mut damaged in [whole.get(..cut.index(whole.len())).unwrap().to_vec(), whole] {
                if let Some(byte) = damaged.len().checked_sub(1).and_then(|last| damaged.get_mut(flip.index(last + 1))) {
                    *byte ^= 1 << (flip.index(8));
                }
                let Ok(fields) = EncodedStruct::decode(damaged.as_slice()) else { continue };
                let mut problems = Problems::default();
                let given = fields_of(Some(fields), &mut problems);
                // Whatever is taken can be given back.
                if problems.finish().is_ok() {
                    prop_assert!(struct_of(&given.into_fields()).unwrap().to_struct().is_ok());
                }
            }
        }

        #[test]
        fn whatever_is_taken_comes_back_equal(value in values()) {
            let json = json_of(value.clone()).unwrap();
            let fields = Fields::from_iter([("f".to_owned(), SecretVec::new(json.clone().into_bytes()))]);
            let length: usize = struct_of(&fields).unwrap().fields.iter().map(Bytes::len).sum();
            prop_assert_eq!(struct_length(&fields), length);
            let back = value_of(json.as_bytes()).unwrap();
            prop_assert_eq!(&back, &value);
            // -0.0 equals 0.0 above: the sign must come back too.
            if let (Some(Kind::NumberValue(a)), Some(Kind::NumberValue(b))) = (&value.kind, &back.kind) {
                prop_assert_eq!(a.to_bits(), b.to_bits());
            }
        }
    }

    /// A field whose value is a list of so many values that are none.
    fn spoilt(name: &str, values: usize) -> Bytes {
        let list = [vec![key::LIST], delimited(&[key::MEMBER, 0].repeat(values))].concat();
        let mut field = Vec::new();
        write_field::<_, ()>(&mut field, name, |encoded| {
            encoded.extend_from_slice(&list);
            Ok(())
        })
        .unwrap();
        Bytes::from(field)
    }

    fn delimited(content: &[u8]) -> Vec<u8> {
        let mut length = Vec::new();
        length.append_length(content.len());
        [&length, content].concat()
    }

    #[test]
    fn no_value_is_looked_at_below_a_name_that_is_too_long_or_among_too_many_fields() {
        let refused = |fields: Vec<Bytes>| {
            let mut problems = Problems::default();
            let given = fields_of(Some(EncodedStruct { fields }), &mut problems);
            assert!(given.iter().all(|(_, json)| json.is_none()));
            (given.iter().count(), problems.violations().len())
        };
        assert_eq!(refused(vec![spoilt("f", 3)]), (1, 3), "the control");
        assert_eq!(refused(vec![spoilt(&"x".repeat(MAX_NAME_BYTES + 1), 3)]), (1, 0));
        let many: Vec<Bytes> = (0..3 * MAX_FIELDS).map(|index| spoilt(&format!("f{index}"), 3)).collect();
        assert_eq!(refused(many), (MAX_FIELDS + 1, 0));
    }

    fn problems_of(fields: Vec<Bytes>) -> (GivenFields, Vec<(String, String)>) {
        let mut problems = Problems::default();
        let given = fields_of(Some(EncodedStruct { fields }), &mut problems);
        let all = problems.violations().iter().map(|(field, rule)| (field.to_owned(), rule.to_owned())).collect();
        (given, all)
    }

    #[test]
    fn objects_inside_each_other_have_no_more_members_than_one() {
        // Of one name the last counts: none but the object inside is looked at.
        let around = |inner: Vec<u8>| {
            let last = delimited(&[vec![key::VALUE], delimited(&inner)].concat());
            let members = [[key::MEMBER, 0].repeat(65_537), vec![key::MEMBER], last].concat();
            [vec![key::STRUCT], delimited(&members)].concat()
        };
        let deep = |depth| (0..depth).fold(vec![key::NULL, 0], |inner, _| around(inner));
        let (given, problems) = problems_of(vec![EncodedField::write("f", &deep(3))]);
        assert_eq!(problems, []);
        assert_eq!(given.into_fields().get("f").unwrap().expose(), br#"{"":{"":{"":null}}}"#, "the control");
        for fields in [
            vec![EncodedField::write("f", &deep(MAX_DEPTH))],
            (0..4).map(|n| EncodedField::write(&format!("f{n}"), &deep(1))).collect(),
        ] {
            let (_, problems) = problems_of(fields);
            assert_eq!(problems.iter().map(|(_, rule)| rule).collect::<Vec<_>>(), [&too_large()]);
        }
    }

    #[test]
    fn no_more_json_is_written_than_a_record_holds() {
        let text = |bytes: usize| Kind::StringValue("\u{1}".repeat(bytes)).into_value().encode_to_vec();
        let fields = (0..MAX_FIELDS).map(|n| EncodedField::write(&format!("f{n:03}"), &text(16 << 10))).collect();
        let (given, problems) = problems_of(fields);
        assert_eq!(problems, [("fields".to_owned(), too_large())]);
        let written: usize = given.iter().filter_map(|(_, json)| Some(json?.len())).sum();
        assert!((MAX_RECORD_BYTES - (96 << 10) - 1024..=MAX_RECORD_BYTES).contains(&written), "{written}");
        let mut problems = Problems::default();
        let mut writer = Writer::new(&mut problems);
        writer.value(&text(4 << 20), &Path::FIELDS, 0);
        assert_eq!((writer.json.len(), writer.is_over()), (MAX_RECORD_BYTES + 1, true));
    }
}
