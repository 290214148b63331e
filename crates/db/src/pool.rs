//! The doors, and their retries.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::{Instant, sleep};
use tokio_postgres::types::ToSql;

use crate::conn::Lost;
use crate::connections::Connections;
use crate::{Answer, ConfigError, DbConfig, Error, Executor, Statement, Tx, statement};

/// How often work that lost against a concurrent transaction is tried again.
const MAX_RETRIES: u32 = 10;
/// How often work is tried again because the schema changed under a prepared statement.
const MAX_RENEWALS: u32 = 3;
/// Longest pause before the first retry; doubles up to `MAX_BACKOFF`.
const FIRST_BACKOFF: Duration = Duration::from_millis(4);
const MAX_BACKOFF: Duration = Duration::from_millis(128);

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// Reads that take long ask others in between; each single statement stays bounded.
const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
     SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// A database: a pool of connections, shared by its clones.
#[derive(Clone)]
pub struct Db {
    connections: Arc<Connections>,
}

impl Db {
    /// Reads the password and the certificate authorities and makes the pool. Connects on first use, so that services
    /// start in any order. Needs room for `max_connections` and one more.
    pub fn connect(config: &DbConfig, production: bool) -> Result<Self, ConfigError> {
        Ok(Self { connections: Arc::new(Connections::new(config, production)?) })
    }

    /// Runs `work` in a READ COMMITTED transaction and commits when it returns `Ok`, rolls back when it returns `Err`.
    ///
    /// Repeated, with a jittered pause, when the server says that the transaction lost against a concurrent one (40001,
    /// 40P01), or on a new connection that a statement was prepared before the schema changed (0A000), and for no other
    /// reason: so `work` may run more than once and must have no effect outside of `tx`.
    ///
    /// ```text
    /// db.run_tx("key_create", |tx| Box::pin(async move { keys::key_insert(tx, key).await })).await
    /// ```
    pub async fn run_tx<'env, T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: for<'a> Fn(&'a Tx<'env>) -> BoxFuture<'a, Result<T, E>>,
    {
        self.run_in(BEGIN, name, work).await
    }

    /// Runs `work` in a REPEATABLE READ, READ ONLY transaction: every statement sees the same state.
    ///
    /// Repeated like [`Self::run_tx`], with a new state: what `work` has done outside of `tx` it does again.
    pub async fn run_snapshot<'env, T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: for<'a> Fn(&'a Tx<'env>) -> BoxFuture<'a, Result<T, E>>,
    {
        self.run_in(BEGIN_SNAPSHOT, name, work).await
    }

    /// Checks that a connection can be had and answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.run(&statement!("ping", "SELECT 1"), &[]).await.map(drop)
    }

    /// Whether the database answers, asked over a connection of its own: calls that keep all the others busy do not make it
    /// seem away. The connection stays open, and one that broke is replaced.
    pub async fn answers(&self) -> bool {
        self.connections.answers().await
    }

    /// Most connections for calls.
    pub fn max_connections(&self) -> usize {
        self.connections.most()
    }

    /// Opens `connections` ahead of their use, at most the pool's size and as many as PostgreSQL grants.
    pub async fn warm(&self, connections: usize) -> Result<(), Error> {
        self.connections.warm(connections).await
    }

    async fn run_in<'env, T, E, F>(&self, begin: &'static str, name: &'static str, work: F) -> Result<T, E>
    where
        E: From<Error>,
        F: for<'a> Fn(&'a Tx<'env>) -> BoxFuture<'a, Result<T, E>>,
    {
        let started = Instant::now();
        let mut retries = Retries::new(name);
        let result = loop {
            let (result, lost) = self.attempt(begin, &work).await;
            if result.is_ok() || !retries.may_go_on(lost).await {
                break result;
            }
        };
        measure(name, started, result.is_ok());
        result
    }

    async fn attempt<'env, T, E, F>(&self, begin: &'static str, work: &F) -> (Result<T, E>, Option<Lost>)
    where
        E: From<Error>,
        F: for<'a> Fn(&'a Tx<'env>) -> BoxFuture<'a, Result<T, E>>,
    {
        let tx = match self.connections.acquire().await {
            Ok(conn) => Tx::new(conn.beginning(begin)),
            Err(error) => return (Err(error.into()), None),
        };
        match work(&tx).await {
            Ok(value) => {
                let (committed, lost) = tx.commit().await;
                (committed.map(|()| value).map_err(E::from), lost)
            }
            Err(error) => {
                let lost = tx.roll_back().await;
                (Err(error), lost)
            }
        }
    }
}

/// Each statement commits by itself, without BEGIN and COMMIT; it is repeated like a transaction.
impl Executor for Db {
    async fn run(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Answer, Error> {
        let name = statement.name();
        let started = Instant::now();
        let mut retries = Retries::new(name);
        let result = loop {
            let conn = match self.connections.acquire().await {
                Ok(conn) => conn,
                Err(error) => break Err(error),
            };
            // Boxed: it is large, and part of every future that runs a statement.
            let result = Box::pin(conn.run(statement, params)).await;
            let lost = conn.lost();
            drop(conn);
            if result.is_ok() || !retries.may_go_on(lost).await {
                break result;
            }
        };
        measure(name, started, result.is_ok());
        result
    }
}

/// How often one piece of work was tried again, and why.
struct Retries {
    name: &'static str,
    conflicts: u32,
    renewals: u32,
}

impl Retries {
    fn new(name: &'static str) -> Self {
        Self { name, conflicts: 0, renewals: 0 }
    }

    /// Whether the work is to be tried again; waits until then.
    async fn may_go_on(&mut self, lost: Option<Lost>) -> bool {
        let (count, most) = match lost {
            None => return false,
            Some(Lost::Conflict) => (&mut self.conflicts, MAX_RETRIES),
            Some(Lost::Outdated) => (&mut self.renewals, MAX_RENEWALS),
        };
        if *count >= most {
            return false;
        }
        pause(self.name, *count).await;
        *count += 1;
        true
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("connections", &self.connections).finish()
    }
}

fn measure(name: &'static str, started: Instant, ok: bool) {
    let outcome = if ok { "ok" } else { "error" };
    metrics::counter!("db_calls_total", "name" => name, "outcome" => outcome).increment(1);
    metrics::histogram!("db_call_seconds", "name" => name).record(started.elapsed());
}

/// Waits before retry number `attempt` (from 0), between half and the whole of a doubling time.
async fn pause(name: &'static str, attempt: u32) {
    metrics::counter!("db_retries_total", "name" => name).increment(1);
    let whole = FIRST_BACKOFF.saturating_mul(1 << attempt.min(8)).min(MAX_BACKOFF);
    let mut random = [128];
    // Without randomness the pause is merely not jittered.
    let _ = SystemRandom::new().fill(&mut random);
    let [random] = random;
    sleep(whole / 2 + whole.mul_f64(f64::from(random) / 512.0)).await;
}
