//! The table `entries`: sealed entries, inserted once and never changed.

use std::collections::HashMap;

use bytes::Bytes;
use db::{Executor, Row, Statement, Tx, statement};
use names::{EventId, LogId};
use tlog::append::KnownRow;
use tlog::verify::Lone;
use uuid::Uuid;

use super::copy::{self, CopyRows};
use super::rows::{self, TABLE};
use super::{StoreError, column, fixed, to_bigint};

/// An entry as its row has it.
#[derive(Clone, Debug)]
pub(crate) struct EntryRow {
    /// Column `entry_index`.
    pub(crate) index: u64,
    /// Column `entry`.
    pub(crate) entry: Bytes,
}

/// Inserts rows; no statement where there is none.
pub(crate) async fn entries_copy(tx: &Tx<'_>, rows: CopyRows) -> Result<(), StoreError> {
    let expected = rows.rows();
    if expected == 0 {
        return Ok(());
    }
    let touched = tx.copy_in(&copy::SQL, rows.finish()).await?;
    if touched == expected { Ok(()) } else { Err(StoreError::Count { statement: "entries_copy", touched, expected }) }
}

pub(super) const NEWEST: Statement = statement!(
    "entries_newest",
    "SELECT log.log_id, ",
    fixed!("newest.event_id"),
    " AS event_id
    FROM unnest($1::uuid[] /* log_ids */) AS log (log_id),
        LATERAL (SELECT event_id FROM entries WHERE entries.log_id = log.log_id
            ORDER BY event_id DESC LIMIT 1) AS newest"
);

/// Prepares [`entries_newest`], so that it is sent at once.
pub(crate) async fn entries_newest_prepare(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.prepare(&NEWEST).await?;
    Ok(())
}

/// The greatest event id of each log that has entries.
pub(crate) async fn entries_newest(db: &impl Executor, logs: &[LogId]) -> Result<HashMap<LogId, EventId>, StoreError> {
    let ids: Vec<Uuid> = logs.iter().map(|log| log.as_uuid()).collect();
    let rows = db.query(&NEWEST, &[&ids]).await?;
    let pair = |row| Ok((LogId::new(column(row, TABLE, "log_id")?), EventId::new(column(row, TABLE, "event_id")?)));
    rows.iter().map(pair).collect()
}

/// In the order of `entries_event_id_key`, so that it is that index which is read. Of an entry or a MAC that is longer than any, one
/// byte more than that is read.
pub(crate) const KNOWN: Statement = statement!(
    "entries_known",
    "SELECT e.log_id, e.event_id, e.entry_index, e.entry, e.mac
    FROM unnest($1::uuid[] /* log_id */, $2::uuid[] /* event_id */) AS wanted (log_id, event_id)
    CROSS JOIN LATERAL (
        SELECT log_id, event_id, ",
    fixed!("entry_index"),
    " AS entry_index, substr(entry, 1, 49153) AS entry, substr(mac, 1, 45) AS mac FROM entries
        WHERE entries.log_id = wanted.log_id AND entries.event_id = wanted.event_id
        ORDER BY entries.log_id, entries.event_id, entries.producer
    ) AS e"
);

/// Reads the rows that have one of these event ids in their log; no statement where none is asked for.
pub(crate) async fn entries_known(
    db: &impl Executor,
    events: impl Iterator<Item = (LogId, EventId)>,
) -> Result<Vec<KnownRow>, StoreError> {
    let (logs, ids): (Vec<Uuid>, Vec<Uuid>) = events.map(|(log, event)| (log.as_uuid(), event.as_uuid())).unzip();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = db.query(&KNOWN, &[&logs, &ids]).await?;
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

/// An entry as its row has it, and what of it can be told by the row alone.
#[derive(Clone, Debug)]
pub(crate) struct LoneEntry {
    /// Column `entry_index`.
    pub(crate) index: u64,
    /// Column `entry`; empty if it is longer than an entry can be.
    pub(crate) entry: Bytes,
    /// Column `mac`; empty if it has another length.
    pub(crate) mac: Bytes,
    /// `None`: it is no entry of this log and index.
    pub(crate) read: Option<Lone>,
}

impl LoneEntry {
    /// A row with the columns of [`rows::select_list`].
    pub(super) fn from_row(log: LogId, row: &Row) -> Result<Self, StoreError> {
        let index = rows::entry_index(row)?;
        let row = rows::row(row);
        Ok(Self {
            index,
            entry: Bytes::copy_from_slice(row.entry),
            mac: Bytes::copy_from_slice(row.mac),
            read: Lone::new(log, &row),
        })
    }
}

/// Reads one entry; rows beyond the end of their log are none.
pub(crate) async fn entry_fetch(db: &impl Executor, log: LogId, index: u64) -> Result<Option<LoneEntry>, StoreError> {
    // No row has an index that the column cannot hold.
    let Ok(index) = to_bigint(index) else { return Ok(None) };
    let sql = format!(
        "SELECT {}
         FROM entries WHERE log_id = $1 /* log_id */ AND entry_index = $2 /* index */
             AND entry_index < (SELECT size FROM logs WHERE log_id = $1)",
        rows::select_list(rows::Shown::All)
    );
    let row = db.query_opt(&Statement::built("entry_fetch", &sql), &[&log.as_uuid(), &index]).await?;
    row.as_ref().map(|row| LoneEntry::from_row(log, row)).transpose()
}

/// Reads entries in the order of their indices, from one on. A row that is too long to be one is passed over.
pub(crate) async fn entries_page(
    db: &impl Executor,
    log: LogId,
    from: u64,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    let rows = db
        .query(
            &statement!(
                "entries_page",
                "SELECT entry_index, entry FROM entries
             WHERE log_id = $1 /* log_id */ AND entry_index >= $2 /* from */ AND octet_length(entry) <= 49152
                 AND octet_length(mac) = 44
             ORDER BY entry_index LIMIT $3 /* limit */"
            ),
            &[&log.as_uuid(), &to_bigint(from)?, &limit],
        )
        .await?;
    rows.iter().map(entry_from_row).collect()
}

/// The ids of all logs that have entries, found by leaping from one to the next in the index.
pub(crate) async fn entry_logs(db: &impl Executor) -> Result<Vec<LogId>, StoreError> {
    let rows = db
        .query(
            &statement!(
                "entry_logs",
                "WITH RECURSIVE leaps (log_id) AS (
                 (SELECT log_id FROM entries ORDER BY log_id LIMIT 1)
                 UNION ALL
                 SELECT (SELECT e.log_id FROM entries e WHERE e.log_id > leaps.log_id ORDER BY e.log_id LIMIT 1)
                 FROM leaps WHERE leaps.log_id IS NOT NULL
             )
             SELECT log_id FROM leaps WHERE log_id IS NOT NULL"
            ),
            &[],
        )
        .await?;
    rows.iter().map(|row| Ok(LogId::new(column(row, TABLE, "log_id")?))).collect()
}

fn entry_from_row(row: &Row) -> Result<EntryRow, StoreError> {
    Ok(EntryRow { index: rows::entry_index(row)?, entry: bytes(row, "entry")? })
}

fn bytes(row: &Row, name: &'static str) -> Result<Bytes, StoreError> {
    column::<&[u8]>(row, TABLE, name).map(Bytes::copy_from_slice)
}

#[cfg(test)]
mod tests {
    use test_support::postgres::Cluster;

    use super::*;

    #[tokio::test]
    async fn of_a_known_entry_that_sql_made_long_one_byte_too_many_is_read() {
        let database = Cluster::shared().await.unwrap().database("audit", crate::MIGRATIONS).await.unwrap();
        let (log, event) = (LogId::new(Uuid::from_u128(1)), EventId::new(Uuid::from_u128(2)));
        let superuser = database.superuser().await.unwrap();
        superuser
            .batch_execute(
                "ALTER TABLE entries DROP CONSTRAINT entries_entry_length, DROP CONSTRAINT entries_mac_length",
            )
            .await
            .unwrap();
        let long = "INSERT INTO entries SELECT $1, 0, $2, long.bytes, long.bytes, now(), 'p', 'a', 'x', '', 1
            FROM (SELECT decode(repeat('00', 5000000), 'hex') AS bytes) AS long";
        superuser.execute(long, &[&log.as_uuid(), &event.as_uuid()]).await.unwrap();
        let db = database.connect().unwrap();
        let known = entries_known(&db, std::iter::once((log, event)));
        let known = known.await.unwrap();
        assert!(known.iter().all(|row| tlog::entry::decode(&row.entry).is_err()));
        let known: Vec<_> = known.iter().map(|row| (row.entry.len(), row.mac.len())).collect();
        assert_eq!(known, [(tlog::entry::MAX_ENTRY_BYTES + 1, tlog::mac::MAC_BYTES + 1)]);
    }
}
