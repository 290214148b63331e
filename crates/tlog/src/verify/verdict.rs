//! What is said once all rows are placed: alarms, losses, expectations, and the verdict.

use super::ending::End;
use super::place::Frame;
use super::proof::Proven;
use super::ranges::{ends, single};
use super::report::{FindingKind, Findings, Report, Unchecked, Verdict, Verified, note};
use super::runs::Runs;
use super::subject::{Expectation, Subject};
use crate::protocol::{Alarm, AlarmKind, Loss, SignerView};
use crate::signer::repair::EntryRange;

/// What the signer said after the rows were read.
#[derive(Clone, Copy, Debug)]
pub enum Later<'a> {
    /// It was not asked: no row goes beyond its first answer.
    NotAsked,
    /// It has nothing sealed under this name.
    Nothing,
    /// Its view of the log.
    View(&'a SignerView),
    /// It did not answer.
    Unanswered,
}

/// What the verdict follows from.
pub(super) struct Grounds {
    pub(super) subject: Subject,
    pub(super) frame: Frame,
    /// Rows there are.
    pub(super) rows: u64,
    pub(super) runs: Runs,
    pub(super) findings: Findings,
    pub(super) unchecked: Vec<Unchecked>,
    pub(super) end: End,
    pub(super) proven: Proven,
}

impl Grounds {
    /// Puts the report together.
    pub(super) fn report(mut self, later: Later<'_>) -> Report {
        self.later(later);
        self.blurred();
        let verified = self.proven();
        let signer = self.subject.signer.take();
        let (losses, alarms) = signer.as_ref().map_or_else(Default::default, |signer| self.marks(signer));
        if let Some(expected) = self.subject.expectation {
            expect(&self.end, &expected, &mut self.findings);
        }
        let findings = self.findings.sorted();
        let verdict = if !findings.is_empty() {
            Verdict::Tampered
        } else if signer.is_none() || !self.unchecked.is_empty() || !losses.is_empty() {
            Verdict::Incomplete
        } else if !alarms.is_empty() {
            Verdict::IntactWithAlarms
        } else {
            Verdict::Intact
        };
        let (entries, recovered, unchecked) = (self.rows, self.end.recovered, self.unchecked);
        Report { verdict, entries, verified, recovered, findings, unchecked, losses, alarms }
    }

    /// Rows beyond the signer's first answer are held against its second one.
    fn later(&mut self, later: Later<'_>) {
        let (top, end) = (self.end.top, self.runs.end);
        let Some(size) = self.subject.signer.as_ref().map(|signer| signer.size).filter(|size| end > *size) else {
            return;
        };
        let later = match later {
            Later::Nothing => 0,
            Later::View(view) => view.size,
            Later::NotAsked | Later::Unanswered => {
                let detail = "the signer did not say whether it has these entries";
                return note(&mut self.unchecked, ends(&(size..top)), detail);
            }
        };
        if later < top {
            self.findings.add(FindingKind::Forked, ends(&(later..top)), "the signer does not have these entries");
        }
    }

    /// Rows that were too many to be told apart.
    fn blurred(&mut self) {
        let Some(first_index) = self.frame.unseen_from.filter(|_| self.runs.blurred > 0) else { return };
        let detail = format!("too much is wrong: {} rows from here on were not told apart", self.runs.blurred);
        note(&mut self.unchecked, EntryRange { first_index, last_index: self.end.top.max(first_index) }, detail);
    }

    /// What the chain says of the signer's size, head and root.
    fn proven(&mut self) -> Option<Verified> {
        let signer = self.subject.signer.as_ref()?;
        let (size, head) = (signer.size, signer.head);
        let verified = |root| Some(Verified { size, head, root });
        match self.proven {
            Proven::All { root } => verified(root),
            Proven::OtherMacs { root } => {
                if !self.findings.has(FindingKind::MacInvalid) {
                    // Among those that could not be checked, where there are such.
                    let first = self.unchecked.iter().map(|stretch| stretch.first_index).min();
                    let last = self.unchecked.iter().map(|stretch| stretch.last_index).max();
                    let range = first.zip(last).map_or(0..size, |(first, last)| first..last.saturating_add(1));
                    let detail = "the macs are not those that the signer made";
                    self.findings.add(FindingKind::MacInvalid, ends(&range), detail);
                }
                verified(root)
            }
            Proven::OtherRoot => {
                let detail = "the tree over the entries has another root than the signer states";
                self.findings.add(FindingKind::Forked, ends(&(0..size)), detail);
                None
            }
            Proven::Nothing => {
                if self.findings.is_empty() && self.unchecked.is_empty() {
                    let range = ends(&(self.frame.start.size..size.max(self.frame.start.size)));
                    note(&mut self.unchecked, range, "the rows do not lead to the head that the signer states");
                }
                None
            }
        }
    }

    /// Losses and alarms that count, and what follows from them and from where the caller trusts the log.
    fn marks(&mut self, signer: &SignerView) -> (Vec<EntryRange>, Vec<Alarm>) {
        let start = self.frame.start;
        let counts = |loss: &&Loss| loss.end() > start.size;
        let range = |loss: &Loss| EntryRange { first_index: loss.first_index, last_index: loss.last_index };
        let losses = signer.losses.iter().filter(counts).map(range).collect();
        let counts = |alarm: &&Alarm| alarm.last_index >= start.size;
        let alarms: Vec<Alarm> = signer.alarms.iter().filter(counts).cloned().collect();
        for alarm in &alarms {
            self.alarm(alarm);
        }
        let unlisted = signer.alarms_in_all.saturating_sub(crate::protocol::count(signer.alarms.len()));
        if unlisted > 0 && signer.unlisted_last_index.is_none_or(|last| last >= start.size) {
            let detail = format!("{unlisted} alarms of the signer are not listed");
            note(&mut self.unchecked, ends(&(0..signer.size)), detail);
        }
        if signer.size < start.size {
            let detail = "the signer has fewer entries than are trusted";
            self.findings.add(FindingKind::ExpectationFailed, ends(&(signer.size..start.size)), detail);
        } else if signer.size == start.size && signer.head != start.head {
            let detail = "the signer states another head than the one that is trusted";
            self.findings.add(FindingKind::ExpectationFailed, single(start.size.saturating_sub(1)), detail);
        }
        (losses, alarms)
    }

    /// Open alarms about the entries are findings. A range that only an operator vouches for was never checked, also after
    /// the alarm about it is closed. Of kinds that this program does not know nothing is said but that they are there.
    fn alarm(&mut self, alarm: &Alarm) {
        let detail = format!("alarm {} of the signer: {}", alarm.kind, alarm.detail);
        let kind = match alarm.kind {
            AlarmKind::Advanced => {
                let last_index = alarm.last_index.max(alarm.first_index);
                let range = EntryRange { first_index: alarm.first_index, last_index };
                return note(&mut self.unchecked, range, detail);
            }
            AlarmKind::Ahead => FindingKind::Ahead,
            AlarmKind::Forked => FindingKind::Forked,
            AlarmKind::RolledBack => FindingKind::RolledBack,
            AlarmKind::Suppressed => FindingKind::Inserted,
            AlarmKind::Clock | AlarmKind::Other(_) => return,
        };
        let known = kind == FindingKind::Inserted && self.findings.touches(alarm.first_index);
        if alarm.is_open() && !known {
            self.findings.add(kind, single(alarm.first_index), detail);
        }
    }
}

/// Holds what the caller expected against what is known of the log.
fn expect(end: &End, expected: &Expectation, findings: &mut Findings) {
    let at = single(expected.size.saturating_sub(1));
    let kind = FindingKind::ExpectationFailed;
    let last = end.top.saturating_add(end.recovered);
    match end.expected {
        Some(head) if head == expected.head => {}
        Some(_) => findings.add(kind, at, "the head expected here is another"),
        None if expected.size > last => {
            findings.add(kind, ends(&(last..expected.size)), "the log ends before the size that was expected");
        }
        None => findings.add(kind, at, "the head expected here cannot be confirmed"),
    }
}
