//! What a batch is about: its logs' rows, locked and held against what is kept of them.
//!
//! Where there are several, those whose rows stay locked, or cannot be used, are passed over.

use std::collections::{HashMap, HashSet};

use db::Tx;
use futures::future::{TryFutureExt as _, try_join};
use names::LogId;
use tlog::mac::ReadyMacKey;
use tlog::signer::{Clock, Known};

use super::asked::SealBatch;
use crate::error::Error;
use crate::signer::{LockedHeads, Signer};
use crate::store::signer_heads::HeadRows;

/// How long a call about several logs waits for a row that somebody has locked.
const PATIENCE: &str = "SET LOCAL lock_timeout = '100ms'";

/// What an attempt does about rows that somebody else has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LockedByOthers {
    Wait,
    PassOver,
    /// Logs that have no row are passed over, too: somebody else may be making it.
    PassOverNew,
}

impl LockedByOthers {
    /// What the next attempt does, if there is one.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Wait => Some(Self::PassOver),
            Self::PassOver => Some(Self::PassOverNew),
            Self::PassOverNew => None,
        }
    }
}

/// What one attempt is about.
#[derive(Clone, Copy)]
pub(super) struct Attempted<'a> {
    pub(super) batch: &'a SealBatch,
    pub(super) key: &'a ReadyMacKey,
    /// Its logs.
    pub(super) ids: &'a [LogId],
    pub(super) others: LockedByOthers,
}

/// What a batch is about, as it is stored.
pub(super) struct Loaded {
    pub(super) known: HashMap<LogId, Known>,
    pub(super) rows: HeadRows,
    pub(super) clock: Clock,
    /// Logs that are answered as passed over.
    pub(super) passed_over: HashSet<LogId>,
}

impl Loaded {
    /// What is kept of a log cannot be used: it is passed over, or the call is refused.
    fn unusable(&mut self, log: LogId, error: Error, may_pass_over: bool) -> Result<(), Error> {
        if !may_pass_over {
            return Err(error);
        }
        self.passed_over.insert(log);
        Ok(())
    }
}

impl Signer {
    /// Locks and loads what the batch is about.
    pub(super) async fn loaded(&self, tx: &Tx<'_>, attempt: Attempted<'_>) -> Result<Loaded, Error> {
        let Attempted { batch, ids, others, .. } = attempt;
        let may_pass_over = batch.may_pass_over();
        let lock = async {
            match others {
                LockedByOthers::Wait => self.locked_heads(tx, ids).await,
                LockedByOthers::PassOver | LockedByOthers::PassOverNew => self.free_heads(tx, ids).await,
            }
        };
        let locked = if may_pass_over {
            // Before all else, for whatever is waited for in the transaction.
            try_join(tx.batch(PATIENCE).err_into(), lock).await?.1
        } else {
            lock.await?
        };
        let LockedHeads { heads, rows, gone, busy, clock } = locked;
        let mut loaded = Loaded { known: HashMap::with_capacity(ids.len()), rows, clock, passed_over: busy };
        for (id, log) in gone {
            loaded.unusable(id, Error::SignerSetBack(log), may_pass_over)?;
        }
        let mut logs = HashMap::with_capacity(ids.len());
        for (id, stored) in heads {
            match stored {
                Ok(stored) => drop(logs.insert(id, (stored.log.clone(), self.trusted(stored)))),
                Err(error) => loaded.unusable(id, error.into(), may_pass_over)?,
            }
        }
        if others == LockedByOthers::PassOverNew {
            let new = ids.iter().filter(|id| !logs.contains_key(id));
            loaded.passed_over.extend(new);
        }
        self.load_losses(tx, &mut logs).await?;
        for (id, (_, known)) in logs {
            match known {
                Ok(known) => drop(loaded.known.insert(id, known)),
                Err(error) => loaded.unusable(id, error, may_pass_over)?,
            }
        }
        let earlier = batch.segments.iter().filter_map(|segment| {
            let id = tlog::log_id(&segment.log);
            let known = loaded.known.get(&id).filter(|known| segment.first_index < known.state.size())?;
            Some((id, known.place(segment.first_index)))
        });
        let earlier: Vec<_> = earlier.collect();
        let mut at = self.core.store.signer_segments_at(tx, &earlier).await?;
        for (id, _) in earlier {
            match (loaded.known.get_mut(&id), at.remove(&id).transpose()) {
                (Some(known), Ok(place)) => known.at = place.map(|place| place.meta),
                (_, Err(error)) => loaded.unusable(id, error.into(), may_pass_over)?,
                (None, Ok(_)) => {}
            }
        }
        Ok(loaded)
    }
}
