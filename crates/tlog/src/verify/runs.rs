//! Rows to runs: rows of one state that follow each other by column, index and link are one run, however many they are.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{
    report::{FindingKind, Findings},
    row::{Read, differing},
};
use crate::{hash::Hash, signer::repair::EntryRange};

/// Most runs that are kept to be told apart: memory grows with what is wrong, up to here.
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

    /// How far its rows stand from where their entries belong.
    pub(super) fn shift(&self, entries: &Entries) -> i128 {
        i128::from(self.column) - i128::from(entries.index)
    }

    /// Columns of its rows.
    pub(super) fn columns(&self) -> Range<i128> {
        i128::from(self.column)..i128::from(self.column) + i128::from(self.len)
    }
}

/// A head that the rows lead to, and the time logged of the entry before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    pub(super) head: Hash,
    pub(super) logged_ns: i64,
    pub(super) state: State,
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
    /// Sizes of which the head is wanted, and the heads found.
    watched: BTreeMap<u64, Option<Watched>>,
    /// What is to be said of open rows if they turn out to count as sealed.
    doubts: Findings,
    /// Index and time logged of the last row that counts as sealed.
    last: Option<(u64, i64)>,
}

impl Runs {
    pub(super) fn new(watched: impl Iterator<Item = u64>) -> Self {
        Self {
            list: Vec::new(),
            unseen_from: None,
            blurred: 0,
            column_end: 0,
            end: 0,
            watched: watched.map(|size| (size, None)).collect(),
            doubts: Findings::default(),
            last: None,
        }
    }

    pub(super) fn take(&mut self) -> Vec<Run> {
        std::mem::take(&mut self.list)
    }

    /// What is to be said of open rows if they turn out to count as sealed.
    pub(super) fn take_doubts(&mut self) -> Findings {
        std::mem::take(&mut self.doubts)
    }

    /// The head that rows lead to at a watched size.
    pub(super) fn watched(&self, size: u64) -> Option<Watched> {
        self.watched.get(&size).copied().flatten()
    }

    /// Takes a row with what is known of it.
    pub(super) fn push(&mut self, read: &Read, state: State, findings: &mut Findings) {
        self.column_end = self.column_end.max(i128::from(read.column) + 1);
        let Some(entry) = &read.entry else {
            return self.begin(Run { state: State::Wrong, column: read.column, len: 1, entries: None, named: false });
        };
        let end = entry.index.saturating_add(1);
        if state != State::Wrong {
            self.end = self.end.max(end);
        }
        if let Some(watched) = self.watched.get_mut(&end)
            && watched.is_none_or(|watched| watched.state != State::Sealed)
        {
            *watched = Some(Watched { head: entry.head, logged_ns: entry.logged_ns, state });
        }
        match state {
            State::Sealed => self.alone(read, findings),
            State::Open => {
                let mut doubts = std::mem::take(&mut self.doubts);
                self.alone(read, &mut doubts);
                self.doubts = doubts;
            }
            State::Wrong => {}
        }
        if let Some(run) = self.list.last_mut().filter(|run| run.state == state && self.unseen_from.is_none())
            && let Some(entries) = &mut run.entries
            && i128::from(read.column) == i128::from(run.column) + i128::from(run.len)
            && entries.index.checked_add(run.len) == Some(entry.index)
            && entries.last_head == entry.previous
        {
            run.len += 1;
            entries.last_head = entry.head;
            return;
        }
        let entries = Entries { index: entry.index, first_previous: entry.previous, last_head: entry.head };
        self.begin(Run { state, column: read.column, len: 1, entries: Some(entries), named: false });
    }

    fn begin(&mut self, run: Run) {
        if self.list.len() < MAX_RUNS {
            return self.list.push(run);
        }
        self.blurred += 1;
        self.unseen_from.get_or_insert(run.column);
    }

    /// What a row says that counts as sealed, whatever stands elsewhere: columns, and that time does not go back.
    fn alone(&mut self, read: &Read, findings: &mut Findings) {
        let Some(entry) = &read.entry else { return };
        let at = EntryRange { first_index: entry.index, last_index: entry.index };
        if entry.differs != 0 && u64::try_from(read.column) == Ok(entry.index) {
            findings.add(FindingKind::ColumnMismatch, at, differing(entry.differs));
        }
        if self.last.is_some_and(|(index, logged_ns)| index < entry.index && entry.logged_ns < logged_ns) {
            findings.add(FindingKind::Forked, at, "logged before the entry before it: no honest signer seals that");
        }
        self.last = Some((entry.index, entry.logged_ns));
    }
}
