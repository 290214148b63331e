//! Walks the entries of a segment: each in its place, linked to the one before.

use std::collections::HashSet;

use names::LogId;

use crate::entry::{DecodeError, decode};
use crate::hash::{Hash, chain_head, leaf_hash};

/// Why entries are no segment at their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// An entry's bytes are none.
    #[error("entry {index} cannot be read")]
    Entry {
        /// Index that it would have.
        index: u64,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// An entry names another log.
    #[error("entry {index} names another log")]
    Log {
        /// Index that it would have.
        index: u64,
    },
    /// An entry names another index.
    #[error("entry {index} names another index")]
    Index {
        /// Index that it would have.
        index: u64,
    },
    /// An entry does not name the head before it.
    #[error("entry {index} does not link to the one before")]
    Link {
        /// Its index.
        index: u64,
    },
    /// A producer's event id stands twice.
    #[error("entry {index} repeats an event id of its producer within its segment")]
    EventTwice {
        /// Its index.
        index: u64,
    },
    /// No table of entries takes it: a text is empty, too long or holds NUL.
    #[error("entry {index} has a text that no table of entries takes")]
    Columns {
        /// Its index.
        index: u64,
    },
    /// Time goes back.
    #[error("entry {index} was logged before the one before it")]
    Time {
        /// Its index.
        index: u64,
    },
    /// The log's indices are used up.
    #[error("the log is full")]
    Full,
}

/// One entry's hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Index of the entry.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Hash,
    /// Head after it.
    pub head: Hash,
    /// Time logged, nanoseconds since 1970.
    pub logged_ns: i64,
}

/// Where entries are to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The log.
    pub log_id: LogId,
    /// Index of the first entry.
    pub index: u64,
    /// Head before it.
    pub head: Hash,
    /// Time logged of the entry before, nanoseconds since 1970; `i64::MIN` where there is none, or it does not matter.
    pub last_logged_ns: i64,
}

/// Checks consecutive entries and computes their leaves and heads.
pub fn walk<B: AsRef<[u8]>>(start: Start, entries: &[B]) -> Result<Vec<Link>, SegmentError> {
    let Start { log_id, mut index, head: mut previous_head, last_logged_ns: mut logged_ns } = start;
    let mut links = Vec::with_capacity(entries.len());
    let mut events = HashSet::with_capacity(entries.len());
    for bytes in entries {
        let bytes = bytes.as_ref();
        let entry = decode(bytes).map_err(|source| SegmentError::Entry { index, source })?;
        if entry.place.log_id != log_id {
            return Err(SegmentError::Log { index });
        }
        if entry.place.index != index {
            return Err(SegmentError::Index { index });
        }
        if entry.place.previous_head != previous_head {
            return Err(SegmentError::Link { index });
        }
        if !events.insert((entry.producer, entry.event_id)) {
            return Err(SegmentError::EventTwice { index });
        }
        if !entry.columns().are_storable() {
            return Err(SegmentError::Columns { index });
        }
        if entry.place.logged_ns < logged_ns {
            return Err(SegmentError::Time { index });
        }
        logged_ns = entry.place.logged_ns;
        let leaf = leaf_hash(bytes);
        let head = chain_head(log_id, index, &previous_head, &leaf);
        links.push(Link { index, leaf, head, logged_ns });
        previous_head = head;
        index = index.checked_add(1).ok_or(SegmentError::Full)?;
    }
    Ok(links)
}
