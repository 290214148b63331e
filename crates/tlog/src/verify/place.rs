//! What stands where: runs become findings.

use std::collections::BTreeSet;
use std::ops::Range;

use super::ranges::{RangeSet, ends, single};
use super::report::{FindingKind, Findings};
use super::runs::{Run, State};
use super::subject::{Expectation, Subject};
use crate::hash::Hash;
use crate::signer::repair::EntryRange;

/// What runs are held against.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Where the rows begin: the log's beginning, or where the caller trusts it.
    pub(super) start: Expectation,
    /// Other heads that the signer states.
    pub(super) stated: Vec<Expectation>,
    /// Ranges declared lost.
    pub(super) lost: RangeSet,
    /// Size of the log that the signer states, or else the log's row.
    pub(super) size: u64,
    /// Whether there is a signer.
    pub(super) signer: bool,
    /// Column from which on rows were not told apart, or not read.
    pub(super) unseen_from: Option<u64>,
}

impl Frame {
    pub(super) fn new(subject: &Subject, genesis: Expectation) -> Self {
        let signer = subject.signer.as_ref();
        let mut lost = RangeSet::default();
        for loss in signer.iter().flat_map(|signer| &signer.losses) {
            lost.insert(loss.first_index..loss.end());
        }
        let row_size = subject.row.as_ref().map_or(0, |row| row.size);
        Self {
            start: subject.since.unwrap_or(genesis),
            stated: subject.stated(),
            lost,
            size: signer.map_or(row_size, |signer| signer.size),
            signer: signer.is_some(),
            unseen_from: None,
        }
    }
}

/// Where the entries of a log are.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    frame: &'a Frame,
    findings: &'a mut Findings,
    /// Entries that were found, or whose place holds something else; and those declared lost.
    covered: RangeSet,
}

/// Sealed entries that do not stand in their own place.
struct Stray {
    columns: Range<i128>,
    entries: Range<u64>,
}

/// Says what is wrong with the runs, which come in the order of their columns. Returns the entries that are accounted for,
/// up to the highest.
/// `doubts` is what is to be said of open rows if they count as sealed.
pub(super) fn place(runs: &mut [Run], doubts: Findings, frame: &Frame, findings: &mut Findings) -> RangeSet {
    let mut covered = RangeSet::default();
    covered.insert(0..frame.start.size);
    let mut placed = Placed { frame, findings, covered };
    name(runs, frame);
    placed.links(runs);
    placed.sealed(runs, doubts);
    for lost in frame.lost.ranges() {
        placed.covered.insert(lost.clone());
    }
    placed.wrong(runs);
    placed.missing();
    placed.covered
}

/// Marks the runs whose last head the signer, or a sealed run, names. A head commits to all before it, whatever became of the
/// column of MACs. A run that could not be checked is wrong where another head is named than its last, or if it leads to one
/// for which that is so.
fn name(runs: &mut [Run], frame: &Frame) {
    let heads = std::iter::once(&frame.start).chain(&frame.stated);
    let mut named: BTreeSet<(u64, Hash)> = heads.map(|stated| (stated.size, stated.head)).collect();
    let (mut doubtful, mut denied) = (Vec::new(), BTreeSet::new());
    for (position, run) in runs.iter().enumerate() {
        match (run.state, &run.entries) {
            (State::Sealed, Some(entries)) => drop(named.insert((entries.index, entries.first_previous))),
            (_, Some(entries)) => doubtful.push((run.range(entries).end, position)),
            (_, None) => {}
        }
    }
    // What is named runs from higher indices to lower ones.
    doubtful.sort_unstable_by_key(|(end, _)| std::cmp::Reverse(*end));
    for (end, position) in doubtful {
        let Some(run) = runs.get_mut(position) else { continue };
        let Some(entries) = run.entries else { continue };
        if named.contains(&(end, entries.last_head)) {
            run.named = true;
            named.insert((entries.index, entries.first_previous));
        } else if run.state == State::Open
            && (named.range((end, [0; 32])..=(end, [255; 32])).next().is_some()
                || denied.contains(&(run.columns().end, end, entries.last_head)))
        {
            run.state = State::Wrong;
            denied.insert((run.columns().start, entries.index, entries.first_previous));
        }
    }
}

impl Placed<'_> {
    /// Two sealed entries that follow each other by index must follow each other by head, and by time.
    fn links(&mut self, runs: &[Run]) {
        let (mut tip, mut logged_ns) = (self.frame.start, i64::MIN);
        let mut broken = RangeSet::default();
        for (range, entries) in runs.iter().filter_map(Run::sealed) {
            let stated = || self.frame.stated.iter().find(|stated| stated.size == range.start);
            let expected = if tip.size == range.start { Some(&tip) } else { stated() };
            if expected.is_some_and(|expected| expected.head != entries.first_previous) {
                broken.insert(range.start..range.start.saturating_add(1));
            }
            if tip.size <= range.start && entries.first_logged_ns < logged_ns {
                let detail = "logged before the entry before it: no honest signer seals that";
                self.findings.add(FindingKind::Forked, single(range.start), detail);
            }
            tip = Expectation { size: range.end, head: entries.last_head };
            logged_ns = entries.last_logged_ns;
        }
        for range in broken.ranges() {
            let mut behind = range.clone();
            if self.frame.start.size > 0 && range.start == self.frame.start.size {
                behind.start += 1;
                let detail = "the entry follows another head than the one that is trusted";
                self.findings.add(FindingKind::ExpectationFailed, single(range.start), detail);
            }
            if behind.is_empty() {
                continue;
            }
            if self.frame.signer {
                let detail = "genuine, but it follows another entry than the one before it";
                self.findings.add(FindingKind::Forked, ends(&behind), detail);
            } else {
                // Nobody says which of two entries was changed: where the next link is broken, too, the one between.
                let first_index = if range.end - range.start > 1 { range.start } else { range.start.saturating_sub(1) };
                let last_index = range.end.saturating_sub(2).max(first_index);
                self.findings.add(FindingKind::ContentChanged, EntryRange { first_index, last_index }, CHANGED);
            }
        }
    }

    /// Sealed entries: first those in their own places.
    fn sealed(&mut self, runs: &[Run], doubts: Findings) {
        for run in runs {
            let Some((range, _)) = run.sealed().filter(|(_, entries)| run.shift(entries) == 0) else { continue };
            for (part, again) in self.covered.split(range) {
                if again {
                    self.duplicated(&part, 0);
                } else if run.state == State::Wrong {
                    let detail = "the mac does not verify, the entry is linked";
                    self.findings.add(FindingKind::MacInvalid, ends(&part), detail);
                }
                self.covered.insert(part);
            }
        }
        let placed = self.covered.clone();
        self.findings.take_over(doubts, &placed);
        let mut strays = Vec::new();
        for run in runs {
            let Some((range, entries)) = run.sealed().filter(|(_, entries)| run.shift(entries) != 0) else { continue };
            let shift = run.shift(&entries);
            for (entries, again) in self.covered.split(range) {
                if again {
                    self.duplicated(&entries, shift);
                } else {
                    let columns = i128::from(entries.start) + shift..i128::from(entries.end) + shift;
                    self.covered.insert(entries.clone());
                    strays.push(Stray { columns, entries });
                }
            }
        }
        self.strays(&strays, &placed);
    }

    fn duplicated(&mut self, entries: &Range<u64>, shift: i128) {
        let columns = i128::from(entries.start) + shift..i128::from(entries.end) + shift;
        let detail = format!("stands here again, {shift} rows from where it belongs");
        self.findings.add(FindingKind::Duplicated, rows(&columns), detail);
    }

    /// Sealed entries that stand elsewhere: renumbered if all before them by column are before them by index, and all
    /// behind them behind; else out of order.
    fn strays(&mut self, strays: &[Stray], placed: &RangeSet) {
        let mut least_after = vec![u64::MAX; strays.len()];
        let mut least = u64::MAX;
        for (stray, after) in strays.iter().zip(&mut least_after).rev() {
            *after = least;
            least = least.min(stray.entries.start);
        }
        let mut greatest = 0;
        for (stray, least_after) in strays.iter().zip(least_after) {
            let Stray { columns, entries } = stray;
            // Rows in their own places that this one was moved past.
            let passed = if columns.start > i128::from(entries.start) {
                entries.start..index(columns.start)
            } else {
                index(columns.end)..entries.end
            };
            let past = placed.split(passed).iter().any(|(_, inside)| *inside);
            if past || entries.start < greatest || least_after < entries.end {
                self.findings.add(
                    FindingKind::Reordered,
                    rows(columns),
                    "a sealed entry, but not the one that belongs here",
                );
            } else {
                self.findings.add(FindingKind::ColumnMismatch, ends(entries), "entry_index differs from the entry");
            }
            greatest = greatest.max(entries.end);
        }
    }

    /// Rows that are not what was sealed: each stands for the entry that belongs where it is, if no row holds that one.
    fn wrong(&mut self, runs: &[Run]) {
        let limit = self.frame.size.max(self.covered.end());
        for (position, run) in runs.iter().enumerate().filter(|(_, run)| run.sealed().is_none()) {
            let linked = linked(runs, position);
            let columns = run.columns();
            let inside = index(columns.start).min(limit)..index(columns.end).min(limit);
            for (part, taken) in self.covered.split(inside) {
                if taken {
                    self.findings.add(FindingKind::Inserted, ends(&part), NEVER);
                } else {
                    let end = index(columns.end - 1);
                    let last = part.contains(&end) && !linked;
                    self.changed(&part, if last { end } else { part.end });
                    self.covered.insert(part);
                }
            }
            let below = columns.start..columns.end.min(0);
            let beyond = columns.start.max(i128::from(limit))..columns.end;
            for outside in [below, beyond].iter().filter(|outside| !outside.is_empty()) {
                self.findings.add(FindingKind::Inserted, rows(outside), NEVER);
            }
        }
    }

    /// Says of a part of a wrong run what became of the entries that belong there: links hold up to an index.
    fn changed(&mut self, entries: &Range<u64>, linked: u64) {
        if entries.start < linked {
            let detail = "links hold, macs do not: computed anew without the key";
            self.findings.add(FindingKind::MacInvalid, ends(&(entries.start..linked)), detail);
        }
        if linked < entries.end {
            self.findings.add(FindingKind::ContentChanged, ends(&(linked..entries.end)), CHANGED);
        }
    }

    fn missing(&mut self) {
        let end = self.covered.end().min(self.frame.unseen_from.unwrap_or(u64::MAX));
        let gaps: Vec<Range<u64>> = self.covered.gaps(0..end).collect();
        for gap in gaps {
            self.findings.add(FindingKind::Missing, ends(&gap), "entries are missing");
        }
    }
}

/// Whether links hold at the last row of a wrong run: at the next row, or, if that does not follow, at a wrong one before.
fn linked(runs: &[Run], position: usize) -> bool {
    let Some(run) = runs.get(position) else { return false };
    let before = position.checked_sub(1).and_then(|before| runs.get(before)).filter(|before| before.sealed().is_none());
    let follows = || run.len > 1 || before.and_then(|before| before.leads_to(run)) == Some(true);
    runs.get(position + 1).and_then(|next| run.leads_to(next)).unwrap_or_else(follows)
}

const CHANGED: &str = "the entry is not what was sealed";
const NEVER: &str = "a row that was never sealed";

/// First and last column of rows, as indices.
fn rows(columns: &Range<i128>) -> EntryRange {
    EntryRange { first_index: index(columns.start), last_index: index(columns.end - 1) }
}

/// A column as an index; negative ones count as 0.
fn index(column: i128) -> u64 {
    u64::try_from(column.max(0)).unwrap_or(u64::MAX)
}
