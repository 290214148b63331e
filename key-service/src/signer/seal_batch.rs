//! One `SealBatch`: all logs in one transaction, their rows locked in the order of ids.
//!
//! ```text
//! lock rows ─ check each against its newest segment ─ reports ─ segments ─ alarms ─ snapshots ─ write ─ commit ─ answer
//! ```
//! One log holds the others of a call up for a tenth of a second, and for two more where others make a first row: where its row
//! stays locked, or what is kept of it cannot be used, it is passed over, and told so.
//!
//! # Layout
//! - [`asked`]: what the audit-service asks for
//! - `load`: locks and loads what a batch is about

pub mod asked;
mod load;

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use db::Tx;
use names::{LogId, LogName};
use rpc::Granted;
use tlog::protocol::{MAX_BEHIND_BYTES, SealOutcome, Segment, SegmentAnswer};
use tlog::signer::{Clock, Decision, Known, LogState, NewAlarm, page, report, seal};

use super::marks::{AlarmsOf, Headless, Raised};
use super::write::{Changed, Writing, raced};
use super::{Signer, ids};
use crate::error::Error;
use crate::permissions::{SignerSeal, check_granted};
use crate::store::signer_heads::HeadRows;
use crate::store::signer_segments::NewSegment;
use crate::{metrics, store};

use asked::SealBatch;
use load::{Attempted, Loaded, LockedByOthers};

/// How often a call is repeated that met another replica's first segment of the same log.
const MAX_RACES: usize = 3;

/// What one attempt wrote; nothing of it counts before the commit.
struct Attempt {
    answers: Vec<SegmentAnswer>,
    states: Vec<Changed>,
    entries: u64,
}

/// What was decided, before it is written.
struct Decided<'a> {
    known: HashMap<LogId, Known>,
    rows: HeadRows,
    clock: Clock,
    decisions: Vec<Answerable<'a>>,
    /// Logs whose rows are to be written.
    changed: BTreeMap<LogId, Changed>,
    raised: Raised,
}

/// A segment, and what was decided about it.
struct Answerable<'a> {
    segment: &'a Segment,
    decision: Decision,
}

impl Signer {
    /// Decides about a batch, durably, and answers its segments in their order.
    pub async fn seal_batch(
        &self,
        granted: &[Granted<SignerSeal>],
        batch: &SealBatch,
    ) -> Result<Vec<SegmentAnswer>, Error> {
        check_granted(granted, batch.logs())?;
        let mac_key = self.mac_key().await?;
        let ids = &ids(batch.logs());
        let (mut others, mut races) = (LockedByOthers::Wait, 0);
        while races < MAX_RACES {
            let attempted = Attempted { batch, key: &mac_key.ready(), ids, others };
            let attempt = self.core.store.db().run_tx("seal_batch", |tx| Box::pin(self.attempt(tx, attempted))).await;
            match attempt.map_err(raced) {
                Ok(attempt) => {
                    for (log, state) in &attempt.states {
                        self.seen.note(log, state);
                    }
                    metrics::sealed_entries(attempt.entries);
                    return Ok(attempt.answers);
                }
                Err(Error::SignerRaced) => {
                    races += 1;
                    // Not again and again with the others.
                    if batch.may_pass_over() && races == MAX_RACES && others != LockedByOthers::PassOverNew {
                        (others, races) = (LockedByOthers::PassOverNew, races - 1);
                    }
                }
                Err(Error::Store(store::Error::Database(db::Error::Locked))) if batch.may_pass_over() => {
                    others = others.next().ok_or(Error::Store(store::Error::Database(db::Error::Locked)))?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Bug("another replica was first again and again"))
    }

    async fn attempt(&self, tx: &Tx<'_>, attempt: Attempted<'_>) -> Result<Attempt, Error> {
        let key = attempt.key;
        let may_pass_over = attempt.batch.may_pass_over();
        let mut decided = self.decided(tx, attempt).await?;
        let alarms = self.raise_alarms(tx, &mut decided, may_pass_over).await?;
        let mut snapshots = Vec::new();
        for Answerable { segment, decision } in &decided.decisions {
            let id = tlog::log_id(&segment.log);
            let losses = decided.known.get(&id).map(|known| known.losses.as_slice()).unwrap_or_default();
            let state = decided.changed.get(&id).map(|(_, state)| state);
            snapshots.push(match (decision, state.or_else(|| decided.known.get(&id).map(|known| &known.state))) {
                (Decision::Seal { .. } | Decision::Probed | Decision::Behind { .. }, Some(state)) => {
                    state.snapshot(&segment.log, losses).seal(key)
                }
                _ => Bytes::new(),
            });
        }
        let mut states: Vec<Changed> = decided.changed.values().cloned().collect();
        let mut segments = Vec::new();
        for (Answerable { segment, decision }, snapshot) in decided.decisions.iter().zip(&snapshots) {
            if let Decision::Seal { sealing, .. } = decision {
                segments.push(NewSegment { log: &segment.log, sealing: sealing.as_ref(), snapshot });
            }
        }
        let entries = segments.iter().map(|one| one.sealing.meta.count).sum();
        let (locked, clock) = (&decided.rows, decided.clock);
        self.write(tx, Writing { states: &mut states, locked, segments: &segments, clock }).await?;
        self.core.store.signer_alarms_write(tx, &alarms).await?;

        let mut budget = MAX_BEHIND_BYTES;
        let mut answers = Vec::with_capacity(snapshots.len());
        for (one, snapshot) in std::mem::take(&mut decided.decisions).into_iter().zip(snapshots) {
            let segment = one.segment;
            let answer = match self.answer(tx, &decided, one, &mut budget).await {
                // Nothing was written for it: it is behind, or a repetition.
                Err(error) if may_pass_over && is_of_log(&error) => {
                    let one = Answerable { segment, decision: passed_over() };
                    self.answer(tx, &decided, one, &mut budget).await?
                }
                answer => answer?,
            };
            // Behind with more to come ends elsewhere, and what was sealed before has its own.
            let own = answer.more || !answer.snapshot.is_empty();
            answers.push(if own { answer } else { SegmentAnswer { snapshot, ..answer } });
        }
        Ok(Attempt { answers, states, entries })
    }

    /// Locks and loads what the batch is about, and decides.
    async fn decided<'a>(&self, tx: &Tx<'_>, attempt: Attempted<'a>) -> Result<Decided<'a>, Error> {
        let Attempted { batch, key, .. } = attempt;
        let Loaded { known, rows, clock, passed_over: unusable } = self.loaded(tx, attempt).await?;
        let (changed, raised) = (BTreeMap::new(), Raised::new());
        let mut decided = Decided { known, rows, clock, decisions: Vec::new(), changed, raised };
        for one in &batch.rollbacks {
            let alarm = report(decided.known.get(&tlog::log_id(&one.log)), one);
            if let Some(alarm) = alarm {
                decided.raise(&one.log, alarm);
            }
        }
        for segment in &batch.segments {
            let id = tlog::log_id(&segment.log);
            let decision =
                if unusable.contains(&id) { passed_over() } else { seal(decided.known.get(&id), segment, key, clock) };
            decided.take(segment, decision);
        }
        Ok(decided)
    }

    /// Adds the alarms that were raised to those of their logs, and to the states that are to be written. A log whose alarms
    /// cannot be used is passed over where it may be; those that have no head are counted together.
    async fn raise_alarms(
        &self,
        tx: &Tx<'_>,
        decided: &mut Decided<'_>,
        may_pass_over: bool,
    ) -> Result<Vec<(LogName, tlog::protocol::Alarm)>, Error> {
        let Decided { known, clock, changed, raised, .. } = decided;
        let beginning: Vec<_> = changed.keys().filter(|id| !known.contains_key(id)).copied().collect();
        let none = |id: &&LogId| !known.contains_key(id) && !changed.contains_key(id);
        let unknown: Vec<_> = raised.keys().filter(none).copied().collect();
        let mut unusable = HashSet::new();
        let mut headless = match self.headless(tx, &beginning, &unknown).await {
            Err(error) if may_pass_over && is_of_log(&error) => {
                unusable.extend(beginning.iter().chain(&unknown));
                raised.retain(|id, _| !unusable.contains(id));
                Headless::default()
            }
            headless => headless?,
        };
        let mut adopted = HashMap::with_capacity(beginning.len());
        for id in beginning {
            if let Some((log, state)) = changed.get_mut(&id) {
                let alarms = headless.take(log);
                state.set_raised(&alarms, alarms.len());
                adopted.insert(id, alarms);
            }
        }
        let mut all = Vec::new();
        for (id, (log, new)) in std::mem::take(raised) {
            let before = known.get(&id).map(|known| &known.state);
            let mut alarms = match (adopted.remove(&id), before) {
                (Some(alarms), _) => alarms,
                (None, Some(state)) => match self.load_alarms(tx, &log, state).await {
                    Err(error) if may_pass_over && is_of_log(&error) => {
                        unusable.insert(id);
                        continue;
                    }
                    alarms => alarms?,
                },
                (None, None) => {
                    self.add_headless(&mut headless, &log, new, *clock);
                    continue;
                }
            };
            // A log whose alarms were adopted is changed already.
            let empty = || LogState::empty(&log);
            let (_, state) = changed.entry(id).or_insert_with(|| (log.clone(), before.cloned().unwrap_or_else(empty)));
            all.extend(self.add_alarms(AlarmsOf { log: &log, state, alarms: &mut alarms }, new, *clock));
        }
        decided.pass_over(&unusable);
        self.write_headless(tx, headless).await?;
        Ok(all)
    }

    /// The answer to a segment, but for the snapshot of what is sealed or stands at the end.
    async fn answer(
        &self,
        tx: &Tx<'_>,
        decided: &Decided<'_>,
        one: Answerable<'_>,
        budget: &mut usize,
    ) -> Result<SegmentAnswer, Error> {
        let Answerable { segment, decision } = one;
        let id = tlog::log_id(&segment.log);
        let (known, empty) = (decided.known.get(&id), LogState::empty(&segment.log));
        let state = known.map_or(&empty, |known| &known.state);
        let mut answer = plain_answer(state, decided.clock);
        match decision {
            Decision::Probed => {}
            Decision::Seal { sealing, .. } => {
                answer = plain_answer(&sealing.state, decided.clock);
                answer.macs = sealing.macs;
            }
            Decision::Replay { first_index } => {
                let stored = self.core.store.signer_segments_from(tx, id, first_index, 0).await?.segments;
                let stored = stored.into_iter().next().filter(|stored| stored.first_index == first_index);
                let stored = stored.ok_or(Error::Bug("a segment to be repeated is not there"))?;
                (answer.size, answer.head) = (stored.end(), stored.head);
                (answer.macs, answer.snapshot) = (stored.macs, stored.snapshot);
            }
            Decision::Behind { from } => {
                let max_bytes = i64::try_from(*budget).unwrap_or(i64::MAX);
                let stored = self.core.store.signer_segments_from(tx, id, from, max_bytes).await?;
                let losses = known.map(|known| known.losses.clone()).unwrap_or_default();
                answer.outcome = SealOutcome::Behind;
                let page = page(from, stored, &losses, budget);
                (answer.behind, answer.more) = (page.segments, page.more);
                answer.losses = losses.into_iter().filter(|loss| loss.end() > from).collect();
            }
            Decision::Refuse { outcome, detail, .. } => (answer.outcome, answer.detail) = (outcome, detail),
        }
        // With those that this call has raised.
        answer.alarms_raised = decided.changed.get(&id).map_or(answer.alarms_raised, |(_, state)| state.alarms_raised);
        Ok(answer)
    }
}

impl<'a> Decided<'a> {
    /// Notes what a decision changes.
    fn take(&mut self, segment: &'a Segment, decision: Decision) {
        let id = tlog::log_id(&segment.log);
        match &decision {
            Decision::Seal { sealing, alarm } => {
                self.changed.insert(id, (segment.log.clone(), sealing.state.clone()));
                if let Some(alarm) = alarm {
                    self.raise(&segment.log, alarm.clone());
                }
            }
            Decision::Refuse { outcome, alarm, .. } => {
                if let Some(alarm) = alarm {
                    self.raise(&segment.log, alarm.clone());
                }
                let known = self.known.get(&id).filter(|_| *outcome == SealOutcome::Stale);
                if let Some(known) = known.filter(|known| known.state.stale_at != Some(segment.first_index)) {
                    let state = LogState { stale_at: Some(segment.first_index), ..known.state.clone() };
                    self.changed.insert(id, (segment.log.clone(), state));
                }
            }
            Decision::Probed | Decision::Replay { .. } | Decision::Behind { .. } => {}
        }
        self.decisions.push(Answerable { segment, decision });
    }

    /// Decides nothing about these logs.
    fn pass_over(&mut self, logs: &HashSet<LogId>) {
        if logs.is_empty() {
            return;
        }
        self.changed.retain(|id, _| !logs.contains(id));
        for one in self.decisions.iter_mut().filter(|one| logs.contains(&tlog::log_id(&one.segment.log))) {
            one.decision = passed_over();
        }
    }

    fn raise(&mut self, log: &LogName, alarm: NewAlarm) {
        let (_, alarms) = self.raised.entry(tlog::log_id(log)).or_insert_with(|| (log.clone(), Vec::new()));
        alarms.push(alarm);
    }
}

fn passed_over() -> Decision {
    Decision::Refuse { outcome: SealOutcome::PassedOver, alarm: None, detail: "to be sent alone".to_owned() }
}

/// Whether what is kept of a log cannot be used, and other logs can go on.
fn is_of_log(error: &Error) -> bool {
    !error.is_of_database() && !matches!(error, Error::SignerRaced)
}

fn plain_answer(state: &LogState, clock: Clock) -> SegmentAnswer {
    SegmentAnswer {
        outcome: SealOutcome::Sealed,
        size: state.size(),
        head: state.head,
        macs: Vec::new(),
        behind: Vec::new(),
        more: false,
        losses: Vec::new(),
        acknowledged: state.acknowledged,
        snapshot: Bytes::new(),
        last_logged_ns: state.last_logged_ns,
        now_ns: clock.now_ns,
        alarms_raised: state.alarms_raised,
        detail: String::new(),
    }
}
