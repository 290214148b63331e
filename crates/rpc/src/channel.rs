//! Calls to a peer service: mutual TLS with hot reload, balanced over the addresses that DNS gives, deadlines.
//!
//! A connection is hyper's. [`connections`] makes them and keeps them, whoever calls; what is left to a call is its
//! deadline, and moving to another connection while the peer has not taken it up.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, Uri, uri::Scheme};
use http_body_util::Either;
use hyper::body::Incoming;
use serde::Deserialize;
use tokio::{sync::OwnedSemaphorePermit, task::JoinSet, time::sleep};
use tonic::{Status, body::Body};

use crate::{
    Caller, Tls, duration,
    timeout::{self, GRPC_TIMEOUT},
};

mod body;
mod cause;
mod connections;
mod connector;

pub use body::ReplyBody;
use connections::Connections;
pub use connections::{Resolve, Resolving};
use connector::Connector;

/// Connections that a call may find closed before it gives up.
const MAX_MOVES: usize = 5;

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
    /// Connections to each address, to spread calls over.
    #[serde(default = "one")]
    pub connections: usize,
    /// How long connecting to one address may take.
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

impl PeerConfig {
    /// What is wrong with where it is and who it must be, in words.
    pub fn problems(&self) -> Vec<String> {
        let identity = self.identity.as_ref().and_then(|identity| identity.parse::<Caller>().err());
        let names = connector::names(self).err();
        identity.map(|error| error.to_string()).into_iter().chain(names.map(|error| error.to_string())).collect()
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

/// A channel to a peer, for the clients that tonic generated. Connects when first used and stays connected, to every
/// address that the peer has; a call that was not taken up moves to another connection. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Channel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connections: Arc<Connections>,
    /// Keeps the connections until the channel is dropped.
    keeping: OnceLock<JoinSet<()>>,
    default_deadline: Duration,
}

impl Channel {
    /// A channel that shows `tls`, to the addresses that DNS gives. Does not connect yet.
    pub fn new(config: &PeerConfig, tls: Tls) -> Result<Self, ChannelError> {
        let name = config.endpoint.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let resolve = move || -> Resolving {
            let name = name.clone();
            Box::pin(async move { Ok(tokio::net::lookup_host(name).await?.collect()) })
        };
        Self::with_resolver(config, tls, Box::new(resolve))
    }

    /// As [`Self::new`], but to the addresses that `resolve` gives each time it is asked.
    pub fn with_resolver(config: &PeerConfig, tls: Tls, resolve: Resolve) -> Result<Self, ChannelError> {
        let connections = Connections::new(Connector::new(config, tls)?, config.connections, resolve);
        let default_deadline = config.default_deadline;
        Ok(Self(Arc::new(Inner { connections, keeping: OnceLock::new(), default_deadline })))
    }

    async fn call(self, mut request: Request<Body>) -> Result<Response<ReplyBody>, Status> {
        let mut over = Box::pin(sleep(self.timeout(&mut request)));
        tokio::select! {
            answer = self.send(request) => {
                answer.map(|answer| answer.map(|(inner, place)| ReplyBody { inner, over, _place: place }))
            }
            () = over.as_mut() => Err(body::deadline_exceeded()),
        }
    }

    /// Sends a request on an open connection, and on another one if the peer did not take it up.
    async fn send(&self, request: Request<Body>) -> Result<Response<(Incoming, OwnedSemaphorePermit)>, Status> {
        let connections = &self.0.connections;
        self.0.keeping.get_or_init(|| JoinSet::from_iter([Arc::clone(connections).keep()]));
        let (mut parts, body) = request.into_parts();
        // Generated clients give the path only.
        let mut uri = parts.uri.into_parts();
        (uri.scheme, uri.authority) = (Some(Scheme::HTTPS), Some(connections.connector.authority.clone()));
        parts.uri = Uri::from_parts(uri).ok().ok_or_else(|| Status::internal("no URI of a method"))?;
        let mut body = body::whole(body).await?;
        let mut last = Status::unavailable("the connection to the peer broke");
        for _ in 0..MAX_MOVES {
            let again = if let Either::Left(whole) = &body { Some(Either::Left(whole.clone())) } else { None };
            let mut open = connections.open().await?;
            let Ok(place) = open.calls.acquire_owned().await else { continue };
            let mut failed = match open.sender.try_send_request(Request::from_parts(parts.clone(), body)).await {
                Ok(response) => {
                    open.has_answered.store(true, Ordering::Relaxed);
                    return Ok(response.map(|inner| (inner, place)));
                }
                Err(failed) => failed,
            };
            let unsent = failed.take_message().map(Request::into_body);
            let error = failed.into_error();
            last = body::unavailable(&error);
            let Some(next) = unsent.or_else(|| again.filter(|_| body::was_not_taken_up(&error))) else { break };
            body = next;
        }
        Err(last)
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
