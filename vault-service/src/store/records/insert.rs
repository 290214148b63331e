//! Writing new records.
//!
//! ```text
//! records, in the order of their keys ─▶ INSERT [skipping names that are taken] ─▶ written
//!         requests ──┐ of those that were written alone, in the order of theirs
//!         events  ───┴▶ INSERT
//! ```
//! So what is skipped leaves nothing, and two statements that write the same rows wait for each other in one direction.

use std::collections::HashSet;

use audit::OutboxRow;
use db::types::ToSql;
use db::{Executor, Statement};
use names::RecordUid;
use rows::NewRows;
use uuid::Uuid;

use super::super::StoreError;
use super::super::outbox::OutboxColumns;
use super::super::requests::{NewRequest, REQUESTS};
use super::super::types::{PgTime, to_bigint};
use super::row::{RecordRow, SEPARATOR};

/// Number of the first parameter behind those of events and records.
const FIRST: usize = 21;

/// A record to write, with the request that made it and what tells of it.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// The row.
    pub row: &'a RecordRow,
    /// The request to remember with it.
    pub request: Option<&'a NewRequest>,
    /// The event to write with it; none where that of another record of the statement tells of this one too.
    pub event: Option<&'a OutboxRow>,
}

/// What a statement does where a name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// That record is skipped. Whoever holds a lock is waited for no longer than a moment, and then nothing is written.
    Shared,
    /// Nothing is written: a unique violation.
    Own,
    /// The same. A record that was deleted before is skipped: a statement that was lost may have written it.
    Again,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Shared => "records_insert_shared",
            Self::Own => "records_insert",
            Self::Again => "records_insert_again",
        }
    }

    /// What comes first, from where records are taken, and what is skipped.
    fn sql(self) -> (&'static str, &'static str) {
        match self {
            // Local to this statement, which is a transaction.
            Self::Shared => (
                "patience AS MATERIALIZED (SELECT set_config('lock_timeout', '50ms', true)), ",
                "FROM patience, given ON CONFLICT (tenant_uid, collection_uid, record_id) DO NOTHING",
            ),
            Self::Own => ("", "FROM given"),
            Self::Again => (
                "",
                "FROM given
                WHERE NOT EXISTS (SELECT FROM deleted_records d
                                  WHERE d.tenant_uid = given.tenant_uid AND d.record_uid = given.record_uid)",
            ),
        }
    }
}

/// Writes records, each with its request and its event or not at all; which were written.
///
/// A request id that is taken raises in every way.
pub async fn records_insert(
    db: &impl Executor,
    records: &[NewRecord<'_>],
    way: Way,
) -> Result<Vec<RecordUid>, StoreError> {
    let mut records = records.to_vec();
    records.sort_unstable_by_key(|one| {
        (one.row.tenant_uid.as_uuid(), one.row.collection_uid.as_uuid(), &one.row.head.record_id)
    });
    let uid = |one: &NewRecord<'_>| one.row.head.record_uid.as_uuid();
    let tags: Vec<Uuid> = records.iter().filter(|one| one.event.is_some()).map(uid).collect();
    let outbox = OutboxColumns::of(records.iter().filter_map(|one| one.event));
    let columns = RecordColumns::of(&records);
    let requests = records.iter().filter_map(|one| Some(one.request?.to_row())).collect();
    let requests = NewRows::of(REQUESTS, requests)?;
    let request_tags: Vec<Uuid> = records.iter().filter(|one| one.request.is_some()).map(uid).collect();
    let remember = if requests.is_empty() {
        String::new()
    } else {
        let insert = requests.insert_tagged(FIRST);
        format!(
            ", request AS ({insert} JOIN written ON written.record_uid = given.tag
                           ORDER BY tenant_uid, caller, on_behalf_of, request_id)"
        )
    };
    let (first, from) = way.sql();
    let sql = format!(
        "WITH {first}given AS ({GIVEN}), record AS (
            INSERT INTO records ({COLUMNS}) SELECT {COLUMNS} {from} RETURNING record_uid
        ), written AS (SELECT record_uid FROM record GROUP BY record_uid){remember}, event AS (
            INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
            SELECT e.outbox_id, e.log_name, e.time_ns, e.events, e.mac
            FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::uuid[])
                 AS e (outbox_id, log_name, time_ns, events, mac, tag)
            JOIN written ON written.record_uid = e.tag
            RETURNING 1
        )
        SELECT record_uid, (SELECT count(*) FROM event) FROM written"
    );
    let own: [&(dyn ToSql + Sync); 1] = [&tags];
    let tagged: [&(dyn ToSql + Sync); 1] = [&request_tags];
    let mut params: Vec<&(dyn ToSql + Sync)> = outbox.params(&own);
    params.extend(columns.params());
    if !requests.is_empty() {
        params.extend(requests.params());
        params.extend(tagged);
    }
    let rows = db.query(&Statement::built(way.name(), &sql), &params).await?;
    let uids: Result<HashSet<Uuid>, db::Error> = rows.iter().map(|row| Ok(row.try_get(0)?)).collect();
    let uids = uids?;
    if let Some(row) = rows.first() {
        let events: i64 = row.try_get(1).map_err(db::Error::from)?;
        let wanted = tags.iter().filter(|tag| uids.contains(tag)).count();
        db::Error::unless_all(u64::try_from(events).unwrap_or(0), wanted)?;
    }
    Ok(uids.into_iter().map(RecordUid::new).collect())
}

/// The columns that are written.
const COLUMNS: &str = "tenant_uid, tenant_id, collection_uid, collection_id, record_uid, record_id, revision, subject,
    create_time, update_time, expire_time, field_names, wrapped_key, sealed_fields";

/// Rows of records out of $7 to $20.
const GIVEN: &str =
    "SELECT r.a AS tenant_uid, r.b AS tenant_id, r.c AS collection_uid, r.d AS collection_id, r.e AS record_uid,
        r.f AS record_id, r.g AS revision, r.h AS subject, r.i AS create_time, r.j AS update_time, r.k AS expire_time,
        string_to_array(r.l, E'\\x1f') AS field_names, r.m AS wrapped_key, r.n AS sealed_fields
    FROM unnest($7::uuid[] /* tenant_uid */, $8::text[] /* tenant_id */, $9::uuid[] /* collection_uid */,
                $10::text[] /* collection_id */, $11::uuid[] /* record_uid */, $12::text[] /* record_id */,
                $13::bigint[] /* revision */, $14::text[] /* subject */, $15::timestamptz[] /* create_time */,
                $16::timestamptz[] /* update_time */, $17::timestamptz[] /* expire_time */,
                $18::text[] /* field_names */, $19::bytea[] /* wrapped_key */, $20::bytea[] /* sealed_fields */)
         AS r (a, b, c, d, e, f, g, h, i, j, k, l, m, n)";

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
    fn of(records: &'a [NewRecord<'a>]) -> Self {
        fn column<'a, T>(records: &'a [NewRecord<'a>], value: impl Fn(&'a RecordRow) -> T) -> Vec<T> {
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

    /// $7 to $20.
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
