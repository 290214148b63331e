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
    changes: u64,
}

impl Mark {
    /// Whether a state's entries are at least those that were seen.
    fn is_reached(&self, state: &LogState) -> bool {
        state.size() >= self.size
            && (state.size() > self.size || state.head == self.head)
            && state.acknowledged >= self.acknowledged
    }
}

impl Marks {
    /// Whether a committed state does not contradict what was seen before.
    pub fn allow(&self, log: LogId, state: &LogState) -> bool {
        self.0.get(&log).is_none_or(|mark| mark.is_reached(state) && state.changes >= mark.changes)
    }

    /// The logs that have entries: each of them has a row from then on, or somebody has taken it away.
    pub fn logs(&self) -> BTreeMap<LogId, LogName> {
        let logs = self.0.iter().filter(|(_, mark)| mark.size > 0);
        logs.map(|(id, mark)| (*id, mark.log.clone())).collect()
    }

    fn note(&mut self, log: &LogName, state: &LogState) -> &mut Mark {
        let new = || Mark { log: log.clone(), size: 0, head: state.head, acknowledged: 0, changes: 0 };
        let mark = self.0.entry(tlog::log_id(log)).or_insert_with(new);
        if state.size() >= mark.size {
            (mark.size, mark.head) = (state.size(), state.head);
        }
        mark.acknowledged = mark.acknowledged.max(state.acknowledged);
        mark.changes = mark.changes.max(state.changes);
        mark
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

    /// Whether a state to which an operator brings the log has at least the entries that were seen. Alarms, losses and whatever
    /// else was changed may be those of the restored database.
    pub fn reaches(&self, log: LogId, state: &LogState) -> bool {
        self.lock().0.get(&log).is_none_or(|mark| mark.is_reached(state))
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

    /// Notes a committed state to which an operator has brought the log: the row is counted from there.
    pub fn note_advanced(&self, log: &LogName, state: &LogState) {
        let mut marks = self.lock();
        marks.note(log, state).changes = state.changes;
    }

    /// Notes a committed state.
    pub fn note(&self, log: &LogName, state: &LogState) {
        self.lock().note(log, state);
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
        seen.note(name, &LogState { changes: 7, ..state(5, 3) });
        assert!(!seen.allows(log, &LogState { changes: 6, ..state(5, 3) }), "an older row of the same entries");
        assert!(!seen.allows(log, &LogState { changes: 6, ..state(6, 6) }), "or of more");
        let restored = LogState { changes: 2, ..state(6, 6) };
        assert!(seen.reaches(log, &restored) && !seen.reaches(log, &state(4, 3)));
        seen.note_advanced(name, &restored);
        assert!(seen.allows(log, &restored) && !seen.allows(log, &LogState { changes: 1, ..restored }));
        let before = seen.marks_of(&[log]);
        seen.note(name, &state(9, 9));
        assert!(
            before.allow(log, &LogState { changes: 2, ..state(6, 6) }) && !seen.allows(log, &state(6, 6)),
            "a snapshot is judged by its time"
        );
        seen.note(name, &state(4, 1));
        assert!(!seen.allows(log, &state(4, 3)), "a late note lowers nothing");
    }
}
