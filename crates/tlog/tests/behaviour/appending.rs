//! From events to receipts: what is known, what is built, when it is logged.

use std::collections::{BTreeMap, HashMap};

use tlog::Event;
use tlog::append::{
    AppendError, Batch, Committed, EventResult, Listed, LockedLog, MacCheck, Refusal, Times, conflict, sync,
};
use tlog::event::EventError;
use tlog::mac::MacVerdict;
use tlog::protocol::{AlarmKind, SealOutcome, SegmentAnswer};

use crate::signer_in_memory::{KeyDatabase, SignerReplica};
use crate::support::appender::{Appender, pending, receipt, results};
use crate::support::{BEGINNING_NS, OwnedRow, event, log};

const YEAR_NS: i64 = 365 * 24 * 60 * 60_000_000_000;

fn of_key_service(n: u64) -> Event {
    Event { producer: "key-service".into(), ..event(n) }
}

#[test]
fn an_event_that_no_log_takes_is_refused_before_anything_else() {
    let bad = Event { actor: String::new(), ..event(1) };
    let mut appender = Appender::new();
    let refusal = Refusal::Malformed(EventError::Missing { field: "actor" });
    let expected = BTreeMap::from([(0, EventResult::Refused(refusal)), (1, receipt(0))]);
    assert_eq!(results(&appender.append_events([bad, event(2)])), expected);
}

#[test]
fn another_event_with_an_id_of_its_producer_that_is_taken_is_refused_for_ever() {
    let mut appender = Appender::new();
    let other = Event { reference: "other".into(), ..event(5) };
    let done = appender.append_events([event(5), other.clone()]);
    assert_eq!(results(&done)[&1], EventResult::Refused(Refusal::EventIdReused));
    let writes = appender.writes(Batch::new(pending([other])), |_| {});
    assert_eq!(writes.rollbacks(), []);
    assert_eq!(appender.commit(writes).results, [(0, EventResult::Refused(Refusal::EventIdReused))]);
}

#[test]
fn a_row_that_suppresses_an_event_is_reported_and_quarantines_the_log() {
    let changes: [fn(&mut OwnedRow); 5] = [
        |row| row.event_id = event(5).event_id, // the column of another, genuine entry
        |row| row.mac[30] ^= 1,
        |row| row.entry[200] ^= 1,
        |row| row.entry.clear(),
        |row| row.mac.clear(),
    ];
    for (change, suppressed) in changes.into_iter().zip([5, 6, 6, 6, 6]) {
        let mut appender = Appender::new();
        appender.append(&[4, 6, 7]);
        change(&mut appender.rows[1]);
        let writes = appender.writes(Batch::new(pending([event(suppressed), event(10)])), |_| {});
        let [rollback] = writes.rollbacks() else { panic!("no report") };
        assert_eq!((&rollback.kind, rollback.size), (&AlarmKind::Suppressed, 1));
        let done = appender.commit(writes);
        assert!(done.results.iter().all(|(_, result)| *result == EventResult::Quarantined));
        assert!(appender.locked.quarantined);
        assert_eq!(appender.append(&[11]).results, [(0, EventResult::Quarantined)]);
    }
}

#[test]
fn what_cannot_be_told_is_neither_receipt_nor_alarm() {
    let mut appender = Appender::new();
    appender.append(&[5, 6]);
    let unknown = |_: &SignerReplica, checks: &[MacCheck]| vec![MacVerdict::UnknownVersion; checks.len()];
    let writes = appender.writes_with(Batch::new(pending([event(6), event(7)])), |_| {}, unknown);
    assert_eq!(writes.rollbacks(), []);
    let done = appender.commit(writes);
    assert_eq!(results(&done), BTreeMap::from([(0, EventResult::Undecided), (1, receipt(2))]));
    assert!(!appender.locked.quarantined);
    assert_eq!(results(&appender.append(&[6])), BTreeMap::from([(0, receipt(1))]), "later it can");
}

#[test]
fn a_row_behind_the_locked_end_is_suppression_whatever_key_its_mac_names() {
    let mut appender = Appender::new();
    appender.append(&[5, 6, 7]);
    appender.locked.size = 2;
    let unknown = |_: &SignerReplica, checks: &[MacCheck]| vec![MacVerdict::UnknownVersion; checks.len()];
    let writes = appender.writes_with(Batch::new(pending([event(6), event(7)])), |_| {}, unknown);
    let [rollback] = writes.rollbacks() else { panic!("no report") };
    assert_eq!((&rollback.kind, rollback.size), (&AlarmKind::Suppressed, 2));
    let expected = BTreeMap::from([(0, EventResult::Undecided), (1, EventResult::Quarantined)]);
    assert_eq!(results(&appender.commit(writes)), expected);
    assert!(appender.locked.quarantined);
}

#[test]
fn a_replica_that_lacks_a_new_key_version_cannot_tell_until_it_has_loaded_it() {
    let mut appender = Appender::new();
    appender.append(&[5]);
    appender.keys.versions = 2;
    let late = SignerReplica::start(&KeyDatabase { versions: 1, ..appender.keys.clone() });
    appender.signer.reload(&appender.keys);
    appender.append(&[6]);
    appender.signer = late;
    let expected = BTreeMap::from([(0, receipt(0)), (1, EventResult::Undecided)]);
    assert_eq!(results(&appender.append(&[5, 6])), expected);
    appender.signer.reload(&appender.keys);
    assert_eq!(results(&appender.append(&[6])), BTreeMap::from([(0, receipt(1))]));
}

#[test]
fn events_get_receipts_in_their_order() {
    let mut appender = Appender::new();
    let done = appender.append(&[5, 6, 7]);
    assert_eq!(results(&done), BTreeMap::from([(0, receipt(0)), (1, receipt(1)), (2, receipt(2))]));
    assert_eq!((done.acknowledgements[0].size, done.again.len()), (3, 0));
}

#[test]
fn an_event_that_is_there_gets_its_receipt_again() {
    let mut appender = Appender::new();
    appender.append(&[5, 6, 7]);
    let done = appender.append(&[8, 6]);
    assert_eq!(results(&done), BTreeMap::from([(0, receipt(3)), (1, receipt(1))]));
    assert_eq!(appender.locked.size, 4);
}

#[test]
fn only_ids_that_are_not_greater_than_every_one_there_are_looked_up() {
    let mut appender = Appender::new();
    appender.append(&[5, 9]);
    assert_eq!(appender.looked_up, [], "an empty log");
    appender.append(&[10, 7, 9, 12]);
    assert_eq!(appender.looked_up, [7, 9].map(|n| event(n).event_id));
    assert_eq!(appender.locked.size, 5, "an older one that is not there is taken");
}

#[test]
fn the_greatest_id_is_that_of_the_events_own_log() {
    let system = Event { log: "logs/system".parse().unwrap(), ..event(6) };
    let batch = Batch::new(pending([event(5), system.clone()]));
    let row = |(log_id, log)| LockedLog { log_id, size: 0, head: tlog::genesis(log), quarantined: false };
    let rows: Vec<LockedLog> = batch.logs().map(row).collect();
    let locked = batch.locked(rows).unwrap();
    let newest = locked.newest(HashMap::from([(tlog::log_id(&system.log), event(9).event_id)]));
    assert_eq!(newest.event_ids().collect::<Vec<_>>(), [(tlog::log_id(&system.log), system.event_id)]);
}

#[test]
fn an_event_twice_in_a_batch_is_sealed_once() {
    let mut appender = Appender::new();
    let done = appender.append(&[5, 5]);
    assert_eq!((done.results.len(), done.again.len()), (1, 1));
    let writes = appender.writes(Batch::new(done.again), |_| {});
    assert_eq!(appender.commit(writes).results, [(1, receipt(0))]);
}

#[test]
fn one_id_of_two_producers_is_two_entries() {
    let producers = |appender: &Appender| appender.logged().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let mut appender = Appender::new();
    appender.append(&[5]);
    assert_eq!(results(&appender.append_events([of_key_service(5)])), BTreeMap::from([(0, receipt(1))]));
    assert_eq!(producers(&appender), ["vault-service", "key-service"]);
    let done = appender.append_events([event(5), of_key_service(5)]);
    assert_eq!(results(&done), BTreeMap::from([(0, receipt(0)), (1, receipt(1))]), "each finds its own");

    let mut appender = Appender::new();
    let done = appender.append_events([event(5), of_key_service(5)]);
    assert_eq!((results(&done), done.again.len()), (BTreeMap::from([(0, receipt(0))]), 1), "in one batch");
    let writes = appender.writes(Batch::new(done.again), |_| {});
    assert_eq!(appender.commit(writes).results, [(1, receipt(1))]);
}

#[test]
fn one_malformed_entry_is_refused_alone() {
    let mut appender = Appender::new();
    let malformed = |answer: &mut SegmentAnswer| answer.outcome = SealOutcome::Malformed;
    let writes = appender.writes(Batch::new(pending([event(5), event(6)])), malformed);
    assert_eq!((writes.rows(), writes.logs()), (&[][..], &[][..]));
    let done = writes.committed();
    assert_eq!((done.results.len(), done.again.len()), (0, 2));
    appender = Appender::new();
    let writes = appender.writes(Batch::new(done.again), malformed);
    let done = writes.committed();
    assert_eq!(done.results, [(0, EventResult::Refused(Refusal::Entry))]);
    appender = Appender::new();
    let writes = appender.writes(Batch::new(done.again), |_| {});
    assert_eq!(appender.commit(writes).results, [(1, receipt(0))]);
}

#[test]
fn wrong_times_are_put_right_by_the_answer_and_refuse_no_event() {
    for off in [YEAR_NS, -YEAR_NS] {
        let mut appender = Appender::new();
        appender.append(&[5]);
        appender.times = Times::now(BEGINNING_NS + off);
        let mut done = appender.append(&[6, 7]);
        assert_eq!((done.results.len(), done.again.len(), appender.locked.size), (0, 2, 1));
        for refused in &done.times {
            appender.times.learn(&refused.log, &refused.answer);
        }
        let writes = appender.writes(Batch::new(std::mem::take(&mut done.again)), |_| {});
        assert_eq!(results(&appender.commit(writes)), BTreeMap::from([(0, receipt(1)), (1, receipt(2))]));
        let times: Vec<i64> = appender.logged().into_iter().map(|(_, logged_ns)| logged_ns).collect();
        assert_eq!(times, [BEGINNING_NS; 3]);
    }
}

#[test]
fn a_log_whose_last_time_is_yet_to_come_goes_on_with_it() {
    let mut appender = Appender::new();
    appender.keys.now_ns = BEGINNING_NS + YEAR_NS;
    appender.times = Times::now(BEGINNING_NS + YEAR_NS);
    appender.append(&[5]);
    appender.keys.now_ns = BEGINNING_NS;
    appender.times = Times::now(BEGINNING_NS);
    let done = appender.append(&[6]);
    let [refused] = &done.times[..] else { panic!("no times") };
    appender.times.learn(&refused.log, &refused.answer);
    assert_eq!(appender.times.now_ns, BEGINNING_NS, "other logs go by the signer's clock");
    assert_eq!(results(&appender.append(&[6])), BTreeMap::from([(0, receipt(1))]));
    assert_eq!(appender.logged()[1].1, BEGINNING_NS + YEAR_NS);
}

#[test]
fn entries_are_logged_at_whole_microseconds() {
    let mut appender = Appender::new();
    appender.times = Times::now(BEGINNING_NS + 999);
    appender.append(&[5]);
    assert_eq!((appender.logged()[0].1, appender.last_logged_ns), (BEGINNING_NS, Some(BEGINNING_NS)));
}

#[test]
fn a_batch_that_is_too_long_for_a_call_goes_on_in_the_next() {
    let mut appender = Appender::new();
    let events: Vec<u64> = (0..5_000).collect();
    let done = appender.append(&events);
    assert_eq!((done.results.len(), done.again.len()), (4096, 904));
    assert_eq!(done.again[0].ticket, 4096);
}

#[test]
fn stages_refuse_what_does_not_fit_them() {
    let batch = Batch::new(pending([event(5)]));
    assert_eq!(batch.locked(vec![]).unwrap_err(), AppendError::NotLocked);
    let row = Appender::new().locked;
    let newest = || Batch::new(pending([event(5)])).locked(vec![row.clone()]).unwrap().newest(HashMap::new());
    let times = Times::now(0);
    let built = newest().known(vec![]).checked(&[], &times).unwrap();
    assert_eq!(built.answered(vec![]).unwrap_err(), AppendError::Answers);
    assert_eq!(newest().known(vec![]).checked(&[MacVerdict::Valid], &times).unwrap_err(), AppendError::Answers);
}

#[test]
fn a_conflict_is_reported_as_suppression() {
    let (rollback, reason) = conflict(&log(), 7);
    assert_eq!((rollback.kind, rollback.size, reason.code()), (AlarmKind::Suppressed, 7, "SUPPRESSED"));
}

#[test]
fn the_start_acknowledges_all_and_probes_what_differs() {
    let at = |name: &str, size| Committed { log: name.parse().unwrap(), size, head: [u8::try_from(size).unwrap(); 32] };
    let ours = [at("logs/a", 3), at("logs/b", 2), at("logs/c", 0)];
    let heads =
        |has_open_alarms| [at("logs/a", 3), at("logs/b", 4), at("logs/d", 1)].map(|at| Listed { at, has_open_alarms });
    let probed = |has_open_alarms| {
        let sync = sync(&ours, &heads(has_open_alarms));
        sync.probe.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(probed(false), ["logs/b", "logs/d"]);
    assert_eq!(
        probed(true),
        ["logs/a", "logs/b", "logs/d"],
        "an open alarm waits for rows and signer to be seen to agree"
    );
    let sync = sync(&ours, &heads(false));
    assert_eq!(sync.acknowledgements.iter().map(|ack| ack.size).collect::<Vec<_>>(), [3, 2]);
}
