//! Table `tenants`.

use db::{Conn, Error, Row};
use names::{TenantId, TenantUid};

use super::outbox::{OutboxColumns, params, with_request_and_event};
use super::requests::{NewRequest, RequestColumns};
use super::types::{PgTime, from_bigint, to_bigint};
use crate::time::Micros;

/// The unique constraint on ids.
pub const ID_KEY: &str = "tenants_tenant_id_key";

/// A row; `row_mac` is not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Immutable UUID.
    pub tenant_uid: TenantUid,
    /// Id in the name.
    pub tenant_id: String,
    /// What people call it.
    pub display_name: String,
    /// `ACTIVE`.
    pub state: String,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
    /// HMAC over [`TenantRow::mac_parts`].
    pub row_mac: Vec<u8>,
}

impl TenantRow {
    /// Name of the table, bound by `row_mac`.
    pub const TABLE: &'static str = "tenants";

    /// Every other column, in the order of the table: what `row_mac` covers.
    pub fn mac_parts(&self) -> Vec<Vec<u8>> {
        vec![
            self.tenant_uid.as_bytes().to_vec(),
            self.tenant_id.clone().into_bytes(),
            self.display_name.clone().into_bytes(),
            self.state.clone().into_bytes(),
            self.revision.to_be_bytes().to_vec(),
            self.create_time.get().to_be_bytes().to_vec(),
            self.update_time.get().to_be_bytes().to_vec(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, Error> {
        let (create_time, update_time): (PgTime, PgTime) = (row.try_get(5)?, row.try_get(6)?);
        Ok(Self {
            tenant_uid: TenantUid::new(row.try_get(0)?),
            tenant_id: row.try_get(1)?,
            display_name: row.try_get(2)?,
            state: row.try_get(3)?,
            revision: from_bigint(row.try_get(4)?),
            create_time: create_time.0,
            update_time: update_time.0,
            row_mac: row.try_get(7)?,
        })
    }
}

/// Writes a tenant, its request and its event in one statement.
pub async fn tenant_insert(
    conn: &Conn,
    tenant: &TenantRow,
    request: Option<&NewRequest>,
    event: &audit::OutboxRow,
) -> Result<(), Error> {
    let sql = with_request_and_event!(
        "-- tenant_insert()
        WITH tenant AS (
            INSERT INTO tenants (tenant_uid, tenant_id, display_name, state, revision, create_time, update_time, row_mac)
            VALUES ($10 /* tenant_uid */, $11 /* tenant_id */, $12 /* display_name */, $13 /* state */,
                    $14 /* revision */, $15 /* create_time */, $16 /* update_time */, $17 /* row_mac */)
        )"
    );
    let (outbox, requests) = (OutboxColumns::of(std::slice::from_ref(event)), RequestColumns::of(request.into_iter()));
    let (uid, revision) = (tenant.tenant_uid.as_uuid(), to_bigint(tenant.revision));
    let (create_time, update_time) = (PgTime(tenant.create_time), PgTime(tenant.update_time));
    let own: [&(dyn db::types::ToSql + Sync); 8] = [
        &uid,
        &tenant.tenant_id,
        &tenant.display_name,
        &tenant.state,
        &revision,
        &create_time,
        &update_time,
        &tenant.row_mac,
    ];
    conn.execute(sql, &params(&outbox, &requests, &own)).await.map(drop)
}

/// The tenant with this id.
pub async fn tenant_fetch(conn: &Conn, id: &TenantId) -> Result<Option<TenantRow>, Error> {
    let sql = "-- tenant_fetch()
        SELECT tenant_uid, tenant_id, display_name, state, revision, create_time, update_time, row_mac
        FROM tenants WHERE tenant_id = $1 /* tenant_id */";
    conn.query_opt(sql, &[&id.as_str()]).await?.map(|row| TenantRow::from_row(&row)).transpose()
}

/// At most `limit` tenants in the order of their ids, those after `after`.
pub async fn tenant_list(conn: &Conn, after: Option<&str>, limit: i64) -> Result<Vec<TenantRow>, Error> {
    let sql = "-- tenant_list()
        SELECT tenant_uid, tenant_id, display_name, state, revision, create_time, update_time, row_mac
        FROM tenants WHERE tenant_id > $1 /* after */ ORDER BY tenant_id LIMIT $2 /* limit */";
    conn.query(sql, &[&after.unwrap_or(""), &limit]).await?.iter().map(TenantRow::from_row).collect()
}
