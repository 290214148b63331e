//! Rows of which nobody says that they were sealed, and where they stand.

use serde_json::Value;
use tlog::protocol::{Alarm, AlarmKind};
use tlog::verify::Expectation;

use super::{Change, case};
use crate::endings::{alarm, lossy};
use crate::support::{Against, Ledger, OwnedRow, key};
use crate::tampering::{INDEX_AT, recompute};

/// In a log with a declared loss whose MACs nobody checks.
const UNCHECKED: [(&str, Change); 9] = [
    ("brought forward from another branch", |ledger| {
        ledger.alarms = vec![Alarm { head: Some([7; 32]), ..alarm(AlarmKind::Advanced, (3, 6), true) }];
    }),
    ("a row copied", |ledger| ledger.rows.push(OwnedRow { index: 25, ..ledger.rows[0].clone() })),
    ("a short mac", |ledger| ledger.rows[1].mac.truncate(40)),
    ("a byte changed", |ledger| ledger.rows[3].entry[200] ^= 1),
    ("a byte changed at the end", |ledger| ledger.rows[13].entry[200] ^= 1),
    ("the chain computed anew without the key", |ledger| recompute(ledger, 3, 5)),
    ("brought forward from an entry that was changed", |ledger| {
        ledger.rows[13].entry[200] ^= 1;
        ledger.alarms = vec![Alarm { head: Some([7; 32]), ..alarm(AlarmKind::Advanced, (20, 21), true) }];
    }),
    ("an entry changed, it and the rest renumbered", |ledger| {
        ledger.rows[8].entry[200] ^= 1;
        ledger.rows[8..].iter_mut().for_each(|row| row.index += 1);
    }),
    ("a row moved back, and the one before it cut", |ledger| {
        let moved = ledger.rows.remove(4);
        ledger.rows[3] = OwnedRow { index: 25, ..moved };
    }),
];

/// In a log of ten entries whose MACs are checked.
const CHECKED: [(&str, Change); 6] = [
    ("all rows at negative indices, no row in logs", |ledger| {
        ledger.rows.iter_mut().for_each(|row| row.index -= 40);
        ledger.row = None;
    }),
    ("a row copied whose mac is changed", |ledger| {
        let mut copy = OwnedRow { index: 12, ..ledger.rows[3].clone() };
        copy.mac[20] ^= 1;
        ledger.rows.push(copy);
    }),
    ("a row copied twice", |ledger| {
        ledger.rows.extend([12, 13].map(|index| OwnedRow { index, ..ledger.rows[3].clone() }));
    }),
    ("a version of the key that nobody has before a segment in flight, and macs changed", |ledger| {
        ledger.seal(2);
        ledger.rows[9].mac = key(3).ready().compute(ledger.id(), 9, &[0; 32]).as_bytes().to_vec();
        ledger.rows[8].mac[20] ^= 1;
    }),
    ("the chain computed anew without the key, under the name of a key version that nobody has at its end", |ledger| {
        recompute(ledger, 5, 6);
        ledger.rows[6].mac = key(3).ready().compute(ledger.id(), 6, &[0; 32]).as_bytes().to_vec();
    }),
    ("the chain computed anew without the key, and another index in the bytes at its end", |ledger| {
        recompute(ledger, 5, 6);
        ledger.rows[6].entry[INDEX_AT + 7] = 2;
    }),
];

pub(super) fn logs(untouched: &Ledger, list: &mut Vec<Value>, table: &mut Vec<Value>) {
    for (name, change) in UNCHECKED {
        let mut ledger = lossy();
        change(&mut ledger);
        let silent = Against { answers: false, ..ledger.against() };
        list.push(case(&format!("macs that nobody checks, and {name}"), &ledger, &silent, table));
    }
    for (name, change) in CHECKED {
        let mut ledger = untouched.clone();
        change(&mut ledger);
        list.push(case(name, &ledger, &ledger.against(), table));
    }
    let [other, met] = [[7; 32], untouched.segments[1].stored.head].map(|head| Expectation { size: 4, head });
    let both = Against { since: Some(other), expectation: Some(met), ..untouched.against() };
    list.push(case(
        "a trusted start that the log does not have, and an expectation against it",
        untouched,
        &both,
        table,
    ));
    let mut changed = untouched.clone();
    changed.rows[4].entry[200] ^= 1;
    let none = Against { signer: None, expectation: None, ..both };
    list.push(case(
        "no signer, and a byte changed behind a trusted start that the log does not have",
        &changed,
        &none,
        table,
    ));
}
