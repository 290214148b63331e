//! A request that can be sent again as long as the peer has not taken it up.

use std::{future::poll_fn, pin::Pin, task::Poll};

use bytes::{Bytes, BytesMut};
use http::{Request, request::Parts};
use http_body::Body as _;
use http_body_util::{Either, Full};
use tonic::{Status, body::Body};

/// The body of a request on the wire.
pub(super) type OutgoingBody = Either<Full<Bytes>, Body>;

/// A request on its way.
pub(super) enum Outgoing {
    /// A single message, complete: can be sent any number of times.
    Whole(Parts, Bytes),
    /// A stream of messages: can be sent once.
    Stream(Option<Request<OutgoingBody>>),
}

impl Outgoing {
    /// Takes the body in where it is there at once, as that of a unary call is.
    pub(super) async fn new(request: Request<Body>) -> Result<Self, Status> {
        let (parts, mut body) = request.into_parts();
        let mut gathered = Vec::new();
        let complete = poll_fn(|context| {
            loop {
                match Pin::new(&mut body).poll_frame(context) {
                    Poll::Pending => return Poll::Ready(Ok(false)),
                    Poll::Ready(None) => return Poll::Ready(Ok(true)),
                    Poll::Ready(Some(Err(status))) => return Poll::Ready(Err(status)),
                    // A client's request has no trailers.
                    Poll::Ready(Some(Ok(frame))) => gathered.extend(frame.into_data().ok()),
                }
            }
        })
        .await?;
        let bytes = joined(gathered);
        if complete {
            return Ok(Self::Whole(parts, bytes));
        }
        let body = if bytes.is_empty() { body } else { Body::new(Prefixed { prefix: Some(bytes), rest: body }) };
        Ok(Self::Stream(Some(Request::from_parts(parts, Either::Right(body)))))
    }

    /// The request for another attempt; none where it can not be sent again.
    pub(super) fn attempt(&mut self) -> Option<Request<OutgoingBody>> {
        match self {
            Self::Whole(parts, body) => Some(Request::from_parts(parts.clone(), Either::Left(Full::new(body.clone())))),
            Self::Stream(request) => request.take(),
        }
    }

    /// Gives back a stream that was not begun.
    pub(super) fn give_back(&mut self, unsent: Request<OutgoingBody>) {
        if let Self::Stream(request) = self {
            *request = Some(unsent);
        }
    }
}

fn joined(mut gathered: Vec<Bytes>) -> Bytes {
    if gathered.len() < 2 {
        return gathered.pop().unwrap_or_default();
    }
    gathered
        .iter()
        .fold(BytesMut::new(), |mut all, part| {
            all.extend_from_slice(part);
            all
        })
        .freeze()
}

/// What was read of a stream, and the rest.
struct Prefixed {
    prefix: Option<Bytes>,
    rest: Body,
}

impl http_body::Body for Prefixed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Status>>> {
        match self.prefix.take() {
            Some(prefix) => Poll::Ready(Some(Ok(http_body::Frame::data(prefix)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body::Frame;
    use http_body_util::{BodyExt, StreamBody};
    use tokio::sync::mpsc;
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;

    fn request(body: Body) -> Request<Body> {
        Request::post("https://localhost/").body(body).unwrap()
    }

    async fn bytes(request: Option<Request<OutgoingBody>>) -> Bytes {
        request.unwrap().into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn a_body_that_is_there_can_be_sent_again() {
        let parts = ["ab", "cd"].map(|part| Ok::<_, Status>(Frame::data(Bytes::from(part))));
        let body = Body::new(StreamBody::new(tokio_stream::iter(parts)));
        let mut outgoing = Outgoing::new(request(body)).await.unwrap();
        assert_eq!(bytes(outgoing.attempt()).await, "abcd");
        assert_eq!(bytes(outgoing.attempt()).await, "abcd");
    }

    #[tokio::test]
    async fn a_stream_is_sent_once_and_whole() {
        let (sender, receiver) = mpsc::channel(4);
        sender.send(Ok::<_, Status>(Frame::data(Bytes::from("ab")))).await.unwrap();
        let body = Body::new(StreamBody::new(ReceiverStream::new(receiver)));
        let mut outgoing = Outgoing::new(request(body)).await.unwrap();
        let unsent = outgoing.attempt().unwrap();
        assert!(outgoing.attempt().is_none());
        outgoing.give_back(unsent);
        sender.send(Ok(Frame::data(Bytes::from("cd")))).await.unwrap();
        drop(sender);
        assert_eq!(bytes(outgoing.attempt()).await, "abcd");
    }
}
