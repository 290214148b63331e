//! Table `deleted_records`: which records were deleted, so that the row of one that is put back is refused.

use db::{Executor, statement};
use names::{RecordUid, TenantUid};
use rows::{NewRow, NewRows, RowKeys, Table};

use super::StoreError;
use super::records::RecordHead;
use super::types::time;
use crate::time::Micros;

/// The table.
pub const DELETED_RECORDS: Table = Table::new("deleted_records");

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("", "";
            fixed "tenant_uid", fixed "record_uid", text 64 "tenant_id", text 64 "collection_id", text 65 "record_id",
            fixed "revision", fixed "delete_time", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// The record that is about to be deleted.
#[derive(Debug, Clone, Copy)]
pub struct Deleted<'a> {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// Its last revision.
    pub head: &'a RecordHead,
    /// When.
    pub delete_time: Micros,
}

impl<'a> Deleted<'a> {
    /// The row, for a statement that adds what it depends on.
    pub(super) fn to_rows(self, keys: &RowKeys) -> Result<NewRows<'a>, rows::Error> {
        let row = NewRow::of(DELETED_RECORDS)
            .with("tenant_uid", self.tenant_uid.as_uuid())
            .with("record_uid", self.head.record_uid.as_uuid())
            .with("tenant_id", self.head.tenant_id.as_str())
            .with("collection_id", self.head.collection_id.as_str())
            .with("record_id", self.head.record_id.as_str())
            .with("revision", self.head.revision)
            .with("delete_time", time(self.delete_time))
            .authenticated(keys);
        NewRows::of(DELETED_RECORDS, vec![row])
    }
}

/// Checks what is kept of a deleted record; whether there is anything.
pub async fn deleted_record_check(
    db: &impl Executor,
    keys: &RowKeys,
    tenant_uid: TenantUid,
    record_uid: RecordUid,
) -> Result<bool, StoreError> {
    let statement = statement!(
        "deleted_record_check",
        "SELECT ",
        columns!(),
        "
        FROM deleted_records WHERE tenant_uid = $1 /* tenant_uid */ AND record_uid = $2 /* record_uid */"
    );
    let Some(row) = db.query_opt(&statement, &[&tenant_uid.as_uuid(), &record_uid.as_uuid()]).await? else {
        return Ok(false);
    };
    keys.check(DELETED_RECORDS, &row)?;
    Ok(true)
}
