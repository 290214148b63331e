//! `IngestService`: events of other services become entries.

use api::audit::v1::append_result::Result as Answer;
use api::audit::v1::ingest_service_server::IngestService;
use api::audit::v1::{AppendEventsRequest, AppendEventsResponse, AppendResult, Event, Receipt, Refusal};
use names::LogName;
use rpc::{CallContext, Failure, Violations, call_context};
use tonic::{Request, Response, Status};

use super::convert::{self, Unacceptable};
use crate::append::{Appender, Outcome};
use crate::error::Error;
use crate::permissions::EventsAppend;

/// Events of one call.
const MAX_EVENTS: usize = 2_048;

/// Serves `IngestService`.
#[derive(Clone, Debug)]
pub(crate) struct Ingest {
    appender: Appender,
}

impl Ingest {
    /// Hands events to `appender`.
    pub(crate) fn new(appender: Appender) -> Self {
        Self { appender }
    }

    async fn append(&self, call: &CallContext, events: Vec<Event>) -> Result<AppendEventsResponse, Failure> {
        let mut results: Vec<AppendResult> = Vec::with_capacity(events.len());
        let mut taken: Vec<(LogName, tlog::Event)> = Vec::with_capacity(events.len());
        let mut positions = Vec::with_capacity(events.len());
        let mut authorized: Vec<LogName> = Vec::new();
        for event in events {
            let event_id = event.event_id.clone();
            let result = match convert::event(event, call.caller().as_str()) {
                Ok((log, event)) => {
                    authorize(call, &log, &mut authorized)?;
                    positions.push((results.len(), log.clone()));
                    taken.push((log, event));
                    None
                }
                Err(unacceptable) => {
                    call.grant::<EventsAppend>("")?;
                    Some(Answer::Refusal(refusal(&unacceptable)))
                }
            };
            results.push(AppendResult { event_id, result });
        }
        let outcomes =
            if taken.is_empty() { Vec::new() } else { self.appender.append(taken).await.map_err(Error::from)? };
        put_off_as_a_whole(&results, &outcomes)?;
        for ((position, log), outcome) in positions.into_iter().zip(outcomes) {
            if let Some(result) = results.get_mut(position) {
                result.result = answer(&log, &outcome);
            }
        }
        Ok(AppendEventsResponse { results })
    }
}

#[tonic::async_trait]
impl IngestService for Ingest {
    async fn append_events(
        &self,
        request: Request<AppendEventsRequest>,
    ) -> Result<Response<AppendEventsResponse>, Status> {
        let call = call_context(&request)?;
        let events = request.into_inner().events;
        if events.is_empty() || events.len() > MAX_EVENTS {
            call.grant::<EventsAppend>("")?;
            let mut violations = Violations::new();
            violations.add("events", format_args!("must be 1 to {MAX_EVENTS} events"));
            violations.finish()?;
        }
        Ok(Response::new(self.append(&call, events).await?))
    }
}

/// Asks once for each log that the caller may append to it.
fn authorize(call: &CallContext, log: &LogName, authorized: &mut Vec<LogName>) -> Result<(), Failure> {
    if !authorized.contains(log) {
        call.grant::<EventsAppend>(&log.to_string())?;
        authorized.push(log.clone());
    }
    Ok(())
}

/// Where nothing at all was decided, the call fails as a whole and says why.
fn put_off_as_a_whole(results: &[AppendResult], outcomes: &[Outcome]) -> Result<(), Failure> {
    let Some(Outcome::Later(first)) = outcomes.first() else { return Ok(()) };
    let undecided = results.iter().all(|result| result.result.is_none())
        && outcomes.iter().all(|outcome| matches!(outcome, Outcome::Later(delay) if delay == first));
    let per_event = matches!(first, crate::append::Delay::Quarantined);
    if undecided && !per_event { Err(Error::PutOff(*first).into()) } else { Ok(()) }
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
