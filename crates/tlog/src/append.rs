//! The appending side's decisions, without I/O: one transaction over several logs, from events to receipts.
//!
//! audit-service drives a [`Batch`] through its stages; each stage is a type, so that none can be skipped:
//!
//! ```text
//!  Batch::new(events)                     BEGIN (READ COMMITTED)
//!    .logs()                              INSERT absent logs (size 0, genesis) … ON CONFLICT DO NOTHING
//!    .locked(rows)        → Locked        SELECT … FROM logs … ORDER BY log_id FOR UPDATE
//!    .newest(ids)         → Newest        the greatest event id of each log, in a statement sent after the locks are held
//!    .event_ids()                         SELECT … FROM entries WHERE (log_id, event_id) …   likewise
//!    .known(rows)         → Matched       VerifyMacs for each of .checks() (rare: only for events delivered twice)
//!    .checked(macs, times)→ Built         SealBatch(.segments()), deadline 1 s
//!    .answered(answers)   → Writes        if .rollbacks() is not empty: a statement on this very transaction (the locks
//!                                         still hold), then SealBatch { rollbacks }, before anything is committed
//!                                         INSERT .rows(), UPDATE .logs(), COMMIT
//!    .committed()         → Done          receipts, acknowledgements, events to start over with
//! ```
//!
//! Whatever fails before COMMIT answers, drop the stage, roll back and start over with the same events: nothing needs to
//! be repaired. A failed transaction over several logs is repeated log by log. If a single log's INSERT violates a unique
//! constraint, somebody put rows where only the lock's holder may: [`conflict`].
//!
//! # Layout
//! - `pending`: events that wait, and what became of them
//! - `batch`: events for several logs, until those are locked
//! - [`dedupe`]: known and repeated event ids
//! - [`build`]: entries at exactly the locked size
//! - [`times`]: when they are logged
//! - [`answer`]: what the signer's answers mean
//! - `quarantine`: when a log takes no entries
//! - [`mod@sync`]: what to say and to fetch at the start

pub mod answer;
mod batch;
pub mod build;
pub mod dedupe;
mod pending;
mod quarantine;
pub mod sync;
pub mod times;

pub use answer::{Done, LogUpdate, NewRow, Writes};
pub use batch::{AppendError, Batch, KnownRow, Locked, LockedLog, Newest};
pub use build::Built;
pub use dedupe::{MacCheck, Matched};
pub use pending::{EventResult, Pending, Refusal};
pub use quarantine::{Quarantine, QuarantineReason, conflict};
pub use sync::{Committed, Listed, Sync, sync};
pub use times::Times;
