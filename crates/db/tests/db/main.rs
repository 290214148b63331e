//! The database crate against a private PostgreSQL cluster.
//!
//! - `connect`: settings, TLS, a server that is away or not durable
//! - `crowded`: PostgreSQL grants fewer connections than are wanted
//! - `doors`: what statements and transactions promise: retries, rollbacks, limits in time
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

use db::{Db, DbConfig, Executor as _, Migration, statement};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
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

/// Counts what is tried again in the thread of a test.
struct Retries {
    recorder: PrometheusRecorder,
}

impl Retries {
    fn new() -> Self {
        Self { recorder: PrometheusBuilder::new().build_recorder() }
    }

    /// How often the statement or transaction of this name was tried again so far.
    fn of(&self, name: &str) -> u32 {
        let line = format!("db_retries_total{{name=\"{name}\"}} ");
        self.recorder.handle().render().lines().find_map(|one| one.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
    }
}

async fn database() -> TestDatabase<'static> {
    Cluster::shared().await.unwrap().database("vault", &MIGRATIONS).await.unwrap()
}

fn connect(config: &DbConfig) -> Db {
    Db::connect(config, false).unwrap()
}

async fn value(db: &Db, id: i32) -> Option<i32> {
    let value = statement!("value", "SELECT value FROM counters WHERE id = $1");
    db.query_opt(&value, &[&id]).await.unwrap().map(|row| row.get(0))
}
