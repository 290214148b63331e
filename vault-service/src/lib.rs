//! The vault-service: seals records under data keys of their own, and accounts for every reveal.
//!
//! It stores sealed records and wrapped data keys, never a key that opens them: for each use it asks key-service, which
//! counts and records it (but see [`keys::cache`], which is off by default). Every change, and every reveal before its
//! answer, leaves an event in the vault's own database, from where it goes to audit-service.
//!
//! # Layout
//! - [`config`]: the service's configuration
//! - [`error`]: what can go wrong, and its one mapping to the wire; [`problems`]: what is wrong with a request
//! - `api`: the gRPC handlers
//! - [`fields`], [`policy`], [`places`], [`time`]: domain types
//! - [`tenants`], [`collections`], [`records`]: the use cases
//! - [`once`]: the same request id gets the first answer again
//! - [`vault`]: the topics, put together; [`core`]: what every topic works with
//! - [`permissions`]: every permission of the service
//! - [`keys`]: data keys from key-service, and the vault's own keys
//! - [`events`]: what is reported to the audit log
//! - [`stored_json`]: JSON in columns, which later versions may extend
//! - `batches`, [`cache`], [`as_text`]: small tools
//! - [`store`]: SQL, one file for each table family
//! - [`background`]: background tasks

pub mod as_text;
pub mod background;
pub mod cache;
pub mod collections;
pub mod config;
pub mod core;
pub mod error;
pub mod events;
pub mod fields;
pub mod keys;
pub mod once;
pub mod permissions;
pub mod places;
pub mod policy;
pub mod problems;
pub mod records;
pub mod store;
pub mod stored_json;
pub mod tenants;
pub mod time;
pub mod vault;

mod api;
mod batches;

use std::sync::Arc;

use ::api::audit::v1::ingest_service_client::IngestServiceClient;
use audit::PolicyReporter;
use clock::SystemClock;
use rpc::Channel;
use service::{BoxError, Process};
use tokio_util::sync::CancellationToken;

pub use api::services;
use config::Config;
pub use store::MIGRATIONS;
pub use vault::{Parts, Vault};

/// Serves until the process is asked to end.
pub async fn start(config: Config, process: Process) -> Result<(), BoxError> {
    db::require_durable(&process.db).await?;
    let vault = Vault::new(Parts {
        db: process.db.clone(),
        clock: Arc::new(SystemClock),
        key_service: Channel::new(&config.key_service, process.tls.clone())?,
        key_budget: keys::BUDGET,
        data_key_cache: config.data_key_cache.clone(),
        outbox: config.outbox.clone(),
        jobs: process.jobs.clone(),
    });
    let ingest = IngestServiceClient::new(Channel::new(&config.audit_service, process.tls.clone())?);
    // The tasks outlive the server's drain, so that no call in flight loses its evidence.
    let ended = CancellationToken::new();
    let _ends_jobs = ended.clone().drop_guard();
    let refusals = background::spawn(&vault.core, ingest, &config.requests, &ended);
    let policy = PolicyReporter::new(
        process.policy.clone(),
        vault.core.events.clone(),
        Arc::clone(&vault.core.clock),
        "vault-service",
    );
    process.jobs.spawn("policy", policy.run(ended.clone()));
    let server = services(process.server(&config.grpc), &vault, &refusals)
        .service(rpc::access::vault(&process.policy))
        .build()?;
    drop(refusals);
    drop(vault);
    process.serve(server, config.grpc.listen).await
}
