//! The end of the log: cuts, rollbacks, segments in flight, forks, alarms, expectations, losses.

use tlog::protocol::{Alarm, AlarmKind, Closing, SignerView};
use tlog::signer::repair::EntryRange;
use tlog::verify::{Expectation, FindingKind as Kind, Subject, Verdict, Verifier};
use uuid::Uuid;

use crate::support::{Against, Ledger, key, kinds};
use crate::tampering::{found, ledger};

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

/// Every kind of alarm, and one made up later.
const ALARMS: [AlarmKind; 6] = [
    AlarmKind::Advanced,
    AlarmKind::Ahead,
    AlarmKind::Clock,
    AlarmKind::Forked,
    AlarmKind::RolledBack,
    AlarmKind::Suppressed,
];

pub(crate) fn alarm(kind: AlarmKind, range: (u64, u64), closed: bool) -> Alarm {
    let closing = closed.then(|| Closing { closed_ns: 2, reference: "ticket/7".into() });
    let (first_index, last_index) = range;
    let (detail, head) = ("words".into(), None);
    Alarm { id: Uuid::from_u128(9), kind, first_index, last_index, detail, head, raised_ns: 1, closing }
}

#[test]
fn open_alarms_are_findings_and_each_kind_has_its_name() {
    let made_up = [AlarmKind::Other("MADE_UP_LATER".into())];
    for kind in ALARMS.into_iter().chain(made_up) {
        let (verdict, finding) = match kind {
            AlarmKind::Advanced => (Verdict::Incomplete, None),
            AlarmKind::Ahead => (Verdict::Tampered, Some(Kind::Ahead)),
            AlarmKind::Forked => (Verdict::Tampered, Some(Kind::Forked)),
            AlarmKind::RolledBack => (Verdict::Tampered, Some(Kind::RolledBack)),
            AlarmKind::Suppressed => (Verdict::Tampered, Some(Kind::Inserted)),
            AlarmKind::Clock | AlarmKind::Other(_) => (Verdict::IntactWithAlarms, None),
        };
        let mut ledger = ledger();
        let alarm = alarm(kind, (4, 6), false);
        ledger.alarms.push(alarm.clone());
        let report = ledger.verify();
        let found = finding.map(|finding| (finding, 4, 4));
        assert_eq!((report.verdict, kinds(&report)), (verdict, found.into_iter().collect()), "{alarm:?}");
        assert_eq!(report.alarms, [alarm]);
    }
}

#[test]
fn closed_alarms_are_named_for_ever_and_never_intact() {
    for kind in ALARMS {
        let mut ledger = ledger();
        let advanced = kind == AlarmKind::Advanced;
        ledger.alarms.push(alarm(kind, (4, 6), true));
        let report = ledger.verify();
        let verdict = if advanced { Verdict::Incomplete } else { Verdict::IntactWithAlarms };
        assert_eq!((report.verdict, kinds(&report), report.alarms.len()), (verdict, vec![], 1));
        assert_eq!(
            report.unchecked.iter().map(|stretch| (stretch.first_index, stretch.last_index)).next(),
            advanced.then_some((4, 6))
        );
    }
}

#[test]
fn of_a_kind_made_up_later_nothing_follows_whatever_it_carries() {
    let mut ledger = ledger();
    ledger.alarms.push(Alarm { head: Some([7; 32]), ..alarm(AlarmKind::Other("MADE_UP_LATER".into()), (4, 6), true) });
    let report = ledger.verify();
    assert_eq!((report.verdict, kinds(&report)), (Verdict::IntactWithAlarms, vec![]));
}

#[test]
fn alarms_that_are_not_listed_leave_the_verdict_open() {
    let ledger = ledger();
    let mut view = ledger.view();
    view.alarms_in_all = 3;
    let report = ledger.verify_against(Some(view), None);
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(report.unchecked[0].detail.contains("3 alarms"), "{:?}", report.unchecked);
}

#[test]
fn a_trusted_start_spares_alarms_that_are_not_listed_and_end_before_it() {
    let ledger = ledger();
    let since = Some(Expectation { size: 12, head: ledger.segments[2].stored.head });
    let verify = |unlisted_last_index| {
        let signer = Some(SignerView { alarms_in_all: 101, unlisted_last_index, ..ledger.view() });
        ledger.verify_with(&Against { signer, since, ..ledger.against() }).report.verdict
    };
    assert_eq!(verify(Some(11)), Verdict::Intact);
    assert_eq!(verify(Some(12)), Verdict::Incomplete);
    assert_eq!(verify(None), Verdict::Incomplete, "where it was not said, they may be anywhere");
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
fn rows_of_a_log_that_the_signer_does_not_know_are_forked() {
    let ledger = ledger();
    let unknown = Ledger::new().view();
    let checked = ledger.verify_with(&Against { signer: Some(unknown), later: None, ..ledger.against() });
    assert_eq!(kinds(&checked.report), [(Kind::Forked, 0, 19)]);
}

#[test]
fn rows_that_the_signer_was_not_asked_about_again_are_not_called_intact() {
    let mut ledger = ledger();
    let early = ledger.view();
    ledger.seal(5);
    ledger.commit();
    let silent = Against { signer: Some(early), answers: false, ..ledger.against() };
    let report = ledger.verify_with(&silent).report;
    assert_eq!((report.verdict, kinds(&report)), (Verdict::Incomplete, vec![]));
    assert!(report.unchecked.iter().all(|stretch| (stretch.first_index, stretch.last_index) == (20, 24)));
}

#[test]
fn size_head_and_root_belong_together_however_busy_the_log_is() {
    let mut ledger = ledger();
    let early = ledger.view();
    ledger.seal(5);
    ledger.commit();
    let report = ledger.verify_against(Some(early.clone()), None);
    let kept = report.verified.unwrap();
    assert_eq!((kept.size, kept.head, kept.root), (20, early.head, Some(early.root)));
    assert_eq!(report.entries, 25);
    ledger.seal(3);
    let expectation = Some(Expectation { size: kept.size, head: kept.head });
    let report = ledger.verify_against(Some(ledger.view()), expectation);
    assert_eq!((report.verdict, report.recovered), (Verdict::Intact, 3));
    let kept = report.verified.unwrap();
    assert_eq!((kept.size, kept.head, kept.root), (28, ledger.view().head, Some(ledger.view().root)));
}

#[test]
fn where_the_rows_do_not_lead_to_the_signers_head_nothing_is_there_to_keep() {
    let mut ledger = ledger();
    ledger.rows.truncate(15);
    assert_eq!(ledger.verify().verified, None);
}

#[test]
fn a_trusted_start_spares_what_is_before_it() {
    let mut ledger = ledger();
    let since = Some(Expectation { size: 12, head: ledger.segments[2].stored.head });
    let verify = |ledger: &Ledger, since| ledger.verify_with(&Against { since, ..ledger.against() }).report;
    ledger.alarms.push(alarm(AlarmKind::Forked, (4, 11), true));
    assert_eq!(verify(&ledger, None).verdict, Verdict::IntactWithAlarms);
    let report = verify(&ledger, since);
    assert_eq!((report.verdict, report.entries, report.verified.unwrap().size), (Verdict::Intact, 8, 20));
    ledger.alarms[0].last_index = 12;
    assert_eq!(verify(&ledger, since).verdict, Verdict::IntactWithAlarms);
    ledger.rows[15].mac[20] ^= 1;
    ledger.rows.remove(13);
    assert_eq!(kinds(&verify(&ledger, since)), [(Kind::Missing, 13, 13), (Kind::MacInvalid, 15, 15)]);
}

#[test]
fn a_trusted_start_that_the_log_does_not_have_is_an_expectation_that_fails() {
    let ledger = ledger();
    let verify = |size, head| {
        let since = Some(Expectation { size, head });
        kinds(&ledger.verify_with(&Against { since, ..ledger.against() }).report)
    };
    assert_eq!(verify(12, [7; 32]), [(Kind::ExpectationFailed, 12, 12)]);
    assert!(verify(20, [7; 32]).contains(&(Kind::ExpectationFailed, 19, 19)));
    assert_eq!(verify(20, ledger.state.head), []);
    assert!(verify(25, [7; 32]).contains(&(Kind::ExpectationFailed, 20, 24)));
}

#[test]
fn an_expectation_is_held_against_the_entries() {
    let ledger = ledger();
    let (size, head) = (12, ledger.segments[2].stored.head);
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

/// A ledger of twenty entries of which six to eleven are declared lost.
pub(crate) fn lossy() -> Ledger {
    let mut ledger = Ledger::with(&[3, 3, 6, 4, 4]);
    let lost = EntryRange { first_index: 6, last_index: 11 };
    ledger.state.stale_at = Some(lost.first_index);
    let clock = ledger.clock();
    ledger.declare_loss(lost, &[], clock).unwrap();
    ledger.rows.drain(6..12);
    ledger
}

#[test]
fn a_declared_loss_is_named_and_the_log_incomplete() {
    let mut ledger = lossy();
    let checked = ledger.verify_with(&ledger.against());
    let report = checked.report;
    let losses = [EntryRange { first_index: 6, last_index: 11 }];
    assert_eq!((report.verdict, report.losses.as_slice()), (Verdict::Incomplete, losses.as_slice()));
    assert_eq!((checked.passes, checked.asked), (1, 6), "what is before the loss is proven by its macs");
    assert_eq!(report.verified.unwrap().root, Some(ledger.view().root));
    ledger.rows.remove(5);
    assert_eq!(found(&ledger), [(Kind::Missing, 5, 5)]);
}

#[test]
fn around_a_loss_everything_is_found_as_elsewhere() {
    let mut ledger = lossy();
    ledger.rows[4].mac[20] ^= 1;
    ledger.rows[9].entry[200] ^= 1;
    assert_eq!(found(&ledger), [(Kind::MacInvalid, 4, 4), (Kind::ContentChanged, 15, 15)]);
    let mut ledger = lossy();
    ledger.rows.truncate(6);
    ledger.set_row(6);
    assert_eq!(found(&ledger), [(Kind::RolledBack, 12, 19)]);
}

#[test]
fn before_a_loss_a_version_that_the_signer_does_not_have_proves_nothing() {
    let mut ledger = lossy();
    let id = ledger.id();
    for row in &mut ledger.rows[3..6] {
        let entry = tlog::entry::decode(&row.entry).unwrap();
        let head = crate::support::head_after(id, entry.place.index, &entry.place.previous_head, &row.entry);
        row.mac = key(3).ready().compute(id, entry.place.index, &head).as_bytes().to_vec();
    }
    let report = ledger.verify();
    assert_eq!((report.verdict, kinds(&report)), (Verdict::Incomplete, vec![]));
    let stretch = &report.unchecked[0];
    assert_eq!((stretch.first_index, stretch.last_index), (3, 5));
    assert!(stretch.detail.contains("version 3"), "{stretch:?}");
}

#[test]
fn a_loss_that_ends_before_the_trusted_start_does_not_count() {
    let ledger = lossy();
    let since = Some(Expectation { size: 16, head: ledger.segments[3].stored.head });
    let report = ledger.verify_with(&Against { since, ..ledger.against() }).report;
    assert_eq!((report.verdict, report.losses), (Verdict::Intact, vec![]));
}

#[test]
fn a_loss_at_the_end_leads_to_the_signers_head() {
    let mut ledger = Ledger::with(&[3, 3, 4]);
    ledger.state.stale_at = Some(6);
    let clock = ledger.clock();
    ledger.declare_loss(EntryRange { first_index: 6, last_index: 9 }, &[], clock).unwrap();
    ledger.rows.truncate(6);
    ledger.set_row(6);
    let report = ledger.verify();
    assert_eq!((report.verdict, kinds(&report)), (Verdict::Incomplete, vec![]));
    assert_eq!(report.verified.unwrap().size, 10);
}

#[test]
fn where_the_rows_cannot_be_read_to_their_end_what_was_found_stays() {
    let mut ledger = ledger();
    ledger.rows[4].actor.clear();
    let subject = Subject { signer: Some(ledger.view()), row: ledger.row.clone(), ..Subject::default() };
    let read = |rows: usize| {
        let mut verifier = Verifier::new(&ledger.log, subject.clone());
        ledger.rows[..rows].iter().for_each(|row| verifier.push(&row.row()));
        verifier.cut_short("a page is spoiled")
    };
    let report = read(9);
    assert_eq!((report.verdict, kinds(&report)), (Verdict::Tampered, vec![(Kind::ColumnMismatch, 4, 4)]));
    let report = read(3);
    assert_eq!((report.verdict, kinds(&report)), (Verdict::Incomplete, vec![]));
    let stretch = &report.unchecked[0];
    assert_eq!((stretch.first_index, stretch.last_index), (3, 19));
    assert!(stretch.detail.contains("spoiled"), "{stretch:?}");
}
