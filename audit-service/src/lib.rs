//! The audit-service: keeps tamper-evident logs. It holds no key: key-service seals every batch, and whoever owns this
//! service's database can change nothing unseen.
//!
//! # Layout
//! - [`config`]: the configuration
//! - [`error`]: what can go wrong, and its mapping to the wire
//! - `permissions`: what callers must hold, as types
//! - `api`: the gRPC handlers
//! - `event`: ids of events
//! - [`append`]: events become entries: queue, batches, the append protocol
//! - `acknowledgements`: what the signer must be told was committed
//! - `quarantine`: what is said of quarantined logs
//! - `own`: this service's own events
//! - `logs`: reading logs and entries
//! - `verify`: verifying logs; [`verify_command`]: the subcommand
//! - [`advance_command`]: the subcommand that brings a restored signer forward
//! - [`signer`]: key-service, as this service sees it
//! - [`store`]: the SQL
//! - [`background`]: background tasks
//! - [`app`]: everything put together

pub mod advance_command;
pub mod app;
pub mod append;
pub mod background;
pub mod config;
pub mod error;
pub mod signer;
pub mod store;
pub mod verify_command;

mod acknowledgements;
mod api;
mod event;
mod logs;
mod own;
mod permissions;
mod quarantine;
mod verify;

use std::sync::Arc;

use clock::SystemClock;
use rpc::Channel;
use service::{BoxError, Process};

use app::{App, Parts};
pub use config::Config;
use signer::client::SignerClient;
pub use store::MIGRATIONS;

/// Serves until the process is asked to end.
pub async fn start(config: Config, process: Process) -> Result<(), BoxError> {
    let channel = Channel::new(&config.signer, process.tls.clone())?;
    let parts = Parts {
        db: process.db.clone(),
        signer: Arc::new(SignerClient::new(channel)),
        clock: Arc::new(SystemClock),
        tls: process.tls.clone(),
        policy: process.policy.clone(),
        pace: background::Pace::default(),
    };
    let app = App::start(parts, &config.append, &process.jobs);
    let server = app.server(process.server(&config.grpc))?;
    process.serve(server, config.grpc.listen).await
}
