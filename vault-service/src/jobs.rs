//! Background tasks of the vault; the harness joins them at shutdown.
//!
//! - fetches the vault's own keys, so that the first call need not wait for them
//! - watches the outbox and forwards its rows to audit-service
//! - reports refused calls, counted
//! - forgets requests after 24 hours

mod own_keys;
mod requests;

use std::sync::Arc;

use ::api::audit::v1::ingest_service_client::IngestServiceClient;
use audit::{Coalescer, Forwarder, ForwarderConfig};
use names::{LogName, TenantName};
use rpc::{Channel, DenialSink, Tls};
use service::BoxError;

use crate::config::Config;
use crate::vault::Vault;

/// Spawns them all; where refused calls are to be reported is the answer.
pub fn spawn(vault: &Arc<Vault>, config: &Config, tls: &Tls) -> Result<Arc<dyn DenialSink>, BoxError> {
    let jobs = &vault.jobs;
    let shutdown = jobs.shutdown();
    jobs.spawn("own keys", own_keys::fetch(Arc::clone(&vault.own_keys), shutdown.clone()));
    jobs.spawn("requests", requests::forget(vault.db.clone(), shutdown.clone()));
    jobs.spawn("outbox backlog", vault.outbox.clone().watch_backlog(shutdown.clone()));
    let ingest = IngestServiceClient::new(Channel::new(&config.audit_service, tls.clone())?);
    let forwarder = Forwarder::new(vault.outbox.clone(), ingest, ForwarderConfig::default());
    jobs.spawn("forwarder", forwarder.run(shutdown.clone()));
    let denials = Coalescer::new(vault.events.clone(), Arc::clone(&vault.clock), log_of(vault));
    jobs.spawn("denials", denials.clone().run(shutdown.clone()));
    Ok(Arc::new(denials))
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
