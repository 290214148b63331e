//! What became of events.

use tlog::append::{EventResult, Refusal};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable at this index of its log.
    Logged {
        /// The index.
        index: u64,
    },
    /// It will never be taken.
    Refused(Refusal),
    /// It was not taken now.
    Later(Delay),
}

/// Why an event was not taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// The audit database failed.
    Database,
    /// The log is quarantined.
    Quarantined,
    /// The signer did not seal.
    Signer,
    /// The caller's time was up.
    Late,
}

impl From<EventResult> for Outcome {
    fn from(result: EventResult) -> Self {
        match result {
            EventResult::Receipt { index } => Self::Logged { index },
            EventResult::Refused(refusal) => Self::Refused(refusal),
            EventResult::Quarantined => Self::Later(Delay::Quarantined),
            EventResult::Undecided => Self::Later(Delay::Signer),
        }
    }
}
