//! How far this process has seen each log: rows that say less were set back by somebody else.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::{LogId, LogName};
use tlog::Hash;
use tlog::signer::LogState;

/// The furthest state of each log that was committed while this process looked.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Marks>);

/// The furthest states that were seen until some moment.
#[derive(Debug, Clone, Default)]
pub struct Marks(HashMap<LogId, Mark>);

#[derive(Debug, Clone)]
struct Mark {
    log: LogName,
    size: u64,
    head: Hash,
    acknowledged: u64,
}

impl Marks {
    /// Whether a committed state does not contradict what was seen before.
    pub fn allow(&self, log: LogId, state: &LogState) -> bool {
        self.0.get(&log).is_none_or(|mark| {
            state.size() >= mark.size
                && (state.size() > mark.size || state.head == mark.head)
                && state.acknowledged >= mark.acknowledged
        })
    }

    /// The logs that have entries: each of them has a row from then on, or somebody has taken it away.
    pub fn logs(&self) -> BTreeMap<LogId, LogName> {
        let logs = self.0.iter().filter(|(_, mark)| mark.size > 0);
        logs.map(|(id, mark)| (*id, mark.log.clone())).collect()
    }

    /// Whether a log has entries.
    pub fn has(&self, log: LogId) -> bool {
        self.0.get(&log).is_some_and(|mark| mark.size > 0)
    }
}

impl Seen {
    /// Whether a state, read with its row locked, does not contradict what was seen before.
    pub fn allows(&self, log: LogId, state: &LogState) -> bool {
        self.lock().allow(log, state)
    }

    /// What was seen until now. A snapshot is held against what was seen before it was opened: a batch may commit, and be
    /// noted, between the snapshot and its reading.
    pub fn marks(&self) -> Marks {
        self.lock().clone()
    }

    /// What was seen of these logs until now.
    pub fn marks_of(&self, logs: &[LogId]) -> Marks {
        let marks = self.lock();
        Marks(logs.iter().filter_map(|log| Some((*log, marks.0.get(log)?.clone()))).collect())
    }

    /// Notes a committed state.
    pub fn note(&self, log: &LogName, state: &LogState) {
        let mut marks = self.lock();
        let new = || Mark { log: log.clone(), size: 0, head: state.head, acknowledged: 0 };
        let mark = marks.0.entry(tlog::log_id(log)).or_insert_with(new);
        if state.size() >= mark.size {
            (mark.size, mark.head) = (state.size(), state.head);
        }
        mark.acknowledged = mark.acknowledged.max(state.acknowledged);
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
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
        let empty = LogState::empty(&"logs/acme".parse().unwrap());
        LogState { head: [size; 32], range, acknowledged, ..empty }
    }

    #[test]
    fn a_state_below_or_beside_what_was_seen_is_refused() {
        let (seen, name) = (Seen::default(), &"logs/acme".parse().unwrap());
        let log = tlog::log_id(name);
        assert!(seen.allows(log, &state(0, 0)));
        seen.note(name, &state(5, 3));
        assert!(!seen.allows(log, &state(4, 3)), "shorter");
        assert!(!seen.allows(log, &state(5, 2)), "less acknowledged");
        assert!(!seen.allows(log, &LogState { head: [9; 32], ..state(5, 3) }), "another head");
        assert!(seen.allows(log, &state(5, 3)));
        assert!(seen.allows(log, &state(6, 6)));
        let before = seen.marks_of(&[log]);
        seen.note(name, &state(9, 9));
        assert!(before.allow(log, &state(6, 6)) && !seen.allows(log, &state(6, 6)), "a snapshot is judged by its time");
        seen.note(name, &state(4, 1));
        assert!(!seen.allows(log, &state(4, 3)), "a late note lowers nothing");
    }
}
