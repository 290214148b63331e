//! The job that looks, again and again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::join;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::look;
use crate::Outbox;
use crate::schedule::MARGIN;

/// Pause between two looks.
const INTERVAL: Duration = Duration::from_millis(250);
/// Longest pause between two searches, however long they take.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// The pause after a look, in terms of its length: finding logs takes a twentieth of the time.
const SHARE: u32 = 20;
/// Longest pause between two looks at what waits: such as take long take more of the time, so that the gate knows.
const MAX_INTERVAL: Duration = Duration::from_secs(1);

impl Outbox {
    /// Watches the backlog until `shutdown`. Must run: without it what was delivered still counts as waiting, and rows that
    /// another process left are not found.
    pub async fn watch_backlog(self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(join(self.keep_finding(), self.keep_sampling())).await;
    }

    /// Reads the backlog once, now, and looks for logs that nobody told of.
    pub async fn sample_backlog(&self) -> Result<(), db::Error> {
        self.find().await?;
        self.sample().await
    }

    /// Finds logs, where that takes long for about a twentieth of the time: it walks dead rows, for as long as a snapshot is
    /// held for which they live.
    async fn keep_finding(&self) {
        let mut took_before = Duration::ZERO;
        loop {
            let started = Instant::now();
            let found = self.find().await;
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
    async fn keep_sampling(&self) {
        loop {
            let started = Instant::now();
            if let Err(error) = self.sample().await {
                // Without the database nothing is written either; the last state stands.
                tracing::debug!(error = %error, "cannot read the outbox's backlog");
            }
            sleep(started.elapsed().saturating_mul(SHARE).clamp(INTERVAL, MAX_INTERVAL)).await;
        }
    }

    /// Finds logs that have rows, whoever wrote them.
    async fn find(&self) -> Result<(), db::Error> {
        let mut after = String::new();
        loop {
            let page = look::logs(self.db(), &after).await?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            for (log, first) in page {
                if let Some(first) = first {
                    self.schedule().found(&log, first);
                }
            }
            self.wake().notify_one();
        }
        Ok(())
    }

    /// Looks at the logs that are known, once.
    async fn sample(&self) -> Result<(), db::Error> {
        let backlog = self.backlog();
        // Rows committed during the look may be counted twice until the next one, never not at all.
        let written = backlog.written.load(Ordering::Relaxed);
        let started = Instant::now();
        // No row is made between two looks and seen by neither, however long ago the last one was.
        let recent = self.made_since(MARGIN.saturating_add(backlog.counted().looked.elapsed()));
        let known = self.schedule().known(recent);
        let (questions, anew) = backlog.counted().questions(&known);
        let looks = look::waiting(self.db(), &questions, recent).await?;
        for look in &looks {
            self.schedule().found(&look.log, look.first);
        }
        if !looks.is_empty() {
            self.wake().notify_one();
        }
        let sampled = backlog.counted().answered(looks, recent, anew);
        backlog.counted().looked = started;
        backlog.replace(sampled, written);
        metrics::gauge!("audit_outbox_refused").set(look::refused(self.db()).await?);
        Ok(())
    }
}
