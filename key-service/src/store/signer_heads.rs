//! What do we store? Where each audit log stands: size, head, compact range, how far audit-service has committed, and how
//! many alarms and losses of it there must be.

use std::collections::{HashMap, HashSet};

use db::types::ToSql;
use db::{Conn, Row, Tx};
use futures::future::join;
use names::{LogId, LogName};
use rows::{Carried, Checked, NewRow, NewRows, Table};
use tlog::compact_range::CompactRange;
use tlog::protocol::Tally;
use tlog::signer::{Clock, LogState, SegmentMeta};
use tlog::snapshot::PruneMark;
use uuid::Uuid;

use super::{Error, Store};

const HEADS: Table = Table::new("signer_heads");

const LOCK: &str = "-- signer_heads_lock()
    SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE";

const LOCK_FREE: &str = "-- signer_heads_lock_free()
    SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE SKIP LOCKED";

/// One row at least, for the clock's sake.
const FETCH: &str = "-- signer_heads_fetch()
    SELECT (extract(epoch FROM clock.now) * 1000000)::bigint AS now_us,
        h.log_id AS h_log_id, h.log_name AS h_log_name, h.size AS h_size, h.head AS h_head,
        h.compact_range AS h_compact_range, h.last_logged_ns AS h_last_logged_ns, h.macs_digest AS h_macs_digest,
        h.prune_mark AS h_prune_mark, h.acknowledged AS h_acknowledged, h.agreed_ns AS h_agreed_ns,
        h.stale_at AS h_stale_at, h.explained_from AS h_explained_from, h.advanced_to AS h_advanced_to,
        h.alarms_raised AS h_alarms_raised, h.raised_at AS h_raised_at, h.alarm_number AS h_alarm_number, h.alarm_digest AS h_alarm_digest, h.open_alarms AS h_open_alarms,
        h.loss_number AS h_loss_number, h.loss_digest AS h_loss_digest, h.changes AS h_changes, h.row_mac AS h_row_mac,
        s.log_id AS s_log_id, s.first_index AS s_first_index, s.count AS s_count, s.previous_head AS s_previous_head,
        s.head AS s_head, s.range_before AS s_range_before, s.digest_before AS s_digest_before, s.digest AS s_digest,
        s.create_time_us AS s_create_time_us, s.row_mac AS s_row_mac
    FROM (SELECT clock_timestamp() AS now) AS clock
    LEFT JOIN signer_heads h ON h.log_id = ANY($1 /* log_ids */)
    LEFT JOIN LATERAL (
        SELECT log_id, first_index, count, previous_head, head, range_before, digest_before, digest, create_time_us,
            row_mac
        FROM signer_segments WHERE log_id = h.log_id ORDER BY first_index DESC LIMIT 1
    ) s ON true
    ORDER BY h.log_name";

/// A log's row together with the newest stored segment.
#[derive(Debug, Clone)]
pub struct StoredHead {
    /// The log.
    pub log: LogName,
    /// Where it stands.
    pub state: LogState,
    /// The newest segment; none where the log was advanced, or SQL took it away.
    pub newest: Option<SegmentMeta>,
}

/// Rows of logs as they are stored, by the log's id.
pub type HeadRows = HashMap<LogId, Carried>;

/// The rows of logs that exist, each for itself: an altered one says nothing about others.
#[derive(Debug)]
pub struct StoredHeads {
    /// The rows, by the log's id, in the order of the logs' names.
    pub heads: Vec<(LogId, Result<StoredHead, Error>)>,
    /// Those that may be used, for their updates.
    pub rows: HeadRows,
    /// The database's clock at the time.
    pub clock: Clock,
}

impl Store {
    /// The rows of the logs that exist, locked, in the order of their ids, until the transaction ends.
    ///
    /// Two statements in one round trip: one that waits for a lock goes on with the newest version of the locked row, but
    /// sees everything else, the segments too, as it was when the statement began.
    pub async fn signer_heads_lock(&self, tx: &Tx<'_>, logs: &[LogId]) -> Result<StoredHeads, Error> {
        // Prepared first, so that the statements themselves are sent in this order.
        tx.prepare_cached(LOCK).await?;
        tx.prepare_cached(FETCH).await?;
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let params: [&(dyn ToSql + Sync); 1] = [&ids];
        let (locked, rows) = join(tx.execute(LOCK, &params), tx.query(FETCH, &params)).await;
        locked?;
        self.signer_heads_from_rows(&rows?)
    }

    /// Like [`Self::signer_heads_lock`], without those that somebody else has locked: their ids.
    pub async fn signer_heads_lock_free(
        &self,
        tx: &Tx<'_>,
        logs: &[LogId],
    ) -> Result<(StoredHeads, HashSet<LogId>), Error> {
        tx.prepare_cached(LOCK_FREE).await?;
        tx.prepare_cached(FETCH).await?;
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let params: [&(dyn ToSql + Sync); 1] = [&ids];
        let (locked, rows) = join(tx.query(LOCK_FREE, &params), tx.query(FETCH, &params)).await;
        let id = |row: &Row| Ok(LogId::new(row.try_get("log_id").map_err(db::Error::from)?));
        let locked: HashSet<LogId> = locked?.iter().map(id).collect::<Result<_, Error>>()?;
        let mut heads = self.signer_heads_from_rows(&rows?)?;
        let (free, busy): (Vec<_>, Vec<_>) = heads.heads.into_iter().partition(|(id, _)| locked.contains(id));
        heads.heads = free;
        Ok((heads, busy.into_iter().map(|(id, _)| id).collect()))
    }

    /// The rows of the logs that exist.
    pub async fn signer_heads_fetch(&self, conn: &Conn, logs: &[LogId]) -> Result<StoredHeads, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let rows = conn.query(FETCH, &[&ids]).await?;
        self.signer_heads_from_rows(&rows)
    }

    /// Which of these logs have a row.
    pub async fn signer_heads_which(&self, conn: &Conn, logs: &[LogId]) -> Result<Vec<LogId>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let sql = "-- signer_heads_which()
            SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */)";
        let rows = conn.query(sql, &[&ids]).await?;
        rows.iter().map(|row| Ok(LogId::new(row.try_get("log_id").map_err(db::Error::from)?))).collect()
    }

    /// At most `limit` names of logs that have entries or alarms, sorted, after `after`. A name that is none was put there by
    /// SQL and is passed over: it hides no log.
    pub async fn signer_log_names(&self, conn: &Conn, after: &str, limit: i64) -> Result<Vec<LogName>, Error> {
        let (wanted, mut after) = (usize::try_from(limit).unwrap_or(usize::MAX), after.to_owned());
        let mut names = Vec::new();
        loop {
            let page = self.signer_log_names_page(conn, &after, limit).await?;
            let is_last = page.len() < wanted;
            if let Some(last) = page.last() {
                after.clone_from(last);
            }
            names.extend(page.iter().filter_map(|name| name.parse().ok()));
            if is_last || names.len() >= wanted {
                names.truncate(wanted);
                return Ok(names);
            }
        }
    }

    async fn signer_log_names_page(&self, conn: &Conn, after: &str, limit: i64) -> Result<Vec<String>, Error> {
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
        rows.iter().map(|row| Ok(row.try_get("log_name").map_err(db::Error::from)?)).collect()
    }

    /// Writes where logs stand. `known` are the rows that this transaction has locked; any other that has a row by now
    /// is left alone. Returns how many were written.
    pub async fn signer_heads_write(
        &self,
        tx: &Tx<'_>,
        states: &[(LogName, LogState)],
        known: &HeadRows,
    ) -> Result<u64, Error> {
        let rows = states.iter().map(|(log, state)| self.signer_head_row(log, state, known));
        let rows = NewRows::of(HEADS, rows.collect())?;
        if rows.is_empty() {
            return Ok(0);
        }
        let known: Vec<_> = known.keys().map(|log| log.as_uuid()).collect();
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

    fn signer_head_row<'a>(&self, log: &LogName, state: &'a LogState, known: &HeadRows) -> NewRow<'a> {
        let id = tlog::log_id(log);
        let row = NewRow::of(HEADS)
            .with("log_id", id.as_uuid())
            .with("log_name", log.to_string())
            .with("size", state.size())
            .with("head", &state.head)
            .with("compact_range", state.range.encode())
            .with("last_logged_ns", state.last_logged_ns)
            .with("macs_digest", &state.macs_digest)
            .with("prune_mark", state.prune_mark.as_ref().map(encode_mark))
            .with("acknowledged", state.acknowledged)
            .with("agreed_ns", state.agreed_ns)
            .with("stale_at", state.stale_at)
            .with("explained_from", state.explained_from)
            .with("advanced_to", state.advanced_to)
            .with("alarms_raised", state.alarms_raised)
            .with("raised_at", state.raised_at)
            .with("alarm_number", state.alarms.number)
            .with("alarm_digest", &state.alarms.digest)
            .with("open_alarms", state.open_alarms)
            .with("loss_number", state.losses.number)
            .with("loss_digest", &state.losses.digest)
            .with("changes", state.changes);
        let row = if let Some(carried) = known.get(&id) { row.carrying(carried) } else { row };
        row.authenticated(self.rows())
    }

    fn signer_heads_from_rows(&self, rows: &[Row]) -> Result<StoredHeads, Error> {
        let unreadable = rows::Error::Unreadable { table: HEADS.name(), column: "now_us".to_owned() };
        let now_us: i64 = rows.first().ok_or(unreadable)?.try_get("now_us").map_err(db::Error::from)?;
        let mut heads = Vec::with_capacity(rows.len());
        let mut carried = HeadRows::with_capacity(rows.len());
        for row in rows {
            let id: Option<Uuid> = row.try_get("h_log_id").map_err(db::Error::from)?;
            let Some(id) = id.map(LogId::new) else { continue };
            let head = self.signer_head_from_row(row).map(|(head, row)| {
                carried.insert(id, row);
                head
            });
            heads.push((id, head));
        }
        Ok(StoredHeads { heads, rows: carried, clock: Clock { now_ns: now_us.saturating_mul(1_000) } })
    }

    fn signer_head_from_row(&self, row: &Row) -> Result<(StoredHead, Carried), Error> {
        let head = self.rows().check_joined(HEADS, "h_", row)?.ok_or(rows::Error::Altered { table: HEADS.name() })?;
        let (size, range): (u64, &[u8]) = (head.get("size")?, head.get("compact_range")?);
        let range = CompactRange::decode(range).ok_or_else(|| head.unreadable("compact_range"))?;
        let mark: Option<&[u8]> = head.get("prune_mark")?;
        let decoded = |mark| decode_mark(mark).ok_or_else(|| head.unreadable("prune_mark"));
        let state = LogState {
            head: head.get("head")?,
            range,
            last_logged_ns: head.get("last_logged_ns")?,
            macs_digest: head.get("macs_digest")?,
            prune_mark: mark.map(decoded).transpose()?,
            acknowledged: head.get("acknowledged")?,
            agreed_ns: head.get("agreed_ns")?,
            stale_at: head.get("stale_at")?,
            explained_from: head.get("explained_from")?,
            advanced_to: head.get("advanced_to")?,
            alarms_raised: head.get("alarms_raised")?,
            raised_at: head.get("raised_at")?,
            alarms: Tally { number: head.get("alarm_number")?, digest: head.get("alarm_digest")? },
            open_alarms: head.get("open_alarms")?,
            losses: Tally { number: head.get("loss_number")?, digest: head.get("loss_digest")? },
            changes: head.get("changes")?,
        };
        if state.size() != size {
            return Err(head.unreadable("size").into());
        }
        let newest = self.signer_segment_beside(row)?;
        Ok((StoredHead { log: name_in(&head)?, state, newest }, head.carried()))
    }
}

fn name_in(head: &Checked<'_>) -> Result<LogName, Error> {
    let name: &str = head.get("log_name")?;
    Ok(name.parse().map_err(|_malformed| head.unreadable("log_name"))?)
}

/// Head 32 ‖ compact range.
fn encode_mark(mark: &PruneMark) -> Vec<u8> {
    [&mark.head[..], &mark.range.encode()].concat()
}

fn decode_mark(bytes: &[u8]) -> Option<PruneMark> {
    let (head, range) = bytes.split_first_chunk()?;
    Some(PruneMark { head: *head, range: CompactRange::decode(range)? })
}
