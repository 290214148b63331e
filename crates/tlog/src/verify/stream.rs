//! Rows to chunks: rows whose columns, indices and links follow each other are one chunk.

use names::LogId;

use super::{MacRun, Row};
use crate::{
    entry::{Columns, decode},
    hash::{HASH_BYTES, Hash, chain_head, leaf_hash},
    mac::MAC_BYTES,
    protocol::{MAX_VERIFY_MACS, count},
};

/// Consecutive rows, each linked to the one before.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Index column of the first row.
    pub(super) column: i64,
    /// Index of the first entry, as its bytes say.
    pub(super) index: u64,
    /// Number of rows.
    pub(super) len: u64,
    /// Head that the first entry names.
    pub(super) first_previous: Hash,
    /// Head after the last entry.
    pub(super) last_head: Hash,
    /// Time logged of the last entry.
    pub(super) last_logged_ns: i64,
    /// Whether the chunk before goes on here: column, index and link.
    pub(super) follows: bool,
    /// Rows whose columns differ from their entries.
    pub(super) mismatches: Vec<Mismatch>,
    heads: Vec<u8>,
    macs: Vec<u8>,
}

/// Rows whose columns differ from their entries in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// Index of the first entry.
    pub(super) index: u64,
    /// Number of entries.
    pub(super) len: u64,
    /// Which columns, one bit each in the order of [`COLUMN_NAMES`].
    pub(super) columns: u8,
}

/// Names of the derived columns.
pub(super) const COLUMN_NAMES: [&str; 7] =
    ["event_id", "logged_at", "producer", "actor", "action", "resource", "outcome"];

/// A row that is no entry of this log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unreadable {
    /// Its index column.
    pub(super) column: i64,
}

#[derive(Debug)]
pub(super) enum Staged {
    Chunk(Box<Chunk>),
    Unreadable(Unreadable),
}

#[derive(Debug)]
pub(super) struct Stream {
    log_id: LogId,
    /// Indices after which a chunk ends, so that the head there is known.
    watched: Vec<u64>,
    open: Option<Box<Chunk>>,
    unreadable: Option<Unreadable>,
    rows: u64,
    /// Head that the last row leads to.
    head: Option<Hash>,
}

impl Stream {
    pub(super) fn new(log_id: LogId, watched: &[u64]) -> Self {
        Self { log_id, watched: watched.to_vec(), open: None, unreadable: None, rows: 0, head: None }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn head(&self) -> Option<Hash> {
        self.head
    }

    /// Takes a row. Returns the chunk that ends before it.
    pub(super) fn push(&mut self, row: &Row<'_>) -> Option<Staged> {
        self.rows += 1;
        let entry = match decode(row.entry) {
            Ok(entry) if entry.place.log_id == self.log_id => entry,
            Ok(_) | Err(_) => {
                self.unreadable = Some(Unreadable { column: row.index });
                return self.close();
            }
        };
        let place = &entry.place;
        let head = chain_head(self.log_id, place.index, &place.previous_head, &leaf_hash(row.entry));
        self.head = Some(head);
        let follows = self.open.as_ref().is_some_and(|open| open.goes_on(row.index, place.index, &place.previous_head));
        let full = self.open.as_ref().is_none_or(|open| {
            open.len >= count(MAX_VERIFY_MACS) || self.watched.contains(&open.index.saturating_add(open.len - 1))
        });
        let closed = if follows && !full { None } else { self.close() };
        let chunk = self.open.get_or_insert_with(|| Box::new(Chunk::new(row.index, place.index, place.previous_head)));
        if closed.is_some() {
            chunk.follows = follows;
        }
        chunk.push(head, place.logged_ns, row.mac);
        if entry.columns() != row.columns {
            chunk.mismatch(place.index, differences(&entry.columns(), &row.columns));
        }
        closed
    }

    /// The row just pushed, if it is no entry.
    pub(super) fn take_unreadable(&mut self) -> Option<Staged> {
        self.unreadable.take().map(Staged::Unreadable)
    }

    /// Ends the open chunk.
    pub(super) fn close(&mut self) -> Option<Staged> {
        self.open.take().map(Staged::Chunk)
    }
}

impl Chunk {
    fn new(column: i64, index: u64, first_previous: Hash) -> Self {
        Self {
            column,
            index,
            len: 0,
            first_previous,
            last_head: first_previous,
            last_logged_ns: 0,
            follows: false,
            mismatches: Vec::new(),
            heads: Vec::new(),
            macs: Vec::new(),
        }
    }

    fn goes_on(&self, column: i64, index: u64, previous: &Hash) -> bool {
        i128::from(column) == i128::from(self.column) + i128::from(self.len)
            && self.index.checked_add(self.len) == Some(index)
            && self.last_head == *previous
    }

    fn push(&mut self, head: Hash, logged_ns: i64, mac: &[u8]) {
        self.len += 1;
        self.last_head = head;
        self.last_logged_ns = logged_ns;
        self.heads.extend_from_slice(&head);
        if mac.len() == MAC_BYTES {
            self.macs.extend_from_slice(mac);
        } else {
            // Key version 0 does not exist: a MAC of another length never verifies.
            self.macs.extend_from_slice(&[0; MAC_BYTES]);
        }
    }

    fn mismatch(&mut self, index: u64, columns: u8) {
        match self.mismatches.last_mut() {
            Some(last) if last.columns == columns && last.index + last.len == index => last.len += 1,
            _ => self.mismatches.push(Mismatch { index, len: 1, columns }),
        }
    }

    /// Takes out what the signer is to check.
    pub(super) fn take_run(&mut self) -> MacRun {
        debug_assert_eq!(self.heads.len() / HASH_BYTES, self.macs.len() / MAC_BYTES, "a mac for each head");
        MacRun { first_index: self.index, heads: std::mem::take(&mut self.heads), macs: std::mem::take(&mut self.macs) }
    }
}

fn differences(entry: &Columns<'_>, row: &Columns<'_>) -> u8 {
    let same = [
        entry.event_id == row.event_id,
        entry.logged_us == row.logged_us,
        entry.producer == row.producer,
        entry.actor == row.actor,
        entry.action == row.action,
        entry.resource == row.resource,
        entry.outcome == row.outcome,
    ];
    same.iter().rev().fold(0, |bits, same| bits << 1 | u8::from(!same))
}
