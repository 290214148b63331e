//! Calls to a peer service: mutual TLS with hot reload, balanced over the addresses that DNS gives, deadlines.
//!
//! A connection is hyper's. [`connections`] makes them and keeps them, whoever calls; what is left to a call is its
//! deadline, and moving to another connection while the peer has not taken it up.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::Either;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::Status;
use tonic::body::Body;

use crate::Tls;
use crate::timeout::{self, GRPC_TIMEOUT};

mod body;
mod cause;
mod connections;
mod connector;
mod peer;

pub use body::ReplyBody;
use connections::Connections;
pub use connections::{Resolve, Resolving};
use connector::Connector;
pub use peer::{ChannelError, PeerConfig};

/// Connections that a call may find closed before it gives up.
const MAX_MOVES: usize = 5;

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
