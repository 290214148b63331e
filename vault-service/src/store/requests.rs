//! Table `requests`: creates of the last 24 hours that carried a `request_id`.

use db::types::ToSql;
use db::{Conn, Error};
use names::TenantUid;
use uuid::Uuid;

/// The primary key.
pub const KEY: &str = "requests_pkey";

/// A request as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// HMAC of method and request.
    pub fingerprint: Vec<u8>,
    /// The first answer.
    pub answer: Vec<u8>,
}

/// A request to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The tenant; nil for the creation of tenants.
    pub tenant_uid: TenantUid,
    /// As the caller gave it.
    pub request_id: Uuid,
    /// What to remember.
    pub row: RequestRow,
}

/// Requests, column by column.
#[derive(Debug)]
pub(super) struct RequestColumns<'a> {
    tenant_uid: Vec<Uuid>,
    request_id: Vec<Uuid>,
    fingerprint: Vec<&'a [u8]>,
    answer: Vec<&'a [u8]>,
}

impl<'a> RequestColumns<'a> {
    pub(super) fn of(requests: impl Iterator<Item = &'a NewRequest> + Clone) -> Self {
        Self {
            tenant_uid: requests.clone().map(|request| request.tenant_uid.as_uuid()).collect(),
            request_id: requests.clone().map(|request| request.request_id).collect(),
            fingerprint: requests.clone().map(|request| request.row.fingerprint.as_slice()).collect(),
            answer: requests.map(|request| request.row.answer.as_slice()).collect(),
        }
    }

    /// $6 to $9.
    pub(super) fn params(&self) -> [&(dyn ToSql + Sync); 4] {
        [&self.tenant_uid, &self.request_id, &self.fingerprint, &self.answer]
    }
}

/// The request with this id, if it is remembered.
pub async fn request_fetch(conn: &Conn, tenant_uid: TenantUid, request_id: Uuid) -> Result<Option<RequestRow>, Error> {
    let sql = "-- request_fetch()
        SELECT fingerprint, answer FROM requests WHERE tenant_uid = $1 /* tenant_uid */ AND request_id = $2 /* request_id */";
    let Some(row) = conn.query_opt(sql, &[&tenant_uid.as_uuid(), &request_id]).await? else { return Ok(None) };
    Ok(Some(RequestRow { fingerprint: row.try_get(0)?, answer: row.try_get(1)? }))
}

/// Removes at most `limit` requests that are older than 24 hours, the oldest first; how many there were.
pub async fn request_delete_old(conn: &Conn, limit: i64) -> Result<u64, Error> {
    let sql = "-- request_delete_old()
        DELETE FROM requests r USING (
            SELECT tenant_uid, request_id FROM requests WHERE created_at < now() - interval '24 hours'
            ORDER BY created_at LIMIT $1 /* limit */
        ) old
        WHERE r.tenant_uid = old.tenant_uid AND r.request_id = old.request_id";
    conn.execute(sql, &[&limit]).await
}
