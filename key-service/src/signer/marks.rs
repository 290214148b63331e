//! Alarms and losses of logs. All of them are held against the tally in the log's head whenever they are read: a row that
//! was deleted, or an older one that was put back, makes the log unusable until the key database is restored.

use std::collections::{BTreeMap, HashMap};

use db::Tx;
use names::{LogId, LogName};
use tlog::protocol::{Alarm, Loss, MAX_ALARMS_OF_KIND, MAX_ALARMS_OF_UNKNOWN, Tally};
use tlog::signer::{Clock, Known, LogState, NewAlarm, Raising, raise};

use super::Signer;
use crate::error::Error;
use crate::metrics;
use crate::store::signer_marks::ByLog;

/// Most open alarms of all logs together that have no head: whoever may seal can make up names.
const MAX_UNKNOWN: usize = 1_024;

/// Alarms to raise, by log.
pub(super) type Raised = BTreeMap<LogId, (LogName, Vec<NewAlarm>)>;

/// A log whose row is locked, with its state and all its alarms.
pub(super) struct AlarmsOf<'a> {
    pub(super) log: &'a LogName,
    pub(super) state: &'a mut LogState,
    pub(super) alarms: &'a mut Vec<Alarm>,
}

/// The alarms of all logs that have no head.
#[derive(Default)]
pub(super) struct Headless {
    alarms: Vec<(LogName, Alarm)>,
    /// Those of them that are new or changed.
    written: Vec<(LogName, Alarm)>,
    taken: bool,
}

impl Headless {
    /// The alarms of a log.
    pub(super) fn of_log(&self, log: &LogName) -> Vec<Alarm> {
        let of_log = self.alarms.iter().filter(|(name, _)| name == log);
        of_log.map(|(_, alarm)| alarm.clone()).collect()
    }

    /// Puts alarms that were closed in the place of what they were.
    pub(super) fn replace(&mut self, closed: Vec<(LogName, Alarm)>) {
        for (_, alarm) in &closed {
            for (_, before) in self.alarms.iter_mut().filter(|(_, before)| before.id == alarm.id) {
                before.clone_from(alarm);
            }
        }
        self.written.extend(closed);
    }

    /// Takes out the alarms of a log that gets its head now.
    pub(super) fn take(&mut self, log: &LogName) -> Vec<Alarm> {
        let (own, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.alarms).into_iter().partition(|(name, _)| name == log);
        self.alarms = others;
        self.taken |= !own.is_empty();
        own.into_iter().map(|(_, alarm)| alarm).collect()
    }
}

/// What a log's alarms are, if they are those that its state counts.
pub(super) fn alarms_of(log: &LogName, state: &LogState, all: &mut ByLog<Alarm>) -> Result<Vec<Alarm>, Error> {
    let alarms = all.remove(&tlog::log_id(log)).unwrap_or_else(|| Ok(Vec::new()))?;
    if Tally::of_alarms(&alarms) == state.alarms { Ok(alarms) } else { Err(Error::SignerMarks(log.clone())) }
}

/// What a log's losses are, if they are those that its state counts.
pub(super) fn losses_of(log: &LogName, state: &LogState, all: &mut ByLog<Loss>) -> Result<Vec<Loss>, Error> {
    let losses = all.remove(&tlog::log_id(log)).unwrap_or_else(|| Ok(Vec::new()))?;
    if Tally::of_losses(&losses) == state.losses { Ok(losses) } else { Err(Error::SignerMarks(log.clone())) }
}

impl Signer {
    /// Loads the losses of logs that have some. A log whose losses cannot be used is an error in its place.
    pub(super) async fn load_losses(
        &self,
        tx: &Tx<'_>,
        logs: &mut HashMap<LogId, (LogName, Result<Known, Error>)>,
    ) -> Result<(), crate::store::Error> {
        let with_losses =
            |known: &Result<Known, Error>| known.as_ref().is_ok_and(|known| known.state.losses.number > 0);
        let ids: Vec<_> = logs.iter().filter(|(_, (_, known))| with_losses(known)).map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut all = self.core.store.signer_losses_fetch(tx, &ids).await?;
        for id in ids {
            let Some((log, known)) = logs.remove(&id) else { continue };
            let known = known.and_then(|known| Ok(Known { losses: losses_of(&log, &known.state, &mut all)?, ..known }));
            logs.insert(id, (log, known));
        }
        Ok(())
    }

    /// All alarms of a log whose row is locked.
    pub(super) async fn load_alarms(&self, tx: &Tx<'_>, log: &LogName, state: &LogState) -> Result<Vec<Alarm>, Error> {
        alarms_of(log, state, &mut self.core.store.signer_alarms_fetch(tx, &[tlog::log_id(log)]).await?)
    }

    /// Adds alarms to those of a log whose row is locked, and takes them into its state, which the caller writes.
    pub(super) fn add_alarms(
        &self,
        of: AlarmsOf<'_>,
        new: impl IntoIterator<Item = NewAlarm>,
        clock: Clock,
    ) -> Vec<(LogName, Alarm)> {
        let AlarmsOf { log, state, alarms } = of;
        let (mut added, mut raisings) = (Vec::new(), 0);
        for one in new {
            raisings += 1;
            if self.raise(alarms, one, clock, MAX_ALARMS_OF_KIND) == Raising::Kept {
                added.extend(alarms.last().map(|alarm| (log.clone(), alarm.clone())));
            }
        }
        for (log, alarm) in &added {
            announce(log, alarm);
        }
        state.set_raised(alarms, raisings);
        added
    }

    /// Adds one alarm to those of a log. What is not kept for lack of room is counted all the same.
    fn raise(&self, alarms: &mut Vec<Alarm>, new: NewAlarm, clock: Clock, limit: usize) -> Raising {
        let kind = new.kind.clone();
        let raising = raise(alarms, new, clock::uuid_v7(self.core.clock.as_ref()), clock.now_ns, limit);
        if raising == Raising::Full {
            metrics::alarm(kind.name());
        }
        raising
    }

    /// The alarms of all logs that have no head, with none of these logs getting one, nor an alarm, until the transaction
    /// ends; nothing is written. `beginning` may get heads in this transaction, `raised` alarms without a head. Fails with
    /// [`Error::SignerRaced`] where one of the latter has got a head meanwhile.
    pub(super) async fn headless(&self, tx: &Tx<'_>, beginning: &[LogId], raised: &[LogId]) -> Result<Headless, Error> {
        let mut headless = Headless::default();
        if beginning.is_empty() && raised.is_empty() {
            return Ok(headless);
        }
        self.core.store.signer_unknown_lock(tx).await?;
        if raised.is_empty() && self.core.store.signer_alarms_fetch(tx, beginning).await?.is_empty() {
            return Ok(headless);
        }
        if !raised.is_empty() && !self.core.store.signer_heads_which(tx, raised).await?.is_empty() {
            return Err(Error::SignerRaced);
        }
        headless.alarms = self.unknown_alarms(tx).await?;
        Ok(headless)
    }

    /// Adds alarms to those of a log that has no head.
    pub(super) fn add_headless(&self, of: &mut Headless, log: &LogName, new: Vec<NewAlarm>, clock: Clock) {
        let mut alarms = of.of_log(log);
        for one in new {
            let open = of.alarms.iter().filter(|(_, alarm)| alarm.is_open()).count();
            if open >= MAX_UNKNOWN {
                metrics::alarm(one.kind.name());
            } else if self.raise(&mut alarms, one, clock, MAX_ALARMS_OF_UNKNOWN) == Raising::Kept {
                let new = alarms.last().map(|alarm| (log.clone(), alarm.clone()));
                of.alarms.extend(new.clone());
                of.written.extend(new);
            }
        }
    }

    /// Writes what was changed of the alarms of logs that have no head, in the transaction that loaded them. Those that
    /// were taken out count in the heads that it writes.
    pub(super) async fn write_headless(&self, tx: &Tx<'_>, headless: Headless) -> Result<(), Error> {
        let Headless { alarms, written, taken } = headless;
        if written.is_empty() && !taken {
            return Ok(());
        }
        for (log, alarm) in written.iter().filter(|(_, alarm)| alarm.is_open()) {
            announce(log, alarm);
        }
        self.core.store.signer_alarms_write(tx, &written).await?;
        Ok(self.core.store.signer_unknown_write(tx, &tally(&alarms)).await?)
    }

    /// All alarms of logs that have no head, if they are those that there must be.
    pub(super) async fn unknown_alarms(&self, tx: &Tx<'_>) -> Result<Vec<(LogName, Alarm)>, Error> {
        let alarms = self.core.store.signer_unknown_alarms_fetch(tx).await?;
        if tally(&alarms) == self.core.store.signer_unknown_fetch(tx).await? {
            Ok(alarms)
        } else {
            Err(Error::SignerUnknownMarks)
        }
    }
}

fn tally(alarms: &[(LogName, Alarm)]) -> Tally {
    Tally::of_alarms(&alarms.iter().map(|(_, alarm)| alarm.clone()).collect::<Vec<_>>())
}

fn announce(log: &LogName, alarm: &Alarm) {
    metrics::alarm(alarm.kind.name());
    tracing::error!(%log, index = alarm.first_index, kind = alarm.kind.name(), "alarm: {}", alarm.detail);
}
