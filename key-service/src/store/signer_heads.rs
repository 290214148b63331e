//! What do we store? Where each audit log stands: size, head, compact range, how far audit-service has committed, and how
//! many alarms and losses of it there must be.

use std::collections::{HashMap, HashSet};

use db::types::ToSql;
use db::{Executor, Place, Row, Statement, Tx, statement};
use futures::future::join3;
use names::{LogId, LogName};
use rows::{Carried, Checked, NewRow, NewRows, Table};
use tlog::compact_range::CompactRange;
use tlog::protocol::Tally;
use tlog::signer::{Clock, LogState, SegmentMeta};
use tlog::snapshot::PruneMark;
use uuid::Uuid;

use super::signer_segments::place_columns;
use super::{Error, Store};

const HEADS: Table = Table::new("signer_heads");

/// Rows that stand at places. No index serves a comparison by IS NOT DISTINCT FROM: so the planner goes by the places and not by
/// the key, which leads to every version of a row.
macro_rules! placed {
    () => {
        "unnest($1::uuid[] /* log_ids */, $2::text[] /* places */) AS known (log_id, place)
        JOIN signer_heads h ON h.ctid = known.place::tid AND h.log_id IS NOT DISTINCT FROM known.log_id"
    };
}

/// How rows are locked.
#[derive(Debug)]
struct Lock {
    by_key: Statement,
    by_place: Statement,
    /// Whether rows are waited for that somebody else has locked.
    waits: bool,
}

const LOCK: Lock = Lock {
    by_key: statement!(
        "signer_heads_lock",
        "SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE"
    ),
    by_place: statement!(
        "signer_heads_lock_placed",
        "SELECT h.log_id FROM ",
        placed!(),
        " ORDER BY h.log_id FOR UPDATE OF h"
    ),
    waits: true,
};

const LOCK_FREE: Lock = Lock {
    by_key: statement!(
        "signer_heads_lock_free",
        "SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */) ORDER BY log_id FOR UPDATE SKIP LOCKED"
    ),
    by_place: statement!(
        "signer_heads_lock_free_placed",
        "SELECT h.log_id FROM ",
        placed!(),
        " ORDER BY h.log_id FOR UPDATE OF h SKIP LOCKED"
    ),
    waits: false,
};

/// Every column, as it is read.
macro_rules! columns {
    () => {
        rows::columns!("h.", "h_";
            fixed "log_id", text 256 "log_name", fixed "size", bytes 33 "head", bytes 4097 "compact_range",
            fixed "last_logged_ns", bytes 33 "macs_digest", bytes 4097 "prune_mark", fixed "acknowledged",
            fixed "agreed_ns", fixed "stale_at", fixed "explained_from", fixed "advanced_to", fixed "alarms_raised",
            fixed "raised_at", fixed "alarm_number", bytes 33 "alarm_digest", fixed "open_alarms", fixed "loss_number",
            bytes 33 "loss_digest", fixed "changes", mac 129 "row_mac")
    };
}

#[cfg(test)]
pub(super) const COLUMNS: &str = columns!();

/// Rows of logs with their newest segments. One row at least, for the clock's sake.
macro_rules! fetch {
    ($name:literal, $heads:expr) => {
        statement!(
            $name,
            "SELECT (extract(epoch FROM clock.now) * 1000000)::bigint AS now_us,
        ",
            columns!(),
            ", h.ctid::text AS place, ",
            place_columns!("s.", "s_"),
            "
    FROM (SELECT clock_timestamp() AS now) AS clock
    LEFT JOIN ",
            $heads,
            "
    LEFT JOIN LATERAL (
        SELECT log_id, first_index, count, previous_head, head, range_before, digest_before, digest, create_time_us,
            row_mac
        FROM signer_segments WHERE log_id = h.log_id ORDER BY first_index DESC LIMIT 1
    ) s ON true
    ORDER BY h.log_name"
        )
    };
}

const FETCH: Statement = fetch!("signer_heads_fetch", "signer_heads h ON h.log_id = ANY($1 /* log_ids */)");

const FETCH_PLACED: Statement = fetch!("signer_heads_fetch_placed", concat!("(", placed!(), ") ON true"));

/// What a statement that writes rows returns of each.
const PLACE: &str = "signer_heads.log_id, signer_heads.ctid::text AS place";

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
pub type HeadRows = HashMap<LogId, HeadRow>;

/// A row as it is stored.
#[derive(Debug, Clone)]
pub struct HeadRow {
    /// What an update of it takes along.
    pub carried: Carried,
    /// Where it stands, for as long as it is locked.
    pub place: Place,
}

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
    ///
    /// Where not all rows stand where they stood last, those that do are locked before the others. Of two transactions that wait
    /// for each other because of that one gives up, by its `lock_timeout` or by PostgreSQL's choice, and runs again.
    pub async fn signer_heads_lock(&self, tx: &Tx<'_>, logs: &[LogId]) -> Result<StoredHeads, Error> {
        let (_, heads) = self.lock_and_fetch(tx, logs, &LOCK).await?;
        Ok(heads)
    }

    /// Like [`Self::signer_heads_lock`], without those that somebody else has locked: their ids.
    pub async fn signer_heads_lock_free(
        &self,
        tx: &Tx<'_>,
        logs: &[LogId],
    ) -> Result<(StoredHeads, HashSet<LogId>), Error> {
        let (locked, mut heads) = self.lock_and_fetch(tx, logs, &LOCK_FREE).await?;
        let (free, busy): (Vec<_>, Vec<_>) = heads.heads.into_iter().partition(|(id, _)| locked.contains(id));
        heads.heads = free;
        Ok((heads, busy.into_iter().map(|(id, _)| id).collect()))
    }

    /// Locks rows where they stood last, or else by their keys, and reads them: the ids of those that are locked, and all.
    async fn lock_and_fetch(
        &self,
        tx: &Tx<'_>,
        logs: &[LogId],
        lock: &Lock,
    ) -> Result<(HashSet<LogId>, StoredHeads), Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let (_, places) = self.places.of(&ids);
        if places.len() == ids.len() {
            let (locked, rows) = locked_rows(tx, [&lock.by_place, &FETCH_PLACED], &[&ids, &places]).await?;
            let heads = self.signer_heads_from_rows(&rows)?;
            // A row that was committed between both statements is read, and not locked.
            if heads.heads.len() == ids.len() && (!lock.waits || locked.len() == ids.len()) {
                return Ok((locked, heads));
            }
        }
        let (locked, rows) = locked_rows(tx, [&lock.by_key, &FETCH], &[&ids]).await?;
        let heads = self.signer_heads_from_rows(&rows)?;
        for (id, row) in heads.rows.iter().filter(|(id, _)| locked.contains(id)) {
            self.places.learn(id.as_uuid(), row.place.clone());
        }
        Ok((locked, heads))
    }

    /// The rows of the logs that exist.
    pub async fn signer_heads_fetch(&self, db: &impl Executor, logs: &[LogId]) -> Result<StoredHeads, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let rows = db.query(&FETCH, &[&ids]).await?;
        self.signer_heads_from_rows(&rows)
    }

    /// Which of these logs have a row.
    pub async fn signer_heads_which(&self, db: &impl Executor, logs: &[LogId]) -> Result<Vec<LogId>, Error> {
        let ids: Vec<_> = logs.iter().map(|log| log.as_uuid()).collect();
        let statement =
            statement!("signer_heads_which", "SELECT log_id FROM signer_heads WHERE log_id = ANY($1 /* log_ids */)");
        let rows = db.query(&statement, &[&ids]).await?;
        rows.iter().map(|row| Ok(LogId::new(row.try_get("log_id").map_err(db::Error::from)?))).collect()
    }

    /// Writes where logs stand. `known` are the rows that this transaction has locked; any other that has a row by now
    /// is left alone. Returns how many were written.
    pub async fn signer_heads_write(
        &self,
        tx: &Tx<'_>,
        states: &[(LogName, LogState)],
        known: &HeadRows,
    ) -> Result<u64, Error> {
        let mut places = Vec::new();
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for (log, state) in states {
            let row = Self::signer_head_row(log, state);
            match known.get(&tlog::log_id(log)) {
                Some(HeadRow { carried, place }) => {
                    places.push(place);
                    old.push(row.carrying(carried).authenticated(self.rows()));
                }
                None => new.push(row.authenticated(self.rows())),
            }
        }
        let (old, new) = (NewRows::of(HEADS, old)?, NewRows::of(HEADS, new)?);
        let mut written = 0_u64;
        if !old.is_empty() {
            let mut params = old.params();
            params.push(&places);
            let statement = Statement::built(
                "signer_heads_update",
                &format!("{} RETURNING {PLACE}", old.update_placed(&["log_id"], 1)),
            );
            written += self.learn_places(&tx.query(&statement, &params).await?)?;
        }
        if !new.is_empty() {
            let statement = Statement::built(
                "signer_heads_insert",
                &format!("{} ON CONFLICT DO NOTHING RETURNING {PLACE}", new.insert(1)),
            );
            written += self.learn_places(&tx.query(&statement, &new.params()).await?)?;
        }
        Ok(written)
    }

    /// Remembers where rows stand that were just written, and counts them. If that is not committed after all, they are
    /// looked for by their keys the next time.
    fn learn_places(&self, rows: &[Row]) -> Result<u64, Error> {
        for row in rows {
            let id = row.try_get("log_id").map_err(db::Error::from)?;
            self.places.learn(id, row.try_get("place").map_err(db::Error::from)?);
        }
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    fn signer_head_row<'a>(log: &LogName, state: &'a LogState) -> NewRow<'a> {
        NewRow::of(HEADS)
            .with("log_id", tlog::log_id(log).as_uuid())
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
            .with("changes", state.changes)
    }

    fn signer_heads_from_rows(&self, rows: &[Row]) -> Result<StoredHeads, Error> {
        let unreadable = rows::Error::Unreadable { table: HEADS.name(), column: "now_us".to_owned() };
        let now_us: i64 = rows.first().ok_or(unreadable)?.try_get("now_us").map_err(db::Error::from)?;
        let mut heads = Vec::with_capacity(rows.len());
        let mut rows_of = HeadRows::with_capacity(rows.len());
        for row in rows {
            let id: Option<Uuid> = row.try_get("h_log_id").map_err(db::Error::from)?;
            let Some(id) = id.map(LogId::new) else { continue };
            let place: Place = row.try_get("place").map_err(db::Error::from)?;
            let head = self.signer_head_from_row(row).map(|(head, carried)| {
                rows_of.insert(id, HeadRow { carried, place });
                head
            });
            heads.push((id, head));
        }
        Ok(StoredHeads { heads, rows: rows_of, clock: Clock { now_ns: now_us.saturating_mul(1_000) } })
    }

    fn signer_head_from_row(&self, row: &Row) -> Result<(StoredHead, Carried), Error> {
        let head = self.rows().check_joined(HEADS, "h_", row)?.ok_or(rows::Error::altered(HEADS))?;
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

/// For the rest of a transaction: a plan that is made while nothing is known of the table is kept, and the table grows.
const BY_INDEX_OR_PLACE: &str = "SET LOCAL enable_seqscan = off";

/// Locks rows and reads them, one statement behind the other in one round trip.
async fn locked_rows(
    tx: &Tx<'_>,
    [lock, fetch]: [&Statement; 2],
    params: &[&(dyn ToSql + Sync)],
) -> Result<(HashSet<LogId>, Vec<Row>), Error> {
    // Prepared first, so that the statements themselves are sent in this order.
    tx.prepare(lock).await?;
    tx.prepare(fetch).await?;
    let (planned, locked, rows) =
        join3(tx.batch(BY_INDEX_OR_PLACE), tx.query(lock, params), tx.query(fetch, params)).await;
    planned?;
    let id = |row: &Row| Ok(LogId::new(row.try_get("log_id").map_err(db::Error::from)?));
    Ok((locked?.iter().map(id).collect::<Result<_, Error>>()?, rows?))
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

#[cfg(test)]
mod tests;
