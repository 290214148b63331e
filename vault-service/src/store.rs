//! What do we store? Tenants, collections and their policies, sealed records, which were deleted, the requests of the last
//! day, and the vault's own wrapped keys. One file for each table family; the outbox's tables belong to the `audit` crate.
//!
//! Functions take a connection (a `run_one` or a transaction), run one statement each and know nothing of the wire.

mod change;

pub mod collections;
pub mod deleted_records;
pub mod derived_keys;
pub mod outbox;
pub mod records;
pub mod requests;
pub mod tenants;
pub mod types;

/// Why a statement gave no rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said so.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A row cannot be used: SQL changed it.
    #[error(transparent)]
    Row(#[from] rows::Error),
}

/// A column that holds ciphertext: what binds each of its values to its place is declared beside the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EncryptedColumn {
    /// Name of the table.
    pub table: &'static str,
    /// Name of the column.
    pub column: &'static str,
    /// What the ciphertext is bound with: the label of its associated data, or the purpose in the encryption context.
    pub binding: &'static str,
}

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
