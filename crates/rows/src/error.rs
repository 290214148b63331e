//! Why rows are not used.

use crate::mac::Table;

/// Why a row is not used, or cannot be written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Its HMAC is not that of its columns: something else than the service wrote it.
    #[error("a row of table {table} does not carry the HMAC of its columns{row}")]
    Altered {
        /// The table.
        table: &'static str,
        /// What it says that it is, behind a colon: nothing vouches for it. Empty where it says nothing.
        row: String,
    },
    /// Its HMAC holds, and a column has a value that this program does not know: a newer one wrote it.
    #[error("column {column} of table {table} was written by a newer version")]
    Newer {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// A column is not there, or has a type that this program does not know, so that no HMAC can be checked; or a value
    /// that it does not know, and that the HMAC does not cover.
    #[error("column {column} of table {table} cannot be read")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// Rows of one statement do not have the same columns, or have an array: a mistake in the program.
    #[error("rows of table {table} cannot be written together")]
    Unlike {
        /// The table.
        table: &'static str,
    },
}

impl Error {
    /// Of a row that is not named.
    pub fn altered(table: Table) -> Self {
        Self::Altered { table: table.name(), row: String::new() }
    }
}
