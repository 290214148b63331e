//! `google.protobuf.Struct` to JSON texts and back. What is sealed is JSON (RFC 8259), one text a field.
//!
//! Numbers of a `Struct` are binary64. They are written as the shortest decimal that reads back as the same number;
//! integral numbers of 2^53 and more are refused, for the caller may have meant one of their neighbours.

use std::collections::BTreeMap;
use std::fmt;

use prost_types::{ListValue, Struct, Value, value::Kind};
use secret::SecretVec;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::fields::{GivenFields, MAX_DEPTH};
use crate::problems::Problems;

/// 2^53: from here on not every integer is a binary64.
const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the fields of a record; what is wrong with values is reported below `fields`.
pub(super) fn fields_of(fields: Option<Struct>, problems: &mut Problems) -> GivenFields {
    let mut given = GivenFields::default();
    for (name, value) in fields.unwrap_or_default().fields {
        let mut writer =
            Writer { json: Vec::with_capacity(size_hint(&value)), path: Vec::new(), problems, failed: false };
        writer.path.push(Step::Name(&name));
        writer.value(&value, 0);
        let json = (!writer.failed).then_some(writer.json);
        given.insert(name, json.map(SecretVec::new));
    }
    given
}

/// The `Struct` of fields that were opened. `None` if one is no JSON text.
pub(super) fn struct_of<'a>(fields: impl Iterator<Item = (&'a str, &'a SecretVec)>) -> Option<Struct> {
    let fields: Option<BTreeMap<String, Value>> =
        fields.map(|(name, json)| Some((name.to_owned(), value_of(json.expose())?))).collect();
    Some(Struct { fields: fields? })
}

fn value_of(json: &[u8]) -> Option<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = ValueSeed.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// A first guess at the length of a value's JSON, so that most buffers never grow and leave copies to wipe.
fn size_hint(value: &Value) -> usize {
    match &value.kind {
        Some(Kind::StringValue(text)) => text.len() + 16,
        Some(Kind::StructValue(_) | Kind::ListValue(_)) => 512,
        _ => 24,
    }
}

/// One step of the path to a value.
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

struct Writer<'a, 'p> {
    json: Vec<u8>,
    path: Vec<Step<'a>>,
    problems: &'p mut Problems,
    failed: bool,
}

impl<'a> Writer<'a, '_> {
    fn value(&mut self, value: &'a Value, depth: usize) {
        match &value.kind {
            None => self.refuse("has no value"),
            Some(Kind::NullValue(_)) => self.json.extend_from_slice(b"null"),
            Some(Kind::BoolValue(true)) => self.json.extend_from_slice(b"true"),
            Some(Kind::BoolValue(false)) => self.json.extend_from_slice(b"false"),
            Some(Kind::NumberValue(number)) => self.number(*number),
            Some(Kind::StringValue(text)) => self.string(text),
            Some(Kind::StructValue(_) | Kind::ListValue(_)) if depth == MAX_DEPTH => {
                self.refuse("has more than 30 objects and arrays inside each other");
            }
            Some(Kind::StructValue(object)) => self.object(object, depth),
            Some(Kind::ListValue(list)) => self.list(list, depth),
        }
    }

    fn object(&mut self, object: &'a Struct, depth: usize) {
        self.json.push(b'{');
        for (index, (name, value)) in object.fields.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.string(name);
            self.json.push(b':');
            self.path.push(Step::Name(name));
            self.value(value, depth + 1);
            self.path.pop();
        }
        self.json.push(b'}');
    }

    fn list(&mut self, list: &'a ListValue, depth: usize) {
        self.json.push(b'[');
        for (index, value) in list.values.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            self.path.push(Step::Index(index));
            self.value(value, depth + 1);
            self.path.pop();
        }
        self.json.push(b']');
    }

    fn string(&mut self, text: &str) {
        if serde_json::to_writer(&mut self.json, text).is_err() {
            self.refuse("cannot be written as JSON");
        }
    }

    fn number(&mut self, number: f64) {
        if !number.is_finite() {
            return self.refuse("must be a finite number");
        }
        if number.fract() == 0.0 {
            if number.abs() >= FIRST_INEXACT {
                return self.refuse("integers of 2^53 and more are not exact as JSON numbers: send a string");
            }
            self.json.extend_from_slice(number.to_string().as_bytes());
        } else if serde_json::to_writer(&mut self.json, &number).is_err() {
            self.refuse("cannot be written as JSON");
        }
    }

    fn refuse(&mut self, rule: &str) {
        self.failed = true;
        let mut at = String::from("fields");
        for step in &self.path {
            match step {
                Step::Name(name) => {
                    at.push('.');
                    at.push_str(name);
                }
                Step::Index(index) => {
                    at.push('[');
                    at.push_str(&index.to_string());
                    at.push(']');
                }
            }
        }
        self.problems.add(at, rule);
    }
}

/// Builds a `Value` straight from JSON, without a tree between that would have to be wiped too.
struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Kind::NullValue(0).into_value())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Kind::BoolValue(value).into_value())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        integer(value.unsigned_abs(), value.is_negative()).ok_or_else(|| E::custom("integer of more than 53 bits"))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        integer(value, false).ok_or_else(|| E::custom("integer of more than 53 bits"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Kind::NumberValue(value).into_value())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Kind::StringValue(value.to_owned()).into_value())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Kind::ListValue(ListValue { values }).into_value())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.insert(name, map.next_value_seed(Self)?).is_some() {
                return Err(A::Error::custom("a name is there twice"));
            }
        }
        Ok(Kind::StructValue(Struct { fields }).into_value())
    }
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Kind {
    fn into_value(self) -> Value {
        Value { kind: Some(self) }
    }
}

/// An integer below 2^53 as binary64, exactly.
fn integer(magnitude: u64, negative: bool) -> Option<Value> {
    let high = f64::from(u32::try_from(magnitude >> 32).ok().filter(|high| *high < 1 << 21)?);
    let low = f64::from(u32::try_from(magnitude & u64::from(u32::MAX)).ok()?);
    let number = high.mul_add(4_294_967_296.0, low);
    Some(Kind::NumberValue(if negative { -number } else { number }).into_value())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(number: f64) -> Value {
        Kind::NumberValue(number).into_value()
    }

    fn one(value: Value) -> Struct {
        Struct { fields: BTreeMap::from([("f".to_owned(), value)]) }
    }

    fn json_of(value: Value) -> Result<String, Vec<String>> {
        let mut problems = Problems::default();
        let given = fields_of(Some(one(value)), &mut problems);
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
            .unwrap()),
            any::<String>().prop_map(|value| Kind::StringValue(value).into_value()),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8)
                    .prop_map(|values| Kind::ListValue(ListValue { values }).into_value()),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|fields| Kind::StructValue(Struct { fields }).into_value()),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_taken_comes_back_equal(value in values()) {
            let json = json_of(value.clone()).unwrap();
            let back = value_of(json.as_bytes()).unwrap();
            prop_assert_eq!(&back, &value);
            // -0.0 equals 0.0 above: the sign must come back too.
            if let (Some(Kind::NumberValue(a)), Some(Kind::NumberValue(b))) = (&value.kind, &back.kind) {
                prop_assert_eq!(a.to_bits(), b.to_bits());
            }
        }
    }
}
