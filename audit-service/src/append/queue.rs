//! Which events wait, and which of them make the next batch: pure, no tasks and no clock of its own.
//!
//! A log is in one batch at a time, because a batch holds the log's row locked; what arrives for it meanwhile is the
//! next batch. Several logs share a batch, so that they share a commit.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use names::LogName;

/// Entries in a batch, at most.
pub(crate) const MAX_ENTRIES: usize = 2_048;
/// Bytes of the events of a batch, at most: half of what the signer takes in one call.
pub(crate) const MAX_BYTES: usize = 1_500_000;

/// Events of one log that arrived together and are answered together.
#[derive(Debug)]
pub(crate) struct Group<T> {
    /// The events' log.
    pub(crate) log: LogName,
    /// Number of events, at most [`MAX_ENTRIES`].
    pub(crate) entries: usize,
    /// Bytes that their entries take, at most [`MAX_BYTES`] unless there is one event only.
    pub(crate) bytes: usize,
    /// When they arrived.
    pub(crate) arrived: Instant,
    /// The events and whom to answer.
    pub(crate) content: T,
}

/// The events that wait.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    delay: Duration,
    logs: HashMap<LogName, Waiting<T>>,
    /// Logs that wait and are in no batch, by the arrival of their first group.
    ready: BTreeMap<u64, LogName>,
    ready_entries: usize,
    arrivals: u64,
}

#[derive(Debug)]
struct Waiting<T> {
    groups: VecDeque<(u64, Group<T>)>,
    entries: usize,
    busy: bool,
}

impl<T> Queue<T> {
    /// Nothing waits. A group waits for company at most `delay`.
    pub(crate) fn new(delay: Duration) -> Self {
        Self { delay, logs: HashMap::new(), ready: BTreeMap::new(), ready_entries: 0, arrivals: 0 }
    }

    /// Lets a group wait.
    pub(crate) fn push(&mut self, group: Group<T>) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        let log = group.log.clone();
        let waiting = self.logs.entry(log.clone()).or_insert_with(Waiting::new);
        waiting.entries += group.entries;
        if !waiting.busy {
            self.ready_entries += group.entries;
            if waiting.groups.is_empty() {
                self.ready.insert(arrival, log);
            }
        }
        waiting.groups.push_back((arrival, group));
    }

    /// When the next batch is to begin: at once where one is full, `None` where nothing can be taken.
    pub(crate) fn due(&self) -> Option<Instant> {
        let (_, log) = self.ready.first_key_value()?;
        let (_, group) = self.logs.get(log)?.groups.front()?;
        Some(if self.ready_entries >= MAX_ENTRIES { group.arrived } else { group.arrived + self.delay })
    }

    /// Takes the next batch, oldest logs first; its logs are busy until [`Self::done`]. Empty where nothing can be taken.
    pub(crate) fn take(&mut self) -> Vec<Group<T>> {
        let mut batch = Vec::new();
        let (mut entries, mut bytes) = (0, 0);
        while let Some((&arrival, log)) = self.ready.first_key_value() {
            let log = log.clone();
            let Some(waiting) = self.logs.get_mut(&log) else { break };
            let ready = waiting.entries;
            let before = batch.len();
            while let Some((_, group)) = waiting.groups.front() {
                let fits = entries + group.entries <= MAX_ENTRIES && bytes + group.bytes <= MAX_BYTES;
                if !fits && !batch.is_empty() {
                    break;
                }
                let Some((_, group)) = waiting.groups.pop_front() else { break };
                entries += group.entries;
                bytes += group.bytes;
                waiting.entries -= group.entries;
                batch.push(group);
            }
            if batch.len() == before {
                break;
            }
            waiting.busy = true;
            self.ready.remove(&arrival);
            self.ready_entries -= ready;
        }
        batch
    }

    /// A log's batch has ended: what waited for it can be taken.
    pub(crate) fn done(&mut self, log: &LogName) {
        let Some(waiting) = self.logs.get_mut(log) else { return };
        waiting.busy = false;
        match waiting.groups.front() {
            None => {
                self.logs.remove(log);
            }
            Some((arrival, _)) => {
                self.ready.insert(*arrival, log.clone());
                self.ready_entries += waiting.entries;
            }
        }
    }
}

impl<T> Waiting<T> {
    fn new() -> Self {
        Self { groups: VecDeque::new(), entries: 0, busy: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> LogName {
        name.parse().expect("a log name")
    }

    fn group(name: &str, entries: usize, arrived: Instant) -> Group<u32> {
        Group { log: log(name), entries, bytes: entries * 400, arrived, content: 0 }
    }

    fn names(batch: &[Group<u32>]) -> Vec<String> {
        batch.iter().map(|group| group.log.to_string()).collect()
    }

    #[test]
    fn a_busy_log_waits_and_others_go_on() {
        let now = Instant::now();
        let mut queue = Queue::new(Duration::from_millis(5));
        queue.push(group("logs/a", 1, now));
        assert_eq!(names(&queue.take()), ["logs/a"]);
        queue.push(group("logs/a", 2, now));
        assert_eq!(queue.due(), None);
        queue.push(group("logs/b", 3, now));
        assert_eq!(names(&queue.take()), ["logs/b"]);
        queue.done(&log("logs/a"));
        let batch = queue.take();
        assert_eq!(names(&batch), ["logs/a"]);
        assert_eq!(batch[0].entries, 2);
    }

    #[test]
    fn several_logs_share_a_batch_up_to_its_limit() {
        let now = Instant::now();
        let mut queue = Queue::new(Duration::from_millis(5));
        queue.push(group("logs/a", 1_000, now));
        queue.push(group("logs/b", 1_000, now));
        assert_eq!(queue.due(), Some(now + Duration::from_millis(5)));
        queue.push(group("logs/a", 500, now));
        assert_eq!(queue.due(), Some(now));
        assert_eq!(names(&queue.take()), ["logs/a", "logs/a"]);
        assert_eq!(names(&queue.take()), ["logs/b"]);
        assert!(queue.take().is_empty());
    }

    #[test]
    fn what_did_not_fit_is_taken_after_the_batch_has_ended() {
        let now = Instant::now();
        let mut queue = Queue::new(Duration::ZERO);
        queue.push(group("logs/a", 1_500, now));
        queue.push(group("logs/a", 1_500, now));
        assert_eq!(queue.take().len(), 1);
        assert!(queue.take().is_empty());
        queue.done(&log("logs/a"));
        assert_eq!(queue.take().len(), 1);
        queue.done(&log("logs/a"));
        assert!(queue.due().is_none() && queue.logs.is_empty());
    }

    #[test]
    fn a_single_group_beyond_the_limit_is_a_batch_of_its_own() {
        let now = Instant::now();
        let mut queue = Queue::new(Duration::ZERO);
        queue.push(Group { log: log("logs/a"), entries: 1, bytes: MAX_BYTES + 1, arrived: now, content: 0_u32 });
        assert_eq!(queue.take().len(), 1);
    }
}
