//! What the signer knows of logs, and checking its MACs.

use std::collections::HashMap;

use db::Conn;
use names::{LogId, LogName};
use rpc::Granted;
use tlog::Hash;
use tlog::protocol::{Alarm, Loss, MAX_BEHIND_BYTES, SignerView};
use tlog::signer::{Known, LogState, VerifyMacsError, page, verify_macs};

use super::consistent;
use super::seen::Marks;
use crate::error::Error;
use crate::permissions::{HeadsGet, HeadsList, MacsVerify};
use crate::unsealed::Unsealed;

/// Newest alarms of a log that an answer carries.
const MAX_ALARMS: i64 = 100;
/// MACs that are checked before other calls get their turn.
const MACS_AT_ONCE: usize = 1024;

/// What the signer knows of one log.
#[derive(Debug)]
pub struct HeadView {
    /// The log.
    pub log: LogName,
    /// RFC 6962 tree root over its entries.
    pub root: Hash,
    /// The rest.
    pub view: SignerView,
}

impl Unsealed {
    /// What the signer knows of a log, with the segments that are not acknowledged: about 2 MiB of them.
    pub async fn get_head(&self, _granted: &Granted<HeadsGet>, log: &LogName) -> Result<HeadView, Error> {
        self.head_of(log).await
    }

    pub(super) async fn head_of(&self, log: &LogName) -> Result<HeadView, Error> {
        let id = tlog::log_id(log);
        let max_bytes = i64::try_from(MAX_BEHIND_BYTES).unwrap_or(i64::MAX);
        let marks = &self.seen.marks(Some(id));
        self.store
            .db()
            .run_snapshot("head_get", |tx| {
                Box::pin(async move {
                    let mut views = self.views(tx, std::slice::from_ref(log), marks).await?;
                    let mut head = views.pop().ok_or_else(|| Error::LogNotFound(log.clone()))?;
                    let mark = head.view.acknowledged;
                    let stored = self.store.signer_segments_from(tx, id, (mark, max_bytes)).await?;
                    let mut budget = MAX_BEHIND_BYTES;
                    (head.view.unacknowledged, _) = page(mark, stored, &head.view.losses, &mut budget);
                    Ok(head)
                })
            })
            .await
    }

    /// What the signer knows of at most `limit` logs, in the order of their names, after `after`.
    pub async fn list_heads(
        &self,
        _granted: &Granted<HeadsList>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<HeadView>, Error> {
        let marks = &self.seen.marks(None);
        self.store
            .db()
            .run_snapshot("head_list", |tx| {
                Box::pin(async move {
                    let logs = self.store.signer_log_names(tx, after, limit).await?;
                    self.views(tx, &logs, marks).await
                })
            })
            .await
    }

    /// Indices, ascending, of heads whose MAC does not verify.
    pub async fn verify_macs(
        &self,
        _granted: &Granted<MacsVerify>,
        (log, first_index): (&LogName, u64),
        (heads, macs): (&[u8], &[u8]),
    ) -> Result<Vec<u64>, Error> {
        let length = |bytes: &[u8], each: usize| (bytes.len() / each, bytes.len() % each);
        if length(heads, 32) != (length(macs, tlog::mac::MAC_BYTES).0, 0) || length(macs, tlog::mac::MAC_BYTES).1 != 0 {
            return Err(Error::VerifyMacs(VerifyMacsError::Pairs));
        }
        if heads.len() / 32 > tlog::protocol::MAX_VERIFY_MACS {
            return Err(Error::VerifyMacs(VerifyMacsError::TooMany));
        }
        let keys = self.mac_keyring().await?.ready();
        let (mut invalid, mut index) = (Vec::new(), first_index);
        let runs = heads.chunks(MACS_AT_ONCE * 32).zip(macs.chunks(MACS_AT_ONCE * tlog::mac::MAC_BYTES));
        for (heads, macs) in runs {
            invalid.extend(verify_macs(&keys, log, index, (heads, macs)).map_err(Error::VerifyMacs)?);
            index = index.saturating_add(u64::try_from(heads.len() / 32).unwrap_or(u64::MAX));
            tokio::task::yield_now().await;
        }
        Ok(invalid)
    }

    /// Views of logs, in their order, without segments; logs of which nothing is known are left out. `marks` is what was
    /// seen before the snapshot was opened.
    async fn views(&self, conn: &Conn, logs: &[LogName], marks: &Marks) -> Result<Vec<HeadView>, Error> {
        let ids: Vec<_> = logs.iter().map(tlog::log_id).collect();
        let mut states: HashMap<LogId, LogState> = HashMap::new();
        for stored in self.store.signer_heads_fetch(conn, &ids).await? {
            let id = tlog::log_id(&stored.log);
            let allowed = marks.allow(id, &stored.state);
            let Known { state, .. } = consistent(stored, allowed)?;
            self.seen.note(id, &state);
            states.insert(id, state);
        }
        let mut losses: HashMap<LogId, Vec<Loss>> = HashMap::new();
        for (id, loss) in self.store.signer_losses_fetch(conn, &ids).await? {
            losses.entry(id).or_default().push(loss);
        }
        let mut alarms: HashMap<LogId, Vec<Alarm>> = HashMap::new();
        for stored in self.store.signer_alarms_fetch(conn, &ids, MAX_ALARMS).await? {
            alarms.entry(tlog::log_id(&stored.log)).or_default().push(stored.alarm);
        }
        let known = logs.iter().zip(ids).filter_map(|(log, id)| {
            let (state, alarms) = (states.remove(&id), alarms.remove(&id).unwrap_or_default());
            if state.is_none() && alarms.is_empty() {
                return None;
            }
            let state = state.unwrap_or_else(|| LogState::empty(log));
            let view = SignerView {
                size: state.size(),
                head: state.head,
                acknowledged: state.acknowledged,
                alarms,
                losses: losses.remove(&id).unwrap_or_default(),
                unacknowledged: Vec::new(),
            };
            Some(HeadView { log: log.clone(), root: state.range.root(), view })
        });
        Ok(known.collect())
    }
}
