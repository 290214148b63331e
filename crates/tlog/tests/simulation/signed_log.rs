//! A log as the key database keeps it, in memory, around the decisions that key-service applies there.

use names::LogName;
use tlog::consistency::subtrees;
use tlog::hash::leaf_hash;
use tlog::mac::ReadyMacKey;
use tlog::protocol::{
    AckOutcome, Acknowledgement, Alarm, Closing, Loss, MAX_ALARMS_OF_KIND, MAX_ALARMS_OF_UNKNOWN, Rollback,
    SealOutcome, Segment, SegmentAnswer, SignerView, StoredSegment,
};
use tlog::signer::repair::{EntryRange, Following};
use tlog::signer::seal::Stored;
use tlog::signer::{
    self, AckDecision, Advance, AdvanceError, Clock, CloseError, Decision, Known, LogState, LossError, NewAlarm, Proof,
    Sealing, SegmentMeta,
};
use tlog::{CompactRange, Hash, Snapshot};
use uuid::{Builder, Uuid};

/// A segment as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct KeptSegment {
    pub(crate) meta: SegmentMeta,
    pub(crate) range_before: CompactRange,
    pub(crate) digest_before: Hash,
    pub(crate) stored: StoredSegment,
}

#[derive(Clone, Debug)]
pub(crate) struct SignedLog {
    pub(crate) log: LogName,
    pub(crate) state: LogState,
    pub(crate) segments: Vec<KeptSegment>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) alarms: Vec<Alarm>,
}

/// What a segment is sealed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealer<'a> {
    pub(crate) key: &'a ReadyMacKey,
    pub(crate) clock: Clock,
}

impl SignedLog {
    pub(crate) fn new(log: &LogName) -> Self {
        Self {
            log: log.clone(),
            state: LogState::empty(log),
            segments: Vec::new(),
            losses: Vec::new(),
            alarms: Vec::new(),
        }
    }

    /// What a decision about a segment is made from. `None` before the first one.
    pub(crate) fn known(&self, first_index: u64) -> Option<Known> {
        let mut known = Known { state: self.state.clone(), losses: self.losses.clone(), at: None };
        known.at = self.greatest(known.place(first_index));
        (self.state.size() > 0).then_some(known)
    }

    /// What a decision about a size is made from.
    pub(crate) fn known_below(&self, size: u64) -> Option<Known> {
        let at = self.greatest(size.saturating_sub(1));
        (self.state.size() > 0).then(|| Known { state: self.state.clone(), losses: self.losses.clone(), at })
    }

    fn greatest(&self, first_index: u64) -> Option<SegmentMeta> {
        self.segments.iter().map(|kept| &kept.meta).rfind(|meta| meta.first_index <= first_index).cloned()
    }

    /// Whether the state is the one that its newest segment leads to.
    pub(crate) fn agrees(&self) -> bool {
        self.state.size() == 0 || self.state.agrees_with(self.segments.last().map(|kept| &kept.meta))
    }

    /// Decides about a segment, stores what follows, answers. `budget` is what is left for answers BEHIND.
    pub(crate) fn seal(&mut self, segment: &Segment, with: Sealer<'_>, budget: &mut usize) -> SegmentAnswer {
        let decision = signer::seal(self.known(segment.first_index).as_ref(), segment, with.key, with.clock);
        if let Decision::Seal { sealing, alarm } = decision {
            return self.store(&sealing, alarm, with);
        }
        let mut answer = self.answer(SealOutcome::Sealed, with.clock);
        match decision {
            Decision::Seal { .. } => {}
            Decision::Probed => answer.snapshot = self.snapshot(with.key),
            Decision::Replay { first_index } => {
                let kept = self.segments.iter().find(|kept| kept.meta.first_index == first_index).unwrap();
                (answer.size, answer.head) = (kept.meta.end(), kept.meta.head);
                answer.macs.clone_from(&kept.stored.macs);
                answer.snapshot = kept.stored.snapshot.clone();
            }
            Decision::Behind { from } => {
                let segments = self.segments.iter().map(|kept| kept.stored.clone()).collect();
                let page = signer::page(from, Stored { segments, more: false }, &self.losses, budget);
                answer.outcome = SealOutcome::Behind;
                answer.losses = self.losses.iter().filter(|loss| loss.end() > from).cloned().collect();
                (answer.behind, answer.more) = (page.segments, page.more);
                answer.snapshot = self.snapshot(with.key);
            }
            Decision::Refuse { outcome, alarm, detail } => {
                if outcome == SealOutcome::Stale {
                    self.state.stale_at = Some(segment.first_index);
                }
                if let Some(alarm) = alarm {
                    self.raise(alarm, with.clock);
                }
                (answer.outcome, answer.detail) = (outcome, detail);
            }
        }
        answer
    }

    fn store(&mut self, sealing: &Sealing, alarm: Option<NewAlarm>, with: Sealer<'_>) -> SegmentAnswer {
        self.state = sealing.state.clone();
        if let Some(alarm) = alarm {
            self.raise(alarm, with.clock);
        }
        let snapshot = self.snapshot(with.key);
        self.segments.push(KeptSegment {
            meta: sealing.meta.clone(),
            range_before: sealing.range_before.clone(),
            digest_before: sealing.digest_before,
            stored: sealing.stored(snapshot.clone()),
        });
        assert!(self.agrees());
        SegmentAnswer { macs: sealing.macs.clone(), snapshot, ..self.answer(SealOutcome::Sealed, with.clock) }
    }

    fn answer(&self, outcome: SealOutcome, clock: Clock) -> SegmentAnswer {
        SegmentAnswer {
            outcome,
            size: self.state.size(),
            head: self.state.head,
            macs: Vec::new(),
            behind: Vec::new(),
            more: false,
            losses: Vec::new(),
            acknowledged: self.state.acknowledged,
            snapshot: bytes::Bytes::new(),
            last_logged_ns: self.state.last_logged_ns,
            now_ns: clock.now_ns,
            alarms_raised: self.state.alarms_raised,
            detail: String::new(),
        }
    }

    pub(crate) fn snapshot(&self, key: &ReadyMacKey) -> bytes::Bytes {
        self.state.snapshot(&self.log, &self.losses).seal(key)
    }

    fn raise(&mut self, new: NewAlarm, clock: Clock) {
        let known = self.state.size() > 0;
        let limit = if known { MAX_ALARMS_OF_KIND } else { MAX_ALARMS_OF_UNKNOWN };
        let millis = u64::try_from(clock.now_ns / 1_000_000).unwrap();
        let number = u16::try_from(self.alarms.len()).unwrap().to_be_bytes();
        let random = [number[0], number[1], 0, 0, 0, 0, 0, 0, 0, 0];
        let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        signer::raise(&mut self.alarms, new, id, clock.now_ns, limit);
        self.state.set_raised(&self.alarms, 1);
    }

    pub(crate) fn acknowledge(&mut self, acknowledgement: &Acknowledgement, clock: Clock) -> AckOutcome {
        match signer::acknowledge(self.known_below(acknowledgement.size).as_ref(), acknowledgement, clock) {
            AckDecision::Store(state) => {
                self.state = *state;
                AckOutcome::Acknowledged
            }
            AckDecision::Answer(outcome) => outcome,
            AckDecision::Alarm(outcome, alarm) => {
                self.raise(alarm, clock);
                outcome
            }
        }
    }

    pub(crate) fn report(&mut self, report: &Rollback, clock: Clock) {
        let alarm = signer::report(self.known_below(0).as_ref(), report);
        if let Some(alarm) = alarm {
            self.raise(alarm, clock);
        }
    }

    /// Brings the log forward to a snapshot whose MAC was checked.
    pub(crate) fn advance(&mut self, snapshot: &Snapshot, proof: &Proof, clock: Clock) -> Result<(), AdvanceError> {
        let (log, from) = (self.log.clone(), self.state.size());
        self.advance_to(Advance { log: &log, snapshot, unknown_version: None, from, proof }, clock)
    }

    /// Brings the log forward to what is offered.
    pub(crate) fn advance_to(&mut self, offered: Advance<'_>, clock: Clock) -> Result<(), AdvanceError> {
        let known = self.known_below(offered.snapshot.size());
        let advancing = signer::advance(known.as_ref(), &self.alarms, offered, clock)?;
        (self.state, self.losses) = (advancing.state, advancing.losses);
        self.mark_closed(&advancing.explained, clock);
        if let Some(alarm) = advancing.alarm {
            self.raise(alarm, clock);
        }
        assert!(self.agrees());
        Ok(())
    }

    pub(crate) fn declare_loss(&mut self, lost: EntryRange, alarms: &[Uuid], clock: Clock) -> Result<(), LossError> {
        let known = self.known_below(0).ok_or(LossError::Range)?;
        let next = self.segments.iter().find(|kept| Some(kept.meta.first_index) == lost.last_index.checked_add(1));
        let next = next.map(|kept| Following {
            meta: &kept.meta,
            range_before: &kept.range_before,
            digest_before: kept.digest_before,
        });
        let (state, loss) = signer::declare_loss(&known, lost, next, clock)?;
        self.state = state;
        self.losses.push(loss);
        self.losses.sort_by_key(|loss| (loss.first_index, loss.last_index));
        self.mark_closed(alarms, clock);
        Ok(())
    }

    pub(crate) fn close(&mut self, alarms: &[Uuid], clock: Clock) -> Result<(), CloseError> {
        signer::close(Some(&self.state), &mut self.alarms, alarms, &closing(clock))?;
        self.state.set_alarms(&self.alarms);
        Ok(())
    }

    fn mark_closed(&mut self, alarms: &[Uuid], clock: Clock) {
        signer::close_named(&mut self.alarms, alarms, &closing(clock));
        self.state.set_alarms(&self.alarms);
    }

    /// Deletes the oldest acknowledged segments but `keep`, never the newest.
    pub(crate) fn prune(&mut self, keep: usize) {
        let acknowledged = self.segments.iter().filter(|kept| kept.meta.end() <= self.state.acknowledged).count();
        let pruned = acknowledged.saturating_sub(keep).min(self.segments.len().saturating_sub(1));
        self.segments.drain(..pruned);
    }

    pub(crate) fn view(&self) -> SignerView {
        let unacknowledged = self.segments.iter().filter(|kept| kept.meta.first_index >= self.state.acknowledged);
        let mut alarms = self.alarms.clone();
        alarms.sort_by_key(|alarm| (!alarm.is_open(), std::cmp::Reverse(alarm.id)));
        SignerView {
            size: self.state.size(),
            head: self.state.head,
            acknowledged: self.state.acknowledged,
            root: self.state.range.root(),
            last_logged_ns: self.state.last_logged_ns,
            macs_digest: self.state.macs_digest,
            alarms_in_all: u64::try_from(alarms.len()).unwrap(),
            alarms,
            unlisted_last_index: None,
            losses: self.losses.clone(),
            unacknowledged: unacknowledged.map(|kept| kept.stored.clone()).collect(),
        }
    }
}

/// The proof that the tree over the first `to` of these entries continues the one over the first `from`.
pub(crate) fn consistency_proof(from: u64, to: u64, entry: impl Fn(u64) -> bytes::Bytes) -> Vec<Hash> {
    let root = |leaves: std::ops::Range<u64>| {
        let mut range = CompactRange::new();
        leaves.for_each(|index| range.append(leaf_hash(&entry(index))));
        range.root()
    };
    subtrees(from, to).into_iter().map(root).collect()
}

fn closing(clock: Clock) -> Closing {
    Closing { closed_ns: clock.now_ns, reference: "ticket/7".into() }
}
