//! `google.protobuf.Struct`, taken apart level by level.
//!
//! [`prost_types::Struct`] makes a tree of a message at once: several allocations for each value, all of which hold
//! plaintext for a while. Here a message is a list of slices of the bytes that came, and who needs a value decodes it. The
//! encoding is the same (<https://protobuf.dev/programming-guides/encoding/>: a map is a repeated entry, and a message is
//! length-delimited as bytes are).

use bytes::Bytes;
use prost::{DecodeError, Message};
use prost_types::Struct;

use crate::parts::{ENTRY_HEADS, Part, entry, next_part, write_entry};

/// A `google.protobuf.Struct`, or a `ListValue`, whose only field has the same number.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
#[prost(skip_debug)]
pub struct EncodedStruct {
    /// Its fields, each an [`EncodedField`]; of several with one name the last counts. A list's values, each an
    /// [`EncodedValue`].
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub fields: Vec<Bytes>,
}

/// An entry of [`EncodedStruct::fields`], taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EncodedField<'a> {
    /// The field's name.
    pub name: &'a str,
    /// An [`EncodedValue`].
    pub value: &'a [u8],
}

/// A `google.protobuf.Value`, taken apart.
#[derive(Clone, Copy, PartialEq)]
pub enum EncodedValue<'a> {
    /// `null`.
    Null,
    /// A number.
    Number(f64),
    /// A text.
    String(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// The fields of an [`EncodedStruct`], for [`encoded_members`].
    Struct(&'a [u8]),
    /// The values of a list, for [`encoded_members`].
    List(&'a [u8]),
}

impl<'a> EncodedField<'a> {
    /// Reads an entry. What is missing is empty. None if it is no entry, or has one of them twice.
    pub fn read(encoded: &'a [u8]) -> Option<Self> {
        let (name, value) = entry(encoded)?;
        Some(Self { name: std::str::from_utf8(name).ok()?, value })
    }

    /// The entry with this name and value.
    pub fn write(name: &str, value: &[u8]) -> Bytes {
        let mut encoded = Vec::with_capacity(ENTRY_HEADS + name.len() + value.len());
        write_entry(&mut encoded, name.as_bytes(), value);
        encoded.into()
    }
}

impl<'a> EncodedValue<'a> {
    /// Reads a value; no kind is `Some(None)`. None if it is no value, or has a kind twice: readers differ on what that
    /// means, and whoever inspects it on its way shall see what is stored.
    pub fn read(mut value: &'a [u8]) -> Option<Option<Self>> {
        let mut kind = None;
        while !value.is_empty() {
            let one = match next_part(&mut value)? {
                (1, Part::Varint(_)) => Self::Null,
                (2, Part::Fixed64(bytes)) => Self::Number(f64::from_le_bytes(bytes)),
                (3, Part::Delimited(text)) => Self::String(std::str::from_utf8(text).ok()?),
                (4, Part::Varint(varint)) => Self::Bool(varint != 0),
                (5, Part::Delimited(bytes)) => Self::Struct(bytes),
                (6, Part::Delimited(bytes)) => Self::List(bytes),
                (1..=6, _) => return None,
                _ => continue,
            };
            if kind.replace(one).is_some() {
                return None;
            }
        }
        Some(kind)
    }
}

/// The entries of a struct, or the values of a list, one by one: in both the only field, with the same number. None, and
/// nothing more, where it shows that the message is neither.
pub fn encoded_members(mut message: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        while !message.is_empty() {
            match next_part(&mut message) {
                Some((1, Part::Delimited(member))) => return Some(Some(member)),
                Some((number, _)) if number != 1 => {}
                _ => {
                    message = &[];
                    return Some(None);
                }
            }
        }
        None
    })
}

impl EncodedStruct {
    /// The whole tree. An error if anything in it is not encoded as it should be.
    pub fn to_struct(&self) -> Result<Struct, DecodeError> {
        Struct::decode(self.encode_to_vec().as_slice())
    }
}

impl From<Struct> for EncodedStruct {
    fn from(tree: Struct) -> Self {
        let fields = tree.fields.iter().map(|(name, value)| EncodedField::write(name, &value.encode_to_vec()));
        Self { fields: fields.collect() }
    }
}

#[cfg(test)]
mod tests {
    use prost_types::value::Kind;
    use prost_types::{ListValue, Value};

    use super::*;

    fn value(kind: Kind) -> Vec<u8> {
        Value { kind: Some(kind) }.encode_to_vec()
    }

    #[test]
    fn values_of_other_writers_are_read() {
        let read = |bytes: &[u8]| EncodedValue::read(bytes).map(|kind| kind.map(|kind| format!("{}", Shown(kind))));
        for (kind, shown) in [
            (Kind::NullValue(0), "null"),
            (Kind::NumberValue(-1.5), "-1.5"),
            (Kind::StringValue("ö".to_owned()), "\"ö\""),
            (Kind::StringValue(String::new()), "\"\""),
            (Kind::BoolValue(true), "true"),
            (Kind::BoolValue(false), "false"),
            (Kind::StructValue(Struct::default()), "{}"),
            (Kind::ListValue(ListValue { values: vec![Value { kind: Some(Kind::NullValue(0)) }] }), "[[8, 0]]"),
        ] {
            assert_eq!(read(&value(kind)), Some(Some(shown.to_owned())));
        }
        assert_eq!(read(b""), Some(None));
        assert_eq!(read(b"\x38\x01"), Some(None), "unknown fields are passed over");
        for twice in [&b"\x20\x01\x08\x00"[..], b"\x2a\x00\x2a\x00", b"\x1a\x01a\x1a\x01a"] {
            assert_eq!(read(twice), None, "which one is meant?");
        }
    }

    #[test]
    fn what_is_no_value_entry_or_list_is_none() {
        for wrong in [
            &b"\x0a"[..],
            b"\x0a\x00",
            b"\x11\x00",
            b"\x1a\x01\xff",
            b"\x18\x01",
            b"\x22\x00",
            b"\x28\x00",
            b"\x30\x00",
        ] {
            assert!(EncodedValue::read(wrong).is_none(), "{wrong:?}");
        }
        for wrong in [&b"\x0a"[..], b"\x0a\x02k", b"\x0a\x01\xff", b"\x08\x00", b"\x10\x00"] {
            assert!(EncodedField::read(wrong).is_none(), "{wrong:?}");
        }
        for wrong in [&b"\x0a"[..], b"\x0a\x02k", b"\x08\x00", b"\x00"] {
            assert_eq!(encoded_members(wrong).last(), Some(None), "{wrong:?}");
        }
    }

    #[test]
    fn a_tree_and_its_encoding_give_each_other() {
        let kinds = [("a", Kind::BoolValue(true)), ("", Kind::NullValue(0)), ("käse", Kind::NumberValue(0.0))];
        let fields = kinds.map(|(name, kind)| (name.to_owned(), Value { kind: Some(kind) }));
        let tree = Struct { fields: fields.into() };
        let encoded = EncodedStruct::from(tree.clone());
        assert_eq!(encoded.to_struct().unwrap(), tree);
        for entry in &encoded.fields {
            let field = EncodedField::read(entry).unwrap();
            assert_eq!(tree.fields[field.name].encode_to_vec(), field.value);
        }
        assert_eq!(encoded_members(&tree.encode_to_vec()).flatten().count(), 3);
    }

    /// A value as a test can show it.
    struct Shown<'a>(EncodedValue<'a>);

    impl std::fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self.0 {
                EncodedValue::Null => f.write_str("null"),
                EncodedValue::Number(number) => write!(f, "{number}"),
                EncodedValue::String(text) => write!(f, "{text:?}"),
                EncodedValue::Bool(value) => write!(f, "{value}"),
                EncodedValue::Struct([]) => f.write_str("{}"),
                EncodedValue::Struct(_) => f.write_str("{…}"),
                EncodedValue::List(bytes) => write!(f, "{:?}", encoded_members(bytes).flatten().collect::<Vec<_>>()),
            }
        }
    }
}
