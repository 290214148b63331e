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
use crate::core::Core;

/// Counts refused calls.
pub type Refusals = Coalescer<OutboxWriter>;

/// Spawns them all, until `ended`; `ingest` takes the vault's events. The answer is where refused calls are counted.
pub fn spawn(core: &Core, ingest: impl Ingest, requests: &RequestsConfig, ended: &CancellationToken) -> Refusals {
    let jobs = &core.jobs;
    jobs.spawn("own keys", own_keys::fetch(Arc::clone(&core.own_keys), ended.clone()));
    if core.keys.cache().is_some() {
        jobs.spawn("key changes", key_changes::follow(Arc::clone(&core.keys), ended.clone()));
    }
    jobs.spawn("requests", requests::forget(core.db.clone(), requests.max, ended.clone()));
    jobs.spawn("outbox backlog", core.outbox.clone().watch_backlog(ended.clone()));
    let forwarder = Forwarder::new(core.outbox.clone(), ingest, ForwarderConfig::default());
    jobs.spawn("forwarder", forwarder.run(ended.clone()));
    let refusals = Coalescer::new(core.events.clone(), Arc::clone(&core.clock), log_of(core));
    jobs.spawn("refusals", refusals.clone().run(ended.clone()));
    refusals
}

/// Refused calls go to the log of their tenant if there is such a tenant. Of the vault it keeps the places and their keys
/// alone: the last calls are reported when the rest has gone.
fn log_of(core: &Core) -> LogOf {
    let places = Arc::clone(&core.places);
    Arc::new(move |resource| {
        let places = Arc::clone(&places);
        Box::pin(async move {
            let Ok(name) = resource.parse::<TenantName>() else { return Ok(LogName::System) };
            match places.tenant_exists(name.tenant()).await {
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
