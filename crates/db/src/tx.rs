//! A transaction: a begin that travels with the first statement, and an end that cannot be missed.
//!
//! ```text
//! run_tx      first statement        second      …   closure returns
//!   │   BEGIN ─┬─▶ one round trip      ▶ one each       ▶ COMMIT, or ROLLBACK after any error
//!   │   stmt 1 ┘
//! dropped midway (deadline): the transaction is rolled back, and the connection goes back once its statement has ended, or is
//! closed where that takes long.
//! ```

use std::marker::PhantomData;

use bytes::Bytes;
use tokio_postgres::types::ToSql;

use crate::conn::{Conn, Lost};
use crate::{Answer, Error, Executor, Statement};

/// A transaction.
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

    /// Runs statements that have neither parameters nor results, separated by semicolons.
    pub async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.conn.batch(sql).await
    }

    /// Runs `COPY … FROM STDIN (FORMAT binary)` with rows that are already in that format; returns how many were taken.
    pub async fn copy_in(&self, statement: &Statement, rows: Bytes) -> Result<u64, Error> {
        self.conn.copy_in(statement, rows).await
    }

    /// Prepares a statement ahead of its use. What is sent while one is being prepared overtakes it: of statements that run at
    /// once and whose order counts, each is prepared before.
    pub async fn prepare(&self, statement: &Statement) -> Result<(), Error> {
        self.conn.prepare(statement).await
    }

    /// Commits. A transaction without a statement never began.
    pub(crate) async fn commit(mut self) -> (Result<(), Error>, Option<Lost>) {
        let result = if self.conn.has_failed() {
            self.end("ROLLBACK").await.and(Err(Error::RolledBack))
        } else {
            self.end("COMMIT").await
        };
        (result, self.conn.lost())
    }

    /// Rolls back; a failure to do so closes the connection instead. Tells whether and why the transaction was lost.
    pub(crate) async fn roll_back(mut self) -> Option<Lost> {
        if self.end("ROLLBACK").await.is_err() {
            self.conn.close();
        }
        self.conn.lost()
    }

    async fn end(&mut self, sql: &'static str) -> Result<(), Error> {
        let result = self.conn.end(sql).await;
        self.finished = true;
        result
    }
}

impl Executor for Tx<'_> {
    async fn run(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Answer, Error> {
        self.conn.run(statement, params).await
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        if !self.finished && self.conn.is_begun() {
            self.conn.send_rollback();
        }
    }
}
