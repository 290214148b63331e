//! When a log takes no entries.

use names::LogName;

use crate::protocol::{AlarmKind, Rollback};

/// Why a log is quarantined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarantineReason {
    /// The signer's log ends before ours.
    Ahead,
    /// The signer's log is another.
    Forked,
    /// The signer no longer keeps what our log lacks.
    Stale,
    /// A row has the id, or the place, of an event that it is not.
    Suppressed,
    /// The signer's answer does not fit our log.
    SignerAnswer,
    /// The signer cannot use what it keeps of the log.
    SignerUnusable,
}

impl QuarantineReason {
    /// Its code in `logs.quarantine_reason`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ahead => "AHEAD",
            Self::Forked => "FORKED",
            Self::Stale => "STALE",
            Self::Suppressed => "SUPPRESSED",
            Self::SignerAnswer => "SIGNER_ANSWER",
            Self::SignerUnusable => "SIGNER_UNUSABLE",
        }
    }
}

/// What to do with a log's quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quarantine {
    /// Leave it as it is.
    Keep,
    /// The log takes entries again.
    End,
    /// The log takes no entries from now on.
    Begin(QuarantineReason),
}

/// What to do when the INSERT of a batch over one log, which was locked at `size`, violates a unique constraint: report
/// it to the signer, then quarantine the log in a transaction of its own.
pub fn conflict(log: &LogName, size: u64) -> (Rollback, QuarantineReason) {
    (Rollback { log: log.clone(), kind: AlarmKind::Suppressed, size }, QuarantineReason::Suppressed)
}
