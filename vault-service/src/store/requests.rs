//! Table `requests`: changes of the last 24 hours that carried a `request_id`.

use std::collections::HashSet;
use std::sync::Arc;

use clock::Timestamp;
use db::types::ToSql;
use db::{Error, Executor, Row, statement};
use names::TenantUid;
use rows::{NewRow, NewRows, RowKeys, Table};
use uuid::Uuid;

use super::StoreError;
use super::types::{PgTime, from_bigint, to_bigint};
use crate::time::Micros;

/// The table. When a request is forgotten is left out: whoever may change that may delete the row as well.
pub(super) const REQUESTS: Table = Table::new("requests").leaving_out(&["created_at"]);

/// Every column that the HMAC covers, as it is read. The schema bounds no answer. The longest is that of a batch of creates: its
/// records have 4 MiB together (`RESPONSE_BYTES`), where a name of a field counts with four bytes more than it has, and what else a record
/// has with 1 KiB. In JSON a name has at most twice its bytes and three more, and the rest of a record less than 1 KiB: 8 MiB in all, and
/// less than 64 KiB around them.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            fixed "tenant_uid", text 2049 "caller", text 201 "on_behalf_of", fixed "request_id", bytes 33 "fingerprint",
            bytes 8454145 "answer", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// A request as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// HMAC of method and request.
    pub fingerprint: Vec<u8>,
    /// The first answer, as stored JSON.
    pub answer: String,
}

/// What a request is found by: nobody meets the request ids of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestKey {
    /// The tenant; nil for the creation of tenants.
    pub tenant_uid: TenantUid,
    /// Who called.
    pub caller: String,
    /// For whom; empty for itself.
    pub on_behalf_of: String,
    /// As the caller gave it.
    pub request_id: Uuid,
}

/// A request to remember.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// What it is found by.
    pub key: RequestKey,
    /// What to remember.
    pub row: RequestRow,
    /// What authenticates it.
    pub keys: Arc<RowKeys>,
}

impl NewRequest {
    /// The row, for a statement that adds what it depends on.
    pub(super) fn to_rows(&self) -> Result<NewRows<'_>, rows::Error> {
        NewRows::of(REQUESTS, vec![self.to_row()])
    }

    pub(super) fn to_row(&self) -> NewRow<'_> {
        NewRow::of(REQUESTS)
            .with("tenant_uid", self.key.tenant_uid.as_uuid())
            .with("caller", self.key.caller.as_str())
            .with("on_behalf_of", self.key.on_behalf_of.as_str())
            .with("request_id", self.key.request_id)
            .with("fingerprint", self.row.fingerprint.as_slice())
            .with("answer", self.row.answer.as_bytes())
            .authenticated(&self.keys)
    }
}

/// The request with this key, if it is remembered.
pub async fn request_fetch(
    db: &impl Executor,
    keys: &RowKeys,
    key: &RequestKey,
) -> Result<Option<RequestRow>, StoreError> {
    let statement = statement!(
        "request_fetch",
        "SELECT ",
        columns!(),
        "
        FROM requests
        WHERE tenant_uid = $1 /* tenant_uid */ AND caller = $2 /* caller */ AND on_behalf_of = $3 /* on_behalf_of */
          AND request_id = $4 /* request_id */"
    );
    let params: [&(dyn ToSql + Sync); 4] = [&key.tenant_uid.as_uuid(), &key.caller, &key.on_behalf_of, &key.request_id];
    let Some(row) = db.query_opt(&statement, &params).await? else { return Ok(None) };
    let row = keys.check(REQUESTS, &row)?;
    Ok(Some(RequestRow { fingerprint: row.get("fingerprint")?, answer: row.get("answer")? }))
}

/// Which of these requests are remembered.
pub async fn requests_known(db: &impl Executor, keys: &[&RequestKey]) -> Result<HashSet<RequestKey>, Error> {
    // LATERAL with a limit stays a lookup by key for each, whatever the planner thinks of the table's size.
    let statement = statement!(
        "requests_known",
        "SELECT k.position
        FROM unnest($1::uuid[] /* tenant_uid */, $2::text[] /* caller */, $3::text[] /* on_behalf_of */,
                    $4::uuid[] /* request_id */)
             WITH ORDINALITY AS k (tenant_uid, caller, on_behalf_of, request_id, position),
             LATERAL (SELECT FROM requests r
                      WHERE r.tenant_uid = k.tenant_uid AND r.caller = k.caller AND r.on_behalf_of = k.on_behalf_of
                        AND r.request_id = k.request_id
                      LIMIT 1) AS known"
    );
    let tenants: Vec<Uuid> = keys.iter().map(|key| key.tenant_uid.as_uuid()).collect();
    let callers: Vec<&str> = keys.iter().map(|key| key.caller.as_str()).collect();
    let users: Vec<&str> = keys.iter().map(|key| key.on_behalf_of.as_str()).collect();
    let ids: Vec<Uuid> = keys.iter().map(|key| key.request_id).collect();
    let mut known = HashSet::new();
    for row in db.query(&statement, &[&tenants, &callers, &users, &ids]).await? {
        let position: i64 = row.try_get(0)?;
        let index = usize::try_from(position).ok().and_then(|position| position.checked_sub(1));
        known.extend(index.and_then(|index| keys.get(index)).map(|key| (*key).clone()));
    }
    Ok(known)
}

/// What the database's clock shows, by which requests are remembered.
pub async fn request_now(db: &impl Executor) -> Result<Timestamp, Error> {
    let statement = statement!("request_now", "SELECT clock_timestamp()");
    let PgTime(now) = db.query_one(&statement, &[]).await?.try_get(0)?;
    Ok(Timestamp::from_micros(now.get()))
}

/// About how many requests are remembered, as the statistics of the database have it.
pub async fn request_estimate(db: &impl Executor) -> Result<u64, Error> {
    let statement = statement!("request_estimate", "SELECT greatest(pg_stat_get_live_tuples('requests'::regclass), 0)");
    Ok(from_bigint(db.query_one(&statement, &[]).await?.try_get(0)?))
}

/// How many requests of a tenant a sample holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// How many.
    pub requests: u64,
}

/// The tenants in a sample of about `sample` of `all` requests.
pub async fn request_shares(db: &impl Executor, sample: u64, all: u64) -> Result<Vec<Share>, Error> {
    let statement = statement!(
    "request_shares",
    "SELECT tenant_uid, count(*)
        FROM requests TABLESAMPLE SYSTEM (least(100, 100.0 * $1::bigint /* sample */ / greatest($2::bigint /* all */, 1)))
        GROUP BY tenant_uid"
);
    let rows = db.query(&statement, &[&to_bigint(sample), &to_bigint(all)]).await?;
    let share = |row: &Row| {
        let (tenant_uid, requests) = (TenantUid::new(row.try_get(0)?), from_bigint(row.try_get(1)?));
        Ok(Share { tenant_uid, requests })
    };
    rows.iter().map(share).collect()
}

/// Removes at most `limit` requests of a tenant, the oldest first; how many there were.
pub async fn request_delete_oldest(db: &impl Executor, tenant_uid: TenantUid, limit: i64) -> Result<u64, Error> {
    let statement = statement!(
        "request_delete_oldest",
        "DELETE FROM requests r USING (
            SELECT tenant_uid, caller, on_behalf_of, request_id FROM requests
            WHERE tenant_uid = $1 /* tenant_uid */
            ORDER BY created_at LIMIT $2 /* limit */
        ) old
        WHERE r.tenant_uid = old.tenant_uid AND r.caller = old.caller AND r.on_behalf_of = old.on_behalf_of
          AND r.request_id = old.request_id"
    );
    db.execute(&statement, &[&tenant_uid.as_uuid(), &limit]).await
}

/// Removes at most `limit` requests from before `before`, the oldest of each tenant first; how many there were.
pub async fn request_delete_before(db: &impl Executor, before: Micros, limit: i64) -> Result<u64, Error> {
    let statement = statement!(
        "request_delete_before",
        "DELETE FROM requests r USING (
            SELECT o.tenant_uid, o.caller, o.on_behalf_of, o.request_id
            FROM (SELECT tenant_uid FROM tenants UNION ALL SELECT $3::uuid /* nobody */) t CROSS JOIN LATERAL (
                SELECT tenant_uid, caller, on_behalf_of, request_id FROM requests
                WHERE tenant_uid = t.tenant_uid AND created_at < $1 /* before */
                ORDER BY created_at LIMIT $2 /* limit */
            ) o
            LIMIT $2 /* limit */
        ) old
        WHERE r.tenant_uid = old.tenant_uid AND r.caller = old.caller AND r.on_behalf_of = old.on_behalf_of
          AND r.request_id = old.request_id"
    );
    db.execute(&statement, &[&PgTime(before), &limit, &Uuid::nil()]).await
}
