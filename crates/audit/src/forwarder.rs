//! Delivers outbox rows to the audit-service, at least once, and deletes them after the receipt.
//!
//! ```text
//! BEGIN; SELECT … FOR UPDATE SKIP LOCKED ─▶ AppendEvents (≤ 2 s) ─▶ DELETE; COMMIT
//! ```
//!
//! The claim is the transaction that will delete: it is held while the audit-service answers. A lease column would cost an
//! UPDATE for each row and a new version of it, and a crash would leave rows waiting for the lease's end; a row lock costs
//! next to nothing on a row that is deleted in the same transaction, and ends with the connection. Replicas skip each
//! other's rows. A crash between receipt and COMMIT delivers again: the same event ids, which their log takes once.
//!
//! A claim takes the oldest rows of each log that may have some, as many of each. A log that was not served, for whatever
//! reason, is from then on claimed and delivered alone, in lanes of their own, with growing pauses and shrinking portions,
//! until it has succeeded as often as it had failed ([`crate::schedule`]): others go on at full speed. A call that is not
//! answered in time, or refused as a whole, says so of each of its logs, and each is then tried alone.
//!
//! While the audit-service seems away, or decides nothing of any of many logs, no log is to blame: the lane calls again after a pause,
//! with less each time, and once it is answered with as many as ever. Only if that call fails again, after one
//! of fewer logs was answered, each of its logs is tried alone.
//!
//! Pace: a pass that found less than it may take waits a moment before the next, so that light traffic makes few and full
//! batches; a second lane helps while batches are full, or one is answered late. Rows that this process did not write are
//! found by [`Outbox::watch_backlog`], which must run beside this.

mod claim;
mod deliver;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join4;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::schedule::{Due, FRESH, MAX_LOGS, Pauses};
use crate::{Ingest, Outbox, OutboxKey};
use claim::{Claim, Portion, Settled};
use deliver::{deliver, is_away};

/// A pass that is not answered by then has the other lane look after logs that it does not hold.
const LATE: Duration = Duration::from_millis(250);

/// So few logs, of which none is served, are each tried alone at once: they hold nobody up then, and where all of the
/// audit-service was to blame, it costs little.
const FEW_LOGS: usize = 8;

/// How the forwarder paces itself.
#[derive(Clone, Copy, Debug)]
pub struct ForwarderConfig {
    /// Longest wait for one `AppendEvents`.
    pub append_timeout: Duration,
    /// Pause after a pass that was not full.
    pub linger: Duration,
    /// Pause after the first failure; doubles up to `max_pause`.
    pub first_pause: Duration,
    /// Longest pause after failures.
    pub max_pause: Duration,
}

impl Default for ForwarderConfig {
    fn default() -> Self {
        Self {
            append_timeout: Duration::from_secs(2),
            linger: Duration::from_millis(100),
            first_pause: Duration::from_millis(100),
            max_pause: Duration::from_secs(1),
        }
    }
}

impl ForwarderConfig {
    fn pauses(&self) -> Pauses {
        Pauses { first: self.first_pause, longest: self.max_pause }
    }
}

/// Delivers the rows of one outbox.
#[derive(Debug)]
pub struct Forwarder<I> {
    shared: Arc<Shared<I>>,
}

#[derive(Debug)]
struct Shared<I> {
    outbox: Outbox,
    ingest: I,
    config: ForwarderConfig,
    /// Wakes the second lane when the first finds more than it can take, or is answered late.
    help: Notify,
    /// Whether nothing is delivered: said once.
    failing: AtomicBool,
    /// Whether a call was answered since one was not because the audit-service seemed away.
    answered: AtomicBool,
}

/// What one pass came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// As many rows as may be claimed at once: there are probably more.
    Full,
    /// All rows that were due.
    Drained,
    /// Nothing was delivered: the database or the audit-service is away.
    Failed,
}

/// Why a pass failed.
#[derive(Debug, thiserror::Error)]
enum ForwardError {
    #[error("the outbox cannot be read or written")]
    Database(#[from] db::Error),
    #[error("the audit-service took no events")]
    Append(#[from] tonic::Status),
    #[error("the audit-service decided about no event of several logs")]
    Unserved,
}

/// A pass that failed, with the row of each log from which on it is to be tried again.
#[derive(Debug)]
struct Failed {
    firsts: BTreeMap<String, Uuid>,
    error: ForwardError,
}

/// What the next pass of a lane takes.
#[derive(Debug)]
struct Lane {
    portion: Portion,
    /// Most logs. Fewer where the audit-service seemed away: each failure halves them.
    logs: usize,
    /// Whether fewer logs were answered after more were not: if those now are not, a log is to blame.
    again: bool,
    /// Whether it takes logs that are tried alone.
    alone: bool,
}

impl Lane {
    fn together(portion: Portion) -> Self {
        Self { portion, logs: MAX_LOGS, again: false, alone: false }
    }

    fn alone(failures: u32) -> Self {
        Self { portion: Portion::WHOLE.after(failures), logs: 1, again: false, alone: true }
    }

    fn answered(&mut self, settled: &Settled) {
        self.portion = settled.next(self.portion);
        self.again = self.logs < MAX_LOGS;
        self.logs = MAX_LOGS;
    }
}

impl<I: Ingest> Forwarder<I> {
    /// Delivers the rows of `outbox` to `ingest`.
    pub fn new(outbox: Outbox, ingest: I, config: ForwarderConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                outbox,
                ingest,
                config,
                help: Notify::new(),
                failing: AtomicBool::new(false),
                answered: AtomicBool::new(false),
            }),
        }
    }

    /// Runs until `shutdown`; a pass under way is finished.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = &self.shared;
        let first = shared.together(shared.outbox.wake(), &shutdown);
        let second = shared.together(&shared.help, &shutdown);
        Box::pin(join4(first, second, shared.alone(&shutdown), shared.alone(&shutdown))).await;
    }

    /// One claim of what all logs have, delivery and deletion, now.
    pub async fn pass(&self) -> Pass {
        if self.shared.outbox.sample_backlog().await.is_err() {
            return Pass::Failed;
        }
        let due = self.shared.outbox.schedule().known(self.shared.outbox.made_since(FRESH));
        self.shared.pass(&due, &mut Lane::together(Portion::WHOLE)).await
    }
}

impl<I: Ingest> Shared<I> {
    /// A lane that delivers what logs have, all together; woken by `wake`.
    async fn together(&self, wake: &Notify, shutdown: &CancellationToken) {
        let mut lane = Lane::together(Portion::FIRST);
        let mut failures = 0_u32;
        while !shutdown.is_cancelled() {
            if shutdown.run_until_cancelled(self.outbox.key().wait()).await.is_none() {
                return;
            }
            let started = Instant::now();
            let (due, more) = self.outbox.schedule().together(self.outbox.made_since(FRESH), lane.logs);
            let pass = self.calling_for_help(self.pass(&due, &mut lane)).await;
            failures = if pass == Pass::Failed { failures.saturating_add(1) } else { 0 };
            let pause = async {
                match pass {
                    Pass::Full => self.help.notify_one(),
                    Pass::Drained if more => self.help.notify_one(),
                    Pass::Failed => sleep(self.config.pauses().after(failures)).await,
                    Pass::Drained => {
                        sleep_until(started + self.config.linger).await;
                        wake.notified().await;
                    }
                }
            };
            shutdown.run_until_cancelled(pause).await;
        }
    }

    /// A lane that delivers what logs have that were not served, one log after the other.
    async fn alone(&self, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            if shutdown.run_until_cancelled(self.outbox.key().wait()).await.is_none() {
                return;
            }
            let schedule = self.outbox.schedule();
            match schedule.alone(self.outbox.made_since(FRESH)) {
                Some((due, failures)) => {
                    let pass = self.pass(std::slice::from_ref(&due), &mut Lane::alone(failures)).await;
                    schedule.put_back(&due.log);
                    if pass == Pass::Failed {
                        shutdown.run_until_cancelled(sleep(self.config.first_pause)).await;
                    }
                }
                None => {
                    shutdown.run_until_cancelled(schedule.wait_alone(self.config.first_pause)).await;
                }
            }
        }
    }

    /// Finishes a pass; as long as it is late, the other lane is woken again and again.
    async fn calling_for_help(&self, pass: impl Future<Output = Pass>) -> Pass {
        let mut pass = std::pin::pin!(pass);
        loop {
            tokio::select! {
                pass = &mut pass => return pass,
                () = sleep(LATE) => self.help.notify_one(),
            }
        }
    }

    /// One pass over what these logs have.
    async fn pass(&self, due: &[Due], lane: &mut Lane) -> Pass {
        let Some(key) = self.outbox.key().current() else { return Pass::Drained };
        match self.attempt(due, lane.portion, &key).await {
            Ok(settled) => {
                if settled.events > 0 {
                    self.answered.store(true, Ordering::Relaxed);
                    lane.answered(&settled);
                }
                self.settle(due, &settled, lane)
            }
            Err(failed) => self.fail(&failed, lane),
        }
    }

    async fn attempt(&self, due: &[Due], portion: Portion, key: &Arc<OutboxKey>) -> Result<Settled, Failed> {
        if due.is_empty() {
            return Ok(Settled::default());
        }
        let firsts = &Mutex::new(BTreeMap::new());
        let db = self.outbox.db();
        let settled = db.run_tx("outbox_forward", |tx| {
            let key = Arc::clone(key);
            Box::pin(async move {
                let claim = Claim::take(tx, due, portion).await?;
                *firsts.lock().unwrap_or_else(PoisonError::into_inner) = claim.firsts();
                let limit = self.config.append_timeout;
                let settled = deliver(claim, &key, portion, &self.ingest, limit).await?;
                if settled.is_unserved() {
                    return Err(ForwardError::Unserved);
                }
                settled.write(tx, &self.outbox).await?;
                Ok::<_, ForwardError>(settled)
            })
        });
        let settled = settled.await;
        settled.map_err(|error| {
            let mut firsts = std::mem::take(&mut *firsts.lock().unwrap_or_else(PoisonError::into_inner));
            if firsts.is_empty() {
                // Nobody knows what waits: it is looked for from the same row again, however old that is by then.
                firsts = due.iter().map(|due| (due.log.clone(), due.from)).collect();
            }
            Failed { firsts, error }
        })
    }

    fn settle(&self, due: &[Due], settled: &Settled, lane: &Lane) -> Pass {
        settled.measure();
        if settled.taken > 0 && self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("events are delivered again");
        }
        let (schedule, pauses) = (self.outbox.schedule(), self.config.pauses());
        for due in due {
            match settled.logs.get(&due.log) {
                Some(one) if one.failed => schedule.fail(&due.log, one.first, pauses),
                Some(one) if lane.alone => schedule.succeed(due, one.rest),
                Some(one) => schedule.settle(due, one.rest),
                None => {
                    schedule.settle(due, None);
                    if lane.alone {
                        schedule.postpone(&due.log, pauses);
                    }
                }
            }
        }
        if lane.alone {
            // The log may be one of all again by now.
            self.outbox.wake().notify_one();
        }
        if settled.is_full() { Pass::Full } else { Pass::Drained }
    }

    /// Nothing is known of any row. Where logs may be to blame, each is tried alone from now on.
    fn fail(&self, failed: &Failed, lane: &mut Lane) -> Pass {
        metrics::counter!("audit_forward_failures_total").increment(1);
        let Failed { firsts, error } = failed;
        let (schedule, pauses) = (self.outbox.schedule(), self.config.pauses());
        let are_to_blame = self.are_logs_to_blame(failed, lane);
        for (log, first) in firsts {
            if are_to_blame {
                schedule.fail(log, *first, pauses);
                continue;
            }
            schedule.leave(log, *first);
            if lane.alone {
                schedule.postpone(log, pauses);
            }
        }
        let several = !are_to_blame || firsts.len() > 1;
        if several && !self.failing.swap(true, Ordering::Relaxed) {
            let cause: &(dyn std::error::Error + 'static) = error;
            tracing::warn!(error = cause, "events cannot be delivered: trying again");
        }
        Pass::Failed
    }

    /// Whether logs may be to blame for the failure. Of an audit-service that seems away they are not, unless it answers
    /// others: fewer are called with until it does, and then as many as before.
    fn are_logs_to_blame(&self, failed: &Failed, lane: &mut Lane) -> bool {
        match &failed.error {
            ForwardError::Database(_) => false,
            ForwardError::Unserved => {
                lane.portion = lane.portion.fewer_rows();
                failed.firsts.len() <= FEW_LOGS
            }
            ForwardError::Append(status) if is_away(status) => {
                let answered = self.answered.swap(false, Ordering::Relaxed);
                if lane.alone {
                    return answered;
                }
                let again = std::mem::take(&mut lane.again);
                lane.logs = if again { MAX_LOGS } else { (failed.firsts.len() / 2).max(1) };
                again
            }
            ForwardError::Append(_) => true,
        }
    }
}
