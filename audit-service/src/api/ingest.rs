//! `IngestService`: events of other services become entries.

use std::time::Duration;

use api::audit::v1::append_result::Result as Answer;
use api::audit::v1::ingest_service_server::IngestService;
use api::audit::v1::{AppendEventsRequest, AppendEventsResponse, AppendResult, Event, Receipt, Refusal};
use clock::SharedClock;
use names::LogName;
use rpc::policy::{Policy, Producer};
use rpc::{CallContext, Failure, Violations, call_context};
use tonic::{Request, Response, Status};

use super::convert::{self, Source, Unacceptable};
use crate::append::{Appender, Outcome};
use crate::error::Error;
use crate::event::IdTimes;
use crate::permissions::EventsAppend;

/// Events of one call.
const MAX_EVENTS: usize = 2_048;
/// What of a call's time is kept for the way of its answer.
const ON_THE_WAY: Duration = Duration::from_millis(250);

/// Serves `IngestService`.
#[derive(Clone, Debug)]
pub(crate) struct Ingest {
    appender: Appender,
    id_times: IdTimes,
}

impl Ingest {
    /// Hands events to `appender`.
    pub(crate) fn new(appender: Appender, clock: SharedClock) -> Self {
        Self { appender, id_times: IdTimes::new(clock) }
    }

    async fn append(&self, reporter: &Reporter<'_>, events: Vec<Event>) -> Result<AppendEventsResponse, Failure> {
        let mut results: Vec<AppendResult> = Vec::with_capacity(events.len());
        let mut taken: Vec<tlog::Event> = Vec::with_capacity(events.len());
        let mut positions = Vec::with_capacity(events.len());
        let mut authorized: Vec<LogName> = Vec::new();
        for event in events {
            let event_id = event.event_id.clone();
            let result = match reporter.event(event, &mut authorized)? {
                Ok(event) => {
                    self.id_times.note(event.event_id);
                    positions.push((results.len(), event.log.clone()));
                    taken.push(event);
                    None
                }
                Err(refusal) => Some(Answer::Refusal(refusal)),
            };
            results.push(AppendResult { event_id, result });
        }
        let outcomes = if taken.is_empty() {
            Vec::new()
        } else {
            self.appender.append(taken, answer_by(reporter.call), Some(reporter.call)).await.map_err(Error::from)?
        };
        for ((position, log), outcome) in positions.into_iter().zip(outcomes) {
            if let Some(result) = results.get_mut(position) {
                result.result = answer(&log, &outcome);
            }
        }
        Ok(AppendEventsResponse { results })
    }
}

/// When what is decided is answered, so that the answer is there within the call's time.
fn answer_by(call: &CallContext) -> tokio::time::Instant {
    tokio::time::Instant::from_std(call.deadline()) - ON_THE_WAY.min(call.remaining() / 2)
}

/// The service that calls.
#[derive(Debug)]
struct Reporter<'a> {
    call: &'a CallContext,
    policy: &'a Policy,
    producer: &'a Producer,
}

impl Reporter<'_> {
    /// The event as it will be logged, or why it never will. Fails where the caller may not append to the log.
    ///
    /// What is malformed needs no grant: it goes into no log, and a producer that is bound to few logs is not to be kept
    /// from reporting the rest.
    fn event(&self, event: Event, authorized: &mut Vec<LogName>) -> Result<Result<tlog::Event, Refusal>, Failure> {
        let source = Source { producer: self.producer.name(), identity: self.call.caller().as_str() };
        let event = match convert::event(event, source) {
            Ok(converted) => converted,
            Err(unacceptable) => return Ok(Err(refusal(&unacceptable))),
        };
        let log = &event.log;
        if !authorized.contains(log) {
            self.call.grant::<EventsAppend>(&log.to_string())?;
            authorized.push(log.clone());
        }
        if self.policy.may_report(self.producer, log, &event.action) {
            return Ok(Ok(event));
        }
        let detail = format!("in {log} another service alone reports {}", event.action);
        Ok(Err(Refusal { reason: "FOREIGN_ACTION".to_owned(), detail }))
    }
}

#[tonic::async_trait]
impl IngestService for Ingest {
    async fn append_events(
        &self,
        request: Request<AppendEventsRequest>,
    ) -> Result<Response<AppendEventsResponse>, Status> {
        let call = call_context(&request)?;
        let policy = call.policy();
        let producer = policy.producer(call.caller().as_str()).ok_or_else(Failure::permission_denied)?;
        let events = request.into_inner().events;
        if events.is_empty() || events.len() > MAX_EVENTS {
            let mut violations = Violations::new();
            violations.add("events", format_args!("must be 1 to {MAX_EVENTS} events"));
            violations.finish()?;
        }
        let reporter = Reporter { call: &call, policy: &policy, producer };
        Ok(Response::new(self.append(&reporter, events).await?))
    }
}

/// `None`: try again later.
fn answer(log: &LogName, outcome: &Outcome) -> Option<Answer> {
    match outcome {
        Outcome::Logged { index } => {
            Some(Answer::Receipt(Receipt { name: log.entry(*index).to_string(), index: Some(*index) }))
        }
        Outcome::Refused(refusal) => {
            Some(Answer::Refusal(Refusal { reason: refusal.reason().to_owned(), detail: service::chain(refusal) }))
        }
        Outcome::Later(_) => None,
    }
}

fn refusal(unacceptable: &Unacceptable) -> Refusal {
    Refusal { reason: "MALFORMED".to_owned(), detail: unacceptable.to_string() }
}
