//! Any change at all to the rows is found, whatever it is; and no change is ever found where there is none.

use proptest::prelude::*;
use tlog::verify::Verdict;

use crate::support::{Ledger, OwnedRow};

/// One thing that somebody with full rights on the database does.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Delete(usize),
    Renumber(usize, i64),
    SwapEntries(usize, usize),
    SwapIndices(usize, usize),
    Copy(usize, usize),
    Flip(usize, usize, u8),
    FlipMac(usize, usize),
    FlipMacs(usize, usize),
    ShortenMac(usize),
    UnknownVersion(usize),
    Move(usize, i64),
    CopyTo(usize, i64),
    Cut(usize),
    Actor(usize),
    SetSize(u64),
    FlipHead,
    DropLog,
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    let row = 0..24_usize;
    prop_oneof![
        row.clone().prop_map(Change::Delete),
        (row.clone(), -3..4_i64).prop_map(|(row, by)| Change::Renumber(row, by)),
        (row.clone(), row.clone()).prop_map(|(a, b)| Change::SwapEntries(a, b)),
        (row.clone(), row.clone()).prop_map(|(a, b)| Change::SwapIndices(a, b)),
        (row.clone(), row.clone()).prop_map(|(a, b)| Change::Copy(a, b)),
        (row.clone(), 0..400_usize, 1..=255_u8).prop_map(|(row, at, by)| Change::Flip(row, at, by)),
        (row.clone(), 0..44_usize).prop_map(|(row, at)| Change::FlipMac(row, at)),
        (row.clone(), 1..24_usize).prop_map(|(row, count)| Change::FlipMacs(row, count)),
        row.clone().prop_map(Change::ShortenMac),
        row.clone().prop_map(Change::UnknownVersion),
        (row.clone(), -40..40_i64).prop_map(|(row, by)| Change::Move(row, by)),
        (row.clone(), 0..30_i64).prop_map(|(row, to)| Change::CopyTo(row, to)),
        row.clone().prop_map(Change::Cut),
        row.prop_map(Change::Actor),
        (0..30_u64).prop_map(Change::SetSize),
        Just(Change::FlipHead),
        Just(Change::DropLog),
    ]
}

pub(crate) fn apply(ledger: &mut Ledger, change: &Change) {
    let count = ledger.rows.len();
    let at = |row: usize| (row < count).then_some(row);
    match *change {
        Change::Delete(row) => drop(at(row).map(|row| ledger.rows.remove(row))),
        Change::Renumber(from, by) => {
            ledger.rows.iter_mut().skip(from).for_each(|row| row.index += by);
        }
        Change::SwapEntries(a, b) => {
            if let (Some(a), Some(b)) = (at(a), at(b)) {
                let entry = ledger.rows[a].entry.clone();
                ledger.rows[a].entry = std::mem::replace(&mut ledger.rows[b].entry, entry);
            }
        }
        Change::SwapIndices(a, b) => {
            if let (Some(a), Some(b)) = (at(a), at(b)) {
                let index = ledger.rows[a].index;
                ledger.rows[a].index = std::mem::replace(&mut ledger.rows[b].index, index);
            }
        }
        Change::Copy(a, b) => {
            if let (Some(a), Some(b)) = (at(a), at(b)) {
                let copy = OwnedRow { index: ledger.rows[b].index, ..ledger.rows[a].clone() };
                ledger.rows.insert(b, copy);
            }
        }
        Change::Flip(row, byte, by) => flip(at(row).and_then(|row| ledger.rows[row].entry.get_mut(byte)), by),
        Change::FlipMac(row, byte) => flip(at(row).and_then(|row| ledger.rows[row].mac.get_mut(byte)), 1),
        Change::FlipMacs(row, count) => {
            ledger
                .rows
                .iter_mut()
                .skip(row)
                .take(count)
                .filter_map(|row| row.mac.last_mut())
                .for_each(|byte| *byte ^= 1);
        }
        Change::ShortenMac(row) => drop(at(row).map(|row| ledger.rows[row].mac.truncate(40))),
        Change::UnknownVersion(row) => drop(at(row).map(|row| ledger.rows[row].mac[0] ^= 1)),
        Change::Move(row, by) => drop(at(row).map(|row| ledger.rows[row].index += by)),
        Change::CopyTo(row, index) => {
            if let Some(row) = at(row) {
                ledger.rows.push(OwnedRow { index, ..ledger.rows[row].clone() });
            }
        }
        Change::Cut(rest) => ledger.rows.truncate(rest),
        Change::Actor(row) => drop(at(row).map(|row| ledger.rows[row].actor.push('x'))),
        Change::SetSize(size) => drop(ledger.row.as_mut().map(|row| row.size = size)),
        Change::FlipHead => drop(ledger.row.as_mut().map(|row| row.head[3] ^= 1)),
        Change::DropLog => {
            ledger.rows.clear();
            ledger.row = None;
        }
    }
}

fn flip(byte: Option<&mut u8>, by: u8) {
    if let Some(byte) = byte {
        *byte ^= by;
    }
}

/// The rows as a verification reads them.
fn read(ledger: &Ledger) -> Vec<OwnedRow> {
    let mut rows = ledger.rows.clone();
    rows.sort_by_key(|row| row.index);
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_change_is_found(
        sizes in prop::collection::vec(1..7_u64, 1..6),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let ledger = Ledger::with(&sizes);
        let mut changed = ledger.clone();
        for change in &changes {
            apply(&mut changed, change);
        }
        let same = read(&changed) == read(&ledger) && changed.row == ledger.row;
        let report = changed.verify();
        let expected = if same { Verdict::Intact } else { Verdict::Tampered };
        prop_assert_eq!(report.verdict, expected, "{:?}", report.findings);
        for finding in &report.findings {
            prop_assert!(finding.first_index <= finding.last_index);
        }
    }

    #[test]
    fn without_a_signer_nothing_is_ever_intact(
        sizes in prop::collection::vec(1..7_u64, 1..6),
        changes in prop::collection::vec(change(), 0..4),
    ) {
        let mut ledger = Ledger::with(&sizes);
        for change in &changes {
            apply(&mut ledger, change);
        }
        prop_assert_ne!(ledger.verify_against(None, None).verdict, Verdict::Intact);
    }
}
