//! What a verification says: a verdict and findings.

use crate::hash::Hash;

/// Most findings of a report; the rest are counted in the last one's detail.
pub const MAX_FINDINGS: usize = 10_000;

/// The outcome of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry is there, unchanged, and the signer agrees.
    Intact,
    /// Nothing wrong was found, but something could not be held against the signer, or a loss was declared.
    Incomplete,
    /// At least one finding.
    Tampered,
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
    /// The log differs from the size and head that the caller expected.
    ExpectationFailed,
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

/// The outcome of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The outcome.
    pub verdict: Verdict,
    /// Rows read.
    pub entries: u64,
    /// Size of the log that the signer holds. `None`: there was no signer.
    pub size: Option<u64>,
    /// Head that the last readable row leads to; that of an empty log if there is none.
    pub head: Hash,
    /// Entries that the signer had and the rows lacked, not yet acknowledged: no finding.
    pub recovered: u64,
    /// All findings, in the order of their indices, at most [`MAX_FINDINGS`].
    pub findings: Vec<Finding>,
    /// Ranges declared lost: first and last index.
    pub losses: Vec<(u64, u64)>,
}

/// Collects findings up to a bound.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    dropped: u64,
}

impl Findings {
    /// Adds a finding over `first ..= last`.
    pub(super) fn add(&mut self, kind: FindingKind, (first, last): (u64, u64), detail: impl Into<String>) {
        if self.list.len() >= MAX_FINDINGS {
            self.dropped += 1;
            return;
        }
        self.list.push(Finding { kind, first_index: first, last_index: last, detail: detail.into() });
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
                Some(last)
                    if last.kind == finding.kind
                        && last.detail == finding.detail
                        && finding.first_index <= last.last_index.saturating_add(1) =>
                {
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
