//! The body of an answer. What a connection was given it keeps until the caller reads, so it is given a piece at a time.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant as TokioInstant, Sleep};
use tonic::body::Body;
use tonic::{Code, Status};

use super::denial::Answered;
use super::leaving::{Kept, Piece};
use super::request::PREFIX;
use super::streams::{self, GRACE};
use super::trace::Trace;
use crate::failure::INTERNAL;
use crate::{AuditClass, Failure, MethodInfo};

/// What is sent of an answer, a piece at a time.
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
pub(super) enum Sent {
    /// One message.
    Unary(Trace),
    Stream(Pin<Box<Tail>>),
    /// Nothing more to count.
    Ended,
}

/// What a streaming answer holds on to.
pub(super) struct Tail {
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
    pub(super) fn new(trace: Trace, deadline: TokioInstant) -> Pin<Box<Self>> {
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
    pub(super) fn new(inner: Body, sent: Sent, kept: Option<Arc<Kept>>) -> Self {
        Self { inner, rest: Bytes::new(), sent, kept }
    }

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

pub(super) fn code_of(headers: &HeaderMap) -> Code {
    headers.get(Status::GRPC_STATUS).map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
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
