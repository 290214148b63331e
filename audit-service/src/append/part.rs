//! One log's share of a batch: who waits, what was decided, what is still to be appended.

use std::collections::BTreeMap;
use std::sync::Arc;

use names::LogName;
use rpc::CallContext;
use tlog::Event;
use tlog::append::{Done, Pending};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::outcome::{Delay, Outcome};
use super::queue::Group;

/// Events of a group with whom to answer.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(super) events: Vec<Arc<Event>>,
    pub(super) reply: oneshot::Sender<Vec<Outcome>>,
    /// Until when the answer is waited for.
    pub(super) deadline: Instant,
    /// Room that they take in the queue.
    pub(super) room: usize,
    /// The call that they came with: it counts among those that are let in until they are decided. `None`: no call's.
    pub(super) call: Option<CallContext>,
}

/// The events of one log in a batch.
#[derive(Debug)]
pub(super) struct Part {
    log: LogName,
    groups: Vec<Group<Waiting>>,
    /// Ticket of the first event; the others follow it.
    first: u64,
    outcomes: Vec<Outcome>,
    /// What is not decided, by ticket.
    pending: BTreeMap<u64, Pending>,
}

/// The logs of a batch, each with its groups in their order.
pub(super) fn parts(groups: Vec<Group<Waiting>>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut ticket = 0;
    for group in groups {
        // The groups of a log follow each other.
        if parts.last().is_none_or(|last| last.log != group.log) {
            let log = group.log.clone();
            parts.push(Part { log, groups: Vec::new(), first: ticket, outcomes: Vec::new(), pending: BTreeMap::new() });
        }
        let Some(part) = parts.last_mut() else { continue };
        for event in &group.content.events {
            part.pending.insert(ticket, Pending::new(ticket, Arc::clone(event)));
            // What is never decided is put off.
            part.outcomes.push(Outcome::Later(Delay::Signer));
            ticket += 1;
        }
        part.groups.push(group);
    }
    parts
}

/// Takes note of what a transaction over these logs decided. Events that it left out stay as they are; those that start over may
/// be marked to be tried one by one.
pub(super) fn take(parts: &mut [Part], done: Done) {
    for (ticket, result) in done.results {
        if let Some(part) = of(parts, ticket) {
            part.decide(ticket, result.into());
        }
    }
    for pending in done.again {
        if let Some(part) = of(parts, pending.ticket) {
            part.pending.insert(pending.ticket, pending);
        }
    }
}

/// The log that a ticket belongs to; logs are in the order of their tickets.
fn of(parts: &mut [Part], ticket: u64) -> Option<&mut Part> {
    let behind = parts.partition_point(|part| part.first <= ticket);
    parts.get_mut(behind.checked_sub(1)?)
}

impl Part {
    /// The log.
    pub(super) fn log(&self) -> &LogName {
        &self.log
    }

    /// Events that are not decided.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.values()
    }

    /// Whether every event is decided, or given up.
    pub(super) fn is_decided(&self) -> bool {
        self.pending.is_empty()
    }

    /// When the last of those who wait gives up.
    pub(super) fn deadline(&self) -> Instant {
        self.groups.iter().map(|group| group.content.deadline).max().unwrap_or_else(Instant::now)
    }

    fn decide(&mut self, ticket: u64, outcome: Outcome) {
        self.pending.remove(&ticket);
        self.set(ticket, outcome);
    }

    fn set(&mut self, ticket: u64, outcome: Outcome) {
        let place = ticket.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        if let Some(place) = place.and_then(|place| self.outcomes.get_mut(place)) {
            *place = outcome;
        }
    }

    /// What is not decided yet is put off for this reason, unless it will be.
    pub(super) fn put_off(&mut self, delay: Delay) {
        let tickets: Vec<u64> = self.pending.keys().copied().collect();
        for ticket in tickets {
            self.set(ticket, Outcome::Later(delay));
        }
    }

    /// Nothing more is tried.
    pub(super) fn give_up(&mut self) {
        self.pending.clear();
    }

    /// Whether nothing was put off but for a quarantine, which costs nobody else anything.
    pub(super) fn is_served(&self) -> bool {
        let is_failure = |outcome: &Outcome| matches!(outcome, Outcome::Later(delay) if *delay != Delay::Quarantined);
        !self.outcomes.iter().any(is_failure)
    }

    /// Answers those who wait.
    pub(super) fn answer(self) {
        let logged = self.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Logged { .. })).count();
        metrics::counter!("audit_events_logged_total").increment(u64::try_from(logged).unwrap_or(u64::MAX));
        let mut outcomes = self.outcomes.into_iter();
        for group in self.groups {
            metrics::histogram!("audit_batch_seconds").record(group.arrived.elapsed());
            let Waiting { events, reply, call, .. } = group.content;
            let answers = outcomes.by_ref().take(events.len()).collect();
            // Whoever is answered may call again at once.
            drop(call);
            // Who has stopped waiting sends the events again.
            let _gone = reply.send(answers);
        }
    }
}
