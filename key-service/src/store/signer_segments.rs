//! What do we store? Sealed runs of entries with their MACs, until they are acknowledged and a day old.

use bytes::Bytes;
use clock::Timestamp;
use db::{Conn, Row, Tx};
use names::{LogId, LogName};
use ring::digest::{Context, SHA256};
use rows::{Checked, NewRow, NewRows, Table};
use tlog::compact_range::CompactRange;
use tlog::protocol::StoredSegment;
use tlog::signer::{Sealing, SegmentMeta, pack, pack_macs, unpack, unpack_macs};

use super::{Error, Store};

/// The digest stands for the long columns, so that a segment's place can be read without them.
const SEGMENTS: Table = Table::new("signer_segments").leaving_out(&["entries", "macs"]);

impl Store {
    /// Adds sealed segments.
    pub async fn signer_segments_insert(
        &self,
        tx: &Tx<'_>,
        sealings: &[(&LogName, &Sealing)],
        now: Timestamp,
    ) -> Result<(), Error> {
        let rows = sealings.iter().map(|(log, sealing)| {
            let (entries, macs) = (pack(&sealing.entries), pack_macs(&sealing.macs));
            NewRow::of(SEGMENTS)
                .with("log_id", tlog::log_id(log).as_uuid())
                .with("first_index", sealing.meta.first_index)
                .with("count", sealing.meta.count)
                .with("previous_head", &sealing.meta.previous_head)
                .with("head", &sealing.meta.head)
                .with("range_before", sealing.range_before.encode())
                .with("digest", digest(&entries, &macs).to_vec())
                .with("entries", entries)
                .with("macs", macs)
                .with("create_time_us", now.as_micros())
                .authenticated(self.rows())
        });
        let rows = NewRows::of(SEGMENTS, rows.collect())?;
        if rows.is_empty() {
            return Ok(());
        }
        tx.execute(&format!("-- signer_segments_insert()\n{}", rows.insert(1)), &rows.params()).await?;
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
                SELECT log_id, first_index, count, previous_head, head, range_before, digest, create_time_us, row_mac
                FROM signer_segments WHERE log_id = $1 /* log_id */ AND first_index <= $2 /* index */
                ORDER BY first_index DESC LIMIT 1",
                &[&log.as_uuid(), &i64::try_from(index).unwrap_or(i64::MAX)],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let row = self.rows().check(SEGMENTS, &row)?;
        let range = row.get("range_before")?;
        let range = CompactRange::decode(range).ok_or_else(|| row.unreadable("range_before"))?;
        Ok(Some((meta(&row)?, range)))
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
                SELECT log_id, first_index, count, previous_head, head, range_before, entries, macs, digest,
                    create_time_us, row_mac
                FROM (
                    SELECT log_id, first_index, count, previous_head, head, range_before, entries, macs, digest,
                        create_time_us, row_mac,
                        sum(octet_length(entries) + octet_length(macs)) OVER (ORDER BY first_index)
                            - octet_length(entries) - octet_length(macs) AS bytes_before
                    FROM (
                        SELECT log_id, first_index, count, previous_head, head, range_before, entries, macs, digest,
                            create_time_us, row_mac
                        FROM signer_segments
                        WHERE log_id = $1 /* log_id */ AND first_index >= $2 /* from */ ORDER BY first_index LIMIT 4096
                    ) AS following
                ) AS measured
                WHERE bytes_before <= $3 /* max_bytes */ ORDER BY first_index",
                &[&log.as_uuid(), &i64::try_from(from).unwrap_or(i64::MAX), &max_bytes],
            )
            .await?;
        let segments = rows.iter().map(|row| self.signer_segment_from_row(row)).collect::<Result<Vec<_>, Error>>()?;
        let Some(last) = segments.last() else { return Ok((segments, false)) };
        let sql = "-- signer_segments_from()
            SELECT EXISTS (SELECT FROM signer_segments
                WHERE log_id = $1 /* log_id */ AND first_index > $2 /* last */) AS more";
        let last = i64::try_from(last.first_index).unwrap_or(i64::MAX);
        let more = conn.query_one(sql, &[&log.as_uuid(), &last]).await?.try_get("more").map_err(db::Error::from)?;
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

    /// The segment that stands beside its log's head in a joined row, if there is one.
    pub(super) fn signer_segment_beside(&self, row: &Row) -> Result<Option<SegmentMeta>, Error> {
        let row = self.rows().check_joined(SEGMENTS, "s_", row)?;
        row.map(|row| meta(&row)).transpose()
    }

    fn signer_segment_from_row(&self, row: &Row) -> Result<StoredSegment, Error> {
        let row = self.rows().check(SEGMENTS, row)?;
        let (entries, macs): (&[u8], &[u8]) = (row.get("entries")?, row.get("macs")?);
        if digest(entries, macs) != row.get::<[u8; 32]>("digest")? {
            return Err(rows::Error::Altered { table: SEGMENTS.name() }.into());
        }
        let entries = unpack(Bytes::copy_from_slice(entries)).ok_or_else(|| row.unreadable("entries"))?;
        let macs = unpack_macs(macs).ok_or_else(|| row.unreadable("macs"))?;
        Ok(StoredSegment { first_index: row.get("first_index")?, entries, macs, head: row.get("head")? })
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

fn digest(entries: &[u8], macs: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(&u64::try_from(entries.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(entries);
    context.update(macs);
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
