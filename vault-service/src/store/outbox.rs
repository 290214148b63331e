//! Rows of `audit_outbox` that are written together with what they tell of. The table itself belongs to the `audit`
//! crate, which forwards its rows.

use audit::OutboxRow;
use db::types::ToSql;
use uuid::Uuid;

/// Number of the first parameter behind those of the events.
pub(super) const FIRST: usize = 6;

/// Outbox rows, column by column: $1 to $5.
#[derive(Debug)]
pub(super) struct OutboxColumns<'a> {
    outbox_id: Vec<Uuid>,
    log_name: Vec<&'a str>,
    time_ns: Vec<i64>,
    events: Vec<&'a [u8]>,
    mac: Vec<&'a [u8]>,
}

impl<'a> OutboxColumns<'a> {
    pub(super) fn of(rows: impl Iterator<Item = &'a OutboxRow> + Clone) -> Self {
        Self {
            outbox_id: rows.clone().map(|row| row.id).collect(),
            log_name: rows.clone().map(|row| row.log.as_str()).collect(),
            time_ns: rows.clone().map(|row| row.time_ns).collect(),
            events: rows.clone().map(|row| row.events.as_slice()).collect(),
            mac: rows.map(|row| row.mac.as_slice()).collect(),
        }
    }

    /// Its parameters, and those of the rest of the statement.
    pub(super) fn params(&'a self, rest: &[&'a (dyn ToSql + Sync)]) -> Vec<&'a (dyn ToSql + Sync)> {
        let own: [&(dyn ToSql + Sync); 5] = [&self.outbox_id, &self.log_name, &self.time_ns, &self.events, &self.mac];
        own.into_iter().chain(rest.iter().copied()).collect()
    }
}

/// Writes the events of a statement. Completes one that begins with `WITH`.
pub(super) const INSERT_EVENTS: &str = "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
    SELECT e.outbox_id, e.log_name, e.time_ns, e.events, e.mac
    FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])
         AS e (outbox_id, log_name, time_ns, events, mac)";
