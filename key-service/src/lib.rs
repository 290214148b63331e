//! The key-service: keeps keys, wraps data keys, and signs the audit logs.
//!
//! # Layout
//! - [`config`]: the configuration
//! - [`error`]: why something is not done, and what that is on the wire
//! - [`api`]: the gRPC handlers
//! - [`permissions`]: what a caller needs
//! - [`key`]: what a key is
//! - [`seal`], [`root`], [`unseal`]: the seal, the root key under it, and getting there
//! - [`own_keys`]: the keys that the system itself has
//! - [`state`], [`unsealed`]: the service before and after that, with its topics put together
//! - [`core`]: what every topic works with
//! - [`origin`]: from where, and for whom, a call is made
//! - [`keys`]: managing keys; [`once`]: the same request id gets the first answer again
//! - [`new_key`]: keys and versions before they are stored
//! - [`keyring`], [`subjects`]: keys and subject keys in memory, in a [`secret_cache`]
//! - [`data_keys`]: generating, unwrapping, rewrapping
//! - [`restored`], [`restored_command`]: after a restore of the key database
//! - [`operations`], [`wrap_counts`]: every use of a key numbered, recorded and counted
//! - [`signer`]: extending the audit logs
//! - [`store`]: the key database
//! - [`background`]: background tasks
//! - [`metrics`]: the service's own metrics

pub mod api;
pub mod background;
pub mod config;
pub mod data_keys;
pub mod error;
pub mod key;
pub mod keyring;
pub mod keys;
pub mod metrics;
pub mod once;
pub mod operations;
pub mod origin;
pub mod own_keys;
pub mod permissions;
pub mod restored;
pub mod restored_command;
pub mod root;
pub mod seal;
pub mod signer;
pub mod state;
pub mod store;
pub mod subjects;
pub mod unseal;
pub mod unsealed;
pub mod wrap_counts;

mod core;
mod new_key;

use std::sync::Arc;

use ::api::audit::v1::ingest_service_client::IngestServiceClient;
use ::api::key::v1::data_key_service_server::DataKeyServiceServer;
use ::api::key::v1::key_service_server::KeyServiceServer;
use ::api::key::v1::seal_service_server::SealServiceServer;
use ::api::key::v1::signer_service_server::SignerServiceServer;
use clock::{SharedClock, SystemClock};
use db::Migration;
use rpc::Channel;
use rpc::server::ServerBuilder;
use service::{BoxError, Process};

use crate::api::Api;
use crate::background::{Ground, Surroundings};
use crate::config::Config;
use crate::state::State;

/// The schema of the key database.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "keys", sql: include_str!("../../migrations/key/0001_keys.sql") },
    Migration { version: 2, name: "signer", sql: include_str!("../../migrations/key/0002_signer.sql") },
    Migration { version: 3, name: "audit_outbox", sql: include_str!("../../migrations/key/0003_audit_outbox.sql") },
];

/// Serves until the process is asked to end.
pub async fn start(config: Config, process: Process) -> Result<(), BoxError> {
    db::require_durable(&process.db).await?;
    let clock: SharedClock = Arc::new(SystemClock);
    let ground = Ground { db: process.db.clone(), clock, seal: Arc::new(config.seal()) };
    let ingest = IngestServiceClient::new(Channel::new(&config.audit_service, process.tls.clone())?);
    let surroundings = Surroundings::start(ground, &config.outbox, ingest, &process.jobs, &process.readiness);

    surroundings.report_policy(process.policy.clone(), &process.jobs);
    let server = services(process.server(&config.grpc), surroundings.state())
        .service(rpc::access::key(&process.policy))
        .denial_sink(surroundings.denials())
        .build()?;
    process.serve(server, config.grpc.listen).await?;
    // No call is left that needs evidence.
    drop(surroundings);
    Ok(())
}

/// The services of `strongroom.key.v1`, all but the one that needs the policy.
pub fn services(server: ServerBuilder, state: &Arc<State>) -> ServerBuilder {
    let api = Api::new(Arc::clone(state));
    server
        .service(KeyServiceServer::new(api.clone()))
        .service(DataKeyServiceServer::new(api.clone()))
        .service(SignerServiceServer::new(api.clone()))
        .service(SealServiceServer::new(api))
}
