//! Chunks and the signer's answers to items: runs of rows that are genuine, or that are not.

use std::collections::BTreeMap;
use std::ops::Range;

use super::stream::{Chunk, Mismatch, Unreadable};
use crate::hash::Hash;

/// Most things that are kept to be classified together.
pub const MAX_ITEMS: usize = 8192;

/// What is known of an item's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Their MACs verify.
    Genuine,
    /// They could not be checked: no signer.
    Unchecked,
    /// Their MACs do not verify.
    Invalid,
    /// They are no entries of this log.
    Unreadable,
}

/// Consecutive rows of one state.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) state: State,
    /// Index column of the first row.
    pub(super) column: i64,
    /// Index of the first entry, as its bytes say.
    pub(super) index: u64,
    pub(super) len: u64,
    /// Head that the first entry names, where it is known.
    pub(super) first_previous: Option<Hash>,
    /// Head after the last entry, where it is known.
    pub(super) last_head: Option<Hash>,
    pub(super) last_logged_ns: i64,
    /// Whether the first row of the next item links to the last of this one.
    pub(super) linked: bool,
    pub(super) mismatches: Vec<Mismatch>,
}

impl Item {
    /// Index after the last entry.
    pub(super) fn end(&self) -> u64 {
        self.index.saturating_add(self.len)
    }

    /// Takes the rows before the one at `index`, which is within the item, off it.
    pub(super) fn split_off(&mut self, index: u64) -> Self {
        let len = index - self.index;
        let at = self.mismatches.partition_point(|mismatch| mismatch.index < index);
        let mut after = self.mismatches.split_off(at);
        if let Some(rest) = self.mismatches.last().and_then(|last| cut(last, &(index..self.end()))) {
            after.insert(0, rest);
        }
        let mut before = std::mem::take(&mut self.mismatches);
        if let Some(last) = before.last_mut() {
            last.len = last.len.min(index - last.index);
        }
        let head = Self { len, last_head: None, linked: true, mismatches: before, ..self.clone() };
        self.column = self.column.saturating_add_unsigned(len);
        self.index = index;
        self.len -= len;
        self.first_previous = None;
        self.mismatches = after;
        head
    }

    /// How far the rows stand from where their entries belong.
    pub(super) fn shift(&self) -> i128 {
        i128::from(self.column) - i128::from(self.index)
    }

    /// Column after the last row.
    pub(super) fn column_end(&self) -> i128 {
        i128::from(self.column) + i128::from(self.len)
    }
}

#[derive(Debug)]
pub(super) struct Items {
    list: Vec<Item>,
    weight: usize,
    end: u64,
    watched: BTreeMap<u64, Option<Hash>>,
}

impl Items {
    pub(super) fn new(watched: &[u64]) -> Self {
        let watched = watched.iter().map(|index| (*index, None)).collect();
        Self { list: Vec::new(), weight: 0, end: 0, watched }
    }

    /// Index after the highest entry that is not invalid.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn full(&self) -> bool {
        self.weight >= MAX_ITEMS
    }

    /// The items so far, in the order of their columns.
    pub(super) fn take(&mut self) -> Vec<Item> {
        self.weight = 0;
        std::mem::take(&mut self.list)
    }

    /// Heads after watched indices, as far as genuine rows were there.
    pub(super) fn watched(&self) -> impl Iterator<Item = (u64, Hash)> {
        self.watched.iter().filter_map(|(index, head)| Some((*index, (*head)?)))
    }

    pub(super) fn unreadable(&mut self, row: Unreadable) {
        self.push(
            Item {
                state: State::Unreadable,
                column: row.column,
                index: u64::try_from(row.column).unwrap_or(0),
                len: 1,
                first_previous: None,
                last_head: None,
                last_logged_ns: 0,
                linked: false,
                mismatches: Vec::new(),
            },
            false,
        );
    }

    /// Splits a chunk where its MACs begin or cease to verify. `invalid` is `None` if they could not be checked.
    pub(super) fn resolve(&mut self, chunk: &Chunk, invalid: Option<&[u64]>) {
        let Some(invalid) = invalid else {
            return self.part(chunk, chunk.index..chunk.index.saturating_add(chunk.len), State::Unchecked);
        };
        let end = chunk.index.saturating_add(chunk.len);
        let mut at = chunk.index;
        let mut invalid = invalid.iter().copied().filter(|index| (chunk.index..end).contains(index)).peekable();
        while let Some(first) = invalid.next() {
            let mut after = first.saturating_add(1);
            while invalid.next_if_eq(&after).is_some() {
                after = after.saturating_add(1);
            }
            if at < first {
                self.part(chunk, at..first, State::Genuine);
            }
            self.part(chunk, first..after, State::Invalid);
            at = after;
        }
        if at < end {
            self.part(chunk, at..end, State::Genuine);
        }
    }

    fn part(&mut self, chunk: &Chunk, range: Range<u64>, state: State) {
        let first = range.start == chunk.index;
        let last = range.end == chunk.index.saturating_add(chunk.len);
        if state != State::Invalid {
            self.end = self.end.max(range.end);
            if let Some(watched) = self.watched.get_mut(&(range.end - 1)).filter(|_| last) {
                watched.get_or_insert(chunk.last_head);
            }
        }
        let offset = i64::try_from(range.start - chunk.index).unwrap_or(i64::MAX);
        let mismatches = if chunk.mismatches.is_empty() || state == State::Invalid {
            Vec::new()
        } else {
            chunk.mismatches.iter().filter_map(|mismatch| cut(mismatch, &range)).collect()
        };
        let item = Item {
            state,
            column: chunk.column.saturating_add(offset),
            index: range.start,
            len: range.end - range.start,
            first_previous: first.then_some(chunk.first_previous),
            last_head: last.then_some(chunk.last_head),
            last_logged_ns: chunk.last_logged_ns,
            linked: false,
            mismatches,
        };
        self.push(item, if first { chunk.follows } else { true });
    }

    /// Adds an item; `follows` says that its first row goes on where the item before ends.
    fn push(&mut self, mut item: Item, follows: bool) {
        self.weight += item.mismatches.len();
        if let Some(last) = self.list.last_mut().filter(|_| follows) {
            if last.state == item.state {
                last.len += item.len;
                last.last_head = item.last_head;
                last.last_logged_ns = item.last_logged_ns;
                last.mismatches.append(&mut item.mismatches);
                return;
            }
            last.linked = true;
        }
        self.weight += 1;
        self.list.push(item);
    }
}

/// The part of a mismatch that is in a range.
fn cut(mismatch: &Mismatch, range: &Range<u64>) -> Option<Mismatch> {
    let start = mismatch.index.max(range.start);
    let end = (mismatch.index + mismatch.len).min(range.end);
    (start < end).then(|| Mismatch { index: start, len: end - start, columns: mismatch.columns })
}
