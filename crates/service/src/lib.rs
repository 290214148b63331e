//! The process harness that all services share: a service's `main` is one call of [`run`].
//!
//! # Layout
//! - [`config`]: the sections that every service's configuration has, and loading it
//! - `command`: the command line: `serve`, `migrate`, `check-config` and a service's own subcommands
//! - `process`: what a service is given to run: database, readiness, jobs, shutdown; start and bounded drain
//! - `shutdown`: the end of a process
//! - `readiness`: named conditions, all of which must hold for `/readyz`
//! - `jobs`: background tasks, joined at shutdown
//! - `admin`: `/livez`, `/readyz`, `/metrics` and `grpc.health.v1` in plain HTTP on the admin port
//! - `telemetry`: JSON logs and the metrics recorder
//! - `gate`: waits for the database and refuses a schema that this binary does not know
//! - `open_files`: room for connections
//! - `error`: errors of any kind
pub mod config;

mod admin;
mod command;
mod error;
mod gate;
mod jobs;
mod open_files;
mod process;
mod readiness;
mod shutdown;
mod telemetry;

pub use command::{Program, exit, run};
pub use db::chain;
pub use error::BoxError;
pub use jobs::Jobs;
pub use process::Process;
pub use readiness::{Condition, Readiness};
pub use shutdown::Shutdown;
