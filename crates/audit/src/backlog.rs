//! Refuses new events of a log whose undelivered ones are too many or too old, and of any while those of all are too many.
//!
//! A job looks every 250 ms (less often where looking takes long); between two looks the rows written by this process are
//! counted. The hot path loads two numbers and looks no further while nothing is near its bounds.
//!
//! What waits is not read again and again: each look reads the first row of a log that waits, and counts the rows that were
//! written since the look before (and those that may have been on their way then). Rows that were counted once are kept as
//! numbers, slice by slice, until the first that waits is behind their slice. Once a minute they are counted anew.
//!
//! # Layout
//! - `look`: the statements
//! - `waiting`: what is known of one log
//! - `watch`: the job that looks

mod look;
mod waiting;
mod watch;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use look::Amount;
pub(crate) use look::PLAN;
use names::LogName;
use serde::Deserialize;
use tokio::time::Instant;
use waiting::Waiting;

use crate::AuditUnavailable;
use crate::schedule::Due;

/// How long what was counted is believed.
const RECOUNT: Duration = Duration::from_mins(1);
/// With fewer rows than these a log may use the last tenth of the room.
const FEW: u64 = 1_000;

/// How far undelivered events may pile up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboxConfig {
    /// Most undelivered rows of one log.
    pub max_backlog: u64,
    /// Greatest age of a log's oldest undelivered row.
    #[serde(deserialize_with = "rpc::duration::deserialize")]
    pub max_backlog_age: Duration,
    /// Most undelivered rows of all logs. The last tenth is kept for logs of which fewer than 1,000 wait.
    pub max_rows: u64,
    /// Most bytes of undelivered events of all logs; the last tenth likewise.
    pub max_bytes: u64,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        Self { max_backlog: 100_000, max_backlog_age: Duration::from_mins(5), max_rows: 1_000_000, max_bytes: 4 << 30 }
    }
}

impl OutboxConfig {
    /// What is wrong with it, in words.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<_> =
            rpc::duration::problems("outbox", [("max_backlog_age", self.max_backlog_age)]).collect();
        let bounds = [("max_backlog", self.max_backlog), ("max_rows", self.max_rows), ("max_bytes", self.max_bytes)];
        for (name, _) in bounds.into_iter().filter(|(_, bound)| *bound == 0) {
            problems.push(format!("outbox.{name}: must be at least 1"));
        }
        problems
    }
}

#[derive(Debug)]
pub(crate) struct Backlog {
    bounds: OutboxConfig,
    /// Rows written by this process since the last look, of all logs: too many rather than too few.
    written: AtomicU64,
    /// Rows that may be written before anybody must look at a log: less is left of no bound.
    room: AtomicU64,
    /// Whether any log was too old at the last look.
    overdue: AtomicBool,
    sampled: RwLock<Sampled>,
    /// What the looks have counted.
    counted: Mutex<Counted>,
}

/// What the last look came to.
#[derive(Debug, Default)]
struct Sampled {
    logs: HashMap<String, OfLog>,
    all: Amount,
}

/// A log at the last look.
#[derive(Clone, Copy, Debug, Default)]
struct OfLog {
    rows: u64,
    age: Duration,
}

#[derive(Debug)]
struct Counted {
    logs: HashMap<String, Waiting>,
    since: Instant,
    /// When the last look that was answered began.
    looked: Instant,
}

impl Backlog {
    pub(crate) fn new(config: &OutboxConfig) -> Self {
        Self {
            bounds: config.clone(),
            written: AtomicU64::new(0),
            room: AtomicU64::new(config.max_backlog.min(nine_tenths(config.max_rows))),
            overdue: AtomicBool::new(false),
            sampled: RwLock::default(),
            counted: Mutex::new(Counted::new()),
        }
    }

    pub(crate) fn admit(&self, log: &LogName) -> Result<(), AuditUnavailable> {
        let written = self.written.load(Ordering::Relaxed);
        if written < self.room.load(Ordering::Relaxed) && !self.overdue.load(Ordering::Relaxed) {
            return Ok(());
        }
        let sampled = self.sampled.read().unwrap_or_else(PoisonError::into_inner);
        let of_log = sampled.logs.get(&log.to_string()).copied().unwrap_or_default();
        let rows = of_log.rows.saturating_add(written);
        let bound = |bound: u64| if of_log.rows < FEW { bound } else { nine_tenths(bound) };
        if rows < self.bounds.max_backlog
            && of_log.age <= self.bounds.max_backlog_age
            && sampled.all.rows.saturating_add(written) < bound(self.bounds.max_rows)
            && sampled.all.bytes < bound(self.bounds.max_bytes)
        {
            return Ok(());
        }
        metrics::counter!("audit_outbox_unavailable_total").increment(1);
        Err(AuditUnavailable)
    }

    /// Counts rows that were just written.
    pub(crate) fn count(&self, rows: usize) {
        self.written.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn replace(&self, sampled: Sampled, written: u64) {
        let OutboxConfig { max_backlog, max_backlog_age, max_rows, max_bytes } = &self.bounds;
        let all = sampled.all;
        let oldest = sampled.logs.values().map(|log| log.age).max().unwrap_or_default();
        let fullest = sampled.logs.values().map(|log| log.rows).max().unwrap_or(0);
        let closed = sampled.logs.values().filter(|log| log.rows >= *max_backlog || log.age > *max_backlog_age).count();
        let room = max_backlog.saturating_sub(fullest).min(nine_tenths(*max_rows).saturating_sub(all.rows));
        let room = if all.bytes < nine_tenths(*max_bytes) { room } else { 0 };
        *self.sampled.write().unwrap_or_else(PoisonError::into_inner) = sampled;
        self.room.store(room, Ordering::Relaxed);
        self.overdue.store(oldest > *max_backlog_age, Ordering::Relaxed);
        self.written.fetch_sub(written, Ordering::Relaxed);
        metrics::gauge!("audit_outbox_rows").set(gauge(all.rows));
        metrics::gauge!("audit_outbox_bytes").set(gauge(all.bytes));
        metrics::gauge!("audit_outbox_oldest_seconds").set(oldest.as_secs_f64());
        metrics::gauge!("audit_outbox_closed_logs").set(gauge(u64::try_from(closed).unwrap_or(u64::MAX)));
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, Counted> {
        // A panic elsewhere costs counts at most, and they are made anew once a minute.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    fn new() -> Self {
        let now = Instant::now();
        Self { logs: HashMap::new(), since: now, looked: now }
    }

    /// What to ask about each log that is known, and whether its rows are to be counted anew.
    fn questions(&mut self, known: &[Due]) -> (Vec<look::Question>, bool) {
        let anew = self.since.elapsed() > RECOUNT;
        if anew {
            self.since = Instant::now();
        }
        let question = |due: &Due| {
            let before = self.logs.get(&due.log).filter(|_| !anew);
            let counted = before.map_or(due.from, Waiting::counted);
            look::Question { log: due.log.clone(), first: due.from, counted }
        };
        (known.iter().map(question).collect(), anew)
    }

    /// Takes note of the answers; logs without one have no rows. What was counted before is kept until the rows that were to
    /// be counted anew are: that takes longer than others, and may fail.
    fn answered(&mut self, looks: Vec<look::Look>, recent: uuid::Uuid, anew: bool) -> Sampled {
        let mut before = std::mem::take(&mut self.logs);
        if anew {
            before.clear();
        }
        let mut sampled = Sampled::default();
        for look in looks {
            let mut waiting = before.remove(&look.log).unwrap_or_default();
            let amount = waiting.add(&look, recent);
            sampled.all = sampled.all.and(amount);
            sampled.logs.insert(look.log.clone(), OfLog { rows: amount.rows, age: look.age });
            self.logs.insert(look.log, waiting);
        }
        sampled
    }
}

fn nine_tenths(bound: u64) -> u64 {
    bound.saturating_sub(bound / 10)
}

/// Above 4 GiB, a little less exact.
fn gauge(number: u64) -> f64 {
    let high = u32::try_from(number >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high).mul_add(4_294_967_296.0, f64::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Schedule, least_id};

    fn counted_until(counted: &mut Counted, known: &[Due]) -> (uuid::Uuid, bool) {
        let (questions, anew) = counted.questions(known);
        (questions[0].counted, anew)
    }

    #[test]
    fn what_was_counted_is_kept_until_it_is_counted_anew() {
        let schedule = Schedule::default();
        schedule.found("logs/acme", least_id(1));
        let known = schedule.known(least_id(1));
        let amount = |rows| Amount { rows, bytes: rows };
        let look = |settled, fresh| look::Look {
            log: "logs/acme".to_owned(),
            first: least_id(1),
            age: Duration::ZERO,
            settled: amount(settled),
            fresh: amount(fresh),
        };
        let mut counted = Counted::new();
        assert_eq!(counted_until(&mut counted, &known), (least_id(1), false));
        assert_eq!(counted.answered(vec![look(7, 0)], least_id(10), false).all.rows, 7);
        counted.since = Instant::now().checked_sub(RECOUNT + Duration::from_secs(1)).unwrap();
        assert_eq!(counted_until(&mut counted, &known), (least_id(1), true));
        // That was not answered.
        assert_eq!(counted_until(&mut counted, &known), (least_id(10), false));
        assert_eq!(counted.answered(vec![look(0, 2)], least_id(20), false).all.rows, 9);
        counted.since = Instant::now().checked_sub(RECOUNT + Duration::from_secs(1)).unwrap();
        assert_eq!(counted_until(&mut counted, &known), (least_id(1), true));
        assert_eq!(counted.answered(vec![look(8, 0)], least_id(30), true).all.rows, 8);
    }
}
