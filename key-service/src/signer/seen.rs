//! How far this process has seen each log: rows that say less were set back by somebody else.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::LogId;
use tlog::Hash;
use tlog::signer::LogState;

/// The furthest state of each log that was committed while this process looked.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<LogId, Mark>>);

#[derive(Debug, Clone, Copy)]
struct Mark {
    size: u64,
    head: Hash,
    acknowledged: u64,
}

impl Seen {
    /// Whether a committed state does not contradict what was seen before.
    pub fn allows(&self, log: LogId, state: &LogState) -> bool {
        self.lock().get(&log).is_none_or(|mark| {
            state.size() >= mark.size
                && (state.size() > mark.size || state.head == mark.head)
                && state.acknowledged >= mark.acknowledged
        })
    }

    /// Notes a committed state.
    pub fn note(&self, log: LogId, state: &LogState) {
        let mut marks = self.lock();
        let mark = marks.entry(log).or_insert(Mark { size: 0, head: state.head, acknowledged: 0 });
        if state.size() >= mark.size {
            (mark.size, mark.head) = (state.size(), state.head);
        }
        mark.acknowledged = mark.acknowledged.max(state.acknowledged);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LogId, Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tlog::CompactRange;

    fn state(size: u8, acknowledged: u64) -> LogState {
        let mut range = CompactRange::new();
        (0..size).for_each(|leaf| range.append([leaf; 32]));
        LogState { head: [size; 32], range, acknowledged }
    }

    #[test]
    fn a_state_below_or_beside_what_was_seen_is_refused() {
        let (seen, log) = (Seen::default(), LogId::new(uuid::Uuid::from_u128(1)));
        assert!(seen.allows(log, &state(0, 0)));
        seen.note(log, &state(5, 3));
        assert!(!seen.allows(log, &state(4, 3)), "shorter");
        assert!(!seen.allows(log, &state(5, 2)), "less acknowledged");
        assert!(!seen.allows(log, &LogState { head: [9; 32], ..state(5, 3) }), "another head");
        assert!(seen.allows(log, &state(5, 3)));
        assert!(seen.allows(log, &state(6, 6)));
        seen.note(log, &state(4, 1));
        assert!(!seen.allows(log, &state(4, 3)), "a late note lowers nothing");
    }
}
