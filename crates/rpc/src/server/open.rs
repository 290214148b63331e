//! The body of a request to what is open to every accepted certificate.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep_until};
use tonic::Status;

use super::limits::Admission;
use crate::Failure;

/// Bytes of a message to what is open to every accepted certificate: health and reflection.
pub(super) const OPEN_MESSAGE_BYTES: usize = 16 * 1024;

/// Ends at the call's deadline, and keeps the call's place until it is dropped: reflection reads in a task of its own, which
/// outlives the call.
pub(super) struct OpenBody {
    inner: Incoming,
    over: Pin<Box<Sleep>>,
    _admission: Admission,
}

impl OpenBody {
    pub(super) fn new(inner: Incoming, admission: Admission, deadline: Instant) -> Self {
        Self { inner, over: Box::pin(sleep_until(deadline.into())), _admission: admission }
    }
}

impl Body for OpenBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.over.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(Failure::deadline_exceeded().into())));
        }
        let frame = Pin::new(&mut self.inner).poll_frame(context);
        frame.map(|frame| frame.map(|frame| frame.map_err(|broken| Status::from_error(Box::new(broken)))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}
