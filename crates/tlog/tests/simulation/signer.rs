//! A signer with durable storage in memory, around the decisions that key-service applies in its database.

use std::collections::BTreeMap;

use names::LogName;
use secret::SecretBytes;
use tlog::{
    CompactRange, MacKey, MacKeyring,
    mac::ReadyMacKeyring,
    protocol::{
        Acknowledgement, Alarm, Loss, MAX_BEHIND_BYTES, Rollback, SealOutcome, Segment, SegmentAnswer, StoredSegment,
    },
    signer::{self, AckDecision, Decision, Known, LogState, NewAlarm, Sealing, SegmentMeta},
};

/// One call of `SealBatch`.
#[derive(Clone, Debug, Default)]
pub(crate) struct SealBatch {
    pub(crate) segments: Vec<Segment>,
    pub(crate) acknowledged: Vec<Acknowledgement>,
    pub(crate) rollbacks: Vec<Rollback>,
}

#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) logs: BTreeMap<LogName, SignedLog>,
    key: MacKey,
    keys: ReadyMacKeyring,
    /// Whether the last segment was answered from storage.
    pub(crate) replayed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct SignedLog {
    pub(crate) state: LogState,
    pub(crate) segments: Vec<(SegmentMeta, CompactRange, StoredSegment)>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) alarms: Vec<Alarm>,
}

fn key() -> MacKey {
    MacKey::new(1, SecretBytes::from_slice(&[7; 32]).unwrap())
}

impl Signer {
    pub(crate) fn new() -> Self {
        Self { logs: BTreeMap::new(), key: key(), keys: MacKeyring::new(vec![key()]).unwrap().ready(), replayed: false }
    }

    pub(crate) fn keys(&self) -> &ReadyMacKeyring {
        &self.keys
    }

    fn known(&self, log: &LogName, index: u64) -> Option<Known> {
        let log = self.logs.get(log)?;
        let at = log.segments.iter().map(|(meta, ..)| meta).rfind(|meta| meta.first_index <= index);
        Some(Known { state: log.state.clone(), losses: log.losses.clone(), at: at.cloned() })
    }

    fn log(&mut self, log: &LogName) -> &mut SignedLog {
        self.logs.entry(log.clone()).or_insert_with(|| SignedLog {
            state: LogState::empty(log),
            segments: Vec::new(),
            losses: Vec::new(),
            alarms: Vec::new(),
        })
    }

    fn alarm(&mut self, log: &LogName, alarm: &NewAlarm) {
        let NewAlarm { kind, first_index, detail } = *alarm;
        let alarms = &mut self.log(log).alarms;
        if !alarms.iter().any(|open| (open.kind, open.first_index) == (kind, first_index) && !open.closed) {
            alarms.push(Alarm { kind, first_index, detail: detail.into(), raised_ns: 0, closed: false });
        }
    }

    pub(crate) fn seal_batch(&mut self, call: &SealBatch) -> Vec<SegmentAnswer> {
        for acknowledgement in &call.acknowledged {
            let known = self.known(&acknowledgement.log, acknowledgement.size.saturating_sub(1));
            match signer::acknowledge(known.as_ref(), acknowledgement) {
                AckDecision::Advance(size) => self.log(&acknowledgement.log).state.acknowledged = size,
                AckDecision::Alarm(alarm) => self.alarm(&acknowledgement.log, &alarm),
                AckDecision::Ignore => {}
            }
        }
        for rollback in &call.rollbacks {
            if let Some(alarm) = signer::report(self.known(&rollback.log, 0).as_ref(), rollback) {
                self.alarm(&rollback.log, &alarm);
            }
        }
        let mut budget = MAX_BEHIND_BYTES;
        call.segments.iter().map(|segment| self.seal(segment, &mut budget)).collect()
    }

    fn seal(&mut self, segment: &Segment, budget: &mut usize) -> SegmentAnswer {
        let known = self.known(&segment.log, segment.first_index);
        let decision = signer::seal(known.as_ref(), segment, &self.key.ready());
        let state = known.map_or_else(|| LogState::empty(&segment.log), |known| known.state);
        let mut answer = SegmentAnswer {
            outcome: SealOutcome::Sealed,
            size: state.size(),
            head: state.head,
            macs: Vec::new(),
            behind: Vec::new(),
            more: false,
            losses: Vec::new(),
            acknowledged: state.acknowledged,
            detail: String::new(),
        };
        self.replayed = matches!(decision, Decision::Replay { .. });
        match decision {
            Decision::Seal(sealing) => {
                answer.macs.clone_from(&sealing.macs);
                (answer.size, answer.head) = (sealing.state.size(), sealing.state.head);
                self.store(&segment.log, &sealing);
            }
            Decision::Probed => {}
            Decision::Replay { first_index } => {
                let log = self.log(&segment.log);
                let (meta, _, stored) = log.segments.iter().find(|(meta, ..)| meta.first_index == first_index).unwrap();
                (answer.size, answer.head) = (meta.end(), meta.head);
                answer.macs.clone_from(&stored.macs);
            }
            Decision::Behind { from } => {
                let log = self.log(&segment.log);
                let stored = log.segments.iter().map(|(.., stored)| stored.clone()).collect();
                answer.outcome = SealOutcome::Behind;
                answer.losses = log.losses.iter().filter(|loss| loss.last_index >= from).cloned().collect();
                (answer.behind, answer.more) = signer::page(from, (stored, false), &log.losses, budget);
            }
            Decision::Refuse { outcome, alarm, detail } => {
                (answer.outcome, answer.detail) = (outcome, detail);
                if let Some(alarm) = alarm {
                    self.alarm(&segment.log, &alarm);
                }
            }
        }
        answer
    }

    pub(crate) fn store(&mut self, log: &LogName, sealing: &Sealing) {
        let log = self.log(log);
        log.state = sealing.state.clone();
        log.segments.push((sealing.meta.clone(), sealing.range_before.clone(), sealing.stored()));
        assert!(log.state.agrees_with(&sealing.meta));
    }
}
