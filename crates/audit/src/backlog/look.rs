//! The statements that tell how much waits. Each walks the primary key alone, and from rows on that are known to wait.

use std::time::Duration;

use db::{Db, Error, Executor as _, Row, Statement, statement};
use futures::future::try_join;
use uuid::Uuid;

/// Logs that a statement finds.
const PAGE: i64 = 1_000;

/// Keeps statements on their index: a plan that was made while the table was small is kept, and the table grows fast.
pub(crate) const PLAN: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
     SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

/// Rows, and the bytes of their events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Amount {
    pub(super) fn and(self, other: Self) -> Self {
        Self { rows: self.rows.saturating_add(other.rows), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// A log to look at.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) log: String,
    /// No row before this one is known to wait.
    pub(super) first: Uuid,
    /// Rows before this one were counted.
    pub(super) counted: Uuid,
}

/// What waits of a log.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) log: String,
    /// The first row.
    pub(super) first: Uuid,
    /// Since it was written.
    pub(super) age: Duration,
    /// Rows that were not counted before and will not be again.
    pub(super) settled: Amount,
    /// Rows that will be counted again.
    pub(super) fresh: Amount,
}

/// The next logs in the order of their names that have rows, each with its first; `None` where its rows have no id, so that
/// none can be delivered.
pub(super) async fn logs(db: &Db, after: &str) -> Result<Vec<(String, Option<Uuid>)>, Error> {
    let rows = db.run_tx("outbox_logs", |tx| {
        Box::pin(async move {
            let logs = async { tx.query(&SELECT_LOGS, &[&after, &PAGE]).await };
            Ok::<_, Error>(try_join(tx.batch(PLAN), logs).await?.1)
        })
    });
    rows.await?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// What waits of these logs; those of which nothing does have no answer. Rows before `recent` are settled.
pub(super) async fn waiting(db: &Db, questions: &[Question], recent: Uuid) -> Result<Vec<Look>, Error> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let logs: Vec<&str> = questions.iter().map(|question| question.log.as_str()).collect();
    let firsts: Vec<Uuid> = questions.iter().map(|question| question.first).collect();
    let counted: Vec<Uuid> = questions.iter().map(|question| question.counted).collect();
    let (logs, firsts, counted) = (&logs, &firsts, &counted);
    let rows = db.run_tx("outbox_backlog", |tx| {
        Box::pin(async move {
            let looks = async { tx.query(&SELECT_WAITING, &[logs, firsts, counted, &recent]).await };
            Ok::<_, Error>(try_join(tx.batch(PLAN), looks).await?.1)
        })
    });
    rows.await?.iter().map(look_from_row).collect()
}

/// Rows that were set aside, counted no further than an alarm needs.
pub(super) async fn refused(db: &Db) -> Result<f64, Error> {
    Ok(db.query_one(&COUNT_REFUSED, &[]).await?.try_get(0)?)
}

fn look_from_row(row: &Row) -> Result<Look, Error> {
    let number = |column| Ok::<_, Error>(u64::try_from(row.try_get::<_, i64>(column)?).unwrap_or(0));
    Ok(Look {
        log: row.try_get(0)?,
        first: row.try_get(1)?,
        age: Duration::try_from_secs_f64(row.try_get(2)?).unwrap_or_default(),
        settled: Amount { rows: number(3)?, bytes: number(4)? },
        fresh: Amount { rows: number(5)?, bytes: number(6)? },
    })
}

const SELECT_LOGS: Statement = statement!(
    "outbox_logs",
    "WITH RECURSIVE waiting AS (
    (SELECT log_name, outbox_id FROM audit_outbox WHERE log_name > $1 /* after */ ORDER BY log_name, outbox_id LIMIT 1)
    UNION ALL
    SELECT next.log_name, next.outbox_id FROM waiting CROSS JOIN LATERAL (
        SELECT log_name, outbox_id FROM audit_outbox AS o
        WHERE o.log_name > waiting.log_name ORDER BY o.log_name, o.outbox_id LIMIT 1
    ) AS next
)
SELECT log_name, outbox_id FROM waiting LIMIT $2 /* limit */"
);

// The times are not subtracted as such: PostgreSQL refuses that for an infinite one, and with it the look at all logs.
const SELECT_WAITING: Statement = statement!(
    "outbox_backlog",
    "SELECT known.log_name, oldest.outbox_id,
    coalesce(extract(epoch FROM clock_timestamp()) - extract(epoch FROM oldest.created_at), 0)::float8,
    later.settled_rows, later.settled_bytes, later.fresh_rows, later.fresh_bytes
FROM unnest($1::text[] /* log_names */, $2::uuid[] /* firsts */, $3::uuid[] /* counted */)
    AS known (log_name, first, counted)
CROSS JOIN LATERAL (
    SELECT outbox_id, created_at FROM audit_outbox AS o
    WHERE o.log_name = known.log_name AND o.outbox_id >= known.first ORDER BY o.log_name, o.outbox_id LIMIT 1
) AS oldest
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE outbox_id < $4 /* recent */) AS settled_rows,
        coalesce(sum(octet_length(events)) FILTER (WHERE outbox_id < $4), 0)::bigint AS settled_bytes,
        count(*) FILTER (WHERE outbox_id >= $4) AS fresh_rows,
        coalesce(sum(octet_length(events)) FILTER (WHERE outbox_id >= $4), 0)::bigint AS fresh_bytes
    FROM audit_outbox AS o WHERE o.log_name = known.log_name AND o.outbox_id >= known.counted
) AS later"
);

const COUNT_REFUSED: Statement = statement!(
    "outbox_refused_count",
    "SELECT count(*)::float8 FROM (SELECT FROM audit_outbox_refused LIMIT 1000) AS refused"
);
