//! Table `records`: one row for each record, its newest revision.
//!
//! # Layout
//! - `insert`: what makes them
//! - `read`: what reads them, whatever SQL has made of them
//! - `row`: a row, and where it is

use db::Executor;
use db::types::ToSql;
use rows::RowKeys;

use super::StoreError;
use super::change::Change;
use super::deleted_records::Deleted;
use super::requests::NewRequest;
use super::types::{PgTime, to_bigint};

mod insert;
mod read;
mod row;

pub use insert::{NewRecord, Way, records_insert};
pub use read::{FetchedRecord, WantedRow, record_head_fetch, record_head_list, record_uids_fetch, records_fetch};
pub use row::{RecordHead, RecordKey, RecordRow, SEALED_FIELDS, WRAPPED_KEY};

/// Writes a new revision over the one it was made from, with its event and, where one is remembered, its request. `false`,
/// and nothing is written, if the record is no longer at that revision.
pub async fn record_update(
    db: &impl Executor,
    row: &RecordRow,
    old_revision: u64,
    request: Option<&NewRequest>,
    event: &audit::OutboxRow,
) -> Result<bool, StoreError> {
    let sql = "
        UPDATE records SET revision = $6 /* revision */, subject = $7 /* subject */, update_time = $8 /* update_time */,
                           expire_time = $9 /* expire_time */, field_names = $10 /* field_names */,
                           wrapped_key = $11 /* wrapped_key */, sealed_fields = $12 /* sealed_fields */
        WHERE tenant_uid = $13 /* tenant_uid */ AND collection_uid = $14 /* collection_uid */
          AND record_id = $15 /* record_id */ AND record_uid = $16 /* record_uid */ AND revision = $17 /* old_revision */
        RETURNING 1";
    let head = &row.head;
    let (tenant_uid, collection_uid) = (row.tenant_uid.as_uuid(), row.collection_uid.as_uuid());
    let (update_time, expire_time) = (PgTime(head.update_time), head.expire_time.map(PgTime));
    let params: [&(dyn ToSql + Sync); 12] = [
        &to_bigint(head.revision),
        &head.subject,
        &update_time,
        &expire_time,
        &head.field_names,
        &head.wrapped_key,
        &row.sealed_fields,
        &tenant_uid,
        &collection_uid,
        &head.record_id,
        &head.record_uid.as_uuid(),
        &to_bigint(old_revision),
    ];
    let beside = request.map(NewRequest::to_rows).transpose()?.into_iter().collect();
    Change { function: "record_update", sql, params: &params, beside }.write(db, event).await
}

/// A record to remove.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    /// Where it is.
    pub key: RecordKey<'a>,
    /// What is kept of it.
    pub deleted: Deleted<'a>,
    /// The request to remember with it.
    pub request: Option<&'a NewRequest>,
}

/// Removes a record and keeps that it was, with its event and, where one is remembered, its request. `false`, and nothing
/// is written, if it is no longer at that revision.
pub async fn record_delete(
    db: &impl Executor,
    keys: &RowKeys,
    removal: Removal<'_>,
    event: &audit::OutboxRow,
) -> Result<bool, StoreError> {
    let sql = "
        DELETE FROM records
        WHERE tenant_uid = $6 /* tenant_uid */ AND collection_uid = $7 /* collection_uid */
          AND record_id = $8 /* record_id */ AND record_uid = $9 /* record_uid */ AND revision = $10 /* revision */
        RETURNING 1";
    let Removal { key, deleted, request } = removal;
    let params: [&(dyn ToSql + Sync); 5] = [
        &key.tenant_uid.as_uuid(),
        &key.collection_uid.as_uuid(),
        &key.record_id,
        &deleted.head.record_uid.as_uuid(),
        &to_bigint(deleted.head.revision),
    ];
    let request = request.map(NewRequest::to_rows).transpose()?;
    let beside = std::iter::once(deleted.to_rows(keys)?).chain(request).collect();
    Change { function: "record_delete", sql, params: &params, beside }.write(db, event).await
}
