//! The rows of a log in one snapshot, page by page, as often as they are asked for; and, beside them in the same snapshot, how
//! many rows each index leads to.

use std::sync::{Mutex, PoisonError};

use db::{Db, Row, Tx};
use futures::TryStreamExt as _;
use futures::stream::FuturesOrdered;
use names::{LogId, LogName};
use tlog::verify::{self, Verifier};
use tokio::sync::{mpsc, oneshot};

use crate::error::Error;
use crate::store::verification::{self, INDEXES, Index};
use crate::store::{StoreError, logs, rows};

/// What the log's own row says.
#[derive(Clone, Debug)]
pub(super) struct LogHeader {
    /// The row; `None` if there is none that can be read.
    pub(super) row: Option<verify::LogRow>,
    /// What in it cannot be.
    pub(super) unreadable: Vec<&'static str>,
}

/// What comes before the rows.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The log's own row.
    pub(super) header: LogHeader,
    /// The snapshot, for [`counts`].
    pub(super) snapshot: String,
}

/// Rows that each index leads to. `None`: it is not there, switched off, or cannot be read.
pub(super) type Counts = Vec<(Index, Option<u64>)>;

/// A part of what is read.
#[derive(Debug)]
pub(super) enum Part {
    /// Rows, in the order of their indices.
    Rows(Rows),
    /// All rows were read: ask what is to follow.
    End,
    /// The counts of all indexes.
    Indexes(Counts),
}

/// What is asked for after the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The same rows once more.
    Again,
    /// [`Part::Indexes`], the last part.
    Indexes,
}

/// The reader's ends of the channels; those who have the other ends may go away early.
#[derive(Debug)]
pub(super) struct Reading {
    /// Where the log's row goes.
    pub(super) beginning: oneshot::Sender<Beginning>,
    /// Where the parts go.
    pub(super) parts: mpsc::Sender<Part>,
    /// What is asked for.
    pub(super) asks: mpsc::Receiver<Ask>,
}

/// Rows of `entries`.
#[derive(Debug)]
pub(super) struct Rows(Vec<Row>);

impl Rows {
    /// Hands the rows to the verifier; returns how many of them have another outcome than OK.
    pub(super) fn push_to(&self, verifier: &mut Verifier) -> u64 {
        let mut not_ok = 0;
        for row in &self.0 {
            let row = rows::row(row);
            not_ok += u64::from(row.columns.outcome != i16::from(tlog::Outcome::OK.number()));
            verifier.push(&row);
        }
        not_ok
    }
}

/// Whether the database has a row of the log, or an entry.
pub(super) async fn any_row(db: &Db, log: &LogName) -> Result<bool, StoreError> {
    let id = tlog::log_id(log);
    db.run_one("log_any_row", |conn| Box::pin(async move { logs::log_any_row(conn, id).await })).await
}

/// Reads the log's row, the entries from an index on, and what is asked for then.
pub(super) async fn rows(db: &Db, log: &LogName, from: u64, reading: Reading) -> Result<(), Error> {
    let id = tlog::log_id(log);
    let name = &log.to_string();
    let reading = &Mutex::new(Some(reading));
    db.run_snapshot("verify", |tx| {
        Box::pin(async move {
            let header = match logs::log_fetch_unchecked(tx, id).await {
                Err(StoreError::Row { .. }) => LogHeader { row: None, unreadable: vec!["has columns of other types"] },
                row => log_header(row?, name),
            };
            let snapshot = verification::snapshot_export(tx).await?;
            // Until here it may be repeated; what a verifier has been given belongs to one snapshot.
            let reading = reading.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(Reading { beginning, parts, mut asks }) = reading else {
                return Err(db::Error::Unavailable("the snapshot was lost while it was read".into()).into());
            };
            if beginning.send(Beginning { header, snapshot }).is_err() {
                return Ok(());
            }
            loop {
                verification::rows_open(tx, id, from).await?;
                // One page is always asked for before the one before it is here, so that PostgreSQL never waits.
                let mut pages = FuturesOrdered::from_iter([verification::rows_next(tx), verification::rows_next(tx)]);
                while let Some(rows) = pages.try_next().await? {
                    if rows.is_empty() {
                        continue;
                    }
                    pages.push_back(verification::rows_next(tx));
                    if parts.send(Part::Rows(Rows(rows))).await.is_err() {
                        return Ok(());
                    }
                }
                verification::rows_close(tx).await?;
                if parts.send(Part::End).await.is_err() {
                    return Ok(());
                }
                match asks.recv().await {
                    Some(Ask::Again) => {}
                    Some(Ask::Indexes) => break,
                    None => return Ok(()),
                }
            }
            let (counts, counted) = count(tx, id, from).await;
            // Who has gone away needs no counts.
            let _gone = parts.send(Part::Indexes(counts)).await;
            counted
        })
    })
    .await?;
    Ok(())
}

/// Counts through the indexes in a snapshot that a reader has opened, on a connection of its own.
pub(super) async fn counts(db: &Db, log: &LogName, from: u64, snapshot: String) -> Result<Counts, Error> {
    let id = tlog::log_id(log);
    let snapshot = &snapshot;
    let counts = db.run_snapshot("verify_indexes", |tx| {
        Box::pin(async move {
            verification::snapshot_import(tx, snapshot).await?;
            let (counts, counted) = count(tx, id, from).await;
            counted.map(|()| counts)
        })
    });
    Ok(counts.await?)
}

/// Counts through all indexes, up to one that cannot be read: that ends the transaction.
async fn count(tx: &Tx<'_>, log: LogId, from: u64) -> (Counts, Result<(), StoreError>) {
    let mut counts: Counts = INDEXES.map(|index| (index, None)).into();
    for (index, count) in &mut counts {
        match verification::index_count(tx, log, from, *index).await {
            Ok(rows) => *count = rows,
            Err(error) => return (counts, Err(error)),
        }
    }
    (counts, Ok(()))
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
