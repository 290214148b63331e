//! Verifying a log: the signer is asked first, then one snapshot of the rows is read and held against its answer.
//!
//! ```text
//!  GetHead ─▶ BEGIN REPEATABLE READ ─▶ pages of rows ─▶ verifier ─▶ VerifyMacs ─▶ report
//!                                     reader, one ahead     └─ a few calls in flight
//! ```
//!
//! Memory does not grow with the log: a few pages of rows and a few calls are all that is held.
//!
//! # Layout
//! - `read`: the rows of a log, page by page, in one snapshot
//! - `survey`: all logs that the signer or the database know

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use names::LogName;
use tlog::protocol::SignerView;
use tlog::signer::MacsChecked;
use tlog::verify::{Expectation, Finding, FindingKind, MacRun, Report, Subject, Verdict, Verifier};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::error::Error;
use crate::signer::{MacsToVerify, Signer, SignerError};

mod read;
mod survey;

use read::{LogHeader, Page};
pub(crate) use survey::{Survey, survey};

/// Calls of `VerifyMacs` in flight.
const CALLS: usize = 4;
/// A signer that does not answer is asked again: one lost call must not leave a long verification incomplete.
const ATTEMPTS: u32 = 3;
/// Before it is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// Pages read ahead.
const PAGES_AHEAD: usize = 2;

/// What to verify, against what.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    /// Where the rows are.
    pub(crate) db: Db,
    /// Who knows what they must be.
    pub(crate) signer: Arc<dyn Signer>,
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

impl Verification {
    /// Whether the signer or the database know the log.
    pub(crate) async fn exists(&self, log: &LogName) -> Result<bool, Error> {
        match self.signer.head(log.clone()).await {
            Ok(None) => Ok(read::any_row(&self.db, log).await?),
            // A signer that is away says nothing about the log; the report will say so.
            Ok(Some(_)) | Err(_) => Ok(true),
        }
    }

    /// Verifies a log. An answer is a report, whatever was found; an error means that nothing could be read.
    pub(crate) async fn verify(
        &self,
        log: &LogName,
        expectation: Option<Expectation>,
        on_progress: OnProgress,
    ) -> Result<Report, Error> {
        let signer = self.view(log).await;
        let (header_sender, header) = tokio::sync::oneshot::channel();
        let (pages_sender, pages) = mpsc::channel(PAGES_AHEAD);
        let checking =
            Checking { log: log.clone(), signer: Arc::clone(&self.signer), view: signer, expectation, on_progress };
        let mut tasks = JoinSet::new();
        tasks.spawn(checking.run(header, pages));
        // The reader's end drops the senders, which ends the other task.
        read::rows(&self.db, log, header_sender, pages_sender).await?;
        match tasks.join_next().await {
            Some(Ok(Some(report))) => Ok(report),
            _ => Err(Error::Signer(SignerError::Answer("the verification was cut short"))),
        }
    }

    /// What the signer says; a log that it never sealed for is empty. `None`: it does not answer.
    async fn view(&self, log: &LogName) -> Option<SignerView> {
        match self.signer.head(log.clone()).await {
            Ok(view) => Some(view.unwrap_or_else(|| empty_view(log))),
            Err(error) => {
                tracing::info!(log = %log, error = service::chain(&error), "verifying without the signer");
                None
            }
        }
    }
}

fn empty_view(log: &LogName) -> SignerView {
    SignerView {
        size: 0,
        head: tlog::genesis(log),
        acknowledged: 0,
        root: tlog::CompactRange::new().root(),
        last_logged_ns: i64::MIN,
        macs_digest: tlog::mac::NO_MACS,
        alarms: Vec::new(),
        alarms_in_all: 0,
        losses: Vec::new(),
        unacknowledged: Vec::new(),
    }
}

/// The task that checks pages while the next are read.
struct Checking {
    log: LogName,
    signer: Arc<dyn Signer>,
    view: Option<SignerView>,
    expectation: Option<Expectation>,
    on_progress: OnProgress,
}

type MacCalls = FuturesOrdered<BoxFuture<'static, Option<Vec<u64>>>>;

impl Checking {
    /// `None` if the reader gave up.
    async fn run(
        self,
        header: tokio::sync::oneshot::Receiver<LogHeader>,
        mut pages: mpsc::Receiver<Page>,
    ) -> Option<Report> {
        let header = header.await.ok()?;
        let size = header.row.as_ref().map_or(0, |row| row.size);
        let size = self.view.as_ref().map_or(size, |view| size.max(view.size));
        let subject = Subject { signer: self.view.clone(), row: header.row.clone(), expectation: self.expectation };
        let mut verifier = Verifier::new(&self.log, subject);
        let mut calls = MacCalls::new();
        let mut complete = false;
        loop {
            tokio::select! {
                biased;
                Some(invalid) = calls.next(), if !calls.is_empty() => verifier.checked(invalid.as_deref()),
                page = pages.recv(), if !complete && calls.len() < CALLS => match page {
                    Some(Page::Rows(rows)) => {
                        rows.push_to(&mut verifier);
                        (self.on_progress)(Progress { entries: verifier.rows(), size });
                    }
                    Some(Page::End) => { verifier.end(); complete = true; }
                    None => return None,
                },
                else => break,
            }
            while let Some(run) = verifier.next_check() {
                calls.push_back(self.verify_macs(run));
            }
        }
        let latest =
            if verifier.beyond_signer() { self.signer.head(self.log.clone()).await.ok().flatten() } else { None };
        let mut report = verifier.finish(latest.as_ref());
        header.unreadable.into_iter().for_each(|detail| add(&mut report, &self.log, detail));
        Some(report)
    }

    fn verify_macs(&self, run: MacRun) -> BoxFuture<'static, Option<Vec<u64>>> {
        let signer = Arc::clone(&self.signer);
        let macs =
            MacsToVerify { log: self.log.clone(), first_index: run.first_index, heads: run.heads, macs: run.macs };
        Box::pin(async move {
            for attempt in 1..=ATTEMPTS {
                match signer.verify_macs(macs.clone()).await {
                    Ok(checked) => return Some(not_valid(checked)),
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
}

/// Indices whose MAC was not found valid, ascending.
fn not_valid(checked: MacsChecked) -> Vec<u64> {
    let mut indices = [checked.wrong, checked.unknown].concat();
    indices.sort_unstable();
    indices
}

/// Adds what is wrong with the log's own row and no verifier of entries can know.
fn add(report: &mut Report, log: &LogName, detail: &'static str) {
    let last_index = report.entries.saturating_sub(1);
    let detail = format!("the row of {log} {detail}");
    report.findings.insert(0, Finding { kind: FindingKind::ColumnMismatch, first_index: 0, last_index, detail });
    report.verdict = Verdict::Tampered;
}
