//! The table `logs`: how far each log has come, and whether it takes entries. Of a value that SQL made longer than any that this
//! service writes, one character or byte more than that is read: it is as wrong as the whole, and takes no memory.

use std::collections::HashMap;

use bytes::Bytes;
use db::{Executor, Place, Row, Statement, Tx, statement};
use names::{LogId, LogName};
use tlog::Hash;
use tlog::append::{LockedLog, LogUpdate, Quarantine};
use uuid::Uuid;

use super::{StoreError, column, fixed, to_bigint};

const TABLE: &str = "logs";

/// A row of `logs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogRow {
    /// The log's id.
    pub(crate) log_id: LogId,
    /// What the row says that it is called.
    pub(crate) name: String,
    /// Number of entries, as the row says.
    pub(crate) size: u64,
    /// Head after them, as the row says.
    pub(crate) head: Hash,
    /// Why it is quarantined; `None` for an active log.
    pub(crate) quarantine: Option<String>,
}

/// What to do about a row that somebody else has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockedByOthers {
    /// Pass it over.
    Skip,
    /// Wait for it, as long as the transaction's `lock_timeout` says.
    Wait,
}

impl LockedByOthers {
    fn lock(self) -> Statement {
        match self {
            Self::Skip => {
                statement!(
                    "logs_lock_free",
                    "SELECT log_id, ",
                    fixed!("size"),
                    " AS size, substr(head, 1, 33) AS head, quarantine_reason IS NOT NULL AS quarantined,
                     ctid::text AS place
                 FROM logs WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE SKIP LOCKED"
                )
            }
            Self::Wait => {
                statement!(
                    "logs_lock",
                    "SELECT log_id, ",
                    fixed!("size"),
                    " AS size, substr(head, 1, 33) AS head, quarantine_reason IS NOT NULL AS quarantined,
                     ctid::text AS place
                 FROM logs WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE"
                )
            }
        }
    }
}

/// Rows that this transaction has locked.
#[derive(Debug, Default)]
pub(crate) struct LockedRows {
    /// What they say.
    pub(crate) logs: Vec<LockedLog>,
    /// Where they stand.
    pub(crate) places: HashMap<LogId, Place>,
}

/// Prepares [`logs_lock`], so that it is sent at once.
pub(crate) async fn logs_lock_prepare(tx: &Tx<'_>, others: LockedByOthers) -> Result<(), StoreError> {
    tx.prepare(&others.lock()).await?;
    Ok(())
}

/// Prepares [`logs_lock_placed`], so that it is sent at once.
pub(crate) async fn logs_lock_placed_prepare(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.prepare(&LOCK_PLACED).await?;
    Ok(())
}

/// Locks the rows of those logs that exist, in the order of their ids, and reads them.
pub(crate) async fn logs_lock(tx: &Tx<'_>, logs: &[LogId], others: LockedByOthers) -> Result<LockedRows, StoreError> {
    let ids: Vec<Uuid> = logs.iter().map(|log| log.as_uuid()).collect();
    locked_from_rows(&tx.query(&others.lock(), &[&ids]).await?)
}

/// Locks the rows of logs that stand at these places, in the order of the ids, and that nobody else has locked, and reads them.
pub(crate) async fn logs_lock_placed(tx: &Tx<'_>, ids: &[Uuid], places: &[Place]) -> Result<LockedRows, StoreError> {
    locked_from_rows(&tx.query(&LOCK_PLACED, &[&ids, &places]).await?)
}

/// No index serves a comparison by IS NOT DISTINCT FROM, nor is an order asked for: so the planner goes by the places and not by
/// the key, which leads to every version of a row.
pub(crate) const LOCK_PLACED: Statement = statement!(
    "logs_lock_placed",
    "SELECT logs.log_id, ",
    fixed!("size"),
    " AS size, substr(head, 1, 33) AS head, quarantine_reason IS NOT NULL AS quarantined,
        logs.ctid::text AS place
    FROM unnest($1::uuid[] /* log_ids */, $2::text[] /* places */) AS known (log_id, place)
    JOIN logs ON logs.ctid = known.place::tid AND logs.log_id IS NOT DISTINCT FROM known.log_id
    FOR UPDATE OF logs SKIP LOCKED"
);

fn locked_from_rows(rows: &[Row]) -> Result<LockedRows, StoreError> {
    let mut locked = LockedRows { logs: Vec::with_capacity(rows.len()), places: HashMap::with_capacity(rows.len()) };
    for row in rows {
        let log_id = LogId::new(column(row, TABLE, "log_id")?);
        let (size, head) = size_and_head(row)?;
        locked.places.insert(log_id, column(row, TABLE, "place")?);
        locked.logs.push(LockedLog { log_id, size, head, quarantined: column(row, TABLE, "quarantined")? });
    }
    Ok(locked)
}

/// Makes the row of a log without entries, unless another made it first.
pub(crate) async fn log_insert(db: &impl Executor, log: &LogName) -> Result<(), StoreError> {
    db.execute(
        &statement!(
            "log_insert",
            "INSERT INTO logs (log_id, name, size, head, last_logged_ns)
         VALUES ($1 /* log_id */, $2 /* name */, 0, $3 /* head */, 0) ON CONFLICT DO NOTHING"
        ),
        &[&tlog::log_id(log).as_uuid(), &log.to_string(), &tlog::genesis(log).as_slice()],
    )
    .await?;
    Ok(())
}

/// Rows are found by their places, as [`LOCK_PLACED`] does; one that has moved is not written, which the count tells.
pub(crate) const UPDATE: Statement = statement!(
    "logs_update",
    "UPDATE logs SET size = new.size, head = new.head,
        last_logged_ns = coalesce(new.last_logged_ns, logs.last_logged_ns),
        snapshot = coalesce(new.snapshot, logs.snapshot),
        state = CASE new.quarantine WHEN 'KEEP' THEN state WHEN 'END' THEN 'ACTIVE' ELSE 'QUARANTINED' END,
        quarantined_at = CASE new.quarantine WHEN 'KEEP' THEN quarantined_at WHEN 'END' THEN NULL ELSE now() END,
        quarantine_reason = CASE new.quarantine WHEN 'KEEP' THEN quarantine_reason WHEN 'END' THEN NULL
            ELSE new.quarantine END
    FROM unnest($1::uuid[] /* log_id */, $2::bigint[] /* size */, $3::bytea[] /* head */,
            $4::bigint[] /* last_logged_ns */, $5::bytea[] /* snapshot */, $6::text[] /* quarantine */,
            $7::text[] /* place */)
        AS new (log_id, size, head, last_logged_ns, snapshot, quarantine, place)
    WHERE logs.ctid = new.place::tid AND logs.log_id IS NOT DISTINCT FROM new.log_id
    RETURNING logs.log_id, logs.ctid::text AS place"
);

/// Sets how far logs have come and whether they take entries; their rows are locked, and stand at these places. Where they
/// stand then. No statement where there is none.
pub(crate) async fn logs_update(
    db: &impl Executor,
    updates: &[LogUpdate],
    places: &HashMap<LogId, Place>,
) -> Result<HashMap<LogId, Place>, StoreError> {
    if updates.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<Option<&Place>> = updates.iter().map(|log| places.get(&log.log_id)).collect();
    let ids: Vec<Uuid> = updates.iter().map(|log| log.log_id.as_uuid()).collect();
    let sizes = updates.iter().map(|log| to_bigint(log.size)).collect::<Result<Vec<_>, _>>()?;
    let heads: Vec<&[u8]> = updates.iter().map(|log| log.head.as_slice()).collect();
    let times: Vec<Option<i64>> = updates.iter().map(|log| log.last_logged_ns).collect();
    let snapshots: Vec<Option<&[u8]>> = updates.iter().map(|log| snapshot(log)).collect();
    let quarantine: Vec<&str> = updates.iter().map(|log| quarantine_code(log.quarantine)).collect();
    let rows = db.query(&UPDATE, &[&ids, &sizes, &heads, &times, &snapshots, &quarantine, &places]).await?;
    if rows.len() != updates.len() {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let (touched, expected) = (number(rows.len()), number(updates.len()));
        return Err(StoreError::Count { statement: "logs_update", touched, expected });
    }
    let place = |row| Ok((LogId::new(column(row, TABLE, "log_id")?), column(row, TABLE, "place")?));
    rows.iter().map(place).collect()
}

/// A log without entries has no snapshot yet.
fn snapshot(update: &LogUpdate) -> Option<&[u8]> {
    update.snapshot.as_deref().filter(|snapshot| !snapshot.is_empty())
}

fn quarantine_code(quarantine: Quarantine) -> &'static str {
    match quarantine {
        Quarantine::Keep => "KEEP",
        Quarantine::End => "END",
        Quarantine::Begin(reason) => reason.code(),
    }
}

/// Stops a log from taking entries, for a reason that is a code. Whether it took some until now.
pub(crate) async fn log_quarantine(db: &impl Executor, log: LogId, reason: &str) -> Result<bool, StoreError> {
    let touched = db
        .execute(
            &statement!(
                "log_quarantine",
                "UPDATE logs SET state = 'QUARANTINED', quarantined_at = now(), quarantine_reason = $2 /* reason */
             WHERE log_id = $1 /* log_id */ AND state = 'ACTIVE'"
            ),
            &[&log.as_uuid(), &reason],
        )
        .await?;
    Ok(touched == 1)
}

const FETCH: Statement = statement!(
    "log_fetch",
    "SELECT log_id, left(name, 256) AS name, ",
    fixed!("size"),
    " AS size, substr(head, 1, 33) AS head,
        left(quarantine_reason, 65) AS quarantine_reason
    FROM logs WHERE log_id = $1 /* log_id */"
);

/// Reads one log.
pub(crate) async fn log_fetch(db: &impl Executor, log: LogId) -> Result<Option<LogRow>, StoreError> {
    let row = db.query_opt(&FETCH, &[&log.as_uuid()]).await?;
    row.as_ref().map(log_from_row).transpose()
}

/// The signer's snapshot of a log; `None` without a row, and within it where there is none yet.
pub(crate) async fn log_snapshot_fetch(db: &impl Executor, log: LogId) -> Result<Option<Option<Bytes>>, StoreError> {
    let row = db
        .query_opt(
            &statement!(
                "log_snapshot_fetch",
                "SELECT substr(snapshot, 1, 262145) AS snapshot FROM logs WHERE log_id = $1 /* log_id */"
            ),
            &[&log.as_uuid()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(column::<Option<&[u8]>>(&row, TABLE, "snapshot")?.map(Bytes::copy_from_slice)))
}

/// A row of `logs` whose values may be such as this service never writes.
#[derive(Clone, Debug)]
pub(crate) struct UncheckedLogRow {
    /// Column `name`.
    pub(crate) name: String,
    /// Column `size`.
    pub(crate) size: i64,
    /// Column `head`; empty if it is longer than a head can be.
    pub(crate) head: Vec<u8>,
    /// Column `last_logged_ns`.
    pub(crate) last_logged_ns: i64,
}

const FETCH_UNCHECKED: Statement = statement!(
    "log_fetch_unchecked",
    "SELECT left(name::text, 256) AS name, ",
    fixed!("size"),
    " AS size, CASE WHEN pg_column_size(head) <= 64 THEN head END AS head, ",
    fixed!("last_logged_ns"),
    " AS last_logged_ns
             FROM logs WHERE log_id = $1 /* log_id */"
);

/// Reads one log for its verification, also where columns have other types.
pub(crate) async fn log_fetch_unchecked(db: &impl Executor, log: LogId) -> Result<Option<UncheckedLogRow>, StoreError> {
    let row = db.query_opt(&FETCH_UNCHECKED, &[&log.as_uuid()]).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(UncheckedLogRow {
        name: column(&row, TABLE, "name")?,
        size: column(&row, TABLE, "size")?,
        head: column::<Option<Vec<u8>>>(&row, TABLE, "head")?.unwrap_or_default(),
        last_logged_ns: column(&row, TABLE, "last_logged_ns")?,
    }))
}

/// Whether there is a row of the log, or an entry.
pub(crate) async fn log_any_row(db: &impl Executor, log: LogId) -> Result<bool, StoreError> {
    let row = db
        .query_one(
            &statement!(
                "log_any_row",
                "SELECT EXISTS (SELECT FROM logs WHERE log_id = $1 /* log_id */)
                 OR EXISTS (SELECT FROM entries WHERE log_id = $1) AS any_row"
            ),
            &[&log.as_uuid()],
        )
        .await?;
    column(&row, TABLE, "any_row")
}

/// The id and the name of every row, whatever they are; of a name that is longer than any, the beginning.
pub(crate) async fn log_names(db: &impl Executor) -> Result<Vec<(LogId, String)>, StoreError> {
    let rows = db
        .query(&statement!("log_names", "SELECT log_id, left(name, 256) AS name FROM logs ORDER BY logs.name"), &[])
        .await?;
    rows.iter().map(|row| Ok((LogId::new(column(row, TABLE, "log_id")?), column(row, TABLE, "name")?))).collect()
}

const LIST: Statement = statement!(
    "log_list",
    "SELECT log_id, name, ",
    fixed!("size"),
    " AS size, substr(head, 1, 33) AS head, left(quarantine_reason, 65) AS quarantine_reason
    FROM logs WHERE name COLLATE pg_catalog.\"C\" > $1 /* after */ AND octet_length(name) <= 255
    ORDER BY logs.name COLLATE pg_catalog.\"C\" LIMIT $2 /* limit */"
);

/// Reads logs in the order of their names' bytes, from after `after` on. A row that cannot be read spoils nothing but itself; one whose
/// name is longer than any is passed over, so that every name fits into a page token.
pub(crate) async fn log_list(db: &impl Executor, after: &str, limit: i64) -> Result<Vec<ListedLog>, StoreError> {
    let rows = db.query(&LIST, &[&after, &limit]).await?;
    rows.iter().map(|row| Ok(ListedLog { name: column(row, TABLE, "name")?, row: log_from_row(row).ok() })).collect()
}

/// A row of a list of logs.
#[derive(Clone, Debug)]
pub(crate) struct ListedLog {
    /// What the row says that the log is called.
    pub(crate) name: String,
    /// The row; `None` if it cannot be read.
    pub(crate) row: Option<LogRow>,
}

/// Reads the ids and names of logs that take no entries, 1,000 from after `after` on, in the order of their ids.
pub(crate) async fn log_list_quarantined(db: &impl Executor, after: LogId) -> Result<Vec<(LogId, String)>, StoreError> {
    let rows = db
        .query(
            &statement!(
                "log_list_quarantined",
                "SELECT log_id, left(name, 256) AS name FROM logs
             WHERE state = 'QUARANTINED' AND log_id > $1 /* after */ ORDER BY log_id LIMIT 1000"
            ),
            &[&after.as_uuid()],
        )
        .await?;
    rows.iter().map(|row| Ok((LogId::new(column(row, TABLE, "log_id")?), column(row, TABLE, "name")?))).collect()
}

fn log_from_row(row: &Row) -> Result<LogRow, StoreError> {
    let (size, head) = size_and_head(row)?;
    Ok(LogRow {
        log_id: LogId::new(column(row, TABLE, "log_id")?),
        name: column(row, TABLE, "name")?,
        size,
        head,
        quarantine: column(row, TABLE, "quarantine_reason")?,
    })
}

fn size_and_head(row: &Row) -> Result<(u64, Hash), StoreError> {
    let size: i64 = column(row, TABLE, "size")?;
    let head: &[u8] = column(row, TABLE, "head")?;
    Ok((
        u64::try_from(size).map_err(|_negative| StoreError::Row { table: TABLE, column: "size" })?,
        head.try_into().map_err(|_length| StoreError::Row { table: TABLE, column: "head" })?,
    ))
}

#[cfg(test)]
mod tests;
