//! Which items are what was sealed, and which of those are in order.

use std::collections::{BTreeMap, HashSet};

use super::items::{Item, MAX_ITEMS, State};
use crate::hash::Hash;

/// What an item turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Sealed entries in their order.
    InOrder,
    /// Sealed entries in their order among themselves, but moved along with a displaced one.
    Moved,
    /// Sealed entries out of order.
    Displaced,
    /// Not what was sealed.
    Wrong,
}

/// An item with its role.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) item: Item,
    pub(super) role: Role,
}

/// Gives each item its role. `commitments` are heads that are known to be sealed: the size at which, and the head.
/// Entries below `base` were seen before.
pub(super) fn slots(items: Vec<Item>, commitments: &[(u64, Hash)], (base, shift): (u64, i128)) -> Vec<Slot> {
    let items = split(items);
    let sealed = sealed(&items, commitments);
    let in_order = in_order(&items, &sealed, (base, shift));
    let role = |(sealed, in_order)| match (sealed, in_order) {
        (_, true) => Role::InOrder,
        (true, false) => Role::Displaced,
        (false, false) => Role::Wrong,
    };
    let roles = sealed.into_iter().zip(in_order).map(role);
    items.into_iter().zip(roles).map(|(item, role)| Slot { item, role }).collect()
}

/// Splits items where others begin or end within them, so that of entries that stand in the log twice only those are out
/// of order. Bounded: whoever copies more than can be told apart is told so less exactly.
fn split(items: Vec<Item>) -> Vec<Item> {
    let mut bounds: Vec<u64> = items.iter().flat_map(|item| [item.index, item.end()]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut parts = Vec::with_capacity(items.len());
    for mut item in items {
        let within = bounds.partition_point(|bound| *bound <= item.index)..;
        let end = item.end();
        for bound in bounds.get(within).unwrap_or_default().iter().take_while(|bound| **bound < end) {
            if parts.len() >= 4 * MAX_ITEMS {
                break;
            }
            if matches!(item.state, State::Genuine | State::Unchecked) {
                parts.push(item.split_off(*bound));
            }
        }
        parts.push(item);
    }
    parts
}

/// Which items hold entries as they were sealed: those with valid MACs, and those whose last head such an entry names as
/// the one before it. A hash commits to all that it covers, whatever became of the MAC's column.
fn sealed(items: &[Item], commitments: &[(u64, Hash)]) -> Vec<bool> {
    let mut committed: HashSet<(u64, Hash)> = commitments.iter().copied().collect();
    let mut sealed = vec![false; items.len()];
    let mut open = Vec::new();
    for (position, (item, sealed)) in items.iter().zip(&mut sealed).enumerate() {
        match item.state {
            State::Genuine | State::Unchecked => {
                *sealed = true;
                committed.extend(item.first_previous.map(|head| (item.index, head)));
            }
            State::Invalid => open.push(position),
            State::Unreadable => {}
        }
    }
    // Proof runs from higher indices to lower ones.
    open.sort_by_key(|position| std::cmp::Reverse(items.get(*position).map_or(0, Item::end)));
    for position in open {
        let Some(item) = items.get(position) else { continue };
        let by_link = item.linked && sealed.get(position + 1) == Some(&true);
        let by_head = item.last_head.is_some_and(|head| committed.contains(&(item.end(), head)));
        if by_link || by_head {
            committed.extend(item.first_previous.map(|head| (item.index, head)));
            if let Some(sealed) = sealed.get_mut(position) {
                *sealed = true;
            }
        }
    }
    sealed
}

/// The heaviest selection of sealed items whose indices ascend; what stands in its own place counts a little more.
fn in_order(items: &[Item], sealed: &[bool], (base, shift): (u64, i128)) -> Vec<bool> {
    // For each end index, the heaviest selection that ends there and is heavier than every one that ends before.
    let mut best: BTreeMap<u64, (u64, Option<usize>)> = BTreeMap::from([(base, (0, None))]);
    let mut before: Vec<Option<usize>> = vec![None; items.len()];
    for (position, item) in items.iter().enumerate() {
        if sealed.get(position) != Some(&true) {
            continue;
        }
        let Some((_, (weight, last))) = best.range(..=item.index).next_back() else { continue };
        let own = item.len.saturating_mul(2).saturating_add(u64::from(item.shift() == shift));
        let weight = weight.saturating_add(own);
        if let Some(before) = before.get_mut(position) {
            *before = *last;
        }
        let beaten = best.range(..=item.end()).next_back().is_some_and(|(_, (other, _))| *other >= weight);
        if beaten {
            continue;
        }
        let worse: Vec<u64> =
            best.range(item.end()..).take_while(|(_, (other, _))| *other <= weight).map(|(end, _)| *end).collect();
        for end in worse {
            best.remove(&end);
        }
        best.insert(item.end(), (weight, Some(position)));
    }
    let mut chosen = vec![false; items.len()];
    let mut last = best.last_key_value().and_then(|(_, (_, last))| *last);
    while let Some(position) = last {
        if let Some(chosen) = chosen.get_mut(position) {
            *chosen = true;
        }
        last = before.get(position).copied().flatten();
    }
    chosen
}

/// Marks what moved along with displaced entries: items between where a displaced entry stands and where it belongs, that
/// are shifted against what stands before and after that stretch.
pub(super) fn mark_moved(slots: &mut [Slot]) {
    let in_order: Vec<(usize, i128, i128, u64, i128)> = slots
        .iter()
        .enumerate()
        .filter(|(_, slot)| slot.role == Role::InOrder)
        .map(|(position, Slot { item, .. })| {
            (position, i128::from(item.column), item.column_end(), item.end(), item.shift())
        })
        .collect();
    let displaced: Vec<(i128, u64)> = slots
        .iter()
        .filter(|slot| slot.role == Role::Displaced)
        .map(|slot| (i128::from(slot.item.column), slot.item.index))
        .collect();
    for (column, index) in displaced {
        let next = in_order.partition_point(|(_, _, _, end, _)| *end <= index);
        let before = next.checked_sub(1).and_then(|at| in_order.get(at)).map_or(0, |(_, _, end, _, _)| *end);
        let after = in_order.get(next).map_or(i128::MAX, |(_, column, ..)| *column);
        let (from, to) = if column < before { (column, after) } else { (before, column) };
        let first = in_order.partition_point(|(_, _, end, _, _)| *end <= from);
        let last = in_order.partition_point(|(_, column, ..)| *column < to);
        let outside = first.checked_sub(1).and_then(|at| in_order.get(at)).map_or(0, |(.., shift)| *shift);
        let returns = in_order.get(last).is_none_or(|(.., shift)| *shift == outside);
        if !returns {
            continue;
        }
        for (position, _, _, _, shift) in in_order.get(first..last).unwrap_or_default() {
            if let Some(slot) = slots.get_mut(*position).filter(|_| *shift != outside) {
                slot.role = Role::Moved;
            }
        }
    }
}
