//! Rows of `entries` as they stand. Nothing is taken for granted that SQL can change: NULL where there must be none, values of
//! any length, columns of another type.

use db::Row;
use names::{BootId, EventId};
use tlog::entry::MAX_ENTRY_BYTES;
use tlog::mac::MAC_BYTES;
use tlog::{Columns, KeyOperation, verify};
use uuid::Uuid;

use super::micros::Micros;
use super::{StoreError, fixed};

pub(super) const TABLE: &str = "entries";

/// Longest text of a derived column in bytes. What is longer, and NULL, comes as a text that no entry has.
const LONGEST_TEXT: usize = names::MAX_IDENTITY_BYTES;

/// A column, by position: the expressions of the SELECT list have no names.
#[derive(Clone, Copy)]
struct Selected {
    position: usize,
    name: &'static str,
}

const fn selected(position: usize, name: &'static str) -> Selected {
    Selected { position, name }
}

/// The columns of a row.
const COLUMNS: [Selected; 12] = [
    selected(0, "entry_index"),
    selected(1, "event_id"),
    selected(2, "entry"),
    selected(3, "mac"),
    selected(4, "logged_at"),
    selected(5, "producer"),
    selected(6, "actor"),
    selected(7, "action"),
    selected(8, "resource"),
    selected(9, "outcome"),
    selected(10, "key_boot"),
    selected(11, "key_counter"),
];

/// Which rows come with their values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown<'a> {
    /// All of them.
    All,
    /// Those for which a condition holds; of the others, the index alone.
    Where(&'a str),
}

/// The SELECT list of what [`row`] takes.
pub(crate) fn select_list(shown: Shown<'_>) -> String {
    // By bytes: PostgreSQL counts characters one by one.
    let text = |column: &str| {
        format!("CASE WHEN octet_length({column}::text) <= {LONGEST_TEXT} THEN {column}::text ELSE E'\\x01' END")
    };
    let [producer, actor, action, resource] = ["producer", "actor", "action", "resource"].map(text);
    let values = [
        concat!("coalesce(", fixed!("event_id"), ", '00000000-0000-0000-0000-000000000000'::uuid)"),
        &format!("CASE WHEN octet_length(entry) <= {MAX_ENTRY_BYTES} THEN entry ELSE ''::bytea END"),
        &format!("CASE WHEN octet_length(mac) = {MAC_BYTES} THEN mac ELSE ''::bytea END"),
        concat!("coalesce(", fixed!("logged_at"), ", '-infinity')"),
        &producer,
        &actor,
        &action,
        &resource,
        concat!("coalesce(", fixed!("outcome"), ", -1::smallint)"),
        fixed!("key_boot"),
        fixed!("key_counter"),
    ];
    let values = values.map(|value| match shown {
        Shown::All => value.to_owned(),
        Shown::Where(condition) => format!("CASE WHEN {condition} THEN {value} END"),
    });
    format!("coalesce({}, {}), {}", fixed!("entry_index"), i64::MAX, values.join(",\n       "))
}

/// The index of a row, shown or not.
pub(crate) fn entry_index(row: &Row) -> Result<u64, StoreError> {
    let [index, ..] = COLUMNS;
    let number: i64 = value(row, index)?;
    u64::try_from(number).map_err(|_negative| StoreError::Row { table: TABLE, column: "entry_index" })
}

/// What a row's column of the index says: nothing is less where it says nothing.
pub(crate) fn column_index(row: &Row) -> i64 {
    let [index, ..] = COLUMNS;
    value(row, index).unwrap_or(i64::MAX)
}

/// Whether a row is not one of those that are shown.
pub(crate) fn is_hidden(row: &Row) -> bool {
    let [_, _, entry, ..] = COLUMNS;
    matches!(value::<Option<&[u8]>>(row, entry), Ok(None))
}

/// A row that is shown. Where a column's type was changed, whatever it holds is not what was sealed, NULL included.
pub(crate) fn row(row: &Row) -> verify::Row<'_> {
    readable(row).unwrap_or_else(|_unreadable| unreadable(row))
}

fn readable(row: &Row) -> Result<verify::Row<'_>, StoreError> {
    let [index, event_id, entry, mac, logged_at, producer, actor, action, resource, outcome, boot, counter] = COLUMNS;
    let Micros(logged_us) = value(row, logged_at)?;
    Ok(verify::Row {
        index: value(row, index)?,
        columns: Columns {
            event_id: EventId::new(value(row, event_id)?),
            logged_us,
            producer: value(row, producer)?,
            actor: value(row, actor)?,
            action: value(row, action)?,
            resource: value(row, resource)?,
            outcome: value(row, outcome)?,
            key_operation: key_operation(value(row, boot)?, value(row, counter)?),
        },
        entry: value(row, entry)?,
        mac: value(row, mac)?,
    })
}

/// The key operation of a row; where it is no whole one, one that no entry has.
fn key_operation(boot: Option<Uuid>, counter: Option<i64>) -> Option<KeyOperation> {
    if boot.is_none() && counter.is_none() {
        return None;
    }
    let counter = counter.and_then(|counter| u64::try_from(counter).ok()).unwrap_or(u64::MAX);
    Some(KeyOperation { boot: BootId::new(boot.unwrap_or_default()), counter })
}

/// A row of which only the index can be read, if that.
fn unreadable(row: &Row) -> verify::Row<'_> {
    let columns = Columns {
        event_id: EventId::new(Uuid::nil()),
        logged_us: 0,
        producer: "",
        actor: "",
        action: "",
        resource: "",
        outcome: 0,
        key_operation: None,
    };
    verify::Row { index: column_index(row), columns, entry: &[], mac: &[] }
}

fn value<'a, T: db::types::FromSql<'a>>(row: &'a Row, column: Selected) -> Result<T, StoreError> {
    row.try_get(column.position).map_err(|_unreadable| StoreError::Row { table: TABLE, column: column.name })
}

#[cfg(test)]
mod tests {
    use test_support::postgres::Cluster;

    use super::*;

    #[tokio::test]
    async fn of_columns_that_sql_gave_another_type_nothing_long_is_read_and_the_row_is_no_entry() {
        let database = Cluster::shared().await.unwrap().database("audit", crate::MIGRATIONS).await.unwrap();
        let superuser = database.superuser().await.unwrap();
        let long = "CREATE TEMPORARY TABLE long AS SELECT 7::bigint AS entry_index, gen_random_uuid() AS event_id, ''::bytea AS entry,
            ''::bytea AS mac, text AS logged_at, ''::text AS producer, ''::text AS actor, ''::text AS action, ''::text AS resource,
            1::smallint AS outcome, text AS key_boot, text AS key_counter
            FROM (SELECT repeat('1', 5000000) AS text) AS long";
        superuser.batch_execute(long).await.unwrap();
        let shown = superuser.query_one(&format!("SELECT {} FROM long", select_list(Shown::All)), &[]).await.unwrap();
        assert!(shown.raw_size_bytes() < 1_000, "{} bytes", shown.raw_size_bytes());
        assert!(readable(&shown).is_err());
        // NULL where it may be is none of the value's type either.
        let none = "ALTER TABLE long ALTER logged_at TYPE timestamptz USING now(), ALTER key_boot TYPE uuid USING NULL";
        superuser.batch_execute(none).await.unwrap();
        let shown = superuser.query_one(&format!("SELECT {} FROM long", select_list(Shown::All)), &[]).await.unwrap();
        assert!(matches!(readable(&shown), Err(StoreError::Row { column: "key_counter", .. })));
        let mended = "ALTER TABLE long ALTER key_counter TYPE bigint USING NULL";
        superuser.batch_execute(mended).await.unwrap();
        let shown = superuser.query_one(&format!("SELECT {} FROM long", select_list(Shown::All)), &[]).await.unwrap();
        assert_eq!(readable(&shown).unwrap().index, 7);
    }
}
