//! The end of the log: cuts, rollbacks, segments in flight, forks, alarms, expectations, losses.

use tlog::{
    protocol::{Alarm, AlarmKind, Loss},
    verify::{Expectation, FindingKind as Kind, Verdict},
};

use crate::{
    support::{Ledger, kinds},
    tampering::{found, ledger},
};

#[test]
fn a_cut_end_is_truncated_for_every_length() {
    for rest in 0..20 {
        let mut ledger = ledger();
        ledger.rows.truncate(rest);
        assert_eq!(found(&ledger), [(Kind::Truncated, u64::try_from(rest).unwrap(), 19)]);
    }
}

#[test]
fn a_dropped_log_is_truncated() {
    let mut ledger = ledger();
    ledger.rows.clear();
    ledger.row = None;
    assert_eq!(found(&ledger), [(Kind::Truncated, 0, 19)]);
}

#[test]
fn a_size_above_the_entries_is_truncated() {
    let mut ledger = ledger();
    ledger.row.as_mut().unwrap().size = 25;
    assert_eq!(found(&ledger), [(Kind::Truncated, 20, 24)]);
}

#[test]
fn a_log_set_back_is_rolled_back() {
    for rest in [0, 2, 12, 19] {
        let mut ledger = ledger();
        ledger.rows.truncate(rest);
        let size = u64::try_from(rest).unwrap();
        ledger.set_row(size);
        assert_eq!(found(&ledger), [(Kind::RolledBack, size, 19)]);
    }
}

#[test]
fn the_segment_in_flight_is_recovered() {
    let mut ledger = ledger();
    ledger.seal(6);
    let report = ledger.verify();
    assert_eq!((report.verdict, report.recovered), (Verdict::Intact, 6));
    let mut ledger = Ledger::new();
    ledger.seal(6);
    assert_eq!(ledger.verify().verdict, Verdict::Intact, "the very first segment, before the log has a row");
}

#[test]
fn more_than_one_segment_in_flight_is_truncated() {
    let mut ledger = ledger();
    ledger.seal(6);
    ledger.seal(2);
    assert_eq!(found(&ledger), [(Kind::Truncated, 20, 27)]);
}

#[test]
fn part_of_a_segment_is_truncated() {
    let mut ledger = ledger();
    ledger.seal(6);
    ledger.commit();
    ledger.rows.truncate(24);
    ledger.set_row(24);
    assert_eq!(found(&ledger), [(Kind::Truncated, 24, 25)]);
}

#[test]
fn a_cut_below_a_segment_in_flight_is_truncated() {
    let mut ledger = ledger();
    ledger.seal(6);
    ledger.rows.truncate(18);
    let report = ledger.verify();
    assert_eq!((kinds(&report), report.recovered), (vec![(Kind::Truncated, 18, 19)], 6));
}

#[test]
fn another_genuine_history_is_forked() {
    let mut original = Ledger::with(&[3, 1, 8]);
    let mut other = original.clone();
    other.segment(5); // other events follow
    for ledger in [&mut original, &mut other] {
        ledger.seal(4);
        ledger.commit();
        ledger.acknowledge();
    }
    // The rows of one history, the signer of the other: both with the key.
    original.rows = other.rows.clone();
    original.set_row(16);
    assert_eq!(found(&original), [(Kind::Forked, 15, 15)]);
}

#[test]
fn alarms_are_findings_until_they_are_closed() {
    for (kind, finding) in [
        (AlarmKind::Ahead, Kind::Forked),
        (AlarmKind::Forked, Kind::Forked),
        (AlarmKind::RolledBack, Kind::RolledBack),
        (AlarmKind::Suppressed, Kind::Inserted),
    ] {
        let mut ledger = ledger();
        ledger.alarms.push(Alarm { kind, first_index: 4, detail: String::new(), raised_ns: 1, closed: false });
        assert_eq!(found(&ledger), [(finding, 4, 4)]);
        ledger.alarms[0].closed = true;
        assert_eq!(found(&ledger), []);
    }
}

#[test]
fn rows_newer_than_the_signers_answer_are_no_finding() {
    let mut ledger = ledger();
    let early = ledger.view();
    ledger.seal(5);
    ledger.commit();
    assert_eq!(ledger.verify_against(Some(early.clone()), None).verdict, Verdict::Intact);
    ledger.rows[22].entry[200] ^= 1;
    assert_eq!(kinds(&ledger.verify_against(Some(early), None)), [(Kind::ContentChanged, 22, 22)]);
}

#[test]
fn rows_that_the_signer_does_not_have_are_forked() {
    let mut ledger = ledger();
    let early = ledger.clone();
    ledger.seal(5);
    ledger.commit();
    ledger.state = early.state.clone();
    assert_eq!(found(&ledger), [(Kind::Forked, 20, 24)]);
}

#[test]
fn an_expectation_is_held_against_the_entries() {
    let ledger = ledger();
    let (size, head) = (12, ledger.segments[2].0.head);
    let verify = |size, head| ledger.verify_against(Some(ledger.view()), Some(Expectation { size, head }));
    assert_eq!(verify(size, head).verdict, Verdict::Intact);
    assert_eq!(kinds(&verify(size, [0; 32])), [(Kind::ExpectationFailed, 11, 11)]);
    assert_eq!(kinds(&verify(30, head)), [(Kind::ExpectationFailed, 20, 29)]);
    assert_eq!(verify(0, tlog::genesis(&ledger.log)).verdict, Verdict::Intact);
    assert_eq!(kinds(&verify(0, [0; 32])), [(Kind::ExpectationFailed, 0, 0)]);
}

#[test]
fn an_expectation_reaches_into_the_segment_in_flight() {
    let mut ledger = ledger();
    ledger.seal(3);
    let expectation = Some(Expectation { size: 23, head: ledger.state.head });
    assert_eq!(ledger.verify_against(Some(ledger.view()), expectation).verdict, Verdict::Intact);
    let expectation = Some(Expectation { size: 23, head: [0; 32] });
    let report = ledger.verify_against(Some(ledger.view()), expectation);
    assert_eq!(kinds(&report), [(Kind::ExpectationFailed, 22, 22)]);
}

#[test]
fn the_rollback_of_everything_is_found_by_an_expectation_only() {
    let ledger = ledger();
    let mut later = ledger.clone();
    later.seal(5);
    let kept = Expectation { size: later.state.size(), head: later.state.head };
    assert_eq!(ledger.verify().verdict, Verdict::Intact);
    let report = ledger.verify_against(Some(ledger.view()), Some(kept));
    assert_eq!(kinds(&report), [(Kind::ExpectationFailed, 20, 24)]);
}

#[test]
fn a_declared_loss_is_named_and_the_log_incomplete() {
    let mut ledger = ledger();
    let (meta, range, _) = &ledger.segments[3];
    let loss = Loss { first_index: 6, last_index: 11, head: meta.previous_head, range: range.clone(), declared_ns: 1 };
    ledger.losses.push(loss);
    ledger.rows.drain(6..12);
    let report = ledger.verify();
    assert_eq!((report.verdict, report.losses.clone()), (Verdict::Incomplete, vec![(6, 11)]));
    ledger.rows.remove(5);
    assert_eq!(found(&ledger), [(Kind::Missing, 5, 5)]);
}
