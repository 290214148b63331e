//! What do we store? Tenants, collections and their policies, sealed records, which were deleted, the requests of the last
//! day, and the vault's own wrapped keys. One file for each table family; the outbox's tables belong to the `audit` crate.
//!
//! Functions take what runs their statement, the database or a transaction, run one each and know nothing of the wire.

mod change;
mod encrypted_column;
mod error;

pub mod collections;
pub mod deleted_records;
pub mod derived_keys;
pub mod outbox;
pub mod records;
pub mod requests;
pub mod tenants;
pub mod types;

pub use encrypted_column::EncryptedColumn;
pub use error::StoreError;

/// Every encrypted column of the database; a test holds them against the schema.
pub const ENCRYPTED_COLUMNS: [EncryptedColumn; 3] =
    [derived_keys::WRAPPED_KEY, records::SEALED_FIELDS, records::WRAPPED_KEY];

/// The migrations of the vault's database.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration { version: 1, name: "vault", sql: include_str!("../../migrations/vault/0001_vault.sql") },
    db::Migration {
        version: 2,
        name: "audit_outbox",
        sql: include_str!("../../migrations/vault/0002_audit_outbox.sql"),
    },
];

#[cfg(test)]
mod tests {
    use test_support::postgres::Cluster;
    use test_support::tamper::{SelectList, assert_long_rows_are_cut};

    use super::*;

    /// Each statement has one of these lists.
    #[tokio::test]
    async fn of_rows_that_sql_made_long_no_more_is_read_than_of_the_longest() {
        let database = Cluster::shared().await.unwrap().database("vault", MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        // When a request is forgotten is read by no statement.
        session.batch_execute("ALTER TABLE requests DROP COLUMN created_at").await.unwrap();
        let [lists_of_keys, keys] = derived_keys::COLUMNS;
        let lists = [
            ("collections", "collections", collections::COLUMNS, 1026 << 10),
            ("deleted_records", "t", deleted_records::COLUMNS, 1 << 10),
            ("derived_key_lists", "t", lists_of_keys, 8 << 20),
            ("derived_keys", "t", keys, 2 << 10),
            ("requests", "t", requests::COLUMNS, 9 << 20),
            ("tenants", "t", tenants::COLUMNS, 1 << 10),
        ];
        let lists = lists.map(|(table, alias, columns, most)| SelectList { table, alias, prefix: "", columns, most });
        assert_long_rows_are_cut(&session, &lists).await.unwrap();
    }
}
