//! The rows of one pass: claimed, and deleted or set aside in the same transaction.

use std::collections::BTreeMap;

use api::audit::v1::{AppendEventsRequest, Event};
use db::{Error, Executor as _, Row, Statement, Tx, statement};
use futures::future::try_join;
use prost::Message as _;
use uuid::Uuid;

use crate::backlog::PLAN;
use crate::schedule::Due;
use crate::{Outbox, OutboxRow};

/// Most events in one request: the API's limit.
pub(super) const MAX_EVENTS: usize = 2_048;
/// Most rows of a claim.
const MAX_ROWS: i64 = 1_024;
/// Most bytes of events that a claim reads, but for a single row.
const MAX_BYTES: i64 = 4 * 1024 * 1024;
/// Bytes of events that a claim aims at.
const TARGET_BYTES: i64 = 2 * 1024 * 1024;

/// How much a pass takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Portion {
    /// Rows that it claims.
    rows: i64,
    /// Events that it delivers, unless a single row has more.
    pub(super) events: usize,
}

impl Portion {
    /// Where nothing is known of the rows.
    pub(super) const FIRST: Self = Self { rows: 64, events: MAX_EVENTS };
    /// As much as there may be.
    pub(super) const WHOLE: Self = Self { rows: MAX_ROWS, events: MAX_EVENTS };

    /// Fewer rows, after a pass of which nothing came; the next one that something comes of tells what is good.
    pub(super) fn fewer_rows(self) -> Self {
        Self { rows: (self.rows / 2).max(1), ..self }
    }

    /// After failures, of which each may have been one to answer in time.
    pub(super) fn after(self, failures: u32) -> Self {
        Self { rows: (self.rows >> failures).max(1), events: (self.events >> failures).max(1) }
    }

    /// Most rows of each log, at least one, and together at most twice the portion. Logs that are known to have rows share
    /// it among themselves: those that may have some, and mostly have none, take nothing away from them.
    fn limits(self, due: &[Due]) -> Vec<i64> {
        let share =
            |logs: usize| i64::try_from(logs).ok().and_then(|logs| self.rows.checked_div(logs)).unwrap_or(1).max(1);
        let of_known = share(due.iter().filter(|due| due.first.is_some()).count());
        let of_noticed = share(due.len());
        due.iter().map(|due| if due.first.is_some() { of_known } else { of_noticed }).collect()
    }
}

/// Rows that no other forwarder touches while the transaction lasts.
#[derive(Debug)]
pub(super) struct Claim {
    /// In turns, one of each log.
    pub(super) rows: Vec<OutboxRow>,
    /// What was claimed of each log.
    pub(super) logs: BTreeMap<String, OfLog>,
}

/// What was claimed of a log, and what became of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfLog {
    /// The first row.
    pub(super) first: Uuid,
    /// Where its rows go on that this pass leaves; `None`: it leaves none.
    pub(super) rest: Option<Uuid>,
    /// Whether some of its events were not taken.
    pub(super) failed: bool,
    rows: i64,
}

/// A row with events that will never be taken.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) row: OutboxRow,
    pub(super) reason: String,
    /// The refused events, where the others of the row were taken; None: the row as it is.
    pub(super) events: Option<Vec<Event>>,
}

/// What became of a claim.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Events with a receipt.
    pub(super) taken: usize,
    /// What became of each log.
    pub(super) logs: BTreeMap<String, OfLog>,
    claimed: usize,
    bytes: usize,
    /// Events of the rows that were delivered or tried.
    pub(super) events: usize,
    done: Vec<(String, Uuid)>,
    refused: Vec<Refused>,
}

impl Claim {
    /// Claims the oldest rows of logs.
    pub(super) async fn take(tx: &Tx<'_>, due: &[Due], portion: Portion) -> Result<Self, Error> {
        let names: Vec<&str> = due.iter().map(|due| due.log.as_str()).collect();
        let from: Vec<Uuid> = due.iter().map(|due| due.from).collect();
        let limits = portion.limits(due);
        let claim = async { tx.query(&CLAIM, &[&names, &from, &limits, &MAX_BYTES]).await };
        let ((), rows) = try_join(tx.batch(PLAN), claim).await?;
        let mut claim = Self { rows: Vec::with_capacity(rows.len()), logs: BTreeMap::new() };
        for row in &rows {
            claim.add(row)?;
        }
        for (due, limit) in due.iter().zip(limits) {
            if let Some(log) = claim.logs.get_mut(&due.log).filter(|log| log.rows < limit) {
                log.rest = None;
            }
        }
        for row in &rows {
            if !Self::is_read(row)? {
                claim.leave(row.try_get(0)?, row.try_get(1)?);
            }
        }
        Ok(claim)
    }

    fn add(&mut self, row: &Row) -> Result<(), Error> {
        let (log, id): (String, Uuid) = (row.try_get(0)?, row.try_get(1)?);
        let of_log = OfLog { first: id, rest: None, failed: false, rows: 0 };
        let known = self.logs.entry(log.clone()).or_insert(of_log);
        known.rest = Some(id);
        known.rows = known.rows.saturating_add(1);
        if Self::is_read(row)? {
            let (time_ns, events, mac) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
            self.rows.push(OutboxRow { id, log, time_ns, events, mac });
        }
        Ok(())
    }

    /// Whether a row came with its events: not where they are too many bytes to be read with the others.
    fn is_read(row: &Row) -> Result<bool, Error> {
        Ok(row.try_get(2)?)
    }

    /// The first row of each log.
    pub(super) fn firsts(&self) -> BTreeMap<String, Uuid> {
        self.logs.iter().map(|(log, of_log)| (log.clone(), of_log.first)).collect()
    }

    /// A row is left for the next pass.
    fn leave(&mut self, log: &str, id: Uuid) {
        if let Some(known) = self.logs.get_mut(log) {
            known.leave(id);
        }
    }
}

impl OfLog {
    fn leave(&mut self, id: Uuid) {
        self.rest = Some(self.rest.map_or(id, |rest| rest.min(id)));
    }
}

impl Settled {
    pub(super) fn new(claim: &Claim) -> Self {
        Self {
            taken: 0,
            logs: claim.logs.clone(),
            claimed: claim.rows.len(),
            bytes: claim.rows.iter().map(|row| row.events.len()).sum(),
            events: 0,
            done: Vec::with_capacity(claim.rows.len()),
            refused: Vec::new(),
        }
    }

    /// Every event of the row was taken.
    pub(super) fn deliver(&mut self, row: OutboxRow) {
        self.done.push((row.log, row.id));
    }

    /// The row is left for the next pass.
    pub(super) fn leave(&mut self, row: &OutboxRow) {
        self.claimed = self.claimed.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(row.events.len());
        if let Some(log) = self.logs.get_mut(&row.log) {
            log.leave(row.id);
        }
    }

    /// The row stays, and its log is tried alone.
    pub(super) fn fail(&mut self, row: &OutboxRow) {
        if let Some(log) = self.logs.get_mut(&row.log) {
            log.failed = true;
        }
    }

    /// Sets a row aside as it is.
    pub(super) fn refuse_row(&mut self, row: OutboxRow, reason: &str) {
        self.refuse(Refused { row, reason: reason.to_owned(), events: None });
    }

    /// Sets events aside that will never be taken.
    pub(super) fn refuse(&mut self, refused: Refused) {
        self.done.push((refused.row.log.clone(), refused.row.id));
        self.refused.push(refused);
    }

    /// Deletes what is done and keeps what was refused, in the claim's transaction.
    pub(super) async fn write(&self, tx: &Tx<'_>, outbox: &Outbox) -> Result<(), Error> {
        for refused in &self.refused {
            let Refused { row, reason, .. } = refused;
            let rest = refused.rest(outbox);
            let (time_ns, events, mac) = (
                rest.as_ref().map(|rest| rest.time_ns),
                rest.as_ref().map(|rest| &rest.events),
                rest.as_ref().map(|rest| &rest.mac),
            );
            tx.execute(&INSERT_REFUSED, &[&row.log, &row.id, &time_ns, &events, &mac, reason]).await?;
        }
        if !self.done.is_empty() {
            let delete = if self.refused.is_empty() { &DELETE_DELIVERED } else { &DELETE };
            let logs: Vec<&str> = self.done.iter().map(|(log, _)| log.as_str()).collect();
            let ids: Vec<Uuid> = self.done.iter().map(|(_, id)| *id).collect();
            tx.execute(delete, &[&logs, &ids]).await?;
        }
        Ok(())
    }

    /// After the commit: counts, and an alarm for each refused row.
    pub(super) fn measure(&self) {
        metrics::counter!("audit_forwarded_events_total").increment(u64::try_from(self.taken).unwrap_or(u64::MAX));
        for Refused { row, reason, .. } in &self.refused {
            metrics::counter!("audit_outbox_refused_total", "reason" => reason.clone()).increment(1);
            tracing::error!(outbox_id = %row.id, log = row.log, reason, "an outbox row was refused and set aside");
        }
    }

    /// Whether there were at least as many rows or events as could be taken.
    pub(super) fn is_full(&self) -> bool {
        self.logs.values().any(|log| log.rest.is_some() && !log.failed)
    }

    /// Whether rows of several logs were tried, and nothing became of any.
    pub(super) fn is_unserved(&self) -> bool {
        self.done.is_empty() && self.logs.values().filter(|log| log.failed).count() > 1
    }

    /// As many rows of this size as make a good claim.
    pub(super) fn next(&self, portion: Portion) -> Portion {
        if self.claimed == 0 {
            return portion;
        }
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let claimed = number(self.claimed);
        let by_bytes = TARGET_BYTES.saturating_mul(claimed).checked_div(number(self.bytes));
        let by_events = number(MAX_EVENTS).saturating_mul(claimed).checked_div(number(self.events));
        let rows = by_bytes.unwrap_or(MAX_ROWS).min(by_events.unwrap_or(MAX_ROWS));
        Portion { rows: rows.clamp(1, MAX_ROWS), events: MAX_EVENTS }
    }
}

impl Refused {
    /// What is kept of the row where it is not the whole: one with the refused events alone, authenticated anew.
    fn rest(&self, outbox: &Outbox) -> Option<OutboxRow> {
        let events = AppendEventsRequest { events: self.events.clone()? }.encode_to_vec();
        outbox.row_with_id(self.row.id, self.row.log.clone(), events).ok()
    }
}

// Of each log the oldest rows, from one on before which none is known to wait; locked while they are narrow, then read as far
// as their bytes go. UUIDv7 keys: the order of the primary key is the order of writing. A row of more than 16 MiB was written by
// nobody who writes here: so much is read of it that it is refused, and the database keeps the rest. NULL, where there must be
// none, is read as a value under which no MAC holds: such a row is refused, too, and stops no other.
const CLAIM: Statement = statement!(
    "outbox_claim",
    "WITH claimed AS MATERIALIZED (
    SELECT of_log.log_name, of_log.outbox_id, of_log.bytes
    FROM unnest($1::text[] /* log_names */, $2::uuid[] /* from */, $3::bigint[] /* limits */)
        AS due (log_name, outbox_id, most)
    CROSS JOIN LATERAL (
        SELECT log_name, outbox_id, coalesce(octet_length(events), 0) AS bytes FROM audit_outbox AS o
        WHERE o.log_name = due.log_name AND o.outbox_id >= due.outbox_id
        ORDER BY o.log_name, o.outbox_id LIMIT due.most FOR UPDATE SKIP LOCKED
    ) AS of_log
), in_turns AS (
    SELECT log_name, outbox_id, bytes, row_number() OVER (PARTITION BY log_name ORDER BY outbox_id) AS turn FROM claimed
), measured AS (
    SELECT log_name, outbox_id, turn, sum(bytes) OVER (ORDER BY turn, log_name) - bytes AS bytes_before FROM in_turns
)
SELECT measured.log_name, measured.outbox_id, coalesce(body.is_read, false), body.time_ns, body.events, body.mac
FROM measured LEFT JOIN LATERAL (
    SELECT true AS is_read, coalesce(time_ns, 0) AS time_ns,
        coalesce(substr(events, 1, 16777217), '') AS events, coalesce(substr(mac, 1, 129), '') AS mac
    FROM audit_outbox AS o
    WHERE o.log_name = measured.log_name AND o.outbox_id = measured.outbox_id AND bytes_before < $4 /* bytes */
) AS body ON true
ORDER BY turn, log_name"
);

const DELETE: Statement = statement!(
    "outbox_delete",
    "DELETE FROM audit_outbox AS o USING unnest($1::text[] /* log_names */, $2::uuid[] /* outbox_ids */) AS done (log_name, outbox_id)
WHERE o.log_name = done.log_name AND o.outbox_id = done.outbox_id"
);

// The commit does not wait for the disk: a crash that undoes it brings back rows whose events audit-service knows by their
// ids, and that are delivered once more. The subquery is run once.
const DELETE_DELIVERED: Statement = statement!(
    "outbox_delete_delivered",
    "DELETE FROM audit_outbox AS o USING unnest($1::text[] /* log_names */, $2::uuid[] /* outbox_ids */) AS done (log_name, outbox_id)
WHERE o.log_name = done.log_name AND o.outbox_id = done.outbox_id
    AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL"
);

const INSERT_REFUSED: Statement = statement!(
    "outbox_refused_insert",
    "INSERT INTO audit_outbox_refused (log_name, outbox_id, time_ns, events, mac, created_at, reason)
SELECT log_name, outbox_id, coalesce($3 /* time_ns */, time_ns, 0), coalesce($4 /* events */, events, ''),
       coalesce($5 /* mac */, mac, ''), coalesce(created_at, '-infinity'), $6 /* reason */
FROM audit_outbox WHERE log_name = $1 /* log_name */ AND outbox_id = $2 /* outbox_id */
ON CONFLICT (log_name, outbox_id) DO NOTHING"
);
