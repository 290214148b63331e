//! Bodies: of a request that can be sent again as long as the peer has not taken it up, and of the answer.

use std::error::Error as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as _, Frame};
use http_body_util::{BodyStream, Either, Full, StreamBody};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use tokio_stream::StreamExt as _;
use tonic::Status;
use tonic::body::Body;

/// The body of a request on the wire.
pub(super) type OutgoingBody = Either<Full<Bytes>, Body>;

/// Takes a request's body in where it is there at once, as that of a unary call is: left, it can be sent any number of
/// times. A stream of messages, right, can be sent once.
pub(super) async fn whole(mut body: Body) -> Result<OutgoingBody, Status> {
    let mut parts: Vec<Bytes> = Vec::new();
    let is_complete = poll_fn(|context| {
        loop {
            match Pin::new(&mut body).poll_frame(context) {
                Poll::Pending => return Poll::Ready(Ok(false)),
                Poll::Ready(None) => return Poll::Ready(Ok(true)),
                Poll::Ready(Some(Err(status))) => return Poll::Ready(Err(status)),
                // A client's request has no trailers.
                Poll::Ready(Some(Ok(frame))) => parts.extend(frame.into_data().ok()),
            }
        }
    })
    .await?;
    if is_complete {
        let single = if parts.len() < 2 { parts.pop().unwrap_or_default() } else { parts.concat().into() };
        return Ok(Either::Left(Full::new(single)));
    }
    let parts = tokio_stream::iter(parts.into_iter().map(|part| Ok(Frame::data(part))));
    Ok(Either::Right(Body::new(StreamBody::new(parts.chain(BodyStream::new(body))))))
}

/// Whether the peer said that it has not begun with the call: it ends the connection, or takes no more calls on it.
pub(super) fn was_not_taken_up(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<h2::Error>());
    cause.is_some_and(|cause| match cause.reason() {
        Some(h2::Reason::REFUSED_STREAM) => true,
        Some(h2::Reason::NO_ERROR) => cause.is_go_away() && cause.is_remote(),
        _ => false,
    })
}

/// An answer's body that ends with `DEADLINE_EXCEEDED` when the call's time is over.
#[derive(Debug)]
pub struct ReplyBody {
    pub(super) inner: Incoming,
    pub(super) over: Pin<Box<Sleep>>,
    /// The call has its place on its connection until its answer has come whole.
    pub(super) _place: OwnedSemaphorePermit,
}

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(|error| unavailable(&error)))),
            Poll::Pending => self.over.as_mut().poll(context).map(|()| Some(Err(deadline_exceeded()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

pub(super) fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the peer did not answer within the deadline")
}

/// A connection that broke while a call was on it: whether the call took effect is not known.
pub(super) fn unavailable(error: &hyper::Error) -> Status {
    let mut status = Status::unavailable("the connection to the peer broke");
    status.set_source(Arc::new(std::io::Error::other(crate::failure::chain(error))));
    status
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tokio::sync::mpsc;
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;

    #[tokio::test]
    async fn a_body_that_is_there_can_be_sent_again() {
        let parts = ["ab", "cd"].map(|part| Ok::<_, Status>(Frame::data(Bytes::from(part))));
        let body = whole(Body::new(StreamBody::new(tokio_stream::iter(parts)))).await.unwrap();
        assert!(matches!(&body, Either::Left(_)));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abcd");
    }

    #[tokio::test]
    async fn a_stream_is_sent_once_and_whole() {
        let (sender, receiver) = mpsc::channel(4);
        sender.send(Ok::<_, Status>(Frame::data(Bytes::from("ab")))).await.unwrap();
        let body = whole(Body::new(StreamBody::new(ReceiverStream::new(receiver)))).await.unwrap();
        sender.send(Ok(Frame::data(Bytes::from("cd")))).await.unwrap();
        drop(sender);
        assert!(matches!(&body, Either::Right(_)));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abcd");
    }
}
