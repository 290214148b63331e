//! What do we store? Where each audit log stands: size, head, compact range, how far audit-service has committed.

use db::types::ToSql;
use db::{Conn, Row, Tx};
use futures::future::join;
use names::{LogId, LogName};
use rows::{Checked, NewRow, NewRows, Table};
use tlog::compact_range::CompactRange;
use tlog::signer::{LogState, SegmentMeta};

use super::{Error, Store};

const HEADS: Table = Table::new("signer_heads");

const LOCK: &str = "-- signer_heads_lock()
    SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE";

const FETCH: &str = "-- signer_heads_fetch()
    SELECT h.log_id AS h_log_id, h.log_name AS h_log_name, h.size AS h_size, h.head AS h_head,
        h.compact_range AS h_compact_range, h.acknowledged AS h_acknowledged, h.row_mac AS h_row_mac,
        s.log_id AS s_log_id, s.first_index AS s_first_index, s.count AS s_count, s.previous_head AS s_previous_head,
        s.head AS s_head, s.range_before AS s_range_before, s.digest AS s_digest,
        s.create_time_us AS s_create_time_us, s.row_mac AS s_row_mac
    FROM signer_heads h
    LEFT JOIN LATERAL (
        SELECT log_id, first_index, count, previous_head, head, range_before, digest, create_time_us, row_mac
        FROM signer_segments WHERE log_id = h.log_id ORDER BY first_index DESC LIMIT 1
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
        let unreadable = || rows::Error::Unreadable { table: HEADS.name(), column: "log_name".to_owned() };
        let name = |row: &Row| -> Result<LogName, Error> {
            let name: &str = row.try_get("log_name").map_err(db::Error::from)?;
            Ok(name.parse().map_err(|_malformed| unreadable())?)
        };
        rows.iter().map(name).collect()
    }

    /// Writes where logs stand. `known` are those whose rows this transaction has locked; any other that has a row by now
    /// is left alone. Returns how many were written.
    pub async fn signer_heads_write(
        &self,
        tx: &Tx<'_>,
        states: &[(LogName, LogState)],
        known: &[LogId],
    ) -> Result<u64, Error> {
        let rows = states.iter().map(|(log, state)| {
            NewRow::of(HEADS)
                .with("log_id", tlog::log_id(log).as_uuid())
                .with("log_name", log.to_string())
                .with("size", state.size())
                .with("head", &state.head)
                .with("compact_range", state.range.encode())
                .with("acknowledged", state.acknowledged)
                .authenticated(self.rows())
        });
        let rows = NewRows::of(HEADS, rows.collect())?;
        if rows.is_empty() {
            return Ok(0);
        }
        let known: Vec<_> = known.iter().map(|log| log.as_uuid()).collect();
        let mut params = rows.params();
        params.push(&known);
        let sql = format!(
            "-- signer_heads_write()
            {}
            {}
            WHERE signer_heads.log_id = ANY(${}::uuid[] /* known */)",
            rows.insert(1),
            rows.on_conflict_update(&["log_id"]),
            params.len(),
        );
        Ok(tx.execute(&sql, &params).await?)
    }

    fn signer_head_from_row(&self, row: &Row) -> Result<StoredHead, Error> {
        let head = self.rows().check_joined(HEADS, "h_", row)?.ok_or(rows::Error::Altered { table: HEADS.name() })?;
        let (size, range): (u64, &[u8]) = (head.get("size")?, head.get("compact_range")?);
        let range = CompactRange::decode(range).ok_or_else(|| head.unreadable("compact_range"))?;
        let state = LogState { head: head.get("head")?, range, acknowledged: head.get("acknowledged")? };
        if state.size() != size {
            return Err(head.unreadable("size").into());
        }
        let newest = self.signer_segment_beside(row)?;
        Ok(StoredHead { log: name_in(&head)?, state, newest })
    }
}

fn name_in(head: &Checked<'_>) -> Result<LogName, Error> {
    let name: &str = head.get("log_name")?;
    Ok(name.parse().map_err(|_malformed| head.unreadable("log_name"))?)
}
