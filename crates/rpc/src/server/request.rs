//! The request of a unary call, read within its limits: its length is checked, and the memory that it will take is set aside,
//! before more of it is taken up than what its first frame brought.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;

use super::limits::Admission;
use crate::{Failure, MethodInfo};

/// Bytes before a message: whether it is compressed, and its length (gRPC over HTTP/2, "Length-Prefixed-Message").
pub(super) const PREFIX: usize = 5;
/// A request must come at least this fast; one that is shorter may take as long.
const BYTES_IN_A_SECOND: usize = 256 * 1024;
/// Copies of a request while it is decoded: as it came, and in the buffer that tonic decodes from.
const COPIES: usize = 2;

/// Replaces the body of a request by its one message.
pub(super) async fn read(
    request: Request<Incoming>,
    method: &MethodInfo,
    admission: &Admission,
) -> Result<Request<Body>, Failure> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    if head.headers.get("grpc-encoding").is_some_and(|encoding| encoding != "identity") {
        return Err(Failure::unimplemented("compressed messages are not taken: send them as they are"));
    }
    let mut reading = Reading { body, bytes: Bytes::new() };
    let prefix = timeout_at(started + Duration::from_secs(1), reading.prefix()).await;
    let length = length_of(prefix.map_err(|_elapsed| Failure::too_slow())??)?;
    let bounds = method.bounds();
    if length > bounds.request {
        return Err(Failure::message_too_large(bounds.request));
    }
    admission.reserve_request(length.saturating_mul(bounds.decoding_factor))?;
    let seconds = length.div_ceil(BYTES_IN_A_SECOND).max(1);
    let until = started + Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
    let message = timeout_at(until, reading.message(PREFIX.saturating_add(length))).await;
    let message = message.map_err(|_elapsed| Failure::too_slow())??;
    let decoded = message.get(PREFIX..).and_then(|message| method.footprint(message));
    let decoded = decoded.ok_or_else(Failure::malformed)?;
    if decoded > bounds.decoded() {
        return Err(Failure::too_many_parts());
    }
    admission.reserve_request(decoded.saturating_add(COPIES.saturating_mul(length)))?;
    Ok(Request::from_parts(head, Body::new(Full::new(message))))
}

/// What has been read of a request.
struct Reading {
    body: Incoming,
    bytes: Bytes,
}

impl Reading {
    /// The bytes before the message.
    async fn prefix(&mut self) -> Result<[u8; PREFIX], Failure> {
        loop {
            if let Some(prefix) = self.bytes.first_chunk() {
                return Ok(*prefix);
            }
            let more = self.more().await?.ok_or_else(Failure::malformed)?;
            // Nearly always all of it comes at once.
            self.bytes = if self.bytes.is_empty() { more } else { Bytes::from([&self.bytes[..], &more[..]].concat()) };
        }
    }

    /// The message behind its prefix, which are `length` bytes together, and which nothing follows.
    async fn message(mut self, length: usize) -> Result<Bytes, Failure> {
        if self.bytes.len() < length {
            let mut whole = BytesMut::with_capacity(length);
            whole.extend_from_slice(&std::mem::take(&mut self.bytes));
            while whole.len() < length {
                let more = self.more().await?.ok_or_else(Failure::malformed)?;
                if more.len() > length.saturating_sub(whole.len()) {
                    return Err(Failure::second_message());
                }
                whole.extend_from_slice(&more);
            }
            self.bytes = whole.freeze();
        }
        if self.bytes.len() > length || self.more().await?.is_some() {
            return Err(Failure::second_message());
        }
        Ok(self.bytes)
    }

    /// What comes next; none at the end.
    async fn more(&mut self) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|broken| Failure::cancelled().with_source(broken))?;
            match frame.into_data() {
                Ok(data) if !data.is_empty() => return Ok(Some(data)),
                // An empty piece, or trailers, which no request of gRPC has.
                _ => {}
            }
        }
        Ok(None)
    }
}

/// The length of the message that follows, which is not compressed: that was not announced.
fn length_of([compressed, length @ ..]: [u8; PREFIX]) -> Result<usize, Failure> {
    let length = usize::try_from(u32::from_be_bytes(length)).ok();
    length.filter(|_| compressed == 0).ok_or_else(Failure::malformed)
}
