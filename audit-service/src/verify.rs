//! Verifying a log: the signer is asked first, then the rows that there are by then are read and held against its answer.
//!
//! ```text
//!  GetHead ─▶ the log's row, the last index ─▶ rows, in short transactions ─▶ verifier ─▶ VerifyMacs, where the chain
//!                     │                          ▲                                │       proves nothing
//!                     │                          └── all rows once more, if anything is wrong ─▶ report
//!                     └── rows by each index, on a connection of its own
//! ```
//! What is appended meanwhile has greater indices, and none of the others is ever changed: so no snapshot is held while rows
//! are read, checked and waited for, but one for each index whose rows are counted.
//!
//! Memory does not grow with the log: a few pages of rows and a few calls are all that is held. Where the rows cannot be read
//! to their end, what was found before stays.
//!
//! # Layout
//! - `read`: the rows of a log, page by page
//! - `check`: rows, the verifier and the signer brought together
//! - `survey`: all logs that the signer or the database know

use std::sync::Arc;

use db::Db;
use names::LogName;
use tlog::protocol::SignerView;
use tlog::verify::{Report, Unchecked, Verifier};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::error::Error;
use crate::signer::{Signer, SignerError};

mod check;
mod read;
mod survey;

use check::{Checked, Checking, Link};
pub(crate) use check::{Known, OnProgress, Progress};
use read::Reading;
pub(crate) use survey::{Survey, survey};

/// Pages read ahead of the one that is checked, beside two that are on their way.
const PAGES_AHEAD: usize = 1;
/// Most bytes of pages at one time: two of 64 rows and two of 8, each row of up to 57 KiB.
pub(crate) const PAGES_BYTES: usize = 8 << 20;

/// What to verify, against what.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    /// Where the rows are.
    pub(crate) db: Db,
    /// Who knows what they must be.
    pub(crate) signer: Arc<dyn Signer>,
}

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
    pub(crate) async fn verify(&self, log: &LogName, known: Known, on_progress: OnProgress) -> Result<Report, Error> {
        let (view, away) = match self.signer.head(log.clone()).await {
            Ok(view) => (Some(view.unwrap_or_else(|| empty_view(log))), None),
            Err(error) => (None, Some(service::chain(&error))),
        };
        let checking = Checking {
            db: self.db.clone(),
            log: log.clone(),
            signer: Arc::clone(&self.signer),
            view,
            known,
            on_progress,
        };
        let mut report = self.check(&checking).await?;
        if let Some(why) = away {
            let (first_index, last_index) = (0, report.entries.saturating_sub(1));
            let detail = format!("there was nothing to hold the log against: {why}");
            report.add(Vec::new(), vec![Unchecked { first_index, last_index, detail }]);
        }
        Ok(report)
    }

    /// Reads the rows and has them checked. If they cannot be read to their end they are read once more, with all their MACs
    /// checked: of what cannot be read to its end, nothing is proven by what follows.
    async fn check(&self, checking: &Checking) -> Result<Report, Error> {
        let mut before: Option<Box<Verifier>> = None;
        for all in [false, true] {
            let (read, checked) = self.attempt(checking, all).await;
            match (read, checked) {
                (_, Checked::Whole(report)) => return Ok(*report),
                (Err(error), Checked::Broken(verifier)) if all => {
                    return Ok(verifier.cut_short(&service::chain(&error)));
                }
                (Err(error), Checked::Nothing) => match before.take() {
                    Some(verifier) => return Ok(verifier.cut_short(&service::chain(&error))),
                    None => return Err(error),
                },
                (Err(error), Checked::Broken(verifier)) => {
                    tracing::warn!(log = %checking.log, error = service::chain(&error), "rows could not be read");
                    before = Some(verifier);
                }
                (Ok(()), _) => break,
            }
        }
        Err(Error::Signer(SignerError::Answer("the verification was cut short")))
    }

    async fn attempt(&self, checking: &Checking, all: bool) -> (Result<(), Error>, Checked) {
        let (beginning_sender, beginning) = oneshot::channel();
        let (parts_sender, parts) = mpsc::channel(PAGES_AHEAD);
        let (asks, asks_receiver) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(checking.clone().run(Link { beginning, parts, asks }, all));
        let from = checking.known.since.map_or(0, |since| since.size);
        let reading = Reading { beginning: beginning_sender, parts: parts_sender, asks: asks_receiver };
        // The reader's end drops the senders, which ends the other task.
        let read = read::rows(&self.db, &checking.log, from, reading).await;
        (read, tasks.join_next().await.and_then(Result::ok).unwrap_or(Checked::Nothing))
    }
}

/// What the signer has of a log that it never sealed for.
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
        unlisted_last_index: None,
        losses: Vec::new(),
        unacknowledged: Vec::new(),
    }
}
