//! From events to receipts: what is known, what the signer answers, what is quarantined.

use std::collections::BTreeMap;

use bytes::Bytes;
use names::LogId;
use tlog::{
    Event,
    append::{
        AppendError, Batch, Committed, Done, EventResult, KnownRow, LockedLog, Pending, Quarantine, QuarantineReason,
        Refusal, Writes, conflict, sync,
    },
    event::EventError,
    protocol::{AlarmKind, SealOutcome, SegmentAnswer},
};

use crate::{
    signer_in_memory::{SealBatch, Signer},
    support::{OwnedRow, event, log},
};

/// A log of audit-service's database, and the signer.
struct Appender {
    signer: Signer,
    locked: LockedLog,
    rows: Vec<OwnedRow>,
}

impl Appender {
    fn new() -> Self {
        let locked = LockedLog {
            log_id: tlog::log_id(&log()),
            size: 0,
            head: tlog::genesis(&log()),
            last_logged_ns: 0,
            quarantined: false,
        };
        Self { signer: Signer::new(), locked, rows: Vec::new() }
    }

    fn known(&self, ids: &[(LogId, names::EventId)]) -> Vec<KnownRow> {
        let found = ids.iter().filter_map(|(log_id, event_id)| {
            let row = self.rows.iter().find(|row| row.event_id == *event_id)?;
            Some(KnownRow {
                log_id: *log_id,
                index: row.index,
                event_id: *event_id,
                entry: Bytes::from(row.entry.clone()),
                mac: Bytes::from(row.mac.clone()),
            })
        });
        found.collect()
    }

    fn ask(&mut self, segments: &[tlog::protocol::Segment]) -> Vec<SegmentAnswer> {
        self.signer.seal_batch(&SealBatch { segments: segments.to_vec(), ..SealBatch::default() })
    }

    /// Everything up to the writes; `change` alters the signer's answers.
    fn writes(&mut self, batch: Batch, change: impl Fn(&mut SegmentAnswer)) -> Writes {
        let locked = batch.locked(vec![self.locked.clone()]).unwrap();
        let ids: Vec<_> = locked.event_ids().collect();
        let matched = locked.known(self.known(&ids));
        let keys = self.signer.keys();
        let valid: Vec<bool> = matched
            .checks()
            .iter()
            .map(|check| keys.verify(tlog::log_id(&check.log), check.index, &check.head, &check.mac))
            .collect();
        let built = matched.checked(&valid, 1_000).unwrap();
        let mut answers = self.ask(built.segments());
        answers.iter_mut().for_each(change);
        built.answered(answers).unwrap()
    }

    fn append(&mut self, events: &[u64]) -> Done {
        let batch = Batch::new(pending(events.iter().map(|n| event(*n))));
        let writes = self.writes(batch, |_| {});
        self.commit(writes)
    }

    fn commit(&mut self, writes: Writes) -> Done {
        for row in writes.rows() {
            self.rows.push(OwnedRow::new(row.index, &row.entry, &row.mac));
        }
        for update in writes.logs() {
            self.locked.size = update.size;
            self.locked.head = update.head;
            self.locked.last_logged_ns = update.last_logged_ns;
            match update.quarantine {
                Quarantine::Keep => {}
                Quarantine::End => self.locked.quarantined = false,
                Quarantine::Begin(_) => self.locked.quarantined = true,
            }
        }
        writes.committed()
    }
}

fn pending(events: impl IntoIterator<Item = Event>) -> Vec<Pending> {
    (0..).zip(events).map(|(ticket, event)| Pending::new(ticket, log(), event)).collect()
}

fn results(done: &Done) -> BTreeMap<u64, EventResult> {
    done.results.iter().cloned().collect()
}

fn receipt(index: u64) -> EventResult {
    EventResult::Receipt { index }
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
fn an_event_twice_in_a_batch_is_sealed_once() {
    let mut appender = Appender::new();
    let done = appender.append(&[5, 5]);
    assert_eq!((done.results.len(), done.again.len()), (1, 1));
    let batch = Batch::new(done.again);
    let writes = appender.writes(batch, |_| {});
    assert_eq!(appender.commit(writes).results, [(1, receipt(0))]);
}

#[test]
fn another_event_with_an_id_that_is_taken_is_refused_for_ever() {
    let mut appender = Appender::new();
    let other = Event { reference: "other".into(), ..event(5) };
    let batch = Batch::new(pending([event(5), other.clone()]));
    let writes = appender.writes(batch, |_| {});
    let done = appender.commit(writes);
    assert_eq!(results(&done)[&1], EventResult::Refused(Refusal::EventIdReused));
    let writes = appender.writes(Batch::new(pending([other])), |_| {});
    assert_eq!(writes.rollbacks(), []);
    assert_eq!(appender.commit(writes).results, [(0, EventResult::Refused(Refusal::EventIdReused))]);
}

#[test]
fn a_row_that_suppresses_an_event_is_reported_and_quarantines_the_log() {
    let changes: [fn(&mut OwnedRow); 4] = [
        |row| row.event_id = event(9).event_id, // the column of another, genuine entry
        |row| row.mac[30] ^= 1,
        |row| row.entry[200] ^= 1,
        |row| row.entry.clear(),
    ];
    for (change, suppressed) in changes.into_iter().zip([9, 6, 6, 6]) {
        let mut appender = Appender::new();
        appender.append(&[5, 6, 7]);
        change(&mut appender.rows[1]);
        let writes = appender.writes(Batch::new(pending([event(suppressed), event(10)])), |_| {});
        let [rollback] = writes.rollbacks() else { panic!("no report") };
        assert_eq!((rollback.kind, rollback.size), (AlarmKind::Suppressed, 1));
        let done = appender.commit(writes);
        assert!(done.results.iter().all(|(_, result)| *result == EventResult::Quarantined));
        assert!(appender.locked.quarantined);
        assert_eq!(appender.append(&[11]).results, [(0, EventResult::Quarantined)]);
    }
}

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
    appender.signer.seal_batch(&SealBatch { acknowledged: done.acknowledgements, ..SealBatch::default() });
    appender.locked = before;
    appender.rows.clear();
    let writes = appender.writes(Batch::new(pending([event(6)])), |_| {});
    let [rollback] = writes.rollbacks() else { panic!("no report") };
    assert_eq!((rollback.kind, rollback.size), (AlarmKind::RolledBack, 0));
    appender.commit(writes);
    assert_eq!(appender.locked.size, 1);
}

#[test]
fn refusals_quarantine_the_log_and_a_probe_ends_it() {
    for (outcome, reason) in [
        (SealOutcome::Ahead, QuarantineReason::Ahead),
        (SealOutcome::Forked, QuarantineReason::Forked),
        (SealOutcome::Stale, QuarantineReason::Stale),
    ] {
        let mut appender = Appender::new();
        appender.append(&[5]);
        let refusal = |answer: &mut SegmentAnswer| answer.outcome = outcome;
        let writes = appender.writes(Batch::probe(&[log()]), refusal);
        assert_eq!(writes.logs()[0].quarantine, Quarantine::Begin(reason));
        let done = appender.commit(writes);
        assert_eq!(done.acknowledgements, []);
        assert_eq!(appender.append(&[6]).results, [(0, EventResult::Quarantined)]);
        let writes = appender.writes(Batch::probe(&[log()]), refusal);
        assert_eq!(writes.logs(), [], "still quarantined, and for the first reason");
        let writes = appender.writes(Batch::probe(&[log()]), |_| {});
        appender.commit(writes);
        assert_eq!(appender.append(&[6]).results, [(0, receipt(1))]);
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
    let changes: [fn(&mut SegmentAnswer); 4] = [
        |answer| answer.behind[0].head[0] ^= 1,
        |answer| answer.behind[0].macs.clear(),
        |answer| answer.behind[0].first_index += 1,
        |answer| answer.behind.clear(),
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
fn an_event_that_no_log_takes_is_refused_before_anything_else() {
    let bad = Event { actor: String::new(), ..event(1) };
    let mut appender = Appender::new();
    let writes = appender.writes(Batch::new(pending([bad, event(2)])), |_| {});
    let refusal = Refusal::Malformed(EventError::Missing { field: "actor" });
    let expected = BTreeMap::from([(0, EventResult::Refused(refusal)), (1, receipt(0))]);
    assert_eq!(results(&appender.commit(writes)), expected);
}

#[test]
fn time_logged_never_goes_back() {
    let mut appender = Appender::new();
    appender.locked.last_logged_ns = 5_000;
    appender.append(&[5]);
    let entry = tlog::entry::decode(&appender.rows[0].entry).unwrap();
    assert_eq!((entry.place.logged_ns, appender.locked.last_logged_ns), (5_000, 5_000));
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
    let appender = Appender::new();
    let locked = Batch::new(pending([event(5)])).locked(vec![appender.locked.clone()]).unwrap();
    let built = locked.known(vec![]).checked(&[], 0).unwrap();
    assert_eq!(built.answered(vec![]).unwrap_err(), AppendError::Answers);
    let locked = Batch::new(pending([event(5)])).locked(vec![appender.locked.clone()]).unwrap();
    assert_eq!(locked.known(vec![]).checked(&[true], 0).unwrap_err(), AppendError::Answers);
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
    let heads = [at("logs/a", 3), at("logs/b", 4), at("logs/d", 1)];
    let sync = sync(&ours, &heads);
    let names: Vec<String> = sync.probe.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["logs/b", "logs/d"]);
    assert_eq!(sync.acknowledgements.iter().map(|ack| ack.size).collect::<Vec<_>>(), [3, 2]);
}
