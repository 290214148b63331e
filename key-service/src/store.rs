//! The key database. Rows go in with their HMAC and come out only if it is right: what SQL changed behind the service's
//! back is never used.
//!
//! # What is stored
//! - `root`: the root key under the seal, and the check value that tells a wrong one
//! - `keys`, `key_versions`, `subject_keys`: keys and their encrypted material
//! - `own_keys`: which keys the system itself has
//! - `requests`: request ids of changes, for 24 hours
//! - `wrap_counts`: wraps of each process under each version
//! - `signer_heads`, `signer_segments`, `signer_marks` (alarms and losses), `signer_log_names`: the state of the audit logs' signer

pub mod key_versions;
pub mod keys;
pub mod own_keys;
pub mod requests;
pub mod root;
pub mod signer_heads;
mod signer_log_names;
pub mod signer_marks;
pub mod signer_segments;
pub mod subject_keys;
pub mod wrap_counts;

use std::sync::Arc;

use clock::Timestamp;
use db::{Db, Executor, RowPlaces, statement};
use rows::RowKeys;

/// Why the key database did not answer, or not with rows that may be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The statement failed.
    #[error("the key database refused a statement")]
    Database(#[source] db::Error),
    /// A row's HMAC is not that of its columns, or a newer version wrote the row.
    #[error("a row of the key database cannot be used")]
    Row(#[from] rows::Error),
}

impl Error {
    /// Whether somebody tampered with the key database: needs a person.
    pub fn is_alarm(&self) -> bool {
        matches!(self, Self::Row(rows::Error::Altered { .. } | rows::Error::Unreadable { .. }))
    }

    /// Whether a newer version wrote a row, whose HMAC holds: another replica can read it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Row(rows::Error::Newer { .. }))
    }
}

/// Whether a row's HMAC holds; it may be of a newer version.
pub fn is_vouched<T>(row: &Result<T, Error>) -> bool {
    row.as_ref().map_or_else(Error::is_newer, |_| true)
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
    rows: RowKeys,
    /// Where rows of `signer_heads` stood when they were last written.
    places: Arc<RowPlaces>,
}

impl Store {
    /// The store of an unsealed service.
    pub fn new(db: Db, rows: RowKeys) -> Self {
        Self { db, rows, places: Arc::default() }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The key of the rows' HMACs.
    pub fn rows(&self) -> &RowKeys {
        &self.rows
    }
}

impl Store {
    /// What the database's clock shows.
    pub async fn now(&self, db: &impl Executor) -> Result<Timestamp, Error> {
        let statement = statement!("now", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us");
        Ok(time(db.query_one(&statement, &[]).await?.try_get("now_us").map_err(db::Error::from)?))
    }
}

/// A `*_us` column: microseconds since 1970.
fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use test_support::postgres::Cluster;
    use test_support::tamper::{SelectList, assert_long_rows_are_cut};

    use super::*;
    use crate::MIGRATIONS;

    /// Each statement has one of these lists.
    #[tokio::test]
    async fn of_rows_that_sql_made_long_no_more_is_read_than_of_the_longest() {
        let database = Cluster::shared().await.unwrap().database("key", MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        let [alarms, losses, unknown] = signer_marks::COLUMNS;
        let lists = [
            ("key_versions", "t", "", key_versions::COLUMNS, 2 << 10),
            ("keys", "t", "", keys::COLUMNS, 4 << 10),
            ("own_keys", "t", "", own_keys::COLUMNS, 1 << 10),
            ("requests", "t", "", requests::COLUMNS, 3 << 10),
            ("root_key", "t", "", root::COLUMNS, 6 << 10),
            ("signer_alarms", "t", "", alarms, 2 << 10),
            ("signer_heads", "h", "h_", signer_heads::COLUMNS, 9 << 10),
            ("signer_losses", "t", "", losses, 5 << 10),
            ("signer_segments", "measured", "", signer_segments::COLUMNS, 5 << 20),
            ("signer_unknown_alarms", "t", "", unknown, 1 << 10),
            ("subject_keys", "subject_keys", "", subject_keys::COLUMNS, 2 << 10),
            ("wrap_counts", "t", "", wrap_counts::COLUMNS, 1 << 10),
        ];
        let lists =
            lists.map(|(table, alias, prefix, columns, most)| SelectList { table, alias, prefix, columns, most });
        assert_long_rows_are_cut(&session, &lists).await.unwrap();
    }

    #[tokio::test]
    async fn a_name_of_a_log_that_is_longer_than_any_is_passed_over() {
        let database = Cluster::shared().await.unwrap().database("key", MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        let heads = "INSERT INTO signer_alarms (alarm_id, log_id, log_name, kind, first_index, last_index, detail, raise_time_us, row_mac)
            SELECT gen_random_uuid(), gen_random_uuid(), name, 'AHEAD', 0, 0, '', 0, decode(repeat('00', 37), 'hex')
            FROM unnest(ARRAY['logs/a', 'logs/b' || repeat('b', 100000), 'logs/c']) AS named (name)";
        session.batch_execute(heads).await.unwrap();
        let rows = RowKeys::new(1, secret::SecretBytes::from_slice(&[7; 32]).unwrap());
        let store = &Store::new(database.connect().unwrap(), rows);
        for limit in [1, 2, 10] {
            let names = store.signer_log_names(store.db(), "logs/a", limit).await.unwrap();
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            assert_eq!(names, ["logs/c"], "{limit}");
        }
    }
}
