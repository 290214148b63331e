//! Table `records`: one row for each record, its newest revision.
//!
//! # Layout
//! - `read`: what reads them, whatever SQL has made of them

use db::Conn;
use db::types::ToSql;
use names::{CollectionUid, RecordUid, TenantUid};
use rows::RowKeys;
use uuid::Uuid;

use super::EncryptedColumn;
use super::StoreError;
use super::change::Change;
use super::deleted_records::Deleted;
use super::outbox::Creation;
use super::requests::NewRequest;
use super::types::{PgTime, to_bigint};
use crate::time::Micros;

mod read;

pub use read::{record_fetch, record_head_fetch, record_head_fetch_many, record_head_list, records_fetch};

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

/// A record to write, with the request that made it.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// The row.
    pub row: &'a RecordRow,
    /// The request to remember with it.
    pub request: Option<&'a NewRequest>,
}

/// Writes records, their requests and their events in one statement: all of it or nothing.
pub async fn records_insert(
    conn: &Conn,
    records: &[NewRecord<'_>],
    events: &[audit::OutboxRow],
) -> Result<(), StoreError> {
    let insert =
        "INSERT INTO records (tenant_uid, tenant_id, collection_uid, collection_id, record_uid, record_id, revision,
                             subject, create_time, update_time, expire_time, field_names, wrapped_key, sealed_fields)
        SELECT r.a, r.b, r.c, r.d, r.e, r.f, r.g, r.h, r.i, r.j, r.k, string_to_array(r.l, E'\\x1f'), r.m, r.n
        FROM unnest($6::uuid[] /* tenant_uid */, $7::text[] /* tenant_id */, $8::uuid[] /* collection_uid */,
                    $9::text[] /* collection_id */, $10::uuid[] /* record_uid */, $11::text[] /* record_id */,
                    $12::bigint[] /* revision */, $13::text[] /* subject */, $14::timestamptz[] /* create_time */,
                    $15::timestamptz[] /* update_time */, $16::timestamptz[] /* expire_time */,
                    $17::text[] /* field_names */, $18::bytea[] /* wrapped_key */, $19::bytea[] /* sealed_fields */)
             AS r (a, b, c, d, e, f, g, h, i, j, k, l, m, n)";
    let columns = RecordColumns::of(records);
    let creation = Creation { function: "records_insert", insert, params: &columns.params() };
    creation.write(conn, records.iter().filter_map(|record| record.request), events).await
}

/// Rows of records, column by column.
struct RecordColumns<'a> {
    tenant_uid: Vec<Uuid>,
    tenant_id: Vec<&'a str>,
    collection_uid: Vec<Uuid>,
    collection_id: Vec<&'a str>,
    record_uid: Vec<Uuid>,
    record_id: Vec<&'a str>,
    revision: Vec<i64>,
    subject: Vec<Option<&'a str>>,
    create_time: Vec<PgTime>,
    update_time: Vec<PgTime>,
    expire_time: Vec<Option<PgTime>>,
    field_names: Vec<String>,
    wrapped_key: Vec<&'a [u8]>,
    sealed_fields: Vec<&'a [u8]>,
}

impl<'a> RecordColumns<'a> {
    fn of(records: &[NewRecord<'a>]) -> Self {
        fn column<'a, T>(records: &[NewRecord<'a>], value: impl Fn(&'a RecordRow) -> T) -> Vec<T> {
            records.iter().map(|record| value(record.row)).collect()
        }
        Self {
            tenant_uid: column(records, |row| row.tenant_uid.as_uuid()),
            tenant_id: column(records, |row| row.head.tenant_id.as_str()),
            collection_uid: column(records, |row| row.collection_uid.as_uuid()),
            collection_id: column(records, |row| row.head.collection_id.as_str()),
            record_uid: column(records, |row| row.head.record_uid.as_uuid()),
            record_id: column(records, |row| row.head.record_id.as_str()),
            revision: column(records, |row| to_bigint(row.head.revision)),
            subject: column(records, |row| row.head.subject.as_deref()),
            create_time: column(records, |row| PgTime(row.head.create_time)),
            update_time: column(records, |row| PgTime(row.head.update_time)),
            expire_time: column(records, |row| row.head.expire_time.map(PgTime)),
            field_names: column(records, |row| row.head.field_names.join(SEPARATOR)),
            wrapped_key: column(records, |row| row.head.wrapped_key.as_slice()),
            sealed_fields: column(records, |row| row.sealed_fields.as_slice()),
        }
    }

    /// $6 to $19.
    fn params(&self) -> [&(dyn ToSql + Sync); 14] {
        [
            &self.tenant_uid,
            &self.tenant_id,
            &self.collection_uid,
            &self.collection_id,
            &self.record_uid,
            &self.record_id,
            &self.revision,
            &self.subject,
            &self.create_time,
            &self.update_time,
            &self.expire_time,
            &self.field_names,
            &self.wrapped_key,
            &self.sealed_fields,
        ]
    }
}

/// Writes a new revision over the one it was made from, with its event and, where one is remembered, its request. `false`,
/// and nothing is written, if the record is no longer at that revision.
pub async fn record_update(
    conn: &Conn,
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
    Change { function: "record_update", sql, params: &params, beside }.write(conn, event).await
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
    conn: &Conn,
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
    Change { function: "record_delete", sql, params: &params, beside }.write(conn, event).await
}
