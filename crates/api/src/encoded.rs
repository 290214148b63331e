//! `google.protobuf.Struct`, taken apart level by level.
//!
//! [`prost_types::Struct`] makes a tree of a message at once: several allocations for each value, all of which hold
//! plaintext for a while. Here a message is a list of slices of the bytes that came, and who needs a value decodes it. The
//! encoding is the same (<https://protobuf.dev/programming-guides/encoding/>: a map is a repeated entry, and a message is
//! length-delimited as bytes are). Text of an [`EncodedKind::String`] is not checked to be UTF-8 yet.

use bytes::Bytes;
use prost::{DecodeError, Message, Oneof};
use prost_types::Struct;

/// A `google.protobuf.Struct`, or a `ListValue`, whose only field has the same number.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
#[prost(skip_debug)]
pub struct EncodedStruct {
    /// Its fields, each an [`EncodedField`]; of several with one name the last counts. A list's values, each an
    /// [`EncodedValue`].
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub fields: Vec<Bytes>,
}

/// An entry of [`EncodedStruct::fields`].
#[derive(Clone, PartialEq, Eq, Hash, Message)]
#[prost(skip_debug)]
pub struct EncodedField {
    /// The field's name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// An [`EncodedValue`].
    #[prost(bytes = "bytes", tag = "2")]
    pub value: Bytes,
}

/// A `google.protobuf.Value`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct EncodedValue {
    /// The value; none is an error.
    #[prost(oneof = "EncodedKind", tags = "1, 2, 3, 4, 5, 6")]
    pub kind: Option<EncodedKind>,
}

/// What a value is.
#[derive(Clone, PartialEq, Oneof)]
#[prost(skip_debug)]
pub enum EncodedKind {
    /// `null`.
    #[prost(int32, tag = "1")]
    Null(i32),
    /// A number.
    #[prost(double, tag = "2")]
    Number(f64),
    /// UTF-8, if its sender kept to the rules.
    #[prost(bytes = "bytes", tag = "3")]
    String(Bytes),
    /// `true` or `false`.
    #[prost(bool, tag = "4")]
    Bool(bool),
    /// An [`EncodedStruct`].
    #[prost(bytes = "bytes", tag = "5")]
    Struct(Bytes),
    /// An [`EncodedStruct`] whose fields are values.
    #[prost(bytes = "bytes", tag = "6")]
    List(Bytes),
}

impl EncodedStruct {
    /// The whole tree. An error if anything in it is not encoded as it should be.
    pub fn to_struct(&self) -> Result<Struct, DecodeError> {
        Struct::decode(self.encode_to_vec().as_slice())
    }
}

impl From<Struct> for EncodedStruct {
    fn from(tree: Struct) -> Self {
        let encoded = |(name, value): (String, prost_types::Value)| {
            EncodedField { name, value: value.encode_to_vec().into() }.encode_to_vec().into()
        };
        Self { fields: tree.fields.into_iter().map(encoded).collect() }
    }
}
