//! What do we store? Sealed runs of entries with their MACs, until they are acknowledged and a day old.

use bytes::Bytes;
use clock::Timestamp;
use db::{Conn, Row, Tx};
use envelope::stored::RowMac;
use names::{LogId, LogName};
use ring::digest::{Context, SHA256};
use tlog::compact_range::CompactRange;
use tlog::protocol::StoredSegment;
use tlog::signer::{Sealing, SegmentMeta, pack, pack_macs, unpack, unpack_macs};
use uuid::Uuid;

use super::row::{Columns, array, bigint, get, unsigned};
use super::{Error, Store};

const TABLE: &str = "signer_segments";
const UNREADABLE: Error = Error::Unreadable { table: TABLE };

/// Names of the columns of a segment without its bytes, as a query returns them.
pub(super) struct MetaColumns {
    first_index: &'static str,
    count: &'static str,
    previous_head: &'static str,
    head: &'static str,
    range_before: &'static str,
    digest: &'static str,
    create_time_us: &'static str,
    row_mac: &'static str,
}

impl MetaColumns {
    const PLAIN: Self = Self {
        first_index: "first_index",
        count: "count",
        previous_head: "previous_head",
        head: "head",
        range_before: "range_before",
        digest: "digest",
        create_time_us: "create_time_us",
        row_mac: "row_mac",
    };
    /// Beside the columns of the log's own row.
    pub(super) const PREFIXED: Self = Self {
        first_index: "s_first_index",
        count: "s_count",
        previous_head: "s_previous_head",
        head: "s_head",
        range_before: "s_range_before",
        digest: "s_digest",
        create_time_us: "s_create_time_us",
        row_mac: "s_row_mac",
    };
}

impl Store {
    /// Adds sealed segments.
    pub async fn signer_segments_insert(
        &self,
        tx: &Tx<'_>,
        sealings: &[(&LogName, &Sealing)],
        now: Timestamp,
    ) -> Result<(), Error> {
        let metas = || sealings.iter().map(|(_, sealing)| &sealing.meta);
        let ids: Vec<_> = sealings.iter().map(|(log, _)| tlog::log_id(log).as_uuid()).collect();
        let firsts: Vec<_> = metas().map(|meta| bigint(meta.first_index)).collect();
        let counts: Vec<_> = metas().map(|meta| bigint(meta.count)).collect();
        let previous: Vec<_> = metas().map(|meta| &meta.previous_head[..]).collect();
        let heads: Vec<_> = metas().map(|meta| &meta.head[..]).collect();
        let ranges: Vec<_> = sealings.iter().map(|(_, sealing)| sealing.range_before.encode()).collect();
        let entries: Vec<_> = sealings.iter().map(|(_, sealing)| pack(&sealing.entries)).collect();
        let macs: Vec<_> = sealings.iter().map(|(_, sealing)| pack_macs(&sealing.macs)).collect();
        let digests: Vec<_> = entries.iter().zip(&macs).map(|(entries, macs)| digest(entries, macs).to_vec()).collect();
        let row_macs: Vec<_> = metas()
            .zip(&ids)
            .zip(ranges.iter().zip(&digests))
            .map(|((meta, id), (range, digest))| columns(*id, meta, (range, digest, now)).mac(self.row_mac()).to_vec())
            .collect();
        tx.execute(
            "-- signer_segments_insert()
            INSERT INTO signer_segments (log_id, first_index, count, previous_head, head, range_before, entries, macs,
                digest, create_time_us, row_mac)
            SELECT log_id, first_index, count, previous_head, head, range_before, entries, macs, digest,
                $10 /* create_time_us */, row_mac
            FROM unnest($1::uuid[] /* log_id */, $2::bigint[] /* first_index */, $3::bigint[] /* count */,
                $4::bytea[] /* previous_head */, $5::bytea[] /* head */, $6::bytea[] /* range_before */,
                $7::bytea[] /* entries */, $8::bytea[] /* macs */, $9::bytea[] /* digest */, $11::bytea[] /* row_mac */)
                AS sealed (log_id, first_index, count, previous_head, head, range_before, entries, macs, digest, row_mac)",
            &[
                &ids, &firsts, &counts, &previous, &heads, &ranges, &entries, &macs, &digests, &now.as_micros(), &row_macs,
            ],
        )
        .await?;
        Ok(())
    }

    /// The segment with the greatest first index that is not above `index`, with the compact range before it.
    pub async fn signer_segment_at(
        &self,
        conn: &Conn,
        log: LogId,
        index: u64,
    ) -> Result<Option<(SegmentMeta, CompactRange)>, Error> {
        let row = conn
            .query_opt(
                "-- signer_segment_at()
                SELECT first_index, count, previous_head, head, range_before, digest, create_time_us, row_mac
                FROM signer_segments WHERE log_id = $1 /* log_id */ AND first_index <= $2 /* index */
                ORDER BY first_index DESC LIMIT 1",
                &[&log.as_uuid(), &bigint(index)],
            )
            .await?;
        row.map(|row| meta_from_row(self.row_mac(), log.as_uuid(), &row, &MetaColumns::PLAIN)).transpose()
    }

    /// Segments from index `from` on, oldest first: as many as hold about `max_bytes`, and at least one. Tells whether
    /// more follow.
    pub async fn signer_segments_from(
        &self,
        conn: &Conn,
        log: LogId,
        (from, max_bytes): (u64, i64),
    ) -> Result<(Vec<StoredSegment>, bool), Error> {
        let rows = conn
            .query(
                "-- signer_segments_from()
                SELECT first_index, count, previous_head, head, range_before, entries, macs, digest, create_time_us,
                    row_mac
                FROM (
                    SELECT *, sum(octet_length(entries) + octet_length(macs)) OVER (ORDER BY first_index)
                        - octet_length(entries) - octet_length(macs) AS bytes_before
                    FROM (
                        SELECT * FROM signer_segments
                        WHERE log_id = $1 /* log_id */ AND first_index >= $2 /* from */ ORDER BY first_index LIMIT 4096
                    ) AS following
                ) AS measured
                WHERE bytes_before <= $3 /* max_bytes */ ORDER BY first_index",
                &[&log.as_uuid(), &bigint(from), &max_bytes],
            )
            .await?;
        let segments = rows
            .iter()
            .map(|row| self.signer_segment_from_row(log.as_uuid(), row))
            .collect::<Result<Vec<_>, Error>>()?;
        let Some(last) = segments.last() else { return Ok((segments, false)) };
        let sql = "-- signer_segments_from()
            SELECT EXISTS (SELECT FROM signer_segments
                WHERE log_id = $1 /* log_id */ AND first_index > $2 /* last */) AS more";
        let more = get(&conn.query_one(sql, &[&log.as_uuid(), &bigint(last.first_index)]).await?, "more")?;
        Ok((segments, more))
    }

    /// Removes at most `limit` segments that are acknowledged, older than `before` and not the newest of their log;
    /// returns how many.
    pub async fn signer_segments_prune(&self, conn: &Conn, before: Timestamp, limit: i64) -> Result<u64, Error> {
        Ok(conn
            .execute(
                "-- signer_segments_prune()
                DELETE FROM signer_segments USING (
                    SELECT s.log_id, s.first_index
                    FROM signer_segments s JOIN signer_heads h USING (log_id)
                    WHERE s.create_time_us < $1 /* before */ AND s.first_index + s.count <= h.acknowledged
                        AND s.first_index + s.count < h.size
                    ORDER BY s.create_time_us LIMIT $2 /* limit */
                ) AS old
                WHERE signer_segments.log_id = old.log_id AND signer_segments.first_index = old.first_index",
                &[&before.as_micros(), &limit],
            )
            .await?)
    }

    fn signer_segment_from_row(&self, log: Uuid, row: &Row) -> Result<StoredSegment, Error> {
        let (meta, stored_digest) = meta_from_row_with_digest(self.row_mac(), log, row, &MetaColumns::PLAIN)?;
        let (entries, macs): (Vec<u8>, &[u8]) = (get(row, "entries")?, get(row, "macs")?);
        if digest(&entries, macs) != stored_digest {
            return Err(Error::RowAltered { table: TABLE });
        }
        let entries = unpack(Bytes::from(entries)).ok_or(UNREADABLE)?;
        let macs = unpack_macs(macs).ok_or(UNREADABLE)?;
        Ok(StoredSegment { first_index: meta.first_index, entries, macs, head: meta.head })
    }
}

/// A segment without its bytes, and the compact range before it.
pub(super) fn meta_from_row(
    row_mac: &RowMac,
    log: Uuid,
    row: &Row,
    names: &MetaColumns,
) -> Result<(SegmentMeta, CompactRange), Error> {
    let (meta, _) = meta_from_row_with_digest(row_mac, log, row, names)?;
    let range = CompactRange::decode(get(row, names.range_before)?).ok_or(UNREADABLE)?;
    Ok((meta, range))
}

fn meta_from_row_with_digest(
    row_mac: &RowMac,
    log: Uuid,
    row: &Row,
    names: &MetaColumns,
) -> Result<(SegmentMeta, [u8; 32]), Error> {
    let (first_index, count): (i64, i64) = (get(row, names.first_index)?, get(row, names.count)?);
    let (previous_head, head): (&[u8], &[u8]) = (get(row, names.previous_head)?, get(row, names.head)?);
    let (range, digest): (&[u8], &[u8]) = (get(row, names.range_before)?, get(row, names.digest)?);
    let created: i64 = get(row, names.create_time_us)?;
    let meta = SegmentMeta {
        first_index: unsigned(TABLE, first_index)?,
        count: unsigned(TABLE, count)?,
        previous_head: array(TABLE, previous_head)?,
        head: array(TABLE, head)?,
    };
    let time = Timestamp::from_micros(created);
    columns(log, &meta, (range, digest, time)).check(row_mac, get(row, names.row_mac)?)?;
    Ok((meta, array(TABLE, digest)?))
}

fn digest(entries: &[u8], macs: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(&u64::try_from(entries.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(entries);
    context.update(macs);
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

fn columns<'a>(
    log: Uuid,
    meta: &'a SegmentMeta,
    (range, digest, time): (&'a [u8], &'a [u8], Timestamp),
) -> Columns<'a> {
    Columns::of(TABLE)
        .uuid(log)
        .bigint(bigint(meta.first_index))
        .bigint(bigint(meta.count))
        .bytes(&meta.previous_head)
        .bytes(&meta.head)
        .bytes(range)
        .bytes(digest)
        .bigint(time.as_micros())
}
