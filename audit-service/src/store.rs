//! What do we store? Logs, one row each, locked by whoever appends; and their sealed entries, insert only.
//!
//! Every function takes the connection or transaction of one of `db`'s doors. Whatever is read here may have been tampered
//! with: rows are parsed into types that only say what the row says.
//!
//! # Layout
//! - [`copy`]: rows of entries in PostgreSQL's binary COPY format
//! - [`entries`]: the table `entries`
//! - [`logs`]: the table `logs`
//! - [`micros`]: `timestamptz` as microseconds since 1970
//! - [`rows`]: rows of entries as they stand, whatever was done to them
//! - [`search`]: the entries of a log that match a filter, by one index for each
//! - [`verification`]: all rows of a log, and how many each index leads to

pub(crate) mod copy;
pub(crate) mod entries;
pub(crate) mod logs;
pub(crate) mod micros;
pub(crate) mod rows;
pub(crate) mod search;
pub(crate) mod verification;

use db::Migration;

/// A column of fixed width in a SELECT list, for `concat!`: NULL where SQL has changed its type and put something longer there.
macro_rules! fixed {
    ($column:literal) => {
        concat!("CASE WHEN pg_column_size(", $column, ") <= 16 THEN ", $column, " END")
    };
}
pub(crate) use fixed;

/// The schema, step by step. Applied files never change.
pub const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "logs_and_entries",
    sql: include_str!("../../migrations/audit/0001_logs_and_entries.sql"),
}];

/// Why a statement had no result that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database failed or refused.
    #[error("the audit database failed")]
    Database(#[from] db::Error),
    /// A row cannot be read: a column has a value that this service never writes.
    #[error("a row of {table} has a {column} that cannot be read")]
    Row {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A number does not fit the column.
    #[error("an index is beyond what the database can hold")]
    Range,
    /// A statement touched another number of rows than it must.
    #[error("{statement} touched {touched} rows instead of {expected}")]
    Count {
        /// The statement.
        statement: &'static str,
        /// Rows touched.
        touched: u64,
        /// Rows that it must touch.
        expected: u64,
    },
}

/// An index or size as the database keeps it.
pub(crate) fn to_bigint(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_too_large| StoreError::Range)
}

/// A column of a row; a value of another type counts as unreadable.
fn column<'a, T: db::types::FromSql<'a>>(
    row: &'a db::Row,
    table: &'static str,
    column: &'static str,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_unreadable| StoreError::Row { table, column })
}
