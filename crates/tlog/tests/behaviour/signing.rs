//! What the signer takes and refuses.

use tlog::{
    Mac, MacKeyring,
    protocol::{Acknowledgement, AlarmKind, Loss, Rollback, SealOutcome, Segment, StoredSegment},
    signer::{
        self, AckDecision, AdvanceError, Decision, Known, LossError, NewAlarm, SegmentMeta, acknowledge, advance,
        declare_loss, page, report,
    },
};

use crate::support::{Ledger, event_id, key, keyring};

fn seal(ledger: &Ledger, segment: &Segment) -> Decision {
    signer::seal(Some(&ledger.known(segment.first_index)), segment, &key(2).ready())
}

fn refused(decision: Decision) -> (SealOutcome, Option<(AlarmKind, u64)>) {
    match decision {
        Decision::Refuse { outcome, alarm, .. } => (outcome, alarm.map(|alarm| (alarm.kind, alarm.first_index))),
        other => panic!("not refused: {other:?}"),
    }
}

/// The segment that the ledger's `n`th was sealed from.
fn sealed(ledger: &Ledger, n: usize) -> Segment {
    let (meta, _, stored) = &ledger.segments[n];
    Segment {
        log: ledger.log.clone(),
        first_index: meta.first_index,
        previous_head: meta.previous_head,
        entries: stored.entries.clone(),
    }
}

#[test]
fn a_segment_beyond_the_end_is_ahead() {
    let mut ledger = Ledger::with(&[3, 4]);
    let mut segment = ledger.segment(1);
    segment.first_index += 1;
    assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Ahead, Some((AlarmKind::Ahead, 8))));
    assert_eq!(refused(signer::seal(None, &segment, &key(1).ready())).0, SealOutcome::Ahead);
}

#[test]
fn another_previous_head_is_forked() {
    let mut ledger = Ledger::with(&[3, 4]);
    let mut segment = ledger.segment(1);
    segment.previous_head[0] ^= 1;
    assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Forked, Some((AlarmKind::Forked, 7))));
    segment.first_index = 3;
    assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Forked, Some((AlarmKind::Forked, 3))));
    segment.first_index = 0;
    assert_eq!(refused(signer::seal(None, &segment, &key(1).ready())).0, SealOutcome::Forked);
}

#[test]
fn a_segment_within_a_sealed_one_is_forked() {
    let ledger = Ledger::with(&[3, 4]);
    let mut segment = sealed(&ledger, 1);
    segment.first_index = 5;
    assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Forked, Some((AlarmKind::Forked, 5))));
}

#[test]
fn a_segment_before_what_is_kept_is_stale_without_an_alarm() {
    let mut ledger = Ledger::with(&[3, 4, 2]);
    let segment = sealed(&ledger, 0);
    ledger.segments.drain(..1);
    assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Stale, None));
    let within = Segment { first_index: 2, ..segment };
    assert_eq!(refused(seal(&ledger, &within)), (SealOutcome::Stale, None));
}

#[test]
fn entries_that_are_not_for_their_place_are_malformed_and_leave_nothing() {
    let changes: [fn(&mut Segment, &mut Ledger); 6] = [
        |segment, _| segment.entries[1] = segment.entries[1].slice(1..),
        |segment, _| segment.entries.swap(0, 1),
        |segment, _| drop(segment.entries.remove(0)),
        |segment, ledger| {
            // A correct link, but to the entry before the one before.
            let other = ledger.segment(3);
            segment.entries[2] = other.entries[2].clone();
        },
        |segment, _| {
            let mut entry = segment.entries[0].to_vec();
            entry[30] ^= 1; // the log id
            segment.entries[0] = entry.into();
        },
        |segment, _| segment.entries[1] = bytes::Bytes::new(),
    ];
    for change in changes {
        let mut ledger = Ledger::with(&[3]);
        let mut segment = ledger.segment(3);
        change(&mut segment, &mut ledger);
        assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Malformed, None));
    }
}

#[test]
fn an_event_twice_in_a_segment_is_malformed() {
    let mut ledger = Ledger::with(&[3]);
    let first = ledger.segment(1);
    let entry = tlog::entry::decode(&first.entries[0]).unwrap();
    assert_eq!(entry.event_id, event_id(3));
    let head = crate::support::head_after(ledger.id(), 3, &first.previous_head, &first.entries[0]);
    let again = tlog::entry::encode(&ledger.place(4, head), &entry.event());
    let segment = Segment { entries: vec![first.entries[0].clone(), again], ..first };
    assert_eq!(refused(seal(&ledger, &segment)).0, SealOutcome::Malformed);
}

#[test]
fn the_first_segment_of_a_log_needs_no_state() {
    let mut ledger = Ledger::new();
    let segment = ledger.segment(2);
    let Decision::Seal(sealing) = signer::seal(None, &segment, &key(1).ready()) else { panic!("not sealed") };
    assert_eq!((sealing.state.size(), sealing.meta.count), (2, 2));
    assert!(sealing.state.agrees_with(&sealing.meta));
    assert_eq!(sealing.macs.iter().map(Mac::version).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_probe_at_the_end_is_accepted_and_stores_nothing() {
    let ledger = Ledger::with(&[3]);
    let at_end = Segment { log: ledger.log.clone(), first_index: 3, previous_head: ledger.state.head, entries: vec![] };
    assert_eq!(seal(&ledger, &at_end), Decision::Probed);
    let before = Segment { entries: vec![], ..sealed(&ledger, 0) };
    assert_eq!(seal(&ledger, &before), Decision::Behind { from: 0 });
    let unknown = Segment { first_index: 0, previous_head: tlog::genesis(&ledger.log), ..at_end };
    assert_eq!(signer::seal(None, &unknown, &key(1).ready()), Decision::Probed);
}

#[test]
fn the_same_bytes_again_are_answered_from_storage() {
    let ledger = Ledger::with(&[3, 4, 2]);
    assert_eq!(seal(&ledger, &sealed(&ledger, 1)), Decision::Replay { first_index: 3 });
    let mut shorter = sealed(&ledger, 1);
    shorter.entries.pop();
    assert_eq!(seal(&ledger, &shorter), Decision::Behind { from: 3 });
}

#[test]
fn an_acknowledgement_only_ever_raises_the_mark() {
    let mut ledger = Ledger::with(&[3, 4]);
    ledger.seal(2);
    let ack = |size, head| {
        let known = ledger.known(u64::max(size, 1) - 1);
        acknowledge(Some(&known), &Acknowledgement { log: ledger.log.clone(), size, head })
    };
    assert_eq!(ack(3, ledger.segments[0].0.head), AckDecision::Ignore);
    assert_eq!(ack(3, [0; 32]), AckDecision::Ignore, "late ones are not looked at");
    assert_eq!(ack(9, ledger.state.head), AckDecision::Advance(9));
    let kind = |decision| match decision {
        AckDecision::Alarm(NewAlarm { kind, .. }) => kind,
        other => panic!("no alarm: {other:?}"),
    };
    assert_eq!(kind(ack(9, [0; 32])), AlarmKind::Forked);
    assert_eq!(kind(ack(8, [0; 32])), AlarmKind::Forked, "within a segment");
    assert_eq!(kind(ack(10, [0; 32])), AlarmKind::Ahead);
    let unknown = Acknowledgement { log: ledger.log.clone(), size: 1, head: [0; 32] };
    assert_eq!(kind(acknowledge(None, &unknown)), AlarmKind::Ahead);
}

#[test]
fn a_report_is_kept_only_if_it_can_be_true() {
    let ledger = Ledger::with(&[3, 4]);
    let known = ledger.known(0);
    let kept = |kind, size| {
        report(Some(&known), &Rollback { log: ledger.log.clone(), kind, size }).map(|alarm| alarm.first_index)
    };
    assert_eq!(kept(AlarmKind::RolledBack, 6), Some(6));
    assert_eq!(kept(AlarmKind::RolledBack, 7), None);
    assert_eq!(kept(AlarmKind::Suppressed, 70), Some(70));
    assert_eq!(kept(AlarmKind::Forked, 1), None);
}

#[test]
fn a_page_is_bounded_but_never_empty_for_the_first() {
    let segment = |first_index, bytes| StoredSegment {
        first_index,
        entries: vec![bytes::Bytes::from(vec![0; bytes])],
        macs: vec![],
        head: [0; 32],
    };
    let stored: Vec<StoredSegment> = (0..4).map(|n| segment(n, 1 << 20)).collect();
    let mut budget = tlog::protocol::MAX_BEHIND_BYTES;
    let (first, more) = page(1, (stored.clone(), false), &[], &mut budget);
    assert_eq!((first.len(), first[0].first_index, more), (2, 1, true));
    let (second, more) = page(3, (stored.clone(), false), &[], &mut budget);
    assert_eq!((second.len(), more), (0, true), "the call's budget is used up");
    let mut budget = tlog::protocol::MAX_BEHIND_BYTES;
    let (huge, more) = page(0, (vec![segment(0, 3 << 20)], true), &[], &mut budget);
    assert_eq!((huge.len(), more), (1, true));
}

fn loss(ledger: &Ledger, range: (u64, u64)) -> Result<Loss, LossError> {
    let next = ledger.segments.iter().find(|(meta, ..)| meta.first_index == range.1 + 1);
    declare_loss(&ledger.known(0), range, next.map(|(meta, range, _)| (meta, range)), 9)
}

#[test]
fn a_loss_ends_where_the_signer_knows_the_head() {
    let mut ledger = Ledger::with(&[3, 4, 2]);
    assert_eq!(loss(&ledger, (1, 5)), Err(LossError::Boundary));
    assert_eq!(loss(&ledger, (1, 9)), Err(LossError::Range));
    assert_eq!(loss(&ledger, (5, 4)), Err(LossError::Range));
    let before_the_last = loss(&ledger, (1, 6)).unwrap();
    assert_eq!((before_the_last.head, before_the_last.range.size()), (ledger.segments[1].0.head, 7));
    assert_eq!(loss(&ledger, (8, 8)).unwrap().head, ledger.state.head);
    ledger.losses.push(before_the_last);
    assert_eq!(loss(&ledger, (6, 8)), Err(LossError::Overlap));
}

#[test]
fn a_log_that_stands_in_a_loss_is_behind_and_gets_what_follows() {
    let mut ledger = Ledger::with(&[3, 4, 2]);
    ledger.losses.push(loss(&ledger, (1, 6)).unwrap());
    ledger.segments.drain(..2);
    let probe = Segment { log: ledger.log.clone(), first_index: 1, previous_head: [9; 32], entries: vec![] };
    assert_eq!(seal(&ledger, &probe), Decision::Behind { from: 1 });
    let stored = ledger.segments.iter().map(|(.., stored)| stored.clone()).collect();
    let (page, more) = page(1, (stored, false), &ledger.losses, &mut 100_000);
    assert_eq!((page.len(), page[0].first_index, more), (1, 7, false));
}

#[test]
fn a_restored_signer_goes_forward_with_its_own_macs_only() {
    let mut ledger = Ledger::with(&[3, 4]);
    let restored: Known = ledger.known(0);
    ledger.seal(5);
    let segment = sealed(&ledger, 2);
    let macs = ledger.segments[2].2.macs.clone();
    let keys = keyring().ready();
    let sealing = advance(Some(&restored), &segment, &macs, &keys).unwrap();
    assert_eq!((sealing.state.head, sealing.state.range.root()), (ledger.state.head, ledger.state.range.root()));
    assert_eq!(sealing.state.acknowledged, 7);

    let mut forged = macs.clone();
    forged[3] = key(3).ready().compute(ledger.id(), 10, &[0; 32]);
    assert_eq!(advance(Some(&restored), &segment, &forged, &keys), Err(AdvanceError::Mac { index: 10 }));
    assert_eq!(advance(Some(&restored), &segment, &macs[1..], &keys), Err(AdvanceError::Pairs));
    assert_eq!(advance(Some(&ledger.known(0)), &segment, &macs, &keys), Err(AdvanceError::FirstIndex));
    let other = Segment { previous_head: [0; 32], ..segment.clone() };
    assert_eq!(advance(Some(&restored), &other, &macs, &keys), Err(AdvanceError::Head));
    let without_the_key = MacKeyring::new(vec![key(1)]).unwrap().ready();
    assert!(advance(Some(&restored), &segment, &macs, &without_the_key).is_err());
}

#[test]
fn a_state_that_is_not_its_newest_segments_is_noticed() {
    let ledger = Ledger::with(&[3, 4]);
    let newest: &SegmentMeta = &ledger.segments[1].0;
    assert!(ledger.state.agrees_with(newest));
    assert!(!Ledger::with(&[3]).state.agrees_with(newest));
    assert!(!ledger.state.agrees_with(&SegmentMeta { head: [0; 32], ..newest.clone() }));
}
