//! The end of the log: what is cut off, set back or recovered, alarms, expectations, and the row in `logs`.

use super::{
    Expectation, LogRow, Subject,
    place::{Placed, last},
    report::{FindingKind, Findings},
};
use crate::{
    chain::{Link, Start, walk},
    hash::Hash,
    protocol::{AlarmKind, SignerView, StoredSegment},
};

/// What the end of a log is held against.
struct Ending<'a> {
    signer: Option<&'a SignerView>,
    /// Index after the highest entry found.
    top: u64,
    /// Entries of the segment that is recovered.
    links: Vec<Link>,
}

impl Placed {
    /// Everything that can be said only after the last row. `latest` is what the signer said after the rows were read.
    pub(super) fn end(&mut self, subject: &Subject, latest: Option<&SignerView>, findings: &mut Findings) {
        let top = self.covered.end();
        self.settle(top, findings);
        let signer = subject.signer.as_ref();
        let mut ending = Ending { signer, top, links: Vec::new() };
        self.tail(&mut ending, subject.row.as_ref(), findings);
        if let Some(row) = &subject.row {
            self.row(row, &ending, findings);
        }
        if let Some(signer) = signer {
            self.head_of(signer, findings);
            alarms(signer, findings);
        }
        if let Some(latest) = latest.filter(|latest| latest.size < top) {
            findings.add(FindingKind::Forked, last(&(latest.size..top)), "the signer does not have these entries");
        }
        if let Some(expectation) = &subject.expectation {
            self.expected(&ending, expectation, findings);
        }
    }

    /// Entries that are not there although the signer, or the log's row, has them.
    fn tail(&mut self, ending: &mut Ending<'_>, row: Option<&LogRow>, findings: &mut Findings) {
        let top = ending.top;
        let (size, acknowledged) = ending.signer.map_or((0, 0), |signer| (signer.size, signer.acknowledged));
        let row_size = match row {
            Some(row) => self.lost.skip(row.size),
            None if self.column_end == 0 && acknowledged > 0 => {
                return findings.add(FindingKind::Truncated, last(&(0..size)), "the log is gone");
            }
            None if self.column_end == 0 => 0,
            None => {
                findings.add(FindingKind::ColumnMismatch, last(&(0..top.max(1))), "logs has no row");
                top
            }
        };
        if row_size < top {
            findings.add(FindingKind::ColumnMismatch, last(&(row_size..top)), "logs.size is below the entries");
        }
        if size <= top {
            if i128::from(row_size) > self.column_end && row_size > top {
                findings.add(FindingKind::Truncated, last(&(top..row_size)), CUT);
            }
            return;
        }
        if row_size == top && acknowledged > top {
            return findings.add(
                FindingKind::RolledBack,
                last(&(top..size)),
                "entries and logs stand at an earlier state",
            );
        }
        let cut = if row_size > top { row_size.min(size) } else { top };
        if cut > top {
            findings.add(FindingKind::Truncated, last(&(top..cut)), CUT);
        }
        if cut < size {
            match whole_segment(ending.signer, cut) {
                Some(segment) => self.recover(ending, segment, cut > top, findings),
                None => findings.add(FindingKind::Truncated, last(&(cut..size)), CUT),
            }
        }
    }

    /// One whole segment at or above the acknowledged mark that the rows lack: sealed, and not yet committed.
    fn recover(&mut self, ending: &mut Ending<'_>, segment: &StoredSegment, cut: bool, findings: &mut Findings) {
        self.recovered = segment.end() - segment.first_index;
        if cut {
            return;
        }
        let Some(head) = self.head_at(segment.first_index) else { return };
        match walk(
            Start { log_id: self.log_id, index: segment.first_index, head, last_logged_ns: i64::MIN },
            &segment.entries,
        ) {
            Ok(links) if links.last().is_some_and(|link| link.head == segment.head) => ending.links = links,
            Ok(_) | Err(_) => {
                let at = (segment.first_index, segment.first_index);
                findings.add(FindingKind::Forked, at, "the signer's next segment does not follow the entries");
            }
        }
    }

    /// Head of the log when it had `size` entries, where rows or the signer say it.
    fn head_at(&self, size: u64) -> Option<Hash> {
        if size == 0 {
            return Some(self.genesis);
        }
        let top = self.top.filter(|(end, ..)| *end == size).map(|(_, head, _)| head);
        let watched = || self.watched.get(&(size - 1)).copied();
        let lost = || self.losses.iter().find(|(end, _)| *end == size).map(|(_, head)| *head);
        top.or_else(watched).or_else(lost)
    }

    /// The row in `logs` against the entries.
    fn row(&self, row: &LogRow, ending: &Ending<'_>, findings: &mut Findings) {
        let index = row.size.saturating_sub(1);
        if self.head_at(row.size).is_some_and(|head| head[..] != row.head[..]) {
            findings.add(FindingKind::ColumnMismatch, (index, index), "logs.head differs from the entries");
        }
        // Whoever set the log back is found for that; when the last entry was logged says nothing more.
        if ending.signer.is_some_and(|signer| signer.acknowledged > ending.top) {
            return;
        }
        let logged_ns = self.top.filter(|(end, ..)| *end == row.size).map(|(.., logged_ns)| logged_ns);
        if logged_ns.is_some_and(|logged_ns| logged_ns != row.last_logged_ns) {
            findings.add(FindingKind::ColumnMismatch, (index, index), "logs.last_logged_ns differs from the entries");
        }
    }

    /// The head that the signer has against the entry that leads to it.
    fn head_of(&self, signer: &SignerView, findings: &mut Findings) {
        let Some(index) = signer.size.checked_sub(1) else { return };
        if self.watched.get(&index).is_some_and(|head| *head != signer.head) {
            findings.add(FindingKind::Forked, (index, index), "genuine, but the signer has another entry here");
        }
    }

    fn expected(&self, ending: &Ending<'_>, expectation: &Expectation, findings: &mut Findings) {
        let index = expectation.size.saturating_sub(1);
        let recovered = ending.links.iter().find(|link| link.index == index && expectation.size > 0);
        let head = recovered.map(|link| link.head).or_else(|| self.head_at(expectation.size));
        let end = ending.top.saturating_add(self.recovered);
        let kind = FindingKind::ExpectationFailed;
        match head {
            Some(head) if head == expectation.head => {}
            Some(_) => findings.add(kind, (index, index), "the head expected here is another"),
            None if expectation.size > end => {
                findings.add(kind, (end, index), "the log ends before the size that was expected");
            }
            None => findings.add(kind, (index, index), "the head expected here cannot be confirmed"),
        }
    }
}

const CUT: &str = "entries are missing at the end";

/// The signer's one segment from `from` to its end, if it is unacknowledged.
fn whole_segment(signer: Option<&SignerView>, from: u64) -> Option<&StoredSegment> {
    let signer = signer.filter(|signer| signer.acknowledged <= from)?;
    signer.unacknowledged.iter().find(|segment| segment.first_index == from && segment.end() == signer.size)
}

/// Alarms are findings for ever, until an operator closes those that can be closed.
fn alarms(signer: &SignerView, findings: &mut Findings) {
    for alarm in signer.alarms.iter().filter(|alarm| alarm.is_open()) {
        let at = (alarm.first_index, alarm.first_index);
        let detail = format!("alarm of the signer: {}", alarm.detail);
        match alarm.kind {
            AlarmKind::Ahead | AlarmKind::Forked => findings.add(FindingKind::Forked, at, detail),
            AlarmKind::RolledBack => findings.add(FindingKind::RolledBack, at, detail),
            AlarmKind::Suppressed if !findings.touches(alarm.first_index) => {
                findings.add(FindingKind::Inserted, at, detail);
            }
            AlarmKind::Suppressed | AlarmKind::Advanced | AlarmKind::Clock | AlarmKind::Other(_) => {}
        }
    }
}
