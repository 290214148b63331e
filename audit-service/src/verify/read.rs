//! The rows of a log in one snapshot, page by page, through a cursor: no row is skipped, whatever was done to the indexes.

use db::{Db, Row};
use names::{BootId, EventId, LogName};
use tlog::verify::{self, Verifier};
use tlog::{Columns, KeyOperation};
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;
use crate::store::entries::{self, COLUMNS};
use crate::store::micros::Micros;
use crate::store::{StoreError, logs};

/// What the log's own row says.
#[derive(Clone, Debug)]
pub(super) struct LogHeader {
    /// The row; `None` if there is none.
    pub(super) row: Option<verify::LogRow>,
    /// What in it cannot be.
    pub(super) unreadable: Vec<&'static str>,
}

/// A part of what is read.
#[derive(Debug)]
pub(super) enum Page {
    /// Rows, in the order of their indices.
    Rows(Rows),
    /// All rows were read.
    End,
}

/// Rows of `entries`.
#[derive(Debug)]
pub(super) struct Rows(Vec<Row>);

impl Rows {
    /// Hands the rows to the verifier.
    pub(super) fn push_to(&self, verifier: &mut Verifier) {
        for row in &self.0 {
            match entry_row(row) {
                Ok(row) => verifier.push(&row),
                // The column's type was changed: whatever it holds, it is not what was sealed.
                Err(_unreadable) => verifier.push(&unreadable(row)),
            }
        }
    }
}

/// Whether the database has a row of the log, or an entry.
pub(super) async fn any_row(db: &Db, log: &LogName) -> Result<bool, StoreError> {
    let id = tlog::log_id(log);
    db.run_one("log_any_row", |conn| Box::pin(async move { logs::log_any_row(conn, id).await })).await
}

/// Reads the log's row and all entries; the receivers may go away early.
pub(super) async fn rows(
    db: &Db,
    log: &LogName,
    header: oneshot::Sender<LogHeader>,
    pages: mpsc::Sender<Page>,
) -> Result<(), Error> {
    let id = tlog::log_id(log);
    let name = log.to_string();
    db.run_snapshot("verify", |tx| {
        Box::pin(async move {
            let row = logs::log_fetch_unchecked(tx, id).await?;
            if header.send(log_header(row, &name)).is_err() {
                return Ok(());
            }
            entries::entries_open(tx, id).await?;
            loop {
                let page = entries::entries_next(tx).await?;
                if page.is_empty() {
                    break;
                }
                if pages.send(Page::Rows(Rows(page))).await.is_err() {
                    return Ok(());
                }
            }
            // Who has gone away needs no end.
            let _gone = pages.send(Page::End).await;
            Ok::<_, StoreError>(())
        })
    })
    .await?;
    Ok(())
}

fn log_header(row: Option<logs::UncheckedLogRow>, name: &str) -> LogHeader {
    let Some(row) = row else { return LogHeader { row: None, unreadable: Vec::new() } };
    let mut unreadable = Vec::new();
    if row.name != name {
        unreadable.push("has another name");
    }
    let size = u64::try_from(row.size).unwrap_or_else(|_negative| {
        unreadable.push("has a negative size");
        0
    });
    let row = verify::LogRow { size, head: row.head, last_logged_ns: row.last_logged_ns };
    LogHeader { row: Some(row), unreadable }
}

fn entry_row(row: &Row) -> Result<verify::Row<'_>, StoreError> {
    let [index, event_id, entry, mac, logged_at, producer, actor, action, resource, outcome, boot, counter] = COLUMNS;
    let Micros(logged_us) = value(row, logged_at)?;
    Ok(verify::Row {
        index: value(row, index)?,
        columns: Columns {
            event_id: EventId::new(value(row, event_id)?),
            logged_us,
            producer: value(row, producer)?,
            actor: value(row, actor)?,
            action: value(row, action)?,
            resource: value(row, resource)?,
            outcome: value(row, outcome)?,
            key_operation: key_operation(row, boot, counter)?,
        },
        entry: value(row, entry)?,
        mac: value(row, mac)?,
    })
}

/// A negative counter is one that no entry has.
fn key_operation(
    row: &Row,
    boot: (usize, &'static str),
    counter: (usize, &'static str),
) -> Result<Option<KeyOperation>, StoreError> {
    let (boot, number): (Option<uuid::Uuid>, Option<i64>) = (value(row, boot)?, value(row, counter)?);
    let operation = |(boot, counter)| KeyOperation { boot: BootId::new(boot), counter };
    Ok(boot.zip(number.map(|number| u64::try_from(number).unwrap_or(u64::MAX))).map(operation))
}

/// A row of which only the index can be read, if that.
fn unreadable(row: &Row) -> verify::Row<'_> {
    let [index, ..] = COLUMNS;
    let columns = Columns {
        event_id: EventId::new(uuid::Uuid::nil()),
        logged_us: 0,
        producer: "",
        actor: "",
        action: "",
        resource: "",
        outcome: 0,
        key_operation: None,
    };
    verify::Row { index: value(row, index).unwrap_or(i64::MAX), columns, entry: &[], mac: &[] }
}

/// By position: the names are looked up in `COLUMNS` only to keep the order in one place.
fn value<'a, T: db::types::FromSql<'a>>(row: &'a Row, column: (usize, &'static str)) -> Result<T, StoreError> {
    let (position, column) = column;
    row.try_get(position).map_err(|_unreadable| StoreError::Row { table: "entries", column })
}
