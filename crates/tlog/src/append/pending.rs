//! Events that wait for their place in a log, and what became of them.

use std::sync::Arc;

use names::LogName;

use crate::event::{Event, EventError};

/// An event that waits for its place in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The caller's own number for it; every result carries it.
    pub ticket: u64,
    /// The event.
    pub event: Arc<Event>,
    /// Whether it is to be sealed by itself, because a batch with it was refused as malformed.
    pub(super) alone: bool,
}

impl Pending {
    /// An event for its log.
    pub fn new(ticket: u64, event: impl Into<Arc<Event>>) -> Self {
        Self { ticket, event: event.into(), alone: false }
    }

    /// The log.
    pub fn log(&self) -> &LogName {
        &self.event.log
    }
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventResult {
    /// It is durable at this index.
    Receipt {
        /// Index in its log.
        index: u64,
    },
    /// It will never be taken.
    Refused(Refusal),
    /// Its log takes no entries for now: try again later.
    Quarantined,
    /// Whether it is in its log already cannot be told now: try again later.
    Undecided,
}

/// Why an event will never be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The event is not one that a log takes.
    #[error("malformed event")]
    Malformed(#[source] EventError),
    /// The signer does not take the entry made of it.
    #[error("the signer refused the entry as malformed")]
    Entry,
    /// Another event of the same producer with the same id is in the log, sealed.
    #[error("another event of this producer has this id")]
    EventIdReused,
}

impl Refusal {
    /// Its code on the wire.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Entry => "MALFORMED",
            Self::EventIdReused => "EVENT_ID_REUSED",
        }
    }
}
