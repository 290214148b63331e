//! What operators do after a restore: bring the signer forward with its own MACs, or state that entries are lost.

use db::Tx;
use names::{EventId, LogName};
use rpc::Granted;
use tlog::Mac;
use tlog::protocol::{AlarmKind, Segment};
use tlog::signer::{Known, LogState, advance, declare_loss};

use super::HeadView;
use crate::error::Error;
use crate::permissions::{HeadsAdvance, LossesDeclare};
use crate::unsealed::Unsealed;

impl Unsealed {
    /// Extends a log with entries that carry this signer's own valid MACs.
    pub async fn advance_head(
        &self,
        granted: &Granted<HeadsAdvance>,
        segment: &Segment,
        macs: &[Mac],
    ) -> Result<(HeadView, EventId), Error> {
        let (keys, event_id) = (self.mac_keyring().await?, self.event_id());
        let keys = &keys.ready();
        let state = self
            .store
            .db()
            .run_tx("head_advance", |tx| {
                Box::pin(async move {
                    let known = self.known(tx, &segment.log).await?;
                    let sealing = advance(known.as_ref(), segment, macs, keys).map_err(Error::Advance)?;
                    let id = tlog::log_id(&segment.log);
                    let state = (segment.log.clone(), sealing.state.clone());
                    let locked = if known.is_some() { vec![id] } else { Vec::new() };
                    if self.store.signer_heads_write(tx, &[state], &locked).await? != 1 {
                        return Err(Error::Advance(tlog::signer::AdvanceError::FirstIndex));
                    }
                    self.store.signer_segments_insert(tx, &[(&segment.log, &sealing)], self.clock.now()).await?;
                    // What was beyond the end then is not any more.
                    let size = sealing.state.size();
                    let explained = move |kind, index| kind == AlarmKind::Ahead && index <= size;
                    self.store.signer_alarms_close(tx, id, move |one| explained(one.kind, one.first_index)).await?;
                    let event = self.event(event_id, granted, segment.log.to_string());
                    let last = size.saturating_sub(1);
                    self.report(tx, event.with("first", segment.first_index).with("last", last)).await?;
                    Ok::<LogState, Error>(sealing.state)
                })
            })
            .await?;
        self.outbox.committed(1);
        self.seen.note(tlog::log_id(&segment.log), &state);
        tracing::warn!(log = %segment.log, size = state.size(), "an operator advanced the head");
        Ok((self.head_of(&segment.log).await?, event_id))
    }

    /// States that a range of entries is lost, and closes the log's alarms of rollback and suppression. Without a range
    /// it only closes those.
    pub async fn declare_loss(
        &self,
        granted: &Granted<LossesDeclare>,
        (log, range): (&LogName, Option<(u64, u64)>),
        reference: &str,
    ) -> Result<(HeadView, EventId), Error> {
        let event_id = self.event_id();
        self.store
            .db()
            .run_tx("loss_declare", |tx| {
                Box::pin(async move {
                    let known = self.known(tx, log).await?.ok_or_else(|| Error::LogNotFound(log.clone()))?;
                    if let Some(range) = range {
                        self.declare_in_tx(tx, (log, known), (range, reference)).await?;
                    }
                    let closes = |kind| matches!(kind, AlarmKind::RolledBack | AlarmKind::Suppressed);
                    self.store.signer_alarms_close(tx, tlog::log_id(log), |one| closes(one.kind)).await?;
                    let mut event = self.event(event_id, granted, log.to_string());
                    reference.clone_into(&mut event.reference);
                    if let Some((first, last)) = range {
                        event = event.with("first", first).with("last", last);
                    }
                    self.report(tx, event).await
                })
            })
            .await?;
        self.outbox.committed(1);
        tracing::warn!(%log, ?range, "an operator declared a loss");
        Ok((self.head_of(log).await?, event_id))
    }

    async fn declare_in_tx(
        &self,
        tx: &Tx<'_>,
        (log, mut known): (&LogName, Known),
        ((first, last), reference): ((u64, u64), &str),
    ) -> Result<(), Error> {
        let id = tlog::log_id(log);
        let losses = self.store.signer_losses_fetch(tx, &[id]).await?;
        known.losses = losses.into_iter().map(|(_, loss)| loss).collect();
        let next = self.store.signer_segment_at(tx, id, last.saturating_add(1)).await?;
        let next = next.as_ref().map(|(meta, range)| (meta, range));
        let loss = declare_loss(&known, (first, last), next, self.clock.now().as_nanos()).map_err(Error::Loss)?;
        Ok(self.store.signer_loss_insert(tx, id, &loss, reference).await?)
    }

    /// What is known of a log, its row locked.
    async fn known(&self, tx: &Tx<'_>, log: &LogName) -> Result<Option<Known>, Error> {
        let stored = self.store.signer_heads_lock(tx, &[tlog::log_id(log)]).await?.pop();
        stored.map(|stored| self.trusted(stored)).transpose()
    }
}
