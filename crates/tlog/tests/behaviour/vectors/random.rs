//! Random logs with random changes, for both verifiers: `./dev interop` holds the Python one against these reports.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tlog::Hash;
use tlog::entry::decode;
use tlog::protocol::{Alarm, AlarmKind};
use tlog::verify::Expectation;

use super::{case, mac_key};
use crate::chance::{Change, apply, change};
use crate::endings::{alarm, lossy};
use crate::support::{Against, Ledger, head_after};

const LOGS: usize = 2_000;

/// A size and head that the log had, by the number of its row; and whether something else is stated.
type Known = (usize, bool);

#[derive(Clone, Debug)]
struct Plan {
    /// Sizes of segments, and whether each is acknowledged. None: a log with a declared loss.
    segments: Vec<(u64, bool)>,
    in_flight: bool,
    changes: Vec<Change>,
    answers: bool,
    has_signer: bool,
    since: Option<Known>,
    expectation: Option<Known>,
    alarm: Option<(Known, AlarmKind, bool)>,
    /// Whether the signer states another root, digest of MACs.
    other: [bool; 2],
}

fn plan() -> impl Strategy<Value = Plan> {
    let rarely = |times: u32| prop::bool::weighted(1.0 / f64::from(times));
    let known = || (0..20_usize, rarely(4));
    let kinds = ["ADVANCED", "AHEAD", "CLOCK", "FORKED", "ROLLED_BACK", "SUPPRESSED", "MADE_UP_LATER"];
    let kind = prop::sample::select(kinds.to_vec()).prop_map(|kind| AlarmKind::from_name(kind).unwrap());
    let log = (prop::collection::vec((1..5_u64, any::<bool>()), 0..5), rarely(4));
    let what = (prop::collection::vec(change(), 0..5), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    let held = (
        prop::option::weighted(0.25, known()),
        prop::option::weighted(0.25, known()),
        prop::option::weighted(0.3, (known(), kind, any::<bool>())),
        [rarely(12), rarely(12)],
    );
    (log, what, held).prop_map(|((segments, in_flight), (changes, answers, has_signer), held)| {
        let (since, expectation, alarm, other) = held;
        Plan { segments, in_flight, changes, answers, has_signer, since, expectation, alarm, other }
    })
}

fn honest(plan: &Plan) -> Ledger {
    let mut ledger = if plan.segments.is_empty() { lossy() } else { Ledger::new() };
    for (size, acknowledged) in &plan.segments {
        ledger.seal(*size);
        ledger.commit();
        if *acknowledged {
            ledger.acknowledge();
        }
    }
    if plan.in_flight {
        ledger.seal(2);
    }
    ledger
}

fn known(honest: &Ledger, (row, other): Known) -> Expectation {
    let entry = &honest.rows[row % honest.rows.len()].entry;
    let place = decode(entry).unwrap().place;
    let mut head: Hash = head_after(honest.id(), place.index, &place.previous_head, entry);
    head[0] ^= u8::from(other);
    Expectation { size: place.index + 1, head }
}

fn against(plan: &Plan, honest: &Ledger) -> Against {
    let expected = |expected: Option<Known>| expected.map(|expected| known(honest, expected));
    let (since, expectation) = (expected(plan.since), expected(plan.expectation));
    let mut against = Against { answers: plan.answers, since, expectation, ..honest.against() };
    let view = against.signer.as_mut().unwrap();
    if let Some((at, kind, closed)) = &plan.alarm {
        let at = known(honest, *at);
        view.alarms = vec![Alarm { head: Some(at.head), ..alarm(kind.clone(), (at.size, at.size + 1), *closed) }];
        view.alarms_in_all = 1;
    }
    view.root[0] ^= u8::from(plan.other[0]);
    view.macs_digest[0] ^= u8::from(plan.other[1]);
    against.signer = against.signer.filter(|_| plan.has_signer);
    against
}

#[test]
fn random_logs_come_to_everything_that_a_report_says() {
    let (mut runner, plans, mut table) = (TestRunner::deterministic(), plan(), Vec::new());
    let logs: Vec<Value> = (0..LOGS)
        .map(|number| {
            let plan = plans.new_tree(&mut runner).unwrap().current();
            let honest = honest(&plan);
            let mut ledger = honest.clone();
            plan.changes.iter().for_each(|change| apply(&mut ledger, change));
            // Two rows of one index cannot be.
            let mut taken = BTreeSet::new();
            ledger.rows.retain(|row| taken.insert(row.index));
            case(&format!("random log {number}"), &ledger, &against(&plan, &honest), &mut table)
        })
        .collect();
    let said = logs.iter().flat_map(|log| {
        let findings = log["report"]["findings"].as_array().unwrap().iter().map(|finding| finding[0].as_str().unwrap());
        findings.chain(log["report"]["verdict"].as_str())
    });
    let said: BTreeSet<&str> = said.collect();
    assert_eq!(said.len(), 12 + 4, "all kinds and verdicts: {said:?}");
    let written = json!({ "mac_keys": [mac_key(1), mac_key(2)], "table": table, "logs": logs });
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("random_logs.json"), written.to_string()).unwrap();
}
