//! What audit-service tells the signer, and the alarms that come of it.

use tlog::protocol::{
    AckOutcome, Acknowledgement, Alarm, AlarmKind, Closing, MAX_ALARMS_OF_KIND, MAX_ALARMS_OF_UNKNOWN, Rollback,
};
use tlog::signer::repair::EntryRange;
use tlog::signer::{AckDecision, Clock, CloseError, LogState, NewAlarm, Raising, acknowledge, raise, report};
use uuid::Uuid;

use crate::support::Ledger;

const LATER: Clock = Clock { now_ns: 9_000_000_000_000_000_000 };

/// What becomes of an acknowledgement by somebody who knows of all alarms.
fn decide(ledger: &Ledger, size: u64, head: [u8; 32]) -> AckDecision {
    decide_knowing(ledger, Some(ledger.state.alarms_raised), size, head)
}

fn decide_knowing(ledger: &Ledger, alarms_raised: Option<u64>, size: u64, head: [u8; 32]) -> AckDecision {
    let acknowledgement = Acknowledgement { log: ledger.log.clone(), size, head, alarms_raised };
    acknowledge(ledger.known_below(size).as_ref(), &acknowledgement, LATER)
}

/// What is stored.
fn stored(decision: AckDecision) -> LogState {
    match decision {
        AckDecision::Store(state) => *state,
        other => panic!("not stored: {other:?}"),
    }
}

fn alarmed(decision: AckDecision) -> (AckOutcome, AlarmKind, u64) {
    match decision {
        AckDecision::Alarm(outcome, alarm) => (outcome, alarm.kind, alarm.first_index),
        other => panic!("no alarm: {other:?}"),
    }
}

const ACKNOWLEDGED: AckDecision = AckDecision::Answer(AckOutcome::Acknowledged);

fn new(kind: AlarmKind, first_index: u64) -> NewAlarm {
    NewAlarm { kind, first_index, last_index: first_index, detail: "in words".into(), head: None }
}

/// Raises an alarm in a ledger, its id after its place among the others.
fn raised(ledger: &mut Ledger, kind: AlarmKind, first_index: u64) -> Option<Uuid> {
    let id = Uuid::from_u128(u128::try_from(ledger.alarms.len()).unwrap() + 1);
    let mut alarms = ledger.alarms.clone();
    let now_ns = ledger.now_ns;
    let kept = raise(&mut alarms, new(kind, first_index), id, now_ns, MAX_ALARMS_OF_KIND);
    ledger.state.set_raised(&alarms, 1);
    ledger.alarms = alarms;
    (kept == Raising::Kept).then_some(id)
}

#[test]
fn a_commit_that_was_not_sealed_is_an_alarm() {
    let mut ledger = Ledger::with(&[3, 4]);
    ledger.seal(2);
    assert_eq!(alarmed(decide(&ledger, 9, [0; 32])), (AckOutcome::Forked, AlarmKind::Forked, 9));
    assert_eq!(alarmed(decide(&ledger, 8, [0; 32])), (AckOutcome::Forked, AlarmKind::Forked, 8), "within a segment");
    assert_eq!(alarmed(decide(&ledger, 10, [0; 32])), (AckOutcome::Ahead, AlarmKind::Ahead, 10));
    assert_eq!(alarmed(decide(&Ledger::new(), 1, [0; 32])), (AckOutcome::Ahead, AlarmKind::Ahead, 1));
}

#[test]
fn an_acknowledgement_only_ever_raises_the_mark() {
    let mut ledger = Ledger::with(&[3, 4]);
    ledger.seal(2);
    ledger.seal(1);
    assert_eq!(decide(&ledger, 3, ledger.segments[0].meta.head), ACKNOWLEDGED);
    assert_eq!(decide(&ledger, 3, [0; 32]), ACKNOWLEDGED, "late ones are not looked at");
    assert_eq!(decide(&ledger, 0, [0; 32]), ACKNOWLEDGED, "nothing is always committed");
    assert_eq!(decide(&Ledger::new(), 0, [0; 32]), ACKNOWLEDGED);
    assert_eq!(stored(decide(&ledger, 9, ledger.segments[2].meta.head)).acknowledged, 9);
    assert_eq!(stored(decide(&ledger, 10, ledger.state.head)).acknowledged, 10);
    ledger.acknowledge();
    assert_eq!(ledger.state.acknowledged, 7, "the rows are there no further");
    assert_eq!(decide(&ledger, 7, ledger.segments[1].meta.head), ACKNOWLEDGED, "again");
}

#[test]
fn an_acknowledgement_that_nothing_is_kept_for_is_not_believed() {
    let mut ledger = Ledger::with(&[3, 4]);
    ledger.state.acknowledged = 0;
    ledger.segments.remove(0);
    assert_eq!(decide(&ledger, 3, [0; 32]), AckDecision::Answer(AckOutcome::Unchecked));
}

#[test]
fn nothing_is_committed_at_zero_even_before_anything_is_acknowledged() {
    let mut ledger = Ledger::new();
    ledger.seal(3);
    assert_eq!(decide(&ledger, 0, tlog::genesis(&ledger.log)), ACKNOWLEDGED);
}

#[test]
fn agreement_is_noted_only_where_rows_and_signer_were_seen_to_agree() {
    let mut ledger = Ledger::with(&[3, 4]);
    let head = ledger.state.head;
    assert_eq!(decide(&ledger, 7, head), ACKNOWLEDGED, "no news, no alarm: nothing is stored");
    raised(&mut ledger, AlarmKind::Forked, 7).unwrap();
    assert_eq!(ledger.state.agreed_ns, 0, "not since the alarm");
    assert_eq!(decide_knowing(&ledger, Some(0), 7, head), ACKNOWLEDGED, "on its way when the alarm was raised");
    assert_eq!(decide_knowing(&ledger, None, 7, head), ACKNOWLEDGED, "nobody knows from when");
    assert_eq!(stored(decide(&ledger, 7, head)).agreed_ns, LATER.now_ns, "a probe at the end");
    assert_eq!(decide(&ledger, 3, ledger.segments[0].meta.head), ACKNOWLEDGED, "a late one");
    ledger.seal(2);
    assert_eq!(stored(decide(&ledger, 7, head)).agreed_ns, LATER.now_ns, "late, and the log has gone on");
    assert_eq!(stored(decide(&ledger, 9, ledger.state.head)).agreed_ns, LATER.now_ns, "a commit");
}

#[test]
fn an_alarm_that_is_not_kept_ends_agreement_like_any_other() {
    let mut ledger = Ledger::with(&[3, 4]);
    let clock = ledger.clock();
    let id = raised(&mut ledger, AlarmKind::RolledBack, 3).unwrap();
    for n in 1..u64::try_from(MAX_ALARMS_OF_KIND).unwrap() {
        raised(&mut ledger, AlarmKind::Forked, n).unwrap();
    }
    raised(&mut ledger, AlarmKind::Forked, 500).unwrap();
    for (kind, first_index) in [(AlarmKind::RolledBack, 3), (AlarmKind::RolledBack, 5), (AlarmKind::Forked, 501)] {
        ledger.acknowledge();
        assert_ne!(ledger.state.agreed_ns, 0);
        let knew = ledger.state.alarms_raised;
        assert_eq!(raised(&mut ledger, kind.clone(), first_index), None);
        assert_eq!(ledger.close(&[id], clock), Err(CloseError::NotAgreed), "{kind} {first_index}");
        let head = ledger.state.head;
        ledger.acknowledge_knowing(Some(knew), 7, head);
        assert_eq!(ledger.close(&[id], clock), Err(CloseError::NotAgreed), "on its way: {kind} {first_index}");
    }
    ledger.acknowledge();
    assert_eq!(ledger.close(&[id], clock), Ok(()));
}

#[test]
fn rows_agree_where_the_log_ended_when_the_alarm_was_raised_or_behind_it() {
    let mut ledger = Ledger::with(&[3]);
    ledger.seal(4);
    ledger.seal(2);
    let (halfway, clock) = (ledger.segments[1].meta.head, ledger.clock());
    let id = raised(&mut ledger, AlarmKind::Suppressed, 3).unwrap();
    assert_eq!(ledger.acknowledge_at(7, halfway), AckOutcome::Acknowledged);
    assert_eq!(ledger.close(&[id], clock), Err(CloseError::NotAgreed), "short of where it ended");
    let end = ledger.state.head;
    ledger.seal(5);
    assert_eq!(ledger.acknowledge_at(9, end), AckOutcome::Acknowledged);
    assert_eq!(ledger.close(&[id], clock), Ok(()), "the log has gone on since");
}

#[test]
fn an_acknowledgement_behind_a_loss_needs_its_head() {
    let mut ledger = Ledger::with(&[3, 4, 2]);
    ledger.state.stale_at = Some(1);
    ledger.state.acknowledged = 1;
    let clock = ledger.clock();
    ledger.declare_loss(EntryRange { first_index: 1, last_index: 6 }, &[], clock).unwrap();
    ledger.segments.drain(..2);
    let head = ledger.losses[0].head;
    assert_eq!(alarmed(decide(&ledger, 7, [0; 32])).0, AckOutcome::Forked);
    assert_eq!(stored(decide(&ledger, 7, head)).acknowledged, 7);
    assert_eq!(decide(&ledger, 4, head), AckDecision::Answer(AckOutcome::Unchecked), "within the loss");
}

#[test]
fn a_report_is_kept_only_if_it_can_be_true() {
    let ledger = Ledger::with(&[3, 4]);
    let kept = |kind, size| {
        let rollback = Rollback { log: ledger.log.clone(), kind, size };
        report(ledger.known_below(0).as_ref(), &rollback).map(|alarm| alarm.first_index)
    };
    assert_eq!(kept(AlarmKind::RolledBack, 6), Some(6));
    assert_eq!(kept(AlarmKind::RolledBack, 7), None);
    assert_eq!(kept(AlarmKind::Suppressed, 70), Some(70));
    for kind in [AlarmKind::Advanced, AlarmKind::Ahead, AlarmKind::Clock, AlarmKind::Forked] {
        assert_eq!(kept(kind.clone(), 1), None, "{kind}");
    }
    let unknown = |kind| report(None, &Rollback { log: ledger.log.clone(), kind, size: 0 });
    assert_eq!(unknown(AlarmKind::RolledBack), None);
    assert!(unknown(AlarmKind::Suppressed).is_some());
}

#[test]
fn rows_that_an_operator_has_explained_are_no_alarm_until_they_have_caught_up() {
    let rolled_back = |ledger: &Ledger, size| {
        let rollback = Rollback { log: ledger.log.clone(), kind: AlarmKind::RolledBack, size };
        report(ledger.known_below(0).as_ref(), &rollback).is_some()
    };
    let mut ledger = Ledger::with(&[3, 4, 2]);
    raised(&mut ledger, AlarmKind::RolledBack, 3).unwrap();
    let knew = ledger.state.alarms_raised;
    ledger.state.explained_from = Some(3);
    assert!(rolled_back(&ledger, 2), "further back than was explained");
    assert!(!rolled_back(&ledger, 3));
    let halfway = ledger.segments[1].meta.head;
    assert_eq!(ledger.acknowledge_knowing(Some(knew), 7, halfway), AckOutcome::Acknowledged);
    assert!(!rolled_back(&ledger, 7), "on the way");
    let end = ledger.state.head;
    for knew in [None, Some(knew - 1)] {
        assert_eq!(ledger.acknowledge_knowing(knew, 9, end), AckOutcome::Acknowledged);
        assert!(!rolled_back(&ledger, 3), "what was committed before says nothing of the rows since");
    }
    let mut idle = ledger.clone();
    assert_eq!(idle.acknowledge_knowing(Some(knew), 9, end), AckOutcome::Acknowledged);
    assert!(rolled_back(&idle, 3), "rows and signer agree, and the log is as long as it was");
    ledger.seal(1);
    let end = ledger.state.head;
    assert_eq!(ledger.acknowledge_knowing(None, 10, end), AckOutcome::Acknowledged);
    assert!(rolled_back(&ledger, 7), "it has gone on");
}

#[test]
fn an_alarm_that_says_nothing_new_is_not_kept() {
    let mut ledger = Ledger::with(&[9]);
    for (kind, first_index, kept) in [
        (AlarmKind::Forked, 5, true),
        (AlarmKind::Forked, 5, false),
        (AlarmKind::Forked, 4, true),
        (AlarmKind::Suppressed, 5, true),
        (AlarmKind::RolledBack, 5, true),
        (AlarmKind::RolledBack, 7, false),
        (AlarmKind::RolledBack, 5, false),
        (AlarmKind::RolledBack, 4, true),
        (AlarmKind::Clock, 9, true),
        (AlarmKind::Clock, 8, false),
        (AlarmKind::Clock, 70, false),
        (AlarmKind::Other("MADE_UP".into()), 1, true),
        (AlarmKind::Other("MADE_UP_2".into()), 1, true),
        (AlarmKind::Other("MADE_UP".into()), 1, false),
    ] {
        let was = raised(&mut ledger, kind.clone(), first_index);
        assert_eq!(was.is_some(), kept, "{kind} {first_index}");
    }
    assert_eq!((ledger.state.alarms.number, ledger.state.open_alarms), (8, 8));
}

#[test]
fn a_closed_alarm_is_raised_again() {
    for kind in [AlarmKind::Forked, AlarmKind::RolledBack, AlarmKind::Clock] {
        let mut ledger = Ledger::with(&[9]);
        let id = raised(&mut ledger, kind.clone(), 5).unwrap();
        ledger.acknowledge();
        let clock = ledger.clock();
        ledger.close(&[id], clock).unwrap();
        assert!(raised(&mut ledger, kind, 5).is_some());
        assert_eq!((ledger.state.alarms.number, ledger.state.open_alarms), (2, 1));
    }
}

#[test]
fn no_kind_of_alarm_takes_the_room_of_another() {
    for limit in [MAX_ALARMS_OF_UNKNOWN, MAX_ALARMS_OF_KIND] {
        let mut alarms: Vec<Alarm> = Vec::new();
        let raise = |alarms: &mut Vec<Alarm>, kind: AlarmKind, n: u64| {
            raise(alarms, new(kind, n), Uuid::from_u128(n.into()), 1, limit)
        };
        for n in 0..u64::try_from(limit).unwrap() {
            assert_eq!(raise(&mut alarms, AlarmKind::Suppressed, n), Raising::Kept);
        }
        assert_eq!(raise(&mut alarms, AlarmKind::Suppressed, 5), Raising::Known);
        assert_eq!(raise(&mut alarms, AlarmKind::Suppressed, 5_000), Raising::Full);
        for kind in [AlarmKind::RolledBack, AlarmKind::Ahead, AlarmKind::Forked, AlarmKind::Clock] {
            assert_eq!(raise(&mut alarms, kind, 7), Raising::Kept);
        }
        for n in 0..500 {
            assert_eq!(raise(&mut alarms, AlarmKind::Advanced, n), Raising::Kept, "an operator's own doing");
        }
    }
}

#[test]
fn closed_alarms_leave_room_for_one_that_is_open() {
    let mut ledger = Ledger::with(&[9]);
    for n in 0..u64::try_from(MAX_ALARMS_OF_KIND).unwrap() {
        let id = raised(&mut ledger, AlarmKind::Forked, n).unwrap();
        ledger.acknowledge();
        let clock = ledger.clock();
        ledger.close(&[id], clock).unwrap();
    }
    assert!(raised(&mut ledger, AlarmKind::Forked, 1_000).is_some());
    assert!(raised(&mut ledger, AlarmKind::Forked, 1_001).is_none(), "one of many is enough");
}

#[test]
fn alarms_are_closed_all_or_none_and_only_where_rows_and_signer_agree() {
    let mut ledger = Ledger::with(&[3, 4]);
    let clock = ledger.clock();
    let first = raised(&mut ledger, AlarmKind::Forked, 7).unwrap();
    let second = raised(&mut ledger, AlarmKind::Ahead, 8).unwrap();
    let nobody = Uuid::from_u128(99);
    assert_eq!(ledger.close(&[first], clock), Err(CloseError::NotAgreed));
    ledger.acknowledge();
    assert_eq!(ledger.close(&[first, nobody], clock), Err(CloseError::NotOpen(nobody)));
    assert_eq!((ledger.state.open_alarms, ledger.alarms[0].is_open()), (2, true), "none");
    ledger.close(&[first], clock).unwrap();
    assert_eq!(ledger.close(&[first], clock), Err(CloseError::NotOpen(first)));
    raised(&mut ledger, AlarmKind::Suppressed, 2).unwrap();
    assert_eq!(ledger.close(&[second], clock), Err(CloseError::NotAgreed), "not since the newest alarm");
    ledger.acknowledge();
    ledger.close(&[second], clock).unwrap();
    let closed = Some(Closing { closed_ns: clock.now_ns, reference: "ticket/7".into() });
    assert_eq!(
        ledger.alarms.iter().map(|alarm| alarm.closing.clone()).collect::<Vec<_>>(),
        [closed.clone(), closed, None]
    );
    assert_eq!((ledger.state.alarms.number, ledger.state.open_alarms), (3, 1), "closed ones are kept");
}

#[test]
fn an_alarm_raised_under_a_clock_that_was_fast_can_be_closed_under_the_right_one() {
    let mut ledger = Ledger::with(&[3, 4]);
    let truth = ledger.now_ns;
    ledger.now_ns = truth + 1_000_000_000_000;
    let id = raised(&mut ledger, AlarmKind::Forked, 7).unwrap();
    ledger.now_ns = truth;
    let clock = ledger.clock();
    assert_eq!(ledger.close(&[id], clock), Err(CloseError::NotAgreed));
    ledger.acknowledge();
    assert_eq!(ledger.close(&[id], clock), Ok(()));
}
