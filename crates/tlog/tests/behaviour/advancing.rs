//! What operators do after a restore: the signer is brought forward.

use bytes::Bytes;
use tlog::Snapshot;
use tlog::protocol::{AckOutcome, AlarmKind, SealOutcome, Segment};
use tlog::signer::{Advance, AdvanceError, CloseError, Proof, advance};

use crate::operators_word::word;
use crate::repair::{ask_from, caught_up, declare, lost, stale};
use crate::signed_log::{SignedLog, consistency_proof};
use crate::support::{Ledger, key, keyring};

/// A ledger of 12 entries, and its signer's log as it was at 3 and at 7.
pub(crate) fn set_back() -> (Ledger, [SignedLog; 2]) {
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

pub(crate) fn snapshot(ledger: &Ledger) -> Snapshot {
    let sealed = ledger.snapshot(&key(1).ready());
    Snapshot::open(&sealed, &keyring().ready()).unwrap()
}

pub(crate) fn proof(ledger: &Ledger, from: u64, to: u64) -> Proof {
    let entry = |index| Bytes::from(ledger.rows[usize::try_from(index).unwrap()].entry.clone());
    Proof::Consistency(consistency_proof(from, to, entry))
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
            let (log, snapshot) = (&ledger.log, &snapshot);
            let offered = Advance { log, snapshot, unknown_version: None, from, proof: &proof };
            let error = advance(Some(&known), &[], offered, ledger.clock());
            assert_eq!(error, Err(AdvanceError::Beginning { size: 3 }), "from {from}");
        }
    }
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

/// A signer's log of 3 entries with an alarm, as it is once it was set back from 12 to there; with the ledger, its snapshot and
/// the proof.
fn set_back_with(kind: AlarmKind, index: u64) -> (Ledger, Snapshot, Proof) {
    let mut ledger = Ledger::with(&[3]);
    match kind {
        AlarmKind::Ahead => drop(ledger.acknowledge_at(index, [0; 32])),
        kind => ledger.report(kind, index),
    }
    ledger.now_ns += 1_000_000_000;
    let restored = (*ledger).clone();
    for count in [4, 5] {
        ledger.seal(count);
        ledger.commit();
    }
    let (snapshot, proof) = (snapshot(&ledger), proof(&ledger, 3, 12));
    *ledger = restored;
    ledger.now_ns += 1_000_000_000;
    (ledger, snapshot, proof)
}

fn kinds_of_alarms(ledger: &Ledger) -> Vec<(&str, u64)> {
    ledger.alarms.iter().map(|alarm| (alarm.kind.name(), alarm.first_index)).collect()
}

#[test]
fn an_alarm_that_the_snapshot_knew_as_open_is_not_gone_because_the_advance_explains_it() {
    let (mut ledger, snapshot, proof) = set_back_with(AlarmKind::Ahead, 10);
    assert_eq!(ledger.offer(&Segment { first_index: 12, ..ledger.probe() }).outcome, SealOutcome::Ahead);
    let clock = ledger.clock();
    ledger.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!(kinds_of_alarms(&ledger), [("AHEAD", 10), ("AHEAD", 12)]);
}

#[test]
fn an_alarm_that_was_closed_since_the_restore_is_not_gone() {
    let (mut ledger, snapshot, proof) = set_back_with(AlarmKind::Suppressed, 2);
    let (id, clock, head) = (ledger.alarms[0].id, ledger.clock(), ledger.state.head);
    ledger.acknowledge_at(3, head);
    ledger.close(&[id], clock).unwrap();
    ledger.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!(kinds_of_alarms(&ledger), [("SUPPRESSED", 2)]);
}

#[test]
fn a_replica_whose_clock_is_slow_hides_no_alarm_that_is_there() {
    let (mut ledger, snapshot, proof) = set_back_with(AlarmKind::Suppressed, 2);
    assert_eq!(ledger.offer(&Segment { first_index: 40, ..ledger.probe() }).outcome, SealOutcome::Ahead);
    // Made by the replica's clock, beside the time of the database.
    ledger.alarms[1].id = uuid::Uuid::from_u128(1);
    let alarms = ledger.alarms.clone();
    ledger.state.set_alarms(&alarms);
    let clock = ledger.clock();
    ledger.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!(kinds_of_alarms(&ledger), [("SUPPRESSED", 2), ("AHEAD", 40)]);
}

#[test]
fn an_alarm_in_the_place_of_one_that_is_gone_does_not_stand_for_it() {
    let (mut ledger, snapshot, proof) = set_back_with(AlarmKind::Suppressed, 2);
    (ledger.alarms, ledger.state.alarms, ledger.state.open_alarms) = (Vec::new(), tlog::protocol::Tally::default(), 0);
    assert_eq!(ledger.offer(&Segment { first_index: 12, ..ledger.probe() }).outcome, SealOutcome::Ahead);
    let clock = ledger.clock();
    ledger.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!(kinds_of_alarms(&ledger), [("AHEAD", 12), ("ADVANCED", 3)]);
}

#[test]
fn what_the_advance_explains_came_after_even_if_the_clock_was_set_back() {
    let (mut ledger, snapshot, proof) = set_back_with(AlarmKind::Suppressed, 2);
    ledger.now_ns -= 60_000_000_000;
    assert_eq!(ledger.offer(&Segment { first_index: 12, ..ledger.probe() }).outcome, SealOutcome::Ahead);
    let clock = ledger.clock();
    ledger.advance(&snapshot, &proof, clock).unwrap();
    assert_eq!(kinds_of_alarms(&ledger), [("SUPPRESSED", 2), ("AHEAD", 12)]);
}
