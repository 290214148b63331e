//! The process harness that all services share: a service's `main` is one call of [`run`].
//!
//! # Layout
//! - [`config`]: the sections that every service's configuration has, and loading it
//! - `command`: the command line: `serve`, `migrate`, `check-config` and a service's own subcommands
//! - `process`: what a service is given to run: database, readiness, jobs, shutdown; start and bounded drain
//! - `readiness`: named conditions, all of which must hold for `/readyz`
//! - `jobs`: background tasks, joined at shutdown
//! - `admin`: `/livez`, `/readyz`, `/metrics` and `grpc.health.v1` in plain HTTP on the admin port
//! - `telemetry`: JSON logs and the metrics recorder
//! - `gate`: waits for the database and refuses a schema that this binary does not know
pub mod config;

mod admin;
mod command;
mod gate;
mod jobs;
mod open_files;
mod process;
mod readiness;
mod telemetry;

pub use command::{Program, exit, run};
pub use jobs::Jobs;
pub use process::{BoxError, Process, chain};
pub use readiness::{Condition, Readiness};

/// Cancelled once when the process is asked to end; hand clones and children of it to whatever must stop.
pub type Shutdown = tokio_util::sync::CancellationToken;
