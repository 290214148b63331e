//! Brings the events of claimed rows to the audit-service and sorts the rows by what became of them.

use std::collections::BTreeSet;
use std::time::Duration;

use api::audit::v1::{AppendEventsRequest, AppendEventsResponse, AppendResult, Event, append_result};
use futures::future::{BoxFuture, try_join_all};
use prost::Message as _;
use tonic::{Code, Status};

use super::claim::{Claim, MAX_EVENTS, Portion, Refused, Settled};
use crate::{Ingest, OutboxKey, OutboxRow};

/// Most bytes of events in one request.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Reason of a row that this service did not write.
const FORGED: &str = "FORGED";
/// Reason of a row whose MAC is right and whose events cannot be read.
const UNREADABLE: &str = "UNREADABLE";
/// Reason of an event that makes its whole request invalid.
const INVALID: &str = "INVALID_ARGUMENT";

/// What became of one event.
#[derive(Clone, Debug)]
enum Answer {
    /// It is durable.
    Taken,
    /// It will never be taken.
    Refused(String),
    /// To be tried again.
    Later,
}

/// Delivers a portion of a claim, each call within `limit`. An error means that nothing is known of any row.
pub(super) async fn deliver(
    claim: Claim,
    key: &OutboxKey,
    portion: Portion,
    ingest: &impl Ingest,
    limit: Duration,
) -> Result<Settled, Status> {
    let mut settled = Settled::new(&claim);
    let mut rows = Vec::with_capacity(claim.rows.len());
    let mut events = Vec::new();
    for row in claim.rows {
        if events.len() >= portion.events {
            settled.leave(&row);
            continue;
        }
        if !key.verifies(&row.unsigned(), &row.mac) {
            settled.refuse_row(row, FORGED);
            continue;
        }
        match AppendEventsRequest::decode(row.events.as_slice()) {
            Ok(request) => {
                rows.push((row, request.events.len()));
                events.extend(request.events);
            }
            Err(_undecodable) => settled.refuse_row(row, UNREADABLE),
        }
    }
    settled.events = events.len();
    let appends = requests(events).into_iter().map(|events| append(ingest, limit, events));
    let mut answers = try_join_all(appends).await?.into_iter().flatten();
    for (row, count) in rows {
        let answers: Vec<(Event, Answer)> = answers.by_ref().take(count).collect();
        settle_row(&mut settled, row, answers);
    }
    Ok(settled)
}

/// Appends events; where a request as a whole is refused for good, finds out which of its events is to blame.
fn append<I: Ingest>(
    ingest: &I,
    limit: Duration,
    events: Vec<Event>,
) -> BoxFuture<'_, Result<Vec<(Event, Answer)>, Status>> {
    Box::pin(async move {
        let request = AppendEventsRequest { events: events.clone() };
        match ingest.append(request, limit).await {
            Ok(response) => Ok(answer(events, response)),
            Err(status) if !is_permanent(&status) => Err(status),
            Err(_) if events.len() <= 1 => {
                Ok(events.into_iter().map(|event| (event, Answer::Refused(INVALID.to_owned()))).collect())
            }
            Err(_) => {
                let mut first = events;
                let second = first.split_off(first.len() / 2);
                let mut answers = append(ingest, limit, first).await?;
                answers.extend(append(ingest, limit, second).await?);
                Ok(answers)
            }
        }
    })
}

/// Whether the same request will be refused for ever. Everything else may be mended: certificates, policy, load, faults.
fn is_permanent(status: &Status) -> bool {
    matches!(status.code(), Code::InvalidArgument | Code::OutOfRange)
}

/// Whether the audit-service, or the way to it, may be to blame and not a log: a connection that ends has several codes, and one
/// that has too much to do has its own.
pub(super) fn is_away(status: &Status) -> bool {
    let codes = [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal, Code::ResourceExhausted];
    codes.contains(&status.code())
}

/// Cuts events into requests within the API's limits, in their order.
fn requests(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut requests = Vec::new();
    let mut request = Vec::new();
    let mut bytes = 0_usize;
    for event in events {
        // The field's key and length take at most six bytes.
        let length = event.encoded_len().saturating_add(6);
        if !request.is_empty() && (request.len() >= MAX_EVENTS || bytes.saturating_add(length) > MAX_BYTES) {
            requests.push(std::mem::take(&mut request));
            bytes = 0;
        }
        bytes = bytes.saturating_add(length);
        request.push(event);
    }
    if !request.is_empty() {
        requests.push(request);
    }
    requests
}

/// Pairs events with their results; one without its own result is tried again.
fn answer(events: Vec<Event>, response: AppendEventsResponse) -> Vec<(Event, Answer)> {
    let mut results = response.results.into_iter();
    let of_result = |event: &Event, result: Option<AppendResult>| match result {
        Some(result) if result.event_id == event.event_id => match result.result {
            Some(append_result::Result::Receipt(_)) => Answer::Taken,
            Some(append_result::Result::Refusal(refusal)) => Answer::Refused(refusal.reason),
            None => Answer::Later,
        },
        _ => Answer::Later,
    };
    events
        .into_iter()
        .map(|event| {
            let answer = of_result(&event, results.next());
            (event, answer)
        })
        .collect()
}

/// A row goes when every event of it was taken or refused; until then it stays whole.
fn settle_row(settled: &mut Settled, row: OutboxRow, answers: Vec<(Event, Answer)>) {
    if answers.iter().any(|(_, answer)| matches!(answer, Answer::Later)) {
        settled.fail(&row);
        return;
    }
    let total = answers.len();
    let mut reasons = BTreeSet::new();
    let mut events = Vec::new();
    for (event, answer) in answers {
        if let Answer::Refused(reason) = answer {
            reasons.insert(reason);
            events.push(event);
        }
    }
    settled.taken = settled.taken.saturating_add(total.saturating_sub(events.len()));
    if events.is_empty() {
        settled.deliver(row);
    } else {
        let reason = reasons.into_iter().collect::<Vec<_>>().join(",");
        settled.refuse(Refused { row, reason, events: Some(events) });
    }
}
