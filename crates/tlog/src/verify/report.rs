//! What a verification says: a verdict, findings, and what it could not check.

use std::fmt;

use super::ranges::{RangeSet, ends};
use crate::hash::Hash;
use crate::protocol::Alarm;
use crate::signer::repair::EntryRange;

/// Most findings of a report; the rest are counted in the last one's detail.
pub const MAX_FINDINGS: usize = 10_000;

/// Most stretches of a report that could not be checked; the last one stands for all that follow.
pub const MAX_UNCHECKED: usize = 100;

/// The outcome of a verification, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every entry is there, unchanged, and was held against the signer.
    Intact,
    /// Intact, but the signer keeps alarms: closed ones, or such as say nothing about the entries.
    IntactWithAlarms,
    /// Nothing wrong was found, but something could not be held against the signer, or a loss was declared.
    Incomplete,
    /// At least one finding.
    Tampered,
}

impl Verdict {
    /// Its name, as reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intact => "INTACT",
            Self::IntactWithAlarms => "INTACT_WITH_ALARMS",
            Self::Incomplete => "INCOMPLETE",
            Self::Tampered => "TAMPERED",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a verification found. docs/audit-log.md says how the kinds are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// An entry's bytes are not what was sealed.
    ContentChanged,
    /// Links hold but MACs do not: the chain was computed anew without the key, or the MAC itself was changed.
    MacInvalid,
    /// A column does not say what the entry's bytes say.
    ColumnMismatch,
    /// Entries are missing in the middle.
    Missing,
    /// A row is there that was never sealed.
    Inserted,
    /// Sealed entries stand in each other's places.
    Reordered,
    /// A sealed entry stands in the log twice.
    Duplicated,
    /// Entries are missing at the end.
    Truncated,
    /// The whole log stands at an earlier state.
    RolledBack,
    /// A second history exists or was offered.
    Forked,
    /// audit-service stood beyond the signer: the signer's database was set back.
    Ahead,
    /// The log differs from the size and head that the caller expected.
    ExpectationFailed,
}

impl FindingKind {
    /// Its name, as reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ContentChanged => "CONTENT_CHANGED",
            Self::MacInvalid => "MAC_INVALID",
            Self::ColumnMismatch => "COLUMN_MISMATCH",
            Self::Missing => "MISSING",
            Self::Inserted => "INSERTED",
            Self::Reordered => "REORDERED",
            Self::Duplicated => "DUPLICATED",
            Self::Truncated => "TRUNCATED",
            Self::RolledBack => "ROLLED_BACK",
            Self::Forked => "FORKED",
            Self::Ahead => "AHEAD",
            Self::ExpectationFailed => "EXPECTATION_FAILED",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing wrong. Indices are those of the sealed entries; for rows that are no entry in its place (INSERTED,
/// REORDERED, DUPLICATED) they are those of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// First index it concerns.
    pub first_index: u64,
    /// Last index it concerns.
    pub last_index: u64,
    /// In words.
    pub detail: String,
}

/// Entries that could not be held against the signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// First index.
    pub first_index: u64,
    /// Last index.
    pub last_index: u64,
    /// Why, in words.
    pub detail: String,
}

/// Size, head and root of a log that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Number of entries.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
    /// RFC 6962 root of the tree over them. `None`: not all of them were read, so it was not computed.
    pub root: Option<Hash>,
}

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The outcome.
    pub verdict: Verdict,
    /// Rows read.
    pub entries: u64,
    /// What the signer stated before the rows were read, and what the rows lead to. `None`: there was no signer, or the rows
    /// do not lead there.
    pub verified: Option<Verified>,
    /// Entries that the signer had and the rows lacked, not yet acknowledged: no finding.
    pub recovered: u64,
    /// All findings, in the order of their indices, at most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// What could not be checked, at most [`MAX_UNCHECKED`] stretches.
    pub unchecked: Vec<Unchecked>,
    /// Ranges declared lost.
    pub losses: Vec<EntryRange>,
    /// The signer's alarms, open and closed.
    pub alarms: Vec<Alarm>,
}

impl Report {
    /// Adds what was found outside the entries, and what could not be read.
    pub fn add(&mut self, findings: Vec<Finding>, unchecked: Vec<Unchecked>) {
        let found = if findings.is_empty() { Verdict::Intact } else { Verdict::Tampered };
        let missed = if unchecked.is_empty() { Verdict::Intact } else { Verdict::Incomplete };
        self.verdict = self.verdict.max(found).max(missed);
        self.findings.splice(0..0, findings);
        self.unchecked.extend(unchecked);
    }
}

/// Collects findings up to a bound.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    dropped: u64,
}

impl Findings {
    /// Adds a finding over a range that is not empty.
    pub(super) fn add(&mut self, kind: FindingKind, range: EntryRange, detail: impl Into<String>) {
        let EntryRange { first_index, last_index } = range;
        let detail = detail.into();
        if let Some(last) = self.list.last_mut()
            && last.goes_on(kind, &detail, first_index)
        {
            last.last_index = last.last_index.max(last_index);
        } else if self.list.len() >= MAX_FINDINGS {
            self.dropped += 1;
        } else {
            self.list.push(Finding { kind, first_index, last_index, detail });
        }
    }

    /// Takes over what another list says of entries in `known`.
    pub(super) fn take_over(&mut self, other: Self, known: &RangeSet) {
        for Finding { kind, first_index, last_index, detail } in other.list {
            for (part, _) in
                known.split(first_index..last_index.saturating_add(1)).into_iter().filter(|(_, known)| *known)
            {
                self.add(kind, ends(&part), detail.clone());
            }
        }
        self.dropped += other.dropped;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there is one of this kind.
    pub(super) fn has(&self, kind: FindingKind) -> bool {
        self.list.iter().any(|finding| finding.kind == kind)
    }

    /// Whether any finding touches an index.
    pub(super) fn touches(&self, index: u64) -> bool {
        self.list.iter().any(|finding| finding.first_index <= index && index <= finding.last_index)
    }

    /// The findings by index, neighbours of one kind and detail joined.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by(|a, b| {
            (a.kind, &a.detail, a.first_index, a.last_index).cmp(&(b.kind, &b.detail, b.first_index, b.last_index))
        });
        let mut joined: Vec<Finding> = Vec::with_capacity(self.list.len());
        for finding in self.list {
            match joined.last_mut() {
                Some(last) if last.goes_on(finding.kind, &finding.detail, finding.first_index) => {
                    last.last_index = last.last_index.max(finding.last_index);
                }
                _ => joined.push(finding),
            }
        }
        joined.sort_by_key(|finding| (finding.first_index, finding.last_index, finding.kind));
        if let Some(last) = joined.last_mut().filter(|_| self.dropped > 0) {
            last.detail = format!("{} (and {} more findings)", last.detail, self.dropped);
        }
        joined
    }
}

impl Finding {
    /// Whether the same thing, found from `index` on, is one with this.
    fn goes_on(&self, kind: FindingKind, detail: &str, index: u64) -> bool {
        self.kind == kind
            && self.detail == detail
            && self.first_index <= index
            && index <= self.last_index.saturating_add(1)
    }
}

/// Adds a stretch that could not be checked to the others.
pub(super) fn note(list: &mut Vec<Unchecked>, range: EntryRange, detail: impl Into<String>) {
    let EntryRange { first_index, last_index } = range;
    let (detail, full) = (detail.into(), list.len() >= MAX_UNCHECKED);
    match list.last_mut() {
        Some(last)
            if last.detail == detail
                && first_index <= last.last_index.saturating_add(1)
                && last.first_index <= last_index.saturating_add(1) =>
        {
            last.first_index = last.first_index.min(first_index);
            last.last_index = last.last_index.max(last_index);
        }
        Some(last) if full => {
            last.first_index = last.first_index.min(first_index);
            last.last_index = last.last_index.max(last_index);
            "and others, for several reasons".clone_into(&mut last.detail);
        }
        _ => list.push(Unchecked { first_index, last_index, detail }),
    }
}
