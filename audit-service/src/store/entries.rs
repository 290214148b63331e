//! The table `entries`: sealed entries, inserted once and never changed.

use std::collections::HashMap;
use std::fmt::Write as _;

use bytes::Bytes;
use db::types::ToSql;
use db::{Conn, Row, Tx};
use names::{EventId, LogId};
use tlog::append::KnownRow;
use uuid::Uuid;

use super::copy::{self, CopyRows};
use super::micros::Micros;
use super::{StoreError, column, to_bigint};

const TABLE: &str = "entries";

/// The columns that [`entries_next`] yields, with their positions.
pub(crate) const COLUMNS: [(usize, &str); 10] = [
    (0, "entry_index"),
    (1, "event_id"),
    (2, "entry"),
    (3, "mac"),
    (4, "logged_at"),
    (5, "producer"),
    (6, "actor"),
    (7, "action"),
    (8, "resource"),
    (9, "outcome"),
];

/// An entry as its row has it.
#[derive(Clone, Debug)]
pub(crate) struct EntryRow {
    /// Column `entry_index`.
    pub(crate) index: u64,
    /// Column `entry`.
    pub(crate) entry: Bytes,
    /// Column `mac`.
    pub(crate) mac: Bytes,
}

/// Which entries of a log to list; what is set must match exactly.
#[derive(Clone, Debug, Default)]
pub(crate) struct EntryFilter {
    /// Column `action`.
    pub(crate) action: Option<String>,
    /// Column `actor`.
    pub(crate) actor: Option<String>,
    /// Column `resource`.
    pub(crate) resource: Option<String>,
    /// Column `outcome`.
    pub(crate) outcome: Option<i16>,
    /// Column `event_id`.
    pub(crate) event_id: Option<EventId>,
    /// Logged at or after, microseconds since 1970.
    pub(crate) start_us: Option<i64>,
    /// Logged before, microseconds since 1970.
    pub(crate) end_us: Option<i64>,
}

/// Inserts rows; no statement where there is none.
pub(crate) async fn entries_copy(conn: &Conn, rows: CopyRows) -> Result<(), StoreError> {
    let expected = rows.rows();
    if expected == 0 {
        return Ok(());
    }
    let touched = conn.copy_in(copy::SQL, rows.finish()).await?;
    if touched == expected { Ok(()) } else { Err(StoreError::Count { statement: "entries_copy", touched, expected }) }
}

/// The greatest event id of each log that has entries.
pub(crate) async fn entries_newest(conn: &Conn, logs: &[LogId]) -> Result<HashMap<LogId, EventId>, StoreError> {
    let ids: Vec<Uuid> = logs.iter().map(|log| log.as_uuid()).collect();
    let rows = conn
        .query(
            "-- entries_newest()
             SELECT log.log_id, newest.event_id
             FROM unnest($1::uuid[] /* log_ids */) AS log (log_id),
                  LATERAL (SELECT event_id FROM entries WHERE entries.log_id = log.log_id
                           ORDER BY event_id DESC LIMIT 1) AS newest",
            &[&ids],
        )
        .await?;
    let pair = |row| Ok((LogId::new(column(row, TABLE, "log_id")?), EventId::new(column(row, TABLE, "event_id")?)));
    rows.iter().map(pair).collect()
}

/// Reads the rows that have one of these event ids in their log; no statement where none is asked for.
pub(crate) async fn entries_known(
    conn: &Conn,
    events: impl Iterator<Item = (LogId, EventId)>,
) -> Result<Vec<KnownRow>, StoreError> {
    let (logs, ids): (Vec<Uuid>, Vec<Uuid>) = events.map(|(log, event)| (log.as_uuid(), event.as_uuid())).unzip();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = conn
        .query(
            "-- entries_known()
             SELECT e.log_id, e.event_id, e.entry_index, e.entry, e.mac
             FROM unnest($1::uuid[] /* log_id */, $2::uuid[] /* event_id */) AS wanted (log_id, event_id)
             JOIN entries e ON e.log_id = wanted.log_id AND e.event_id = wanted.event_id",
            &[&logs, &ids],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(KnownRow {
                log_id: LogId::new(column(row, TABLE, "log_id")?),
                index: column(row, TABLE, "entry_index")?,
                event_id: EventId::new(column(row, TABLE, "event_id")?),
                entry: bytes(row, "entry")?,
                mac: bytes(row, "mac")?,
            })
        })
        .collect()
}

/// Reads one entry; rows beyond the end of their log are none.
pub(crate) async fn entry_fetch(conn: &Conn, log: LogId, index: u64) -> Result<Option<EntryRow>, StoreError> {
    let row = conn
        .query_opt(
            "-- entry_fetch()
             SELECT e.entry_index, e.entry, e.mac FROM entries e JOIN logs l ON l.log_id = e.log_id AND l.size > e.entry_index
             WHERE e.log_id = $1 /* log_id */ AND e.entry_index = $2 /* index */",
            &[&log.as_uuid(), &to_bigint(index)?],
        )
        .await?;
    row.as_ref().map(entry_from_row).transpose()
}

/// Reads the entries of a log that match, in the order of their indices, `from` the first to `end` (exclusive).
pub(crate) async fn entry_list(
    conn: &Conn,
    log: LogId,
    (from, end): (u64, u64),
    filter: &EntryFilter,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    let (log, from, end) = (log.as_uuid(), to_bigint(from)?, to_bigint(end)?);
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&log, &from, &end, &limit];
    let event_id = filter.event_id.map(EventId::as_uuid);
    let (start, until) = (filter.start_us.map(Micros), filter.end_us.map(Micros));
    let mut sql = String::from(
        "-- entry_list()
         SELECT entry_index, entry, mac FROM entries
         WHERE log_id = $1 /* log_id */ AND entry_index >= $2 /* from */ AND entry_index < $3 /* end */",
    );
    let mut condition = |condition: &str, param| {
        params.push(param);
        // Writing to a String does not fail.
        let _infallible = write!(sql, " AND {condition} ${}", params.len());
    };
    if let Some(event_id) = &event_id {
        condition("event_id =", event_id);
    }
    if let Some(action) = &filter.action {
        condition("action =", action);
    }
    if let Some(actor) = &filter.actor {
        condition("actor =", actor);
    }
    if let Some(resource) = &filter.resource {
        condition("resource =", resource);
    }
    if let Some(outcome) = &filter.outcome {
        condition("outcome =", outcome);
    }
    if let Some(start) = &start {
        condition("logged_at >=", start);
    }
    if let Some(until) = &until {
        condition("logged_at <", until);
    }
    sql.push_str(" ORDER BY entry_index LIMIT $4 /* limit */");
    let rows = conn.query(&sql, &params).await?;
    rows.iter().map(entry_from_row).collect()
}

/// The first index in `0..size` that was logged at or after a time (microseconds since 1970), or `size`: log time never
/// goes back within a log, so it is found by halving.
pub(crate) async fn entry_index_at(conn: &Conn, log: LogId, size: u64, time_us: i64) -> Result<u64, StoreError> {
    let row = conn
        .query_one(
            "-- entry_index_at()
             WITH RECURSIVE halving (low, high) AS (
                 SELECT 0::bigint, $2::bigint /* size */
                 UNION ALL
                 SELECT CASE WHEN e.logged_at < $3 /* time */ THEN middle + 1 ELSE low END,
                        CASE WHEN e.logged_at < $3 THEN high ELSE middle END
                 FROM halving CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) AS m
                 LEFT JOIN entries e ON e.log_id = $1 /* log_id */ AND e.entry_index = middle
                 WHERE low < high
             )
             SELECT low AS index FROM halving WHERE low >= high LIMIT 1",
            &[&log.as_uuid(), &to_bigint(size)?, &Micros(time_us)],
        )
        .await?;
    let index: i64 = column(&row, TABLE, "index")?;
    u64::try_from(index).map_err(|_negative| StoreError::Range)
}

/// Opens, in a transaction, a cursor over all rows of a log in the order of their indices.
pub(crate) async fn entries_open(tx: &Tx<'_>, log: LogId) -> Result<(), StoreError> {
    // DECLARE takes no parameters; a UUID's spelling holds nothing that could end the literal.
    let sql = format!(
        "-- entries_open()
         DECLARE entries_in_order NO SCROLL CURSOR FOR
         SELECT entry_index, event_id, entry, mac, logged_at, producer, actor, action, resource, outcome
         FROM entries WHERE log_id = '{log}'::uuid ORDER BY entry_index"
    );
    Ok(tx.batch(&sql).await?)
}

/// Reads the next rows of the cursor that [`entries_open`] opened; none at its end.
pub(crate) async fn entries_next(tx: &Tx<'_>) -> Result<Vec<Row>, StoreError> {
    Ok(tx.query("-- entries_next()\nFETCH FORWARD 2048 FROM entries_in_order", &[]).await?)
}

/// The ids of all logs that have entries, found by leaping from one to the next in the index.
pub(crate) async fn entry_logs(conn: &Conn) -> Result<Vec<LogId>, StoreError> {
    let rows = conn
        .query(
            "-- entry_logs()
             WITH RECURSIVE leaps (log_id) AS (
                 (SELECT log_id FROM entries ORDER BY log_id LIMIT 1)
                 UNION ALL
                 SELECT (SELECT e.log_id FROM entries e WHERE e.log_id > leaps.log_id ORDER BY e.log_id LIMIT 1)
                 FROM leaps WHERE leaps.log_id IS NOT NULL
             )
             SELECT log_id FROM leaps WHERE log_id IS NOT NULL",
            &[],
        )
        .await?;
    rows.iter().map(|row| Ok(LogId::new(column(row, TABLE, "log_id")?))).collect()
}

fn entry_from_row(row: &Row) -> Result<EntryRow, StoreError> {
    let index: i64 = column(row, TABLE, "entry_index")?;
    Ok(EntryRow {
        index: u64::try_from(index).map_err(|_negative| StoreError::Row { table: TABLE, column: "entry_index" })?,
        entry: bytes(row, "entry")?,
        mac: bytes(row, "mac")?,
    })
}

fn bytes(row: &Row, name: &'static str) -> Result<Bytes, StoreError> {
    column::<&[u8]>(row, TABLE, name).map(Bytes::copy_from_slice)
}
