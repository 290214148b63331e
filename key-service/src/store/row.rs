//! Columns as bytes, the HMAC over them, and reading them back.

use std::borrow::Cow;

use clock::Timestamp;
use db::Row;
use db::types::FromSql;
use envelope::stored::RowMac;
use uuid::Uuid;

use super::Error;

/// A row's columns in the order of its table, as the HMAC covers them. Integers are big-endian; an optional column has a
/// presence byte first.
#[derive(Debug)]
pub struct Columns<'a> {
    table: &'static str,
    parts: Vec<Cow<'a, [u8]>>,
}

impl<'a> Columns<'a> {
    /// No columns of `table` yet.
    pub fn of(table: &'static str) -> Self {
        Self { table, parts: Vec::with_capacity(12) }
    }

    /// A `bytea` column.
    #[must_use]
    pub fn bytes(mut self, value: &'a [u8]) -> Self {
        self.parts.push(Cow::Borrowed(value));
        self
    }

    /// A `text` column.
    #[must_use]
    pub fn text(self, value: &'a str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// A `uuid` column.
    #[must_use]
    pub fn uuid(self, value: Uuid) -> Self {
        self.short(value.as_bytes())
    }

    /// A `boolean` column.
    #[must_use]
    pub fn boolean(self, value: bool) -> Self {
        self.short(&[u8::from(value)])
    }

    /// A `smallint` column.
    #[must_use]
    pub fn smallint(self, value: i16) -> Self {
        self.short(&value.to_be_bytes())
    }

    /// An `integer` column.
    #[must_use]
    pub fn integer(self, value: i32) -> Self {
        self.short(&value.to_be_bytes())
    }

    /// A `bigint` column.
    #[must_use]
    pub fn bigint(self, value: i64) -> Self {
        self.short(&value.to_be_bytes())
    }

    /// A `bigint` column that may be NULL.
    #[must_use]
    pub fn optional_bigint(self, value: Option<i64>) -> Self {
        match value {
            None => self.short(&[0]),
            Some(value) => self.owned([&[1][..], &value.to_be_bytes()].concat()),
        }
    }

    /// A `bytea` column that may be NULL.
    #[must_use]
    pub fn optional_bytes(self, value: Option<&[u8]>) -> Self {
        match value {
            None => self.short(&[0]),
            Some(value) => self.owned([&[1], value].concat()),
        }
    }

    /// The HMAC over the columns.
    pub fn mac(&self, key: &RowMac) -> [u8; 32] {
        key.compute(self.table, &self.slices())
    }

    /// Refuses a row that does not carry the HMAC over the columns.
    pub fn check(&self, key: &RowMac, mac: &[u8]) -> Result<(), Error> {
        if key.verify(self.table, &self.slices(), mac) { Ok(()) } else { Err(Error::RowAltered { table: self.table }) }
    }

    fn slices(&self) -> Vec<&[u8]> {
        self.parts.iter().map(AsRef::as_ref).collect()
    }

    fn short(self, value: &[u8]) -> Self {
        self.owned(value.to_vec())
    }

    fn owned(mut self, value: Vec<u8>) -> Self {
        self.parts.push(Cow::Owned(value));
        self
    }
}

/// A column by its name.
pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: &str) -> Result<T, Error> {
    row.try_get(column).map_err(|error| Error::Database(error.into()))
}

/// A count, index or size as `bigint`: saturates far above what any table reaches.
pub(super) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A version as `integer`: saturates far above what any key reaches.
pub(super) fn integer(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// A `bigint` column that is never negative.
pub(super) fn unsigned(table: &'static str, value: i64) -> Result<u64, Error> {
    u64::try_from(value).map_err(|_negative| Error::Unreadable { table })
}

/// An `integer` column that is never negative.
pub(super) fn version(table: &'static str, value: i32) -> Result<u32, Error> {
    u32::try_from(value).map_err(|_negative| Error::Unreadable { table })
}

/// A `bytea` column of exactly `N` bytes.
pub(super) fn array<const N: usize>(table: &'static str, value: &[u8]) -> Result<[u8; N], Error> {
    value.try_into().map_err(|_length| Error::Unreadable { table })
}

/// A `*_us` column: microseconds since 1970.
pub(super) fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}
