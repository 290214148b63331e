//! What do we store? The one root key, wrapped by the seal.

use clock::Timestamp;
use db::{Executor, Row, Statement, Tx, statement};
use envelope::stored::Column;
use rows::{FromValue, NewRow, RowKeys, Table};
use uuid::Uuid;

use super::{Error, time};
use crate::seal::SealKind;

/// The table.
pub const ROOT_KEY: Table = Table::new("root_key");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            fixed "singleton", fixed "seal_kind", bytes 4097 "seal_params", bytes 1025 "wrapped", bytes 33 "check_value",
            fixed "installation_id", fixed "create_time_us", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// Under the seal's key; there is one row. Bound to kind (smallint) and parameters of the seal.
pub const WRAPPED: Column = Column::new("root_key", "wrapped");

/// What protects a root key, as it is bound into it.
#[derive(Debug, Clone, Copy)]
pub struct SealedBy<'a> {
    /// The number of the seal's kind.
    pub kind: i16,
    /// What the seal needs beside its secret.
    pub params: &'a [u8],
}

/// The root key under its seal. Its HMAC can be checked only once it is open.
#[derive(Debug, Clone)]
pub struct StoredRoot {
    /// How it is protected.
    pub kind: SealKind,
    /// What the seal needs beside its secret.
    pub seal_params: Vec<u8>,
    /// The root key under the seal's key.
    pub wrapped: Vec<u8>,
    /// Derived from the root key.
    pub check_value: [u8; 32],
    /// Tells this installation from every other.
    pub installation: Uuid,
    /// When it was made.
    pub create_time: Timestamp,
}

/// The root key as it was read. What it takes to open it is read before its HMAC can be checked.
#[derive(Debug)]
pub struct UncheckedRoot(Row);

impl UncheckedRoot {
    /// The number of the seal's kind, and what the seal needs beside its secret.
    pub fn seal(&self) -> Result<SealedBy<'_>, Error> {
        Ok(SealedBy { kind: self.get("seal_kind")?, params: self.get("seal_params")? })
    }

    /// The root key under the seal's key.
    pub fn wrapped(&self) -> Result<&[u8], Error> {
        self.get("wrapped")
    }

    fn get<'a, T: FromValue<'a>>(&'a self, column: &str) -> Result<T, Error> {
        Ok(rows::unchecked(ROOT_KEY, &self.0, column)?)
    }

    /// The row, if it carries the HMAC of its columns.
    pub fn checked(&self, rows: &RowKeys) -> Result<StoredRoot, Error> {
        let row = rows.check(ROOT_KEY, &self.0)?;
        Ok(StoredRoot {
            kind: SealKind::from_code(row.get("seal_kind")?).ok_or_else(|| row.unreadable("seal_kind"))?,
            seal_params: row.get("seal_params")?,
            wrapped: row.get("wrapped")?,
            check_value: row.get("check_value")?,
            installation: row.get("installation_id")?,
            create_time: time(row.get("create_time_us")?),
        })
    }
}

/// Stores the root key; false where there is one already.
pub async fn root_insert(tx: &Tx<'_>, root: &StoredRoot, rows: &RowKeys) -> Result<bool, Error> {
    let row = NewRow::of(ROOT_KEY)
        .with("singleton", true)
        .with("seal_kind", root.kind.code())
        .with("seal_params", root.seal_params.as_slice())
        .with("wrapped", root.wrapped.as_slice())
        .with("check_value", &root.check_value)
        .with("installation_id", root.installation)
        .with("create_time_us", root.create_time.as_micros())
        .authenticated(rows);
    let statement = Statement::built("root_insert", &format!("{} ON CONFLICT (singleton) DO NOTHING", row.insert(1)));
    Ok(tx.execute(&statement, &row.params()).await? == 1)
}

/// The root key as it is stored; none before the first start.
pub async fn root_fetch(db: &impl Executor) -> Result<Option<UncheckedRoot>, Error> {
    let statement = statement!(
        "root_fetch",
        "SELECT ",
        columns!(),
        "
        FROM root_key"
    );
    Ok(db.query_opt(&statement, &[]).await?.map(UncheckedRoot))
}
