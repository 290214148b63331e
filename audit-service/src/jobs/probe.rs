//! Asks the signer about quarantined logs with an empty segment: a log that it accepts takes entries again.

use names::LogName;
use service::Shutdown;

use super::{Work, pause};
use crate::store::{StoreError, logs};

pub(super) async fn run(work: Work, shutdown: Shutdown) {
    while pause(work.pace.probe, &shutdown).await {
        match quarantined(&work).await {
            Ok(names) => probe(&work, names).await,
            Err(error) => tracing::info!(error = service::chain(&error), "quarantined logs could not be read"),
        }
    }
}

async fn quarantined(work: &Work) -> Result<Vec<LogName>, StoreError> {
    let rows = work
        .db
        .run_one("log_list_quarantined", |conn| Box::pin(async move { logs::log_list_quarantined(conn).await }))
        .await?;
    metrics::gauge!("audit_quarantined_logs").set(f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)));
    // A row whose name was tampered with stays in quarantine: nobody can be asked about it.
    Ok(rows.into_iter().filter_map(|row| row.name.parse().ok()).collect())
}

/// One by one: each is in quarantine for a reason of its own.
async fn probe(work: &Work, names: Vec<LogName>) {
    for name in names {
        if let Err(error) = work.batches.probe(std::slice::from_ref(&name)).await {
            tracing::info!(log = %name, error = service::chain(&error), "a quarantined log could not be probed");
        }
    }
}
