//! `timestamptz` as whole microseconds since 1970, which is all that PostgreSQL keeps.

use std::error::Error;

use db::types::private::BytesMut;
use db::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's count begins.
const EPOCH: i64 = 946_684_800_000_000;

/// A point in time, microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Micros(pub(crate) i64);

impl Micros {
    /// As the wire has it: microseconds since 2000. Times that it cannot hold saturate.
    pub(crate) fn to_wire(self) -> [u8; 8] {
        self.0.saturating_sub(EPOCH).to_be_bytes()
    }
}

impl FromSql<'_> for Micros {
    fn from_sql(_type: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let wire = i64::from_be_bytes(raw.try_into()?);
        // 'infinity' and '-infinity' are the ends of the range and stay there.
        Ok(Self(wire.saturating_add(EPOCH)))
    }

    accepts!(TIMESTAMPTZ);
}

impl ToSql for Micros {
    fn to_sql(&self, _type: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.to_wire());
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}
