//! What the signer's answers mean for the rows: catching up, quarantine, what a commit keeps.

use std::collections::BTreeMap;

use bytes::Bytes;
use tlog::Snapshot;
use tlog::append::{Batch, EventResult, Quarantine, QuarantineReason};
use tlog::protocol::{AckOutcome, AlarmKind, SealOutcome, Segment, SegmentAnswer};
use tlog::signer::Proof;
use tlog::signer::repair::EntryRange;

use crate::signed_log::consistency_proof;
use crate::signer_in_memory::{SetBack, SignerReplica};
use crate::support::appender::{Appender, pending, receipt, results};
use crate::support::{event, log};

#[test]
fn what_was_sealed_before_a_crash_is_taken_before_anything_new() {
    let mut appender = Appender::new();
    appender.append(&[5]);
    let lost = appender.writes(Batch::new(pending([event(6), event(7)])), |_| {});
    drop(lost); // the transaction is rolled back
    let done = appender.append(&[7, 8]);
    assert_eq!((done.results.len(), done.again.len(), appender.locked.size), (0, 2, 3));
    assert_eq!(done.acknowledgements[0].size, 3);
    let writes = appender.writes(Batch::new(done.again), |_| {});
    assert_eq!(results(&appender.commit(writes)), BTreeMap::from([(0, receipt(2)), (1, receipt(3))]));
}

#[test]
fn rows_below_the_acknowledged_mark_are_reported_before_the_log_catches_up() {
    let mut appender = Appender::new();
    let before = appender.locked.clone();
    let done = appender.append(&[5]);
    assert_eq!(appender.acknowledge(&done), [Some(AckOutcome::Acknowledged)]);
    appender.locked = before;
    appender.rows.clear();
    let writes = appender.writes(Batch::new(pending([event(6)])), |_| {});
    let [rollback] = writes.rollbacks() else { panic!("no report") };
    assert_eq!((&rollback.kind, rollback.size), (&AlarmKind::RolledBack, 0));
    appender.signer.report(&mut appender.keys, writes.rollbacks()).unwrap();
    assert_eq!(appender.keys.log(&log()).state.open_alarms, 1);
    appender.commit(writes);
    assert_eq!(appender.locked.size, 1);
}

#[test]
fn refusals_quarantine_the_log_and_a_probe_ends_it() {
    for (outcome, reason) in [
        (SealOutcome::Ahead, QuarantineReason::Ahead),
        (SealOutcome::Forked, QuarantineReason::Forked),
        (SealOutcome::Stale, QuarantineReason::Stale),
        (SealOutcome::Time, QuarantineReason::SignerAnswer),
        (SealOutcome::Malformed, QuarantineReason::SignerAnswer),
    ] {
        let mut appender = Appender::new();
        appender.append(&[5]);
        let refusal = |answer: &mut SegmentAnswer| answer.outcome = outcome;
        let writes = appender.writes(Batch::probe(&[log()]), refusal);
        assert_eq!(writes.logs()[0].quarantine, Quarantine::Begin(reason));
        assert_eq!((writes.logs()[0].last_logged_ns, &writes.logs()[0].snapshot), (None, &None), "nothing new");
        let done = appender.commit(writes);
        assert_eq!(done.acknowledgements, []);
        assert_eq!(appender.append(&[6]).results, [(0, EventResult::Quarantined)]);
        let writes = appender.writes(Batch::probe(&[log()]), refusal);
        assert_eq!(writes.logs(), [], "still quarantined, and for the first reason");
        appender.probe();
        assert_eq!(appender.append(&[6]).results, [(0, receipt(1))]);
    }
}

#[test]
fn an_accepted_probe_is_acknowledged_and_writes_nothing() {
    let mut appender = Appender::new();
    appender.append(&[5]);
    let writes = appender.writes(Batch::probe(&[log()]), |_| {});
    assert_eq!((writes.logs(), writes.rows()), (&[][..], &[][..]));
    let done = appender.commit(writes);
    assert_eq!(
        done.acknowledgements.iter().map(|ack| (ack.size, ack.head)).collect::<Vec<_>>(),
        [(1, appender.locked.head)]
    );
    appender.locked.quarantined = true;
    let writes = appender.writes(Batch::probe(&[log()]), |_| {});
    let [update] = writes.logs() else { panic!("no update") };
    assert_eq!((update.quarantine, update.last_logged_ns), (Quarantine::End, None));
    assert!(update.snapshot.is_some(), "what the signer knows now");
}

#[test]
fn each_commit_keeps_the_signers_snapshot_and_the_last_time() {
    let mut appender = Appender::new();
    for n in 1..4 {
        appender.append(&[n]);
        let snapshot = Snapshot::peek(appender.snapshot.as_ref().unwrap()).unwrap();
        assert_eq!((snapshot.size(), snapshot.head), (n, appender.locked.head));
        assert_eq!(Some(snapshot.last_logged_ns), appender.last_logged_ns);
    }
}

#[test]
fn an_answer_that_does_not_fit_quarantines_the_log() {
    let changes: [fn(&mut SegmentAnswer); 3] =
        [|answer| answer.head[0] ^= 1, |answer| answer.size += 1, |answer| answer.macs.clear()];
    for change in changes {
        let mut appender = Appender::new();
        let writes = appender.writes(Batch::new(pending([event(5)])), change);
        assert_eq!(writes.logs()[0].quarantine, Quarantine::Begin(QuarantineReason::SignerAnswer));
        assert_eq!(writes.rows(), []);
    }
}

#[test]
fn a_segment_from_the_signer_that_does_not_continue_the_log_is_not_taken() {
    let changes: [fn(&mut SegmentAnswer); 6] = [
        |answer| answer.behind[0].head[0] ^= 1,
        |answer| answer.behind[0].macs.clear(),
        |answer| answer.behind[0].first_index += 1,
        |answer| answer.behind.clear(),
        |answer| answer.head[0] ^= 1,
        |answer| answer.size -= 1,
    ];
    for change in changes {
        let mut appender = Appender::new();
        drop(appender.writes(Batch::new(pending([event(5)])), |_| {}));
        let writes = appender.writes(Batch::new(pending([event(6)])), change);
        assert_eq!(writes.rows(), []);
        assert_eq!(writes.logs()[0].quarantine, Quarantine::Begin(QuarantineReason::SignerAnswer));
    }
}

#[test]
fn a_log_that_lags_far_behind_is_probed_again() {
    let mut appender = Appender::new();
    drop(appender.writes(Batch::new(pending([event(5)])), |_| {}));
    let writes = appender.writes(Batch::probe(&[log()]), |answer| answer.more = true);
    let done = appender.commit(writes);
    assert_eq!((done.behind, appender.locked.size), (vec![log()], 1));
}

/// An appender whose log was set back to nothing, with three segments of one event at the signer.
fn set_back() -> Appender {
    let mut appender = Appender::new();
    let before = appender.locked.clone();
    for n in [5, 6, 7] {
        let done = appender.append(&[n]);
        appender.acknowledge(&done);
    }
    appender.locked = before;
    appender.rows.clear();
    appender
}

#[test]
fn a_log_catches_up_page_by_page() {
    let mut appender = set_back();
    appender.signer.page_bytes = 1_000;
    for size in 1..4 {
        let done = appender.probe();
        assert_eq!(
            (appender.locked.size, done.behind.len()),
            (size, 1),
            "each was reported: one more probe shows the end"
        );
        assert_eq!(done.acknowledgements[0].size, size);
        let snapshot = Snapshot::peek(appender.snapshot.as_ref().unwrap()).unwrap();
        assert_eq!(snapshot.size(), size, "the one that goes with the rows");
    }
    assert_eq!(appender.probe().behind, []);
    assert_eq!(results(&appender.append(&[6, 8])), BTreeMap::from([(0, receipt(1)), (1, receipt(3))]));
}

#[test]
fn a_log_catches_up_over_a_loss() {
    for last_index in [0, 1, 2] {
        let mut appender = set_back();
        let clock = appender.keys.clock();
        let signed = appender.keys.log(&log());
        signed.prune(0);
        signed.state.stale_at = Some(0);
        let lost = EntryRange { first_index: 0, last_index };
        if last_index == 0 {
            assert!(signed.declare_loss(lost, &[], clock).is_err(), "what follows is not kept");
            continue;
        }
        signed.declare_loss(lost, &[], clock).unwrap();
        let state = signed.state.clone();
        let done = appender.probe();
        assert_eq!((appender.locked.size, appender.locked.head, done.behind.len()), (3, state.head, 1));
        let indices: Vec<i64> = appender.rows.iter().map(|row| row.index).collect();
        assert_eq!(indices, if last_index == 1 { vec![2] } else { vec![] });
        assert_eq!(appender.last_logged_ns, Some(state.last_logged_ns));
        assert_eq!(appender.acknowledge(&done), [Some(AckOutcome::Acknowledged)]);
        assert_eq!(results(&appender.append(&[8])), BTreeMap::from([(0, receipt(3))]));
    }
}

#[test]
fn a_log_goes_over_a_loss_together_with_what_follows_it() {
    let mut appender = set_back();
    let clock = appender.keys.clock();
    let signed = appender.keys.log(&log());
    signed.prune(1);
    signed.state.stale_at = Some(0);
    signed.declare_loss(EntryRange { first_index: 0, last_index: 1 }, &[], clock).unwrap();
    appender.signer.page_bytes = 10;
    let done = appender.probe();
    assert_eq!((appender.locked.size, done.behind), (0, vec![log()]), "no room for what follows");
    appender.signer.page_bytes = 1_000;
    appender.probe();
    let snapshot = Snapshot::peek(appender.snapshot.as_ref().unwrap()).unwrap();
    assert_eq!((appender.locked.size, snapshot.size()), (3, 3));
}

#[test]
fn a_log_takes_what_is_kept_up_to_a_hole_and_then_learns_of_the_hole() {
    let mut appender = set_back();
    appender.keys.log(&log()).segments.drain(1..);
    let done = appender.probe();
    assert_eq!((appender.locked.size, appender.locked.quarantined, done.behind), (1, false, vec![log()]));
    appender.probe();
    assert!(appender.locked.quarantined);
    assert_eq!(appender.keys.log(&log()).state.stale_at, Some(1));
}

#[test]
fn a_log_ahead_of_a_signer_that_was_set_back_goes_on_once_the_signer_was_brought_forward() {
    let mut appender = Appender::new();
    appender.append(&[5, 6]);
    let backup = appender.keys.clone();
    appender.append(&[7, 8]);
    let wide_awake = std::mem::replace(&mut appender.signer, SignerReplica::start(&backup));
    appender.keys = backup;
    assert_eq!(appender.append(&[9]).results, [(0, EventResult::Quarantined)]);
    let entry = |index| Bytes::from(appender.rows[usize::try_from(index).unwrap()].entry.clone());
    let proof = Proof::Consistency(consistency_proof(2, 4, entry));
    let snapshot = appender.snapshot.clone().unwrap();
    appender.signer = wide_awake;
    let probe = Segment { log: log(), first_index: 4, previous_head: appender.locked.head, entries: vec![] };
    let asked = appender.signer.seal_batch(&mut appender.keys, std::slice::from_ref(&probe));
    assert_eq!(asked, Err(SetBack), "a process that has seen more says nothing");
    appender.signer.advance(&mut appender.keys, &log(), (&snapshot, &proof)).unwrap();
    let done = appender.probe();
    assert_eq!(appender.acknowledge(&done), [Some(AckOutcome::Acknowledged)]);
    assert_eq!(results(&appender.append(&[9, 6])), BTreeMap::from([(0, receipt(4)), (1, receipt(1))]));
    let signed = appender.keys.log(&log());
    assert_eq!((signed.state.alarms.number, signed.state.open_alarms), (1, 0), "AHEAD, explained");
}
