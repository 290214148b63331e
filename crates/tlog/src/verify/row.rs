//! A row as it stands in the table, and what its bytes say of themselves.

use names::LogId;

use crate::entry::{Columns, decode};
use crate::hash::{Hash, chain_head, leaf_hash};
use crate::mac::Mac;

/// A row of `entries`, as it stands in the database. Nothing in it is trusted.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Column `entry_index`.
    pub index: i64,
    /// The columns derived from the entry.
    pub columns: Columns<'a>,
    /// Column `entry`; empty if it is longer than an entry can be.
    pub entry: &'a [u8],
    /// Column `mac`.
    pub mac: &'a [u8],
}

/// Names of the derived columns, in the order of their bits.
const COLUMN_NAMES: [&str; 8] =
    ["event_id", "logged_at", "producer", "actor", "action", "resource", "outcome", "key_boot or key_counter"];

/// What one row is, as far as it says itself: whether it was sealed, its MAC says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lone {
    /// Head after the entry.
    pub head: Hash,
    /// Column `mac`. `None`: it has not the length of one.
    pub mac: Option<Mac>,
    /// Derived columns that say something else than the entry; those of a key operation only together.
    pub differing: Vec<&'static str>,
}

impl Lone {
    /// Reads a row. `None`: its bytes are no entry of this log, or that of another index.
    pub fn new(log_id: LogId, row: &Row<'_>) -> Option<Self> {
        let entry = Read::new(log_id, row).entry.filter(|entry| u64::try_from(row.index) == Ok(entry.index))?;
        let differing = names(entry.differs).flat_map(|name| name.split(" or ")).collect();
        Some(Self { head: entry.head, mac: entry.mac, differing })
    }
}

/// A row that was read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// Its index column.
    pub(super) column: i64,
    /// `None`: the bytes are no entry of this log.
    pub(super) entry: Option<Claim>,
}

/// What an entry's bytes say.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    /// Its index.
    pub(super) index: u64,
    /// Head before it.
    pub(super) previous: Hash,
    /// Its leaf hash.
    pub(super) leaf: Hash,
    /// Head after it.
    pub(super) head: Hash,
    /// Time logged, nanoseconds since 1970.
    pub(super) logged_ns: i64,
    /// Column `mac`. `None`: it has not the length of one.
    pub(super) mac: Option<Mac>,
    /// Derived columns that say something else, one bit each.
    pub(super) differs: u8,
}

impl Read {
    pub(super) fn new(log_id: LogId, row: &Row<'_>) -> Self {
        let entry = decode(row.entry).ok().filter(|entry| entry.place.log_id == log_id);
        let entry = entry.map(|entry| {
            let leaf = leaf_hash(row.entry);
            Claim {
                index: entry.place.index,
                previous: entry.place.previous_head,
                leaf,
                head: chain_head(log_id, entry.place.index, &entry.place.previous_head, &leaf),
                logged_ns: entry.place.logged_ns,
                mac: Mac::from_slice(row.mac),
                differs: differences(&entry.columns(), &row.columns),
            }
        });
        Self { column: row.index, entry }
    }
}

/// Which columns differ, one bit each.
fn differences(entry: &Columns<'_>, row: &Columns<'_>) -> u8 {
    if entry == row {
        return 0;
    }
    let same = [
        entry.event_id == row.event_id,
        entry.logged_us == row.logged_us,
        entry.producer == row.producer,
        entry.actor == row.actor,
        entry.action == row.action,
        entry.resource == row.resource,
        entry.outcome == row.outcome,
        entry.key_operation == row.key_operation,
    ];
    same.iter().rev().fold(0, |bits, same| bits << 1 | u8::from(!same))
}

/// In words, which columns differ.
pub(super) fn differing(bits: u8) -> String {
    format!("differs from the entry: {}", names(bits).collect::<Vec<_>>().join(", "))
}

fn names(bits: u8) -> impl Iterator<Item = &'static str> {
    (0..).zip(COLUMN_NAMES).filter(move |(bit, _)| bits >> bit & 1 == 1).map(|(_, name)| name)
}
