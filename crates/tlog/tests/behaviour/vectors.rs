//! The published vectors: formats byte for byte, and tampered logs with what a verifier must say.
//!
//! `docs/vectors/tlog.json` is checked against what the code does, and by `tests/interop/python/audit_verify.py`, which
//! shares no code with it. After a change of a format, `UPDATE_GOLDEN=1 cargo test -p strongroom-tlog vectors`
//! writes the file anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use tlog::{
    CompactRange,
    entry::{decode, encode},
    hash::leaf_hash,
    protocol::{Alarm, AlarmKind, Loss, SignerView},
    verify::{Expectation, FindingKind, LogRow, Report, Verdict},
};

use crate::{
    support::{Ledger, OwnedRow, event, head_after, key, log},
    tampering::{INDEX_AT, recompute, swap},
};

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
        "mac_keys": { "1": hex(&[1 ^ 0x5a; 32]), "2": hex(&[2 ^ 0x5a; 32]) },
        "ids": ids(),
        "entries": entries(),
        "entries_refused": entries_refused(),
        "trees": trees(),
        "table": table,
        "logs": logs,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn ids() -> Vec<Value> {
    let id = |name: &str| {
        let log = name.parse().unwrap();
        json!({ "log": name, "id": hex(tlog::log_id(&log).as_bytes()), "genesis": hex(&tlog::genesis(&log)) })
    };
    ["logs/system", "logs/acme", "logs/a-b.c-0"].map(id).to_vec()
}

fn entries() -> Vec<Value> {
    let ledger = Ledger::with(&[2, 1]);
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
    let change = |why: &str, change: fn(&mut Vec<u8>)| {
        let mut entry = entry.clone();
        change(&mut entry);
        assert!(decode(&entry).is_err());
        json!({ "why": why, "entry": hex(&entry) })
    };
    vec![
        change("an unknown version", |entry| entry[24] = b'2'),
        change("a byte follows", |entry| entry.push(0)),
        change("the last byte is missing", |entry| drop(entry.split_off(entry.len() - 1))),
        change("a length beyond the end", |entry| entry[98] = 1),
        change("producer is not UTF-8", |entry| entry[102] = 0xff),
        change("empty", Vec::clear),
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

type Change = fn(&mut Ledger);

/// What somebody does to a log of ten entries in segments of 3, 1, 4 and 2.
const CASES: [(&str, Change); 24] = [
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
        let forged = key(3).ready().compute(ledger.id(), 10, &[0; 32]);
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
        ledger.rows[7].mac[9] ^= 1;
        swap(ledger, 4, 5);
        ledger.rows[2].entry[200] ^= 1;
        ledger.rows.remove(0);
    }),
];

fn logs(table: &mut Vec<Value>) -> Vec<Value> {
    let untouched = Ledger::with(&[3, 1, 4, 2]);
    let mut list = Vec::new();
    for (name, change) in CASES {
        let mut ledger = untouched.clone();
        change(&mut ledger);
        list.push(case(name, &ledger, Some(&ledger.view()), None, table));
    }
    let mut alarmed = untouched.clone();
    alarmed.alarms.push(alarm(AlarmKind::RolledBack, false));
    list.push(case("an open alarm", &alarmed, Some(&alarmed.view()), None, table));
    alarmed.alarms = vec![alarm(AlarmKind::RolledBack, true)];
    list.push(case("a closed alarm", &alarmed, Some(&alarmed.view()), None, table));
    let mut lossy = untouched.clone();
    let (meta, range, _) = &lossy.segments[2];
    let loss = Loss { first_index: 1, last_index: 3, head: meta.previous_head, range: range.clone(), declared_ns: 1 };
    lossy.losses.push(loss);
    lossy.rows.drain(1..4);
    list.push(case("a declared loss", &lossy, Some(&lossy.view()), None, table));
    list.push(case("no signer", &untouched, None, None, table));
    let mut changed = untouched.clone();
    changed.rows[4].entry[200] ^= 1;
    list.push(case("no signer, a byte changed", &changed, None, None, table));
    let view = &untouched.view();
    let met = Expectation { size: 4, head: untouched.segments[1].0.head };
    list.push(case("an expectation that is met", &untouched, Some(view), Some(met), table));
    let other = Expectation { size: 4, head: [0; 32] };
    list.push(case("another head expected", &untouched, Some(view), Some(other), table));
    let larger = Expectation { size: 12, head: [0; 32] };
    list.push(case("everything rolled back, a larger size expected", &untouched, Some(view), Some(larger), table));
    list
}

fn alarm(kind: AlarmKind, closed: bool) -> Alarm {
    Alarm { kind, first_index: 4, detail: String::new(), raised_ns: 1, closed }
}

fn case(
    name: &str,
    ledger: &Ledger,
    signer: Option<&SignerView>,
    expectation: Option<Expectation>,
    table: &mut Vec<Value>,
) -> Value {
    let mut rows: Vec<&OwnedRow> = ledger.rows.iter().collect();
    rows.sort_by_key(|row| row.index);
    let rows: Vec<usize> = rows.into_iter().map(|row| entry_of(row, table)).collect();
    let report = ledger.verify_against(signer.cloned(), expectation);
    json!({
        "name": name,
        "log": ledger.log.to_string(),
        "rows": rows,
        "row": ledger.row.as_ref().map(log_row),
        "signer": signer.map(signer_view),
        "expectation": expectation.map(|expected| json!({ "size": expected.size, "head": hex(&expected.head) })),
        "report": report_of(&report),
    })
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
    let kind = |alarm: &Alarm| match alarm.kind {
        AlarmKind::Ahead => "AHEAD",
        AlarmKind::Forked => "FORKED",
        AlarmKind::RolledBack => "ROLLED_BACK",
        AlarmKind::Suppressed => "SUPPRESSED",
    };
    let alarms: Vec<Value> = view
        .alarms
        .iter()
        .map(|alarm| json!({ "kind": kind(alarm), "first_index": alarm.first_index, "closed": alarm.closed }))
        .collect();
    let losses: Vec<Value> = view
        .losses
        .iter()
        .map(|loss| json!({ "first_index": loss.first_index, "last_index": loss.last_index, "head": hex(&loss.head) }))
        .collect();
    let segments: Vec<Value> = view
        .unacknowledged
        .iter()
        .map(|segment| {
            let entries: Vec<String> = segment.entries.iter().map(|entry| hex(entry)).collect();
            json!({ "first_index": segment.first_index, "entries": entries, "head": hex(&segment.head) })
        })
        .collect();
    json!({
        "size": view.size,
        "head": hex(&view.head),
        "acknowledged": view.acknowledged,
        "alarms": alarms,
        "losses": losses,
        "unacknowledged": segments,
    })
}

fn report_of(report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| json!([kind(finding.kind), finding.first_index, finding.last_index]))
        .collect();
    let verdict = match report.verdict {
        Verdict::Intact => "INTACT",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::Tampered => "TAMPERED",
    };
    json!({
        "verdict": verdict,
        "entries": report.entries,
        "head": hex(&report.head),
        "recovered": report.recovered,
        "findings": findings,
    })
}

fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::ContentChanged => "CONTENT_CHANGED",
        FindingKind::MacInvalid => "MAC_INVALID",
        FindingKind::ColumnMismatch => "COLUMN_MISMATCH",
        FindingKind::Missing => "MISSING",
        FindingKind::Inserted => "INSERTED",
        FindingKind::Reordered => "REORDERED",
        FindingKind::Duplicated => "DUPLICATED",
        FindingKind::Truncated => "TRUNCATED",
        FindingKind::RolledBack => "ROLLED_BACK",
        FindingKind::Forked => "FORKED",
        FindingKind::ExpectationFailed => "EXPECTATION_FAILED",
    }
}
