//! What do we store? Where each audit log stands: size, head, compact range, how far audit-service has committed.

use db::types::ToSql;
use db::{Conn, Row, Tx};
use futures::future::join;
use names::{LogId, LogName};
use tlog::compact_range::CompactRange;
use tlog::signer::{LogState, SegmentMeta};

use super::row::{Columns, array, bigint, get, unsigned};
use super::signer_segments::{MetaColumns, meta_from_row};
use super::{Error, Store};

const TABLE: &str = "signer_heads";

const LOCK: &str = "-- signer_heads_lock()
    SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE";

const FETCH: &str = "-- signer_heads_fetch()
    SELECT h.*, s.first_index AS s_first_index, s.count AS s_count, s.previous_head AS s_previous_head,
        s.head AS s_head, s.range_before AS s_range_before, s.digest AS s_digest,
        s.create_time_us AS s_create_time_us, s.row_mac AS s_row_mac
    FROM signer_heads h
    LEFT JOIN LATERAL (
        SELECT * FROM signer_segments WHERE log_id = h.log_id ORDER BY first_index DESC LIMIT 1
    ) s ON true
    WHERE h.log_id = ANY($1 /* log_ids */)
    ORDER BY h.log_name";

/// A log's row together with the newest stored segment.
#[derive(Debug, Clone)]
pub struct StoredHead {
    /// The log.
    pub log: LogName,
    /// Where it stands.
    pub state: LogState,
    /// The newest segment; none where SQL took it away.
    pub newest: Option<SegmentMeta>,
}

impl Store {
    /// The rows of the logs that exist, locked until the transaction ends, in the order of their ids.
    ///
    /// Two statements in one round trip: one that waits for a lock goes on with the newest version of the locked row, but
    /// sees everything else, the segments too, as it was when the statement began.
    pub async fn signer_heads_lock(&self, tx: &Tx<'_>, logs: &[LogId]) -> Result<Vec<StoredHead>, Error> {
        // Prepared first, so that the statements themselves are sent in this order.
        tx.prepare_cached(LOCK).await?;
        tx.prepare_cached(FETCH).await?;
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let params: [&(dyn ToSql + Sync); 1] = [&ids];
        let (locked, rows) = join(tx.execute(LOCK, &params), tx.query(FETCH, &params)).await;
        locked?;
        rows?.iter().map(|row| self.signer_head_from_row(row)).collect()
    }

    /// The rows of the logs that exist, in the order of their names.
    pub async fn signer_heads_fetch(&self, conn: &Conn, logs: &[LogId]) -> Result<Vec<StoredHead>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let rows = conn.query(FETCH, &[&ids]).await?;
        rows.iter().map(|row| self.signer_head_from_row(row)).collect()
    }

    /// At most `limit` names of logs that have entries or alarms, sorted, after `after`.
    pub async fn signer_log_names(&self, conn: &Conn, after: &str, limit: i64) -> Result<Vec<LogName>, Error> {
        let rows = conn
            .query(
                "-- signer_log_names()
                SELECT log_name FROM (
                    (SELECT log_name FROM signer_heads WHERE log_name > $1 /* after */
                        ORDER BY log_name LIMIT $2 /* limit */)
                    UNION
                    (SELECT DISTINCT log_name FROM signer_alarms WHERE log_name > $1 /* after */
                        ORDER BY log_name LIMIT $2 /* limit */)
                ) AS named ORDER BY log_name LIMIT $2 /* limit */",
                &[&after, &limit],
            )
            .await?;
        rows.iter().map(|row| log_name(get(row, "log_name")?)).collect()
    }

    /// Writes where logs stand. `known` are those whose rows this transaction has locked; any other that has a row by now
    /// is left alone. Returns how many were written.
    pub async fn signer_heads_write(
        &self,
        tx: &Tx<'_>,
        states: &[(LogName, LogState)],
        known: &[LogId],
    ) -> Result<u64, Error> {
        let ids: Vec<_> = states.iter().map(|(log, _)| tlog::log_id(log).as_uuid()).collect();
        let names: Vec<_> = states.iter().map(|(log, _)| log.to_string()).collect();
        let sizes: Vec<_> = states.iter().map(|(_, state)| bigint(state.size())).collect();
        let heads: Vec<_> = states.iter().map(|(_, state)| &state.head[..]).collect();
        let ranges: Vec<_> = states.iter().map(|(_, state)| state.range.encode()).collect();
        let marks: Vec<_> = states.iter().map(|(_, state)| bigint(state.acknowledged)).collect();
        let macs: Vec<_> = states
            .iter()
            .zip(&names)
            .zip(&ranges)
            .map(|(((log, state), name), range)| {
                columns(tlog::log_id(log), name, (state, range)).mac(self.row_mac()).to_vec()
            })
            .collect();
        let known: Vec<_> = known.iter().map(|log| log.as_uuid()).collect();
        let rows = tx
            .execute(
                "-- signer_heads_write()
                INSERT INTO signer_heads (log_id, log_name, size, head, compact_range, acknowledged, row_mac)
                SELECT * FROM unnest($1::uuid[] /* log_id */, $2::text[] /* log_name */, $3::bigint[] /* size */,
                    $4::bytea[] /* head */, $5::bytea[] /* compact_range */, $6::bigint[] /* acknowledged */,
                    $7::bytea[] /* row_mac */)
                ON CONFLICT (log_id) DO UPDATE SET size = excluded.size, head = excluded.head,
                    compact_range = excluded.compact_range, acknowledged = excluded.acknowledged,
                    row_mac = excluded.row_mac
                WHERE signer_heads.log_id = ANY($8::uuid[] /* known */)",
                &[&ids, &names, &sizes, &heads, &ranges, &marks, &macs, &known],
            )
            .await?;
        Ok(rows)
    }

    fn signer_head_from_row(&self, row: &Row) -> Result<StoredHead, Error> {
        let (id, name): (uuid::Uuid, &str) = (get(row, "log_id")?, get(row, "log_name")?);
        let (size, marked): (i64, i64) = (get(row, "size")?, get(row, "acknowledged")?);
        let (head, range): (&[u8], &[u8]) = (get(row, "head")?, get(row, "compact_range")?);
        Columns::of(TABLE)
            .uuid(id)
            .text(name)
            .bigint(size)
            .bytes(head)
            .bytes(range)
            .bigint(marked)
            .check(self.row_mac(), get(row, "row_mac")?)?;
        let range = CompactRange::decode(range).ok_or(Error::Unreadable { table: TABLE })?;
        let state = LogState { head: array(TABLE, head)?, range, acknowledged: unsigned(TABLE, marked)? };
        if bigint(state.size()) != size {
            return Err(Error::Unreadable { table: TABLE });
        }
        let newest = row.try_get::<_, Option<i64>>("s_first_index").map_err(db::Error::from)?;
        let newest = newest.map(|_| meta_from_row(self.row_mac(), id, row, &MetaColumns::PREFIXED)).transpose()?;
        Ok(StoredHead { log: log_name(name)?, state, newest: newest.map(|(meta, _)| meta) })
    }
}

fn log_name(name: &str) -> Result<LogName, Error> {
    name.parse().map_err(|_name| Error::Unreadable { table: TABLE })
}

fn columns<'a>(id: LogId, name: &'a str, (state, range): (&'a LogState, &'a [u8])) -> Columns<'a> {
    Columns::of(TABLE)
        .uuid(id.as_uuid())
        .text(name)
        .bigint(bigint(state.size()))
        .bytes(&state.head)
        .bytes(range)
        .bigint(bigint(state.acknowledged))
}
