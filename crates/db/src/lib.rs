//! PostgreSQL: `Db` runs single statements, `run_tx` transactions, and `run_snapshot` reads that belong together.
//!
//! # Layout
//! - `config`: where the database is and how to log in
//! - `conn`: one connection at work: cached statements, time limits, begin and rollback
//! - `connections`: those of the calls, and the one that asks whether the database answers
//! - `durable`: refuses a server that may lose an acknowledged commit
//! - `error`: what can go wrong, by SQLSTATE
//! - `migrate`: append-only migrations and the version gate at start
//! - `places`: how many calls use the database at once
//! - `pool`: `Db` and its retries
//! - `renewal`: replaces connections that were made before the schema changed
//! - `settling`: connections whose last statement was given up
//! - `statement`: a statement with its name, and the trait of what runs it
//! - `tx`: a transaction
//!
//! # Known limits
//! - A connection lost after COMMIT was sent leaves the outcome unknown ([`Error::ConnectionLost`]); only the caller can
//!   tell by reading back, so nothing is repeated here.
//! - An integer's width is part of a statement: before a column is widened, a release casts it (`$1::integer`,
//!   `width::bigint`).

mod config;
mod conn;
mod connections;
mod durable;
mod error;
mod login;
mod migrate;
mod places;
mod pool;
mod renewal;
mod row_places;
mod said;
mod session;
mod settling;
mod statement;
mod tx;

pub use config::{ConfigError, DbConfig, DbTls};
pub use durable::{NotDurable, require_durable};
pub use error::{Error, ServerError};
pub use futures::future::BoxFuture;
pub use migrate::{MigrateError, Migration, Schema, check_version, compatible_from, migrate};
pub use pool::Db;
pub use row_places::{Place, RowPlaces};
pub use said::chain;
pub use session::{NotAsAsked, require_session};
pub use statement::{Answer, Executor, Statement};
pub use tokio_postgres::{Row, types};
pub use tx::Tx;
