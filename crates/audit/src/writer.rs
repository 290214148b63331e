//! Durable events for callers that have no statement of their own, such as reveals: concurrent ones share a commit.
//!
//! ```text
//! caller 1 ──┐                 caller 4 ──┐
//! caller 2 ──┼▶ INSERT+commit ─┐ caller 5 ──┼▶ INSERT+commit ─ …
//! caller 3 ──┘                 └▶ answers 1–3 leave
//! ```
//! While commits are in flight the next batch gathers, so a batch is as large as the database is slow. Events of one log
//! that come together share a row: fewer rows to insert, to claim and to delete.

use std::iter::repeat_n;
use std::time::Duration;

use batch::{BatchCall, Batcher, NotCalled};
use metrics::Histogram;
use names::LogName;
use tokio::time::{Instant, timeout};

use crate::outbox::encode;
use crate::{AuditUnavailable, Event, Outbox, OutboxRow};

/// Longest time a caller waits for its evidence.
const WAIT: Duration = Duration::from_secs(2);

/// Where events become durable.
pub trait EventSink: Send + Sync + 'static {
    /// Resolves when the events, all of `log`, are durable; within 2 s.
    fn write(&self, log: &LogName, events: &[Event]) -> impl Future<Output = Result<(), AuditUnavailable>> + Send;
}

/// Writes events into the outbox. Clones share the commits.
#[derive(Clone, Debug)]
pub struct OutboxWriter {
    outbox: Outbox,
    batcher: Batcher<Commit>,
}

/// Events of one caller, all of one log.
#[derive(Debug)]
struct Evidence {
    log: String,
    events: Vec<u8>,
}

/// Makes the events of several callers durable.
#[derive(Debug)]
struct Commit(Outbox);

impl OutboxWriter {
    /// A writer, and the job that must run for it: it ends when every writer is dropped, so that calls in flight at a shutdown
    /// still get their evidence.
    pub fn new(outbox: Outbox) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (batcher, job) = Batcher::new(Commit(outbox.clone()), Histogram::noop());
        (Self { outbox, batcher }, job)
    }

    /// Resolves when the events, all of `log`, are durable: `Ok` only after the commit. Fails within 2 s; what failed may
    /// still become an entry (evidence of something that then was not done).
    pub async fn write(&self, log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        self.outbox.admit(log)?;
        let evidence = Evidence { log: log.to_string(), events: encode(events) };
        self.batcher.call(evidence, Instant::now() + WAIT).await
    }

    /// The outbox that is written to.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

impl BatchCall for Commit {
    type Request = Evidence;
    type Answer = ();
    type Error = AuditUnavailable;

    const MAX_CALLS: usize = 512;

    async fn call(&self, evidence: Vec<Evidence>, _: Instant) -> Result<Vec<()>, AuditUnavailable> {
        let callers = evidence.len();
        let rows = self.0.shared_rows(evidence.into_iter().map(|Evidence { log, events }| (log, events)))?;
        insert(&self.0, &rows).await?;
        Ok(repeat_n((), callers).collect())
    }

    fn weight(evidence: &Evidence) -> usize {
        evidence.events.len()
    }
}

impl From<NotCalled> for AuditUnavailable {
    fn from(_: NotCalled) -> Self {
        Self
    }
}

impl EventSink for OutboxWriter {
    async fn write(&self, log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        OutboxWriter::write(self, log, events).await
    }
}

/// For those who gather events themselves: each write is a commit of its own.
impl EventSink for Outbox {
    async fn write(&self, log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        let log = log.to_string();
        let rows = self.shared_rows(events.iter().map(|event| (log.clone(), encode(std::slice::from_ref(event)))))?;
        timeout(WAIT, insert(self, &rows)).await.map_err(|_elapsed| AuditUnavailable)?
    }
}

async fn insert(outbox: &Outbox, rows: &[OutboxRow]) -> Result<(), AuditUnavailable> {
    let first = Outbox::insert(outbox.db(), rows).await;
    let result = match first {
        // Perhaps written, perhaps even delivered: a second copy is the same event, which its log takes once.
        Err(db::Error::ConnectionLost(_)) => {
            let db = outbox.db();
            Outbox::insert_again(db, rows).await
        }
        result => result,
    };
    match result {
        Ok(()) => {
            outbox.committed(rows.len());
            Ok(())
        }
        Err(error) => {
            metrics::counter!("audit_outbox_write_failures_total").increment(1);
            let cause: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error = cause, "evidence could not be made durable");
            Err(AuditUnavailable)
        }
    }
}
