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
//! Pace: a pass that found less than it may take waits a moment before the next, so that light traffic makes few and full
//! batches; a second lane helps while batches are full. A log that could not be served pauses alone, with growing
//! pauses, and its rows are passed over; a failure of the whole call pauses the lane and halves what it takes next, so
//! that an audit-service that has grown slow is not sent the same too large request again and again.

mod claim;
mod deliver;
mod pauses;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{Ingest, Outbox};
use claim::{Claim, Portion};
use pauses::Pauses;

/// How the forwarder paces itself.
#[derive(Clone, Copy, Debug)]
pub struct ForwarderConfig {
    /// Longest wait for one `AppendEvents`.
    pub append_timeout: Duration,
    /// Pause after a pass that was not full.
    pub linger: Duration,
    /// Longest time until it looks for rows that nobody announced, such as those of a crashed replica.
    pub poll: Duration,
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
            poll: Duration::from_millis(200),
            first_pause: Duration::from_millis(100),
            max_pause: Duration::from_secs(1),
        }
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
    pauses: Pauses,
    /// Wakes the second lane when the first finds more than it can take.
    help: Notify,
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
    Append(#[source] tonic::Status),
}

impl<I: Ingest> Forwarder<I> {
    /// Delivers the rows of `outbox` to `ingest`.
    pub fn new(outbox: Outbox, ingest: I, config: ForwarderConfig) -> Self {
        let pauses = Pauses::new(config.first_pause, config.max_pause);
        Self { shared: Arc::new(Shared { outbox, ingest, config, pauses, help: Notify::new() }) }
    }

    /// Runs until `shutdown`; a pass under way is finished.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = &self.shared;
        let first = shared.lane(shared.outbox.wake(), true, &shutdown);
        let second = shared.lane(&shared.help, false, &shutdown);
        futures::future::join(first, second).await;
    }

    /// One claim, delivery and deletion, now.
    pub async fn pass(&self) -> Pass {
        self.shared.pass(Portion::WHOLE).await.0
    }
}

impl<I: Ingest> Shared<I> {
    /// One lane: woken by `wake`, looking by itself if it `polls`.
    async fn lane(&self, wake: &Notify, polls: bool, shutdown: &CancellationToken) {
        let mut portion = Portion::FIRST;
        let mut failures = 0_u32;
        while !shutdown.is_cancelled() {
            if shutdown.run_until_cancelled(self.outbox.key().wait()).await.is_none() {
                return;
            }
            let started = Instant::now();
            let (pass, next) = self.pass(portion).await;
            portion = next;
            failures = if pass == Pass::Failed { failures.saturating_add(1) } else { 0 };
            let pause = async {
                match pass {
                    Pass::Full => self.help.notify_one(),
                    Pass::Failed => sleep(self.pauses.after(failures)).await,
                    Pass::Drained => {
                        sleep_until(started + self.config.linger).await;
                        let look =
                            async { if polls { sleep(self.config.poll).await } else { std::future::pending().await } };
                        tokio::select! { () = wake.notified() => {}, () = look => {} }
                    }
                }
            };
            shutdown.run_until_cancelled(pause).await;
        }
    }

    /// One pass over a portion of what waits, and the portion of the next.
    async fn pass(&self, portion: Portion) -> (Pass, Portion) {
        let Some(key) = self.outbox.key().current() else {
            return (Pass::Drained, portion);
        };
        let claimed = self
            .outbox
            .db()
            .run_tx("outbox_forward", |tx| {
                let key = Arc::clone(&key);
                Box::pin(async move {
                    let claim = Claim::take(tx, &self.pauses, portion).await?;
                    let settled = self.deliver(claim, &key, portion).await?;
                    settled.write(tx, &self.outbox).await?;
                    Ok::<_, ForwardError>(settled)
                })
            })
            .await;
        match claimed {
            Ok(settled) => {
                self.pauses.settle(&settled.delivered_logs, &settled.paused_logs);
                settled.measure();
                let pass = if settled.is_full(portion) { Pass::Full } else { Pass::Drained };
                (pass, settled.next(portion))
            }
            Err(error) => {
                metrics::counter!("audit_forward_failures_total").increment(1);
                self.pauses.report_failure(&error);
                (Pass::Failed, portion.halved())
            }
        }
    }
}
