//! A private PostgreSQL cluster: for a test binary, ended with it, or detached for the development stack.
//!
//! # Layout
//! - `binaries`: finds initdb, `pg_ctl` and postgres
//! - `clock`: a clock that a test sets
//! - `cluster`: a running cluster, from its start to its end
//! - `database`: roles, databases, and copies of a migrated template
//! - `error`: why there is no cluster, or no database in it
//! - `files`: the cluster's directory and its settings
//! - `pooler`: a `PgBouncer` before a cluster
//! - `rows`: rows of tables kept aside, and put back
//! - `server`: the server process and what ends it

mod binaries;
mod clock;
mod cluster;
mod database;
mod error;
mod files;
mod pooler;
mod rows;
mod server;

pub use binaries::{Binaries, SUPERUSER, find_pgbouncer};
pub use clock::MovableClock;
pub use cluster::Cluster;
pub use database::{SERVICES, Superuser, TestDatabase};
pub use error::Error;
pub use files::{Options, ServerTls};
pub use pooler::Pooler;
pub use rows::{keep_rows, put_rows_back};
