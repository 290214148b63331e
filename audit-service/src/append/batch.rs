//! One batch, from its groups to their outcomes: rounds of transactions until nothing starts over, log by log where a
//! transaction over several logs fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use names::LogName;
use tlog::append::{Batch, Done, EventResult, Pending, QuarantineReason, Times, conflict};

use super::queue::Group;
use super::transaction::{TransactionError, Transactions};
use super::{Delay, Outcome, Waiting};
use crate::acknowledgements::Acknowledgements;
use crate::signer::{SealRequest, SignerError};
use crate::store::logs;

/// Rounds after which events are put off: each catches up 2 MiB, or takes a batch out of one that did not fit.
const MAX_ROUNDS: usize = 64;
/// How often a connection may be lost before events are put off.
const MAX_LOST: usize = 2;

/// Runs batches.
#[derive(Debug)]
pub(crate) struct Batches {
    transactions: Transactions,
    acknowledgements: Arc<Acknowledgements>,
    failing: AtomicBool,
}

impl Batches {
    /// Batches that run on these transactions and leave acknowledgements to be sent.
    pub(crate) fn new(transactions: Transactions, acknowledgements: Arc<Acknowledgements>) -> Self {
        Self { transactions, acknowledgements, failing: AtomicBool::new(false) }
    }

    /// Appends the groups' events and answers everybody.
    pub(super) async fn run(&self, groups: Vec<Group<Waiting>>) {
        let started = Instant::now();
        let mut pending = Vec::new();
        let mut ticket = 0;
        for group in &groups {
            for event in &group.content.events {
                pending.push(Pending::new(ticket, Arc::clone(event)));
                ticket += 1;
            }
        }
        let mut outcomes = Outcomes::new(pending.len());
        self.append(pending, &mut outcomes).await;
        measure(&outcomes, started);
        let mut outcomes = outcomes.0.into_iter();
        for group in groups {
            let answers = outcomes.by_ref().take(group.content.events.len()).collect();
            // Who has stopped waiting sends the events again.
            let _gone = group.content.reply.send(answers);
        }
    }

    /// Asks the signer about logs: quarantines end where it agrees, logs that lag behind it catch up. Logs that still
    /// lag afterwards are returned.
    pub(crate) async fn probe(&self, logs: &[LogName]) -> Result<Vec<LogName>, TransactionError> {
        let done = self.transactions.run(&|| Batch::probe(logs), &Times::default()).await;
        if let Err(TransactionError::PlaceTaken { locked }) = &done
            && locked.len() == 1
        {
            self.quarantine(locked).await;
        }
        let done = done?;
        self.acknowledgements.add(done.acknowledgements);
        Ok(done.behind)
    }

    async fn append(&self, mut events: Vec<Pending>, outcomes: &mut Outcomes) {
        let mut lost = 0;
        for _round in 0..MAX_ROUNDS {
            if events.is_empty() {
                return;
            }
            let done = match self.transaction(&events).await {
                Ok(done) => done,
                Err(error) if is_lost(&error) && lost < MAX_LOST => {
                    lost += 1;
                    continue;
                }
                Err(error) if !error.is_away() && several_logs(&events) => {
                    tracing::info!(error = service::chain(&error), "a batch over several logs is repeated log by log");
                    return self.log_by_log(events, outcomes).await;
                }
                Err(error) => return self.failed(&events, &error, outcomes).await,
            };
            if self.failing.swap(false, Ordering::Relaxed) {
                tracing::info!("batches are sealed and committed again");
            }
            self.acknowledgements.add(done.acknowledgements);
            for one in &done.times {
                self.transactions.signer_clock.learn(&one.log, &one.answer);
            }
            done.results.into_iter().for_each(|(ticket, result)| outcomes.set(ticket, result.into()));
            events = done.again;
        }
    }

    async fn transaction(&self, events: &[Pending]) -> Result<Done, TransactionError> {
        let times = self.transactions.times().await?;
        self.transactions.run(&|| Batch::new(events.to_vec()), &times).await
    }

    async fn log_by_log(&self, events: Vec<Pending>, outcomes: &mut Outcomes) {
        let mut logs: BTreeMap<LogName, Vec<Pending>> = BTreeMap::new();
        for pending in events {
            logs.entry(pending.log().clone()).or_default().push(pending);
        }
        for events in logs.into_values() {
            // One level deep: the batch is about one log now.
            Box::pin(self.append(events, outcomes)).await;
        }
    }

    async fn failed(&self, events: &[Pending], error: &TransactionError, outcomes: &mut Outcomes) {
        let delay = match error {
            TransactionError::PlaceTaken { locked } => {
                self.quarantine(locked).await;
                Delay::Quarantined
            }
            TransactionError::Signer(SignerError::Unusable(_)) if !several_logs(events) => {
                if let Some(log) = events.first().map(Pending::log) {
                    tracing::error!(%log, error = service::chain(error), "the log is quarantined: it takes no entries");
                    self.set_quarantine(log, QuarantineReason::SignerUnusable).await;
                }
                Delay::Quarantined
            }
            TransactionError::Signer(_) | TransactionError::Protocol(_) | TransactionError::Entry(_) => Delay::Signer,
            TransactionError::Store(_) => Delay::Database,
        };
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = service::chain(error), "a batch was put off; this is said once until one succeeds");
        }
        for pending in events {
            outcomes.set(pending.ticket, Outcome::Later(delay));
        }
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
        let set = self
            .transactions
            .db
            .run_one("log_quarantine", |conn| {
                Box::pin(async move { logs::log_quarantine(conn, id, reason.code()).await })
            })
            .await;
        match set {
            Ok(_changed) => metrics::counter!("audit_quarantines_total", "reason" => reason.code()).increment(1),
            Err(error) => {
                tracing::warn!(log = %log, error = service::chain(&error), "the log could not be quarantined");
            }
        }
    }
}

/// Whether the connection was lost, so that nobody knows if the transaction was committed: the next one finds out.
fn is_lost(error: &TransactionError) -> bool {
    matches!(error, TransactionError::Store(crate::store::StoreError::Database(db::Error::ConnectionLost(_))))
}

fn several_logs(events: &[Pending]) -> bool {
    events.first().is_some_and(|first| events.iter().any(|pending| pending.log() != first.log()))
}

fn measure(outcomes: &Outcomes, started: Instant) {
    let logged = outcomes.0.iter().filter(|outcome| matches!(outcome, Outcome::Logged { .. })).count();
    metrics::counter!("audit_batches_total").increment(1);
    metrics::counter!("audit_events_logged_total").increment(u64::try_from(logged).unwrap_or(u64::MAX));
    metrics::histogram!("audit_batch_seconds").record(started.elapsed());
}

/// Outcomes by ticket; what is never said is put off.
struct Outcomes(Vec<Outcome>);

impl Outcomes {
    fn new(events: usize) -> Self {
        Self(vec![Outcome::Later(Delay::Signer); events])
    }

    fn set(&mut self, ticket: u64, outcome: Outcome) {
        if let Some(place) = usize::try_from(ticket).ok().and_then(|ticket| self.0.get_mut(ticket)) {
            *place = outcome;
        }
    }
}

impl From<EventResult> for Outcome {
    fn from(result: EventResult) -> Self {
        match result {
            EventResult::Receipt { index } => Self::Logged { index },
            EventResult::Refused(refusal) => Self::Refused(refusal),
            EventResult::Quarantined => Self::Later(Delay::Quarantined),
            EventResult::Undecided => Self::Later(Delay::Signer),
        }
    }
}
