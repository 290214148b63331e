//! The key database. Rows go in with their HMAC and come out only if it is right: what SQL changed behind the service's
//! back is never used.
//!
//! # What is stored
//! - `root`: the root key under the seal, and the check value that tells a wrong one
//! - `keys`, `key_versions`, `subject_keys`: keys and their encrypted material
//! - `requests`: request ids of creates, for 24 hours
//! - `wrap_counts`: wraps of each process under each version
//! - `signer_heads`, `signer_segments`, `signer_marks` (alarms and losses): the state of the audit logs' signer
//! - `row`: columns to bytes, and the HMAC over them

pub mod key_versions;
pub mod keys;
pub mod requests;
pub mod root;
pub mod signer_heads;
pub mod signer_marks;
pub mod signer_segments;
pub mod subject_keys;
pub mod wrap_counts;

mod row;

use db::Db;
use envelope::stored::RowMac;

pub use row::Columns;

/// Why the key database did not answer, or not with rows that may be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The statement failed.
    #[error("the key database refused a statement")]
    Database(#[source] db::Error),
    /// A row's HMAC is not that of its columns: something else than this service wrote it.
    #[error("a row of table {table} does not carry the HMAC of its columns")]
    RowAltered {
        /// The table.
        table: &'static str,
    },
    /// A row with a right HMAC holds what this version does not know.
    #[error("a row of table {table} cannot be read")]
    Unreadable {
        /// The table.
        table: &'static str,
    },
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Database(error)
    }
}

/// The database and the key of its rows' HMACs: what every function of this module works with.
#[derive(Debug)]
pub struct Store {
    db: Db,
    row_mac: RowMac,
}

impl Store {
    /// The store of an unsealed service.
    pub fn new(db: Db, row_mac: RowMac) -> Self {
        Self { db, row_mac }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The key of the rows' HMACs.
    pub fn row_mac(&self) -> &RowMac {
        &self.row_mac
    }
}
