//! JSON texts to `google.protobuf.Struct`, without a tree between that would have to be wiped too.

use std::collections::BTreeSet;
use std::fmt;

use api::EncodedStruct;
use bytes::Bytes;
use prost::{encode_length_delimiter, length_delimiter_len};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::fields::Fields;

/// The `Struct` of fields that were opened. `None` if one is no JSON text.
pub(in crate::api) fn struct_of(fields: &Fields) -> Option<EncodedStruct> {
    let mut encoded = Vec::with_capacity(struct_length(fields));
    let mut lengths = Vec::with_capacity(fields.len());
    for (name, json) in fields.iter() {
        let start = encoded.len();
        write_field(&mut encoded, name, |encoded| write_json(encoded, json.expose())).ok()?;
        lengths.push(encoded.len() - start);
    }
    let mut encoded = Bytes::from(encoded);
    Some(EncodedStruct { fields: lengths.into_iter().map(|length| encoded.split_to(length)).collect() })
}

/// Bytes of the `Struct` of fields that were opened. A list of small numbers has more of them than its JSON.
pub(in crate::api) fn struct_length(fields: &Fields) -> usize {
    let mut length = Length(0);
    for (name, json) in fields.iter() {
        // What is no JSON text is no `Struct` either.
        let _ = write_field(&mut length, name, |length| write_json(length, json.expose()));
    }
    length.0
}

/// What takes a message: its bytes, or their number alone.
pub(super) trait Sink {
    fn append(&mut self, bytes: &[u8]);
    fn append_length(&mut self, length: usize);
    fn end(&self) -> usize;
    fn truncate(&mut self, end: usize);
    /// Puts the length of all from `start` on before it.
    fn insert_length(&mut self, start: usize);
}

impl Sink for Vec<u8> {
    fn append(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn append_length(&mut self, length: usize) {
        // A vector makes room for it.
        let _infallible = encode_length_delimiter(length, self);
    }

    fn end(&self) -> usize {
        self.len()
    }

    fn truncate(&mut self, end: usize) {
        self.truncate(end);
    }

    fn insert_length(&mut self, start: usize) {
        let end = self.len();
        // Only now is it known how many bytes the length takes: it is written behind and turned to the front.
        self.append_length(end - start);
        if let Some(turned) = self.get_mut(start..) {
            turned.rotate_left(end - start);
        }
    }
}

/// The length of a message that is not made.
struct Length(usize);

impl Sink for Length {
    fn append(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }

    fn append_length(&mut self, length: usize) {
        self.0 += length_delimiter_len(length);
    }

    fn end(&self) -> usize {
        self.0
    }

    fn truncate(&mut self, end: usize) {
        self.0 = end;
    }

    fn insert_length(&mut self, start: usize) {
        self.append_length(self.0 - start);
    }
}

/// Appends the encoding of the `Value` of a JSON text, or nothing whole.
fn write_json<S: Sink>(encoded: &mut S, json: &[u8]) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    ValueWriter { encoded }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// The bytes before a field of a message: `number << 3 | wire type`.
pub(super) mod key {
    const VARINT: u8 = 0;
    const FIXED64: u8 = 1;
    const DELIMITED: u8 = 2;

    pub(in crate::api::json) const NAME: u8 = 1 << 3 | DELIMITED;
    pub(in crate::api::json) const VALUE: u8 = 2 << 3 | DELIMITED;
    /// `Struct.fields` and `ListValue.values`.
    pub(in crate::api::json) const MEMBER: u8 = 1 << 3 | DELIMITED;
    pub(in crate::api::json) const NULL: u8 = 1 << 3 | VARINT;
    pub(in crate::api::json) const NUMBER: u8 = 2 << 3 | FIXED64;
    pub(in crate::api::json) const STRING: u8 = 3 << 3 | DELIMITED;
    pub(in crate::api::json) const BOOL: u8 = 4 << 3 | VARINT;
    pub(in crate::api::json) const STRUCT: u8 = 5 << 3 | DELIMITED;
    pub(in crate::api::json) const LIST: u8 = 6 << 3 | DELIMITED;
}

/// Appends an entry of `Struct.fields`.
pub(super) fn write_field<S: Sink, E>(
    encoded: &mut S,
    name: &str,
    value: impl FnOnce(&mut S) -> Result<(), E>,
) -> Result<(), E> {
    write_bytes(encoded, key::NAME, name.as_bytes());
    write_delimited(encoded, key::VALUE, value)
}

pub(super) fn write_bytes<S: Sink>(encoded: &mut S, key: u8, bytes: &[u8]) {
    encoded.append(&[key]);
    encoded.append_length(bytes.len());
    encoded.append(bytes);
}

/// Appends what `content` appends, behind its length.
fn write_delimited<S: Sink, E>(
    encoded: &mut S,
    key: u8,
    content: impl FnOnce(&mut S) -> Result<(), E>,
) -> Result<(), E> {
    encoded.append(&[key]);
    let start = encoded.end();
    content(encoded)?;
    encoded.insert_length(start);
    Ok(())
}

/// Writes a `Value` straight from JSON, without a tree between that would have to be wiped too.
struct ValueWriter<'a, S> {
    encoded: &'a mut S,
}

impl<'de, S: Sink> DeserializeSeed<'de> for ValueWriter<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for ValueWriter<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.encoded.append(&[key::NULL, 0]);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.encoded.append(&[key::BOOL, u8::from(value)]);
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        let number = integer(value.unsigned_abs(), value.is_negative());
        self.visit_f64(number.ok_or_else(|| E::custom("integer of more than 53 bits"))?)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        let number = integer(value, false);
        self.visit_f64(number.ok_or_else(|| E::custom("integer of more than 53 bits"))?)
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.encoded.append(&[key::NUMBER]);
        self.encoded.append(&value.to_le_bytes());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        write_bytes(self.encoded, key::STRING, value.as_bytes());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        write_delimited(self.encoded, key::LIST, |encoded| {
            loop {
                // Where no value follows, the beginning of one is taken back.
                let end = encoded.end();
                let mut more = false;
                write_delimited(encoded, key::MEMBER, |encoded| {
                    more = sequence.next_element_seed(ValueWriter { encoded })?.is_some();
                    Ok(())
                })?;
                if !more {
                    encoded.truncate(end);
                    return Ok(());
                }
            }
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        write_delimited(self.encoded, key::STRUCT, |encoded| {
            let mut names = BTreeSet::new();
            while let Some(name) = map.next_key::<String>()? {
                write_delimited(encoded, key::MEMBER, |encoded| {
                    write_field(encoded, &name, |encoded| map.next_value_seed(ValueWriter { encoded }))
                })?;
                if !names.insert(name) {
                    return Err(A::Error::custom("a name is there twice"));
                }
            }
            Ok(())
        })
    }
}

/// An integer below 2^53 as binary64, exactly.
pub(super) fn integer(magnitude: u64, negative: bool) -> Option<f64> {
    let high = f64::from(u32::try_from(magnitude >> 32).ok().filter(|high| *high < 1 << 21)?);
    let low = f64::from(u32::try_from(magnitude & u64::from(u32::MAX)).ok()?);
    let number = high.mul_add(4_294_967_296.0, low);
    Some(if negative { -number } else { number })
}
