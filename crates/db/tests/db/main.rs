//! The database crate against a private PostgreSQL cluster.
//!
//! - `connect`: settings, TLS, a server that is away or not durable
//! - `crowded`: PostgreSQL grants fewer connections than are wanted
//! - `doors`: what the two doors promise: retries, rollbacks, limits in time
//! - `given_up`: callers that give up in the middle of a statement
//! - `migrate`: append-only migrations and the gate at start
//! - `schema_change`: statements that were prepared before the schema changed
#![cfg(test)]

// The name it has everywhere else.
extern crate strongroom_db as db;

mod connect;
mod crowded;
mod doors;
mod given_up;
mod migrate;
mod schema_change;

use db::{Db, DbConfig, Migration};
use test_support::postgres::{Cluster, TestDatabase};

/// One table that the service's role may use.
const MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "counters",
    sql: "-- compatible from: 1
          CREATE TABLE counters (
              id integer CONSTRAINT counters_pkey PRIMARY KEY,
              value integer NOT NULL CONSTRAINT counters_value_positive CHECK (value >= 0)
          );
          INSERT INTO counters VALUES (1, 0), (2, 0);
          GRANT SELECT, INSERT, UPDATE ON counters TO strongroom_vault",
}];

async fn database() -> TestDatabase<'static> {
    Cluster::shared().await.unwrap().database("vault", &MIGRATIONS).await.unwrap()
}

fn connect(config: &DbConfig) -> Db {
    Db::connect(config, false).unwrap()
}

async fn value(db: &Db, id: i32) -> Option<i32> {
    let row = db.run_one("value", |conn| {
        Box::pin(async move { conn.query_opt("SELECT value FROM counters WHERE id = $1", &[&id]).await })
    });
    row.await.unwrap().map(|row| row.get(0))
}
