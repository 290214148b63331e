//! Batches, from their groups to their outcomes. Several logs share one transaction, once; whatever that leaves, each log
//! goes on with by itself: it holds neither the others up nor a place for batches.
//!
//! ```text
//!  groups ─▶ one transaction ─┬─▶ decided: answered
//!     │                       └─▶ locked by others, new, behind, at a wrong time, failed ─┐
//!     └─ logs that failed the last time ──────────────────────────────────────────────────┴▶ alone: rounds of
//!                                               transactions of that log, until decided or nobody waits any more
//! ```

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use names::LogName;
use tlog::append::{Done, Pending, QuarantineReason, Times, conflict};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::outcome::Delay;
use super::part::{Part, Waiting, parts, take};
use super::queue::Group;
use super::transaction::{Subject, TransactionError, Transactions};
use crate::acknowledgements::Acknowledgements;
use crate::signer::{SealRequest, SignerError};
use crate::store::logs;

/// Rounds of one log after which its events are put off: each catches up 2 MiB, or takes a batch out of one that did not fit.
const MAX_ROUNDS: usize = 64;
/// How often a connection may be lost before events are put off.
const MAX_LOST: usize = 2;
/// Transactions of single logs at once, of which each takes a connection: others wait for their turn.
const MAX_ALONE: usize = 3;
/// Before a log that somebody else has locked is tried again.
const LOCKED_PAUSE: Duration = Duration::from_millis(100);
/// Logs that are remembered to have failed.
const MAX_SUSPECTS: usize = 4_096;

/// Runs batches.
#[derive(Debug)]
pub(crate) struct Batches {
    transactions: Transactions,
    acknowledgements: Arc<Acknowledgements>,
    alone: Semaphore,
    /// Logs that failed the last time: others do not share a transaction with them.
    suspects: Mutex<HashSet<LogName>>,
    failing: AtomicBool,
}

/// What is left to do after logs were probed.
#[derive(Debug)]
pub(crate) struct Probed {
    /// Logs that still lag behind the signer.
    pub(crate) behind: Vec<LogName>,
    /// Logs that are to be probed each by itself.
    pub(crate) passed_over: Vec<LogName>,
}

impl Batches {
    /// Batches that run on these transactions and leave acknowledgements to be sent.
    pub(crate) fn new(transactions: Transactions, acknowledgements: Arc<Acknowledgements>) -> Self {
        let (alone, suspects) = (Semaphore::new(MAX_ALONE), Mutex::default());
        Self { transactions, acknowledgements, alone, suspects, failing: AtomicBool::new(false) }
    }

    /// Appends the groups' events in one transaction and answers those who can be answered. What is left goes on by
    /// [`Self::run_alone`].
    pub(super) async fn run(&self, groups: Vec<Group<Waiting>>) -> Vec<Part> {
        metrics::counter!("audit_batches_total").increment(1);
        let suspects = self.suspects().clone();
        let (mut left, mut together): (Vec<Part>, Vec<Part>) =
            parts(groups).into_iter().partition(|part| suspects.contains(part.log()));
        let events: Vec<Pending> = together.iter().flat_map(Part::pending).cloned().collect();
        if events.is_empty() {
            return left;
        }
        match self.transaction(Subject::Together(&events)).await {
            Ok(done) => take(&mut together, done),
            Err(error) if error.is_without_database() => {
                for part in &mut together {
                    self.failed(part, &error).await;
                }
            }
            Err(error) => match together.as_mut_slice() {
                [only] if !error.is_lost() && !error.is_locked() => self.failed(only, &error).await,
                _ => tracing::info!(error = service::chain(&error), "a batch is repeated log by log"),
            },
        }
        let (decided, undecided): (Vec<Part>, Vec<Part>) = together.into_iter().partition(Part::is_decided);
        decided.into_iter().for_each(Part::answer);
        left.extend(undecided);
        left
    }

    /// Appends what is left of one log's events and answers.
    pub(super) async fn run_alone(&self, mut part: Part) {
        let (mut lost, mut had_turn) = (0, false);
        for _round in 0..MAX_ROUNDS {
            let turn = tokio::time::timeout_at(part.deadline(), self.alone.acquire()).await;
            if part.is_decided() || turn.is_err() {
                break;
            }
            had_turn = true;
            let events: Vec<Pending> = part.pending().cloned().collect();
            match self.transaction(Subject::Alone(&events)).await {
                Ok(done) => take(std::slice::from_mut(&mut part), done),
                Err(error) if error.is_lost() && lost < MAX_LOST => lost += 1,
                Err(error) if error.is_locked() => {
                    drop(turn);
                    part.put_off(Delay::Database);
                    tokio::time::sleep(LOCKED_PAUSE).await;
                }
                Err(error) => {
                    self.failed(&mut part, &error).await;
                    break;
                }
            }
            if Instant::now() >= part.deadline() {
                break;
            }
        }
        // One that never had its turn has not failed.
        if had_turn {
            self.suspect(&part);
        }
        part.answer();
    }

    /// Remembers whether the log failed.
    fn suspect(&self, part: &Part) {
        let mut suspects = self.suspects();
        if part.is_served() {
            suspects.remove(part.log());
        } else {
            if suspects.len() >= MAX_SUSPECTS {
                suspects.clear();
            }
            suspects.insert(part.log().clone());
        }
    }

    /// Asks the signer about logs: quarantines end where it agrees, logs that lag behind it catch up.
    pub(crate) async fn probe(&self, logs: &[LogName]) -> Result<Probed, TransactionError> {
        let done = self.transactions.run(Subject::Probe(logs), &Times::default()).await;
        if let Err(TransactionError::PlaceTaken { locked }) = &done
            && locked.len() == 1
        {
            self.quarantine(locked).await;
        }
        let done = done?;
        self.acknowledgements.add(done.acknowledgements);
        Ok(Probed { behind: done.behind, passed_over: done.passed_over })
    }

    async fn transaction(&self, subject: Subject<'_>) -> Result<Done, TransactionError> {
        let times = self.transactions.times().await?;
        let mut done = self.transactions.run(subject, &times).await?;
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("batches are sealed and committed again");
        }
        self.acknowledgements.add(std::mem::take(&mut done.acknowledgements));
        for one in &done.times {
            self.transactions.signer_clock.learn(&one.log, &one.answer);
        }
        Ok(done)
    }

    /// Puts a log's events off, for a reason of its own or because a peer is away.
    async fn failed(&self, part: &mut Part, error: &TransactionError) {
        let delay = match error {
            TransactionError::PlaceTaken { locked } => {
                self.quarantine(locked).await;
                Delay::Quarantined
            }
            TransactionError::Signer(SignerError::Unusable(_)) => {
                let log = part.log();
                tracing::error!(%log, error = service::chain(error), "the log is quarantined: it takes no entries");
                self.set_quarantine(log, QuarantineReason::SignerUnusable).await;
                Delay::Quarantined
            }
            TransactionError::Signer(_) | TransactionError::Protocol(_) | TransactionError::Entry(_) => Delay::Signer,
            TransactionError::Store(_) => Delay::Database,
        };
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = service::chain(error), "a batch was put off; this is said once until one succeeds");
        }
        part.put_off(delay);
        part.give_up();
    }

    fn suspects(&self) -> MutexGuard<'_, HashSet<LogName>> {
        // A panic elsewhere leaves the set whole: every change to it is one call.
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody put rows where only the lock's holder may: the signer is told, the log takes no more entries.
    async fn quarantine(&self, locked: &[(LogName, u64)]) {
        for (log, size) in locked {
            let (rollback, reason) = conflict(log, *size);
            tracing::error!(log = %log, size, "rows stand beyond the end of a log: somebody wrote to the database");
            let report = SealRequest { rollbacks: vec![rollback], ..SealRequest::default() };
            if let Err(error) = self.transactions.signer.seal(report).await {
                tracing::warn!(log = %log, error = service::chain(&error), "the signer could not be told");
            }
            self.set_quarantine(log, reason).await;
        }
    }

    async fn set_quarantine(&self, log: &LogName, reason: QuarantineReason) {
        let id = tlog::log_id(log);
        let set = logs::log_quarantine(&self.transactions.db, id, reason.code()).await;
        match set {
            Ok(_changed) => metrics::counter!("audit_quarantines_total", "reason" => reason.code()).increment(1),
            Err(error) => {
                tracing::warn!(log = %log, error = service::chain(&error), "the log could not be quarantined");
            }
        }
    }
}
