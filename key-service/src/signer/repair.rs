//! What operators say of logs: that entries are lost, that rolled back rows are explained, that an alarm is settled.

use std::slice::from_ref;

use names::{EventId, LogName, OnBehalfOf};
use rpc::Granted;
use tlog::protocol::{Alarm, Closing, Loss};
use tlog::signer::repair::{EntryRange, Following};
use tlog::signer::{Clock, Known, LogState, close, declare_loss, explain};
use uuid::Uuid;

use super::heads::HeadView;
use super::write::Writing;
use super::{Signer, named};
use crate::error::Error;
use crate::permissions::{AlarmsClose, LossesDeclare, check_granted};
use crate::store::signer_heads::HeadRows;

/// What an operator declares.
#[derive(Debug)]
pub struct LossToDeclare {
    /// The log.
    pub log: LogName,
    /// The range that is lost, if one is.
    pub range: Option<EntryRange>,
    /// The alarms that this explains.
    pub alarms: Vec<Uuid>,
    /// Why, as the operator says.
    pub reference: String,
    /// For whom the call is made.
    pub on_behalf_of: Option<OnBehalfOf>,
}

/// Alarms that an operator closes.
#[derive(Debug)]
pub struct AlarmsToClose {
    /// The log.
    pub log: LogName,
    /// Their ids.
    pub alarms: Vec<Uuid>,
    /// Why, as the operator says.
    pub reference: String,
    /// For whom the call is made.
    pub on_behalf_of: Option<OnBehalfOf>,
}

/// A log whose row is locked, with its alarms.
struct Locked {
    known: Known,
    rows: HeadRows,
    alarms: Vec<Alarm>,
    clock: Clock,
}

impl Signer {
    /// States that a range of entries is lost, or only explains rolled back rows, and closes the alarms of that which are
    /// named.
    pub async fn declare_loss(
        &self,
        granted: &Granted<LossesDeclare>,
        asked: &LossToDeclare,
    ) -> Result<(HeadView, EventId), Error> {
        check_granted(from_ref(granted), [&asked.log])?;
        let (event_id, log) = (self.core.event_id(), &asked.log);
        let state = self
            .core
            .store
            .db()
            .run_tx("loss_declare", |tx| {
                Box::pin(async move {
                    let Locked { known, rows, mut alarms, clock } = self.locked(tx, log).await?;
                    let id = tlog::log_id(log);
                    let (mut state, loss) = self.lost(tx, asked, known, clock).await?;
                    let closing = Closing { closed_ns: clock.now_ns, reference: asked.reference.clone() };
                    explain(&mut state, &mut alarms, &asked.alarms, &closing).map_err(Error::Close)?;
                    let mut states = [(log.clone(), state)];
                    self.write(tx, Writing { states: &mut states, locked: &rows, segments: &[], clock }).await?;
                    self.core.store.signer_losses_insert(tx, id, loss.as_slice(), &asked.reference).await?;
                    self.core.store.signer_alarms_write(tx, &named(log, &alarms, &asked.alarms)).await?;
                    let mut event =
                        self.core.event(event_id, granted, log.to_string()).with("alarms", asked.alarms.len());
                    event.reference.clone_from(&asked.reference);
                    event.on_behalf_of = asked.on_behalf_of.as_ref().map(ToString::to_string).unwrap_or_default();
                    if let Some(EntryRange { first_index, last_index }) = asked.range {
                        event = event.with("first", first_index).with("last", last_index);
                    }
                    self.core.report(tx, event).await?;
                    let [(_, state)] = states;
                    Ok(state)
                })
            })
            .await
            .map_err(Error::of_change)?;
        self.core.outbox.committed(1);
        self.seen.note(log, &state);
        tracing::warn!(%log, range = ?asked.range, alarms = asked.alarms.len(), "an operator declared a loss");
        Ok((self.head_of(log).await.map_err(Error::after_change)?, event_id))
    }

    /// Closes alarms of a log, all that are named or none.
    pub async fn close_alarms(
        &self,
        granted: &Granted<AlarmsClose>,
        asked: &AlarmsToClose,
    ) -> Result<(HeadView, EventId), Error> {
        check_granted(from_ref(granted), [&asked.log])?;
        let (event_id, log) = (self.core.event_id(), &asked.log);
        let state = self
            .core
            .store
            .db()
            .run_tx("alarms_close", |tx| {
                Box::pin(async move {
                    let state = self.close_in_tx(tx, asked).await?;
                    let mut event =
                        self.core.event(event_id, granted, log.to_string()).with("alarms", asked.alarms.len());
                    event.reference.clone_from(&asked.reference);
                    event.on_behalf_of = asked.on_behalf_of.as_ref().map(ToString::to_string).unwrap_or_default();
                    self.core.report(tx, event).await?;
                    Ok(state)
                })
            })
            .await
            .map_err(Error::of_change)?;
        self.core.outbox.committed(1);
        if let Some(state) = state {
            self.seen.note(log, &state);
        }
        tracing::warn!(%log, alarms = asked.alarms.len(), "an operator closed alarms");
        Ok((self.head_of(log).await.map_err(Error::after_change)?, event_id))
    }

    /// The new state of a log that has a head.
    async fn close_in_tx(&self, tx: &db::Tx<'_>, asked: &AlarmsToClose) -> Result<Option<LogState>, Error> {
        let log = &asked.log;
        let Locked { known, rows, mut alarms, clock } = match self.locked(tx, log).await {
            Err(Error::LogNotFound(_)) => return self.close_headless(tx, asked).await.map(|()| None),
            locked => locked?,
        };
        let closing = Closing { closed_ns: clock.now_ns, reference: asked.reference.clone() };
        close(Some(&known.state), &mut alarms, &asked.alarms, &closing).map_err(Error::Close)?;
        let mut state = known.state;
        state.set_alarms(&alarms);
        let mut states = [(log.clone(), state)];
        self.write(tx, Writing { states: &mut states, locked: &rows, segments: &[], clock }).await?;
        self.core.store.signer_alarms_write(tx, &named(log, &alarms, &asked.alarms)).await?;
        let [(_, state)] = states;
        Ok(Some(state))
    }

    /// Closes alarms of a log that has no head.
    async fn close_headless(&self, tx: &db::Tx<'_>, asked: &AlarmsToClose) -> Result<(), Error> {
        let log = &asked.log;
        let mut headless = self.headless(tx, &[], &[tlog::log_id(log)]).await?;
        let mut alarms = headless.of_log(log);
        if alarms.is_empty() {
            return Err(Error::LogNotFound(log.clone()));
        }
        let clock = self.core.store.signer_heads_fetch(tx, &[]).await?.clock;
        let closing = Closing { closed_ns: clock.now_ns, reference: asked.reference.clone() };
        close(None, &mut alarms, &asked.alarms, &closing).map_err(Error::Close)?;
        headless.replace(named(log, &alarms, &asked.alarms));
        self.write_headless(tx, headless).await
    }

    async fn locked(&self, tx: &db::Tx<'_>, log: &LogName) -> Result<Locked, Error> {
        let locked = self.locked_heads(tx, &[tlog::log_id(log)]).await?;
        if !locked.gone.is_empty() {
            return Err(Error::SignerSetBack(log.clone()));
        }
        let stored = locked.heads.into_iter().next().map(|(_, stored)| stored).transpose()?;
        let known = self.trusted(stored.ok_or_else(|| Error::LogNotFound(log.clone()))?)?;
        let alarms = self.load_alarms(tx, log, &known.state).await?;
        Ok(Locked { known, rows: locked.rows, alarms, clock: locked.clock })
    }

    /// The state of a log with the loss that is declared, if one is.
    async fn lost(
        &self,
        tx: &db::Tx<'_>,
        asked: &LossToDeclare,
        known: Known,
        clock: Clock,
    ) -> Result<(LogState, Option<Loss>), Error> {
        let LossToDeclare { log, range: Some(range), .. } = asked else { return Ok((known.state, None)) };
        let id = tlog::log_id(log);
        let mut losses = self.core.store.signer_losses_fetch(tx, &[id]).await?;
        let losses = super::marks::losses_of(log, &known.state, &mut losses)?;
        let known = Known { losses, ..known };
        let end = range.last_index.saturating_add(1);
        let next = self.core.store.signer_segments_at(tx, &[(id, end)]).await?.remove(&id).transpose()?;
        let next = next.as_ref().map(|place| Following {
            meta: &place.meta,
            range_before: &place.range_before,
            digest_before: place.digest_before,
        });
        let (state, loss) = declare_loss(&known, *range, next, clock).map_err(Error::Loss)?;
        Ok((state, Some(loss)))
    }
}
