//! Table `records`: one row for each record, its newest revision.

use db::types::{FromSql, ToSql};
use db::{Conn, Error, Row};
use names::{CollectionUid, RecordUid, TenantUid};
use rows::RowKeys;
use uuid::Uuid;

use super::EncryptedColumn;
use super::StoreError;
use super::deleted_records::Deleted;
use super::outbox::{Creation, FIRST, INSERT_EVENTS, OutboxColumns};
use super::requests::NewRequest;
use super::types::{PgTime, from_bigint, to_bigint};
use crate::time::Micros;

/// `records.wrapped_key`: purpose in the encryption context of a record's data key.
pub const WRAPPED_KEY: EncryptedColumn =
    EncryptedColumn { table: "records", column: "wrapped_key", binding: "strongroom/vault/records" };

/// `records.sealed_fields`: label of what binds a field to its record; `envelope::record` writes it.
pub const SEALED_FIELDS: EncryptedColumn =
    EncryptedColumn { table: "records", column: "sealed_fields", binding: "strongroom/field/v1" };

/// Between the names of fields where several records travel as one array: no name has a control character.
const SEPARATOR: &str = "\u{1f}";

/// What every statement reads that reads records, in the order of `head_from_row`. The look-up of the deleted ones is one by
/// primary key.
macro_rules! head {
    () => {
        "records.tenant_id, records.collection_id, records.record_uid, records.record_id, records.revision,
               records.subject, records.create_time, records.update_time, records.expire_time, records.field_names,
               records.wrapped_key,
               EXISTS (SELECT FROM deleted_records d
                       WHERE d.tenant_uid = records.tenant_uid AND d.record_uid = records.record_uid
                         AND d.tenant_id = records.tenant_id AND d.collection_id = records.collection_id
                         AND d.record_id = records.record_id) AS is_deleted"
    };
}

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

/// The record with this key.
pub async fn record_fetch(conn: &Conn, key: RecordKey<'_>) -> Result<Option<RecordRow>, Error> {
    let sql = concat!(
        "-- record_fetch()
        SELECT ",
        head!(),
        ", sealed_fields
        FROM records
        WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
          AND record_id = $3 /* record_id */"
    );
    let row = conn.query_opt(sql, &[&key.tenant_uid.as_uuid(), &key.collection_uid.as_uuid(), &key.record_id]).await?;
    Ok(row.map(|row| row_from_row(key.tenant_uid, key.collection_uid, &row)))
}

/// The records with these keys, in their order; none where there is none.
pub async fn records_fetch(conn: &Conn, keys: &[RecordKey<'_>]) -> Result<Vec<Option<RecordRow>>, Error> {
    // LATERAL with a limit stays a lookup by key for each, whatever the planner thinks of the table's size.
    let sql = concat!(
        "-- records_fetch()
        SELECT r.tenant_id, r.collection_id, r.record_uid, r.record_id, r.revision, r.subject, r.create_time,
               r.update_time, r.expire_time, r.field_names, r.wrapped_key, r.is_deleted, r.sealed_fields, k.position
        FROM unnest($1::uuid[] /* tenant_uid */, $2::uuid[] /* collection_uid */, $3::text[] /* record_id */)
             WITH ORDINALITY AS k (tenant_uid, collection_uid, record_id, position),
             LATERAL (SELECT ",
        head!(),
        ", sealed_fields
                      FROM records
                      WHERE records.tenant_uid = k.tenant_uid AND records.collection_uid = k.collection_uid
                        AND records.record_id = k.record_id
                      LIMIT 1) AS r"
    );
    let tenants: Vec<Uuid> = keys.iter().map(|key| key.tenant_uid.as_uuid()).collect();
    let collections: Vec<Uuid> = keys.iter().map(|key| key.collection_uid.as_uuid()).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.record_id).collect();
    let mut found = vec![None; keys.len()];
    for row in conn.query(sql, &[&tenants, &collections, &ids]).await? {
        let position: i64 = row.try_get(13)?;
        let index = usize::try_from(position).ok().and_then(|position| position.checked_sub(1));
        if let Some((key, place)) = index.and_then(|index| keys.get(index).zip(found.get_mut(index))) {
            *place = Some(row_from_row(key.tenant_uid, key.collection_uid, &row));
        }
    }
    Ok(found)
}

/// What surrounds the fields of those of the records with these ids that are there, in no order.
pub async fn record_head_fetch_many(
    conn: &Conn,
    tenant_uid: TenantUid,
    collection_uid: CollectionUid,
    record_ids: &[&str],
) -> Result<Vec<RecordHead>, Error> {
    let sql = concat!(
        "-- record_head_fetch_many()
        SELECT ",
        head!(),
        "
        FROM records
        WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
          AND record_id = ANY($3::text[]) /* record_ids */"
    );
    let rows = conn.query(sql, &[&tenant_uid.as_uuid(), &collection_uid.as_uuid(), &record_ids]).await?;
    Ok(rows.iter().map(head_from_row).collect())
}

/// What surrounds the fields of the record with this key.
pub async fn record_head_fetch(conn: &Conn, key: RecordKey<'_>) -> Result<Option<RecordHead>, Error> {
    let sql = concat!(
        "-- record_head_fetch()
        SELECT ",
        head!(),
        "
        FROM records
        WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
          AND record_id = $3 /* record_id */"
    );
    let row = conn.query_opt(sql, &[&key.tenant_uid.as_uuid(), &key.collection_uid.as_uuid(), &key.record_id]).await?;
    Ok(row.as_ref().map(head_from_row))
}

/// At most `limit` records of a collection in the order of their ids, those after `after`, without their fields.
pub async fn record_head_list(
    conn: &Conn,
    tenant_uid: TenantUid,
    collection_uid: CollectionUid,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<RecordHead>, Error> {
    let sql = concat!(
        "-- record_head_list()
        SELECT ",
        head!(),
        "
        FROM records
        WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
          AND record_id > $3 /* after */
        ORDER BY record_id LIMIT $4 /* limit */"
    );
    let rows =
        conn.query(sql, &[&tenant_uid.as_uuid(), &collection_uid.as_uuid(), &after.unwrap_or(""), &limit]).await?;
    Ok(rows.iter().map(head_from_row).collect())
}

/// Writes a new revision over the one it was made from, with its event. `false`, and nothing is written, if the record
/// is no longer at that revision.
pub async fn record_update(
    conn: &Conn,
    row: &RecordRow,
    old_revision: u64,
    event: &audit::OutboxRow,
) -> Result<bool, Error> {
    let sql = "-- record_update()
        WITH record AS (
            UPDATE records SET revision = $6 /* revision */, subject = $7 /* subject */, update_time = $8 /* update_time */,
                               expire_time = $9 /* expire_time */, field_names = $10 /* field_names */,
                               wrapped_key = $11 /* wrapped_key */, sealed_fields = $12 /* sealed_fields */
            WHERE tenant_uid = $13 /* tenant_uid */ AND collection_uid = $14 /* collection_uid */
              AND record_id = $15 /* record_id */ AND record_uid = $16 /* record_uid */
              AND revision = $17 /* old_revision */
            RETURNING 1
        )
        INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
        SELECT $1::uuid, $2::text, $3::bigint, $4::bytea, $5::bytea FROM record";
    let head = &row.head;
    let written = conn
        .execute(
            sql,
            &[
                &event.id,
                &event.log,
                &event.time_ns,
                &event.events,
                &event.mac,
                &to_bigint(head.revision),
                &head.subject,
                &PgTime(head.update_time),
                &head.expire_time.map(PgTime),
                &head.field_names,
                &head.wrapped_key,
                &row.sealed_fields,
                &row.tenant_uid.as_uuid(),
                &row.collection_uid.as_uuid(),
                &head.record_id,
                &head.record_uid.as_uuid(),
                &to_bigint(old_revision),
            ],
        )
        .await?;
    Ok(written == 1)
}

/// Removes a record and keeps that it was, with its event. `false`, and nothing is written, if it is no longer at that
/// revision.
pub async fn record_delete(
    conn: &Conn,
    keys: &RowKeys,
    key: RecordKey<'_>,
    deleted: Deleted<'_>,
    event: &audit::OutboxRow,
) -> Result<bool, StoreError> {
    let kept = deleted.to_rows(keys)?;
    let sql = format!(
        "-- record_delete()
        WITH record AS (
            DELETE FROM records
            WHERE tenant_uid = $6 /* tenant_uid */ AND collection_uid = $7 /* collection_uid */
              AND record_id = $8 /* record_id */ AND record_uid = $9 /* record_uid */ AND revision = $10 /* revision */
            RETURNING 1
        ), kept AS ({} WHERE EXISTS (SELECT FROM record))
        {INSERT_EVENTS} WHERE EXISTS (SELECT FROM record)",
        kept.insert(FIRST + 5)
    );
    let (tenant_uid, collection_uid) = (key.tenant_uid.as_uuid(), key.collection_uid.as_uuid());
    let (record_uid, revision) = (deleted.head.record_uid.as_uuid(), to_bigint(deleted.head.revision));
    let own: [&(dyn ToSql + Sync); 5] = [&tenant_uid, &collection_uid, &key.record_id, &record_uid, &revision];
    let outbox = OutboxColumns::of(std::slice::from_ref(event));
    let rest: Vec<_> = own.into_iter().chain(kept.params()).collect();
    let written = conn.execute(&sql, &outbox.params(&rest)).await?;
    Ok(written == 1)
}

/// A row's columns, each read for itself: what SQL has put into one row keeps no other from being read.
struct Columns<'a> {
    row: &'a Row,
    is_unreadable: bool,
}

impl Columns<'_> {
    fn take<T: Default + for<'b> FromSql<'b>>(&mut self, position: usize) -> T {
        self.row.try_get(position).unwrap_or_else(|_unreadable| {
            self.is_unreadable = true;
            T::default()
        })
    }
}

fn row_from_row(tenant_uid: TenantUid, collection_uid: CollectionUid, row: &Row) -> RecordRow {
    let mut head = head_from_row(row);
    let mut columns = Columns { row, is_unreadable: head.is_unreadable };
    let sealed_fields = columns.take(12);
    head.is_unreadable = columns.is_unreadable;
    RecordRow { tenant_uid, collection_uid, head, sealed_fields }
}

fn head_from_row(row: &Row) -> RecordHead {
    let mut columns = Columns { row, is_unreadable: false };
    RecordHead {
        tenant_id: columns.take(0),
        collection_id: columns.take(1),
        record_uid: RecordUid::new(columns.take(2)),
        record_id: columns.take(3),
        revision: from_bigint(columns.take(4)),
        subject: columns.take(5),
        create_time: columns.take::<PgTime>(6).0,
        update_time: columns.take::<PgTime>(7).0,
        expire_time: columns.take::<Option<PgTime>>(8).map(|time| time.0),
        field_names: columns.take(9),
        wrapped_key: columns.take(10),
        is_deleted: columns.take(11),
        is_unreadable: columns.is_unreadable,
    }
}
