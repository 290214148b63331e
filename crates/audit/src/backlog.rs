//! Refuses new events of a log whose undelivered ones are too many or too old.
//!
//! A job reads the table every 250 ms (less often where reading it takes long); between two reads the rows written by
//! this process are counted. The hot path loads two numbers and looks no further while no log is near its bounds.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use db::Db;
use names::LogName;
use tokio::time::{Instant, sleep};

use crate::{AuditUnavailable, OutboxConfig};

/// Pause between two reads of the table.
const INTERVAL: Duration = Duration::from_millis(250);
/// A read may take a twentieth of the time: a long backlog is read less often, down to once a second.
const SHARE: u32 = 20;
const MAX_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Backlog {
    max_rows: u64,
    max_age: Duration,
    /// Rows written by this process since the last read, of all logs: too many rather than too few.
    written: AtomicU64,
    /// Rows of the fullest log at the last read.
    fullest: AtomicU64,
    /// Whether any log was too old at the last read.
    overdue: AtomicBool,
    logs: RwLock<HashMap<String, Sampled>>,
}

/// A log at the last read.
#[derive(Clone, Copy, Debug)]
struct Sampled {
    rows: u64,
    age: Duration,
}

impl Backlog {
    pub(crate) fn new(config: &OutboxConfig) -> Self {
        Self {
            max_rows: config.max_backlog,
            max_age: config.max_backlog_age,
            written: AtomicU64::new(0),
            fullest: AtomicU64::new(0),
            overdue: AtomicBool::new(false),
            logs: RwLock::default(),
        }
    }

    pub(crate) fn admit(&self, log: &LogName) -> Result<(), AuditUnavailable> {
        let written = self.written.load(Ordering::Relaxed);
        let fullest = self.fullest.load(Ordering::Relaxed);
        if fullest.saturating_add(written) < self.max_rows && !self.overdue.load(Ordering::Relaxed) {
            return Ok(());
        }
        let logs = self.logs.read().unwrap_or_else(PoisonError::into_inner);
        let sampled = logs.get(&log.to_string()).copied().unwrap_or(Sampled { rows: 0, age: Duration::ZERO });
        if sampled.rows.saturating_add(written) < self.max_rows && sampled.age <= self.max_age {
            return Ok(());
        }
        metrics::counter!("audit_outbox_unavailable_total").increment(1);
        Err(AuditUnavailable)
    }

    /// Counts rows that were just written.
    pub(crate) fn count(&self, rows: usize) {
        self.written.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Reads the table again and again. Never returns.
    pub(crate) async fn watch(&self, db: &Db) {
        loop {
            let started = Instant::now();
            if let Err(error) = self.sample(db).await {
                // Without the database nothing is written either; the last state stands.
                tracing::debug!(error = %error, "cannot read the outbox's backlog");
            }
            sleep(started.elapsed().saturating_mul(SHARE).clamp(INTERVAL, MAX_INTERVAL)).await;
        }
    }

    /// Reads the table once.
    pub(crate) async fn sample(&self, db: &Db) -> Result<(), db::Error> {
        // Rows committed while the table is read may be counted twice until the next read, never not at all.
        let written = self.written.load(Ordering::Relaxed);
        let rows =
            db.run_one("outbox_backlog", |conn| Box::pin(async move { conn.query(SELECT_BACKLOG, &[]).await })).await?;
        let mut logs = HashMap::with_capacity(rows.len());
        for row in rows {
            let count: i64 = row.try_get(1)?;
            let age: f64 = row.try_get(2)?;
            let age = Duration::try_from_secs_f64(age).unwrap_or_default();
            logs.insert(row.try_get(0)?, Sampled { rows: u64::try_from(count).unwrap_or(0), age });
        }
        self.replace(logs, written);
        let refused = db
            .run_one("outbox_refused_count", |conn| Box::pin(async move { conn.query_one(COUNT_REFUSED, &[]).await }))
            .await?;
        metrics::gauge!("audit_outbox_refused").set(refused.try_get::<_, f64>(0)?);
        Ok(())
    }

    fn replace(&self, logs: HashMap<String, Sampled>, written: u64) {
        let fullest = logs.values().map(|log| log.rows).max().unwrap_or(0);
        let oldest = logs.values().map(|log| log.age).max().unwrap_or_default();
        let closed = logs.values().filter(|log| log.rows >= self.max_rows || log.age > self.max_age).count();
        let all = logs.values().fold(0_u64, |all, log| all.saturating_add(log.rows));
        *self.logs.write().unwrap_or_else(PoisonError::into_inner) = logs;
        self.fullest.store(fullest, Ordering::Relaxed);
        self.overdue.store(oldest > self.max_age, Ordering::Relaxed);
        self.written.fetch_sub(written, Ordering::Relaxed);
        metrics::gauge!("audit_outbox_rows").set(f64::from(u32::try_from(all).unwrap_or(u32::MAX)));
        metrics::gauge!("audit_outbox_oldest_seconds").set(oldest.as_secs_f64());
        metrics::gauge!("audit_outbox_closed_logs").set(f64::from(u32::try_from(closed).unwrap_or(u32::MAX)));
    }
}

const SELECT_BACKLOG: &str = "-- outbox_backlog()
SELECT log_name, count(*), extract(epoch FROM clock_timestamp() - min(created_at))::float8
FROM audit_outbox GROUP BY log_name";

/// Counts no further than an alarm needs.
const COUNT_REFUSED: &str = "-- outbox_refused_count()
SELECT count(*)::float8 FROM (SELECT FROM audit_outbox_refused LIMIT 1000) AS refused";
