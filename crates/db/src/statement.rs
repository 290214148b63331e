//! A statement with its name, and what runs it.

use std::borrow::Cow;
use std::future::Future;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::Error;

/// SQL and the name of the function that runs it, by which the code, `pg_stat_statements` and, if it runs by itself, metrics know
/// it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    name: &'static str,
    sql: Cow<'static, str>,
}

impl Statement {
    /// A statement that was put together; `name` is written before it.
    pub fn built(name: &'static str, sql: &str) -> Self {
        Self { name, sql: Cow::Owned(format!("-- {name}()\n{sql}")) }
    }

    /// A statement that begins with `-- {name}()`, as [`statement!`](crate::statement) writes it.
    #[doc(hidden)]
    pub const fn named(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql: Cow::Borrowed(sql) }
    }

    /// The name, without parentheses.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The SQL, its name before it.
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

/// A [`Statement`] out of its name and literals.
///
/// ```
/// # use strongroom_db as db;
/// const FETCH: db::Statement = db::statement!("key_fetch", "SELECT key_uid FROM keys WHERE key_id = ", "$1");
/// assert_eq!(FETCH.sql(), "-- key_fetch()\nSELECT key_uid FROM keys WHERE key_id = $1");
/// ```
#[macro_export]
macro_rules! statement {
    ($name:literal, $($sql:expr),+ $(,)?) => {
        $crate::Statement::named($name, concat!("-- ", $name, "()\n", $($sql),+))
    };
}

/// What a statement answered.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Number of rows that it returned or changed.
    pub affected: u64,
}

/// What runs statements: a database, where each commits by itself, or a transaction.
pub trait Executor: Send + Sync {
    /// Runs a statement, prepared once for each connection.
    fn run(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Answer, Error>> + Send;

    /// Runs a statement and returns its rows.
    fn query(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send {
        async { Ok(self.run(statement, params).await?.rows) }
    }

    /// Runs a statement that yields at most one row.
    fn query_opt(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send {
        async {
            let mut rows = self.query(statement, params).await?;
            match rows.len() {
                0 | 1 => Ok(rows.pop()),
                rows => Err(Error::NotOneRow { rows }),
            }
        }
    }

    /// Runs a statement that yields exactly one row.
    fn query_one(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Row, Error>> + Send {
        async { self.query_opt(statement, params).await?.ok_or(Error::NotOneRow { rows: 0 }) }
    }

    /// Runs a statement and returns how many rows it changed.
    fn execute(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<u64, Error>> + Send {
        async { Ok(self.run(statement, params).await?.affected) }
    }
}
