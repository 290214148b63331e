//! What operators state of a log: that entries are lost, that rolled back rows are explained.

use tlog::protocol::{AlarmKind, Closing, MAX_BEHIND_BYTES, SealOutcome};
use tlog::signer::repair::EntryRange;
use tlog::signer::seal::Stored;
use tlog::signer::{LossError, page};

use crate::support::Ledger;

pub(crate) fn lost(first_index: u64, last_index: u64) -> EntryRange {
    EntryRange { first_index, last_index }
}

/// Cuts the rows down to a size and asks the signer from there: what it answers.
pub(crate) fn ask_from(ledger: &mut Ledger, size: u64) -> SealOutcome {
    ledger.rows.retain(|row| u64::try_from(row.index).unwrap() < size);
    ledger.set_row(size);
    let probe = ledger.probe();
    ledger.offer(&probe).outcome
}

/// A ledger whose rows end at 3, which the signer refuses as STALE; it keeps the segments from 7 and from 9 on.
pub(crate) fn stale() -> Ledger {
    let mut ledger = Ledger::with(&[3, 4, 2, 2]);
    ledger.segments.drain(..2);
    assert_eq!(ask_from(&mut ledger, 3), SealOutcome::Stale);
    ledger
}

pub(crate) fn declare(ledger: &mut Ledger, range: EntryRange) -> Result<(), LossError> {
    let clock = ledger.clock();
    ledger.declare_loss(range, &[], clock)
}

/// What the rows get from the signer after a probe from where they end: indices of segments.
pub(crate) fn caught_up(ledger: &mut Ledger) -> Vec<u64> {
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
