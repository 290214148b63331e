//! Why a statement gave no rows.

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
