//! What do we store? Sealed runs of entries with their MACs, until they are acknowledged and a day old.

use std::collections::HashMap;

use bytes::Bytes;
use clock::Timestamp;
use db::{Executor, Row, Statement, Tx, statement};
use names::{LogId, LogName};
use ring::digest::{Context, SHA256};
use rows::{Checked, NewRow, NewRows, Table};
use tlog::Hash;
use tlog::compact_range::CompactRange;
use tlog::protocol::StoredSegment;
use tlog::signer::seal::Stored;
use tlog::signer::{Clock, Sealing, SegmentMeta, pack, pack_macs, unpack, unpack_macs};

use super::{Error, Store};

/// The digest stands for the long columns, so that a segment's place can be read without them.
const SEGMENTS: Table = Table::new("signer_segments").leaving_out(&["entries", "macs", "snapshot"]);

/// What is read of a segment without its bytes.
macro_rules! place_columns {
    ($from:literal, $to:literal) => {
        rows::columns!($from, $to;
            fixed "log_id", fixed "first_index", fixed "count", bytes 33 "previous_head", bytes 33 "head",
            bytes 4097 "range_before", bytes 33 "digest_before", bytes 33 "digest", fixed "create_time_us",
            mac 129 "row_mac")
    };
}
pub(super) use place_columns;

/// Its bytes: those of all that one call of `SealBatch` may have, in one log.
macro_rules! long_columns {
    () => {
        rows::columns!("measured.", ""; bytes 4194305 "entries", bytes 180225 "macs", bytes 262145 "snapshot")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = concat!(place_columns!("measured.", ""), ", ", long_columns!());

/// Columns are NULL where SQL has dropped a constraint: the others count all the same.
const FROM: Statement = statement!(
    "signer_segments_from",
    "SELECT ",
    place_columns!("measured.", ""),
    ", ",
    long_columns!(),
    "
    FROM (
        SELECT log_id, first_index, count, previous_head, head, range_before, digest_before, entries,
            macs, snapshot, digest, create_time_us, row_mac,
            coalesce(sum(coalesce(octet_length(entries), 0) + coalesce(octet_length(macs), 0)
                    + coalesce(octet_length(snapshot), 0))
                OVER (ORDER BY first_index ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
        FROM (
            SELECT log_id, first_index, count, previous_head, head, range_before, digest_before, entries,
                macs, snapshot, digest, create_time_us, row_mac
            FROM signer_segments
            WHERE log_id = $1 /* log_id */ AND first_index >= $2 /* from */ ORDER BY first_index LIMIT 4096
        ) AS following
    ) AS measured
    WHERE bytes_before <= $3 /* max_bytes */ ORDER BY measured.first_index"
);

/// A segment without its bytes, and what a loss that ends before it needs.
#[derive(Debug, Clone)]
pub struct SegmentPlace {
    /// Its place and heads.
    pub meta: SegmentMeta,
    /// Compact range before it.
    pub range_before: CompactRange,
    /// Running digest of MACs before it.
    pub digest_before: Hash,
}

/// A sealed segment to keep.
#[derive(Debug)]
pub struct NewSegment<'a> {
    /// The log.
    pub log: &'a LogName,
    /// The segment.
    pub sealing: &'a Sealing,
    /// The snapshot after it.
    pub snapshot: &'a Bytes,
}

/// Where a log stands, as far as the removal of segments is concerned; checked.
#[derive(Debug, Clone, Copy)]
pub struct PruneUpTo {
    /// The log.
    pub log: LogId,
    /// How far it is acknowledged.
    pub acknowledged: u64,
    /// First index of the newest segment, which stays.
    pub newest: u64,
}

impl Store {
    /// Adds sealed segments.
    pub async fn signer_segments_insert(
        &self,
        tx: &Tx<'_>,
        segments: &[NewSegment<'_>],
        clock: Clock,
    ) -> Result<(), Error> {
        let rows = segments.iter().map(|NewSegment { log, sealing, snapshot }| {
            let (entries, macs) = (pack(&sealing.entries), pack_macs(&sealing.macs));
            NewRow::of(SEGMENTS)
                .with("log_id", tlog::log_id(log).as_uuid())
                .with("first_index", sealing.meta.first_index)
                .with("count", sealing.meta.count)
                .with("previous_head", &sealing.meta.previous_head)
                .with("head", &sealing.meta.head)
                .with("range_before", sealing.range_before.encode())
                .with("digest_before", &sealing.digest_before)
                .with("digest", digest(&entries, &macs, snapshot).to_vec())
                .with("entries", entries)
                .with("macs", macs)
                .with("snapshot", snapshot.to_vec())
                .with("create_time_us", clock.now_ns.div_euclid(1_000))
                .authenticated(self.rows())
        });
        let rows = NewRows::of(SEGMENTS, rows.collect())?;
        if rows.is_empty() {
            return Ok(());
        }
        tx.execute(&Statement::built("signer_segments_insert", &rows.insert(1)), &rows.params()).await?;
        Ok(())
    }

    /// For each log and index, the segment of the log with the greatest first index that is not above that index. Each
    /// row for itself: an altered one says nothing about other logs.
    pub async fn signer_segments_at(
        &self,
        db: &impl Executor,
        places: &[(LogId, u64)],
    ) -> Result<HashMap<LogId, Result<SegmentPlace, Error>>, Error> {
        if places.is_empty() {
            return Ok(HashMap::new());
        }
        let logs: Vec<_> = places.iter().map(|(log, _)| log.as_uuid()).collect();
        let indices: Vec<_> = places.iter().map(|(_, index)| i64::try_from(*index).unwrap_or(i64::MAX)).collect();
        let rows = db
            .query(
                &statement!(
                    "signer_segments_at",
                    "SELECT ",
                    place_columns!("at.", ""),
                    "
                FROM unnest($1::uuid[] /* log_id */, $2::bigint[] /* index */) AS wanted (log_id, index)
                CROSS JOIN LATERAL (
                    SELECT log_id, first_index, count, previous_head, head, range_before, digest_before, digest,
                        create_time_us, row_mac
                    FROM signer_segments WHERE log_id = wanted.log_id AND first_index <= wanted.index
                    ORDER BY first_index DESC LIMIT 1
                ) AS at"
                ),
                &[&logs, &indices],
            )
            .await?;
        let mut segments = HashMap::with_capacity(rows.len());
        for row in &rows {
            let log = LogId::new(row.try_get("log_id").map_err(db::Error::from)?);
            segments.insert(log, self.signer_segment_place(row));
        }
        Ok(segments)
    }

    /// Segments from index `from` on, oldest first: as many as hold about `max_bytes`, and at least one. Tells whether
    /// more follow.
    pub async fn signer_segments_from(
        &self,
        db: &impl Executor,
        log: LogId,
        from: u64,
        max_bytes: i64,
    ) -> Result<Stored, Error> {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let rows = db.query(&FROM, &[&log.as_uuid(), &from, &max_bytes]).await?;
        let segments = rows.iter().map(|row| self.signer_segment_from_row(row)).collect::<Result<Vec<_>, Error>>()?;
        let Some(last) = segments.last() else { return Ok(Stored { segments, more: false }) };
        let statement = statement!(
            "signer_segments_from",
            "SELECT EXISTS (SELECT FROM signer_segments
                WHERE log_id = $1 /* log_id */ AND first_index > $2 /* last */) AS more"
        );
        let last = i64::try_from(last.first_index).unwrap_or(i64::MAX);
        let more =
            db.query_one(&statement, &[&log.as_uuid(), &last]).await?.try_get("more").map_err(db::Error::from)?;
        Ok(Stored { segments, more })
    }

    /// When the newest of all segments was sealed. None without segments.
    pub async fn signer_segments_newest(&self, db: &impl Executor) -> Result<Option<Timestamp>, Error> {
        let statement = statement!(
            "signer_segments_newest",
            "SELECT ",
            rows::columns!("segments.", ""; fixed "newest"),
            " FROM (SELECT max(create_time_us) AS newest FROM signer_segments) AS segments"
        );
        let newest: Option<i64> = db.query_one(&statement, &[]).await?.try_get("newest").map_err(db::Error::from)?;
        Ok(newest.map(Timestamp::from_micros))
    }

    /// At most `limit` logs after `after`, in the order of their ids, that have segments older than `before` beside their
    /// newest one.
    pub async fn signer_segments_old(
        &self,
        db: &impl Executor,
        before: Timestamp,
        after: LogId,
        limit: i64,
    ) -> Result<Vec<LogId>, Error> {
        let statement = statement!(
            "signer_segments_old",
            "SELECT DISTINCT log_id FROM signer_segments AS old
            WHERE create_time_us < $1 /* before */ AND log_id > $2 /* after */
                AND EXISTS (SELECT FROM signer_segments WHERE log_id = old.log_id AND first_index > old.first_index)
            ORDER BY log_id LIMIT $3 /* limit */"
        );
        let rows = db.query(&statement, &[&before.as_micros(), &after.as_uuid(), &limit]).await?;
        rows.iter().map(|row| Ok(LogId::new(row.try_get("log_id").map_err(db::Error::from)?))).collect()
    }

    /// Removes segments that are acknowledged, older than `before` and not the newest of their log, at most `limit`;
    /// returns how many. What is acknowledged and newest is what `logs` say, not what rows say now.
    pub async fn signer_segments_prune(
        &self,
        db: &impl Executor,
        logs: &[PruneUpTo],
        before: Timestamp,
        limit: i64,
    ) -> Result<u64, Error> {
        let index = |index: u64| i64::try_from(index).unwrap_or(i64::MAX);
        let ids: Vec<_> = logs.iter().map(|log| log.log.as_uuid()).collect();
        let acknowledged: Vec<_> = logs.iter().map(|log| index(log.acknowledged)).collect();
        let newest: Vec<_> = logs.iter().map(|log| index(log.newest)).collect();
        Ok(db
            .execute(
                &statement!(
                    "signer_segments_prune",
                    "DELETE FROM signer_segments USING (
                    SELECT s.log_id, s.first_index
                    FROM unnest($1::uuid[] /* log_id */, $2::bigint[] /* acknowledged */, $3::bigint[] /* newest */)
                        AS head (log_id, acknowledged, newest)
                    JOIN signer_segments s ON s.log_id = head.log_id
                    WHERE s.create_time_us < $4 /* before */ AND s.first_index + s.count <= head.acknowledged
                        AND s.first_index < head.newest
                    LIMIT $5 /* limit */
                ) AS old
                WHERE signer_segments.log_id = old.log_id AND signer_segments.first_index = old.first_index"
                ),
                &[&ids, &acknowledged, &newest, &before.as_micros(), &limit],
            )
            .await?)
    }

    /// The segment that stands beside its log's head in a joined row, if there is one.
    pub(super) fn signer_segment_beside(&self, row: &Row) -> Result<Option<SegmentMeta>, Error> {
        let row = self.rows().check_joined(SEGMENTS, "s_", row)?;
        row.map(|row| meta(&row)).transpose()
    }

    fn signer_segment_place(&self, row: &Row) -> Result<SegmentPlace, Error> {
        let row = self.rows().check(SEGMENTS, row)?;
        let range = CompactRange::decode(row.get("range_before")?).ok_or_else(|| row.unreadable("range_before"))?;
        Ok(SegmentPlace { meta: meta(&row)?, range_before: range, digest_before: row.get("digest_before")? })
    }

    fn signer_segment_from_row(&self, row: &Row) -> Result<StoredSegment, Error> {
        let row = self.rows().check(SEGMENTS, row)?;
        let (entries, macs, snapshot): (&[u8], &[u8], &[u8]) =
            (row.get("entries")?, row.get("macs")?, row.get("snapshot")?);
        if digest(entries, macs, snapshot) != row.get::<[u8; 32]>("digest")? {
            return Err(rows::Error::altered(SEGMENTS).into());
        }
        let entries = unpack(Bytes::copy_from_slice(entries)).ok_or_else(|| row.unreadable("entries"))?;
        let macs = unpack_macs(macs).ok_or_else(|| row.unreadable("macs"))?;
        let (first_index, head) = (row.get("first_index")?, row.get("head")?);
        Ok(StoredSegment { first_index, entries, macs, head, snapshot: Bytes::copy_from_slice(snapshot) })
    }
}

/// A segment without its bytes.
fn meta(row: &Checked<'_>) -> Result<SegmentMeta, Error> {
    Ok(SegmentMeta {
        first_index: row.get("first_index")?,
        count: row.get("count")?,
        previous_head: row.get("previous_head")?,
        head: row.get("head")?,
    })
}

/// SHA-256 of entries, MACs and snapshot, the former two behind their lengths as u64.
fn digest(entries: &[u8], macs: &[u8], snapshot: &[u8]) -> [u8; 32] {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
    let mut context = Context::new(&SHA256);
    context.update(&length(entries));
    context.update(entries);
    context.update(&length(macs));
    context.update(macs);
    context.update(snapshot);
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use ::rows::RowKeys;
    use secret::SecretBytes;
    use test_support::postgres::Cluster;
    use uuid::Uuid;

    use super::*;
    use crate::MIGRATIONS;

    /// Nine segments, of which seven lack one of the long columns.
    const SEGMENTS_WITHOUT: &str = "ALTER TABLE signer_segments ALTER entries DROP NOT NULL, ALTER macs DROP NOT NULL,
            ALTER snapshot DROP NOT NULL;
        INSERT INTO signer_segments
        SELECT '00000000-0000-0000-0000-000000000000', n, 1, bytes, bytes, bytes, bytes, CASE WHEN n % 4 <> 1 THEN long END,
            CASE WHEN n % 4 <> 2 THEN long END, CASE WHEN n % 4 <> 3 THEN long END, bytes, n, bytes || bytes
        FROM generate_series(1, 9) AS n, decode(repeat('00', 32), 'hex') AS bytes, decode(repeat('00', 10000), 'hex') AS long";

    #[tokio::test]
    async fn segments_count_that_lack_one_of_their_columns() {
        let database = Cluster::shared().await.unwrap().database("key", MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        session.batch_execute(SEGMENTS_WITHOUT).await.unwrap();
        for first in 1..=9_i64 {
            // Each has at least two of the columns, and one is always read.
            let rows = session.query(FROM.sql(), &[&Uuid::nil(), &first, &19_999_i64]).await.unwrap();
            assert_eq!(rows.len(), 1, "from {first} on");
        }
        assert_eq!(session.query(FROM.sql(), &[&Uuid::nil(), &1_i64, &i64::MAX]).await.unwrap().len(), 9);
    }

    #[tokio::test]
    async fn a_time_that_sql_made_long_is_not_read_and_is_no_time() {
        let database = Cluster::shared().await.unwrap().database("key", MIGRATIONS).await.unwrap();
        let session = database.superuser().await.unwrap();
        session.batch_execute(SEGMENTS_WITHOUT).await.unwrap();
        let newest = async || {
            let keys = RowKeys::new(1, SecretBytes::from_slice(&[7; 32]).unwrap());
            let store = &Store::new(database.connect().unwrap(), keys);
            let db = store.db();
            store.signer_segments_newest(db).await
        };
        assert_eq!(newest().await.unwrap(), Some(Timestamp::from_micros(9)));
        let long = "ALTER TABLE signer_segments ALTER create_time_us TYPE text
            USING CASE create_time_us WHEN 9 THEN repeat('9', 1000) ELSE '1' END";
        session.batch_execute(long).await.unwrap();
        assert!(matches!(newest().await, Err(Error::Database(_))));
    }
}
