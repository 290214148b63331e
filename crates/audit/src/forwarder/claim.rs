//! The rows of one pass: claimed, and deleted or set aside in the same transaction.

use api::audit::v1::{AppendEventsRequest, Event};
use db::{Error, Row, Tx};
use prost::Message as _;
use uuid::Uuid;

use super::{Pauses, deliver::MAX_EVENTS};
use crate::{Outbox, OutboxRow};

/// Most rows of a claim.
const MAX_ROWS: i64 = 1_024;
/// Bytes of events that a claim aims at: rows may be large.
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

    /// After a failure, which may have been one to answer in time.
    pub(super) fn halved(self) -> Self {
        Self { rows: (self.rows / 2).max(1), events: (self.events / 2).max(1) }
    }
}

/// Rows that no other forwarder touches while the transaction lasts.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) rows: Vec<OutboxRow>,
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
#[derive(Debug)]
pub(super) struct Settled {
    /// Events with a receipt.
    pub(super) taken: usize,
    /// Logs of which something was delivered.
    pub(super) delivered_logs: Vec<String>,
    /// Logs that must be tried again later.
    pub(super) paused_logs: Vec<String>,
    claimed: usize,
    bytes: usize,
    /// Events of the rows that were delivered or tried.
    pub(super) events: usize,
    /// Rows that were claimed and left for the next pass.
    pub(super) left: usize,
    done: Vec<Uuid>,
    refused: Vec<Refused>,
}

impl Claim {
    /// Claims the oldest rows of logs that do not pause.
    pub(super) async fn take(tx: &Tx<'_>, pauses: &Pauses, portion: Portion) -> Result<Self, Error> {
        let limit = portion.rows;
        let pausing = pauses.pausing();
        let rows = if pausing.is_empty() {
            tx.query(CLAIM, &[&limit]).await?
        } else {
            let rows = tx.query(CLAIM_WITHOUT_PAUSING, &[&limit, &pauses.floor(), &pausing]).await?;
            if let Some(first) = rows.first() {
                pauses.raise_floor(first.try_get(0)?);
            }
            rows
        };
        Ok(Self { rows: rows.iter().map(outbox_row_from_row).collect::<Result<_, _>>()? })
    }
}

impl Settled {
    pub(super) fn new(claim: &Claim) -> Self {
        Self {
            taken: 0,
            delivered_logs: Vec::new(),
            paused_logs: Vec::new(),
            claimed: claim.rows.len(),
            bytes: claim.rows.iter().map(|row| row.events.len()).sum(),
            events: 0,
            left: 0,
            done: Vec::with_capacity(claim.rows.len()),
            refused: Vec::new(),
        }
    }

    /// Every event of the row was taken.
    pub(super) fn deliver(&mut self, row: OutboxRow) {
        self.done.push(row.id);
        add(&mut self.delivered_logs, row.log);
    }

    /// The row stays; its log pauses.
    pub(super) fn pause(&mut self, log: String) {
        add(&mut self.paused_logs, log);
    }

    /// Sets a row aside as it is.
    pub(super) fn refuse_row(&mut self, row: OutboxRow, reason: &str) {
        self.refuse(Refused { row, reason: reason.to_owned(), events: None });
    }

    /// Sets events aside that will never be taken.
    pub(super) fn refuse(&mut self, refused: Refused) {
        self.done.push(refused.row.id);
        self.refused.push(refused);
    }

    /// Deletes what is done and keeps what was refused, in the claim's transaction.
    pub(super) async fn write(&self, tx: &Tx<'_>, outbox: &Outbox) -> Result<(), Error> {
        for refused in &self.refused {
            let kept = refused.kept(outbox);
            tx.execute(
                INSERT_REFUSED,
                &[&refused.row.id, &kept.log, &kept.time_ns, &kept.events, &kept.mac, &refused.reason],
            )
            .await?;
        }
        if !self.done.is_empty() {
            let delete = if self.refused.is_empty() { DELETE_DELIVERED } else { DELETE };
            tx.execute(delete, &[&self.done]).await?;
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
    pub(super) fn is_full(&self, portion: Portion) -> bool {
        self.left > 0 || i64::try_from(self.claimed).is_ok_and(|claimed| claimed >= portion.rows)
    }

    /// As many rows of this size as make a good claim, and more events again after smaller portions.
    pub(super) fn next(&self, portion: Portion) -> Portion {
        let events = portion.events.saturating_mul(2).min(MAX_EVENTS);
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let (claimed, tried) = (number(self.claimed), number(self.claimed.saturating_sub(self.left)));
        let by_bytes = TARGET_BYTES.saturating_mul(claimed).checked_div(number(self.bytes));
        let by_events = number(events).saturating_mul(tried).checked_div(number(self.events));
        let rows = by_bytes.unwrap_or(MAX_ROWS).min(by_events.unwrap_or(MAX_ROWS));
        Portion { rows: rows.clamp(1, MAX_ROWS), events }
    }
}

impl Refused {
    /// The row to keep: the whole, or one with the refused events alone, authenticated anew.
    fn kept(&self, outbox: &Outbox) -> OutboxRow {
        let rest = self.events.as_ref().and_then(|events| {
            let events = AppendEventsRequest { events: events.clone() }.encode_to_vec();
            outbox.row_of_bytes(self.row.log.clone(), events).ok()
        });
        rest.unwrap_or_else(|| self.row.clone())
    }
}

fn add(logs: &mut Vec<String>, log: String) {
    // Rows of a log come together more often than not; the few repetitions that remain do no harm.
    if logs.last() != Some(&log) {
        logs.push(log);
    }
}

fn outbox_row_from_row(row: &Row) -> Result<OutboxRow, Error> {
    Ok(OutboxRow {
        id: row.try_get(0)?,
        log: row.try_get(1)?,
        time_ns: row.try_get(2)?,
        events: row.try_get(3)?,
        mac: row.try_get(4)?,
    })
}

// UUIDv7 keys: the order of the primary key is the order of writing.
const CLAIM: &str = "-- outbox_claim()
SELECT outbox_id, log_name, time_ns, events, mac FROM audit_outbox
ORDER BY outbox_id LIMIT $1 /* limit */ FOR UPDATE SKIP LOCKED";

const CLAIM_WITHOUT_PAUSING: &str = "-- outbox_claim_without_pausing()
SELECT outbox_id, log_name, time_ns, events, mac FROM audit_outbox
WHERE outbox_id >= $2 /* floor */ AND log_name <> ALL ($3::text[] /* pausing */)
ORDER BY outbox_id LIMIT $1 /* limit */ FOR UPDATE SKIP LOCKED";

const DELETE: &str = "-- outbox_delete()
DELETE FROM audit_outbox WHERE outbox_id = ANY ($1::uuid[] /* outbox_ids */)";

// The commit does not wait for the disk: a crash that undoes it brings back rows whose events audit-service knows by their
// ids, and that are delivered once more. The subquery is run once.
const DELETE_DELIVERED: &str = "-- outbox_delete_delivered()
DELETE FROM audit_outbox WHERE outbox_id = ANY ($1::uuid[] /* outbox_ids */)
    AND (SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL";

const INSERT_REFUSED: &str = "-- outbox_refused_insert()
INSERT INTO audit_outbox_refused (outbox_id, log_name, time_ns, events, mac, created_at, reason)
SELECT outbox_id, $2 /* log_name */, $3 /* time_ns */, $4 /* events */, $5 /* mac */, created_at, $6 /* reason */
FROM audit_outbox WHERE outbox_id = $1 /* outbox_id */
ON CONFLICT (outbox_id) DO NOTHING";
