//! How far this process has seen each log: rows that say less were set back by somebody else.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::{LogId, LogName};
use tlog::Hash;
use tlog::signer::LogState;

/// The furthest state of each log that was committed while this process looked.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    marks: Marks,
    /// The logs that are marked, by their names: lists go in this order.
    names: BTreeMap<String, LogId>,
}

/// The furthest states that were seen until some moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(HashMap<LogId, Mark>);

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
    pub(super) fn allow(&self, log: LogId, state: &LogState) -> bool {
        self.0.get(&log).is_none_or(|mark| mark.is_reached(state) && state.changes >= mark.changes)
    }

    /// The logs that have entries: each of them has a row from then on, or somebody has taken it away.
    pub(super) fn logs(&self) -> BTreeMap<LogId, LogName> {
        let logs = self.0.iter().filter(|(_, mark)| mark.size > 0);
        logs.map(|(id, mark)| (*id, mark.log.clone())).collect()
    }

    /// Whether a log has entries.
    pub(super) fn has(&self, log: LogId) -> bool {
        self.0.get(&log).is_some_and(|mark| mark.size > 0)
    }
}

impl All {
    fn note(&mut self, log: &LogName, state: &LogState) -> &mut Mark {
        let id = tlog::log_id(log);
        let names = &mut self.names;
        let mark = self.marks.0.entry(id).or_insert_with(|| {
            names.insert(log.to_string(), id);
            Mark { log: log.clone(), size: 0, head: state.head, acknowledged: 0, changes: 0 }
        });
        if state.size() >= mark.size {
            (mark.size, mark.head) = (state.size(), state.head);
        }
        mark.acknowledged = mark.acknowledged.max(state.acknowledged);
        mark.changes = mark.changes.max(state.changes);
        mark
    }

    fn marks_of(&self, logs: impl Iterator<Item = LogId>) -> Marks {
        Marks(logs.filter_map(|log| Some((log, self.marks.0.get(&log)?.clone()))).collect())
    }
}

impl Seen {
    /// Whether a state, read with its row locked, does not contradict what was seen before.
    pub(super) fn allows(&self, log: LogId, state: &LogState) -> bool {
        self.lock().marks.allow(log, state)
    }

    /// Whether a state to which an operator brings the log has at least the entries that were seen. Alarms, losses and whatever
    /// else was changed may be those of the restored database.
    pub(super) fn reaches(&self, log: LogId, state: &LogState) -> bool {
        self.lock().marks.0.get(&log).is_none_or(|mark| mark.is_reached(state))
    }

    /// What was seen until now of whatever can be on a page of at most `limit` logs whose names follow `after`: up to the
    /// `limit`th of those that have entries, for no page reaches beyond it. A snapshot is held against what was seen before it was
    /// opened: a batch may commit, and be noted, between the snapshot and its reading.
    pub(super) fn marks_after(&self, after: &str, limit: usize) -> Marks {
        let all = self.lock();
        let following = all.names.range::<str, _>((Bound::Excluded(after), Bound::Unbounded)).map(|(_, id)| *id);
        let mut with_entries = 0;
        let is_within = |id: &LogId| {
            let within = with_entries < limit;
            with_entries += usize::from(all.marks.has(*id));
            within
        };
        all.marks_of(following.take_while(is_within))
    }

    /// What was seen of these logs until now.
    pub(super) fn marks_of(&self, logs: &[LogId]) -> Marks {
        self.lock().marks_of(logs.iter().copied())
    }

    /// Notes a committed state to which an operator has brought the log: the row is counted from there.
    pub(super) fn note_advanced(&self, log: &LogName, state: &LogState) {
        self.lock().note(log, state).changes = state.changes;
    }

    /// Notes a committed state.
    pub(super) fn note(&self, log: &LogName, state: &LogState) {
        self.lock().note(log, state);
    }

    fn lock(&self) -> MutexGuard<'_, All> {
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
    fn a_page_has_the_marks_that_it_can_need_and_no_others() {
        let seen = Seen::default();
        for (number, size) in [(1, 1), (2, 0), (3, 1), (4, 0), (5, 1), (6, 1)] {
            seen.note(&format!("logs/t{number}").parse().unwrap(), &state(size, 0));
        }
        seen.note(&LogName::System, &state(1, 0));
        let page = |after: &str, limit: usize| {
            let marks = seen.marks_after(after, limit);
            let mut names: Vec<String> = marks.0.into_values().map(|mark| mark.log.id().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(page("", 2), ["system", "t1"]);
        assert_eq!(page("logs/system", 2), ["t1", "t2", "t3"], "one without entries takes no room");
        assert_eq!(page("logs/t3", 2), ["t4", "t5", "t6"].map(str::to_owned)[..], "and is there");
        assert_eq!((page("logs/t4", 9), page("logs/t6", 9)), (vec!["t5".to_owned(), "t6".to_owned()], vec![]));
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
