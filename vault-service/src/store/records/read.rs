//! Reading records: each column for itself, so that what SQL has put into one row hides no other.

use db::types::FromSql;
use db::{Error, Executor, Row, statement};
use names::{CollectionUid, RecordUid, TenantUid};
use uuid::Uuid;

use super::row::{RecordHead, RecordKey, RecordRow};
use crate::store::types::{Most, Part, PgTime, from_bigint};

/// Bytes of the names of a record with two between them; of more or longer names than the vault writes, which are not even
/// added up, more than of any.
macro_rules! name_bytes {
    () => {
        "CASE WHEN pg_column_size(records.field_names) <= 65536 AND cardinality(records.field_names) <= 256
              THEN octet_length(array_to_string(records.field_names, '--', '')) ELSE 2147483647 END"
    };
}

/// What every statement reads that reads records, in the order of `head_from_row`. The look-up of the deleted ones is one by
/// primary key. The schema bounds no length: of what is longer than the vault writes it, so much comes as cannot be genuine
/// either, and no names.
macro_rules! head {
    () => {
        concat!(
            rows::columns!("records.", "";
                text 128 "tenant_id", text 128 "collection_id", fixed "record_uid", text 65 "record_id", fixed "revision",
                text 256 "subject", fixed "create_time", fixed "update_time", fixed "expire_time"),
            ",
               CASE WHEN ",
            name_bytes!(),
            " <= 65536 THEN records.field_names END AS field_names, ",
            rows::columns!("records.", ""; bytes 1024 "wrapped_key"),
            ",
               EXISTS (SELECT FROM deleted_records d
                       WHERE d.tenant_uid = records.tenant_uid AND d.record_uid = records.record_uid
                         AND d.tenant_id = records.tenant_id AND d.collection_id = records.collection_id
                         AND d.record_id = records.record_id) AS is_deleted"
        )
    };
}

/// A record that is there; of a large one, what surrounds its fields.
#[derive(Debug, Clone)]
pub struct FetchedRecord {
    /// The row, without names and sealed fields where they were left out.
    pub row: RecordRow,
    /// Bytes of the sealed fields.
    pub sealed_bytes: usize,
    /// Bytes of the names, and of what stands between them.
    pub name_bytes: usize,
    /// Whether they were left out.
    pub is_cut: bool,
}

impl FetchedRecord {
    /// With so many bytes for each they come with the row.
    pub fn bytes(&self) -> usize {
        self.sealed_bytes.max(self.name_bytes)
    }
}

/// A record to fetch, and how many bytes its sealed fields and its names may have to come with it.
#[derive(Debug, Clone, Copy)]
pub struct WantedRow<'a> {
    /// Where it is.
    pub key: RecordKey<'a>,
    /// Most bytes of its sealed fields and of its names; of more, both are left out.
    pub most: i32,
}

/// The records with these keys, in their order; none where there is none.
pub async fn records_fetch(db: &impl Executor, wanted: &[WantedRow<'_>]) -> Result<Vec<Option<FetchedRecord>>, Error> {
    // LATERAL with a limit stays a lookup by key for each, whatever the planner thinks of the table's size. The length of a
    // value that is stored elsewhere is known without reading it.
    let statement = statement!(
        "records_fetch",
        "SELECT r.tenant_id, r.collection_id, r.record_uid, r.record_id, r.revision, r.subject, r.create_time,
               r.update_time, r.expire_time, CASE WHEN r.is_cut THEN '{}' ELSE r.field_names END, r.wrapped_key,
               r.is_deleted, CASE WHEN r.is_cut THEN '' ELSE r.sealed_fields END, octet_length(r.sealed_fields),
               r.name_bytes, r.is_cut, k.position
        FROM unnest($1::uuid[] /* tenant_uid */, $2::uuid[] /* collection_uid */, $3::text[] /* record_id */,
                    $4::int[] /* most */)
             WITH ORDINALITY AS k (tenant_uid, collection_uid, record_id, most, position),
             LATERAL (SELECT ",
        head!(),
        ", sealed_fields, ",
        name_bytes!(),
        " AS name_bytes,
                             greatest(octet_length(sealed_fields), ",
        name_bytes!(),
        ") > k.most AS is_cut
                      FROM records
                      WHERE records.tenant_uid = k.tenant_uid AND records.collection_uid = k.collection_uid
                        AND records.record_id = k.record_id
                      LIMIT 1) AS r"
    );
    let tenants: Vec<Uuid> = wanted.iter().map(|one| one.key.tenant_uid.as_uuid()).collect();
    let collections: Vec<Uuid> = wanted.iter().map(|one| one.key.collection_uid.as_uuid()).collect();
    let ids: Vec<&str> = wanted.iter().map(|one| one.key.record_id).collect();
    let most: Vec<i32> = wanted.iter().map(|one| one.most).collect();
    let mut found = vec![None; wanted.len()];
    for row in db.query(&statement, &[&tenants, &collections, &ids, &most]).await? {
        let position: i64 = row.try_get(16)?;
        let index = usize::try_from(position).ok().and_then(|position| position.checked_sub(1));
        if let Some((one, place)) = index.and_then(|index| wanted.get(index).zip(found.get_mut(index))) {
            let fetched = row_from_row(one.key.tenant_uid, one.key.collection_uid, &row);
            // NULL only where SQL has dropped a constraint: what cannot be read shows when the row is looked at.
            let bytes = |position| {
                let bytes: Option<i32> = row.try_get(position)?;
                Ok::<_, Error>(bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or_default())
            };
            let (sealed_bytes, name_bytes) = (bytes(13)?, bytes(14)?);
            let is_cut = row.try_get::<_, Option<bool>>(15)?.unwrap_or_default();
            *place = Some(FetchedRecord { row: fetched, sealed_bytes, name_bytes, is_cut });
        }
    }
    Ok(found)
}

/// Ids and uids of those of the records with these ids that are there, in no order.
pub async fn record_uids_fetch(
    db: &impl Executor,
    tenant_uid: TenantUid,
    collection_uid: CollectionUid,
    record_ids: &[&str],
) -> Result<Vec<(String, RecordUid)>, Error> {
    let statement = statement!(
        "record_uids_fetch",
        "SELECT record_id, record_uid FROM records
        WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
          AND record_id = ANY($3::text[]) /* record_ids */"
    );
    let rows = db.query(&statement, &[&tenant_uid.as_uuid(), &collection_uid.as_uuid(), &record_ids]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, RecordUid::new(row.try_get(1)?)))).collect()
}

/// What surrounds the fields of the record with this key.
pub async fn record_head_fetch(db: &impl Executor, key: RecordKey<'_>) -> Result<Option<RecordHead>, Error> {
    let statement = statement!(
        "record_head_fetch",
        "SELECT ",
        head!(),
        "
        FROM records
        WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
          AND record_id = $3 /* record_id */"
    );
    let row =
        db.query_opt(&statement, &[&key.tenant_uid.as_uuid(), &key.collection_uid.as_uuid(), &key.record_id]).await?;
    Ok(row.as_ref().map(head_from_row))
}

/// Some records of a collection in the order of their ids, those after `after`, without their fields. An id that is longer
/// than any was put there by SQL, and no name leads to it: it is passed over, for it may fit into no token of a page.
pub async fn record_head_list(
    db: &impl Executor,
    tenant_uid: TenantUid,
    collection_uid: CollectionUid,
    after: Option<&str>,
    most: Most,
) -> Result<Part<RecordHead>, Error> {
    let statement = statement!(
        "record_head_list",
        "SELECT ",
        head!(),
        ", records.rows_read
        FROM (SELECT tenant_uid, tenant_id, collection_id, record_uid, record_id, revision, subject, create_time,
                     update_time, expire_time, field_names, wrapped_key,
                     coalesce(sum(bytes) OVER (ORDER BY record_id) - coalesce(bytes, 0), 0) AS bytes_before, count(*) OVER () AS rows_read
              FROM (SELECT tenant_uid, tenant_id, collection_id, record_uid, record_id, revision, subject, create_time,
                           update_time, expire_time, field_names, wrapped_key,
                           nullif(",
        name_bytes!(),
        ", 2147483647) AS bytes
                    FROM records
                    WHERE tenant_uid = $1 /* tenant_uid */ AND collection_uid = $2 /* collection_uid */
                      AND record_id > $3 /* after */ AND octet_length(record_id) <= 64
                    ORDER BY record_id LIMIT $4 /* rows */) AS page) AS records
        WHERE bytes_before <= $5 /* bytes */
        ORDER BY records.record_id"
    );
    let (tenant, collection, after) = (tenant_uid.as_uuid(), collection_uid.as_uuid(), after.unwrap_or(""));
    let rows = db.query(&statement, &[&tenant, &collection, &after, &most.rows, &most.bytes]).await?;
    let read = rows.first().map(|row| row.try_get(12)).transpose()?.unwrap_or(0_i64);
    Ok(Part {
        is_cut: usize::try_from(read).is_ok_and(|read| read > rows.len()),
        rows: rows.iter().map(head_from_row).collect(),
    })
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

/// Rows in which SQL has made every column long, by another type where it is of fixed width.
#[cfg(test)]
mod tests {
    use test_support::postgres::Cluster;

    #[tokio::test]
    async fn of_a_row_that_sql_made_long_no_more_is_read_than_of_the_longest() {
        let database = Cluster::shared().await.unwrap().database("vault", crate::store::MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        let long = "CREATE TEMPORARY TABLE long AS SELECT '00000000-0000-0000-0000-000000000000'::uuid AS tenant_uid,
            '00000000-0000-0000-0000-000000000000'::uuid AS record_uid, text AS tenant_id, text AS collection_id,
            text AS record_id, text AS revision, text AS subject, text AS create_time, text AS update_time,
            text AS expire_time, ARRAY[text] AS field_names, decode(repeat('00', 6000000), 'hex') AS wrapped_key
            FROM (SELECT repeat('x', 6000000) AS text) AS long";
        session.batch_execute(long).await.unwrap();
        let row = session.query_one(concat!("SELECT ", head!(), " FROM long AS records"), &[]).await.unwrap();
        assert!(row.raw_size_bytes() <= 2 << 10, "{} bytes", row.raw_size_bytes());
    }
}
