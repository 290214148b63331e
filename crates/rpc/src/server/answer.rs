//! The end of a call: what goes back to the caller, into the log, the metrics and the account of refusals.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{Arc, Weak, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant as TokioInstant, Sleep};
use tonic::{Code, Status, body::Body};
use tonic_types::{ErrorDetails, StatusExt};
use uuid::Uuid;

use super::{
    Denial, NotDone, OPEN_MESSAGE_BYTES,
    call::{Connection, Handled, PREFIX, Trace},
    denial::{Answered, reason_of},
    leaving::{BLOCKED, Kept, Piece},
    limits::Kind,
    measure::code_name,
    streams::{self, GRACE},
};
use crate::{
    AuditClass, Failure, MethodInfo,
    context::{EVENT_ID_HEADER, REQUEST_ID_HEADER},
    failure::{INTERNAL, chain},
};

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
            return response.map(|inner| AnswerBody { inner, rest: Bytes::new(), sent, kept: None });
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
        response.map(|inner| AnswerBody { inner, rest: Bytes::new(), sent, kept })
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
    fn end(&mut self, code: Code, answered: impl FnOnce() -> Answered) {
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

fn code_of(headers: &HeaderMap) -> Code {
    headers.get(Status::GRPC_STATUS).map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

/// The body of an answer. What a connection was given it keeps until the caller reads, so it is given a piece at a time.
pub(super) struct AnswerBody {
    inner: Body,
    /// What is left of a message.
    rest: Bytes,
    sent: Sent,
    /// What the call was let in with, which goes with each piece; none where it was not, and of a stream, whose pieces have
    /// each their own.
    kept: Option<Arc<Kept>>,
}

/// Longest piece: what fits into the smallest frame that every peer takes (RFC 9113, section 4.2).
const PIECE: usize = 16_384;

/// What an answer is.
enum Sent {
    /// One message.
    Unary(Trace),
    Stream(Pin<Box<Tail>>),
    /// Nothing more to count.
    Ended,
}

/// What a streaming answer holds on to.
struct Tail {
    trace: Trace,
    deadline: TokioInstant,
    over: Pin<Box<Sleep>>,
    /// Ends the stream before its deadline: a watch with its connection, which it keeps open for nothing, any other one with the
    /// certificates.
    drained: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// The first piece that has not left.
    unread: Weak<Kept>,
    /// Code of the end, once it is known.
    code: Option<Code>,
}

impl Tail {
    fn new(trace: Trace, deadline: TokioInstant) -> Pin<Box<Self>> {
        let over = Box::pin(tokio::time::sleep_until(deadline));
        let ending = &trace.connection.ending;
        let drained: Pin<Box<dyn Future<Output = ()> + Send>> =
            if trace.is_open() { Box::pin(ending.told.clone().cancelled_owned()) } else { Box::pin(ending.expired()) };
        Box::pin(Self { trace, deadline, over, drained, unread: Weak::new(), code: None })
    }

    /// What a piece that is ready keeps until it has left, which must be soon.
    fn keep(&mut self) -> Option<Arc<Kept>> {
        let Trace { stack, connection, admission, let_in, .. } = &self.trace;
        let until = (TokioInstant::now() + stack.config.stream_read_timeout).min(self.deadline + GRACE);
        let kept = connection.leaving.note(admission.clone()?, let_in.clone(), until);
        if self.unread.strong_count() == 0 {
            self.unread = Arc::downgrade(&kept);
            streams::cut_off_at(until);
        }
        Some(kept)
    }

    /// The next frame of what the handler streams, and the end that is not the handler's.
    fn poll_next(&mut self, inner: &mut Body, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.code.is_some() {
            return Poll::Ready(None);
        }
        let Trace { stack, connection, .. } = &self.trace;
        if stack.policy.load_guard().is_denied(connection.caller.as_str()) {
            *inner = Body::empty();
            return Poll::Ready(Some(Ok(self.fail(&Failure::unauthenticated().into()))));
        }
        if self.over.as_mut().poll(context).is_ready() {
            *inner = Body::empty();
            return Poll::Ready(Some(Ok(self.fail(&Failure::deadline_exceeded().into()))));
        }
        let is_open = self.trace.is_open();
        if !is_open && self.drained.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Ok(self.drain(inner))));
        }
        // Of what is open to everybody what is there already leaves: a single answer of health comes as a stream, too.
        let Poll::Ready(frame) = Pin::new(&mut *inner).poll_frame(context) else {
            if is_open && self.drained.as_mut().poll(context).is_ready() {
                return Poll::Ready(Some(Ok(self.drain(inner))));
            }
            // Where all has left, only the deadline ends the stream.
            streams::cut_off_at(self.unread.upgrade().map_or(self.deadline + GRACE, |kept| kept.until));
            return Poll::Pending;
        };
        Poll::Ready(frame.map(|frame| frame.map(|frame| self.see(frame))))
    }

    /// Notes the code in the trailers; an internal error leaves without its cause.
    fn see(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let trailers = match frame.into_trailers() {
            Ok(trailers) => trailers,
            Err(data) => return data,
        };
        let code = code_of(&trailers);
        self.code = Some(code);
        if !matches!(code, Code::Internal | Code::Unknown) {
            return Frame::trailers(trailers);
        }
        self.fail(&Status::new(Code::Internal, INTERNAL))
    }

    /// Ends the stream with its connection.
    fn drain(&mut self, inner: &mut Body) -> Frame<Bytes> {
        *inner = Body::empty();
        self.fail(&Failure::draining().into())
    }

    fn fail(&mut self, status: &Status) -> Frame<Bytes> {
        self.code = Some(status.code());
        trailers_of(status)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.trace.end(self.code.unwrap_or(Code::Cancelled), Answered::default);
    }
}

impl AnswerBody {
    /// The next frame, however long.
    fn poll_whole(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Self { inner, sent, .. } = self;
        match sent {
            Sent::Stream(tail) => tail.poll_next(inner, context),
            Sent::Unary(_) => {
                let frame = ready!(Pin::new(inner).poll_frame(context));
                Poll::Ready(frame.map(|frame| frame.map(|frame| self.counted(frame))))
            }
            Sent::Ended => Pin::new(inner).poll_frame(context),
        }
    }

    /// Counts the answer, where its handler has not. What is larger than was ever declared does not leave; what there is no
    /// room for neither, unless something was done that its caller must be told.
    fn counted(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let Sent::Unary(mut trace) = std::mem::replace(&mut self.sent, Sent::Ended) else { return frame };
        let refused = match (frame.data_ref(), trace.found.method(), &self.kept) {
            (Some(data), Some(method), Some(kept)) => refused(data.len(), method, kept),
            _ => None,
        };
        let Some(refused) = refused.map(Status::from) else {
            trace.end(frame.trailers_ref().map_or(Code::Ok, code_of), Answered::default);
            return frame;
        };
        trace.end(refused.code(), || Answered::of(&refused));
        self.inner = Body::empty();
        trailers_of(&refused)
    }
}

/// Why an answer of so many bytes does not leave.
fn refused(bytes: usize, method: &MethodInfo, kept: &Kept) -> Option<Failure> {
    let limit = method.bounds().response;
    if bytes > limit.saturating_add(PREFIX) {
        return Some(Failure::answer_too_large(limit, "ask for less at once"));
    }
    let exhausted = kept.admission.cover_response(bytes).err();
    exhausted.filter(|_| method.audit() == AuditClass::Refusals)
}

/// The trailers of an answer that ends with a status.
fn trailers_of(status: &Status) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    // The texts are our own and always fit into a header.
    let _fits = status.add_header(&mut trailers);
    Frame::trailers(trailers)
}

impl http_body::Body for AnswerBody {
    type Data = Piece;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.rest.is_empty() {
            let frame = match ready!(self.poll_whole(context)) {
                Some(Ok(frame)) => frame,
                Some(Err(status)) => return Poll::Ready(Some(Err(status))),
                None => return Poll::Ready(None),
            };
            match frame.into_data().map_err(Frame::into_trailers) {
                Ok(data) => self.rest = data,
                Err(trailers) => return Poll::Ready(trailers.ok().map(|trailers| Ok(Frame::trailers(trailers)))),
            }
        }
        let length = self.rest.len().min(PIECE);
        let kept = match &mut self.sent {
            Sent::Stream(tail) => tail.keep(),
            Sent::Unary(_) | Sent::Ended => self.kept.clone(),
        };
        let piece = Piece::new(self.rest.split_to(length), kept);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.rest.is_empty() { self.inner.size_hint() } else { SizeHint::default() }
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody").finish_non_exhaustive()
    }
}
