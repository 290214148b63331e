//! The audit-service, with faults to order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::audit::v1::append_result::Result as Answer;
use api::audit::v1::{AppendEventsRequest, AppendEventsResponse, AppendResult, Event, Receipt, Refusal};
use audit::Ingest;
use names::EventId;
use tonic::Status;
use uuid::Uuid;

/// Takes each event id once, as the audit-service does. Clones share the state.
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeIngest(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// How often each event was delivered.
    delivered: BTreeMap<Vec<u8>, u32>,
    calls: u32,
    largest: usize,
    /// Calls that were not answered in time.
    late: u32,
    /// How many calls had events of a log beside those of others.
    mixed: BTreeMap<String, u32>,
    faults: Faults,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Refuses every call.
    pub(crate) away: bool,
    /// Takes the events of so many calls and loses the answers.
    pub(crate) lost_answers: u32,
    /// Most events that are answered in time.
    pub(crate) in_time: Option<usize>,
    /// Takes the events and never answers.
    pub(crate) hangs: bool,
    /// Answers without a result for any event.
    pub(crate) undecided: bool,
    /// Answers without a result for events of these logs.
    pub(crate) unserved: BTreeSet<String>,
    /// Refuses every call with an event of these logs as a whole, for now.
    pub(crate) failing: BTreeSet<String>,
    /// Ends the connection of every call with an event of these logs.
    pub(crate) crashing: BTreeSet<String>,
    /// Answers no call with an event of these logs within its time.
    pub(crate) stuck: BTreeSet<String>,
    /// Refuses these events.
    pub(crate) refused: BTreeSet<Vec<u8>>,
    /// Refuses every call with one of these events as a whole.
    pub(crate) poisonous: BTreeSet<Vec<u8>>,
}

impl FakeIngest {
    pub(crate) fn with(faults: Faults) -> Self {
        let fake = Self::default();
        fake.order(faults);
        fake
    }

    pub(crate) fn order(&self, faults: Faults) {
        self.0.lock().unwrap().faults = faults;
    }

    /// The events taken, each once.
    pub(crate) fn taken(&self) -> BTreeSet<EventId> {
        let state = self.0.lock().unwrap();
        state.delivered.keys().map(|id| EventId::new(Uuid::from_slice(id).unwrap())).collect()
    }

    /// How often events were delivered, repetitions included.
    pub(crate) fn deliveries(&self) -> u32 {
        self.0.lock().unwrap().delivered.values().sum()
    }

    pub(crate) fn calls(&self) -> u32 {
        self.0.lock().unwrap().calls
    }

    /// Calls that were not answered in time, because of a log that is stuck.
    pub(crate) fn late(&self) -> u32 {
        self.0.lock().unwrap().late
    }

    /// How many calls had events of this log beside those of others.
    pub(crate) fn mixed(&self, log: &str) -> u32 {
        self.0.lock().unwrap().mixed.get(log).copied().unwrap_or(0)
    }

    /// Most events in one call.
    pub(crate) fn largest(&self) -> usize {
        self.0.lock().unwrap().largest
    }
}

impl State {
    fn append(&mut self, request: &AppendEventsRequest) -> Result<AppendEventsResponse, Status> {
        self.calls += 1;
        self.largest = self.largest.max(request.events.len());
        let logs: BTreeSet<&String> = request.events.iter().map(|event| &event.log).collect();
        if logs.len() > 1 {
            for log in logs {
                *self.mixed.entry(log.clone()).or_default() += 1;
            }
        }
        if self.faults.away {
            return Err(Status::unavailable("away"));
        }
        if self.faults.in_time.is_some_and(|events| request.events.len() > events) {
            return Err(Status::deadline_exceeded("too much for the time"));
        }
        if request.events.iter().any(|event| self.faults.poisonous.contains(&event.event_id)) {
            return Err(Status::invalid_argument("malformed"));
        }
        let of = |logs: &BTreeSet<String>| request.events.iter().any(|event| logs.contains(&event.log));
        if of(&self.faults.failing) {
            return Err(Status::permission_denied("a log is not theirs"));
        }
        if of(&self.faults.crashing) {
            return Err(Status::unavailable("connection reset"));
        }
        if of(&self.faults.stuck) {
            self.late += 1;
            return Err(Status::deadline_exceeded("a log is stuck"));
        }
        let results = request.events.iter().map(|event| self.append_one(event)).collect();
        if self.faults.lost_answers > 0 {
            self.faults.lost_answers -= 1;
            return Err(Status::unavailable("connection reset"));
        }
        Ok(AppendEventsResponse { results })
    }

    fn append_one(&mut self, event: &Event) -> AppendResult {
        let result = if self.faults.undecided || self.faults.unserved.contains(&event.log) {
            None
        } else if self.faults.refused.contains(&event.event_id) {
            Some(Answer::Refusal(Refusal { reason: "MALFORMED".to_owned(), detail: String::new() }))
        } else {
            *self.delivered.entry(event.event_id.clone()).or_default() += 1;
            Some(Answer::Receipt(Receipt::default()))
        };
        AppendResult { event_id: event.event_id.clone(), result }
    }
}

impl Ingest for FakeIngest {
    async fn append(&self, request: AppendEventsRequest, limit: Duration) -> Result<AppendEventsResponse, Status> {
        let (answer, hangs, is_late) = {
            let mut state = self.0.lock().unwrap();
            let is_late = request.events.iter().any(|event| state.faults.stuck.contains(&event.log));
            (state.append(&request), state.faults.hangs, is_late)
        };
        if is_late {
            tokio::time::sleep(limit).await;
        }
        if hangs {
            std::future::pending::<()>().await;
        }
        answer
    }
}
