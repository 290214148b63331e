//! How far audit-service has committed: one transaction for all logs of a call, an answer for each.

use std::collections::{BTreeMap, HashMap};

use db::Tx;
use names::{LogId, LogName};
use rpc::Granted;
use tlog::protocol::{AckOutcome, Acknowledgement, Alarm};
use tlog::signer::{AckDecision, Clock, Known, acknowledge};

use super::marks::{AlarmsOf, Raised};
use super::write::{Changed, Writing, raced};
use super::{Signer, ids};
use crate::error::Error;
use crate::permissions::{SignerAcknowledge, check_granted};
use crate::store;

/// What became of an acknowledgement. `None`: what the signer keeps of the log cannot be used.
pub type Acknowledged = Option<AckOutcome>;

/// How often a call is repeated that met another replica's first segment of a log.
const MAX_RACES: usize = 3;

/// What acknowledgements change.
struct Taking {
    clock: Clock,
    /// Logs whose rows are to be written.
    changed: BTreeMap<LogId, Changed>,
    /// Alarms to keep.
    alarms: Vec<(LogName, Alarm)>,
    /// Alarms of logs that have no head.
    unknown: Raised,
}

impl Signer {
    /// Takes acknowledgements, of each log once, and says what became of each, in their order.
    pub async fn acknowledge(
        &self,
        granted: &[Granted<SignerAcknowledge>],
        acknowledgements: &[Acknowledgement],
    ) -> Result<Vec<Acknowledged>, Error> {
        check_granted(granted, acknowledgements.iter().map(|one| &one.log))?;
        let ids = &ids(acknowledgements.iter().map(|one| &one.log));
        for _ in 0..MAX_RACES {
            let done = self
                .core
                .store
                .db()
                .run_tx("acknowledge", |tx| {
                    Box::pin(async move { self.acknowledge_in_tx(tx, acknowledgements, ids).await })
                })
                .await;
            match done.map_err(raced) {
                Ok((outcomes, states)) => {
                    for (log, state) in &states {
                        self.seen.note(log, state);
                    }
                    return Ok(outcomes);
                }
                Err(Error::SignerRaced) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Bug("another replica was first again and again"))
    }

    async fn acknowledge_in_tx(
        &self,
        tx: &Tx<'_>,
        acknowledgements: &[Acknowledgement],
        ids: &[LogId],
    ) -> Result<(Vec<Acknowledged>, Vec<Changed>), Error> {
        // A row that somebody has locked keeps no other log's from being taken.
        let locked = self.free_heads(tx, ids).await?;
        let clock = locked.clock;
        let names: HashMap<LogId, &LogName> =
            acknowledgements.iter().map(|one| (tlog::log_id(&one.log), &one.log)).collect();
        let mut logs = HashMap::with_capacity(ids.len());
        for (id, stored) in locked.heads {
            let known = stored.map_err(Error::from).and_then(|stored| self.trusted(stored));
            logs.extend(names.get(&id).map(|log| (id, ((*log).clone(), known))));
        }
        logs.extend(locked.gone.into_iter().map(|(id, log)| (id, (log.clone(), Err(Error::SignerSetBack(log))))));
        self.load_losses(tx, &mut logs).await?;
        self.load_segments(tx, acknowledgements, &mut logs).await?;

        let mut taking = Taking { clock, changed: BTreeMap::new(), alarms: Vec::new(), unknown: Raised::new() };
        let mut outcomes = Vec::with_capacity(acknowledgements.len());
        for one in acknowledgements {
            if locked.busy.contains(&tlog::log_id(&one.log)) {
                outcomes.push(Some(AckOutcome::Busy));
                continue;
            }
            let taken = match logs.get(&tlog::log_id(&one.log)) {
                Some((_, Ok(known))) => self.take(tx, one, Some(known), &mut taking).await,
                Some((_, Err(error))) => {
                    error.report();
                    outcomes.push(None);
                    continue;
                }
                None => self.take(tx, one, None, &mut taking).await,
            };
            outcomes.push(match taken {
                Ok(outcome) => Some(outcome),
                Err(error @ (Error::SignerMarks(_) | Error::Store(store::Error::Row(_)))) => {
                    error.report();
                    None
                }
                Err(error) => return Err(error),
            });
        }
        let unknown: Vec<LogId> = taking.unknown.keys().copied().collect();
        let mut states: Vec<Changed> = taking.changed.into_values().collect();
        self.write(tx, Writing { states: &mut states, locked: &locked.rows, segments: &[], clock }).await?;
        self.core.store.signer_alarms_write(tx, &taking.alarms).await?;
        if let Err(error) = self.raise_unknown(tx, taking.unknown, clock).await {
            let (Error::SignerUnknownMarks | Error::Store(store::Error::Row(_))) = error else { return Err(error) };
            error.report();
            for (one, outcome) in acknowledgements.iter().zip(&mut outcomes) {
                if unknown.contains(&tlog::log_id(&one.log)) {
                    *outcome = None;
                }
            }
        }
        Ok((outcomes, states))
    }

    /// Keeps alarms of logs that have no head.
    async fn raise_unknown(&self, tx: &Tx<'_>, raised: Raised, clock: Clock) -> Result<(), Error> {
        let logs: Vec<LogId> = raised.keys().copied().collect();
        let mut headless = self.headless(tx, &[], &logs).await?;
        for (log, new) in raised.into_values() {
            self.add_headless(&mut headless, &log, new, clock);
        }
        self.write_headless(tx, headless).await
    }

    /// Decides about one acknowledgement, and notes what it changes.
    async fn take(
        &self,
        tx: &Tx<'_>,
        one: &Acknowledgement,
        known: Option<&Known>,
        taking: &mut Taking,
    ) -> Result<AckOutcome, Error> {
        let id = tlog::log_id(&one.log);
        let (outcome, alarm) = match acknowledge(known, one, taking.clock) {
            AckDecision::Store(state) => {
                taking.changed.insert(id, (one.log.clone(), *state));
                return Ok(AckOutcome::Acknowledged);
            }
            AckDecision::Answer(outcome) => return Ok(outcome),
            AckDecision::Alarm(outcome, alarm) => (outcome, alarm),
        };
        if let Some(known) = known {
            let mut alarms = self.load_alarms(tx, &one.log, &known.state).await?;
            let mut state = known.state.clone();
            let of = AlarmsOf { log: &one.log, state: &mut state, alarms: &mut alarms };
            taking.alarms.extend(self.add_alarms(of, [alarm], taking.clock));
            taking.changed.insert(id, (one.log.clone(), state));
        } else {
            taking.unknown.insert(id, (one.log.clone(), vec![alarm]));
        }
        Ok(outcome)
    }

    /// The segments that end where logs are acknowledged short of their end.
    async fn load_segments(
        &self,
        tx: &Tx<'_>,
        acknowledgements: &[Acknowledgement],
        logs: &mut HashMap<LogId, (LogName, Result<Known, Error>)>,
    ) -> Result<(), Error> {
        let short = acknowledgements.iter().filter_map(|one| {
            let id = tlog::log_id(&one.log);
            let (_, known) = logs.get(&id)?;
            let known = known.as_ref().ok()?;
            (one.size > 0 && one.size < known.state.size()).then(|| (id, one.size - 1))
        });
        let short: Vec<_> = short.collect();
        let mut at = self.core.store.signer_segments_at(tx, &short).await?;
        for (id, _) in short {
            let Some((log, known)) = logs.remove(&id) else { continue };
            let at = at.remove(&id).transpose().map_err(Error::from);
            let known = known.and_then(|known| Ok(Known { at: at?.map(|place| place.meta), ..known }));
            logs.insert(id, (log, known));
        }
        Ok(())
    }
}
