//! Table `collections`.

use db::{Conn, Error, Row};
use names::{CollectionId, CollectionUid, TenantUid};

use super::outbox::{OutboxColumns, params, with_request_and_event};
use super::requests::{NewRequest, RequestColumns};
use super::types::{PgTime, from_bigint, to_bigint};
use crate::time::Micros;

/// The primary key: one collection an id.
pub const ID_KEY: &str = "collections_pkey";

/// A row; `row_mac` is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionRow {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// Immutable UUID.
    pub collection_uid: CollectionUid,
    /// Id in the name.
    pub collection_id: String,
    /// Policies as JSON, byte for byte what `row_mac` covers.
    pub field_policies: String,
    /// Purposes that a reveal may give.
    pub purposes: Vec<String>,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
    /// HMAC over [`CollectionRow::mac_parts`].
    pub row_mac: Vec<u8>,
}

impl CollectionRow {
    /// Name of the table, bound by `row_mac`.
    pub const TABLE: &'static str = "collections";

    /// Every other column, in the order of the table: what `row_mac` covers. Each purpose is a part of its own, at the
    /// end, so that their number is bound too.
    pub fn mac_parts(&self) -> Vec<Vec<u8>> {
        let mut parts = vec![
            self.tenant_uid.as_bytes().to_vec(),
            self.collection_uid.as_bytes().to_vec(),
            self.collection_id.clone().into_bytes(),
            self.field_policies.clone().into_bytes(),
            self.revision.to_be_bytes().to_vec(),
            self.create_time.get().to_be_bytes().to_vec(),
            self.update_time.get().to_be_bytes().to_vec(),
        ];
        parts.extend(self.purposes.iter().map(|purpose| purpose.clone().into_bytes()));
        parts
    }

    fn from_row(row: &Row) -> Result<Self, Error> {
        let (create_time, update_time): (PgTime, PgTime) = (row.try_get(6)?, row.try_get(7)?);
        Ok(Self {
            tenant_uid: TenantUid::new(row.try_get(0)?),
            collection_uid: CollectionUid::new(row.try_get(1)?),
            collection_id: row.try_get(2)?,
            field_policies: row.try_get(3)?,
            purposes: row.try_get(4)?,
            revision: from_bigint(row.try_get(5)?),
            create_time: create_time.0,
            update_time: update_time.0,
            row_mac: row.try_get(8)?,
        })
    }
}

/// Writes a collection, its request and its event in one statement.
pub async fn collection_insert(
    conn: &Conn,
    collection: &CollectionRow,
    request: Option<&NewRequest>,
    event: &audit::OutboxRow,
) -> Result<(), Error> {
    let sql = with_request_and_event!(
        "-- collection_insert()
        WITH collection AS (
            INSERT INTO collections (tenant_uid, collection_uid, collection_id, field_policies, purposes, revision,
                                     create_time, update_time, row_mac)
            VALUES ($10 /* tenant_uid */, $11 /* collection_uid */, $12 /* collection_id */, $13 /* field_policies */,
                    $14 /* purposes */, $15 /* revision */, $16 /* create_time */, $17 /* update_time */,
                    $18 /* row_mac */)
        )"
    );
    let (outbox, requests) = (OutboxColumns::of(std::slice::from_ref(event)), RequestColumns::of(request.into_iter()));
    let (tenant_uid, uid) = (collection.tenant_uid.as_uuid(), collection.collection_uid.as_uuid());
    let revision = to_bigint(collection.revision);
    let (create_time, update_time) = (PgTime(collection.create_time), PgTime(collection.update_time));
    let own: [&(dyn db::types::ToSql + Sync); 9] = [
        &tenant_uid,
        &uid,
        &collection.collection_id,
        &collection.field_policies,
        &collection.purposes,
        &revision,
        &create_time,
        &update_time,
        &collection.row_mac,
    ];
    conn.execute(sql, &params(&outbox, &requests, &own)).await.map(drop)
}

/// The collection of a tenant with this id.
pub async fn collection_fetch(
    conn: &Conn,
    tenant_uid: TenantUid,
    id: &CollectionId,
) -> Result<Option<CollectionRow>, Error> {
    let sql = "-- collection_fetch()
        SELECT tenant_uid, collection_uid, collection_id, field_policies, purposes, revision, create_time, update_time,
               row_mac
        FROM collections WHERE tenant_uid = $1 /* tenant_uid */ AND collection_id = $2 /* collection_id */";
    let row = conn.query_opt(sql, &[&tenant_uid.as_uuid(), &id.as_str()]).await?;
    row.map(|row| CollectionRow::from_row(&row)).transpose()
}

/// At most `limit` collections of a tenant in the order of their ids, those after `after`.
pub async fn collection_list(
    conn: &Conn,
    tenant_uid: TenantUid,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<CollectionRow>, Error> {
    let sql = "-- collection_list()
        SELECT tenant_uid, collection_uid, collection_id, field_policies, purposes, revision, create_time, update_time,
               row_mac
        FROM collections WHERE tenant_uid = $1 /* tenant_uid */ AND collection_id > $2 /* after */
        ORDER BY collection_id LIMIT $3 /* limit */";
    let rows = conn.query(sql, &[&tenant_uid.as_uuid(), &after.unwrap_or(""), &limit]).await?;
    rows.iter().map(CollectionRow::from_row).collect()
}
