//! Appending: events wait in a bounded queue, batches are sealed and committed, everybody gets an answer.
//!
//! ```text
//!  append(events) ─▶ queue (per log) ─▶ batch: ≤ 5 ms or 2,048 entries, several logs ─▶ transaction ─▶ outcomes
//!                       ▲ full: refused                  │ leaves a log undecided: that log goes on alone
//!                       └── the next batch gathers while others are in flight; a log is in one batch at a time
//! ```
//! Nobody waits for another's log: what is not decided when a call's time is up is put off, and the rest of its answer is
//! given.
//!
//! # Layout
//! - `batch`: one batch from its groups to their outcomes, together once and then log by log
//! - `dispatch`: the task that makes batches of what waits
//! - `outcome`: what became of events
//! - `part`: one log's share of a batch
//! - `queue`: which events make the next batch
//! - `times`: the signer's clock, by which entries are logged
//! - `transaction`: one transaction of the append protocol

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rpc::CallContext;
use tlog::Event;
use tokio::sync::{mpsc, oneshot};

mod batch;
mod dispatch;
mod outcome;
mod part;
mod queue;
mod times;
mod transaction;

pub(crate) use batch::{Batches, Probed};
use dispatch::Inbox;
pub(crate) use dispatch::dispatch;
pub use outcome::{Delay, Outcome};
use part::Waiting;
use queue::{Group, MAX_BYTES, MAX_ENTRIES};
pub(crate) use times::SignerClock;
pub(crate) use transaction::{TransactionError, Transactions};

/// Bytes that an entry takes beside its event's texts.
const ENTRY_OVERHEAD: usize = 220;
/// Bytes that count as one more event in the queue, so that large events cannot take all memory.
const ROOM_BYTES: usize = 4_096;
/// Calls that may wait to be taken over by the dispatcher.
const CALLS: usize = 1_024;

/// Why no event was even queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotQueued {
    /// Try again after a while.
    #[error("too many events are waiting")]
    Full,
    /// The process is ending.
    #[error("the process is ending")]
    Ending,
}

/// Takes events. Clones share the queue.
#[derive(Clone, Debug)]
pub struct Appender {
    calls: mpsc::Sender<Vec<Group<Waiting>>>,
    queued: Arc<AtomicUsize>,
    capacity: usize,
}

/// An appender with room for `capacity` waiting events, and what [`mod@dispatch`] takes them from.
pub(crate) fn appender(capacity: usize) -> (Appender, Inbox) {
    let (sender, receiver) = mpsc::channel(CALLS);
    let queued = Arc::new(AtomicUsize::new(0));
    (Appender { calls: sender, queued: Arc::clone(&queued), capacity }, Inbox { calls: receiver, queued })
}

impl Appender {
    /// Appends events, those of one log in their order, and says what became of each, in the order given. Waits until
    /// every one of them is durable, refused or put off, which what is left then is at the deadline. They hold the call that they
    /// came with also after that.
    pub async fn append(
        &self,
        events: Vec<Event>,
        deadline: tokio::time::Instant,
        call: Option<&CallContext>,
    ) -> Result<Vec<Outcome>, NotQueued> {
        let total = events.len();
        let arrived = Instant::now();
        let mut groups: Vec<Part> = Vec::new();
        for (position, event) in events.into_iter().enumerate() {
            add(&mut groups, position, event, arrived);
        }
        let reservation = self.reserve(groups.iter().map(|(_, group)| room(group)).sum())?;
        let mut queued = Vec::with_capacity(groups.len());
        let mut replies = Vec::with_capacity(groups.len());
        for (positions, group) in groups {
            let (reply, answer) = oneshot::channel();
            let room = room(&group);
            let Group { log, entries, bytes, arrived, content: events } = group;
            let content = Waiting { events, reply, deadline, room, call: call.cloned() };
            queued.push(Group { log, entries, bytes, arrived, content });
            replies.push((positions, answer));
        }
        self.calls.try_send(queued).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotQueued::Full,
            mpsc::error::TrySendError::Closed(_) => NotQueued::Ending,
        })?;
        // From here on the dispatcher gives back what it takes.
        reservation.keep();
        let mut outcomes = vec![Outcome::Later(Delay::Late); total];
        for (positions, answer) in replies {
            // A dropped reply, or one that is late, leaves the events where they are: put off.
            let Ok(Ok(answers)) = tokio::time::timeout_at(deadline, answer).await else { continue };
            for (position, answer) in positions.into_iter().zip(answers) {
                if let Some(outcome) = outcomes.get_mut(position) {
                    *outcome = answer;
                }
            }
        }
        Ok(outcomes)
    }

    fn reserve(&self, room: usize) -> Result<Reservation<'_>, NotQueued> {
        let before = self.queued.fetch_add(room, Ordering::AcqRel);
        let reservation = Reservation { queued: &self.queued, room };
        // A call larger than the queue is taken when nothing else waits.
        if before > 0 && before.saturating_add(room) > self.capacity { Err(NotQueued::Full) } else { Ok(reservation) }
    }
}

/// Room in the queue, given back unless it is kept.
struct Reservation<'a> {
    queued: &'a AtomicUsize,
    room: usize,
}

impl Reservation<'_> {
    fn keep(mut self) {
        self.room = 0;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.queued.fetch_sub(self.room, Ordering::AcqRel);
    }
}

/// A group being made, with the positions of its events in the call.
type Part = (Vec<usize>, Group<Vec<Arc<Event>>>);

/// Adds an event to the last group of its log, or begins one where that is full.
fn add(groups: &mut Vec<Part>, position: usize, event: Event, arrived: Instant) {
    let size = size(&event);
    let event = Arc::new(event);
    let last = groups.iter_mut().rev().find(|(_, group)| group.log == event.log);
    match last {
        Some((positions, group)) if group.entries < MAX_ENTRIES && group.bytes + size <= MAX_BYTES => {
            positions.push(position);
            group.entries += 1;
            group.bytes += size;
            group.content.push(event);
        }
        _ => {
            let log = event.log.clone();
            groups.push((vec![position], Group { log, entries: 1, bytes: size, arrived, content: vec![event] }));
        }
    }
}

/// Room that a group takes in the queue: one for each event, more where events are large.
fn room<T>(group: &Group<T>) -> usize {
    group.entries + group.bytes / ROOM_BYTES
}

/// Bytes that an event's entry takes, nearly.
fn size(event: &Event) -> usize {
    let texts = [
        &event.producer,
        &event.actor,
        &event.on_behalf_of,
        &event.action,
        &event.resource,
        &event.purpose,
        &event.reference,
    ];
    let attributes = event.attributes.iter().map(|(name, value)| name.len() + value.len() + 8);
    let body = event.body.as_ref().map_or(0, |body| body.kind.len() + body.content.len());
    ENTRY_OVERHEAD + texts.iter().map(|text| text.len()).sum::<usize>() + attributes.sum::<usize>() + body
}

/// How long a caller is asked to wait where the queue is full.
pub const RETRY_AFTER: Duration = Duration::from_millis(200);
