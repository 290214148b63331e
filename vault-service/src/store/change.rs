//! Statements that write or change one row, and with it what belongs to the change.

use std::fmt::Write as _;

use audit::OutboxRow;
use db::types::ToSql;
use db::{Executor, Statement};
use rows::NewRows;

use super::StoreError;
use super::outbox::{FIRST, INSERT_EVENTS, OutboxColumns};
use super::types::from_bigint;

/// A row that is written, changed or removed together with its event, and with rows beside it; where there is no row to change,
/// nothing is written.
pub(super) struct Change<'a> {
    /// Name of the function that does so.
    pub(super) function: &'static str,
    /// Its INSERT, UPDATE or DELETE with a RETURNING, whose parameters begin with number [`FIRST`].
    pub(super) sql: &'a str,
    /// Those parameters.
    pub(super) params: &'a [&'a (dyn ToSql + Sync)],
    /// What is inserted beside it.
    pub(super) beside: Vec<NewRows<'a>>,
}

impl Change<'_> {
    /// Whether it was done.
    pub(super) async fn write(self, db: &impl Executor, event: &OutboxRow) -> Result<bool, StoreError> {
        let Self { function, sql: change, params, beside } = self;
        let mut sql = format!("WITH changed AS ({change})");
        let mut params = params.to_vec();
        for (number, rows) in beside.iter().enumerate() {
            let insert = rows.insert(FIRST + params.len());
            // Writing to a text cannot fail.
            let _ = write!(sql, ", beside_{number} AS ({insert} WHERE EXISTS (SELECT FROM changed))");
            params.extend(rows.params());
        }
        let _ = write!(
            sql,
            ", event AS ({INSERT_EVENTS} WHERE EXISTS (SELECT FROM changed) RETURNING 1)
            SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM event)"
        );
        let outbox = OutboxColumns::of(std::iter::once(event));
        let row = db.query_one(&Statement::built(function, &sql), &outbox.params(&params)).await?;
        let count = |column: usize| -> Result<u64, db::Error> { Ok(from_bigint(row.try_get(column)?)) };
        let is_changed = count(0)? == 1;
        db::Error::unless_all(count(1)?, usize::from(is_changed))?;
        Ok(is_changed)
    }

    /// The same for an INSERT, which is done or fails.
    pub(super) async fn insert(self, db: &impl Executor, event: &OutboxRow) -> Result<(), StoreError> {
        let is_written = self.write(db, event).await?;
        Ok(db::Error::unless_all(u64::from(is_written), 1)?)
    }
}
