//! Rows to runs: rows of one state that follow each other by column, index, link and time are one run, however many they are.
//! Where anybody states a head, a run ends, so that it is known what the rows lead to there.

use std::collections::BTreeSet;
use std::ops::Range;

use super::ranges::single;
use super::report::{FindingKind, Findings};
use super::row::{Read, differing};
use crate::hash::Hash;

/// Most runs that are kept to be told apart: memory grows with what is wrong, up to here. As many rows more that lead to a head
/// that somebody states.
pub const MAX_RUNS: usize = 20_000;

/// What is known of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It was sealed: its MAC verifies, or the chain vouches for it.
    Sealed,
    /// Its MAC does not verify, or it is no entry of the log.
    Wrong,
    /// The signer could not say.
    Open,
}

/// Consecutive rows of one state.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) state: State,
    /// Index column of the first row.
    pub(super) column: i64,
    pub(super) len: u64,
    /// `None`: one row that is no entry.
    pub(super) entries: Option<Entries>,
    /// Whether a sealed entry, or the signer, names its last head: it was sealed, whatever its MACs say.
    pub(super) named: bool,
}

/// The entries of a run's rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entries {
    /// Index of the first.
    pub(super) index: u64,
    /// Head that the first names.
    pub(super) first_previous: Hash,
    /// Head after the last.
    pub(super) last_head: Hash,
    /// Time logged of the first, nanoseconds since 1970.
    pub(super) first_logged_ns: i64,
    /// Time logged of the last.
    pub(super) last_logged_ns: i64,
}

impl Run {
    /// Indices of the entries that its rows hold, if those count as sealed; with the head before and after them.
    pub(super) fn sealed(&self) -> Option<(Range<u64>, Entries)> {
        let entries = self.entries.filter(|_| self.named || self.state != State::Wrong)?;
        Some((self.range(&entries), entries))
    }

    /// Indices of its entries.
    pub(super) fn range(&self, entries: &Entries) -> Range<u64> {
        entries.index..entries.index.saturating_add(self.len)
    }

    /// Whether it counts as sealed only because it could not be checked.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open && !self.named
    }

    /// Whether another run, which follows this one by column and index, links to it. `None`: it does not follow.
    pub(super) fn leads_to(&self, next: &Self) -> Option<bool> {
        let (entries, next_entries) = (self.entries?, next.entries?);
        let follows = i128::from(next.column) == self.columns().end && next_entries.index == self.range(&entries).end;
        follows.then(|| next_entries.first_previous == entries.last_head)
    }

    /// How far its rows stand from where their entries belong.
    pub(super) fn shift(&self, entries: &Entries) -> i128 {
        i128::from(self.column) - i128::from(entries.index)
    }

    /// Columns of its rows.
    pub(super) fn columns(&self) -> Range<i128> {
        i128::from(self.column)..i128::from(self.column) + i128::from(self.len)
    }
}

/// All rows so far.
#[derive(Debug)]
pub(super) struct Runs {
    list: Vec<Run>,
    /// Index column from which on rows are no longer told apart.
    pub(super) unseen_from: Option<i64>,
    /// Rows that are not told apart.
    pub(super) blurred: u64,
    /// Column after the last row.
    pub(super) column_end: i128,
    /// Index after the highest entry that counts as sealed.
    pub(super) end: u64,
    /// Sizes of which somebody states a head.
    stated: BTreeSet<u64>,
    /// What is to be said of the columns of open rows if they turn out to count as sealed.
    doubts: Findings,
}

impl Runs {
    pub(super) fn new(stated: BTreeSet<u64>) -> Self {
        Self {
            list: Vec::new(),
            unseen_from: None,
            blurred: 0,
            column_end: 0,
            end: 0,
            stated,
            doubts: Findings::default(),
        }
    }

    pub(super) fn take(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.list)
    }

    /// What is to be said of the columns of open rows if they turn out to count as sealed.
    pub(super) fn take_doubts(&mut self) -> Findings {
        std::mem::take(&mut self.doubts)
    }

    /// Takes a row with what is known of it.
    pub(super) fn push(&mut self, read: &Read, state: State, findings: &mut Findings) {
        self.column_end = self.column_end.max(i128::from(read.column) + 1);
        let Some(entry) = &read.entry else {
            return self.begin(Run { state: State::Wrong, column: read.column, len: 1, entries: None, named: false });
        };
        if state != State::Wrong {
            self.end = self.end.max(entry.index.saturating_add(1));
        }
        match state {
            State::Sealed => columns(read, findings),
            State::Open => columns(read, &mut self.doubts),
            State::Wrong => {}
        }
        if let Some(run) = self.list.last_mut().filter(|run| run.state == state && self.unseen_from.is_none())
            && let Some(entries) = &mut run.entries
            && i128::from(read.column) == i128::from(run.column) + i128::from(run.len)
            && entries.index.checked_add(run.len) == Some(entry.index)
            && entries.last_head == entry.previous
            && entries.last_logged_ns <= entry.logged_ns
            && !self.stated.contains(&entry.index)
        {
            run.len += 1;
            entries.last_head = entry.head;
            entries.last_logged_ns = entry.logged_ns;
            return;
        }
        let entries = Entries {
            index: entry.index,
            first_previous: entry.previous,
            last_head: entry.head,
            first_logged_ns: entry.logged_ns,
            last_logged_ns: entry.logged_ns,
        };
        self.begin(Run { state, column: read.column, len: 1, entries: Some(entries), named: false });
    }

    fn begin(&mut self, run: Run) {
        let leads = run.entries.is_some_and(|entries| self.stated.contains(&entries.index.saturating_add(1)));
        if self.list.len() < if leads { 2 * MAX_RUNS } else { MAX_RUNS } {
            return self.list.push(run);
        }
        self.blurred += 1;
        self.unseen_from.get_or_insert(run.column);
    }
}

/// What the columns of a row at home say that its bytes do not.
fn columns(read: &Read, findings: &mut Findings) {
    let Some(entry) = read.entry.as_ref().filter(|entry| u64::try_from(read.column) == Ok(entry.index)) else { return };
    if entry.differs != 0 {
        findings.add(FindingKind::ColumnMismatch, single(entry.index), differing(entry.differs));
    }
}
