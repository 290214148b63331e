//! What a verification reads: all rows of a log in the order of their indices, and how many of them each index leads to.
//! Nothing is taken for granted that SQL can change, such as indexes that were switched off while rows were written.
//!
//! Sealed rows are never changed and none is added below the log's size, so what is read need not be one snapshot: a long one
//! would keep every dead row of the database from being removed. It ends at the last row that there was at the beginning.

use std::ops::RangeInclusive;

use db::{Executor as _, Row, Statement, Tx, statement};
use names::LogId;

use super::rows::{Shown, select_list};
use super::{StoreError, fixed};

const LAST: Statement = statement!(
    "row_last",
    "SELECT ",
    fixed!("entry_index"),
    " AS entry_index FROM entries WHERE log_id = $1 /* log_id */ AND entry_index IS NOT NULL
    ORDER BY entries.entry_index DESC LIMIT 1"
);

/// Reads the greatest index of a log's rows; `None` without rows.
pub(crate) async fn row_last(tx: &Tx<'_>, log: LogId) -> Result<Option<i64>, StoreError> {
    tx.batch(Way::Walk.settings()).await?;
    let row = tx.query_opt(&LAST, &[&log.as_uuid()]).await?;
    row.map(|row| super::column(&row, "entries", "entry_index")).transpose()
}

/// Opens, in a transaction, a cursor over the rows of a log with these indices, in their order; `None`: those that have none, which
/// only a table without its primary key can have. What [`rows_next`] runs is prepared, so that it is sent at once.
pub(crate) async fn rows_open(
    tx: &Tx<'_>,
    log: LogId,
    indices: Option<&RangeInclusive<i64>>,
) -> Result<(), StoreError> {
    let condition = indices.map_or("IS NULL".to_owned(), |indices| {
        format!("BETWEEN '{}'::bigint AND '{}'::bigint", indices.start(), indices.end())
    });
    // The primary key alone yields this order: which index is followed is no choice of the planner's.
    tx.batch(Way::Walk.settings()).await?;
    // DECLARE takes no parameters; neither a UUID's spelling nor a number holds anything that could end the literal.
    let sql = format!(
        "-- rows_open()
         DECLARE rows_in_order NO SCROLL CURSOR FOR
         SELECT {columns} FROM entries WHERE log_id = '{log}'::uuid AND entry_index {condition} ORDER BY entry_index",
        columns = select_list(Shown::All),
    );
    tx.batch(&sql).await?;
    // Only now that the cursor is there is it known which columns they yield.
    for rows in [PageRows::Few, PageRows::Many] {
        tx.prepare(&rows.fetch()).await?;
    }
    Ok(())
}

/// How many rows a page has: a row has up to 57 KiB, and most have half a KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageRows {
    /// However long they are: up to 0.45 MiB.
    Few,
    /// After pages of short ones: up to 3.6 MiB where rows become long.
    Many,
}

/// Bytes of each row of a page on which they are short.
const SHORT: usize = 4096;

impl PageRows {
    /// Whether the rows of a page are short, all their columns counted.
    pub(crate) fn are_short(page: &[Row]) -> bool {
        let bytes: usize = page.iter().map(Row::raw_size_bytes).sum();
        bytes <= SHORT.saturating_mul(page.len())
    }

    fn fetch(self) -> Statement {
        match self {
            Self::Few => statement!("rows_next", "FETCH FORWARD 8 FROM rows_in_order"),
            Self::Many => statement!("rows_next", "FETCH FORWARD 64 FROM rows_in_order"),
        }
    }
}

/// Reads the next rows of the cursor that [`rows_open`] opened; none at its end. Several at once have them in the order in which
/// they are polled first.
pub(crate) async fn rows_next(tx: &Tx<'_>, rows: PageRows) -> Result<Vec<Row>, StoreError> {
    Ok(tx.query(&rows.fetch(), &[]).await?)
}

/// An index of `entries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its columns behind `log_id`: an order that no other index yields.
    order: &'static str,
    /// Conditions that together hold for all of its rows.
    parts: &'static [&'static str],
    /// Whether it has rows only whose outcome is not 1, OK.
    pub(crate) without_ok: bool,
}

/// An index by the hash of a text. Schema and types leave no choice: a function of that name that SQL puts into another schema
/// is not meant.
macro_rules! by_hash {
    ($name:literal, $column:literal) => {
        Index {
            name: $name,
            order: concat!("pg_catalog.hashtextextended(", $column, ", 0::bigint), entry_index"),
            parts: &[
                concat!(" AND pg_catalog.hashtextextended(", $column, ", 0::bigint) < 0"),
                concat!(" AND pg_catalog.hashtextextended(", $column, ", 0::bigint) >= 0"),
            ],
            without_ok: false,
        }
    };
}

/// All indexes of `entries`.
pub(crate) const INDEXES: [Index; 6] = [
    Index { name: "entries_pkey", order: "entry_index", parts: &[""], without_ok: false },
    Index { name: "entries_event_id_key", order: "event_id, producer", parts: &[""], without_ok: false },
    by_hash!("entries_resource", "resource"),
    by_hash!("entries_actor", "actor"),
    by_hash!("entries_action", "action"),
    Index { name: "entries_outcome", order: "outcome, entry_index", parts: &[" AND outcome <> 1"], without_ok: true },
];

/// A way to go through an index, and through nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Collect the index's rows, then visit them in the order of the table: several times as fast where the index has
    /// another order. The collection is exact up to some 40 GB of table.
    Bitmap,
    /// Row by row in the order of the index.
    Walk,
}

impl Way {
    /// What makes the planner go this way where it can.
    fn settings(self) -> &'static str {
        match self {
            Self::Bitmap => {
                "SET LOCAL enable_bitmapscan = on; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; \
                 SET LOCAL enable_seqscan = off; SET LOCAL work_mem = '256MB'; SET LOCAL cursor_tuple_fraction = 1; \
                 SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
            }
            Self::Walk => {
                "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on; \
                 SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off; \
                 SET LOCAL cursor_tuple_fraction = 1; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
            }
        }
    }

    /// Whether a plan goes this way through the index named.
    fn is_taken(self, plan: &[&str], index: &str) -> bool {
        let lines = |part: &str| plan.iter().filter(|line| line.contains(part)).count();
        let through = match self {
            Self::Bitmap => {
                lines(" Bitmap Index Scan on ") == 1 && lines(&format!(" Bitmap Index Scan on {index}")) == 1
            }
            Self::Walk => lines(&format!(" using {index} on entries")) == 1,
        };
        // A condition or an order that is no part of the way through the index stands for another index than this one is.
        through && lines("Filter:") == 0 && lines("Sort") == 0
    }
}

/// Counts the rows of a log with these indices that an index of the table leads to. `None`: it is not there, or switched off.
/// Rows that were appended behind them meanwhile are counted too, and taken off again: in a snapshot of this count alone.
pub(crate) async fn index_count(
    tx: &Tx<'_>,
    log: LogId,
    indices: &RangeInclusive<i64>,
    index: Index,
) -> Result<Option<u64>, StoreError> {
    let beginning = beginning(*indices.start());
    let mut count = 0;
    for part in index.parts {
        let ways: &[Way] = if index.parts.len() > 1 { &[Way::Bitmap, Way::Walk] } else { &[Way::Walk] };
        let mut counted = None;
        for way in ways {
            let rows = |log: &str, beginning: &str| {
                let order = if *way == Way::Walk { format!(" ORDER BY {}", index.order) } else { String::new() };
                format!("SELECT FROM entries WHERE log_id = {log}{part}{beginning}{order}")
            };
            tx.batch(way.settings()).await?;
            let explain = format!("EXPLAIN (COSTS OFF) {}", rows("$1 /* log_id */", ""));
            let plan = tx.query(&Statement::built("index_count", &explain), &[&log.as_uuid()]).await?;
            let plan: Vec<&str> = plan.iter().filter_map(|line| line.try_get(0).ok()).collect();
            if way.is_taken(&plan, index.name) {
                counted = Some(rows_count(tx, &rows(&format!("'{log}'::uuid"), &beginning)).await?);
                break;
            }
        }
        let Some(rows) = counted else { return Ok(None) };
        count += rows;
    }
    // By the primary key, by which rows are read: what that hides is not taken off.
    tx.batch(Way::Walk.settings()).await?;
    let part = if index.without_ok { " AND outcome <> 1" } else { "" };
    let last = indices.end();
    let appended = format!(
        "SELECT FROM entries WHERE log_id = '{log}'::uuid AND entry_index > '{last}'::bigint{part} ORDER BY entry_index"
    );
    let appended = rows_count(tx, &appended).await?;
    Ok(Some(count.saturating_sub(appended)))
}

/// Counts the rows of a query in statements of bounded length.
async fn rows_count(tx: &Tx<'_>, query: &str) -> Result<u64, StoreError> {
    tx.batch(&format!("-- rows_count()\nDECLARE rows_by_index NO SCROLL CURSOR FOR {query}")).await?;
    let mut count = 0;
    loop {
        let moved = tx.execute(&statement!("rows_count", "MOVE FORWARD 5000 FROM rows_by_index"), &[]).await?;
        count += moved;
        if moved == 0 {
            break;
        }
    }
    tx.batch("-- rows_count()\nCLOSE rows_by_index").await?;
    Ok(count)
}

/// Where the rows begin; without a condition at the beginning of the log, for a row may have any index.
fn beginning(first: i64) -> String {
    if first > i64::MIN { format!(" AND entry_index >= {first}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use test_support::postgres::Cluster;
    use uuid::Uuid;

    use super::super::entries::NEWEST;
    use super::*;

    #[tokio::test]
    async fn of_a_greatest_index_or_event_id_that_sql_made_long_nothing_is_read() {
        let database = Cluster::shared().await.unwrap().database("audit", crate::MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        // In the place of the table, for this session.
        let long = "CREATE TEMPORARY TABLE entries AS SELECT '00000000-0000-0000-0000-000000000000'::uuid AS log_id,
            text AS event_id, text AS entry_index FROM (SELECT repeat('1', 5000000) AS text) AS long";
        session.batch_execute(long).await.unwrap();
        let last = session.query_one(LAST.sql(), &[&Uuid::nil()]).await.unwrap();
        let newest = session.query_one(NEWEST.sql(), &[&vec![Uuid::nil()]]).await.unwrap();
        for row in [last, newest] {
            assert!(row.raw_size_bytes() < 100, "{} bytes", row.raw_size_bytes());
        }
    }
}
