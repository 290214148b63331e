//! One connection, for the time of a door: cached statements, time limits, and a begin that travels with the first statement.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use deadpool_postgres::Object;
use futures::future::join;
use futures::{FutureExt as _, SinkExt as _, TryStreamExt as _};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::places::Place;
use crate::renewal::Renewal;
use crate::settling::{Settling, close};
use crate::{Answer, Error, Statement};

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
pub(crate) struct Conn {
    /// None only when the connection was given up.
    client: Option<Object>,
    /// Where it is used. Given up after the connection, so that whoever comes next finds that one.
    place: Option<Place>,
    /// Longest wait for one statement.
    limit: Duration,
    /// What begins the transaction, for a connection that runs one.
    begin: Option<&'static str>,
    begun: AtomicBool,
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

    /// Runs a statement, prepared once for each connection. Where it is not prepared yet, what is sent meanwhile overtakes it: of
    /// statements that run at once and whose order counts, each is prepared before.
    pub(crate) async fn run(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Answer, Error> {
        self.bounded(async {
            let client = self.client()?;
            let prepared = self.prepared(client, statement).await?;
            let answer = async {
                let mut stream = pin!(client.query_raw(&prepared, params.iter().copied()).await?);
                let mut rows = Vec::new();
                while let Some(row) = stream.try_next().await? {
                    rows.push(row);
                }
                Ok(Answer { rows, affected: stream.rows_affected().unwrap_or(0) })
            };
            self.with_begin(client, answer).await
        })
        .await
    }

    /// Runs statements that have neither parameters nor results.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.bounded(async {
            let client = self.client()?;
            self.with_begin(client, client.batch_execute(sql)).await
        })
        .await
    }

    /// Runs `COPY … FROM STDIN (FORMAT binary)`.
    pub(crate) async fn copy_in(&self, statement: &Statement, rows: Bytes) -> Result<u64, Error> {
        self.bounded(async {
            let client = self.client()?;
            let prepared = self.prepared(client, statement).await?;
            let copy = async {
                let mut sink = pin!(client.copy_in(&prepared).await?);
                sink.send(rows).await?;
                sink.finish().await
            };
            self.with_begin(client, copy).await
        })
        .await
    }

    /// Prepares a statement for this connection ahead of its use.
    pub(crate) async fn prepare(&self, statement: &Statement) -> Result<(), Error> {
        self.bounded(async { self.prepared(self.client()?, statement).await.map(drop) }).await
    }

    async fn prepared(&self, client: &Object, statement: &Statement) -> Result<tokio_postgres::Statement, Error> {
        // Not taken back where the caller gives up in between.
        self.preparing.fetch_add(1, Ordering::Relaxed);
        let prepared = client.prepare_cached(statement.sql()).await;
        self.preparing.fetch_sub(1, Ordering::Relaxed);
        Ok(prepared?)
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

    /// Whether a statement failed that nothing can follow in a transaction.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Whether a transaction has begun.
    pub(crate) fn is_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Ends the transaction, if there is one and the connection is not to be closed anyway.
    pub(crate) async fn end(&self, sql: &'static str) -> Result<(), Error> {
        if !self.is_begun() || self.broken.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.bounded(async { Ok(self.client()?.batch_execute(sql).await?) }).await?;
        // It is the last one, so those that nobody waited for are answered as well.
        self.unanswered.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Sends a ROLLBACK that nobody waits for.
    pub(crate) fn send_rollback(&self) {
        if let Some(client) = &self.client
            && let Some(Err(_)) = client.batch_execute("ROLLBACK").now_or_never()
        {
            self.close();
        }
    }

    /// Has the connection closed when it is dropped.
    pub(crate) fn close(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    /// Why what ran here was lost, if it was.
    pub(crate) fn lost(&self) -> Option<Lost> {
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
