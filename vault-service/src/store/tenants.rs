//! Table `tenants`.

use db::{Error, Executor, Row, statement};
use names::{TenantId, TenantUid};
use rows::{NewRow, RowKeys, Table};

use super::StoreError;
use super::change::Change;
use super::outbox::FIRST;
use super::requests::NewRequest;
use super::types::{micros, time};
use crate::time::Micros;

/// The table.
pub const TENANTS: Table = Table::new("tenants");

/// A row whose HMAC holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Immutable UUID.
    pub tenant_uid: TenantUid,
    /// Id in the name.
    pub tenant_id: String,
    /// What people call it.
    pub display_name: String,
    /// Where it stands.
    pub state: String,
    /// Counts changes.
    pub revision: u64,
    /// When it was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
}

impl TenantRow {
    fn to_row(&self, keys: &RowKeys) -> NewRow<'_> {
        NewRow::of(TENANTS)
            .with("tenant_uid", self.tenant_uid.as_uuid())
            .with("tenant_id", self.tenant_id.as_str())
            .with("display_name", self.display_name.as_str())
            .with("state", self.state.as_str())
            .with("revision", self.revision)
            .with("create_time", time(self.create_time))
            .with("update_time", time(self.update_time))
            .authenticated(keys)
    }

    fn from_row(keys: &RowKeys, row: &Row) -> Result<Self, StoreError> {
        let row = keys.check(TENANTS, row)?;
        Ok(Self {
            tenant_uid: TenantUid::new(row.get("tenant_uid")?),
            tenant_id: row.get("tenant_id")?,
            display_name: row.get("display_name")?,
            state: row.get("state")?,
            revision: row.get("revision")?,
            create_time: micros(row.get("create_time")?),
            update_time: micros(row.get("update_time")?),
        })
    }
}

/// What every statement reads that reads tenants: of a text that SQL has made longer than the schema allows so much that its
/// HMAC does not hold.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            fixed "tenant_uid", text 64 "tenant_id", text 129 "display_name", text 33 "state", fixed "revision",
            fixed "create_time", fixed "update_time", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// Writes a tenant, its request and its event in one statement.
pub async fn tenant_insert(
    db: &impl Executor,
    keys: &RowKeys,
    tenant: &TenantRow,
    request: Option<&NewRequest>,
    event: &audit::OutboxRow,
) -> Result<(), StoreError> {
    let row = tenant.to_row(keys);
    let sql = &format!("{} RETURNING 1", row.insert(FIRST));
    let beside = request.map(NewRequest::to_rows).transpose()?.into_iter().collect();
    let change = Change { function: "tenant_insert", sql, params: &row.params(), beside };
    change.insert(db, event).await
}

/// The tenant with this id.
pub async fn tenant_fetch(db: &impl Executor, keys: &RowKeys, id: &TenantId) -> Result<Option<TenantRow>, StoreError> {
    let statement = statement!(
        "tenant_fetch",
        "SELECT ",
        columns!(),
        "
        FROM tenants WHERE tenant_id = $1 /* tenant_id */"
    );
    db.query_opt(&statement, &[&id.as_str()]).await?.map(|row| TenantRow::from_row(keys, &row)).transpose()
}

/// Whether there is a tenant with this id; its row is not checked.
pub async fn tenant_exists(db: &impl Executor, id: &TenantId) -> Result<bool, Error> {
    let statement =
        statement!("tenant_exists", "SELECT EXISTS (SELECT FROM tenants WHERE tenant_id = $1 /* tenant_id */)");
    Ok(db.query_one(&statement, &[&id.as_str()]).await?.try_get(0)?)
}

/// At most `limit` tenants in the order of their ids, those after `after`.
pub async fn tenant_list(
    db: &impl Executor,
    keys: &RowKeys,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<TenantRow>, StoreError> {
    let statement = statement!(
        "tenant_list",
        "SELECT ",
        columns!(),
        "
        FROM tenants WHERE tenant_id > $1 /* after */ ORDER BY tenants.tenant_id LIMIT $2 /* limit */"
    );
    let rows = db.query(&statement, &[&after.unwrap_or(""), &limit]).await?;
    rows.iter().map(|row| TenantRow::from_row(keys, row)).collect()
}
