//! Asks the signer about quarantined logs with an empty segment: a log that it accepts takes entries again.

use names::{LogId, LogName};
use service::Shutdown;
use tokio::time::sleep;
use uuid::Uuid;

use super::work::Work;
use crate::store::{StoreError, logs};

pub(super) async fn run(work: Work, shutdown: Shutdown) {
    while shutdown.run_until_cancelled(sleep(work.pace.probe)).await.is_some() {
        if let Err(error) = probe_all(&work).await {
            tracing::info!(error = service::chain(&error), "quarantined logs could not be read");
        }
    }
}

/// All of them, page by page, so that those which stay in quarantine keep no other from being asked about.
async fn probe_all(work: &Work) -> Result<(), StoreError> {
    let mut after = LogId::new(Uuid::nil());
    let mut count: usize = 0;
    loop {
        let page = logs::log_list_quarantined(&work.db, after).await?;
        count = count.saturating_add(page.len());
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, name) in page {
            // A row whose name was tampered with stays in quarantine: nobody can be asked about it.
            if let Ok(log) = name.parse() {
                probe(work, log).await;
            }
        }
    }
    metrics::gauge!("audit_quarantined_logs").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    Ok(())
}

/// One by one: each is in quarantine for a reason of its own.
async fn probe(work: &Work, log: LogName) {
    if let Err(error) = work.batches.probe(std::slice::from_ref(&log)).await {
        tracing::info!(%log, error = service::chain(&error), "a quarantined log could not be probed");
    }
}
