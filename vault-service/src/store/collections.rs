//! Table `collections`.

use db::{Conn, Row};
use names::{CollectionId, CollectionUid, TenantUid};
use rows::{NewRow, RowKeys, Table};

use super::StoreError;
use super::change::Change;
use super::outbox::FIRST;
use super::requests::NewRequest;
use super::types::{Most, Part, micros, time};
use crate::time::Micros;

/// The table.
pub const COLLECTIONS: Table = Table::new("collections");

/// A row whose HMAC holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionRow {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// Immutable UUID.
    pub collection_uid: CollectionUid,
    /// Id in the name.
    pub collection_id: String,
    /// Policies as stored JSON.
    pub field_policies: String,
    /// Purposes that a reveal may give.
    pub purposes: Vec<String>,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
}

impl CollectionRow {
    fn to_row(&self, keys: &RowKeys) -> NewRow<'_> {
        NewRow::of(COLLECTIONS)
            .with("tenant_uid", self.tenant_uid.as_uuid())
            .with("collection_uid", self.collection_uid.as_uuid())
            .with("collection_id", self.collection_id.as_str())
            .with("field_policies", self.field_policies.as_str())
            .with("purposes", self.purposes.iter().map(String::as_str).collect::<Vec<_>>())
            .with("revision", self.revision)
            .with("create_time", time(self.create_time))
            .with("update_time", time(self.update_time))
            .authenticated(keys)
    }

    fn from_row(keys: &RowKeys, row: &Row) -> Result<Self, StoreError> {
        let row = keys.check(COLLECTIONS, row)?;
        Ok(Self {
            tenant_uid: TenantUid::new(row.get("tenant_uid")?),
            collection_uid: CollectionUid::new(row.get("collection_uid")?),
            collection_id: row.get("collection_id")?,
            field_policies: row.get("field_policies")?,
            purposes: row.get("purposes")?,
            revision: row.get("revision")?,
            create_time: micros(row.get("create_time")?),
            update_time: micros(row.get("update_time")?),
        })
    }
}

/// What every statement reads that reads collections: of what SQL has made longer than the schema allows so much that its HMAC
/// does not hold, and no purposes.
macro_rules! columns {
    () => {
        "collections.tenant_uid, collections.collection_uid, left(collections.collection_id, 64) AS collection_id,
               left(collections.field_policies, 1048577) AS field_policies,
               CASE WHEN cardinality(collections.purposes) <= 32 AND pg_column_size(collections.purposes) <= 65536
                    THEN collections.purposes END AS purposes,
               collections.revision, collections.create_time, collections.update_time,
               substr(collections.row_mac, 1, 129) AS row_mac"
    };
}

/// Writes a collection, its request and its event in one statement.
pub async fn collection_insert(
    conn: &Conn,
    keys: &RowKeys,
    collection: &CollectionRow,
    request: Option<&NewRequest>,
    event: &audit::OutboxRow,
) -> Result<(), StoreError> {
    let row = collection.to_row(keys);
    let sql = &format!("{} RETURNING 1", row.insert(FIRST));
    let beside = request.map(NewRequest::to_rows).transpose()?.into_iter().collect();
    let change = Change { function: "collection_insert", sql, params: &row.params(), beside };
    change.insert(conn, event).await
}

/// The collection of a tenant with this id.
pub async fn collection_fetch(
    conn: &Conn,
    keys: &RowKeys,
    tenant_uid: TenantUid,
    id: &CollectionId,
) -> Result<Option<CollectionRow>, StoreError> {
    let sql = concat!(
        "-- collection_fetch()
        SELECT ",
        columns!(),
        "
        FROM collections WHERE tenant_uid = $1 /* tenant_uid */ AND collection_id = $2 /* collection_id */"
    );
    let row = conn.query_opt(sql, &[&tenant_uid.as_uuid(), &id.as_str()]).await?;
    row.map(|row| CollectionRow::from_row(keys, &row)).transpose()
}

/// Some collections of a tenant in the order of their ids, those after `after`.
pub async fn collection_list(
    conn: &Conn,
    keys: &RowKeys,
    tenant_uid: TenantUid,
    after: Option<&str>,
    most: Most,
) -> Result<Part<CollectionRow>, StoreError> {
    let sql = concat!(
        "-- collection_list()
        SELECT ",
        columns!(),
        "
        FROM (SELECT tenant_uid, collection_uid, collection_id, field_policies, purposes, revision, create_time,
                     update_time, row_mac,
                     sum(bytes) OVER (ORDER BY collection_id) - bytes AS bytes_before
              FROM (SELECT tenant_uid, collection_uid, collection_id, field_policies, purposes, revision, create_time,
                           update_time, row_mac, coalesce(octet_length(field_policies::text), 0) AS bytes
                    FROM collections WHERE tenant_uid = $1 /* tenant_uid */ AND collection_id > $2 /* after */
                    ORDER BY collection_id LIMIT $3 /* rows */) AS page) AS collections
        WHERE bytes_before <= $4 /* bytes */
        ORDER BY collections.collection_id"
    );
    let rows = conn.query(sql, &[&tenant_uid.as_uuid(), &after.unwrap_or(""), &most.rows, &most.bytes]).await?;
    let rows = rows.iter().map(|row| CollectionRow::from_row(keys, row)).collect::<Result<Vec<_>, _>>()?;
    // As the statement counts: no row whose HMAC holds has another length here.
    let bytes: usize = rows.iter().map(|row| row.field_policies.len()).sum();
    let is_cut = i64::try_from(bytes).is_ok_and(|bytes| bytes > most.bytes);
    Ok(Part { rows, is_cut })
}
