//! Rows of `audit_outbox` that are written together with what they tell of. The table itself belongs to the `audit`
//! crate, which forwards its rows.

use audit::OutboxRow;
use db::types::ToSql;
use uuid::Uuid;

use super::requests::RequestColumns;

/// Completes a statement that begins with `WITH` and the insertion of a resource: its requests ($6 to $9) and its
/// events ($1 to $5) are written with it or not at all. The resource's own parameters begin at $10.
macro_rules! with_request_and_event {
    ($head:literal) => {
        concat!(
            $head,
            ", request AS (
                INSERT INTO requests (tenant_uid, request_id, fingerprint, answer)
                SELECT * FROM unnest($6::uuid[], $7::uuid[], $8::bytea[], $9::bytea[])
            )
            INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])"
        )
    };
}
pub(super) use with_request_and_event;

/// Outbox rows, column by column.
#[derive(Debug)]
pub(super) struct OutboxColumns<'a> {
    outbox_id: Vec<Uuid>,
    log_name: Vec<&'a str>,
    time_ns: Vec<i64>,
    events: Vec<&'a [u8]>,
    mac: Vec<&'a [u8]>,
}

impl<'a> OutboxColumns<'a> {
    pub(super) fn of(rows: &'a [OutboxRow]) -> Self {
        Self {
            outbox_id: rows.iter().map(|row| row.id).collect(),
            log_name: rows.iter().map(|row| row.log.as_str()).collect(),
            time_ns: rows.iter().map(|row| row.time_ns).collect(),
            events: rows.iter().map(|row| row.events.as_slice()).collect(),
            mac: rows.iter().map(|row| row.mac.as_slice()).collect(),
        }
    }

    /// $1 to $5.
    pub(super) fn params(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.outbox_id, &self.log_name, &self.time_ns, &self.events, &self.mac]
    }
}

/// $1 to $9 of a statement made by [`with_request_and_event`], followed by `own`.
pub(super) fn params<'a>(
    outbox: &'a OutboxColumns<'_>,
    requests: &'a RequestColumns<'_>,
    own: &[&'a (dyn ToSql + Sync)],
) -> Vec<&'a (dyn ToSql + Sync)> {
    let mut params = Vec::with_capacity(9 + own.len());
    params.extend(outbox.params());
    params.extend(requests.params());
    params.extend_from_slice(own);
    params
}
