//! The published vectors: formats byte for byte, and tampered logs with what a verifier must say.
//!
//! `docs/vectors/tlog.json` is checked against what the code does, and by `tests/interop/python/audit_verify.py`, which
//! shares no code with it. After a change of a format, `UPDATE_GOLDEN=1 cargo test -p strongroom-tlog vectors`
//! writes the file anew.

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use tlog::CompactRange;
use tlog::entry::{decode, encode};
use tlog::hash::{leaf_hash, to_hex as hex};
use tlog::protocol::{Alarm, AlarmKind, Loss, SealOutcome, SignerView, StoredSegment};
use tlog::verify::{Expectation, LogRow, Report};

use crate::endings::{alarm, lossy};
use crate::support::{Against, Ledger, OwnedRow, event, head_after, key, log, version};
use crate::tampering::{INDEX_AT, forged_mac, recompute, swap};

mod doubtful;
mod random;

#[test]
fn published_vectors_hold() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors/tlog.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&vectors()).unwrap());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(published == made, "docs/vectors/tlog.json differs: a format or a finding has changed");
}

fn vectors() -> Value {
    let mut table = Vec::new();
    let logs: Vec<Value> = logs(&mut table);
    json!({
        "about": "docs/audit-log.md has the formats. Bytes are hex. Rows of logs are numbers into the table.",
        "mac_keys": [mac_key(1), mac_key(2)],
        "ids": ids(),
        "entries": entries(),
        "entries_refused": entries_refused(),
        "trees": trees(),
        "snapshots": snapshots(),
        "table": table,
        "logs": logs,
    })
}

fn mac_key(number: u8) -> Value {
    let birth_mark = hex(version(number.into()).birth_mark.as_bytes());
    json!({ "number": number, "birth_mark": birth_mark, "key": hex(&[number ^ 0x5a; 32]) })
}

fn ids() -> Vec<Value> {
    let id = |name: &str| {
        let log = name.parse().unwrap();
        json!({ "log": name, "id": hex(tlog::log_id(&log).as_bytes()), "genesis": hex(&tlog::genesis(&log)) })
    };
    ["logs/system", "logs/acme", "logs/a-b.c-0"].map(id).to_vec()
}

fn entries() -> Vec<Value> {
    let ledger = Ledger::with(&[2, 5]);
    let mut list = Vec::new();
    for row in &ledger.rows {
        let entry = decode(&row.entry).unwrap();
        let leaf = leaf_hash(&row.entry);
        let head = head_after(ledger.id(), entry.place.index, &entry.place.previous_head, &row.entry);
        list.push(json!({
            "log_id": hex(entry.place.log_id.as_bytes()),
            "index": entry.place.index,
            "previous_head": hex(&entry.place.previous_head),
            "event_id": hex(entry.event_id.as_bytes()),
            "producer": entry.producer,
            "time_ns": entry.time_ns,
            "logged_ns": entry.place.logged_ns,
            "actor": entry.actor,
            "on_behalf_of": entry.on_behalf_of,
            "action": entry.action,
            "resource": entry.resource,
            "outcome": entry.outcome.number(),
            "purpose": entry.purpose,
            "reference": entry.reference,
            "key_operation": entry
                .key_operation
                .map(|operation| json!({ "boot": hex(operation.boot.as_bytes()), "counter": operation.counter })),
            "body": entry.body.map(|body| json!({ "kind": body.kind, "content": hex(body.content) })),
            "attributes": entry.attributes().map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>(),
            "entry": hex(&row.entry),
            "leaf": hex(&leaf),
            "head": hex(&head),
            "mac": hex(&row.mac),
        }));
    }
    list
}

fn entries_refused() -> Vec<Value> {
    let entry = encode(&Ledger::new().place(0, tlog::genesis(&log())), &event(1)).to_vec();
    let producer_at = 98;
    let boot_at = entry.len() - 24 - 4 - (4 + "revision".len()) - (4 + 1) - 4;
    let change = |why: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut entry = entry.clone();
        change(&mut entry);
        assert!(decode(&entry).is_err(), "{why}");
        json!({ "why": why, "entry": hex(&entry) })
    };
    vec![
        change("an unknown version", &|entry| entry[24] = b'2'),
        change("a byte follows", &|entry| entry.push(0)),
        change("the last byte is missing", &|entry| drop(entry.split_off(entry.len() - 1))),
        change("a length beyond the end", &|entry| entry[producer_at] = 1),
        change("producer is not UTF-8", &|entry| entry[producer_at + 4] = 0xff),
        change("an index of 2^63", &|entry| entry[INDEX_AT] = 0x80),
        change("a counter without a boot id", &|entry| entry[boot_at..boot_at + 16].fill(0)),
        change("a counter of 2^63", &|entry| entry[boot_at + 16] = 0x80),
        change("empty", &Vec::clear),
    ]
}

fn trees() -> Vec<Value> {
    let mut range = CompactRange::new();
    let mut list = Vec::new();
    for size in 0..=9_u64 {
        list.push(json!({
            "size": size,
            "root": hex(&range.root()),
            "compact_range": range.hashes().iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
        }));
        range.append(leaf_hash(&size.to_be_bytes()));
    }
    list
}

fn snapshots() -> Vec<Value> {
    let one = |ledger: &Ledger| {
        let state = &ledger.state;
        json!({
            "log": ledger.log.to_string(),
            "snapshot": hex(&ledger.snapshot(&key(2).ready())),
            "size": state.size(),
            "head": hex(&state.head),
            "compact_range": state.range.hashes().iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
            "last_logged_ns": state.last_logged_ns,
            "macs_digest": hex(&state.macs_digest),
            "losses": ledger.losses.len(),
            "alarms": { "number": state.alarms.number, "digest": hex(&state.alarms.digest) },
        })
    };
    vec![one(&Ledger::with(&[3, 1, 4, 2])), one(&lossy())]
}

type Change = fn(&mut Ledger);

/// What somebody does to a log of ten entries in segments of 3, 1, 4 and 2.
const CASES: [(&str, Change); 29] = [
    ("untouched", |_| ()),
    ("a row deleted", |ledger| drop(ledger.rows.remove(5))),
    ("the first row deleted", |ledger| drop(ledger.rows.remove(0))),
    ("a row deleted, the rest renumbered", |ledger| {
        ledger.rows.remove(5);
        ledger.rows[5..].iter_mut().for_each(|row| row.index -= 1);
    }),
    ("a byte of an entry changed", |ledger| ledger.rows[7].entry[200] ^= 1),
    ("a byte of the last entry changed", |ledger| ledger.rows[9].entry[200] ^= 1),
    ("an entry emptied", |ledger| ledger.rows[4].entry.clear()),
    ("the chain computed anew without the key", |ledger| {
        recompute(ledger, 6, 9);
        ledger.set_row(10);
    }),
    ("a mac changed", |ledger| ledger.rows[3].mac[20] ^= 1),
    ("two rows swapped", |ledger| swap(ledger, 3, 4)),
    ("two distant rows swapped", |ledger| swap(ledger, 2, 8)),
    ("the entries of two rows swapped", |ledger| {
        let entry = ledger.rows[3].entry.clone();
        ledger.rows[3].entry = std::mem::replace(&mut ledger.rows[4].entry, entry);
    }),
    ("a row moved, those between renumbered", |ledger| {
        ledger.rows[3..6].rotate_left(1);
        ledger.rows.iter_mut().zip(0..).for_each(|(row, index)| row.index = index);
    }),
    ("a row copied, the rest renumbered", |ledger| {
        ledger.rows[6..].iter_mut().for_each(|row| row.index += 1);
        let copy = OwnedRow { index: 6, ..ledger.rows[2].clone() };
        ledger.rows.insert(6, copy);
    }),
    ("a copy with a new index in its bytes inserted", |ledger| {
        ledger.rows[6..].iter_mut().for_each(|row| row.index += 1);
        let mut copy = OwnedRow { index: 6, ..ledger.rows[2].clone() };
        copy.entry[INDEX_AT + 7] = 6;
        ledger.rows.insert(6, copy);
    }),
    ("a row appended that was never sealed", |ledger| {
        let entry = encode(&ledger.place(10, ledger.state.head), &event(500));
        let forged = forged_mac(ledger, 10, &[0; 32]);
        ledger.rows.push(OwnedRow::new(10, &entry, &forged));
    }),
    ("a column changed", |ledger| ledger.rows[6].actor = "spiffe://strongroom.dev/nobody".into()),
    ("index columns changed", |ledger| ledger.rows[7..].iter_mut().for_each(|row| row.index += 3)),
    ("logs.head changed", |ledger| ledger.row.as_mut().unwrap().head[0] ^= 1),
    ("the last two rows cut", |ledger| ledger.rows.truncate(8)),
    ("the log dropped", |ledger| {
        ledger.rows.clear();
        ledger.row = None;
    }),
    ("rows and logs set back", |ledger| {
        ledger.rows.truncate(4);
        ledger.set_row(4);
    }),
    ("a segment in flight", |ledger| ledger.seal(2)),
    ("much at once", |ledger| {
        ledger.rows[9].actor.clear();
        ledger.rows[7].mac[20] ^= 1;
        swap(ledger, 4, 5);
        ledger.rows[2].entry[200] ^= 1;
        ledger.rows.remove(0);
    }),
    ("a row inserted whose bytes say an index of 2^64-1", |ledger| {
        let mut row = OwnedRow { index: 10, ..ledger.rows[3].clone() };
        row.entry[INDEX_AT..INDEX_AT + 8].fill(0xff);
        ledger.rows.push(row);
    }),
    ("an entry changed under the name of a key version that nobody has", |ledger| {
        ledger.rows[6].entry[200] ^= 1;
        ledger.rows[6].mac = key(3).ready().compute(ledger.id(), 6, &[0; 32]).as_bytes().to_vec();
    }),
    ("a mac under the name of a key version that nobody has", |ledger| {
        ledger.rows[6].mac = key(3).ready().compute(ledger.id(), 6, &[0; 32]).as_bytes().to_vec();
    }),
    ("a mac that verifies and is not the one that was made", |ledger| {
        let id = ledger.id();
        let head = head_after(id, 0, &tlog::genesis(&ledger.log), &ledger.rows[0].entry);
        ledger.rows[0].mac = key(1).ready().compute(id, 0, &head).as_bytes().to_vec();
    }),
    ("a column of the key operation changed", |ledger| ledger.rows[5].key_operation = None),
];

fn logs(table: &mut Vec<Value>) -> Vec<Value> {
    let untouched = Ledger::with(&[3, 1, 4, 2]);
    let mut list = Vec::new();
    for (name, change) in CASES {
        let mut ledger = untouched.clone();
        change(&mut ledger);
        list.push(case(name, &ledger, &ledger.against(), table));
    }
    marked(&untouched, &mut list, table);
    in_flight(&untouched, &mut list, table);
    beyond(&untouched, &mut list, table);
    lost(&mut list, table);
    trusted(&untouched, &mut list, table);
    doubtful::logs(&untouched, &mut list, table);
    list
}

/// Alarms of the signer.
fn marked(untouched: &Ledger, list: &mut Vec<Value>, table: &mut Vec<Value>) {
    let made_up = AlarmKind::from_name("MADE_UP_LATER").unwrap();
    let kinds = [AlarmKind::Ahead, AlarmKind::Forked, AlarmKind::RolledBack, AlarmKind::Suppressed, AlarmKind::Clock];
    for kind in kinds.into_iter().chain([AlarmKind::Advanced, made_up.clone()]) {
        for (closed, word) in [(false, "an open"), (true, "a closed")] {
            let mut ledger = untouched.clone();
            ledger.alarms = vec![alarm(kind.clone(), (4, 6), closed)];
            list.push(case(&format!("{word} alarm {kind}"), &ledger, &ledger.against(), table));
        }
    }
    for (name, head) in
        [("from here", decode(&untouched.rows[4].entry).unwrap().place.previous_head), ("from another branch", [7; 32])]
    {
        for cut in [None, Some(3), Some(4)] {
            let mut ledger = untouched.clone();
            ledger.rows.retain(|row| Some(row.index) != cut);
            ledger.alarms = vec![Alarm { head: Some(head), ..alarm(AlarmKind::Advanced, (4, 6), true) }];
            let cut = cut.map(|cut| format!(", row {cut} cut")).unwrap_or_default();
            list.push(case(&format!("brought forward {name}{cut}"), &ledger, &ledger.against(), table));
        }
    }
    let mut later = untouched.clone();
    later.alarms = vec![Alarm { head: Some([7; 32]), ..alarm(made_up, (4, 6), true) }];
    list.push(case("a kind of alarm made up later that carries a head", &later, &later.against(), table));
    let mut more = untouched.view();
    more.alarms_in_all = 2;
    let against = Against { signer: Some(more), ..untouched.against() };
    list.push(case("alarms that are not listed", untouched, &against, table));
    let mut back = Ledger::with(&[3, 1]);
    let early = back.place(1, [0; 32]).logged_ns;
    let segment = back.segment_logged(&[early, early]);
    back.state.last_logged_ns = i64::MIN;
    assert_eq!(back.offer(&segment).outcome, SealOutcome::Sealed);
    back.commit();
    list.push(case("sealed though time goes back", &back, &back.against(), table));
}

/// What is wrong with a segment in flight, and how it gets so.
type Flight = (&'static str, fn(&mut StoredSegment));

/// Segments in flight that are not what they should be.
fn in_flight(untouched: &Ledger, list: &mut Vec<Value>, table: &mut Vec<Value>) {
    let mut flight = untouched.clone();
    flight.seal(2);
    let changes: [Flight; 4] = [
        ("is no entry", |segment| segment.entries[1] = segment.entries[1].slice(..40)),
        ("has another place", |segment| segment.entries[1] = segment.entries[0].clone()),
        ("ends at another head", |segment| segment.head = [7; 32]),
        ("has other macs", |segment| segment.macs.swap(0, 1)),
    ];
    for (name, change) in changes {
        let mut view = flight.view();
        change(view.unacknowledged.last_mut().unwrap());
        let against = Against { signer: Some(view), ..flight.against() };
        list.push(case(&format!("a segment in flight that {name}"), &flight, &against, table));
    }
}

/// Rows and signer that do not end at one place, and no signer.
fn beyond(untouched: &Ledger, list: &mut Vec<Value>, table: &mut Vec<Value>) {
    let early = Some(untouched.view());
    let mut ledger = untouched.clone();
    ledger.seal(2);
    ledger.commit();
    let newer = Against { signer: early.clone(), ..ledger.against() };
    list.push(case("rows newer than the signer's answer", &ledger, &newer, table));
    let back = Against { later: early.clone(), ..newer };
    list.push(case("rows that the signer does not have", &ledger, &back, table));
    let silent = Against { answers: false, ..back };
    list.push(case("rows newer than the signer's answer, and no second one", &ledger, &silent, table));
    let unknown = Against { signer: Some(Ledger::new().view()), later: None, ..untouched.against() };
    list.push(case("a log that the signer does not know", untouched, &unknown, table));
    let none = Against { signer: None, ..untouched.against() };
    list.push(case("no signer", untouched, &none, table));
    let mut changed = untouched.clone();
    changed.rows[4].entry[130] ^= 1;
    list.push(case("no signer, a byte changed", &changed, &none, table));
    let mut root = untouched.view();
    root.root[0] ^= 1;
    let other = Against { signer: Some(root), ..untouched.against() };
    list.push(case("the signer states another root", untouched, &other, table));
    let met = Expectation { size: 4, head: untouched.segments[1].stored.head };
    let expecting = |expectation| Against { expectation: Some(expectation), ..untouched.against() };
    list.push(case("an expectation that is met", untouched, &expecting(met), table));
    let head = Expectation { size: 4, head: [0; 32] };
    list.push(case("another head expected", untouched, &expecting(head), table));
    let larger = Expectation { size: 12, head: [0; 32] };
    list.push(case("everything rolled back, a larger size expected", untouched, &expecting(larger), table));
}

/// Ranges declared lost.
fn lost(list: &mut Vec<Value>, table: &mut Vec<Value>) {
    let untouched = lossy();
    list.push(case("a declared loss", &untouched, &untouched.against(), table));
    let mut changed = untouched.clone();
    changed.rows[4].mac[20] ^= 1;
    changed.rows[9].entry[200] ^= 1;
    changed.rows.remove(2);
    list.push(case("changes before and behind a declared loss", &changed, &changed.against(), table));
    let silent = Against { answers: false, ..untouched.against() };
    list.push(case("a declared loss, and macs that nobody checks", &untouched, &silent, table));
    let since = Some(Expectation { size: 16, head: untouched.segments[3].stored.head });
    let trusted = Against { since, ..untouched.against() };
    list.push(case("a declared loss before the trusted start", &untouched, &trusted, table));
}

/// Verifications that begin where the caller trusts the log.
fn trusted(untouched: &Ledger, list: &mut Vec<Value>, table: &mut Vec<Value>) {
    let start = Expectation { size: 4, head: untouched.segments[1].stored.head };
    let since = |since| Against { since: Some(since), ..untouched.against() };
    list.push(case("a trusted start", untouched, &since(start), table));
    let mut changed = untouched.clone();
    changed.rows[2].entry[200] ^= 1;
    changed.rows[7].mac[20] ^= 1;
    changed.rows.remove(5);
    list.push(case("changes before and behind a trusted start", &changed, &since(start), table));
    for (last, word) in [(3, "before"), (4, "behind")] {
        let signer = SignerView { alarms_in_all: 101, unlisted_last_index: Some(last), ..untouched.view() };
        let against = Against { signer: Some(signer), ..since(start) };
        list.push(case(
            &format!("alarms that are not listed and end {word} a trusted start"),
            untouched,
            &against,
            table,
        ));
    }
    let other = Expectation { size: 4, head: [7; 32] };
    list.push(case("a trusted start that the log does not have", untouched, &since(other), table));
    let larger = Expectation { size: 12, head: [7; 32] };
    list.push(case("a trusted start beyond the signer", untouched, &since(larger), table));
}

fn case(name: &str, ledger: &Ledger, against: &Against, table: &mut Vec<Value>) -> Value {
    let from = against.since.map_or(i64::MIN, |since| i64::try_from(since.size).unwrap());
    let mut rows: Vec<&OwnedRow> = ledger.rows.iter().filter(|row| row.index >= from).collect();
    rows.sort_by_key(|row| row.index);
    let rows: Vec<usize> = rows.into_iter().map(|row| entry_of(row, table)).collect();
    let report = ledger.verify_with(against).report;
    json!({
        "name": name,
        "log": ledger.log.to_string(),
        "rows": rows,
        "row": ledger.row.as_ref().map(log_row),
        "signer": against.signer.as_ref().map(signer_view),
        "later": if against.answers { json!(against.later.as_ref().map_or(0, |view| view.size)) } else { Value::Null },
        "expectation": against.expectation.as_ref().map(expectation),
        "since": against.since.as_ref().map(expectation),
        "report": report_of(&report),
    })
}

fn expectation(expected: &Expectation) -> Value {
    json!({ "size": expected.size, "head": hex(&expected.head) })
}

fn entry_of(row: &OwnedRow, table: &mut Vec<Value>) -> usize {
    let row = json!({
        "entry_index": row.index,
        "event_id": row.event_id.to_string(),
        "logged_us": row.logged_us,
        "producer": row.producer,
        "actor": row.actor,
        "action": row.action,
        "resource": row.resource,
        "outcome": row.outcome,
        "key_boot": row.key_operation.map(|operation| operation.boot.to_string()),
        "key_counter": row.key_operation.map(|operation| operation.counter),
        "entry": hex(&row.entry),
        "mac": hex(&row.mac),
    });
    table.iter().position(|other| *other == row).unwrap_or_else(|| {
        table.push(row);
        table.len() - 1
    })
}

fn log_row(row: &LogRow) -> Value {
    json!({ "size": row.size, "head": hex(&row.head), "last_logged_ns": row.last_logged_ns })
}

fn signer_view(view: &SignerView) -> Value {
    let alarm = |alarm: &Alarm| {
        json!({
            "kind": alarm.kind.name(),
            "first_index": alarm.first_index,
            "last_index": alarm.last_index,
            "closed": !alarm.is_open(),
            "head": alarm.head.map(|head| hex(&head)),
        })
    };
    let loss = |loss: &Loss| {
        json!({
            "first_index": loss.first_index,
            "last_index": loss.last_index,
            "head": hex(&loss.head),
            "compact_range": loss.range.hashes().iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
            "macs_digest": hex(&loss.macs_digest),
        })
    };
    let segments: Vec<Value> = view
        .unacknowledged
        .iter()
        .map(|segment| {
            json!({
                "first_index": segment.first_index,
                "entries": segment.entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
                "macs": segment.macs.iter().map(|mac| hex(mac.as_bytes())).collect::<Vec<_>>(),
                "head": hex(&segment.head),
            })
        })
        .collect();
    json!({
        "size": view.size,
        "head": hex(&view.head),
        "acknowledged": view.acknowledged,
        "root": hex(&view.root),
        "macs_digest": hex(&view.macs_digest),
        "alarms": view.alarms.iter().map(alarm).collect::<Vec<_>>(),
        "alarms_in_all": view.alarms_in_all,
        "unlisted_last_index": view.unlisted_last_index,
        "losses": view.losses.iter().map(loss).collect::<Vec<_>>(),
        "unacknowledged": segments,
    })
}

fn report_of(report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| json!([finding.kind.name(), finding.first_index, finding.last_index]))
        .collect();
    let unchecked: Vec<Value> =
        report.unchecked.iter().map(|stretch| json!([stretch.first_index, stretch.last_index])).collect();
    let verified = report.verified.map(|verified| {
        let root = verified.root.map(|root| hex(&root));
        json!({ "size": verified.size, "head": hex(&verified.head), "root": root })
    });
    json!({
        "verdict": report.verdict.name(),
        "entries": report.entries,
        "verified": verified,
        "recovered": report.recovered,
        "findings": findings,
        "unchecked": unchecked,
        "losses": report.losses.iter().map(|loss| json!([loss.first_index, loss.last_index])).collect::<Vec<_>>(),
        "alarms": report.alarms.iter().map(|alarm| alarm.kind.name()).collect::<Vec<_>>(),
    })
}
