//! One `SealBatch`: all logs in one transaction, their rows locked in the order of ids.
//!
//! ```text
//! lock rows ─ check each against its newest segment ─ acknowledgements ─ reports ─ segments ─ write ─ commit ─ answer
//! ```

use std::collections::{BTreeMap, HashMap};

use db::Tx;
use names::{LogId, LogName};
use rpc::Granted;
use tlog::mac::ReadyMacKey;
use tlog::protocol::{Acknowledgement, MAX_BEHIND_BYTES, Rollback, SealOutcome, Segment, SegmentAnswer};
use tlog::signer::{AckDecision, Decision, Known, LogState, Sealing, acknowledge, page, report, seal};

use super::ids;
use crate::error::Error;
use crate::metrics;
use crate::permissions::SignerSeal;
use crate::store;
use crate::store::signer_marks::StoredAlarm;
use crate::unsealed::Unsealed;

/// How often a call is repeated that met another replica's first segment of the same log.
const MAX_RACES: usize = 3;

/// What the audit-service wants sealed and has to say. At most one segment for each log.
#[derive(Debug)]
pub struct SealBatch {
    /// Segments to seal.
    pub segments: Vec<Segment>,
    /// How far it has committed.
    pub acknowledged: Vec<Acknowledgement>,
    /// What it found wrong in its database.
    pub rollbacks: Vec<Rollback>,
}

impl SealBatch {
    fn logs(&self) -> impl Iterator<Item = &LogName> {
        let segments = self.segments.iter().map(|segment| &segment.log);
        let acknowledged = self.acknowledged.iter().map(|one| &one.log);
        segments.chain(acknowledged).chain(self.rollbacks.iter().map(|one| &one.log))
    }
}

/// What one attempt decided and wrote; nothing of it counts before the commit.
#[derive(Default)]
struct Attempt {
    answers: Vec<SegmentAnswer>,
    states: Vec<(LogName, LogState)>,
    entries: u64,
}

/// Why an attempt wrote nothing.
enum Failed {
    /// Another replica sealed the first segment of a log meanwhile.
    Raced,
    Other(Error),
}

impl From<db::Error> for Failed {
    fn from(error: db::Error) -> Self {
        store::Error::from(error).into()
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::Database(db::Error::UniqueViolation { .. }) => Self::Raced,
            _ => Self::Other(error.into()),
        }
    }
}

impl Unsealed {
    /// Decides about a batch, durably, and answers its segments in their order.
    pub async fn seal_batch(
        &self,
        _granted: &[Granted<SignerSeal>],
        batch: &SealBatch,
    ) -> Result<Vec<SegmentAnswer>, Error> {
        let mac_key = self.mac_key().await?;
        for _ in 0..MAX_RACES {
            let (key, ids) = (&mac_key.ready(), &ids(batch.logs()));
            let attempt = self
                .store
                .db()
                .run_tx("seal_batch", |tx| Box::pin(async move { self.attempt(tx, batch, (key, ids)).await }))
                .await;
            match attempt {
                Ok(attempt) => {
                    for (log, state) in &attempt.states {
                        self.seen.note(tlog::log_id(log), state);
                    }
                    metrics::sealed_entries(attempt.entries);
                    return Ok(attempt.answers);
                }
                Err(Failed::Other(error)) => return Err(error),
                Err(Failed::Raced) => {}
            }
        }
        Err(Error::Bug("another replica was first again and again"))
    }

    async fn attempt(
        &self,
        tx: &Tx<'_>,
        batch: &SealBatch,
        (key, ids): (&ReadyMacKey, &[LogId]),
    ) -> Result<Attempt, Failed> {
        let mut known = HashMap::with_capacity(ids.len());
        for stored in self.store.signer_heads_lock(tx, ids).await? {
            let id = tlog::log_id(&stored.log);
            known.insert(id, self.trusted(stored).map_err(Failed::Other)?);
        }
        let locked: Vec<_> = known.keys().copied().collect();
        let mut changed = BTreeMap::new();
        let mut alarms = self.take_marks(tx, batch, &mut known, &mut changed).await?;

        let (mut sealings, mut decisions) = (Vec::new(), Vec::with_capacity(batch.segments.len()));
        for segment in &batch.segments {
            let id = tlog::log_id(&segment.log);
            if let Some(known) = known.get_mut(&id) {
                self.complete(tx, (id, known), segment.first_index).await?;
            }
            let decision = seal(known.get(&id), segment, key);
            match decision {
                Decision::Seal(sealing) => {
                    changed.insert(id, (segment.log.clone(), sealing.state.clone()));
                    sealings.push((&segment.log, sealing));
                    decisions.push(None);
                }
                Decision::Refuse { alarm: Some(alarm), .. } => {
                    alarms.push(self.alarm(&segment.log, alarm));
                    decisions.push(Some(decision));
                }
                Decision::Probed | Decision::Replay { .. } | Decision::Behind { .. } | Decision::Refuse { .. } => {
                    decisions.push(Some(decision));
                }
            }
        }
        let states: Vec<_> = changed.into_values().collect();
        self.write(tx, (&states, &locked), (&sealings, &alarms)).await?;

        let entries = sealings.iter().map(|(_, sealing)| sealing.meta.count).sum();
        let (mut sealed, mut budget) = (sealings.into_iter(), MAX_BEHIND_BYTES);
        let mut answers = Vec::with_capacity(decisions.len());
        for (decision, segment) in decisions.into_iter().zip(&batch.segments) {
            answers.push(match decision {
                None => sealed.next().map(|(_, sealing)| sealed_answer(*sealing)).ok_or(BUG)?,
                Some(decision) => {
                    let known = known.get(&tlog::log_id(&segment.log));
                    self.answer(tx, segment, (known, decision), &mut budget).await?
                }
            });
        }
        Ok(Attempt { answers, states, entries })
    }

    /// Acknowledgements and reports. Changes `known`, and notes whose rows have to be written.
    async fn take_marks(
        &self,
        tx: &Tx<'_>,
        batch: &SealBatch,
        known: &mut HashMap<LogId, Known>,
        changed: &mut BTreeMap<LogId, (LogName, LogState)>,
    ) -> Result<Vec<StoredAlarm>, Failed> {
        let mut alarms = Vec::new();
        for one in &batch.acknowledged {
            let id = tlog::log_id(&one.log);
            if let Some(known) = known.get_mut(&id).filter(|known| one.size < known.state.size()) {
                self.complete(tx, (id, known), one.size.saturating_sub(1)).await?;
            }
            match acknowledge(known.get(&id), one) {
                AckDecision::Advance(size) => {
                    if let Some(known) = known.get_mut(&id) {
                        known.state.acknowledged = size;
                        changed.insert(id, (one.log.clone(), known.state.clone()));
                    }
                }
                AckDecision::Alarm(alarm) => alarms.push(self.alarm(&one.log, alarm)),
                AckDecision::Ignore => {}
            }
        }
        for one in &batch.rollbacks {
            let alarm = report(known.get(&tlog::log_id(&one.log)), one);
            alarms.extend(alarm.map(|alarm| self.alarm(&one.log, alarm)));
        }
        Ok(alarms)
    }

    /// Loads what a decision about an earlier place of the log needs: the segment there, and the losses.
    async fn complete(&self, tx: &Tx<'_>, (id, known): (LogId, &mut Known), index: u64) -> Result<(), Failed> {
        if index >= known.state.size() {
            return Ok(());
        }
        known.losses = self.store.signer_losses_fetch(tx, &[id]).await?.into_iter().map(|(_, loss)| loss).collect();
        known.at = self.store.signer_segment_at(tx, id, index).await?.map(|(meta, _)| meta);
        Ok(())
    }

    async fn write(
        &self,
        tx: &Tx<'_>,
        (states, locked): (&[(LogName, LogState)], &[LogId]),
        (sealings, alarms): (&[(&LogName, Box<Sealing>)], &[StoredAlarm]),
    ) -> Result<(), Failed> {
        if !states.is_empty() {
            let segments: Vec<_> = sealings.iter().map(|(log, sealing)| (*log, sealing.as_ref())).collect();
            let now = self.clock.now();
            // Sent together: the second follows the first on the connection.
            let heads = self.store.signer_heads_write(tx, states, locked);
            let (heads, inserted) = futures::future::join(heads, async {
                if segments.is_empty() { Ok(()) } else { self.store.signer_segments_insert(tx, &segments, now).await }
            })
            .await;
            if heads? != u64::try_from(states.len()).unwrap_or(u64::MAX) {
                return Err(Failed::Raced);
            }
            inserted?;
        }
        for alarm in alarms {
            self.store.signer_alarm_insert(tx, alarm).await?;
        }
        Ok(())
    }

    /// The answer to a segment that was not sealed by this call.
    async fn answer(
        &self,
        tx: &Tx<'_>,
        segment: &Segment,
        (known, decision): (Option<&Known>, Decision),
        budget: &mut usize,
    ) -> Result<SegmentAnswer, Failed> {
        let empty = LogState::empty(&segment.log);
        let state = known.map_or(&empty, |known| &known.state);
        let mut answer = plain_answer(state, SealOutcome::Sealed);
        let id = tlog::log_id(&segment.log);
        let max_bytes = i64::try_from(MAX_BEHIND_BYTES).unwrap_or(i64::MAX);
        match decision {
            Decision::Probed => {}
            Decision::Seal(_) => return Err(BUG),
            Decision::Replay { first_index } => {
                let (stored, _) = self.store.signer_segments_from(tx, id, (first_index, 0)).await?;
                let stored = stored.into_iter().next().filter(|stored| stored.first_index == first_index).ok_or(BUG)?;
                (answer.size, answer.head, answer.macs) = (stored.end(), stored.head, stored.macs);
            }
            Decision::Behind { from } => {
                let stored = self.store.signer_segments_from(tx, id, (from, max_bytes)).await?;
                let losses = known.map(|known| known.losses.clone()).unwrap_or_default();
                answer.outcome = SealOutcome::Behind;
                (answer.behind, answer.more) = page(from, stored, &losses, budget);
                answer.losses = losses.into_iter().filter(|loss| loss.end() > from).collect();
            }
            Decision::Refuse { outcome, detail, .. } => (answer.outcome, answer.detail) = (outcome, detail),
        }
        Ok(answer)
    }
}

const BUG: Failed = Failed::Other(Error::Bug("a decision has no answer"));

fn sealed_answer(sealing: Sealing) -> SegmentAnswer {
    let mut answer = plain_answer(&sealing.state, SealOutcome::Sealed);
    answer.macs = sealing.macs;
    answer
}

fn plain_answer(state: &LogState, outcome: SealOutcome) -> SegmentAnswer {
    SegmentAnswer {
        outcome,
        size: state.size(),
        head: state.head,
        macs: Vec::new(),
        behind: Vec::new(),
        more: false,
        losses: Vec::new(),
        acknowledged: state.acknowledged,
        detail: String::new(),
    }
}
