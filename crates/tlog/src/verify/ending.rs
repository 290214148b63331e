//! The end of the log: what is cut off, set back or recovered, and the row in `logs`.

use names::LogId;

use super::place::Frame;
use super::proof::Proof;
use super::ranges::{RangeSet, ends, single};
use super::report::{FindingKind, Findings};
use super::runs::{Entries, Run};
use super::subject::{Expectation, LogRow, Subject, brought_forward, last_segment};
use crate::chain::{Link, Start, walk};
use crate::hash::Hash;
use crate::protocol::{SignerView, StoredSegment};

/// What the end of a log is held against.
pub(super) struct Ending<'a> {
    pub(super) log_id: LogId,
    pub(super) subject: &'a Subject,
    pub(super) frame: &'a Frame,
    /// Rows there are.
    pub(super) rows: u64,
    /// Column after the last row.
    pub(super) column_end: i128,
    pub(super) runs: &'a [Run],
    /// Entries that are accounted for.
    pub(super) covered: RangeSet,
}

/// How a log ends.
#[derive(Debug, Default)]
pub(super) struct End {
    /// Index after the highest entry that is accounted for.
    pub(super) top: u64,
    /// Entries that the signer has and the rows lack: no finding.
    pub(super) recovered: u64,
    /// Head at the size that the caller expects, where it is known.
    pub(super) expected: Option<Hash>,
}

const CUT: &str = "entries are missing at the end";

impl Ending<'_> {
    /// Says what is wrong at the end.
    pub(super) fn end(&self, proof: &mut Proof, findings: &mut Findings) -> End {
        let mut end = End { top: self.covered.end(), ..End::default() };
        let mut links = Vec::new();
        if let Some(segment) = self.tail(end.top, findings) {
            end.recovered = segment.end().saturating_sub(segment.first_index);
            if segment.first_index == end.top {
                links = self.in_flight(segment, findings);
                proof.segment(&links, &segment.macs);
            }
        }
        if let Some(row) = &self.subject.row {
            self.row(row, end.top, findings);
        }
        if let Some(signer) = &self.subject.signer {
            self.head_of(signer, findings);
            self.brought_forward(signer, findings);
        }
        if let Some(Expectation { size, .. }) = self.subject.expectation {
            let link = links.iter().find(|link| link.index.checked_add(1) == Some(size));
            end.expected = link.map(|link| link.head).or_else(|| self.head_at(size));
        }
        end
    }

    /// Entries that are not there although the signer, or the log's row, has them. Returns the segment in flight, if they are
    /// one whole segment at or above the acknowledged mark: sealed, and not yet committed.
    fn tail(&self, top: u64, findings: &mut Findings) -> Option<&StoredSegment> {
        let signer = self.subject.signer.as_ref();
        let (size, acknowledged) = signer.map_or((0, 0), |signer| (signer.size, signer.acknowledged));
        let empty = self.rows == 0;
        let row_size = match &self.subject.row {
            Some(row) => self.frame.lost.skip(row.size),
            None if empty && acknowledged > 0 => {
                findings.add(FindingKind::Truncated, ends(&(0..size)), "the log is gone");
                return None;
            }
            None if empty => 0,
            None => {
                findings.add(FindingKind::ColumnMismatch, ends(&(0..top.max(1))), "logs has no row");
                top
            }
        };
        if row_size < top {
            findings.add(FindingKind::ColumnMismatch, ends(&(row_size..top)), "logs.size is below the entries");
        }
        if size <= top {
            if i128::from(row_size) > self.column_end && row_size > top {
                findings.add(FindingKind::Truncated, ends(&(top..row_size)), CUT);
            }
            return None;
        }
        if row_size == top && acknowledged > top {
            let detail = "entries and logs stand at an earlier state";
            findings.add(FindingKind::RolledBack, ends(&(top..size)), detail);
            return None;
        }
        let cut = if row_size > top { row_size.min(size) } else { top };
        if cut > top {
            findings.add(FindingKind::Truncated, ends(&(top..cut)), CUT);
        }
        let last = signer.filter(|_| acknowledged <= cut).and_then(last_segment);
        let segment = last.filter(|segment| segment.first_index == cut);
        if cut < size && segment.is_none() {
            findings.add(FindingKind::Truncated, ends(&(cut..size)), CUT);
        }
        segment
    }

    /// The entries of the segment in flight, which must follow the rows.
    fn in_flight(&self, segment: &StoredSegment, findings: &mut Findings) -> Vec<Link> {
        let index = segment.first_index;
        let Some(head) = self.head_at(index) else { return Vec::new() };
        let start = Start { log_id: self.log_id, index, head, last_logged_ns: i64::MIN };
        let links = walk(start, &segment.entries).ok();
        let links = links.filter(|links| links.last().is_some_and(|link| link.head == segment.head));
        if links.is_none() {
            let detail = "the signer's next segment does not follow the entries";
            findings.add(FindingKind::Forked, single(index), detail);
        }
        links.unwrap_or_default()
    }

    /// The run that leads to a size: one that was sealed rather than one that could not be checked.
    fn run_to(&self, size: u64) -> Option<(&Run, Entries)> {
        let sealed = self.runs.iter().filter_map(|run| run.sealed().map(|(range, entries)| (run, range.end, entries)));
        let run = sealed.filter(|(_, end, _)| *end == size).min_by_key(|(run, ..)| run.is_open())?;
        Some((run.0, run.2))
    }

    /// Head of the log when it had `size` entries, where rows or losses say it.
    fn head_at(&self, size: u64) -> Option<Hash> {
        let start = Some(self.frame.start).filter(|start| start.size == size).map(|start| start.head);
        let rows = || self.run_to(size).map(|(_, entries)| entries.last_head);
        let losses = self.subject.signer.iter().flat_map(|signer| &signer.losses);
        let lost = || losses.into_iter().find(|loss| loss.end() == size).map(|loss| loss.head);
        start.or_else(rows).or_else(lost)
    }

    /// The row in `logs` against the entries.
    fn row(&self, row: &LogRow, top: u64, findings: &mut Findings) {
        let index = row.size.saturating_sub(1);
        let at = single(index);
        if self.head_at(row.size).is_some_and(|head| head[..] != row.head[..]) {
            findings.add(FindingKind::ColumnMismatch, at, "logs.head differs from the entries");
        }
        // Whoever set the log back is found for that; when the last entry was logged says nothing more.
        if self.subject.signer.as_ref().is_some_and(|signer| signer.acknowledged > top) {
            return;
        }
        let last = self.run_to(row.size).filter(|_| row.size == top);
        if last.is_some_and(|(_, entries)| entries.last_logged_ns != row.last_logged_ns) {
            findings.add(FindingKind::ColumnMismatch, at, "logs.last_logged_ns differs from the entries");
        }
    }

    /// The head that the signer has against the entry that leads to it.
    fn head_of(&self, signer: &SignerView, findings: &mut Findings) {
        if self.run_to(signer.size).is_some_and(|(_, entries)| entries.last_head != signer.head) {
            let index = signer.size.saturating_sub(1);
            findings.add(FindingKind::Forked, single(index), "genuine, but the signer has another entry here");
        }
    }

    /// The heads that the signer had before an operator's word brought it forward: the rows must lead there. Otherwise they
    /// are of another history, and what the signer had sealed in this one is gone.
    fn brought_forward(&self, signer: &SignerView, findings: &mut Findings) {
        for Expectation { size, head: before } in brought_forward(signer) {
            let index = size.saturating_sub(1);
            // Nothing can be said below where the caller trusts the log, or of a row that could not be checked.
            if size < self.frame.start.size || self.run_to(size).is_some_and(|(run, _)| run.is_open()) {
                continue;
            }
            let detail = match self.head_at(size) {
                Some(head) if head == before => continue,
                Some(_) => "the signer was brought forward from another entry here: a second history",
                None if self.frame.lost.skip(index) > index => continue,
                None => "the entry is not there from which the signer was brought forward",
            };
            findings.add(FindingKind::Forked, single(index), detail);
        }
    }
}
