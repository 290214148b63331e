//! What a transaction of the signer writes: states of logs, and their segments.

use db::Tx;
use names::LogName;
use tlog::signer::{Clock, LogState};

use super::Signer;
use crate::error::Error;
use crate::store;
use crate::store::signer_heads::HeadRows;
use crate::store::signer_segments::NewSegment;

/// A log with its new state.
pub(super) type Changed = (LogName, LogState);

/// What a transaction of the signer writes.
pub(super) struct Writing<'a> {
    /// Logs with their new states, whose changes are counted.
    pub(super) states: &'a mut [Changed],
    /// The rows of those that are locked; the others are new.
    pub(super) locked: &'a HeadRows,
    /// Segments to keep.
    pub(super) segments: &'a [NewSegment<'a>],
    /// When.
    pub(super) clock: Clock,
}

/// The error that stands for another replica's first segment of a log, which it sealed meanwhile.
pub(super) fn raced(error: Error) -> Error {
    match error {
        Error::Store(store::Error::Database(db::Error::UniqueViolation { .. })) => Error::SignerRaced,
        other => other,
    }
}

impl Signer {
    pub(super) async fn write(&self, tx: &Tx<'_>, writing: Writing<'_>) -> Result<(), Error> {
        let Writing { states, locked, segments, clock } = writing;
        if states.is_empty() {
            return Ok(());
        }
        for (_, state) in &mut *states {
            state.changes = state.changes.saturating_add(1);
        }
        // Sent together. Where the segments are refused, rows that are written behind them are for no reason of their own.
        let heads = self.core.store.signer_heads_write(tx, states, locked);
        let (heads, inserted) =
            futures::future::join(heads, self.core.store.signer_segments_insert(tx, segments, clock)).await;
        if let Err(store::Error::Database(db::Error::RolledBack)) = heads {
            inserted?;
            return Err(db::Error::RolledBack.into());
        }
        if heads? != u64::try_from(states.len()).unwrap_or(u64::MAX) {
            return Err(Error::SignerRaced);
        }
        Ok(inserted?)
    }
}
