//! The whole stack: the three real binaries, mutual TLS, a private PostgreSQL. `./dev up` and the system tests start the
//! same one.
//!
//! # Layout
//! - [`stack`]: starts the stack, kills and restarts parts of it, ends exactly what it started
//! - [`binaries`]: builds the services once
//! - [`certificates`]: the development authority and the identities it makes
//! - `databases`: the three databases and their roles
//! - [`description`]: `stack.json`, what outside callers read
//! - [`postgres`]: a private cluster, or a server that already runs
//! - [`processes`]: processes by pid and start time, so that no other is ever ended
//! - [`raw`]: messages as bytes, for callers that make their own
//! - [`scratch`]: a stack of a test's own
//! - [`settings`]: the configuration files of the services
pub mod binaries;
pub mod certificates;
pub mod description;
pub mod postgres;
pub mod processes;
pub mod raw;
pub mod scratch;
pub mod settings;
pub mod stack;

mod databases;
mod error;
mod files;

pub use error::Error;
pub use scratch::Scratch;
pub use stack::{Service, Stack, StackOptions};
