//! Each kind of finding, with the exact range.

use std::collections::BTreeSet;

use tlog::entry::{decode, encode};
use tlog::protocol::{Alarm, AlarmKind, SealOutcome};
use tlog::signer::MacsChecked;
use tlog::verify::{Expectation, FindingKind as Kind, Later, MAX_RUNS, Subject, Verdict, Verifier};
use tlog::{Hash, Mac};

use crate::endings::alarm;
use crate::support::{Against, Ledger, OwnedRow, event, event_of, head_after, key, kinds};

pub(crate) fn ledger() -> Ledger {
    Ledger::with(&[3, 1, 8, 4, 4])
}

/// Index bytes of an entry, after its label and log id.
pub(crate) const INDEX_AT: usize = 26 + 16;
const PREVIOUS_AT: usize = INDEX_AT + 8;
const EVENT_AT: usize = PREVIOUS_AT + 32;
/// Bytes that no column is derived from, after the producer.
const TIME_PRODUCED_AT: usize = EVENT_AT + 16 + 4 + "vault-service".len();

/// A MAC of a version that the signer has, as somebody without the key makes it.
pub(crate) fn forged_mac(ledger: &Ledger, index: u64, head: &Hash) -> Mac {
    key(2).ready().compute(ledger.id(), index + 1, head)
}

pub(crate) fn found(ledger: &Ledger) -> Vec<(Kind, u64, u64)> {
    let report = ledger.verify();
    assert_eq!(report.verdict == Verdict::Tampered, !report.findings.is_empty());
    kinds(&report)
}

/// Writes the entries from `from` to `to` anew, each linked to the one before, with MACs of another key.
pub(crate) fn recompute(ledger: &mut Ledger, from: usize, to: usize) {
    let id = ledger.id();
    for at in from..=to {
        let index = u64::try_from(at).unwrap();
        let before = &ledger.rows[at - 1];
        let previous = decode(&before.entry).unwrap().place;
        let previous_head = head_after(id, previous.index, &previous.previous_head, &before.entry);
        let old = decode(&ledger.rows[at].entry).unwrap();
        let mut changed = event_of(&old, &ledger.log);
        changed.actor = "spiffe://strongroom.dev/nobody".into();
        let entry = encode(&tlog::Place { previous_head, ..old.place }, &changed);
        let head = head_after(id, index, &previous_head, &entry);
        let forged = forged_mac(ledger, index, &head);
        ledger.rows[at] = OwnedRow::new(index, &entry, &forged);
    }
}

#[test]
fn an_untouched_log_is_intact() {
    let report = ledger().verify();
    assert_eq!((report.verdict, report.findings, report.entries), (Verdict::Intact, vec![], 20));
    let verified = report.verified.unwrap();
    assert_eq!((verified.size, verified.head, verified.root), (20, ledger().state.head, Some(ledger().view().root)));
    assert_eq!(Ledger::new().verify().verdict, Verdict::Intact);
}

#[test]
fn what_leads_to_the_signers_head_is_proven_without_its_help() {
    let mut ledger = ledger();
    let checked = ledger.verify_with(&Against { answers: false, ..ledger.against() });
    assert_eq!((checked.report.verdict, checked.passes, checked.asked), (Verdict::Intact, 1, 0));
    ledger.rows[4].actor.clear();
    let checked = ledger.verify_with(&ledger.against());
    assert_eq!((checked.passes, checked.asked), (2, 20), "what is wrong is looked at with all MACs");
}

#[test]
fn a_deleted_row_is_missing() {
    let mut ledger = ledger();
    ledger.rows.remove(5);
    assert_eq!(found(&ledger), [(Kind::Missing, 5, 5)]);
    ledger.rows.remove(0);
    assert_eq!(found(&ledger), [(Kind::Missing, 0, 0), (Kind::Missing, 5, 5)]);
}

#[test]
fn a_deleted_row_is_missing_when_the_rest_is_renumbered() {
    let mut ledger = ledger();
    ledger.rows.remove(5);
    for row in &mut ledger.rows[5..] {
        row.index -= 1;
    }
    assert_eq!(found(&ledger), [(Kind::Missing, 5, 5), (Kind::ColumnMismatch, 6, 19)]);
}

#[test]
fn any_changed_byte_is_content_changed() {
    let untouched = ledger();
    for at in 0..untouched.rows[7].entry.len() {
        let mut ledger = untouched.clone();
        ledger.rows[7].entry[at] ^= 1;
        assert_eq!(found(&ledger), [(Kind::ContentChanged, 7, 7)], "byte {at}");
    }
}

#[test]
fn a_changed_first_or_last_entry_is_content_changed() {
    for at in [0, 19] {
        for byte in [INDEX_AT, PREVIOUS_AT, EVENT_AT, 200] {
            let mut ledger = ledger();
            ledger.rows[at].entry[byte] ^= 1;
            let index = u64::try_from(at).unwrap();
            assert_eq!(found(&ledger), [(Kind::ContentChanged, index, index)], "row {at} byte {byte}");
        }
    }
}

#[test]
fn neighbours_changed_together_are_one_range() {
    let mut ledger = ledger();
    for row in &mut ledger.rows[6..9] {
        row.entry[200] ^= 1;
    }
    assert_eq!(found(&ledger), [(Kind::ContentChanged, 6, 8)]);
}

#[test]
fn an_emptied_entry_is_content_changed() {
    let mut ledger = ledger();
    ledger.rows[7].entry.clear();
    assert_eq!(found(&ledger), [(Kind::ContentChanged, 7, 7)]);
}

#[test]
fn a_chain_computed_anew_has_invalid_macs() {
    let mut ledger = ledger();
    recompute(&mut ledger, 12, 19);
    ledger.set_row(20);
    assert_eq!(found(&ledger), [(Kind::MacInvalid, 12, 19)]);
}

#[test]
fn control_without_a_signer_a_chain_computed_anew_is_not_found() {
    let mut ledger = ledger();
    recompute(&mut ledger, 12, 18);
    ledger.rows.truncate(19);
    ledger.set_row(19);
    let report = ledger.verify_against(None, None);
    assert_eq!((report.verdict, report.findings), (Verdict::Incomplete, vec![]));
}

#[test]
fn a_stretch_computed_anew_ends_in_a_changed_entry() {
    let mut ledger = ledger();
    recompute(&mut ledger, 12, 14);
    assert_eq!(found(&ledger), [(Kind::MacInvalid, 12, 13), (Kind::ContentChanged, 14, 14)]);
}

#[test]
fn a_changed_mac_is_mac_invalid() {
    for at in [0, 7, 19] {
        let mut ledger = ledger();
        ledger.rows[at].mac[20] ^= 1;
        let index = u64::try_from(at).unwrap();
        assert_eq!(found(&ledger), [(Kind::MacInvalid, index, index)]);
        ledger.rows[at].mac.truncate(3);
        assert_eq!(found(&ledger), [(Kind::MacInvalid, index, index)]);
    }
}

#[test]
pub(crate) fn swapped_contents_are_reordered() {
    let mut ledger = ledger();
    swap(&mut ledger, 3, 4);
    assert_eq!(found(&ledger), [(Kind::Reordered, 3, 4)]);
    let mut ledger = self::ledger();
    swap(&mut ledger, 3, 9);
    assert_eq!(found(&ledger), [(Kind::Reordered, 3, 3), (Kind::Reordered, 9, 9)]);
    let mut ledger = self::ledger();
    swap(&mut ledger, 18, 19);
    assert_eq!(found(&ledger), [(Kind::Reordered, 18, 19)]);
}

pub(crate) fn swap(ledger: &mut Ledger, a: usize, b: usize) {
    ledger.rows.swap(a, b);
    let (left, right) = (ledger.rows[a].index, ledger.rows[b].index);
    (ledger.rows[a].index, ledger.rows[b].index) = (right, left);
}

#[test]
pub(crate) fn swapped_entry_columns_are_reordered_although_their_macs_stayed() {
    for (a, b) in [(3, 4), (3, 9), (18, 19)] {
        let mut ledger = ledger();
        let entry = ledger.rows[a].entry.clone();
        ledger.rows[a].entry = ledger.rows[b].entry.clone();
        ledger.rows[b].entry = entry;
        let found = found(&ledger);
        assert!(found.iter().all(|(kind, ..)| *kind == Kind::Reordered), "{found:?}");
        let (a, b) = (u64::try_from(a).unwrap(), u64::try_from(b).unwrap());
        assert_eq!((found[0].1, found[found.len() - 1].2), (a, b));
    }
}

#[test]
fn a_row_moved_among_others_is_reordered() {
    let mut ledger = ledger();
    ledger.rows[3..6].rotate_left(1);
    for (row, index) in ledger.rows.iter_mut().zip(0..) {
        row.index = index;
    }
    assert_eq!(found(&ledger), [(Kind::Reordered, 3, 5)]);
}

#[test]
fn a_copied_row_is_duplicated() {
    let mut ledger = ledger();
    let copy = ledger.rows[2].clone();
    for row in &mut ledger.rows[9..] {
        row.index += 1;
    }
    ledger.rows.insert(9, OwnedRow { index: 9, ..copy.clone() });
    assert_eq!(found(&ledger), [(Kind::Duplicated, 9, 9), (Kind::ColumnMismatch, 9, 19)]);

    let mut ledger = self::ledger();
    ledger.rows.push(OwnedRow { index: 20, ..copy.clone() });
    assert_eq!(found(&ledger), [(Kind::Duplicated, 20, 20)]);

    let mut ledger = self::ledger();
    ledger.rows[9] = OwnedRow { index: 9, ..copy };
    assert_eq!(found(&ledger), [(Kind::Missing, 9, 9), (Kind::Duplicated, 9, 9)]);
}

#[test]
fn a_row_copied_in_its_own_place_is_duplicated_and_those_around_it_are_not() {
    for at in [0, 4, 19] {
        let mut ledger = ledger();
        ledger.rows.insert(at, ledger.rows[at].clone());
        let index = u64::try_from(at).unwrap();
        assert_eq!(found(&ledger), [(Kind::Duplicated, index, index)]);
    }
    let mut ledger = ledger();
    ledger.rows.extend_from_within(4..9);
    assert_eq!(found(&ledger), [(Kind::Duplicated, 4, 8)]);
}

#[test]
fn a_copied_entry_with_a_new_index_is_inserted() {
    let mut ledger = ledger();
    let mut copy = ledger.rows[2].clone();
    for row in &mut ledger.rows[9..] {
        row.index += 1;
    }
    copy.index = 9;
    copy.entry[INDEX_AT + 7] = 9;
    ledger.rows.insert(9, copy);
    assert_eq!(found(&ledger), [(Kind::Inserted, 9, 9), (Kind::ColumnMismatch, 9, 19)]);
}

#[test]
fn a_row_that_was_never_sealed_is_inserted() {
    let mut ledger = ledger();
    let place = ledger.place(20, ledger.state.head);
    let entry = encode(&place, &event(500));
    let head = head_after(ledger.id(), 20, &place.previous_head, &entry);
    let forged = forged_mac(&ledger, 20, &head);
    ledger.rows.push(OwnedRow::new(20, &entry, &forged));
    ledger.row.as_mut().unwrap().size = 21;
    ledger.row.as_mut().unwrap().head = head.to_vec();
    assert_eq!(found(&ledger), [(Kind::Inserted, 20, 20)]);

    let mut ledger = self::ledger();
    for row in &mut ledger.rows[6..] {
        row.index += 1;
    }
    let entry = encode(&ledger.place(6, [7; 32]), &event(501));
    ledger.rows.push(OwnedRow::new(6, &entry, &forged));
    assert_eq!(found(&ledger), [(Kind::Inserted, 6, 6), (Kind::ColumnMismatch, 6, 19)]);
}

#[test]
fn a_row_of_another_log_is_inserted() {
    let mut other = Ledger::of(&"logs/system".parse().unwrap());
    other.seal(1);
    other.commit();
    let mut ledger = ledger();
    ledger.rows.push(OwnedRow { index: 20, ..other.rows[0].clone() });
    assert_eq!(found(&ledger), [(Kind::Inserted, 20, 20)]);
    ledger.rows.last_mut().unwrap().index = -4;
    assert_eq!(found(&ledger), [(Kind::Inserted, 0, 0)]);
}

#[test]
fn a_changed_column_is_a_mismatch() {
    let changes: [fn(&mut OwnedRow); 9] = [
        |row| row.event_id = crate::support::event_id(900),
        |row| row.logged_us += 1,
        |row| row.producer.push('x'),
        |row| row.actor.push('x'),
        |row| row.action = "records.get".into(),
        |row| row.resource.clear(),
        |row| row.outcome = 9,
        |row| row.key_operation = None,
        |row| row.key_operation.as_mut().unwrap().counter += 1,
    ];
    for change in changes {
        let mut ledger = ledger();
        change(&mut ledger.rows[11]);
        change(&mut ledger.rows[13]);
        assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 11, 11), (Kind::ColumnMismatch, 13, 13)]);
    }
}

#[test]
fn a_changed_index_column_is_a_mismatch() {
    let mut ledger = ledger();
    for row in &mut ledger.rows[15..] {
        row.index += 3;
    }
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 15, 19)]);
    let mut ledger = self::ledger();
    ledger.rows[19].index = 40;
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 19, 19)]);
}

#[test]
fn a_changed_row_in_logs_is_a_mismatch() {
    let mut ledger = ledger();
    ledger.row.as_mut().unwrap().head[0] ^= 1;
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 19, 19)]);
    let mut ledger = self::ledger();
    ledger.row.as_mut().unwrap().last_logged_ns += 1;
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 19, 19)]);
    let mut ledger = self::ledger();
    ledger.set_row(16);
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 16, 19)]);
    let mut ledger = self::ledger();
    ledger.row = None;
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 0, 19)]);
}

#[test]
fn without_a_signer_the_best_verdict_is_incomplete() {
    let mut ledger = ledger();
    assert_eq!(ledger.verify_against(None, None).verdict, Verdict::Incomplete);
    ledger.rows[7].entry[TIME_PRODUCED_AT + 3] ^= 1;
    assert_eq!(kinds(&ledger.verify_against(None, None)), [(Kind::ContentChanged, 7, 7)]);
    ledger.rows.remove(12);
    let found = [(Kind::ContentChanged, 7, 7), (Kind::Missing, 12, 12)];
    assert_eq!(kinds(&ledger.verify_against(None, None)), found);
}

#[test]
fn it_goes_on_after_the_first_finding() {
    let mut ledger = ledger();
    ledger.rows[18].actor.clear();
    ledger.rows[14].mac[20] ^= 1;
    swap(&mut ledger, 9, 10);
    ledger.rows[7].entry[200] ^= 1;
    ledger.rows.remove(2);
    ledger.report(AlarmKind::Suppressed, 16);
    assert_eq!(
        found(&ledger),
        [
            (Kind::Missing, 2, 2),
            (Kind::ContentChanged, 7, 7),
            (Kind::Reordered, 9, 10),
            (Kind::MacInvalid, 14, 14),
            (Kind::Inserted, 16, 16),
            (Kind::ColumnMismatch, 18, 18),
        ]
    );
}

#[test]
fn findings_are_bounded_and_the_rest_is_counted() {
    let mut ledger = Ledger::with(&[30_000]);
    ledger.rows.retain(|row| row.index % 2 == 1);
    let report = ledger.verify();
    assert_eq!(report.findings.len(), tlog::verify::MAX_FINDINGS);
    assert!(report.findings.iter().zip((0..).step_by(2)).all(|(finding, index)| finding.first_index == index));
    assert!(report.findings.last().unwrap().detail.ends_with("(and 5000 more findings)"));
}

#[test]
fn what_is_too_much_to_be_told_apart_is_said_to_be() {
    let ledger = ledger();
    let row = ledger.rows[3].clone();
    // As if all of them came from the database, in which rows of one index cannot be.
    let mut verifier = Verifier::new(&ledger.log, Subject { row: ledger.row.clone(), ..Subject::default() });
    (0..=MAX_RUNS).for_each(|_| verifier.push(&row.row()));
    verifier.end();
    assert!(!verifier.read_again());
    let report = verifier.finish(Later::NotAsked);
    assert_eq!(report.verdict, Verdict::Tampered);
    assert!(report.unchecked[0].detail.contains("1 rows from here on"), "{:?}", report.unchecked);
}

#[test]
fn among_rows_that_are_too_many_stated_heads_are_found_all_the_same() {
    let mut ledger = ledger();
    let last = Expectation { size: 20, head: ledger.state.head };
    ledger.alarms.push(Alarm { head: Some(last.head), ..alarm(AlarmKind::Advanced, (20, 21), true) });
    let subject =
        Subject { signer: Some(ledger.view()), expectation: Some(last), row: ledger.row.clone(), ..Subject::default() };
    let mut verifier = Verifier::new(&ledger.log, subject);
    verifier.restart();
    (0..MAX_RUNS).for_each(|_| verifier.push(&ledger.rows[3].row()));
    ledger.rows[4..].iter().for_each(|row| verifier.push(&row.row()));
    verifier.end();
    while let Some(check) = verifier.next_check() {
        let wrong = Vec::new();
        let unknown = vec![check.first_index];
        verifier.checked(Some(&MacsChecked { wrong, unknown }));
    }
    let report = verifier.finish(Later::NotAsked);
    let found: BTreeSet<Kind> = report.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(found, BTreeSet::from([Kind::Duplicated, Kind::Missing]));
}

#[test]
fn an_index_that_no_column_holds_is_no_entry() {
    let mut ledger = ledger();
    let mut entry = ledger.rows[3].entry.clone();
    entry[INDEX_AT..INDEX_AT + 8].fill(0xff);
    ledger.rows.push(OwnedRow { index: 20, entry: entry.clone(), ..ledger.rows[3].clone() });
    assert_eq!(found(&ledger), [(Kind::Inserted, 20, 20)]);
    ledger.rows.pop();
    ledger.rows[7].entry = entry;
    assert_eq!(found(&ledger), [(Kind::ContentChanged, 7, 7)]);
}

#[test]
fn a_last_entry_written_anew_with_everything_around_it_is_content_changed() {
    let mut ledger = ledger();
    let mac = ledger.rows[19].mac.clone();
    recompute(&mut ledger, 19, 19);
    ledger.rows[19].mac = mac;
    ledger.set_row(20);
    assert_eq!(found(&ledger), [(Kind::ContentChanged, 19, 19)]);
}

#[test]
fn macs_that_verify_but_are_not_those_that_were_made_are_invalid() {
    let mut ledger = ledger();
    let id = ledger.id();
    let head = ledger.segments[0].meta.previous_head;
    let head = head_after(id, 0, &head, &ledger.rows[0].entry);
    ledger.rows[0].mac = key(1).ready().compute(id, 0, &head).as_bytes().to_vec();
    assert_eq!(found(&ledger), [(Kind::MacInvalid, 0, 19)], "by the digest alone");
}

#[test]
fn another_root_than_the_signers_is_forked() {
    let ledger = ledger();
    let mut view = ledger.view();
    view.root[0] ^= 1;
    let report = ledger.verify_against(Some(view), None);
    assert_eq!((kinds(&report), report.verified), (vec![(Kind::Forked, 0, 19)], None));
}

#[test]
fn time_that_goes_back_is_forked_for_no_honest_signer_seals_it() {
    let mut ledger = Ledger::with(&[3, 4]);
    let early = ledger.place(2, [0; 32]).logged_ns;
    let segment = ledger.segment_logged(&[early, early + 1, early + 2]);
    // A signer that does not look at the time.
    ledger.state.last_logged_ns = i64::MIN;
    assert_eq!(ledger.offer(&segment).outcome, SealOutcome::Sealed);
    ledger.commit();
    ledger.acknowledge();
    let report = ledger.verify();
    assert_eq!(kinds(&report), [(Kind::Forked, 7, 7)]);
    assert!(report.findings[0].detail.contains("logged before"), "{:?}", report.findings);
}

#[test]
fn a_mac_of_a_version_that_the_signer_does_not_have_is_not_called_wrong() {
    let mut ledger = Ledger::with(&[3, 1]);
    ledger.key_version = 3; // not in the ring that the checks are made with
    ledger.seal(4);
    ledger.commit();
    ledger.acknowledge();
    assert_eq!(ledger.verify().verdict, Verdict::Intact, "the chain and the digest of macs prove it");
    ledger.rows[1].actor.clear();
    assert_eq!(found(&ledger), [(Kind::ColumnMismatch, 1, 1)]);
}

#[test]
fn a_version_that_nobody_has_does_not_excuse_what_was_forged() {
    let mut ledger = ledger();
    recompute(&mut ledger, 12, 19);
    ledger.set_row(20);
    let version = key(3).ready().compute(ledger.id(), 0, &[0; 32]);
    ledger.rows[12..].iter_mut().for_each(|row| row.mac = version.as_bytes().to_vec());
    assert_eq!(found(&ledger), [(Kind::MacInvalid, 12, 19)]);
    let mut ledger = self::ledger();
    ledger.rows[7].entry[200] ^= 1;
    ledger.rows[7].mac = version.as_bytes().to_vec();
    assert_eq!(found(&ledger), [(Kind::ContentChanged, 7, 7)]);
    let mut ledger = self::ledger();
    ledger.rows[7].mac = version.as_bytes().to_vec();
    assert_eq!(found(&ledger), [(Kind::MacInvalid, 7, 7)], "by the digest of macs");
}

#[test]
fn a_signer_that_checks_no_macs_hides_nothing_that_the_rows_say_themselves() {
    let mut ledger = ledger();
    ledger.rows[6].actor.push('x');
    let silent = Against { answers: false, ..ledger.against() };
    let checked = ledger.verify_with(&silent);
    assert_eq!((checked.passes, kinds(&checked.report)), (2, vec![(Kind::ColumnMismatch, 6, 6)]));
    assert_eq!(checked.report.unchecked.len(), 1, "and it says that it checked none");
}
