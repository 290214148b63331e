//! What operators do after a restore: losses are stated, the signer is brought forward.

use bytes::Bytes;
use tlog::{
    Hash, Snapshot,
    protocol::{AckOutcome, AlarmKind, Closing, MAX_BEHIND_BYTES, SealOutcome, Segment},
    signer::{Advance, AdvanceError, CloseError, LossError, Proof, advance, page, repair::EntryRange, seal::Stored},
    verify::{FindingKind, Verdict},
};

use crate::{
    signed_log::{SignedLog, consistency_proof},
    support::{Ledger, key, keyring, kinds},
};

fn lost(first_index: u64, last_index: u64) -> EntryRange {
    EntryRange { first_index, last_index }
}

/// Cuts the rows down to a size and asks the signer from there: what it answers.
fn ask_from(ledger: &mut Ledger, size: u64) -> SealOutcome {
    ledger.rows.retain(|row| u64::try_from(row.index).unwrap() < size);
    ledger.set_row(size);
    let probe = ledger.probe();
    ledger.offer(&probe).outcome
}

/// A ledger whose rows end at 3, which the signer refuses as STALE; it keeps the segments from 7 and from 9 on.
fn stale() -> Ledger {
    let mut ledger = Ledger::with(&[3, 4, 2, 2]);
    ledger.segments.drain(..2);
    assert_eq!(ask_from(&mut ledger, 3), SealOutcome::Stale);
    ledger
}

fn declare(ledger: &mut Ledger, range: EntryRange) -> Result<(), LossError> {
    let clock = ledger.clock();
    ledger.declare_loss(range, &[], clock)
}

/// What the rows get from the signer after a probe from where they end: indices of segments.
fn caught_up(ledger: &mut Ledger) -> Vec<u64> {
    let probe = ledger.probe();
    let answer = ledger.offer(&probe);
    assert_eq!(answer.outcome, SealOutcome::Behind, "{}", answer.detail);
    answer.behind.iter().map(|segment| segment.first_index).collect()
}

#[test]
fn nothing_is_lost_where_the_log_was_not_refused_for_lack_of_entries() {
    let mut ledger = Ledger::with(&[3, 4, 2]);
    assert_eq!(declare(&mut ledger, lost(1, 6)), Err(LossError::NothingLost));
    let mut ledger = stale();
    ledger.state.stale_at = None;
    assert_eq!(declare(&mut ledger, lost(3, 6)), Err(LossError::NothingLost));
}

#[test]
fn a_loss_begins_where_the_rows_end_and_the_refusal_names_it() {
    let mut ledger = stale();
    for first_index in [0, 2, 4, 6] {
        let error = declare(&mut ledger, lost(first_index, 6)).unwrap_err();
        assert_eq!(error, LossError::Beginning { first_index: 3 });
        assert!(error.to_string().contains("must begin at 3"), "{error}");
    }
    assert_eq!(declare(&mut ledger, lost(3, 6)), Ok(()));
}

#[test]
fn a_loss_ends_where_the_signer_knows_the_head() {
    let mut ledger = stale();
    assert_eq!(declare(&mut ledger, lost(3, 2)), Err(LossError::Range));
    assert_eq!(declare(&mut ledger, lost(3, 11)), Err(LossError::Range));
    assert_eq!(declare(&mut ledger, lost(3, u64::MAX)), Err(LossError::Range));
    assert_eq!(declare(&mut ledger, lost(3, 5)), Err(LossError::Boundary));
    assert_eq!(declare(&mut ledger, lost(3, 9)), Err(LossError::Boundary), "within a segment");
    let all = ledger.state.clone();
    declare(&mut ledger, lost(3, 10)).unwrap();
    let whole = &ledger.losses[0];
    assert_eq!((whole.head, &whole.range, whole.macs_digest), (all.head, &all.range, all.macs_digest));

    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    let (before, next) = (&ledger.losses[0], &ledger.segments[0]);
    assert_eq!((before.head, &before.range), (next.meta.previous_head, &next.range_before));
    assert_eq!((before.macs_digest, before.range.size()), (next.digest_before, 7));
}

#[test]
fn rows_go_on_behind_a_declared_loss() {
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    assert_eq!(ledger.state.stale_at, None);
    assert_eq!(caught_up(&mut ledger), [7, 9]);
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 10)).unwrap();
    assert_eq!(caught_up(&mut ledger), Vec::<u64>::new(), "to the very end");
}

#[test]
fn a_loss_can_be_extended() {
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    ledger.segments.remove(0);
    assert_eq!(ask_from(&mut ledger, 3), SealOutcome::Stale, "what follows the loss is not kept any more");
    assert_eq!(declare(&mut ledger, lost(3, 8)), Ok(()));
    assert_eq!(caught_up(&mut ledger), [9]);
    assert_eq!(ledger.losses.iter().map(|loss| loss.last_index).collect::<Vec<_>>(), [6, 8]);
}

#[test]
fn a_loss_does_not_end_within_an_earlier_one() {
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 8)).unwrap();
    ledger.state.stale_at = Some(3);
    assert_eq!(declare(&mut ledger, lost(3, 6)), Err(LossError::Overlap));
}

#[test]
fn rows_set_back_to_within_an_earlier_loss_get_out() {
    let mut ledger = stale();
    let whole = Ledger::with(&[3, 4, 2, 2]);
    declare(&mut ledger, lost(3, 6)).unwrap();
    ledger.segments.remove(0);
    // A backup from before the loss, with rows up to the middle of it.
    (ledger.rows, ledger.row) = (whole.rows, whole.row);
    assert_eq!(ask_from(&mut ledger, 5), SealOutcome::Stale);
    assert_eq!(declare(&mut ledger, lost(5, 8)), Ok(()));
    assert_eq!(caught_up(&mut ledger), [9]);
}

#[test]
fn several_losses_are_skipped_one_after_the_other() {
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    ledger.state.stale_at = Some(7);
    ledger.segments.remove(0);
    declare(&mut ledger, lost(7, 8)).unwrap();
    let known = ledger.known(3).unwrap();
    assert_eq!([2, 3, 5, 7, 8, 9].map(|size| known.place(size)), [2, 9, 9, 9, 9, 9]);
    assert_eq!(caught_up(&mut ledger), [9]);
}

#[test]
fn a_page_leaves_out_what_a_loss_covers() {
    let mut ledger = Ledger::with(&[3, 4, 2, 2]);
    ledger.state.stale_at = Some(3);
    declare(&mut ledger, lost(3, 8)).unwrap();
    let segments = ledger.segments.iter().map(|kept| kept.stored.clone()).collect();
    let mut budget = MAX_BEHIND_BYTES;
    let page = page(0, Stored { segments, more: false }, &ledger.losses, &mut budget);
    assert_eq!(page.segments.iter().map(|segment| segment.first_index).collect::<Vec<_>>(), [0, 9]);
    assert!(!page.more);
}

#[test]
fn no_more_losses_are_declared_than_are_kept() {
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    let loss = ledger.losses[0].clone();
    ledger.losses = vec![loss; tlog::protocol::MAX_LOSSES];
    ledger.state.stale_at = Some(3);
    assert_eq!(declare(&mut ledger, lost(3, 8)), Err(LossError::TooMany));
}

#[test]
fn one_declaration_is_enough() {
    let mut ledger = stale();
    let clock = ledger.clock();
    let rolled_back = |ledger: &mut Ledger, size| {
        ledger.report(AlarmKind::RolledBack, size);
        ledger.state.open_alarms
    };
    assert_eq!(rolled_back(&mut ledger, 3), 1);
    let id = ledger.alarms[0].id;
    ledger.declare_loss(lost(3, 6), &[id], clock).unwrap();
    assert_eq!(ledger.state.open_alarms, 0);
    assert_eq!(rolled_back(&mut ledger, 3), 0, "asked again before anything has caught up");
    let halfway = ledger.segments[0].meta.head;
    ledger.acknowledge_at(9, halfway);
    assert_eq!(rolled_back(&mut ledger, 9), 0, "on the way");
    let end = ledger.state.head;
    ledger.acknowledge_at(11, end);
    assert_eq!(rolled_back(&mut ledger, 9), 1, "once it has caught up, it may be rolled back anew");
}

#[test]
fn an_idle_log_that_was_rolled_back_explained_and_has_caught_up_may_be_rolled_back_anew() {
    let explain = |ledger: &mut Ledger| {
        let ids: Vec<_> = ledger.alarms.iter().map(|alarm| alarm.id).collect();
        let closing = Closing { closed_ns: ledger.now_ns, reference: "ticket/7".into() };
        let (mut state, mut alarms) = (ledger.state.clone(), ledger.alarms.clone());
        tlog::signer::explain(&mut state, &mut alarms, &ids, &closing).unwrap();
        (ledger.state, ledger.alarms) = (state, alarms);
    };
    for caught_up_first in [false, true] {
        let mut ledger = Ledger::with(&[3, 4, 2]);
        ledger.report(AlarmKind::RolledBack, 3);
        if caught_up_first {
            ledger.acknowledge();
            explain(&mut ledger);
        } else {
            explain(&mut ledger);
            ledger.report(AlarmKind::RolledBack, 3);
            assert_eq!(ledger.state.open_alarms, 0, "explained");
            ledger.acknowledge();
        }
        ledger.report(AlarmKind::RolledBack, 7);
        let open: Vec<_> =
            ledger.alarms.iter().filter(|alarm| alarm.is_open()).map(|alarm| alarm.first_index).collect();
        assert_eq!(open, [7], "caught up first: {caught_up_first}");
    }
}

/// A ledger of 12 entries, and its signer's log as it was at 3 and at 7.
fn set_back() -> (Ledger, [SignedLog; 2]) {
    let mut ledger = Ledger::with(&[3]);
    let first = (*ledger).clone();
    ledger.seal(4);
    ledger.commit();
    ledger.acknowledge();
    let second = (*ledger).clone();
    ledger.seal(5);
    ledger.commit();
    (ledger, [first, second])
}

fn snapshot(ledger: &Ledger) -> Snapshot {
    let sealed = ledger.snapshot(&key(1).ready());
    Snapshot::open(&sealed, &keyring().ready()).unwrap()
}

fn proof(ledger: &Ledger, from: u64, to: u64) -> Proof {
    let entry = |index| Bytes::from(ledger.rows[usize::try_from(index).unwrap()].entry.clone());
    Proof::Consistency(consistency_proof(from, to, entry))
}

fn word(size: u64, head: Hash) -> Proof {
    Proof::Operator { size, head }
}

#[test]
fn a_snapshot_of_another_log_is_refused() {
    let (ledger, [mut restored, _]) = set_back();
    let snapshot = Snapshot { log_id: tlog::log_id(&"logs/system".parse().unwrap()), ..snapshot(&ledger) };
    assert_eq!(restored.advance(&snapshot, &proof(&ledger, 3, 12), ledger.clock()), Err(AdvanceError::Log));
}

#[test]
fn a_snapshot_without_the_right_proof_is_forked_and_changes_nothing() {
    let (ledger, [restored, _]) = set_back();
    let Proof::Consistency(hashes) = proof(&ledger, 3, 12) else { panic!("no hashes") };
    let mut wrong = vec![vec![], hashes[1..].to_vec(), [&hashes[..], &[[0; 32]]].concat()];
    for at in 0..hashes.len() {
        let mut other = hashes.clone();
        other[at][0] ^= 1;
        wrong.push(other);
    }
    for hashes in wrong {
        let mut log = restored.clone();
        let error = log.advance(&snapshot(&ledger), &Proof::Consistency(hashes), ledger.clock());
        assert_eq!((error, log.state), (Err(AdvanceError::Forked), restored.state.clone()));
    }
}

#[test]
fn an_offer_for_another_size_than_the_signers_is_refused_as_such() {
    let (ledger, [restored, _]) = set_back();
    let (snapshot, known) = (snapshot(&ledger), restored.known(2).unwrap());
    for from in [0, 2, 4, 7] {
        for proof in [proof(&ledger, from, 12), word(12, ledger.state.head)] {
            let offered = Advance { log: &ledger.log, snapshot: &snapshot, from, proof: &proof };
            let error = advance(Some(&known), &[], offered);
            assert_eq!(error, Err(AdvanceError::Beginning { size: 3 }), "from {from}");
        }
    }
}

#[test]
fn an_operators_word_over_another_branch_is_found_by_the_verifier() {
    let (ledger, [restored, _]) = set_back();
    let mut branch = ledger.clone();
    *branch = restored;
    branch.seal(2);
    let (clock, head) = (ledger.clock(), ledger.state.head);
    branch.advance(&snapshot(&ledger), &word(12, head), clock).unwrap();
    // The old rows are back, one of them is missing.
    for cut in [3, 4, 5, 8] {
        let mut forged = branch.clone();
        forged.rows.retain(|row| row.index != cut);
        let found = kinds(&forged.verify());
        assert!(found.contains(&(FindingKind::Forked, 4, 4)), "{cut}: {found:?}");
    }
    let mut honest = ledger.clone();
    *honest = set_back().1[1].clone();
    honest.advance(&snapshot(&ledger), &word(12, head), clock).unwrap();
    assert_eq!((honest.verify().verdict, kinds(&honest.verify())), (Verdict::Incomplete, vec![]));
    honest.rows.retain(|row| row.index != 8);
    assert_eq!(kinds(&honest.verify()), [(FindingKind::Missing, 8, 8)]);
}

#[test]
fn another_branch_is_forked() {
    let (ledger, [restored, _]) = set_back();
    let mut other = ledger.clone();
    *other = restored;
    other.seal(2);
    assert_eq!(other.state.size(), 5);
    let refused = |other: &mut Ledger, from| {
        let proof = proof(&ledger, from, 12);
        other.advance(&snapshot(&ledger), &proof, ledger.clock())
    };
    assert_eq!(refused(&mut other, 3), Err(AdvanceError::Forked));
    assert_eq!(refused(&mut other, 5), Err(AdvanceError::Forked));
    other.seal(7);
    assert_eq!(refused(&mut other, 12), Err(AdvanceError::Forked), "of the same size");
    other.seal(1);
    assert_eq!(refused(&mut other, 12), Err(AdvanceError::Forked), "of less");
}

#[test]
fn what_the_signer_has_is_no_news() {
    let (mut ledger, [mut first, second]) = set_back();
    let error = Err(AdvanceError::NotBeyond { size: 12 });
    let now = snapshot(&ledger);
    let clock = ledger.clock();
    assert_eq!(ledger.advance(&now, &Proof::Consistency(vec![]), clock), error);
    let mut at_seven = ledger.clone();
    *at_seven = second;
    assert_eq!(ledger.advance(&snapshot(&at_seven), &Proof::Consistency(vec![]), clock), error);
    let mut at_three = ledger.clone();
    *at_three = first.clone();
    ledger.segments.remove(0);
    let head = at_three.state.head;
    assert_eq!(ledger.advance(&snapshot(&at_three), &word(3, head), clock), error, "not kept: nothing contradicts it");
    assert_eq!(first.advance(&snapshot(&at_three), &word(3, head), clock), Err(AdvanceError::NotBeyond { size: 3 }));
}

#[test]
fn a_restored_signer_goes_forward_by_a_consistency_proof() {
    let (ledger, restored) = set_back();
    for mut log in [SignedLog::new(&ledger.log), restored[0].clone(), restored[1].clone()] {
        let from = log.state.size();
        log.advance(&snapshot(&ledger), &proof(&ledger, from, 12), ledger.clock()).unwrap();
        let expected = tlog::signer::LogState {
            acknowledged: 12,
            advanced_to: Some(12),
            alarms_raised: 1,
            raised_at: 12,
            ..ledger.state.clone()
        };
        assert_eq!(log.state, expected, "from {from}");
        assert_eq!(log.alarms, [], "from {from}");
    }
}

#[test]
fn a_log_that_was_brought_forward_closes_alarms_only_once_its_rows_were_seen_to_be_there() {
    let (ledger, [restored, _]) = set_back();
    let (snapshot, proof, clock) = (snapshot(&ledger), proof(&ledger, 3, 12), ledger.clock());
    let mut log = ledger.clone();
    *log = restored;
    let other = Segment { first_index: 3, previous_head: [9; 32], ..log.probe() };
    assert_eq!(log.offer(&other).outcome, SealOutcome::Forked);
    let (id, knew) = (log.alarms[0].id, log.state.alarms_raised);
    log.acknowledge_at(3, log.state.head);
    assert_ne!(log.state.agreed_ns, 0, "before");
    log.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!(log.close(&[id], clock), Err(CloseError::NotAgreed));
    let head = log.state.head;
    log.acknowledge_knowing(Some(knew), 12, head);
    assert_eq!(log.close(&[id], clock), Err(CloseError::NotAgreed), "on its way before");
    log.acknowledge();
    assert_eq!(log.close(&[id], clock), Ok(()));
}

#[test]
fn what_was_brought_forward_stands_in_place_of_the_newest_segment_until_the_next() {
    let (mut ledger, [_, restored]) = set_back();
    let snapshot = snapshot(&ledger);
    let proof = proof(&ledger, 7, 12);
    let clock = ledger.clock();
    *ledger = restored;
    ledger.advance(&snapshot, &proof, clock).unwrap();
    let newest = ledger.segments.last().map(|kept| kept.meta.clone());
    assert!(ledger.state.agrees_with(newest.as_ref()) && ledger.state.agrees_with(None));
    ledger.seal(2);
    assert_eq!((ledger.state.size(), ledger.state.advanced_to), (14, None));
    assert!(!ledger.state.agrees_with(newest.as_ref()) && !ledger.state.agrees_with(None));
    ledger.commit();
    ledger.acknowledge();
    assert_eq!(ledger.state.acknowledged, 14);
}

#[test]
fn the_time_goes_on_from_the_snapshots() {
    let (mut ledger, [restored, _]) = set_back();
    let (snapshot, proof, clock) = (snapshot(&ledger), proof(&ledger, 3, 12), ledger.clock());
    *ledger = restored;
    ledger.advance(&snapshot, &proof, clock).unwrap();
    let segment = ledger.segment_logged(&[snapshot.last_logged_ns - 1]);
    assert_eq!(ledger.offer(&segment).outcome, SealOutcome::Time);
}

#[test]
fn an_operators_word_must_be_the_snapshots_and_is_an_alarm_for_ever() {
    let (ledger, [restored, _]) = set_back();
    let head = ledger.state.head;
    for wrong in [word(11, head), word(12, [0; 32])] {
        let error = restored.clone().advance(&snapshot(&ledger), &wrong, ledger.clock());
        assert_eq!(error, Err(AdvanceError::Expectation));
    }
    let (mut log, before) = (restored.clone(), restored.state.head);
    log.advance(&snapshot(&ledger), &word(12, head), ledger.clock()).unwrap();
    let [alarm] = &log.alarms[..] else { panic!("one alarm") };
    assert_eq!((&alarm.kind, alarm.first_index, alarm.last_index), (&AlarmKind::Advanced, 3, 11));
    assert_eq!((log.state.size(), log.state.open_alarms), (12, 1));
    assert_eq!(alarm.head, Some(before), "where it was brought forward from");
}

#[test]
fn alarms_that_were_lost_are_an_alarm() {
    let (mut ledger, [mut restored, _]) = set_back();
    let clock = ledger.clock();
    ledger.report(AlarmKind::Suppressed, 5);
    restored.advance(&snapshot(&ledger), &proof(&ledger, 3, 12), clock).unwrap();
    let [alarm] = &restored.alarms[..] else { panic!("one alarm") };
    assert_eq!((&alarm.kind, alarm.first_index, alarm.last_index), (&AlarmKind::Advanced, 3, 11));
    assert!(alarm.detail.contains("alarms"), "{}", alarm.detail);
}

#[test]
fn alarms_of_the_time_before_it_was_brought_forward_are_explained_by_it() {
    let (ledger, [restored, _]) = set_back();
    let (snapshot, proof) = (snapshot(&ledger), proof(&ledger, 3, 12));
    let mut log = ledger.clone();
    *log = restored;
    assert_eq!(log.offer(&ledger.probe()).outcome, SealOutcome::Ahead, "audit-service asks while it is set back");
    assert_eq!(log.acknowledge_at(11, [0; 32]), AckOutcome::Ahead);
    let mut further = log.clone();
    assert_eq!(further.acknowledge_at(13, [0; 32]), AckOutcome::Ahead);
    let clock = log.clock();
    log.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!((log.state.alarms.number, log.state.open_alarms), (2, 0), "closed, and none is gone");
    further.advance(&snapshot, &proof, clock).unwrap();
    let open = further.alarms.iter().filter(|alarm| alarm.is_open());
    let open: Vec<_> = open.map(|alarm| (alarm.kind.clone(), alarm.first_index)).collect();
    assert_eq!(open, [(AlarmKind::Ahead, 13)], "beyond it nothing is explained, and nothing is gone");
}

#[test]
fn losses_are_taken_over() {
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    let mut restored = SignedLog::new(&ledger.log);
    let head = ledger.state.head;
    restored.advance(&snapshot(&ledger), &word(11, head), ledger.clock()).unwrap();
    assert_eq!((&restored.losses, restored.state.losses), (&ledger.losses, ledger.state.losses));
    *ledger = restored;
    assert_eq!(ask_from(&mut ledger, 3), SealOutcome::Stale, "what follows the loss is not kept");
    declare(&mut ledger, lost(3, 10)).unwrap();
    assert_eq!(caught_up(&mut ledger), Vec::<u64>::new(), "the rows go on at the end");
}

#[test]
fn rows_set_back_after_the_signer_was_brought_forward_get_out() {
    let (mut ledger, [_, restored]) = set_back();
    let (snapshot, proof, clock) = (snapshot(&ledger), proof(&ledger, 7, 12), ledger.clock());
    *ledger = restored;
    ledger.advance(&snapshot, &proof, clock).unwrap();
    ledger.seal(2);
    ledger.commit();
    assert_eq!(ask_from(&mut ledger, 3), SealOutcome::Behind);
    let probe = ledger.probe();
    let answer = ledger.offer(&probe);
    assert_eq!((answer.behind.len(), answer.behind[0].end(), answer.more), (1, 7, true), "up to where nothing is kept");
    let taken = Ledger::with(&[3, 4]);
    (ledger.rows, ledger.row) = (taken.rows, taken.row);
    assert_eq!(ask_from(&mut ledger, 7), SealOutcome::Stale);
    declare(&mut ledger, lost(7, 11)).unwrap();
    assert_eq!(caught_up(&mut ledger), [12]);
}
