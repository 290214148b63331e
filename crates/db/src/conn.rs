//! What runs inside a door: cached statements, time limits, and a begin that travels with the first statement.
//!
//! ```text
//! run_tx      first statement        second      …   closure returns
//!   │   BEGIN ─┬─▶ one round trip      ▶ one each       ▶ COMMIT, or ROLLBACK after any error
//!   │   stmt 1 ┘
//! dropped midway (deadline): the transaction is rolled back, and the connection goes back once its statement has ended, or is
//! closed where that takes long.
//! ```

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    ops::Deref,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use deadpool_postgres::Object;
use futures::{FutureExt as _, SinkExt as _, future::join};
use tokio_postgres::{Row, Statement, error::SqlState, types::ToSql};

use crate::{
    Error,
    places::Place,
    renewal::Renewal,
    settling::{Settling, close},
};

/// How much longer than the server's own limit a statement is waited for, before the connection is given up.
const GRACE: Duration = Duration::from_millis(500);
/// A connection that is younger is not replaced because its server is read-only: a new one would be no better.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// Why work was lost that certainly was not done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lost {
    /// Against a concurrent transaction.
    Conflict,
    /// A statement was prepared before the schema changed.
    Outdated,
}

/// One connection, for the time of a door.
pub struct Conn {
    /// None only when the connection was given up.
    client: Option<Object>,
    /// Where it is used. Given up after the connection, so that whoever comes next finds that one.
    place: Option<Place>,
    /// Longest wait for one statement.
    limit: Duration,
    /// What begins the transaction, for a connection that runs one.
    begin: Option<&'static str>,
    begun: AtomicBool,
    statements: AtomicU32,
    conflict: AtomicBool,
    outdated: AtomicBool,
    upkeep: Arc<Upkeep>,
    failed: AtomicBool,
    broken: AtomicBool,
    /// Statements that were sent and not answered.
    unanswered: AtomicU32,
    /// Those of them that are being prepared.
    preparing: AtomicU32,
}

/// What the connections of a pool have in common.
#[derive(Debug)]
pub(crate) struct Upkeep {
    pub(crate) renewal: Renewal,
    pub(crate) settling: Settling,
}

impl Conn {
    /// Statements take at most `statement_timeout` at the server.
    pub(crate) fn new(client: Object, place: Option<Place>, statement_timeout: Duration, upkeep: Arc<Upkeep>) -> Self {
        Self {
            client: Some(client),
            place,
            limit: statement_timeout.saturating_add(GRACE),
            begin: None,
            begun: AtomicBool::new(false),
            statements: AtomicU32::new(0),
            conflict: AtomicBool::new(false),
            outdated: AtomicBool::new(false),
            upkeep,
            failed: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            unanswered: AtomicU32::new(0),
            preparing: AtomicU32::new(0),
        }
    }

    /// Makes the first statement begin a transaction.
    pub(crate) fn beginning(mut self, begin: &'static str) -> Self {
        self.begin = Some(begin);
        self
    }

    /// Runs a statement, prepared once for each connection, and returns its rows. Where it is not prepared yet, what is sent
    /// meanwhile overtakes it: of statements that run at once and whose order counts, each is prepared before.
    pub async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        self.bounded(async {
            let client = self.client()?;
            let statement = self.prepared(client, sql).await?;
            self.with_begin(client, client.query(&statement, params)).await
        })
        .await
    }

    /// Runs a statement that yields at most one row.
    pub async fn query_opt(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error> {
        let mut rows = self.query(sql, params).await?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            rows => Err(Error::NotOneRow { rows }),
        }
    }

    /// Runs a statement that yields exactly one row.
    pub async fn query_one(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
        self.query_opt(sql, params).await?.ok_or(Error::NotOneRow { rows: 0 })
    }

    /// Runs a statement and returns how many rows it touched.
    pub async fn execute(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        self.bounded(async {
            let client = self.client()?;
            let statement = self.prepared(client, sql).await?;
            self.with_begin(client, client.execute(&statement, params)).await
        })
        .await
    }

    /// Runs statements that have neither parameters nor results, separated by semicolons.
    pub async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.bounded(async {
            let client = self.client()?;
            self.with_begin(client, client.batch_execute(sql)).await
        })
        .await
    }

    /// Runs `COPY … FROM STDIN (FORMAT binary)` with rows that are already in that format; returns how many were taken.
    pub async fn copy_in(&self, sql: &str, rows: Bytes) -> Result<u64, Error> {
        self.bounded(async {
            let client = self.client()?;
            let statement = self.prepared(client, sql).await?;
            let copy = async {
                let mut sink = pin!(client.copy_in(&statement).await?);
                sink.send(rows).await?;
                sink.finish().await
            };
            self.with_begin(client, copy).await
        })
        .await
    }

    /// Prepares a statement for this connection ahead of its use.
    pub async fn prepare_cached(&self, sql: &str) -> Result<(), Error> {
        self.bounded(async { self.prepared(self.client()?, sql).await.map(drop) }).await
    }

    async fn prepared(&self, client: &Object, sql: &str) -> Result<Statement, Error> {
        // Not taken back where the caller gives up in between.
        self.preparing.fetch_add(1, Ordering::Relaxed);
        let statement = client.prepare_cached(sql).await;
        self.preparing.fetch_sub(1, Ordering::Relaxed);
        Ok(statement?)
    }

    fn client(&self) -> Result<&Object, Error> {
        self.client.as_ref().ok_or(Error::RolledBack)
    }

    /// Sends the begin in front of the first statement, in the same poll: both share one round trip, and a statement that
    /// runs beside the first cannot overtake the begin.
    async fn with_begin<T>(
        &self,
        client: &Object,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Error> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let Some(begin) = self.begin.filter(|_| !self.begun.swap(true, Ordering::Relaxed)) else {
            return self.judged(client, statement.await);
        };
        let (begun, result) = join(client.batch_execute(begin), statement).await;
        begun?;
        self.judged(client, result)
    }

    /// Takes note of a statement that was prepared before the schema changed. It was refused before it did anything, and
    /// would be each time: the connection is given up, and those that were made before it with it.
    /// One that is read-only was left behind by its primary: another server may be the primary by now, under the same name.
    fn judged<T>(&self, client: &Object, result: Result<T, tokio_postgres::Error>) -> Result<T, Error> {
        result.map_err(|error| {
            let created = Object::metrics(client).created;
            if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) && created.elapsed() > LEFT_ALONE {
                self.broken.store(true, Ordering::Relaxed);
                self.upkeep.renewal.found_outdated(created);
            }
            if error.code() != Some(&SqlState::FEATURE_NOT_SUPPORTED) {
                return Error::from(error);
            }
            self.outdated.store(true, Ordering::Relaxed);
            self.broken.store(true, Ordering::Relaxed);
            self.upkeep.renewal.found_outdated(created);
            Error::Unavailable(Box::new(Error::from(error)))
        })
    }

    /// Bounds one statement in time and remembers what its failure means for the transaction and the connection.
    async fn bounded<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        // Not taken back where the caller gives up in between.
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        let result = match tokio::time::timeout(self.limit, work).await {
            Ok(result) => result,
            Err(elapsed) => {
                // The server did not even keep its own limit: what it still may answer must not meet the next user.
                self.broken.store(true, Ordering::Relaxed);
                Err(Error::ConnectionLost(Box::new(elapsed)))
            }
        };
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
        if let Err(error) = &result {
            if error.is_wordless_end() {
                self.leads_nowhere();
            }
            self.failed.fetch_or(error.ends_transaction(), Ordering::Relaxed);
            self.conflict.fetch_or(error.is_retryable(), Ordering::Relaxed);
            // The server says so before the connection closes: until then it would be taken for a good one, by the next
            // user of all, who tries the same again.
            self.broken.fetch_or(matches!(error, Error::ConnectionLost(_)), Ordering::Relaxed);
        }
        result
    }

    /// Takes note of a server that ended a connection without a word, or says nothing more on it: another one may have its name by now,
    /// and each of the connections that were made before would be found dead by a call of its own.
    fn leads_nowhere(&self) {
        if let Some(client) = &self.client {
            self.upkeep.renewal.found_outdated(Object::metrics(client).created);
        }
    }

    /// Why all that ran here was lost, if that was a single statement.
    pub(crate) fn only_statement_lost(&self) -> Option<Lost> {
        self.lost().filter(|_| self.statements.load(Ordering::Relaxed) == 1)
    }

    fn lost(&self) -> Option<Lost> {
        if self.outdated.load(Ordering::Relaxed) {
            return Some(Lost::Outdated);
        }
        self.conflict.load(Ordering::Relaxed).then_some(Lost::Conflict)
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        // What was being prepared would stay at the server, known to nobody.
        if self.broken.load(Ordering::Relaxed) || self.preparing.load(Ordering::Relaxed) > 0 {
            close(client);
        } else if self.unanswered.load(Ordering::Relaxed) > 0 {
            // Whoever got it now would wait for that statement, too: for a row, say, that somebody has locked.
            self.upkeep.settling.settle(client, self.place.take());
        }
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conn").finish_non_exhaustive()
    }
}

/// A connection outside of any transaction. Statements run on it as on a [`Conn`], each commits by itself.
///
/// `'env` lets the closure of `run_one` borrow what outlives the call.
#[derive(Debug)]
pub struct One<'env> {
    conn: Conn,
    env: PhantomData<&'env ()>,
}

impl One<'_> {
    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn, env: PhantomData }
    }
}

impl Deref for One<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

/// A transaction. Statements run on it as on a [`Conn`].
///
/// `'env` lets the closure of `run_tx` borrow what outlives the call.
#[derive(Debug)]
pub struct Tx<'env> {
    conn: Conn,
    finished: bool,
    env: PhantomData<&'env ()>,
}

impl Tx<'_> {
    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn, finished: false, env: PhantomData }
    }

    /// Commits. A transaction without a statement never began.
    pub(crate) async fn commit(mut self) -> (Result<(), Error>, Option<Lost>) {
        let result = if self.conn.failed.load(Ordering::Relaxed) {
            self.end("ROLLBACK").await.and(Err(Error::RolledBack))
        } else {
            self.end("COMMIT").await
        };
        (result, self.conn.lost())
    }

    /// Rolls back; a failure to do so closes the connection instead. Tells whether and why the transaction was lost.
    pub(crate) async fn roll_back(mut self) -> Option<Lost> {
        if self.end("ROLLBACK").await.is_err() {
            self.conn.broken.store(true, Ordering::Relaxed);
        }
        self.conn.lost()
    }

    async fn end(&mut self, sql: &'static str) -> Result<(), Error> {
        if !self.conn.begun.load(Ordering::Relaxed) || self.conn.broken.load(Ordering::Relaxed) {
            self.finished = true;
            return Ok(());
        }
        let result = self.conn.bounded(async { Ok(self.conn.client()?.batch_execute(sql).await?) }).await;
        self.finished = true;
        if result.is_ok() {
            // It is the last one, so those that nobody waited for are answered as well.
            self.conn.unanswered.store(0, Ordering::Relaxed);
        }
        result
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if self.finished || !self.conn.begun.load(Ordering::Relaxed) {
            return;
        }
        if let Some(client) = &self.conn.client
            && let Some(Err(_)) = client.batch_execute("ROLLBACK").now_or_never()
        {
            self.conn.broken.store(true, Ordering::Relaxed);
        }
    }
}
