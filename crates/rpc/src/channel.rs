//! Connections to a peer service: mutual TLS with hot reload, reconnection, deadlines.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, Uri, uri::PathAndQuery};
use serde::Deserialize;
use tonic::{Status, body::Body};

use crate::{
    Tls, duration,
    timeout::{self, GRPC_TIMEOUT},
};

mod body;
mod connection;
mod outgoing;

pub use body::ReplyBody;
use connection::{Slot, Target};
use outgoing::Outgoing;

/// Where a peer is and who it must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// `https://host:port`.
    pub endpoint: String,
    /// Name that the peer's certificate must carry, where it is not the endpoint's host.
    #[serde(default)]
    pub server_name: Option<String>,
    /// Identity that the peer's certificate must carry on top, such as `spiffe://strongroom.dev/key-service`.
    #[serde(default)]
    pub identity: Option<String>,
    /// Connections to spread calls over.
    #[serde(default = "one")]
    pub connections: usize,
    /// How long connecting may take.
    #[serde(default = "two_seconds", deserialize_with = "duration::deserialize")]
    pub connect_timeout: Duration,
    /// Deadline of a call that is given none, a streamed answer included: give those their own.
    #[serde(default = "ten_seconds", deserialize_with = "duration::deserialize")]
    pub default_deadline: Duration,
}

fn one() -> usize {
    1
}

fn two_seconds() -> Duration {
    Duration::from_secs(2)
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

impl PeerConfig {
    /// A peer at `endpoint`, with defaults for the rest.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            server_name: None,
            identity: None,
            connections: one(),
            connect_timeout: two_seconds(),
            default_deadline: ten_seconds(),
        }
    }
}

/// Why a channel cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelError {
    /// Not `https://host:port`.
    #[error("the endpoint {0:?} is not https://host:port")]
    Endpoint(String),
    /// No DNS name and no address.
    #[error("the server name {0:?} is no DNS name and no address")]
    ServerName(String),
}

/// A channel to a peer, for the clients that tonic generated. Connects when first used, and again when a connection
/// has ended; a call that was not sent yet moves to the new connection. Cheap to clone.
#[derive(Clone)]
pub struct Channel(Arc<Inner>);

struct Inner {
    target: Target,
    slots: Vec<Slot>,
    next: AtomicUsize,
    default_deadline: Duration,
}

impl Channel {
    /// A channel that shows `tls`. Does not connect yet.
    pub fn new(config: &PeerConfig, tls: Tls) -> Result<Self, ChannelError> {
        let target = Target::new(config, tls)?;
        let slots = (0..config.connections.max(1)).map(|_| Slot::default()).collect();
        let default_deadline = config.default_deadline;
        Ok(Self(Arc::new(Inner { target, slots, next: AtomicUsize::new(0), default_deadline })))
    }

    async fn call(self, mut request: Request<Body>) -> Result<Response<ReplyBody>, Status> {
        let timeout = self.timeout(&mut request);
        let deadline = tokio::time::Instant::now() + timeout;
        let mut over = Box::pin(tokio::time::sleep_until(deadline));
        *request.uri_mut() = self.0.target.uri_of(request.uri())?;
        let sent = async {
            let index = self.0.next.fetch_add(1, Ordering::Relaxed) % self.0.slots.len().max(1);
            let slot = self.0.slots.get(index).ok_or_else(|| Status::internal("no connection slot"))?;
            slot.send(&self.0.target, Outgoing::new(request).await?).await
        };
        tokio::select! {
            response = sent => Ok(response?.map(|inner| ReplyBody::new(inner, over))),
            () = over.as_mut() => Err(body::deadline_exceeded()),
        }
    }

    /// The call's timeout, made explicit for the peer.
    fn timeout(&self, request: &mut Request<Body>) -> Duration {
        let given = request.headers().get(GRPC_TIMEOUT);
        if let Some(timeout) = given.and_then(|value| timeout::parse(value.as_bytes())) {
            return timeout;
        }
        let timeout = self.0.default_deadline;
        if let Ok(value) = format!("{}m", timeout.as_millis().min(99_999_999)).parse() {
            request.headers_mut().insert(GRPC_TIMEOUT, value);
        }
        timeout
    }
}

impl tower_service::Service<Request<Body>> for Channel {
    type Response = Response<ReplyBody>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().call(request))
    }
}

impl Target {
    /// Generated clients give the path only.
    fn uri_of(&self, given: &Uri) -> Result<Uri, Status> {
        let path = given.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let uri = Uri::builder().scheme("https").authority(self.authority().clone()).path_and_query(path).build();
        uri.ok().ok_or_else(|| Status::internal("no URI of a method"))
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("target", &self.0.target).finish_non_exhaustive()
    }
}
