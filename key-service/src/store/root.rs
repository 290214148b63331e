//! What do we store? The one root key, wrapped by the seal.

use clock::Timestamp;
use db::{Conn, Tx};
use envelope::stored::{Column, RowMac};

use super::Error;
use super::row::{Columns, array, get, time};
use crate::seal::SealKind;

const TABLE: &str = "root_key";
/// Under the seal's key; there is one row.
pub const WRAPPED: Column = Column::new("root_key", "wrapped");

/// The root key under its seal. Its HMAC can be checked only once it is open.
#[derive(Debug, Clone)]
pub struct StoredRoot {
    /// How it is protected.
    pub kind: SealKind,
    /// The root key under the seal's key.
    pub wrapped: Vec<u8>,
    /// Derived from the root key.
    pub check_value: [u8; 32],
    /// When it was made.
    pub create_time: Timestamp,
}

/// A row as it was read, with its HMAC still to be checked.
#[derive(Debug, Clone)]
pub struct UncheckedRoot {
    /// The row.
    pub root: StoredRoot,
    mac: Vec<u8>,
}

impl UncheckedRoot {
    /// The row, if it carries the HMAC of its columns.
    pub fn checked(self, row_mac: &RowMac) -> Result<StoredRoot, Error> {
        columns(&self.root).check(row_mac, &self.mac)?;
        Ok(self.root)
    }
}

/// Stores the root key; false where there is one already.
pub async fn root_insert(tx: &Tx<'_>, root: &StoredRoot, row_mac: &RowMac) -> Result<bool, Error> {
    let mac = columns(root).mac(row_mac);
    let rows = tx
        .execute(
            "-- root_insert()
            INSERT INTO root_key (singleton, seal_kind, wrapped, check_value, create_time_us, row_mac)
            VALUES (true, $1 /* seal_kind */, $2 /* wrapped */, $3 /* check_value */, $4 /* create_time_us */,
                $5 /* row_mac */)
            ON CONFLICT (singleton) DO NOTHING",
            &[&root.kind.code(), &root.wrapped, &&root.check_value[..], &root.create_time.as_micros(), &&mac[..]],
        )
        .await?;
    Ok(rows == 1)
}

/// The root key as it is stored; none before the first start.
pub async fn root_fetch(conn: &Conn) -> Result<Option<UncheckedRoot>, Error> {
    let Some(row) = conn.query_opt("-- root_fetch()\nSELECT * FROM root_key", &[]).await? else { return Ok(None) };
    let (kind, created): (i16, i64) = (get(&row, "seal_kind")?, get(&row, "create_time_us")?);
    let check_value: &[u8] = get(&row, "check_value")?;
    let root = StoredRoot {
        kind: SealKind::from_code(kind).ok_or(Error::Unreadable { table: TABLE })?,
        wrapped: get(&row, "wrapped")?,
        check_value: array(TABLE, check_value)?,
        create_time: time(created),
    };
    Ok(Some(UncheckedRoot { root, mac: get(&row, "row_mac")? }))
}

fn columns(root: &StoredRoot) -> Columns<'_> {
    Columns::of(TABLE)
        .boolean(true)
        .smallint(root.kind.code())
        .bytes(&root.wrapped)
        .bytes(&root.check_value)
        .bigint(root.create_time.as_micros())
}
