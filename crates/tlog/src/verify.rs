//! The verifier, without I/O: takes a log's rows in the order of their index column and says what is wrong with them.
//!
//! Every row carries its own proof: its bytes name log, index and previous head, from which its head follows, and the
//! signer's MAC is over that head. So a genuine row is recognised wherever it stands, and the verifier finds its way
//! again after every gap. Genuine rows that follow each other are one item however many they are; memory grows with what
//! is wrong, not with the log, and beyond [`MAX_ITEMS`] things wrong it classifies what it has and goes on.
//!
//! ```text
//!  Verifier::new(log, subject)       ask the signer first (GetHead), then open one REPEATABLE READ snapshot
//!    .push(row) …                    rows ORDER BY entry_index
//!    .next_check() … .checked(…)     VerifyMacs, in order; may run while more rows are pushed
//!    .end()                          then the remaining checks
//!    .beyond_signer()                if rows go beyond the signer's size: ask it once more
//!    .finish(latest) → Report
//! ```
//!
//! # Layout
//! - [`report`]: verdict, findings
//! - [`stream`]: rows to chunks of consecutive, linked rows
//! - [`items`]: chunks and the signer's answers to items, genuine or not
//! - [`order`]: which genuine items are in order, which are displaced
//! - [`place`]: what stands where, what is missing
//! - [`ending`]: the end of the log, alarms, expectations, the row in `logs`

use std::collections::VecDeque;

use names::LogName;

use crate::{
    entry::Columns,
    hash::{Hash, genesis, log_id},
    protocol::SignerView,
};

mod ending;
mod items;
mod order;
mod place;
mod ranges;
pub mod report;
mod stream;

pub use items::MAX_ITEMS;
pub use report::{Finding, FindingKind, MAX_FINDINGS, Report, Verdict};

use items::Items;
use place::Placed;
use report::Findings;
use stream::{Staged, Stream};

/// A row of `entries`, as it stands in the database. Nothing in it is trusted.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Column `entry_index`.
    pub index: i64,
    /// The columns derived from the entry.
    pub columns: Columns<'a>,
    /// Column `entry`.
    pub entry: &'a [u8],
    /// Column `mac`.
    pub mac: &'a [u8],
}

/// A row of `logs`, as it stands in the database. Nothing in it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Column `size`.
    pub size: u64,
    /// Column `head`.
    pub head: Vec<u8>,
    /// Column `last_logged_ns`.
    pub last_logged_ns: i64,
}

/// What a caller knew of the log: a size, and the head it had then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Number of entries.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
}

/// What the rows are held against.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// What the signer said before the snapshot was opened. `None`: there is no signer, and the best verdict is
    /// INCOMPLETE.
    pub signer: Option<SignerView>,
    /// The log's row. `None`: there is none.
    pub row: Option<LogRow>,
    /// What the caller knew.
    pub expectation: Option<Expectation>,
}

/// Consecutive heads whose MACs the signer is to check: one `VerifyMacs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacRun {
    /// Index of the first head.
    pub first_index: u64,
    /// Heads, 32 bytes each.
    pub heads: Vec<u8>,
    /// MACs, 36 bytes each.
    pub macs: Vec<u8>,
}

/// Verifies one log.
#[derive(Debug)]
pub struct Verifier {
    subject: Subject,
    genesis: Hash,
    stream: Stream,
    /// Checks to hand out.
    checks: VecDeque<MacRun>,
    /// What waits for its check, in order.
    waiting: VecDeque<Staged>,
    items: Items,
    placed: Placed,
    findings: Findings,
    unchecked: bool,
}

impl Verifier {
    /// Begins the verification of a log.
    pub fn new(log: &LogName, subject: Subject) -> Self {
        let mut watched: Vec<u64> = Vec::new();
        watched.extend(subject.signer.iter().filter_map(|signer| signer.size.checked_sub(1)));
        watched.extend(subject.expectation.iter().filter_map(|expected| expected.size.checked_sub(1)));
        let genesis = genesis(log);
        Self {
            stream: Stream::new(log_id(log), &watched),
            items: Items::new(&watched),
            placed: Placed::new(log, &subject),
            genesis,
            subject,
            checks: VecDeque::new(),
            waiting: VecDeque::new(),
            findings: Findings::default(),
            unchecked: false,
        }
    }

    /// Takes the next row. Rows come in ascending order of their index column.
    pub fn push(&mut self, row: &Row<'_>) {
        if let Some(staged) = self.stream.push(row) {
            self.stage(staged);
        }
        if let Some(unreadable) = self.stream.take_unreadable() {
            self.stage(unreadable);
        }
    }

    /// No more rows follow.
    pub fn end(&mut self) {
        if let Some(staged) = self.stream.close() {
            self.stage(staged);
        }
    }

    /// Rows taken so far.
    pub fn rows(&self) -> u64 {
        self.stream.rows()
    }

    /// The next check to have made, if there is one. Checks are answered in the order in which they were handed out.
    pub fn next_check(&mut self) -> Option<MacRun> {
        self.checks.pop_front()
    }

    /// Takes the signer's answer to the oldest unanswered check: ascending indices whose MAC does not verify, or `None` if
    /// the signer could not be asked.
    pub fn checked(&mut self, invalid: Option<&[u64]>) {
        if let Some(Staged::Chunk(chunk)) = self.waiting.pop_front() {
            self.unchecked |= invalid.is_none();
            self.items.resolve(&chunk, invalid);
        }
        self.settle();
    }

    /// Whether rows go beyond the size that the signer gave: they may be newer than its answer, so ask it once more and
    /// give its answer to [`Verifier::finish`].
    pub fn beyond_signer(&self) -> bool {
        self.subject.signer.as_ref().is_some_and(|signer| self.items.end() > signer.size)
    }

    /// The report. Call [`Verifier::end`] and answer all checks first; what is unanswered counts as unchecked.
    pub fn finish(mut self, latest: Option<&SignerView>) -> Report {
        self.end();
        while !self.waiting.is_empty() {
            self.checked(None);
        }
        self.place();
        self.placed.end(&self.subject, latest, &mut self.findings);
        let losses: Vec<(u64, u64)> = self
            .subject
            .signer
            .iter()
            .flat_map(|signer| signer.losses.iter().map(|loss| (loss.first_index, loss.last_index)))
            .collect();
        let findings = self.findings.sorted();
        let verdict = if !findings.is_empty() {
            Verdict::Tampered
        } else if self.subject.signer.is_none() || self.unchecked || !losses.is_empty() {
            Verdict::Incomplete
        } else {
            Verdict::Intact
        };
        Report {
            verdict,
            entries: self.stream.rows(),
            size: self.subject.signer.as_ref().map(|signer| signer.size),
            head: self.stream.head().unwrap_or(self.genesis),
            recovered: self.placed.recovered(),
            findings,
            losses,
        }
    }

    fn stage(&mut self, mut staged: Staged) {
        if let Staged::Chunk(chunk) = &mut staged
            && self.subject.signer.is_some()
        {
            self.checks.push_back(chunk.take_run());
        }
        self.waiting.push_back(staged);
        self.settle();
    }

    /// Resolves what waits for no check.
    fn settle(&mut self) {
        while let Some(staged) = self.waiting.pop_front() {
            match staged {
                Staged::Unreadable(unreadable) => self.items.unreadable(unreadable),
                Staged::Chunk(chunk) if self.subject.signer.is_none() => self.items.resolve(&chunk, None),
                Staged::Chunk(chunk) => {
                    self.waiting.push_front(Staged::Chunk(chunk));
                    break;
                }
            }
        }
        if self.items.full() {
            self.place();
        }
    }

    fn place(&mut self) {
        self.placed.window(self.items.take(), &mut self.findings);
        self.placed.watch(self.items.watched());
    }
}
