//! Background tasks of the vault; the harness joins them at shutdown.
//!
//! - fetches the vault's own keys, so that the first call need not wait for them
//! - watches the outbox and forwards its rows to audit-service
//! - reports refused calls, counted
//! - hears of changes of keys, where data keys are used again
//! - forgets requests after 24 hours, or where there are too many

mod key_changes;
mod own_keys;
pub mod requests;

use std::sync::Arc;

use audit::{Coalescer, Forwarder, ForwarderConfig, Ingest, LogOf, LogUnknown, OutboxWriter};
use names::{LogName, TenantName};
use tokio_util::sync::CancellationToken;

use crate::config::RequestsConfig;
use crate::vault::Vault;

/// Counts refused calls.
pub type Refusals = Coalescer<OutboxWriter>;

/// Spawns them all, until `ended`; `ingest` takes the vault's events. The answer is where refused calls are counted.
pub fn spawn(
    vault: &Arc<Vault>,
    ingest: impl Ingest,
    requests: &RequestsConfig,
    ended: &CancellationToken,
) -> Refusals {
    let jobs = &vault.jobs;
    jobs.spawn("own keys", own_keys::fetch(Arc::clone(&vault.own_keys), ended.clone()));
    if vault.keys.cache().is_some() {
        jobs.spawn("key changes", key_changes::follow(Arc::clone(&vault.keys), ended.clone()));
    }
    jobs.spawn("requests", requests::forget(vault.db.clone(), requests.max, ended.clone()));
    jobs.spawn("outbox backlog", vault.outbox.clone().watch_backlog(ended.clone()));
    let forwarder = Forwarder::new(vault.outbox.clone(), ingest, ForwarderConfig::default());
    jobs.spawn("forwarder", forwarder.run(ended.clone()));
    let refusals = Coalescer::new(vault.events.clone(), Arc::clone(&vault.clock), log_of(vault));
    jobs.spawn("refusals", refusals.clone().run(ended.clone()));
    refusals
}

/// Refused calls go to the log of their tenant if there is such a tenant. The vault is not kept alive for it: the last
/// calls are reported when it has gone.
fn log_of(vault: &Vault) -> LogOf {
    let (db, places) = (vault.db.clone(), Arc::clone(&vault.places));
    Arc::new(move |resource| {
        let (db, places) = (db.clone(), Arc::clone(&places));
        Box::pin(async move {
            let Ok(name) = resource.parse::<TenantName>() else { return Ok(LogName::System) };
            match places.tenant_exists(&db, name.tenant()).await {
                Ok(true) => Ok(LogName::of_tenant(name.tenant())),
                Ok(false) => Ok(LogName::System),
                Err(error) => {
                    tracing::debug!(error = service::chain(&error), "a tenant cannot be looked up for refused calls");
                    Err(LogUnknown)
                }
            }
        })
    })
}
