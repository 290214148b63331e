//! The end of a call: what goes back to the caller, into the log, the metrics and the account of refusals.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use http::{HeaderMap, HeaderValue, Response};
use tokio::time::Instant as TokioInstant;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use uuid::Uuid;

use super::body::{AnswerBody, Sent, Tail, code_of};
use super::denial::{Answered, Denial, NotDone, reason_of};
use super::leaving::{BLOCKED, Kept};
use super::limits::Kind;
use super::measure::code_name;
use super::open::OPEN_MESSAGE_BYTES;
use super::streams::{self, GRACE};
use super::trace::{Connection, Trace};
use crate::context::{EVENT_ID_HEADER, REQUEST_ID_HEADER};
use crate::failure::{INTERNAL, chain};
use crate::{AuditClass, Failure};

/// A handler's response.
pub(super) struct Handled {
    pub(super) response: Response<Body>,
    pub(super) deadline: Instant,
}

/// Builds the answers.
pub(super) struct Answer;

impl Answer {
    /// Ends a call, or for a stream begins to send it.
    pub(super) fn finish(mut trace: Trace, outcome: Result<Handled, Failure>) -> Response<AnswerBody> {
        let (mut response, deadline) = match outcome {
            Ok(Handled { response, deadline }) => (response, Some(deadline)),
            Err(failure) => (Status::from(failure).into_http(), None),
        };
        let mut code = code_of(response.headers());
        if let Some(mended) = trace.mend(code, &response) {
            code = mended.code();
            response = mended.into_http();
        }
        if let Some(deadline) = deadline.filter(|_| code == Code::Ok && trace.is_stream()) {
            trace.add_headers(response.headers_mut(), None);
            streams::cut_off_at(TokioInstant::now() + trace.stack.config.stream_read_timeout);
            // The end of a stream is known when its trailers are sent.
            let sent = Sent::Stream(Tail::new(trace, deadline.into()));
            return response.map(|inner| AnswerBody::new(inner, sent, None));
        }
        // A refusal may stand behind large answers that are being read.
        let until =
            deadline.map_or_else(|| TokioInstant::now() + BLOCKED, |deadline| TokioInstant::from(deadline) + GRACE);
        streams::cut_off_at(until);
        let kept = trace.keep(until);
        trace.add_headers(response.headers_mut(), kept.as_ref().filter(|_| code != Code::Ok));
        let sent = match deadline {
            // That of another answer is known when it was counted.
            Some(_) if code == Code::Ok => Sent::Unary(trace),
            _ => {
                let answered = || response.extensions().get::<Status>().map(Answered::of);
                trace.end(code, || answered().unwrap_or_default());
                Sent::Ended
            }
        };
        response.map(|inner| AnswerBody::new(inner, sent, kept))
    }
}

impl Trace {
    /// What the answer keeps until it has left: the call's place, or where it was not let in one among those that were not.
    fn keep(&mut self, until: TokioInstant) -> Option<Arc<Kept>> {
        let Connection { quotas, leaving, .. } = &*self.connection;
        let admission = self.admission.take().or_else(|| quotas.admit(Kind::Refused).ok());
        if admission.is_none() {
            leaving.note_uncounted_refusal();
        }
        Some(leaving.note(admission?, self.let_in.take(), until))
    }

    /// What goes out instead, where the handler's or tonic's own answer must not.
    fn mend(&self, code: Code, response: &Response<Body>) -> Option<Status> {
        let decoded = self.state.as_ref().is_some_and(|state| state.entered.load(Ordering::Relaxed));
        let handled = response.extensions().get::<Status>();
        match code {
            // The handler was not reached: tonic could not decode the message.
            Code::OutOfRange if !decoded => Some(Failure::message_too_large(OPEN_MESSAGE_BYTES).into()),
            Code::Internal if !decoded && handled.is_none_or(is_tonics_own) => Some(Failure::malformed().into()),
            Code::Internal | Code::Unknown => {
                let cause = handled.map(cause_of).unwrap_or_default();
                let method = self.found.label();
                let caller = self.connection.caller.as_str();
                tracing::error!(request_id = %self.request_id, method, caller, cause, "internal error");
                let mut details = ErrorDetails::new();
                details.set_request_info(self.request_id.to_string(), "");
                Some(Status::with_error_details(Code::Internal, INTERNAL, details))
            }
            // What was waited for has no fault in that: the caller gave it no more time.
            Code::Unavailable if self.is_over() => Some(Failure::deadline_exceeded().into()),
            _ => None,
        }
    }

    /// Whether the caller's deadline is over.
    fn is_over(&self) -> bool {
        self.state.as_ref().is_some_and(|state| Instant::now() >= state.deadline)
    }

    /// Adds the ids; one keeps what an answer without a message has nothing else to keep it.
    fn add_headers(&self, headers: &mut HeaderMap, kept: Option<&Arc<Kept>>) {
        add_id(headers, REQUEST_ID_HEADER, self.request_id.as_uuid());
        if let (Some(id), Some(kept)) = (headers.get_mut(REQUEST_ID_HEADER), kept) {
            *id = kept.kept_by(id.clone());
        }
        if let Some(event_id) = self.state.as_ref().and_then(|state| state.event_id.get()) {
            add_id(headers, EVENT_ID_HEADER, event_id);
        }
    }

    /// Logs, measures and accounts for the call, once; `answered` reads the details of its answer.
    pub(super) fn end(&mut self, code: Code, answered: impl FnOnce() -> Answered) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let elapsed = self.started.elapsed();
        self.found.measures().record(code, elapsed);
        self.log(code, elapsed.as_secs_f64() * 1000.0);
        if let (Some(sink), Some(method)) = (&self.stack.sink, self.found.method())
            && code != Code::Ok
            && method.audit() != AuditClass::None
            && !self.state.as_ref().is_some_and(|state| state.accounted.load(Ordering::Relaxed))
        {
            let Answered { reason, comes_again } = answered();
            let Some(outcome) = NotDone::of(code, comes_again) else { return };
            let reason = reason_of(code, reason);
            let resource = self.state.as_ref().and_then(|state| state.resource.get()).cloned();
            let (caller, peer) = (self.connection.caller.clone(), self.connection.peer);
            let method = Arc::clone(method);
            sink.denied(Denial { caller, peer, method, outcome, reason, resource, request_id: self.request_id });
        }
    }

    /// One line for each call, of failed ones as many as a caller may have: ids, names and codes, never a value.
    fn log(&self, code: Code, ms: f64) {
        let Self { request_id, found, connection, .. } = self;
        let (method, caller, code_name) = (found.label(), connection.caller.as_str(), code_name(code));
        if code == Code::Ok {
            tracing::debug!(%request_id, method, caller, code = code_name, ms, "call");
            return;
        }
        let Some(left_out) = connection.quotas.line() else { return };
        match code {
            Code::Unavailable | Code::DeadlineExceeded | Code::DataLoss | Code::Internal | Code::Unknown => {
                tracing::warn!(%request_id, method, caller, code = code_name, ms, left_out, "call failed");
            }
            _ => tracing::info!(%request_id, method, caller, code = code_name, ms, left_out, "call refused"),
        }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // Dropped on its way: the caller went away.
        self.end(Code::Cancelled, Answered::default);
    }
}

/// Adds an id, which HPACK shall not remember: it never comes again, and would push out what does.
fn add_id(headers: &mut HeaderMap, name: &'static str, id: &Uuid) {
    let mut text = Uuid::encode_buffer();
    if let Ok(mut value) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

/// What tonic answers to bytes that it cannot decode has no cause; the layers' own internal errors have one.
fn is_tonics_own(status: &Status) -> bool {
    status.source().is_none()
}

/// The causes; the message where there is none, as in a status that a handler made by hand.
fn cause_of(status: &Status) -> String {
    status.source().map_or_else(|| status.message().to_owned(), chain)
}
