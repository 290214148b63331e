//! Work that comes round again: following changes of keys, writing wrap counts, forgetting what is old.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use audit::{Event, Outcome};
use clock::Timestamp;
use names::{LogId, LogName};
use service::Jobs;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::Error;
use crate::keyring::{REFRESH_INTERVAL, SetBack};
use crate::store::signer_heads::StoredHead;
use crate::store::signer_segments::PruneUpTo;
use crate::unsealed::Unsealed;

/// Who tells of what no caller asked for.
const OWN_NAME: &str = "key-service";
/// Counts are complete to within a second.
const WRAP_COUNTS_INTERVAL: Duration = Duration::from_millis(500);
const CLEANING_INTERVAL: Duration = Duration::from_mins(1);
/// How long request ids are remembered, and segments are kept.
const KEPT: Duration = Duration::from_hours(24);
/// Segments removed by one statement.
const SEGMENTS_AT_ONCE: i64 = 500;
/// Logs whose segments are removed by one statement.
const LOGS_AT_ONCE: i64 = 256;

pub(super) fn spawn(jobs: &Jobs, unsealed: &Arc<Unsealed>, drained: &CancellationToken) {
    let (one, token) = (Arc::clone(unsealed), drained.clone());
    jobs.spawn("keyring", async move {
        repeat("follow changes of keys", REFRESH_INTERVAL, &token, || one.follow_changes()).await;
    });
    let (one, token) = (Arc::clone(unsealed), drained.clone());
    jobs.spawn("wrap counts", async move {
        repeat("write wrap counts", WRAP_COUNTS_INTERVAL, &token, || one.write_wrap_counts()).await;
        // What was wrapped since the last round; lost with the process otherwise.
        if let Err(error) = one.write_wrap_counts().await {
            tracing::warn!(error = service::chain(&error), "the last wrap counts were not written");
        }
    });
    let (one, token) = (Arc::clone(unsealed), drained.clone());
    jobs.spawn("cleaning", async move {
        repeat("forget what is old", CLEANING_INTERVAL, &token, || one.forget_old()).await;
    });
}

/// Does the work again and again. A failure is said when it begins, and when it is over.
async fn repeat<F>(name: &'static str, interval: Duration, drained: &CancellationToken, mut work: impl FnMut() -> F)
where
    F: Future<Output = Result<(), Error>>,
{
    let mut failing = false;
    while drained.run_until_cancelled(tokio::time::sleep(interval)).await.is_some() {
        match work().await {
            Ok(()) if failing => {
                failing = false;
                tracing::info!(job = name, "works again");
            }
            Err(error) if !failing => {
                failing = true;
                error.report();
                tracing::warn!(job = name, error = service::chain(&error), "failed, goes on trying");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

impl Unsealed {
    /// Drops what changed of keys and subject keys, and tells in the log if the database was found to be set back.
    pub async fn follow_changes(&self) -> Result<(), Error> {
        let core = &self.core;
        core.keyring.refresh(&self.data_keys.subjects).await?;
        let Some(SetBack { key, seen, found }) = core.keyring.marks.untold() else { return Ok(()) };
        let mut event = Event::new(core.event_id(), LogName::System, core.clock.now(), OWN_NAME, "keys.setBack");
        event.resource = key.map_or_else(|| "keys".to_owned(), |key| key.to_string());
        event.outcome = Outcome::FAILED;
        let boot = self.data_keys.operations.boot();
        let event = &event.with("boot", boot).with("seen", seen).with("found", found);
        core.store
            .db()
            .run_tx("set_back_tell", |tx| Box::pin(async move { core.report(tx, event.clone()).await }))
            .await?;
        core.outbox.committed(1);
        core.keyring.marks.told();
        Ok(())
    }

    /// Writes the counts that have risen.
    pub async fn write_wrap_counts(&self) -> Result<(), Error> {
        let (store, data_keys) = (&self.core.store, &self.data_keys);
        let totals = data_keys.wrap_counts.unwritten();
        if totals.is_empty() {
            return Ok(());
        }
        store.wrap_counts_write(store.db(), data_keys.operations.boot(), &totals).await?;
        data_keys.wrap_counts.written(&totals);
        Ok(())
    }

    /// Removes request ids and acknowledged segments that are older than a day by the database's clock, which makes nothing
    /// old by jumping ahead.
    pub async fn forget_old(&self) -> Result<(), Error> {
        let store = &self.core.store;
        let shown = store.now(store.db()).await?;
        let before = self.signer.database_time.bounded(shown).saturating_sub(KEPT);
        store.requests_delete_before(store.db(), before).await?;
        self.prune_segments(before).await
    }

    /// Removes segments that are acknowledged, and older than `before` and than a day before the newest of all, so that a
    /// process that met a wrong clock first keeps what was sealed last. What is acknowledged is what the checked row of a
    /// log says; a log whose row cannot be used keeps its segments.
    async fn prune_segments(&self, before: Timestamp) -> Result<(), Error> {
        let store = &self.core.store;
        let Some(newest) = store.signer_segments_newest(store.db()).await? else { return Ok(()) };
        let before = before.min(newest.saturating_sub(KEPT));
        let mut after = LogId::new(Uuid::nil());
        loop {
            let logs = store.signer_segments_old(store.db(), before, after, LOGS_AT_ONCE).await?;
            let Some(last) = logs.last() else { return Ok(()) };
            after = *last;
            self.prune_logs(&logs, before).await?;
        }
    }

    async fn prune_logs(&self, logs: &[LogId], before: Timestamp) -> Result<(), Error> {
        let store = &self.core.store;
        let stored = store.signer_heads_fetch(store.db(), logs).await?;
        let mut up_to = Vec::with_capacity(stored.heads.len());
        for (log, head) in stored.heads {
            match head.map_err(Error::from) {
                Ok(StoredHead { state, newest: Some(newest), .. }) => {
                    let acknowledged = state.acknowledged;
                    up_to.push(PruneUpTo { log, acknowledged, newest: newest.first_index });
                }
                Ok(_) => {}
                Err(error) => error.report(),
            }
        }
        loop {
            let removed = store.signer_segments_prune(store.db(), &up_to, before, SEGMENTS_AT_ONCE).await?;
            if i64::try_from(removed).is_ok_and(|removed| removed < SEGMENTS_AT_ONCE) {
                return Ok(());
            }
        }
    }
}
