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

mod look;
mod waiting;

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::join;
pub(crate) use look::PLAN;
use names::LogName;
use tokio::time::{Instant, sleep};
use waiting::{Amount, Waiting};

use crate::{
    AuditUnavailable, Outbox, OutboxConfig,
    schedule::{Due, MARGIN},
};

/// Pause between two looks.
const INTERVAL: Duration = Duration::from_millis(250);
/// Longest pause between two searches, however long they take.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// The pause after a look, in terms of its length: finding logs takes a twentieth of the time.
const SHARE: u32 = 20;
/// Longest pause between two looks at what waits: such as take long take more of the time, so that the gate knows.
const MAX_INTERVAL: Duration = Duration::from_secs(1);
/// How long what was counted is believed.
const RECOUNT: Duration = Duration::from_mins(1);
/// With fewer rows than these a log may use the last tenth of the room.
const FEW: u64 = 1_000;

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

    /// Looks again and again. Never returns.
    pub(crate) async fn watch(&self, outbox: &Outbox) {
        join(self.keep_finding(outbox), self.keep_sampling(outbox)).await;
    }

    /// Finds logs, where that takes long for about a twentieth of the time: it walks dead rows, for as long as a snapshot is
    /// held for which they live.
    async fn keep_finding(&self, outbox: &Outbox) {
        let mut took_before = Duration::ZERO;
        loop {
            let started = Instant::now();
            let found = self.find(outbox).await;
            if let Err(error) = &found {
                tracing::debug!(error = %error, "cannot look for logs that wait");
            }
            // One that took long alone was waiting for something, and so was one that did not come to look at all.
            let took = match found {
                Ok(()) | Err(db::Error::Timeout) => started.elapsed(),
                Err(_) => Duration::ZERO,
            };
            sleep(took.min(took_before).saturating_mul(SHARE).clamp(INTERVAL, MAX_PAUSE)).await;
            took_before = took;
        }
    }

    /// Looks at the logs that are known.
    async fn keep_sampling(&self, outbox: &Outbox) {
        loop {
            let started = Instant::now();
            if let Err(error) = self.sample(outbox).await {
                // Without the database nothing is written either; the last state stands.
                tracing::debug!(error = %error, "cannot read the outbox's backlog");
            }
            sleep(started.elapsed().saturating_mul(SHARE).clamp(INTERVAL, MAX_INTERVAL)).await;
        }
    }

    /// Finds logs that have rows, whoever wrote them.
    pub(crate) async fn find(&self, outbox: &Outbox) -> Result<(), db::Error> {
        let mut after = String::new();
        loop {
            let page = look::logs(outbox.db(), &after).await?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            for (log, first) in page {
                if let Some(first) = first {
                    outbox.schedule().found(&log, first);
                }
            }
            outbox.wake().notify_one();
        }
        Ok(())
    }

    /// Looks at the logs that are known, once.
    pub(crate) async fn sample(&self, outbox: &Outbox) -> Result<(), db::Error> {
        // Rows committed during the look may be counted twice until the next one, never not at all.
        let written = self.written.load(Ordering::Relaxed);
        let started = Instant::now();
        // No row is made between two looks and seen by neither, however long ago the last one was.
        let recent = outbox.made_since(MARGIN.saturating_add(self.counted().looked.elapsed()));
        let known = outbox.schedule().known(recent);
        let (questions, anew) = self.counted().questions(&known);
        let looks = look::waiting(outbox.db(), &questions, recent).await?;
        for look in &looks {
            outbox.schedule().found(&look.log, look.first);
        }
        if !looks.is_empty() {
            outbox.wake().notify_one();
        }
        let sampled = self.counted().answered(looks, recent, anew);
        self.counted().looked = started;
        self.replace(sampled, written);
        metrics::gauge!("audit_outbox_refused").set(look::refused(outbox.db()).await?);
        Ok(())
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
