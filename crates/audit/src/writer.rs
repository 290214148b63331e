//! Durable events for callers that have no statement of their own, such as reveals: concurrent ones share a commit.
//!
//! ```text
//! caller 1 ──┐                 caller 4 ──┐
//! caller 2 ──┼▶ INSERT+commit ─┐ caller 5 ──┼▶ INSERT+commit ─ …
//! caller 3 ──┘                 └▶ answers 1–3 leave
//! ```
//! While commits are under way the next batch gathers, so a batch is as large as the database is slow. Events of one log
//! that come together share a row: fewer rows to insert, to claim and to delete.

use std::time::Duration;

use names::LogName;
use service::turns::{Queue, Turns};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{AuditUnavailable, Event, Outbox, OutboxRow, outbox::encode};

/// Longest time a caller waits for its evidence.
const WAIT: Duration = Duration::from_secs(2);
/// Callers that may wait at once; more are made to wait at the queue.
const QUEUE: usize = 4_096;
/// Most callers in one commit.
const MAX_CALLERS: usize = 512;

/// Where events become durable.
pub trait EventSink: Send + Sync + 'static {
    /// Resolves when the events, all of `log`, are durable; within 2 s.
    fn write(&self, log: &LogName, events: &[Event]) -> impl Future<Output = Result<(), AuditUnavailable>> + Send;
}

/// Writes events into the outbox. Clones share the commits.
#[derive(Clone, Debug)]
pub struct OutboxWriter {
    outbox: Outbox,
    queue: mpsc::Sender<Waiting>,
}

/// Commits what the writers bring, until the last of them is dropped.
#[derive(Debug)]
pub struct WriterJob {
    outbox: Outbox,
    queue: mpsc::Receiver<Waiting>,
}

/// A caller whose events are not durable yet.
#[derive(Debug)]
struct Waiting {
    log: String,
    events: Vec<u8>,
    done: oneshot::Sender<Result<(), AuditUnavailable>>,
}

impl OutboxWriter {
    /// A writer, and the job that must run for it.
    pub fn new(outbox: Outbox) -> (Self, WriterJob) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self { outbox: outbox.clone(), queue: sender }, WriterJob { outbox, queue: receiver })
    }

    /// Resolves when the events, all of `log`, are durable: `Ok` only after the commit. Fails within 2 s; what failed may
    /// still become an entry (evidence of something that then was not done).
    pub async fn write(&self, log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        self.outbox.admit(log)?;
        let (done, durable) = oneshot::channel();
        let waiting = Waiting { log: log.to_string(), events: encode(events), done };
        let written = async {
            self.queue.send(waiting).await.map_err(|_closed| AuditUnavailable)?;
            durable.await.map_err(|_closed| AuditUnavailable)?
        };
        timeout(WAIT, written).await.map_err(|_elapsed| AuditUnavailable)?
    }

    /// The outbox that is written to.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
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

impl WriterJob {
    /// Runs until every writer is dropped, so that calls in flight at a shutdown still get their evidence.
    pub async fn run(self) {
        let mut queue = Queue::new(self.queue);
        let mut commits = Turns::new();
        while commits.next(&mut queue).await {
            let callers = gather(&mut queue);
            if !callers.is_empty() {
                commits.begin(callers.len(), commit(self.outbox.clone(), callers));
            }
        }
        commits.finish().await;
    }
}

/// Everybody who waits by now. Whoever gave up waiting gave up its answer, too.
fn gather(queue: &mut Queue<Waiting>) -> Vec<Waiting> {
    let waiting = std::iter::from_fn(|| queue.take());
    waiting.take(MAX_CALLERS).filter(|caller| !caller.done.is_closed()).collect()
}

async fn commit(outbox: Outbox, callers: Vec<Waiting>) {
    let (waiting, events): (Vec<_>, Vec<_>) =
        callers.into_iter().map(|caller| (caller.done, (caller.log, caller.events))).unzip();
    let result = match outbox.shared_rows(events) {
        Ok(rows) => insert(&outbox, &rows).await,
        Err(unavailable) => Err(unavailable),
    };
    for caller in waiting {
        // A caller that went away needs no answer.
        let _ = caller.send(result);
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
