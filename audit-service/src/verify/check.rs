//! Brings rows, the verifier and the signer together: pages are checked while the next are read and MACs are asked for.

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use names::LogName;
use tlog::protocol::SignerView;
use tlog::signer::MacsChecked;
use tlog::verify::{Expectation, Finding, FindingKind, Later, MacRun, Report, Subject, Unchecked, Verifier};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::read::{self, Ask, Beginning, Counts, LogHeader, Part};
use crate::error::Error;
use crate::signer::{MacsToVerify, Signer, SignerError};

/// With fewer connections than these a verification has one, and the indexes are counted after the rows: with that one and
/// another beside it no half would be left for other calls.
const TWO_OF: usize = 4;
/// Calls of `VerifyMacs` in flight.
const CALLS: usize = 8;
/// A signer that does not answer is asked again: one lost call must not leave a long verification incomplete.
const ATTEMPTS: u32 = 3;
/// Before it is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// What a caller knew of the log.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// What it must still have been.
    pub(crate) expectation: Option<Expectation>,
    /// Where the caller trusts it already: only what follows is verified.
    pub(crate) since: Option<Expectation>,
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Rows checked.
    pub(crate) entries: u64,
    /// Rows to check.
    pub(crate) size: u64,
}

/// Told how far a verification has come, page by page.
pub(crate) type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// What a log is checked against.
#[derive(Clone)]
pub(super) struct Checking {
    pub(super) db: Db,
    pub(super) log: LogName,
    pub(super) signer: Arc<dyn Signer>,
    /// The signer's first answer. `None`: there was none.
    pub(super) view: Option<SignerView>,
    pub(super) known: Known,
    pub(super) on_progress: OnProgress,
}

/// The checker's ends of the reader's channels.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) beginning: oneshot::Receiver<Beginning>,
    pub(super) parts: mpsc::Receiver<Part>,
    pub(super) asks: mpsc::Sender<Ask>,
}

/// How far it came.
#[derive(Debug)]
pub(super) enum Checked {
    /// To the end.
    Whole(Box<Report>),
    /// The reader gave up among the rows.
    Broken(Box<Verifier>),
    /// The reader gave up before anything was read.
    Nothing,
}

type MacCalls = FuturesOrdered<BoxFuture<'static, Option<MacsChecked>>>;

/// How many rows were read.
#[derive(Clone, Copy, Debug)]
struct RowsRead {
    rows: u64,
    /// Those with another outcome than OK.
    not_ok: u64,
}

/// Whether the indexes are counted beside the rows, over a connection of their own, with a pool of so many.
fn counts_beside(connections: usize) -> bool {
    connections >= TWO_OF
}

/// What was counted beside the rows; where it was not, for want of a connection, the reader is asked to count.
async fn counts_of(counting: &mut JoinSet<Result<Counts, Error>>, link: &mut Link) -> Option<Counts> {
    match counting.join_next().await {
        Some(Ok(Ok(counts))) => return Some(counts),
        Some(Ok(Err(error))) => {
            tracing::info!(error = service::chain(&error), "indexes were not counted beside the rows");
        }
        Some(Err(_)) | None => {}
    }
    // A reader that has gone away shows when its part is missing.
    let _gone = link.asks.send(Ask::Indexes).await;
    match link.parts.recv().await {
        Some(Part::Indexes(counts)) => Some(counts),
        _ => None,
    }
}

impl Checking {
    /// Checks what the reader reads; `all` asks for all MACs from the beginning.
    pub(super) async fn run(self, mut link: Link, all: bool) -> Checked {
        let Ok(Beginning { header, indices }) = (&mut link.beginning).await else { return Checked::Nothing };
        let mut counting = JoinSet::new();
        if counts_beside(self.db.max_connections()) {
            let (db, log) = (self.db.clone(), self.log.clone());
            counting.spawn(async move { read::counts(&db, &log, indices).await });
        }
        let size = header.row.as_ref().map_or(0, |row| row.size);
        let size = self.view.as_ref().map_or(size, |view| size.max(view.size));
        let Known { expectation, since } = self.known;
        let subject = Subject { signer: self.view.clone(), row: header.row.clone(), expectation, since };
        let mut verifier = Verifier::new(&self.log, subject);
        if all {
            verifier.restart();
        }
        let rows = loop {
            let Some(rows) = self.rows(&mut verifier, &mut link.parts, size).await else {
                return Checked::Broken(Box::new(verifier));
            };
            if !verifier.read_again() {
                break rows;
            }
            // A reader that has gone away shows when its next part is missing.
            let _gone = link.asks.send(Ask::Again).await;
        };
        let Some(indexes) = counts_of(&mut counting, &mut link).await else {
            return Checked::Broken(Box::new(verifier));
        };
        let later = if verifier.beyond_signer() { Some(self.ask_again().await) } else { None };
        let mut report = verifier.finish(match &later {
            None => Later::NotAsked,
            Some(Err(_)) => Later::Unanswered,
            Some(Ok(None)) => Later::Nothing,
            Some(Ok(Some(view))) => Later::View(view),
        });
        let (findings, unchecked) = self.around(&header, &indexes, rows);
        report.add(findings, unchecked);
        Checked::Whole(Box::new(report))
    }

    /// Checks all rows once. `None` if the reader gave up.
    async fn rows(&self, verifier: &mut Verifier, parts: &mut mpsc::Receiver<Part>, size: u64) -> Option<RowsRead> {
        let mut calls = MacCalls::new();
        let (mut complete, mut not_ok) = (false, 0);
        loop {
            tokio::select! {
                biased;
                Some(answer) = calls.next(), if !calls.is_empty() => verifier.checked(answer.as_ref()),
                part = parts.recv(), if !complete && calls.len() < CALLS && !verifier.is_full() => match part? {
                    Part::Rows(rows) => {
                        not_ok += rows.push_to(verifier);
                        (self.on_progress)(Progress { entries: verifier.rows(), size });
                    }
                    Part::End | Part::Indexes(_) => { verifier.end(); complete = true; }
                },
                else => break,
            }
            while let Some(run) = verifier.next_check() {
                calls.push_back(self.verify_macs(run));
            }
        }
        Some(RowsRead { rows: verifier.rows(), not_ok })
    }

    fn verify_macs(&self, run: MacRun) -> BoxFuture<'static, Option<MacsChecked>> {
        let signer = Arc::clone(&self.signer);
        let indices = run.indices().collect();
        let macs = MacsToVerify { log: self.log.clone(), indices, heads: run.heads, macs: run.macs };
        Box::pin(async move {
            for attempt in 1..=ATTEMPTS {
                match signer.verify_macs(macs.clone()).await {
                    Ok(checked) => return Some(checked),
                    Err(SignerError::Unavailable(_)) if attempt < ATTEMPTS => tokio::time::sleep(PAUSE).await,
                    Err(error) => {
                        tracing::info!(error = service::chain(&error), "macs could not be checked");
                        break;
                    }
                }
            }
            None
        })
    }

    /// What the signer says now that the rows were read.
    async fn ask_again(&self) -> Result<Option<SignerView>, SignerError> {
        for _ in 1..ATTEMPTS {
            match self.signer.head(self.log.clone()).await {
                Err(SignerError::Unavailable(_)) => tokio::time::sleep(PAUSE).await,
                answer => return answer,
            }
        }
        self.signer.head(self.log.clone()).await
    }

    /// What no verifier of entries can know: the log's own row, and the indexes of the table.
    fn around(&self, header: &LogHeader, indexes: &Counts, read: RowsRead) -> (Vec<Finding>, Vec<Unchecked>) {
        let (first_index, last_index) = (0, read.rows.saturating_sub(1));
        let mismatch = |detail: String| Finding { kind: FindingKind::ColumnMismatch, first_index, last_index, detail };
        let in_row = header.unreadable.iter().map(|detail| format!("the row of {} {detail}", self.log));
        let mut findings: Vec<Finding> = in_row.map(mismatch).collect();
        let mut unchecked = Vec::new();
        // The rows were read by an index, too: where another leads to more, it is the one that hides some.
        let most = indexes.iter().filter(|(index, _)| !index.without_ok).filter_map(|(_, found)| *found).max();
        let most = most.unwrap_or(0).max(read.rows);
        for (index, found) in indexes {
            let (name, rows) = (index.name, if index.without_ok { read.not_ok } else { most });
            match found {
                Some(found) if *found == rows => {}
                Some(found) => {
                    findings.push(mismatch(format!("the index {name} leads to {found} rows of {rows}: it hides some")));
                }
                None => {
                    let detail = format!("the index {name} is not there, switched off, or cannot be read");
                    unchecked.push(Unchecked { first_index, last_index, detail });
                }
            }
        }
        (findings, unchecked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_has_a_second_connection_where_two_are_no_more_than_half() {
        for connections in 1..20 {
            assert_eq!(counts_beside(connections), 2 * 2 <= connections, "{connections}");
        }
    }
}
