//! What binds ciphertext to its place.

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
