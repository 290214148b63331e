//! What stands where: held against the indices that there must be, items become findings.

use std::collections::BTreeMap;
use std::ops::Range;

use names::{LogId, LogName};

use super::{
    Subject,
    items::{Item, State},
    order::{Role, Slot, mark_moved, slots},
    ranges::RangeSet,
    report::{FindingKind, Findings},
    stream::COLUMN_NAMES,
};
use crate::hash::{Hash, genesis, log_id};

/// How far the placing has come.
#[derive(Debug)]
pub(super) struct Placed {
    /// Indices whose entries were found, or whose place holds something else.
    pub(super) covered: RangeSet,
    /// Indices below this are settled.
    pub(super) settled: u64,
    /// How far rows stand from where their entries belong, by what was inserted and taken away before.
    shift: i128,
    /// Sizes and heads that the signer vouches for.
    commitments: Vec<(u64, Hash)>,
    /// Sizes and heads after ranges declared lost.
    pub(super) losses: Vec<(u64, Hash)>,
    /// Ranges declared lost: covered from the beginning.
    pub(super) lost: RangeSet,
    pub(super) log_id: LogId,
    pub(super) genesis: Hash,
    /// Size of the log that the signer holds, or that the log's row says.
    limit: u64,
    /// Column after the last row.
    pub(super) column_end: i128,
    /// Head after the last entry in order, and the index after it.
    tip: Option<(u64, Hash)>,
    /// The highest entry found: index after it, head and time logged.
    pub(super) top: Option<(u64, Hash, i64)>,
    pub(super) watched: BTreeMap<u64, Hash>,
    pub(super) recovered: u64,
}

impl Placed {
    pub(super) fn new(log: &LogName, subject: &Subject) -> Self {
        let signer = subject.signer.as_ref();
        let mut lost = RangeSet::default();
        let mut losses: Vec<(u64, Hash)> = Vec::new();
        for loss in signer.iter().flat_map(|signer| &signer.losses) {
            lost.insert(loss.first_index..loss.end());
            losses.push((loss.end(), loss.head));
        }
        let mut commitments = losses.clone();
        commitments.extend(signer.map(|signer| (signer.size, signer.head)));
        let size = subject.row.as_ref().map_or(0, |row| row.size);
        let genesis = genesis(log);
        Self {
            covered: lost.clone(),
            losses,
            lost,
            log_id: log_id(log),
            genesis,
            settled: 0,
            shift: 0,
            commitments,
            limit: signer.map_or(size, |signer| signer.size),
            column_end: 0,
            tip: Some((0, genesis)),
            top: None,
            watched: BTreeMap::new(),
            recovered: 0,
        }
    }

    pub(super) fn watch(&mut self, heads: impl Iterator<Item = (u64, Hash)>) {
        self.watched.extend(heads);
    }

    pub(super) fn recovered(&self) -> u64 {
        self.recovered
    }

    /// Takes the next items, in the order of their columns.
    pub(super) fn window(&mut self, items: Vec<Item>, findings: &mut Findings) {
        if let Some(last) = items.last() {
            self.column_end = self.column_end.max(last.column_end());
        }
        let mut slots = slots(items, &self.commitments, (self.settled, self.shift));
        mark_moved(&mut slots);
        let changed = self.links(&slots, findings);
        self.sealed(&slots, &changed, findings);
        self.displaced(&slots, findings);
        let replaced = self.wrong(&slots, findings);
        self.shifts(&slots, &replaced, findings);
        let end =
            slots.iter().filter(|slot| matches!(slot.role, Role::InOrder | Role::Moved)).map(|slot| slot.item.end());
        self.settle(end.max().unwrap_or(0), findings);
    }

    /// Names what is missing below `end`; nothing below it is looked for any more.
    pub(super) fn settle(&mut self, end: u64, findings: &mut Findings) {
        for gap in self.covered.gaps(self.settled..end) {
            findings.add(FindingKind::Missing, last(&gap), "entries are missing");
        }
        self.settled = self.settled.max(end);
        self.covered.insert(0..end);
    }

    /// Sealed entries in their order.
    fn sealed(&mut self, slots: &[Slot], changed: &[u64], findings: &mut Findings) {
        for Slot { item, role } in slots {
            if matches!(role, Role::Wrong) {
                continue;
            }
            if let Some(head) = item.last_head.filter(|_| self.top.is_none_or(|(end, ..)| end < item.end())) {
                self.top = Some((item.end(), head, item.last_logged_ns));
            }
            if *role == Role::Displaced {
                continue;
            }
            let entries = item.index..item.end();
            if *role == Role::Moved {
                findings.add(FindingKind::Reordered, columns(item, &entries), REORDERED);
            } else if item.state == State::Invalid {
                findings.add(FindingKind::MacInvalid, last(&entries), "the mac does not verify, the entry is linked");
            } else {
                for mismatch in item.mismatches.iter().filter(|mismatch| !changed.contains(&mismatch.index)) {
                    let entries = mismatch.index..mismatch.index.saturating_add(mismatch.len);
                    findings.add(FindingKind::ColumnMismatch, last(&entries), names(mismatch.columns));
                }
            }
            self.covered.insert(entries);
        }
    }

    /// Sealed entries out of their order.
    fn displaced(&mut self, slots: &[Slot], findings: &mut Findings) {
        for Slot { item, .. } in slots.iter().filter(|slot| slot.role == Role::Displaced) {
            for (entries, again) in self.covered.split(item.index..item.end()) {
                let at = columns(item, &entries);
                if again {
                    let detail = format!("entry {} stands here again", entries.start);
                    findings.add(FindingKind::Duplicated, at, detail);
                } else {
                    findings.add(FindingKind::Reordered, at, REORDERED);
                }
            }
            self.covered.insert(item.index..item.end());
        }
    }

    /// Rows that are not what was sealed: each stands for the entry that belongs there, or for none. Returns for each slot
    /// how many entries its rows stand for.
    fn wrong(&mut self, slots: &[Slot], findings: &mut Findings) -> Vec<u64> {
        let limit = self.limit.max(self.covered.end());
        let shifts = neighbours(slots, self.shift);
        let mut next = slots.iter().skip(1).map(|slot| &slot.item);
        let mut replaced = Vec::with_capacity(slots.len());
        for (slot, shifts) in slots.iter().zip(shifts) {
            let next = next.next();
            if slot.role == Role::Wrong {
                replaced.push(self.wrong_item((&slot.item, next), shifts, limit, findings));
            } else {
                replaced.push(0);
            }
        }
        replaced
    }

    /// Finds what a wrong item's rows stand for: entries that nothing else stands for, where the shift of its neighbours
    /// puts them. Returns how many.
    fn wrong_item(
        &mut self,
        (item, next): (&Item, Option<&Item>),
        shifts: [i128; 2],
        limit: u64,
        findings: &mut Findings,
    ) -> u64 {
        let mut replaced = 0;
        let mut open: Vec<Range<i128>> = std::iter::once(i128::from(item.column)..item.column_end()).collect();
        for shift in shifts {
            let mut rest = Vec::new();
            for columns in open {
                let entries = index(columns.start - shift)..index(columns.end - shift).min(limit);
                let mut at = columns.start;
                for gap in self.covered.gaps(entries) {
                    rest.push(at..i128::from(gap.start) + shift);
                    at = i128::from(gap.end) + shift;
                    changed(item, next, at == item.column_end(), &gap, findings);
                    replaced += gap.end - gap.start;
                    self.covered.insert(gap);
                }
                rest.push(at..columns.end);
            }
            rest.retain(|columns| !columns.is_empty());
            open = rest;
        }
        for columns in open {
            let rows = index(columns.start)..index(columns.end).max(1);
            findings.add(FindingKind::Inserted, last(&rows), "a row that was never sealed");
        }
        replaced
    }

    /// Entries in order whose index column is off by more than insertions and gaps explain.
    fn shifts(&mut self, slots: &[Slot], replaced: &[u64], findings: &mut Findings) {
        let mut at = self.settled;
        let (mut rows, mut stand_ins) = (0_i128, 0_i128);
        for (Slot { item, role }, replaced) in slots.iter().zip(replaced) {
            if *role != Role::InOrder {
                rows += i128::from(item.len) - i128::from(*replaced);
                stand_ins += i128::from(*replaced);
                continue;
            }
            let lacking = i128::from(item.index) - i128::from(at) - stand_ins;
            let moved = item.shift() - self.shift;
            if (rows - lacking).min(0) <= moved && moved <= rows.max(0) {
                self.shift = item.shift();
                at = item.end();
                (rows, stand_ins) = (0, 0);
            } else {
                let entries = item.index..item.end();
                findings.add(FindingKind::ColumnMismatch, last(&entries), "entry_index differs from the entry");
                stand_ins += i128::from(item.len);
            }
        }
    }

    /// Links between items in order: two genuine entries that follow each other by index must follow each other by head.
    /// Returns the entries that were changed, where no signer says so.
    fn links(&mut self, slots: &[Slot], findings: &mut Findings) -> Vec<u64> {
        let mut breaks: Vec<(&Item, bool)> = Vec::new();
        for Slot { item, .. } in slots.iter().filter(|slot| matches!(slot.role, Role::InOrder | Role::Moved)) {
            let declared =
                self.commitments.iter().find(|(end, _)| *end == item.index && *end > 0).map(|(_, head)| *head);
            let expected = self.tip.filter(|(end, _)| *end == item.index).map(|(_, head)| head).or(declared);
            let broken = expected.zip(item.first_previous).is_some_and(|(expected, named)| expected != named);
            if broken && item.state != State::Unchecked {
                let at = (item.index, item.index);
                findings.add(FindingKind::Forked, at, "genuine, but it follows another entry than the one before it");
            }
            breaks.push((item, broken && item.state == State::Unchecked));
            self.tip = item.last_head.map(|head| (item.end(), head));
        }
        // Without a signer a broken link says that one of two entries was changed: the one whose next link breaks too, if
        // there is such a one, or else the first of the two.
        let mut changed_entries = Vec::new();
        let mut next_changed = false;
        for (item, broken) in breaks.into_iter().rev() {
            let changed = broken && !(next_changed && item.len == 1);
            if changed {
                let index = item.index.saturating_sub(1);
                findings.add(FindingKind::ContentChanged, (index, index), CHANGED);
                changed_entries.push(index);
            }
            next_changed = changed;
        }
        changed_entries
    }
}

const CHANGED: &str = "the entry is not what was sealed";
const REORDERED: &str = "a sealed entry, but not the one that belongs here";

/// For each slot the shifts of the items in order before and after it.
fn neighbours(slots: &[Slot], shift: i128) -> Vec<[i128; 2]> {
    let in_order = |slot: &Slot| (slot.role == Role::InOrder).then(|| slot.item.shift());
    let mut before = shift;
    let mut shifts: Vec<[i128; 2]> = Vec::with_capacity(slots.len());
    for slot in slots {
        before = in_order(slot).unwrap_or(before);
        shifts.push([before, before]);
    }
    let mut after = None;
    for (slot, [before, next]) in slots.iter().zip(&mut shifts).rev() {
        after = in_order(slot).or(after);
        *next = after.unwrap_or(*before);
    }
    shifts
}

/// Says of a part of a wrong item, which may be its end, what became of the entries that belong there.
fn changed(item: &Item, next: Option<&Item>, ends: bool, entries: &Range<u64>, findings: &mut Findings) {
    let adjacent = next.is_some_and(|next| {
        i128::from(next.column) == item.column_end() && next.index == item.end() && next.state != State::Unreadable
    });
    let last_changed = item.state == State::Unreadable || (ends && !item.linked && (item.len == 1 || adjacent));
    let linked = if last_changed { entries.start..entries.end - 1 } else { entries.clone() };
    if !linked.is_empty() {
        findings.add(FindingKind::MacInvalid, last(&linked), "links hold, macs do not: computed anew without the key");
    }
    if last_changed {
        let index = entries.end - 1;
        findings.add(FindingKind::ContentChanged, (index, index), CHANGED);
    }
}

/// First and last index of a range that is not empty.
pub(super) fn last(range: &Range<u64>) -> (u64, u64) {
    (range.start, range.end.saturating_sub(1))
}

/// First and last column of the rows that hold these entries of an item.
fn columns(item: &Item, entries: &Range<u64>) -> (u64, u64) {
    let first = i128::from(entries.start) + item.shift();
    let end = i128::from(entries.end) + item.shift();
    (index(first), index(end - 1))
}

/// A column as an index; negative ones count as 0.
fn index(column: i128) -> u64 {
    u64::try_from(column.max(0)).unwrap_or(u64::MAX)
}

fn names(columns: u8) -> String {
    let differ = (0..).zip(COLUMN_NAMES).filter(|(bit, _)| columns >> bit & 1 == 1).map(|(_, name)| name);
    format!("differs from the entry: {}", differ.collect::<Vec<_>>().join(", "))
}
