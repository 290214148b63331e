//! Bringing a signer forward whose database was restored from a backup: to a snapshot under its own MAC.

use std::slice::from_ref;

use bytes::Bytes;
use db::Tx;
use names::{EventId, LogName, OnBehalfOf};
use rpc::Granted;
use tlog::mac::MacVersion;
use tlog::protocol::{AlarmKind, Closing};
use tlog::signer::{
    Advance as Offered, AdvanceError, Advancing, Known, LogState, NewAlarm, Proof, advance, close_named,
};
use tlog::snapshot::{Snapshot, SnapshotError};

use super::heads::HeadView;
use super::marks::{AlarmsOf, Headless};
use super::write::{Writing, raced};
use super::{Signer, consistent, named};
use crate::error::Error;
use crate::permissions::{HeadsAdvance, check_granted};

/// What an alarm AHEAD that an advance explains is closed with.
const REFERENCE: &str = "AdvanceHead";

/// How far a log had come, and what vouches for it.
#[derive(Debug)]
pub struct Advance {
    /// The log.
    pub log: LogName,
    /// The snapshot, with its MAC.
    pub snapshot: Bytes,
    /// Size of the signer's log that this was made for.
    pub from_size: u64,
    /// What vouches for it.
    pub proof: Proof,
    /// For whom the call is made.
    pub on_behalf_of: Option<OnBehalfOf>,
}

/// A snapshot that can be read.
struct Opened {
    snapshot: Snapshot,
    /// The version of the MAC key that it names, where the key database does not have that.
    unknown_version: Option<MacVersion>,
}

impl Signer {
    /// Brings a log forward to a snapshot of this signer.
    pub async fn advance_head(
        &self,
        granted: &Granted<HeadsAdvance>,
        asked: &Advance,
    ) -> Result<(HeadView, EventId), Error> {
        check_granted(from_ref(granted), [&asked.log])?;
        let offered = &self.opened(&asked.snapshot).await?;
        let event_id = self.core.event_id();
        let state = self
            .core
            .store
            .db()
            .run_tx("head_advance", |tx| {
                Box::pin(async move {
                    let Some(state) = self.advance_in_tx(tx, asked, offered).await? else { return Ok(None) };
                    let mut event =
                        self.core.event(event_id, granted, asked.log.to_string()).with("size", state.size());
                    if matches!(asked.proof, Proof::Operator { .. }) {
                        event = event.with("unproven", true);
                    }
                    event.on_behalf_of = asked.on_behalf_of.as_ref().map(ToString::to_string).unwrap_or_default();
                    self.core.report(tx, event).await?;
                    Ok(Some(state))
                })
            })
            .await
            .map_err(|error| raced(error).of_change())?
            .ok_or(Error::Advance(AdvanceError::Forked))?;
        self.core.outbox.committed(1);
        self.seen.note_advanced(&asked.log, &state);
        tracing::warn!(log = %asked.log, size = state.size(), "an operator advanced the head");
        Ok((self.head_of(&asked.log).await.map_err(Error::after_change)?, event_id))
    }

    /// A version of the MAC key that is not held may have been made a moment ago by another replica.
    async fn opened(&self, sealed: &[u8]) -> Result<Opened, Error> {
        let opened = match Snapshot::open(sealed, &self.mac_keyring().await?.ready()) {
            Err(SnapshotError::UnknownVersion(_)) => Snapshot::open(sealed, &self.mac_keyring_now().await?.ready()),
            opened => opened,
        };
        let (snapshot, unknown_version) = match opened {
            Err(SnapshotError::UnknownVersion(version)) => (Snapshot::peek(sealed), Some(version)),
            opened => (opened, None),
        };
        Ok(Opened { snapshot: snapshot.map_err(Error::Snapshot)?, unknown_version })
    }

    /// The new state. `None`: refused as another branch, and an alarm that is to be kept says so; with an error the
    /// transaction must leave nothing.
    async fn advance_in_tx(
        &self,
        tx: &Tx<'_>,
        asked: &Advance,
        Opened { snapshot, unknown_version }: &Opened,
    ) -> Result<Option<LogState>, Error> {
        let (log, id) = (&asked.log, tlog::log_id(&asked.log));
        let locked = self.core.store.signer_heads_lock(tx, &[id]).await?;
        let clock = locked.clock;
        let stored = locked.heads.into_iter().next().map(|(_, stored)| stored).transpose()?;
        // This process may have seen more than the restored row says: that is what the call is for.
        let mut known = stored.map(consistent).transpose()?;
        let mut headless = Headless::default();
        let mut alarms = if let Some(known) = &mut known {
            self.complete(tx, log, known, snapshot.size()).await?;
            self.load_alarms(tx, log, &known.state).await?
        } else {
            headless = self.headless(tx, &[id], &[]).await?;
            headless.take(log)
        };
        let unknown_version = *unknown_version;
        let offered = Offered { log, snapshot, unknown_version, from: asked.from_size, proof: &asked.proof };
        let advanced = match (advance(known.as_ref(), &alarms, offered, clock), &known) {
            (Ok(advanced), _) => advanced,
            (Err(AdvanceError::Forked), Some(known)) if self.seen.allows(id, &known.state) => {
                let mut state = known.state.clone();
                let of = AlarmsOf { log, state: &mut state, alarms: &mut alarms };
                let added = self.add_alarms(of, [another_branch(&known.state, snapshot)], clock);
                let mut states = [(log.clone(), state)];
                self.write(tx, Writing { states: &mut states, locked: &locked.rows, segments: &[], clock }).await?;
                self.core.store.signer_alarms_write(tx, &added).await?;
                return Ok(None);
            }
            (Err(error), _) => return Err(Error::Advance(error)),
        };
        let Advancing { mut state, losses, explained, alarm } = advanced;
        // What the restore undid is missing in it, too.
        if !self.seen.reaches(id, &state) {
            return Err(Error::SignerSetBack(log.clone()));
        }
        let closing = Closing { closed_ns: clock.now_ns, reference: REFERENCE.to_owned() };
        close_named(&mut alarms, &explained, &closing);
        let mut written = named(log, &alarms, &explained);
        written.extend(self.add_alarms(AlarmsOf { log, state: &mut state, alarms: &mut alarms }, alarm, clock));
        let mut states = [(log.clone(), state)];
        self.write(tx, Writing { states: &mut states, locked: &locked.rows, segments: &[], clock }).await?;
        self.core.store.signer_alarms_write(tx, &written).await?;
        self.write_headless(tx, headless).await?;
        let before = known.map(|known| known.losses).unwrap_or_default();
        let gone: Vec<_> = before.iter().filter(|loss| !losses.contains(loss)).cloned().collect();
        let come: Vec<_> = losses.into_iter().filter(|loss| !before.contains(loss)).collect();
        self.core.store.signer_losses_delete(tx, id, &gone).await?;
        self.core.store.signer_losses_insert(tx, id, &come, "").await?;
        let [(_, state)] = states;
        Ok(Some(state))
    }

    /// Loads the losses of a log, and the segment below an index.
    pub(super) async fn complete(
        &self,
        tx: &Tx<'_>,
        log: &LogName,
        known: &mut Known,
        index: u64,
    ) -> Result<(), Error> {
        let id = tlog::log_id(log);
        let mut losses = self.core.store.signer_losses_fetch(tx, &[id]).await?;
        known.losses = super::marks::losses_of(log, &known.state, &mut losses)?;
        let mut at = self.core.store.signer_segments_at(tx, &[(id, index.saturating_sub(1))]).await?;
        known.at = at.remove(&id).transpose()?.map(|place| place.meta);
        Ok(())
    }
}

/// The alarm about a snapshot of this signer that is not of the history that it has now.
fn another_branch(state: &LogState, snapshot: &Snapshot) -> NewAlarm {
    let index = state.size().min(snapshot.size());
    let detail = "a snapshot of this signer was offered that does not continue what it has sealed since";
    NewAlarm { kind: AlarmKind::Forked, first_index: index, last_index: index, detail: detail.to_owned(), head: None }
}
