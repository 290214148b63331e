//! The verifier, without I/O: takes a log's rows in the order of their index column and says what is wrong with them.
//!
//! Every row carries its own proof: its bytes name log, index and previous head, from which its head follows. Rows that lead,
//! link by link, from the log's beginning to the head that the signer states are what was sealed: nobody is asked. The MACs of
//! all other stretches are asked for. If anything is not as it should be, the rows are read once more, and the MACs of all of
//! them are asked for: so a genuine row is recognised wherever it stands, and what is wrong has a name and a range. Rows that follow
//! each other are one run however many they are; memory grows with what is wrong, up to [`MAX_RUNS`], not with the log.
//!
//! ```text
//!  Verifier::new(log, subject)          ask the signer first (GetHead), then open one REPEATABLE READ snapshot
//!    .push(row) …                       rows ORDER BY entry_index
//!    .next_check() … .checked(…)        VerifyMacs, in order; may run while more rows are pushed
//!    .end()                             no more rows; then the remaining checks
//!    .read_again() ── true ──▶          all rows once more, from the same snapshot
//!    .beyond_signer()                   if rows go beyond the signer's size: ask it once more
//!    .finish(later) → Report
//! ```
//!
//! # Layout
//! - [`mod@subject`]: what the rows are held against
//! - [`report`]: verdict, findings
//! - [`ranges`]: ranges of indices, and a set of them
//! - [`row`]: a row, and what its bytes say of themselves
//! - [`proof`]: the chain from a trusted start to the signer's head
//! - [`runs`]: rows to runs
//! - [`mod@place`]: what stands where, what is missing
//! - [`ending`]: the end of the log, the row in `logs`
//! - [`verdict`]: alarms, losses, expectations, the verdict

use std::collections::VecDeque;

use names::{LogId, LogName};

use crate::hash::{genesis, log_id};
use crate::mac::{MAC_BYTES, MacVersion};
use crate::signer::MacsChecked;
use crate::signer::repair::EntryRange;

mod ending;
mod place;
mod proof;
mod ranges;
pub mod report;
mod row;
mod runs;
mod subject;
mod verdict;

pub use report::{Finding, FindingKind, MAX_FINDINGS, MAX_UNCHECKED, Report, Unchecked, Verdict, Verified};
pub use row::{Lone, Row};
pub use runs::MAX_RUNS;
pub use subject::{Expectation, LogRow, Subject};
pub use verdict::Later;

use ending::{End, Ending};
use place::{Frame, place};
use proof::{Proof, Proven};
use ranges::single;
use report::{Findings, note};
use row::Read;
use runs::{Runs, State};
use verdict::Grounds;

/// Most heads of one check: fewer than `VerifyMacs` takes, for their rows wait for the answer in memory.
pub const MAX_CHECK: u64 = 4096;

/// Consecutive heads whose MACs the signer is to check: one `VerifyMacs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacRun {
    /// Index of the first head.
    pub first_index: u64,
    /// Heads, 32 bytes each.
    pub heads: Vec<u8>,
    /// MACs, 44 bytes each.
    pub macs: Vec<u8>,
}

impl MacRun {
    /// Index of each head.
    pub fn indices(&self) -> impl Iterator<Item = u64> {
        (self.first_index..).take(self.macs.len() / MAC_BYTES)
    }

    fn len(&self) -> u64 {
        crate::protocol::count(self.macs.len() / MAC_BYTES)
    }
}

/// Verifies one log.
#[derive(Debug)]
pub struct Verifier {
    log: LogName,
    log_id: LogId,
    frame: Frame,
    subject: Subject,
    /// Whether the MACs of all rows are asked for.
    ask_all: bool,
    /// MACs of entries below are asked for in any case: they are before a range declared lost.
    lost_end: u64,
    rows: u64,
    /// The check that is being put together.
    open: Option<MacRun>,
    /// Checks to hand out.
    checks: VecDeque<MacRun>,
    /// Rows of each check that is not answered, in order.
    unanswered: VecDeque<u64>,
    /// Rows that wait for their check, and whether they have one.
    waiting: VecDeque<(Read, bool)>,
    proof: Proof,
    runs: Runs,
    findings: Findings,
    unchecked: Vec<Unchecked>,
    /// How the log ends, once it was told.
    end: Option<(End, Proven)>,
}

impl Verifier {
    /// Begins the verification of a log.
    pub fn new(log: &LogName, subject: Subject) -> Self {
        let genesis = Expectation { size: 0, head: genesis(log) };
        let frame = Frame::new(&subject, genesis);
        Self {
            log: log.clone(),
            log_id: log_id(log),
            ask_all: subject.since.is_some(),
            lost_end: frame.lost.end(),
            rows: 0,
            open: None,
            checks: VecDeque::new(),
            unanswered: VecDeque::new(),
            waiting: VecDeque::new(),
            proof: Proof::new(frame.start, subject.signer.as_ref()),
            runs: Runs::new(subject.sizes_stated()),
            findings: Findings::default(),
            unchecked: Vec::new(),
            end: None,
            frame,
            subject,
        }
    }

    /// Takes the next row. Rows come in ascending order of their index column.
    pub fn push(&mut self, row: &Row<'_>) {
        self.rows += 1;
        let read = Read::new(self.log_id, row);
        self.proof.row(&read);
        let asked = self.ask(&read);
        if !asked {
            self.close();
        }
        self.waiting.push_back((read, asked));
        self.settle();
    }

    /// No more rows follow.
    pub fn end(&mut self) {
        self.close();
    }

    /// Rows taken so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether so many rows wait for checks that it is better to push no more as yet.
    pub fn is_full(&self) -> bool {
        crate::protocol::count(self.waiting.len()) >= 8 * MAX_CHECK
    }

    /// Whether reading on is of no use: the rows must be read again with all their MACs anyway.
    pub fn is_futile(&self) -> bool {
        self.frame.signer && !self.ask_all && self.proof.is_broken()
    }

    /// The next check to have made, if there is one. Checks are answered in the order in which they were handed out.
    pub fn next_check(&mut self) -> Option<MacRun> {
        self.checks.pop_front()
    }

    /// Takes the signer's answer to the oldest unanswered check, or `None` if the signer could not be asked.
    pub fn checked(&mut self, answer: Option<&MacsChecked>) {
        let mut rest = self.unanswered.pop_front().unwrap_or(0);
        while rest > 0
            && let Some((read, asked)) = self.waiting.pop_front()
        {
            let state = if asked { self.state(&read, answer) } else { State::Sealed };
            rest -= u64::from(asked);
            self.runs.push(&read, state, &mut self.findings);
        }
        self.settle();
    }

    /// Whether the rows are to be pushed once more, all of them, from the same snapshot. Call it once, after
    /// [`Verifier::end`], when all checks are answered.
    pub fn read_again(&mut self) -> bool {
        let again = self.is_futile() || {
            self.classify();
            let clean = self.findings.is_empty() && matches!(self.end, Some((_, Proven::All { .. })));
            self.frame.signer && !self.ask_all && !clean
        };
        if again {
            self.restart();
        }
        again
    }

    /// Begins anew, to ask for the MACs of all rows: what was pushed so far is forgotten.
    pub fn restart(&mut self) {
        let subject = std::mem::take(&mut self.subject);
        *self = Self { ask_all: true, ..Self::new(&self.log, subject) };
    }

    /// Whether rows go beyond the size that the signer gave: they may be newer than its answer, so ask it once more and
    /// give its answer to [`Verifier::finish`].
    pub fn beyond_signer(&self) -> bool {
        self.subject.signer.as_ref().is_some_and(|signer| self.runs.end > signer.size)
    }

    /// The report. What is unanswered counts as unchecked.
    pub fn finish(mut self, later: Later<'_>) -> Report {
        self.leave();
        if self.end.is_none() {
            self.classify();
        }
        self.report(later)
    }

    /// The report where the rows could not be read to their end: what was found before, and why there is no more.
    pub fn cut_short(mut self, why: &str) -> Report {
        self.leave();
        let first_index = u64::try_from(self.runs.column_end).unwrap_or(0).max(self.frame.start.size);
        let last_index = self.frame.size.saturating_sub(1).max(first_index);
        note(&mut self.unchecked, EntryRange { first_index, last_index }, format!("the rows could not be read: {why}"));
        self.frame.unseen_from =
            Some(self.runs.unseen_from.map_or(first_index, |column| u64::try_from(column).unwrap_or(0)));
        let mut runs = self.runs.take();
        let covered = place(&mut runs, self.runs.take_doubts(), &self.frame, &mut self.findings);
        self.subject.expectation = None;
        self.end = Some((End { top: covered.end(), ..End::default() }, Proven::Nothing));
        self.report(Later::NotAsked)
    }

    /// Puts the report together.
    fn report(self, later: Later<'_>) -> Report {
        let Self { subject, frame, rows, runs, findings, unchecked, end, .. } = self;
        let (end, proven) = end.unwrap_or((End::default(), Proven::Nothing));
        Grounds { subject, frame, rows, runs, findings, unchecked, end, proven }.report(later)
    }

    /// Puts a row into the check of its stretch, if it needs one.
    fn ask(&mut self, read: &Read) -> bool {
        let Some(entry) = &read.entry else { return false };
        let Some(signer) = &self.subject.signer else { return false };
        if !self.ask_all && self.lost_end <= entry.index && entry.index < signer.size {
            return false;
        }
        let goes_on = |open: &MacRun| open.len() < MAX_CHECK && open.first_index + open.len() == entry.index;
        if !self.open.as_ref().is_some_and(goes_on) {
            self.close();
        }
        let first = || MacRun { first_index: entry.index, heads: Vec::new(), macs: Vec::new() };
        let open = self.open.get_or_insert_with(first);
        open.heads.extend_from_slice(&entry.head);
        open.macs.extend_from_slice(entry.mac.as_ref().map_or(&[0; MAC_BYTES], |mac| mac.as_bytes()));
        true
    }

    /// Hands out the check that is being put together.
    fn close(&mut self) {
        if let Some(run) = self.open.take() {
            self.unanswered.push_back(run.len());
            self.checks.push_back(run);
        }
    }

    /// Waits for no answer any more.
    fn leave(&mut self) {
        self.close();
        while !self.unanswered.is_empty() {
            self.checked(None);
        }
    }

    /// What the signer's answer says of a row.
    fn state(&mut self, read: &Read, answer: Option<&MacsChecked>) -> State {
        let Some(entry) = &read.entry else { return State::Wrong };
        let Some(mac) = &entry.mac else { return State::Wrong };
        let at = single(entry.index);
        let Some(answer) = answer else {
            note(&mut self.unchecked, at, "the signer did not answer for these entries");
            return State::Open;
        };
        if answer.wrong.binary_search(&entry.index).is_ok() {
            return State::Wrong;
        }
        if answer.unknown.binary_search(&entry.index).is_ok() {
            let MacVersion { number, birth_mark } = mac.version();
            let detail =
                format!("the macs name version {number} ({birth_mark}) of the key, which the signer does not have");
            note(&mut self.unchecked, at, detail);
            return State::Open;
        }
        State::Sealed
    }

    /// Takes the rows that wait for no check.
    fn settle(&mut self) {
        while let Some((read, _)) = self.waiting.pop_front_if(|(_, asked)| !*asked) {
            self.runs.push(&read, State::Sealed, &mut self.findings);
        }
    }

    /// Says what is wrong with the rows.
    fn classify(&mut self) {
        let mut runs = self.runs.take();
        self.frame.unseen_from = self.runs.unseen_from.map(|column| u64::try_from(column).unwrap_or(0));
        let covered = place(&mut runs, self.runs.take_doubts(), &self.frame, &mut self.findings);
        let ending = Ending {
            log_id: self.log_id,
            subject: &self.subject,
            frame: &self.frame,
            rows: self.rows,
            column_end: self.runs.column_end,
            runs: &runs,
            covered,
        };
        let end = ending.end(&mut self.proof, &mut self.findings);
        self.end = Some((end, self.proof.end()));
    }
}
