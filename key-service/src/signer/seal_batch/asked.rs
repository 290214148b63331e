//! What the audit-service asks for.

use names::LogName;
use tlog::protocol::{Rollback, Segment};

/// What the audit-service wants sealed and has to say. At most one segment for each log.
#[derive(Debug)]
pub struct SealBatch {
    /// Segments to seal.
    pub segments: Vec<Segment>,
    /// What it found wrong in its database.
    pub rollbacks: Vec<Rollback>,
}

impl SealBatch {
    pub(super) fn logs(&self) -> impl Iterator<Item = &LogName> {
        self.segments.iter().map(|segment| &segment.log).chain(self.rollbacks.iter().map(|one| &one.log))
    }

    /// Whether single logs may be passed over: there are others, and nothing is said that must be kept.
    pub(super) fn may_pass_over(&self) -> bool {
        self.segments.len() > 1 && self.rollbacks.is_empty()
    }
}
