//! What the signer takes and refuses.

use bytes::Bytes;
use tlog::entry::encode;
use tlog::protocol::{AlarmKind, MAX_BEHIND_BYTES, SealOutcome, Segment, StoredSegment};
use tlog::signer::seal::Stored;
use tlog::signer::{self, Clock, Decision, SegmentMeta, page};
use tlog::{Event, Mac};

use crate::support::{BEGINNING_NS, Ledger, event, event_id, head_after, key, version};

const MINUTE_NS: i64 = 60_000_000_000;
const YEAR_NS: i64 = 365 * 24 * 60 * MINUTE_NS;

fn seal(ledger: &Ledger, segment: &Segment) -> Decision {
    signer::seal(ledger.known(segment.first_index).as_ref(), segment, &key(2).ready(), ledger.clock())
}

fn seal_unknown(segment: &Segment) -> Decision {
    signer::seal(None, segment, &key(1).ready(), Clock { now_ns: BEGINNING_NS + MINUTE_NS })
}

fn refused(decision: Decision) -> (SealOutcome, Option<(AlarmKind, u64)>) {
    match decision {
        Decision::Refuse { outcome, alarm, .. } => (outcome, alarm.map(|alarm| (alarm.kind, alarm.first_index))),
        other => panic!("not refused: {other:?}"),
    }
}

/// The segment that the ledger's `n`th was sealed from.
fn sealed(ledger: &Ledger, n: usize) -> Segment {
    let kept = &ledger.segments[n];
    Segment {
        log: ledger.log.clone(),
        first_index: kept.meta.first_index,
        previous_head: kept.meta.previous_head,
        entries: kept.stored.entries.clone(),
    }
}

#[test]
fn a_segment_beyond_the_end_is_ahead() {
    let mut ledger = Ledger::with(&[3, 4]);
    let mut segment = ledger.segment(1);
    segment.first_index += 1;
    assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Ahead, Some((AlarmKind::Ahead, 8))));
    assert_eq!(refused(seal_unknown(&segment)).0, SealOutcome::Ahead);
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
    assert_eq!(refused(seal_unknown(&segment)).0, SealOutcome::Forked);
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
    let changes: [fn(&mut Segment, &mut Ledger); 7] = [
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
        |segment, _| segment.entries[1] = Bytes::new(),
        |segment, _| segment.entries[1] = vec![0; tlog::entry::MAX_ENTRY_BYTES + 1].into(),
    ];
    for change in changes {
        let mut ledger = Ledger::with(&[3]);
        let mut segment = ledger.segment(3);
        change(&mut segment, &mut ledger);
        assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Malformed, None));
    }
}

/// A segment of two events.
fn two(ledger: &Ledger, first: &Event, second: &Event) -> Segment {
    let (index, previous_head) = (ledger.state.size(), ledger.state.head);
    let one = encode(&ledger.place(index, previous_head), first);
    let head = head_after(ledger.id(), index, &previous_head, &one);
    let two = encode(&ledger.place(index + 1, head), second);
    Segment { log: ledger.log.clone(), first_index: index, previous_head, entries: vec![one, two] }
}

#[test]
fn an_event_id_of_one_producer_twice_in_a_segment_is_malformed() {
    let ledger = Ledger::with(&[3]);
    let other = Event { event_id: event_id(7), ..event(8) };
    assert_eq!(refused(seal(&ledger, &two(&ledger, &event(7), &event(7)))).0, SealOutcome::Malformed);
    assert_eq!(refused(seal(&ledger, &two(&ledger, &event(7), &other))).0, SealOutcome::Malformed);
}

/// A sealed entry that cannot be committed would keep its log from going on for ever.
#[test]
fn what_no_table_of_entries_takes_is_malformed() {
    let ledger = Ledger::with(&[3]);
    let text = |length: usize| "a".repeat(length);
    let with = |change: &dyn Fn(&mut Event)| {
        let mut changed = event(8);
        change(&mut changed);
        seal(&ledger, &two(&ledger, &event(7), &changed))
    };
    let too_much: [&dyn Fn(&mut Event); 8] = [
        &|event| event.producer = text(64),
        &|event| event.producer.clear(),
        &|event| event.actor = text(2049),
        &|event| event.actor.clear(),
        &|event| event.actor.push('\0'),
        &|event| event.action = text(1025),
        &|event| event.action.clear(),
        &|event| event.resource = text(1025),
    ];
    for change in too_much {
        assert_eq!(refused(with(change)).0, SealOutcome::Malformed);
    }
    // Longer than this version reports them, and still storable: what a later one may.
    let most: [&dyn Fn(&mut Event); 4] = [
        &|event| event.producer = text(63),
        &|event| event.actor = text(2048),
        &|event| event.action = text(1024),
        &|event| (event.resource, event.purpose) = (text(1024), text(1024)),
    ];
    for change in most {
        assert!(matches!(with(change), Decision::Seal { .. }));
    }
}

#[test]
fn one_event_id_of_two_producers_is_sealed_twice() {
    let ledger = Ledger::with(&[3]);
    let other = Event { producer: "key-service".into(), ..event(7) };
    let decision = seal(&ledger, &two(&ledger, &event(7), &other));
    assert!(matches!(decision, Decision::Seal { alarm: None, .. }), "{decision:?}");
}

#[test]
fn the_first_segment_of_a_log_needs_no_state() {
    let mut ledger = Ledger::new();
    let segment = ledger.segment(2);
    let Decision::Seal { sealing, alarm: None } = seal_unknown(&segment) else { panic!("not sealed") };
    assert_eq!((sealing.state.size(), sealing.meta.count), (2, 2));
    assert!(sealing.state.agrees_with(Some(&sealing.meta)));
    assert_eq!(sealing.macs.iter().map(Mac::version).collect::<Vec<_>>(), [version(1), version(1)]);
}

#[test]
fn a_probe_at_the_end_is_accepted_and_stores_nothing() {
    let mut ledger = Ledger::with(&[3]);
    let at_end = ledger.probe();
    assert_eq!(seal(&ledger, &at_end), Decision::Probed);
    let before = Segment { entries: vec![], ..sealed(&ledger, 0) };
    assert_eq!(seal(&ledger, &before), Decision::Behind { from: 0 });
    let unknown = Segment { first_index: 0, previous_head: tlog::genesis(&ledger.log), ..at_end.clone() };
    assert_eq!(seal_unknown(&unknown), Decision::Probed);
    let state = ledger.state.clone();
    let answer = ledger.offer(&at_end);
    assert_eq!((answer.size, answer.head, ledger.state.clone()), (3, state.head, state));
}

#[test]
fn the_same_bytes_again_are_answered_from_storage() {
    let mut ledger = Ledger::with(&[3, 4, 2]);
    assert_eq!(seal(&ledger, &sealed(&ledger, 1)), Decision::Replay { first_index: 3 });
    let mut shorter = sealed(&ledger, 1);
    shorter.entries.pop();
    assert_eq!(seal(&ledger, &shorter), Decision::Behind { from: 3 });
    ledger.key_version = 1;
    ledger.now_ns = 0;
    let answer = ledger.offer(&sealed(&ledger, 1));
    let stored = &ledger.segments[1].stored;
    assert_eq!((answer.outcome, answer.size, answer.head), (SealOutcome::Sealed, 7, stored.head));
    assert_eq!((&answer.macs, &answer.snapshot), (&stored.macs, &stored.snapshot), "whatever the key and time are now");
}

#[test]
fn time_that_goes_back_is_answered_with_the_times_that_are_right() {
    let mut ledger = Ledger::with(&[3]);
    let (last, now) = (ledger.state.last_logged_ns, ledger.now_ns);
    for logged in [&[last - 1][..], &[last + 5, last + 4], &[0]] {
        let segment = ledger.segment_logged(logged);
        let answer = ledger.offer(&segment);
        assert_eq!((answer.outcome, answer.last_logged_ns, answer.now_ns), (SealOutcome::Time, last, now));
    }
    assert_eq!((ledger.state.size(), ledger.alarms.len()), (3, 0), "a wrong time leaves nothing");
}

#[test]
fn time_is_at_most_a_minute_ahead_of_the_signers_clock() {
    let mut ledger = Ledger::with(&[3]);
    let latest = ledger.now_ns + MINUTE_NS;
    for logged in [&[latest + 1][..], &[latest, latest + 1], &[i64::MAX]] {
        let segment = ledger.segment_logged(logged);
        assert_eq!(refused(seal(&ledger, &segment)), (SealOutcome::Time, None));
    }
    let mut first = Ledger::new();
    let segment = first.segment_logged(&[latest + 1]);
    assert_eq!(refused(seal(&first, &segment)), (SealOutcome::Time, None), "of a log's first entry too");
    let segment = ledger.segment_logged(&[latest, latest]);
    assert!(matches!(seal(&ledger, &segment), Decision::Seal { alarm: None, .. }));
}

#[test]
fn the_time_of_the_last_entry_is_always_taken() {
    for off in [0, MINUTE_NS, YEAR_NS] {
        let mut ledger = Ledger::with(&[3]);
        let last = ledger.state.last_logged_ns;
        ledger.now_ns = last - off;
        let segment = ledger.segment_logged(&[last, last]);
        let alarmed = match seal(&ledger, &segment) {
            Decision::Seal { alarm, .. } => alarm.map(|alarm| (alarm.kind, alarm.first_index)),
            other => panic!("not sealed: {other:?}"),
        };
        assert_eq!(alarmed, (off > MINUTE_NS).then_some((AlarmKind::Clock, 3)));
        if off > MINUTE_NS {
            let segment = ledger.segment_logged(&[last, last + 1]);
            assert_eq!(refused(seal(&ledger, &segment)).0, SealOutcome::Time);
        }
    }
}

/// Offers one entry, and where its time is wrong once more with the times of the answer. Returns when it was logged.
fn go_on(ledger: &mut Ledger, mut logged_ns: i64) -> i64 {
    for _ in 0..2 {
        let segment = ledger.segment_logged(&[logged_ns]);
        let answer = ledger.offer(&segment);
        if answer.outcome == SealOutcome::Sealed {
            return logged_ns;
        }
        assert_eq!(answer.outcome, SealOutcome::Time);
        logged_ns = answer.now_ns.max(answer.last_logged_ns);
    }
    panic!("refused because of its time");
}

#[test]
fn a_signers_clock_a_year_fast_costs_true_times_until_it_is_overtaken() {
    let mut ledger = Ledger::with(&[3]);
    let truth = ledger.now_ns;
    ledger.now_ns = truth + YEAR_NS;
    assert_eq!(go_on(&mut ledger, truth), truth, "an honest time is never refused for being old");
    assert_eq!(go_on(&mut ledger, truth + YEAR_NS), truth + YEAR_NS);
    assert_eq!(ledger.alarms.len(), 0);
    for minutes in 0..3 {
        let now_ns = truth + minutes * MINUTE_NS;
        ledger.now_ns = now_ns;
        assert_eq!(go_on(&mut ledger, now_ns), truth + YEAR_NS, "the log goes on");
    }
    let kinds: Vec<AlarmKind> = ledger.alarms.iter().map(|alarm| alarm.kind.clone()).collect();
    assert_eq!(kinds, [AlarmKind::Clock], "once");
    ledger.now_ns = truth + YEAR_NS + 1;
    assert_eq!(go_on(&mut ledger, truth + YEAR_NS + 1), truth + YEAR_NS + 1, "true times come back");
    assert_eq!(ledger.alarms.len(), 1);
}

#[test]
fn a_signers_clock_a_year_slow_holds_nothing_up() {
    let mut ledger = Ledger::with(&[3]);
    let (truth, last) = (ledger.now_ns, ledger.state.last_logged_ns);
    ledger.now_ns = truth - YEAR_NS;
    assert_eq!(go_on(&mut ledger, truth), last);
    assert_eq!(go_on(&mut ledger, truth), last);
    assert_eq!(ledger.alarms.len(), 1);
    ledger.now_ns = truth;
    assert_eq!(go_on(&mut ledger, truth), truth);
}

#[test]
fn an_appenders_clock_a_year_off_is_put_right_by_the_answer() {
    for off in [YEAR_NS, -YEAR_NS] {
        let mut ledger = Ledger::with(&[3]);
        let truth = ledger.now_ns;
        assert_eq!(go_on(&mut ledger, truth + off), truth);
        assert_eq!(ledger.alarms.len(), 0);
    }
}

fn stored(first_index: u64, bytes: usize) -> StoredSegment {
    let entries = vec![Bytes::from(vec![0; bytes])];
    StoredSegment { first_index, entries, macs: vec![], head: [0; 32], snapshot: Bytes::new() }
}

#[test]
fn a_page_is_bounded_but_never_empty_for_the_first() {
    let kept = |more| Stored { segments: (0..4).map(|n| stored(n, 1 << 20)).collect(), more };
    let mut budget = MAX_BEHIND_BYTES;
    let first = page(1, kept(false), &[], &mut budget);
    assert_eq!((first.segments.len(), first.segments[0].first_index, first.more), (2, 1, true));
    let second = page(3, kept(false), &[], &mut budget);
    assert_eq!((second.segments.len(), second.more), (0, true), "the call's budget is used up");
    let mut budget = MAX_BEHIND_BYTES;
    let huge = page(0, Stored { segments: vec![stored(0, 3 << 20)], more: true }, &[], &mut budget);
    assert_eq!((huge.segments.len(), huge.more), (1, true));
}

#[test]
fn a_page_ends_where_entries_between_segments_are_not_kept() {
    let segments = [0, 1, 5, 6].map(|n| stored(n, 10)).to_vec();
    let mut budget = MAX_BEHIND_BYTES;
    let first = page(0, Stored { segments, more: false }, &[], &mut budget);
    assert_eq!((first.segments.len(), first.more), (2, true));
}

#[test]
fn a_state_that_is_not_its_newest_segments_is_noticed() {
    let mut ledger = Ledger::with(&[3, 4]);
    let newest: SegmentMeta = ledger.segments[1].meta.clone();
    assert!(ledger.state.agrees_with(Some(&newest)));
    assert!(!ledger.state.agrees_with(None));
    assert!(!Ledger::with(&[3]).state.agrees_with(Some(&newest)));
    assert!(!ledger.state.agrees_with(Some(&SegmentMeta { head: [0; 32], ..newest.clone() })));
    ledger.state.acknowledged = 8;
    assert!(!ledger.state.agrees_with(Some(&newest)));
}
