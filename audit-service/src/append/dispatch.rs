//! The task that makes batches of what waits and runs a few of them at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use names::LogName;
use service::Shutdown;
use tokio::task::{Id, JoinSet};

use super::batch::Batches;
use super::queue::{Group, Queue};
use super::{Inbox, Waiting};

/// Batches in flight at once, each of other logs.
const MAX_IN_FLIGHT: usize = 4;

/// Makes batches until `stop`, and finishes what waits then. Groups wait for company for `delay`.
pub(crate) async fn dispatch(inbox: Inbox, batches: Arc<Batches>, delay: Duration, stop: Shutdown) {
    let mut dispatcher =
        Dispatcher { inbox, batches, queue: Queue::new(delay), tasks: JoinSet::new(), in_flight: HashMap::new() };
    let mut open = true;
    while dispatcher.start_due() || open {
        let due = if dispatcher.tasks.len() < MAX_IN_FLIGHT { dispatcher.queue.due() } else { None };
        tokio::select! {
            biased;
            Some(ended) = dispatcher.tasks.join_next_with_id() => dispatcher.finish(match ended {
                Ok((id, ())) => id,
                Err(error) => error.id(),
            }),
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
    tasks: JoinSet<()>,
    in_flight: HashMap<Id, InFlight>,
}

/// What a batch in flight is about.
struct InFlight {
    logs: Vec<LogName>,
    /// Room in the queue, given back at its end.
    room: usize,
}

impl Dispatcher {
    fn take(&mut self, groups: Vec<Group<Waiting>>) {
        for group in groups {
            self.queue.push(group);
        }
    }

    /// Starts every batch that is due. Whether anything waits or is in flight.
    fn start_due(&mut self) -> bool {
        while self.tasks.len() < MAX_IN_FLIGHT && self.queue.due().is_some_and(|due| due <= Instant::now()) {
            let groups = self.queue.take();
            if groups.is_empty() {
                break;
            }
            let mut logs: Vec<LogName> = groups.iter().map(|group| group.log.clone()).collect();
            logs.dedup();
            let room = groups.iter().map(|group| group.content.room).sum();
            let batches = Arc::clone(&self.batches);
            let task = self.tasks.spawn(async move { batches.run(groups).await });
            self.in_flight.insert(task.id(), InFlight { logs, room });
        }
        !self.tasks.is_empty() || self.queue.due().is_some()
    }

    /// A batch has ended, well or by a panic.
    fn finish(&mut self, id: Id) {
        let Some(ended) = self.in_flight.remove(&id) else { return };
        ended.logs.iter().for_each(|log| self.queue.done(log));
        let before = self.inbox.queued.fetch_sub(ended.room, Ordering::AcqRel);
        let queued = u32::try_from(before.saturating_sub(ended.room)).unwrap_or(u32::MAX);
        metrics::gauge!("audit_queued_events").set(f64::from(queued));
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
