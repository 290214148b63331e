//! Background tasks of the vault; the harness joins them at shutdown.
//!
//! - fetches the vault's own keys, so that the first call need not wait for them
//! - watches the outbox and forwards its rows to audit-service
//! - reports refused calls, counted
//! - forgets requests after 24 hours, or where there are too many

mod own_keys;
pub mod requests;

use std::sync::Arc;

use audit::{Coalescer, Forwarder, ForwarderConfig, Ingest, OutboxWriter};
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
    jobs.spawn("requests", requests::forget(vault.db.clone(), requests.max, ended.clone()));
    jobs.spawn("outbox backlog", vault.outbox.clone().watch_backlog(ended.clone()));
    let forwarder = Forwarder::new(vault.outbox.clone(), ingest, ForwarderConfig::default());
    jobs.spawn("forwarder", forwarder.run(ended.clone()));
    let refusals = Coalescer::new(vault.events.clone(), Arc::clone(&vault.clock), log_of(vault));
    jobs.spawn("refusals", refusals.clone().run(ended.clone()));
    refusals
}

/// Refused calls go to the log of their tenant if there is such a tenant. The vault is not kept alive for it.
fn log_of(vault: &Arc<Vault>) -> audit::coalescer::LogOf {
    let vault = Arc::downgrade(vault);
    Arc::new(move |resource| {
        let vault = vault.upgrade();
        Box::pin(async move {
            let (Some(vault), Ok(name)) = (vault, resource.parse::<TenantName>()) else { return LogName::System };
            match vault.tenant_exists(name.tenant()).await {
                Ok(true) => LogName::of_tenant(name.tenant()),
                _ => LogName::System,
            }
        })
    })
}
