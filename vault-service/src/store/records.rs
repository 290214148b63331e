//! Table `records`: one row for each record, its newest revision.
//!
//! # Layout
//! - `insert`: what makes them
//! - `read`: what reads them, whatever SQL has made of them

use db::Executor;
use db::types::ToSql;
use names::{CollectionUid, RecordUid, TenantUid};
use rows::RowKeys;

use super::EncryptedColumn;
use super::StoreError;
use super::change::Change;
use super::deleted_records::Deleted;
use super::requests::NewRequest;
use super::types::{PgTime, to_bigint};
use crate::time::Micros;

mod insert;
mod read;

pub use insert::{NewRecord, Way, records_insert};
pub use read::{FetchedRecord, WantedRow, record_head_fetch, record_head_list, record_uids_fetch, records_fetch};

/// `records.wrapped_key`: purpose in the encryption context of a record's data key.
pub const WRAPPED_KEY: EncryptedColumn =
    EncryptedColumn { table: "records", column: "wrapped_key", binding: "strongroom/vault/records" };

/// `records.sealed_fields`: label of what binds a field to its record; `envelope::record` writes it.
pub const SEALED_FIELDS: EncryptedColumn =
    EncryptedColumn { table: "records", column: "sealed_fields", binding: "strongroom/field/v1" };

/// Between the names of fields where several records travel as one array: no name has a control character.
const SEPARATOR: &str = "\u{1f}";

/// Where a record's row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordKey<'a> {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// The collection.
    pub collection_uid: CollectionUid,
    /// Id in the name.
    pub record_id: &'a str,
}

/// A row without its sealed fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHead {
    /// The tenant's id as the row has it.
    pub tenant_id: String,
    /// The collection's id as the row has it.
    pub collection_id: String,
    /// Immutable UUID.
    pub record_uid: RecordUid,
    /// Id in the name.
    pub record_id: String,
    /// Counts from 1.
    pub revision: u64,
    /// Whom the record is about.
    pub subject: Option<String>,
    /// When the record was made.
    pub create_time: Micros,
    /// When this revision was made.
    pub update_time: Micros,
    /// When it may be purged.
    pub expire_time: Option<Micros>,
    /// Names of the fields, sorted.
    pub field_names: Vec<String>,
    /// The revision's data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// Whether a record with this uid and name was deleted: then this row was put back.
    pub is_deleted: bool,
    /// Whether a column holds what cannot be read: SQL put it there. Such a column is empty here, and the row does not open.
    pub is_unreadable: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// The tenant.
    pub tenant_uid: TenantUid,
    /// The collection.
    pub collection_uid: CollectionUid,
    /// What surrounds the fields.
    pub head: RecordHead,
    /// Manifest and fields, sealed.
    pub sealed_fields: Vec<u8>,
}

impl RecordRow {
    /// Where it is.
    pub fn key(&self) -> RecordKey<'_> {
        RecordKey { tenant_uid: self.tenant_uid, collection_uid: self.collection_uid, record_id: &self.head.record_id }
    }
}

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
