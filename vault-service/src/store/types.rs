//! Types that PostgreSQL and Rust write differently.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use db::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use rows::Time;

use crate::time::Micros;

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
const TO_2000: i64 = 946_684_800_000_000;

type BoxError = Box<dyn Error + Sync + Send>;

/// A `timestamptz`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PgTime(pub Micros);

impl ToSql for PgTime {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.put_i64(self.0.get().checked_sub(TO_2000).ok_or("time out of range")?);
        Ok(IsNull::No)
    }

    fn accepts(sql_type: &Type) -> bool {
        *sql_type == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl FromSql<'_> for PgTime {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, BoxError> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        // 'infinity' is the last number there is: no time that this service writes.
        Ok(Self(Micros::new(micros.checked_add(TO_2000).ok_or("time out of range")?)))
    }

    fn accepts(sql_type: &Type) -> bool {
        *sql_type == Type::TIMESTAMPTZ
    }
}

/// What a page of a list is read with.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Rows at most.
    pub rows: i64,
    /// Bytes of their longest column: the row that comes to more is the last.
    pub bytes: i64,
}

/// The rows of a page.
#[derive(Debug)]
pub struct Part<T> {
    /// Those that were read.
    pub rows: Vec<T>,
    /// Whether more of them are there than `bytes` lets come.
    pub is_cut: bool,
}

/// A time, as rows with an HMAC have it.
pub(super) fn time(micros: Micros) -> Time {
    Time(micros.get())
}

/// The same back.
pub(super) fn micros(time: Time) -> Micros {
    Micros::new(time.0)
}

/// A count that the schema keeps positive, as a `bigint`.
pub(super) fn to_bigint(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A `bigint` that the schema keeps positive. A negative one (checks dropped by SQL) becomes 0, which no revision has.
pub(super) fn from_bigint(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
