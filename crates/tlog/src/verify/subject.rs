//! What the rows are held against: the log's row, the signer, what the caller knows.

use std::collections::BTreeSet;

use crate::entry::decode;
use crate::hash::Hash;
use crate::protocol::{AlarmKind, SignerView, StoredSegment};

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
    /// Where the caller trusts the log already: only rows with an index from this size on are pushed.
    pub since: Option<Expectation>,
}

impl Subject {
    /// Heads that the signer states: behind losses, before its last segment, its own.
    pub(super) fn stated(&self) -> Vec<Expectation> {
        let Some(signer) = &self.signer else { return Vec::new() };
        let losses = signer.losses.iter().map(|loss| Expectation { size: loss.end(), head: loss.head });
        let own = Expectation { size: signer.size, head: signer.head };
        losses.chain(before_last(signer)).chain([own]).collect()
    }

    /// Sizes of which somebody states a head.
    pub(super) fn sizes_stated(&self) -> BTreeSet<u64> {
        let signer = self.stated().into_iter().chain(self.signer.iter().flat_map(brought_forward));
        let all = signer.chain(self.expectation).chain(self.since).map(|stated| stated.size);
        all.chain(self.row.iter().map(|row| row.size)).collect()
    }
}

/// The signer's last segment, if it is unacknowledged.
pub(super) fn last_segment(signer: &SignerView) -> Option<&StoredSegment> {
    signer.unacknowledged.iter().find(|segment| segment.end() == signer.size)
}

/// What that segment says of the log before it.
fn before_last(signer: &SignerView) -> Option<Expectation> {
    let segment = last_segment(signer)?;
    let place = decode(segment.entries.first()?).ok()?.place;
    Some(Expectation { size: segment.first_index, head: place.previous_head })
}

/// Where the signer stood when an operator's word brought it forward.
pub(super) fn brought_forward(signer: &SignerView) -> impl Iterator<Item = Expectation> {
    let advanced = signer.alarms.iter().filter(|alarm| alarm.kind == AlarmKind::Advanced);
    advanced.filter_map(|alarm| Some(Expectation { size: alarm.first_index, head: alarm.head? }))
}
