//! Tables `derived_keys` and `derived_key_lists`: long-lived data keys, wrapped by key-service, and for each tenant which
//! of them there are.
//!
//! The list makes a key that is missing unlike one that never was: without it a deleted row would be made anew, under
//! another key, and nothing that the old one vouched for would hold.

use db::{Error, Executor, Row, Statement, Tx, statement};
use names::TenantUid;
use rows::{Carried, NewRow, NewRows, RowKeys, Table};
use uuid::Uuid;

use super::types::time;
use super::{EncryptedColumn, StoreError};
use crate::time::Micros;

/// `derived_keys.wrapped_key`: the encryption context's purpose is this and the row's own purpose.
pub const WRAPPED_KEY: EncryptedColumn =
    EncryptedColumn { table: "derived_keys", column: "wrapped_key", binding: "strongroom/vault/derived_keys" };

/// The table of keys.
pub const DERIVED_KEYS: Table = Table::new("derived_keys");
/// The table of lists.
pub const DERIVED_KEY_LISTS: Table = Table::new("derived_key_lists");

/// Every column of a list, as it is read.
macro_rules! list_columns {
    () => {
        rows::columns!("", ""; fixed "tenant_uid", texts 8388608 "key_names", fixed "revision", mac 129 "row_mac")
    };
}

/// Every column of a key, as it is read.
macro_rules! key_columns {
    () => {
        rows::columns!("", "";
            fixed "tenant_uid", text 65 "purpose", text 513 "scope", bigint "version", fixed "key_uid",
            bytes 1025 "wrapped_key", fixed "create_time", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: [&str; 2] = [list_columns!(), key_columns!()];

/// Which of a tenant's keys it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DerivedKeyName {
    /// What the key is for.
    pub purpose: String,
    /// What of it, such as an index of a collection; empty where there is one for the tenant.
    pub scope: String,
    /// Counts from 1; each has a key of its own.
    pub version: u32,
}

impl DerivedKeyName {
    /// As the list has it: `{purpose}/{version}/{scope}`. Neither a purpose nor a version has a slash.
    pub fn listed(&self) -> String {
        format!("{}/{}/{}", self.purpose, self.version, self.scope)
    }
}

/// A key to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedKeyRow {
    /// The tenant; nil for the vault's own keys.
    pub tenant_uid: TenantUid,
    /// Which one it is.
    pub name: DerivedKeyName,
    /// UUID of this key, bound as encryption context.
    pub key_uid: Uuid,
    /// The key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// When it was made.
    pub create_time: Micros,
}

/// A stored key. Nothing vouches for it until [`StoredKeys::check`].
#[derive(Debug)]
pub struct StoredKey {
    /// Which one it is.
    pub name: DerivedKeyName,
    /// UUID of this key, bound as encryption context.
    pub key_uid: Uuid,
    /// The key, wrapped.
    pub wrapped_key: Vec<u8>,
    row: Row,
}

/// Keys of a tenant and their list as they are stored. Nothing vouches for them until [`StoredKeys::check`].
#[derive(Debug)]
pub struct StoredKeys {
    keys: Vec<StoredKey>,
    list: Option<Row>,
    /// Whether the database holds nothing at all yet.
    pub is_new: bool,
}

/// The list of a tenant's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DerivedKeyList {
    /// Names as [`DerivedKeyName::listed`] writes them, sorted.
    pub names: Vec<String>,
    /// Counts changes; 0 before there is a list.
    pub revision: u64,
    /// The stored row, for its update; nothing before there is one.
    pub carried: Carried,
}

impl StoredKeys {
    /// The keys, unchecked.
    pub fn keys(&self) -> impl Iterator<Item = &StoredKey> {
        self.keys.iter()
    }

    /// Whether there is neither a key nor a list.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.list.is_none()
    }

    /// The list, if the HMACs of all rows hold. `None` where there is none.
    pub fn check(&self, keys: &RowKeys) -> Result<Option<DerivedKeyList>, rows::Error> {
        for key in &self.keys {
            keys.check(DERIVED_KEYS, &key.row)?;
        }
        let Some(row) = &self.list else { return Ok(None) };
        let row = keys.check(DERIVED_KEY_LISTS, row)?;
        let (names, revision) = (row.get("key_names")?, row.get("revision")?);
        Ok(Some(DerivedKeyList { names, revision, carried: row.carried() }))
    }
}

impl DerivedKeyRow {
    fn to_row(&self, keys: &RowKeys) -> NewRow<'_> {
        NewRow::of(DERIVED_KEYS)
            .with("tenant_uid", self.tenant_uid.as_uuid())
            .with("purpose", self.name.purpose.as_str())
            .with("scope", self.name.scope.as_str())
            .with("version", self.name.version)
            .with("key_uid", self.key_uid)
            .with("wrapped_key", self.wrapped_key.as_slice())
            .with("create_time", time(self.create_time))
            .authenticated(keys)
    }
}

impl StoredKey {
    /// Reads what is needed to unwrap it, whatever SQL has made of it.
    fn from_row(row: Row) -> Result<Self, Error> {
        let version: Option<i64> = row.try_get(3)?;
        let name = DerivedKeyName {
            purpose: row.try_get::<_, Option<String>>(1)?.unwrap_or_default(),
            scope: row.try_get::<_, Option<String>>(2)?.unwrap_or_default(),
            version: version.and_then(|version| u32::try_from(version).ok()).unwrap_or(0),
        };
        let key_uid = row.try_get::<_, Option<Uuid>>(4)?.unwrap_or_default();
        let wrapped_key = row.try_get::<_, Option<Vec<u8>>>(5)?.unwrap_or_default();
        Ok(Self { name, key_uid, wrapped_key, row })
    }
}

/// All keys of a tenant (nil: the vault's own) and their list, as of one moment if `tx` is a snapshot.
pub async fn derived_keys_fetch(tx: &Tx<'_>, tenant_uid: TenantUid) -> Result<StoredKeys, Error> {
    let list = statement!(
        "derived_keys_fetch",
        "SELECT ",
        list_columns!(),
        "
        FROM derived_key_lists WHERE tenant_uid = $1 /* tenant_uid */"
    );
    let keys = statement!(
        "derived_keys_fetch",
        "SELECT ",
        key_columns!(),
        "
        FROM derived_keys WHERE tenant_uid = $1 /* tenant_uid */
        ORDER BY derived_keys.purpose, derived_keys.scope, derived_keys.version"
    );
    let is_new = statement!(
        "derived_keys_fetch",
        "SELECT NOT (EXISTS (SELECT FROM tenants) OR EXISTS (SELECT FROM collections) OR EXISTS (SELECT FROM records)
            OR EXISTS (SELECT FROM deleted_records) OR EXISTS (SELECT FROM requests)
            OR EXISTS (SELECT FROM audit_outbox) OR EXISTS (SELECT FROM audit_outbox_refused))"
    );
    let list = tx.query_opt(&list, &[&tenant_uid.as_uuid()]).await?;
    let keys = tx.query(&keys, &[&tenant_uid.as_uuid()]).await?;
    let keys: Result<_, Error> = keys.into_iter().map(StoredKey::from_row).collect();
    let is_new = tx.query_one(&is_new, &[]).await?.try_get(0)?;
    Ok(StoredKeys { keys: keys?, list, is_new })
}

/// Adds keys of one tenant to its list and to the table, all or none. Where the list is no longer at the revision before
/// `list`, or one of the keys is there already (another replica was first), nothing is written and the answer is `false`.
pub async fn derived_keys_insert(
    db: &impl Executor,
    keys: &RowKeys,
    list: &DerivedKeyList,
    added: &[DerivedKeyRow],
) -> Result<bool, StoreError> {
    let Some(first) = added.first() else { return Ok(true) };
    let list = NewRow::of(DERIVED_KEY_LISTS)
        .with("tenant_uid", first.tenant_uid.as_uuid())
        .with("key_names", list.names.iter().map(String::as_str).collect::<Vec<_>>())
        .with("revision", list.revision)
        .carrying(&list.carried)
        .authenticated(keys);
    let added = NewRows::of(DERIVED_KEYS, added.iter().map(|key| key.to_row(keys)).collect())?;
    let list_params = list.params();
    let sql = format!(
        "WITH list AS (
            {}
            {}
            WHERE derived_key_lists.revision = excluded.revision - 1
            RETURNING 1
        )
        {} WHERE EXISTS (SELECT FROM list)",
        list.insert(1),
        list.on_conflict_update(&["tenant_uid"]),
        added.insert(list_params.len() + 1)
    );
    let params: Vec<_> = list_params.into_iter().chain(added.params()).collect();
    match db.execute(&Statement::built("derived_keys_insert", &sql), &params).await {
        Ok(written) => Ok(written > 0),
        Err(Error::UniqueViolation { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
