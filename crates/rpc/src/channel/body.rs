//! The body of a peer's answer, bounded by the call's deadline.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;
use tonic::Status;

/// An answer's body that ends with `DEADLINE_EXCEEDED` when the call's time is over.
#[derive(Debug)]
pub struct ReplyBody {
    inner: Incoming,
    over: Pin<Box<Sleep>>,
}

impl ReplyBody {
    pub(super) fn new(inner: Incoming, over: Pin<Box<Sleep>>) -> Self {
        Self { inner, over }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(|error| unavailable(&error)))),
            Poll::Pending => self.over.as_mut().poll(context).map(|()| Some(Err(deadline_exceeded()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

pub(super) fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the peer did not answer within the deadline")
}

/// A connection that broke while a call was on it: whether the call took effect is not known.
pub(super) fn unavailable(error: &hyper::Error) -> Status {
    let mut status = Status::unavailable("the connection to the peer broke");
    status.set_source(std::sync::Arc::new(std::io::Error::other(crate::failure::chain(error))));
    status
}
