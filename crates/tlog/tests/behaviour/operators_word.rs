//! What an operator vouches for when the signer is brought forward: size and head that were kept outside.

use tlog::protocol::AlarmKind;
use tlog::signer::{Advance, AdvanceError, Proof};
use tlog::snapshot::{PruneMark, SnapshotError};
use tlog::verify::{FindingKind, Verdict};
use tlog::{CompactRange, Hash, Snapshot};

use crate::advancing::{proof, set_back, snapshot};
use crate::repair::{declare, lost, stale};
use crate::signed_log::SignedLog;
use crate::support::{kinds, version};

pub(crate) fn word(size: u64, head: Hash) -> Proof {
    Proof::Operator { size, head }
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
fn an_operators_word_must_be_the_snapshots_and_is_an_alarm_for_ever() {
    let (ledger, [restored, _]) = set_back();
    let head = ledger.state.head;
    for wrong in [word(11, head), word(12, [0; 32])] {
        let error = restored.clone().advance(&snapshot(&ledger), &wrong, ledger.clock());
        assert_eq!(error, Err(AdvanceError::Expectation { size: 12 }));
    }
    let (mut log, before) = (restored.clone(), restored.state.head);
    log.advance(&snapshot(&ledger), &word(12, head), ledger.clock()).unwrap();
    let [alarm] = &log.alarms[..] else { panic!("one alarm") };
    assert_eq!((&alarm.kind, alarm.first_index, alarm.last_index), (&AlarmKind::Advanced, 3, 11));
    assert_eq!((log.state.size(), log.state.open_alarms), (12, 1));
    assert_eq!(alarm.head, Some(before), "where it was brought forward from");
}

/// Brings a log forward to a snapshot under a version of the MAC key that the signer does not have.
fn advance_to_claim(log: &mut SignedLog, snapshot: &Snapshot, proof: &Proof, now_ns: i64) -> Result<(), AdvanceError> {
    let (name, from) = (log.log.clone(), log.state.size());
    let offered = Advance { log: &name, snapshot, unknown_version: Some(version(3)), from, proof };
    log.advance_to(offered, tlog::signer::Clock { now_ns })
}

#[test]
fn a_snapshot_whose_key_is_not_here_needs_an_operators_word() {
    let (ledger, [restored, _]) = set_back();
    let (snapshot, head) = (snapshot(&ledger), ledger.state.head);
    let refused = |proof: &Proof| {
        let mut log = restored.clone();
        let error = advance_to_claim(&mut log, &snapshot, proof, ledger.now_ns).unwrap_err();
        assert_eq!((&log.state, &log.alarms), (&restored.state, &restored.alarms));
        error
    };
    let unknown = AdvanceError::Snapshot(SnapshotError::UnknownVersion(version(3)));
    assert_eq!(
        refused(&proof(&ledger, 3, 12)),
        unknown,
        "a proof shows that it goes on, not that it is what was sealed"
    );
    for wrong in [word(11, head), word(12, [0; 32])] {
        assert_eq!(refused(&wrong), AdvanceError::Expectation { size: 12 });
    }
    let mut log = ledger.clone();
    *log = restored.clone();
    advance_to_claim(&mut log, &snapshot, &word(12, head), ledger.now_ns).unwrap();
    let [alarm] = &log.alarms[..] else { panic!("one alarm") };
    assert_eq!((&alarm.kind, alarm.first_index, alarm.last_index), (&AlarmKind::Advanced, 3, 11));
    assert!(alarm.detail.contains("word alone"), "{}", alarm.detail);
    assert_eq!((log.verify().verdict, kinds(&log.verify())), (Verdict::Incomplete, vec![]));
    log.seal(2);
    log.commit();
    assert_eq!((log.state.size(), log.verify().verdict), (14, Verdict::Incomplete));
}

#[test]
fn what_a_snapshot_says_that_nobody_vouches_for_excuses_nothing() {
    // The signer knows of a loss of its own; the claim is that all is lost, and pruned.
    let mut ledger = stale();
    declare(&mut ledger, lost(3, 6)).unwrap();
    let own = ledger.losses.clone();
    let restored = (*ledger).clone();
    ledger.seal(4);
    let honest = snapshot(&ledger);
    let whole = tlog::protocol::Loss { first_index: 0, last_index: 14, range: honest.range.clone(), ..own[0].clone() };
    let mark = PruneMark { head: honest.head, range: honest.range.clone() };
    let claim = Snapshot { losses: vec![whole], prune_mark: Some(mark), ..honest.clone() };
    let mut log = restored;
    advance_to_claim(&mut log, &claim, &word(15, honest.head), ledger.now_ns).unwrap();
    assert_eq!((&log.losses, &log.state.prune_mark), (&own, &None));
    assert_eq!(log.state.losses, tlog::protocol::Tally::of_losses(&own));
}

#[test]
fn a_tree_and_a_digest_that_nobody_vouches_for_show_by_the_entries() {
    let (ledger, [restored, _]) = set_back();
    let (honest, head) = (snapshot(&ledger), ledger.state.head);
    let mut range = CompactRange::new();
    (0..12).for_each(|leaf| range.append([leaf; 32]));
    let tree = Snapshot { range, ..honest.clone() };
    let digest = Snapshot { macs_digest: [7; 32], ..honest };
    for (claim, kind) in [(tree, FindingKind::Forked), (digest, FindingKind::MacInvalid)] {
        let mut log = ledger.clone();
        *log = restored.clone();
        advance_to_claim(&mut log, &claim, &word(12, head), ledger.now_ns).unwrap();
        let report = log.verify();
        assert!(kinds(&report).iter().any(|(found, ..)| *found == kind), "{kind:?}: {:?}", kinds(&report));
    }
}

#[test]
fn a_time_that_nobody_vouches_for_is_one_that_can_be() {
    let (ledger, [restored, _]) = set_back();
    let (honest, head, now_ns) = (snapshot(&ledger), ledger.state.head, ledger.now_ns);
    let minute = tlog::protocol::MAX_TIME_AHEAD_NS;
    let claimed = |restored: &SignedLog, last_logged_ns: i64| {
        let claim = Snapshot { last_logged_ns, ..honest.clone() };
        advance_to_claim(&mut restored.clone(), &claim, &word(12, head), now_ns)
    };
    let own = restored.state.last_logged_ns;
    for (last_logged_ns, expected) in [
        (own - 1, Err(AdvanceError::Time)),
        (own, Ok(())),
        (now_ns + minute, Ok(())),
        (now_ns + minute + 1, Err(AdvanceError::Time)),
        (i64::MAX, Err(AdvanceError::Time)),
    ] {
        assert_eq!(claimed(&restored, last_logged_ns), expected, "{}", last_logged_ns - now_ns);
    }
    let mut ahead = restored;
    ahead.state.last_logged_ns = now_ns + 10 * minute;
    assert_eq!(claimed(&ahead, now_ns + 10 * minute), Ok(()), "the signer's own time ran ahead before");
}
