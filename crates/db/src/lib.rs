//! PostgreSQL behind three doors: `run_one` for a single statement, `run_tx` for transactions, `run_snapshot` for reads that belong
//! together.
//!
//! # Layout
//! - `config`: where the database is and how to log in
//! - `conn`: what runs inside a door: cached statements, time limits, begin and rollback
//! - `connections`: those of the calls, and the one that asks whether the database answers
//! - `durable`: refuses a server that may lose an acknowledged commit
//! - `error`: what can go wrong, by SQLSTATE
//! - `migrate`: append-only migrations and the version gate at start
//! - `places`: how many calls use the database at once
//! - `pool`: `Db`, the doors and their retries
//! - `renewal`: replaces connections that were made before the schema changed
//! - `settling`: connections whose last statement was given up
//!
//! # Known limits
//! - A connection lost after COMMIT was sent leaves the outcome unknown ([`Error::ConnectionLost`]); only the caller can
//!   tell by reading back, so nothing is repeated here.
//! - Where a statement was prepared before the schema changed, a `run_one` that has run another statement before it is not
//!   repeated: it answers [`Error::Unavailable`], and the next call works.
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

pub use config::{ConfigError, DbConfig, DbTls};
pub use conn::{Conn, One, Tx};
pub use durable::{NotDurable, require_durable};
pub use error::{Error, ServerError};
pub use futures::future::BoxFuture;
pub use migrate::{MigrateError, Migration, Schema, check_version, compatible_from, migrate};
pub use pool::Db;
pub use row_places::{Place, RowPlaces};
pub use said::chain;
pub use session::{NotAsAsked, require_session};
pub use tokio_postgres::{Row, types};
