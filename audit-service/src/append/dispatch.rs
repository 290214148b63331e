//! The task that makes batches of what waits and runs a few of them at once, and beside them what they leave.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use names::LogName;
use service::Shutdown;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use super::batch::Batches;
use super::part::{Part, Waiting};
use super::queue::{Group, Queue};

/// Batches in flight at once, each of other logs. Logs that go on alone do not count.
const MAX_IN_FLIGHT: usize = 4;

/// What the dispatcher takes events from.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(super) calls: mpsc::Receiver<Vec<Group<Waiting>>>,
    pub(super) queued: Arc<AtomicUsize>,
}

/// Makes batches until `stop`, and finishes what waits then. Groups wait for company for `delay`.
pub(crate) async fn dispatch(inbox: Inbox, batches: Arc<Batches>, delay: Duration, stop: Shutdown) {
    let queue = Queue::new(delay);
    let mut dispatcher =
        Dispatcher { inbox, batches, queue, tasks: JoinSet::new(), in_flight: HashMap::new(), running: 0 };
    let mut open = true;
    while dispatcher.start_due() || open {
        let due = if dispatcher.running < MAX_IN_FLIGHT { dispatcher.queue.due() } else { None };
        tokio::select! {
            biased;
            Some(ended) = dispatcher.tasks.join_next_with_id() => match ended {
                Ok((id, left)) => dispatcher.finish(id, left),
                Err(error) => dispatcher.finish(error.id(), Vec::new()),
            },
            call = dispatcher.inbox.calls.recv(), if open => match call {
                Some(groups) => dispatcher.take(groups),
                None => open = false,
            },
            () = until(due) => {}
            () = stop.cancelled(), if open => {
                dispatcher.inbox.calls.close();
                while let Ok(groups) = dispatcher.inbox.calls.try_recv() {
                    dispatcher.take(groups);
                }
                open = false;
            }
        }
    }
}

struct Dispatcher {
    inbox: Inbox,
    batches: Arc<Batches>,
    queue: Queue<Waiting>,
    /// Batches and logs that go on alone; what a batch leaves is its result.
    tasks: JoinSet<Vec<Part>>,
    in_flight: HashMap<Id, InFlight>,
    /// Batches among the tasks.
    running: usize,
}

/// What a task is about.
struct InFlight {
    /// Its logs with the room of each in the queue, given back at its end.
    logs: HashMap<LogName, usize>,
    is_batch: bool,
}

impl Dispatcher {
    fn take(&mut self, groups: Vec<Group<Waiting>>) {
        for group in groups {
            self.queue.push(group);
        }
    }

    /// Starts every batch that is due. Whether anything waits or is in flight.
    fn start_due(&mut self) -> bool {
        while self.running < MAX_IN_FLIGHT && self.queue.due().is_some_and(|due| due <= Instant::now()) {
            let groups = self.queue.take();
            if groups.is_empty() {
                break;
            }
            let mut logs: HashMap<LogName, usize> = HashMap::new();
            for group in &groups {
                *logs.entry(group.log.clone()).or_default() += group.content.room;
            }
            let batches = Arc::clone(&self.batches);
            let task = self.tasks.spawn(async move { batches.run(groups).await });
            self.in_flight.insert(task.id(), InFlight { logs, is_batch: true });
            self.running += 1;
        }
        !self.tasks.is_empty() || self.queue.due().is_some()
    }

    /// A task has ended, well or by a panic. Logs that it leaves go on alone; what waits for the others can be taken.
    fn finish(&mut self, id: Id, left: Vec<Part>) {
        let Some(mut ended) = self.in_flight.remove(&id) else { return };
        self.running -= usize::from(ended.is_batch);
        for part in left {
            let Some((log, room)) = ended.logs.remove_entry(part.log()) else { continue };
            let batches = Arc::clone(&self.batches);
            let task = self.tasks.spawn(async move {
                batches.run_alone(part).await;
                Vec::new()
            });
            self.in_flight.insert(task.id(), InFlight { logs: [(log, room)].into(), is_batch: false });
        }
        let room: usize = ended.logs.values().sum();
        ended.logs.keys().for_each(|log| self.queue.done(log));
        let before = self.inbox.queued.fetch_sub(room, Ordering::AcqRel);
        let queued = u32::try_from(before.saturating_sub(room)).unwrap_or(u32::MAX);
        metrics::gauge!("audit_queued_events").set(f64::from(queued));
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
