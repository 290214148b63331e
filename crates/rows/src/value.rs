//! Values of columns: as the HMAC covers them, as PostgreSQL sends and takes them, as Rust has them.

use std::borrow::Cow;
use std::error::Error as StdError;

use bytes::{BufMut as _, BytesMut};
use db::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::part::part;

type BoxError = Box<dyn StdError + Sync + Send>;

/// Microseconds between 1970, where ours begin, and 2000, where PostgreSQL's do.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A column's value, without the width of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// NULL: as if the column were not there.
    Null,
    /// `smallint`, `integer`, `bigint`; `boolean` as 0 or 1.
    Integer(i64),
    /// `text`, `varchar`, `bytea`, `uuid`.
    Bytes(Cow<'a, [u8]>),
    /// `timestamptz`: microseconds since 1970.
    Time(i64),
    /// A one-dimensional array.
    Array(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// A value as PostgreSQL sends it in binary; `None` for a type or a value that is not known.
    pub(crate) fn decode(ty: &Type, raw: &'a [u8]) -> Option<Self> {
        if let Kind::Array(member) = ty.kind() {
            return decode_array(member, raw);
        }
        match *ty {
            Type::BOOL => <[u8; 1]>::try_from(raw).ok().map(|[byte]| Self::Integer(i64::from(byte != 0))),
            Type::INT2 => raw.try_into().ok().map(|raw| Self::Integer(i16::from_be_bytes(raw).into())),
            Type::INT4 => raw.try_into().ok().map(|raw| Self::Integer(i32::from_be_bytes(raw).into())),
            Type::INT8 => raw.try_into().ok().map(|raw| Self::Integer(i64::from_be_bytes(raw))),
            Type::TEXT | Type::VARCHAR | Type::BYTEA | Type::UUID => Some(Self::Bytes(Cow::Borrowed(raw))),
            Type::TIMESTAMPTZ => {
                let since_2000 = i64::from_be_bytes(raw.try_into().ok()?);
                since_2000.checked_add(EPOCH_MICROS).map(Self::Time)
            }
            _ => None,
        }
    }

    /// The value without what it borrows from.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Self::Time(micros) => Value::Time(micros),
            Self::Array(elements) => Value::Array(elements.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// Appends the value as the HMAC covers it; nothing for NULL.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Integer(number) => {
                out.push(1);
                out.extend_from_slice(&number.to_be_bytes());
            }
            Self::Bytes(bytes) => {
                out.push(2);
                out.extend_from_slice(bytes);
            }
            Self::Time(micros) => {
                out.push(3);
                out.extend_from_slice(&micros.to_be_bytes());
            }
            Self::Array(elements) => {
                out.push(4);
                for element in elements {
                    part(out, |out| element.encode(out));
                }
            }
        }
    }

    /// Writes the value as PostgreSQL takes it for the type that a parameter has.
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match (self, ty.kind()) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Array(elements), Kind::Array(member)) => write_array(elements, member, out)?,
            (Self::Integer(number), _) => match *ty {
                Type::BOOL => out.put_u8(u8::from(*number != 0)),
                Type::INT2 => out.put_i16((*number).try_into()?),
                Type::INT4 => out.put_i32((*number).try_into()?),
                Type::INT8 => out.put_i64(*number),
                _ => return Err(unlike(ty)),
            },
            (Self::Bytes(bytes), _) => match *ty {
                Type::TEXT | Type::VARCHAR | Type::BYTEA | Type::UUID => out.put_slice(bytes),
                _ => return Err(unlike(ty)),
            },
            (Self::Time(micros), _) if *ty == Type::TIMESTAMPTZ => {
                out.put_i64(micros.checked_sub(EPOCH_MICROS).ok_or("a time is out of range")?);
            }
            _ => return Err(unlike(ty)),
        }
        Ok(IsNull::No)
    }
}

/// What [`IntoValue::SQL`] is for columns of a type. Arrays are never elements of an array, so nobody casts to theirs.
pub(crate) fn sql_type(ty: &Type) -> &'static str {
    match *ty {
        Type::BOOL => bool::SQL,
        Type::INT2 | Type::INT4 | Type::INT8 => i64::SQL,
        Type::BYTEA => <&[u8]>::SQL,
        Type::UUID => Uuid::SQL,
        Type::TIMESTAMPTZ => Time::SQL,
        _ => <&str>::SQL,
    }
}

fn unlike(ty: &Type) -> BoxError {
    format!("a value does not fit type {ty}").into()
}

/// `dimensions i32 ‖ has NULLs i32 ‖ type u32 ‖ length i32 ‖ lower bound i32 ‖ (length i32 ‖ element) …`, or an empty array
/// without dimensions.
fn decode_array<'a>(member: &Type, raw: &'a [u8]) -> Option<Value<'a>> {
    let (dimensions, rest) = take_i32(raw)?;
    let (_has_nulls, rest) = take_i32(rest)?;
    let (_type, rest) = take_i32(rest)?;
    if dimensions == 0 {
        return rest.is_empty().then_some(Value::Array(Vec::new()));
    }
    let (length, rest) = take_i32(rest)?;
    let (lower_bound, mut rest) = take_i32(rest)?;
    if dimensions != 1 || lower_bound != 1 {
        return None;
    }
    let mut elements = Vec::new();
    for _ in 0..length {
        let (size, tail) = take_i32(rest)?;
        rest = tail;
        // -1 stands for NULL.
        let Ok(size) = usize::try_from(size) else {
            elements.push(Value::Null);
            continue;
        };
        let (element, tail) = rest.split_at_checked(size)?;
        rest = tail;
        elements.push(Value::decode(member, element)?);
    }
    rest.is_empty().then_some(Value::Array(elements))
}

fn take_i32(raw: &[u8]) -> Option<(i32, &[u8])> {
    raw.split_first_chunk::<4>().map(|(number, rest)| (i32::from_be_bytes(*number), rest))
}

fn write_array(elements: &[Value<'_>], member: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    out.put_i32(1);
    out.put_i32(i32::from(elements.contains(&Value::Null)));
    out.put_u32(member.oid());
    out.put_i32(elements.len().try_into()?);
    out.put_i32(1);
    let mut one = BytesMut::new();
    for element in elements {
        match element.write(member, &mut one)? {
            IsNull::Yes => out.put_i32(-1),
            IsNull::No => {
                out.put_i32(one.len().try_into()?);
                out.put_slice(&one);
            }
        }
        one.clear();
    }
    Ok(())
}

/// Fits whatever width the column has by now.
impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        self.write(ty, out)
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's bytes as they came, whatever its type.
pub(crate) struct Raw<'a>(pub(crate) &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_ty: &Type, raw: &'a [u8]) -> Result<Self, BoxError> {
        Ok(Self(raw))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}

/// A `timestamptz`: microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

/// What a column can be written from.
pub trait IntoValue<'a> {
    /// Type of the column in SQL; for integers the widest, which PostgreSQL makes as narrow as the column is.
    const SQL: &'static str;

    /// The value.
    fn into_value(self) -> Value<'a>;
}

/// What a column can be read into.
pub trait FromValue<'a>: Sized {
    /// The value; `None` where it is of another kind, out of range, or NULL without being optional.
    fn from_value(value: &Value<'a>) -> Option<Self>;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl<'a> IntoValue<'a> for $type {
            const SQL: &'static str = "bigint";

            /// Saturates far above what any row reaches.
            fn into_value(self) -> Value<'a> {
                Value::Integer(i64::try_from(self).unwrap_or(i64::MAX))
            }
        }

        impl<'a> FromValue<'a> for $type {
            fn from_value(value: &Value<'a>) -> Option<Self> {
                match value {
                    Value::Integer(number) => Self::try_from(*number).ok(),
                    _ => None,
                }
            }
        }
    )*};
}

integers!(i16, i32, i64, u32, u64);

impl<'a> IntoValue<'a> for bool {
    const SQL: &'static str = "boolean";

    fn into_value(self) -> Value<'a> {
        Value::Integer(i64::from(self))
    }
}

impl<'a> FromValue<'a> for bool {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl<'a> IntoValue<'a> for Time {
    const SQL: &'static str = "timestamptz";

    fn into_value(self) -> Value<'a> {
        Value::Time(self.0)
    }
}

impl<'a> FromValue<'a> for Time {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Time(micros) => Some(Self(*micros)),
            _ => None,
        }
    }
}

impl<'a> IntoValue<'a> for Uuid {
    const SQL: &'static str = "uuid";

    fn into_value(self) -> Value<'a> {
        Value::Bytes(Cow::Owned(self.as_bytes().to_vec()))
    }
}

macro_rules! bytes {
    ($($type:ty, $sql:literal, $value:ident => $bytes:expr;)*) => {$(
        impl<'a> IntoValue<'a> for $type {
            const SQL: &'static str = $sql;

            fn into_value(self) -> Value<'a> {
                let $value = self;
                Value::Bytes($bytes)
            }
        }
    )*};
}

bytes! {
    &'a [u8], "bytea", value => Cow::Borrowed(value);
    Vec<u8>, "bytea", value => Cow::Owned(value);
    &'a str, "text", value => Cow::Borrowed(value.as_bytes());
    String, "text", value => Cow::Owned(value.into_bytes());
}

impl<'a, const N: usize> IntoValue<'a> for &'a [u8; N] {
    const SQL: &'static str = "bytea";

    fn into_value(self) -> Value<'a> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl<'a, T: IntoValue<'a>> IntoValue<'a> for Option<T> {
    const SQL: &'static str = T::SQL;

    fn into_value(self) -> Value<'a> {
        self.map_or(Value::Null, T::into_value)
    }
}

impl<'a> IntoValue<'a> for Vec<&'a str> {
    const SQL: &'static str = "text[]";

    fn into_value(self) -> Value<'a> {
        Value::Array(self.into_iter().map(IntoValue::into_value).collect())
    }
}

impl<'a> FromValue<'a> for &'a [u8] {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Bytes(Cow::Borrowed(bytes)) => Some(bytes),
            _ => None,
        }
    }
}

impl<'a> FromValue<'a> for &'a str {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        <&[u8]>::from_value(value).and_then(|bytes| str::from_utf8(bytes).ok())
    }
}

impl<'a> FromValue<'a> for Vec<u8> {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<'a, const N: usize> FromValue<'a> for [u8; N] {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.as_ref().try_into().ok(),
            _ => None,
        }
    }
}

impl<'a> FromValue<'a> for Uuid {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        <[u8; 16]>::from_value(value).map(Self::from_bytes)
    }
}

impl<'a> FromValue<'a> for String {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        Vec::from_value(value).and_then(|bytes| Self::from_utf8(bytes).ok())
    }
}

impl<'a> FromValue<'a> for Vec<String> {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Array(elements) => elements.iter().map(String::from_value).collect(),
            _ => None,
        }
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    fn from_value(value: &Value<'a>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
