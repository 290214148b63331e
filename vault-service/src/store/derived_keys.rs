//! Table `derived_keys`: long-lived data keys, wrapped by key-service.

use db::{Conn, Error, Row};
use names::TenantUid;
use uuid::Uuid;

use super::EncryptedColumn;
use super::types::PgTime;
use crate::time::Micros;

/// `derived_keys.wrapped_key`: the encryption context's purpose is this and the row's own purpose.
pub const WRAPPED_KEY: EncryptedColumn =
    EncryptedColumn { table: "derived_keys", column: "wrapped_key", binding: "strongroom/vault/derived_keys" };

/// A row; `row_mac` is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedKeyRow {
    /// The tenant; nil for the vault's own keys.
    pub tenant_uid: TenantUid,
    /// What the key is for.
    pub purpose: String,
    /// UUID of this key, bound as encryption context.
    pub key_uid: Uuid,
    /// The key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// When it was made.
    pub create_time: Micros,
    /// HMAC over [`DerivedKeyRow::mac_parts`].
    pub row_mac: Vec<u8>,
}

impl DerivedKeyRow {
    /// Name of the table, bound by `row_mac`.
    pub const TABLE: &'static str = "derived_keys";

    /// Every other column, in the order of the table: what `row_mac` covers.
    pub fn mac_parts(&self) -> Vec<Vec<u8>> {
        vec![
            self.tenant_uid.as_bytes().to_vec(),
            self.purpose.clone().into_bytes(),
            self.key_uid.as_bytes().to_vec(),
            self.wrapped_key.clone(),
            self.create_time.get().to_be_bytes().to_vec(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, Error> {
        let create_time: PgTime = row.try_get(4)?;
        Ok(Self {
            tenant_uid: TenantUid::new(row.try_get(0)?),
            purpose: row.try_get(1)?,
            key_uid: row.try_get(2)?,
            wrapped_key: row.try_get(3)?,
            create_time: create_time.0,
            row_mac: row.try_get(5)?,
        })
    }
}

/// Writes keys, all or none: where one of them is there already (another replica was first) nothing is written, and
/// the answer is `false`.
pub async fn derived_keys_insert(conn: &Conn, keys: &[DerivedKeyRow]) -> Result<bool, Error> {
    let sql = "-- derived_keys_insert()
        INSERT INTO derived_keys (tenant_uid, purpose, key_uid, wrapped_key, create_time, row_mac)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[], $5::timestamptz[], $6::bytea[])";
    let tenant_uids: Vec<Uuid> = keys.iter().map(|key| key.tenant_uid.as_uuid()).collect();
    let purposes: Vec<&str> = keys.iter().map(|key| key.purpose.as_str()).collect();
    let key_uids: Vec<Uuid> = keys.iter().map(|key| key.key_uid).collect();
    let wrapped_keys: Vec<&[u8]> = keys.iter().map(|key| key.wrapped_key.as_slice()).collect();
    let create_times: Vec<PgTime> = keys.iter().map(|key| PgTime(key.create_time)).collect();
    let row_macs: Vec<&[u8]> = keys.iter().map(|key| key.row_mac.as_slice()).collect();
    let result =
        conn.execute(sql, &[&tenant_uids, &purposes, &key_uids, &wrapped_keys, &create_times, &row_macs]).await;
    match result {
        Ok(_) => Ok(true),
        Err(Error::UniqueViolation { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// All keys of a tenant (nil: the vault's own), sorted by purpose.
pub async fn derived_key_list(conn: &Conn, tenant_uid: TenantUid) -> Result<Vec<DerivedKeyRow>, Error> {
    let sql = "-- derived_key_list()
        SELECT tenant_uid, purpose, key_uid, wrapped_key, create_time, row_mac
        FROM derived_keys WHERE tenant_uid = $1 /* tenant_uid */ ORDER BY purpose";
    conn.query(sql, &[&tenant_uid.as_uuid()]).await?.iter().map(DerivedKeyRow::from_row).collect()
}
