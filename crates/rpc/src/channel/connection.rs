//! One connection of a channel, made anew whenever it is needed.

use std::{
    fmt,
    sync::{
        PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Response, uri::Authority};
use hyper::{
    body::Incoming,
    client::conn::http2::{self, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls_pki_types::ServerName;
use tokio::{net::TcpStream, sync::watch, time::Instant};
use tokio_rustls::TlsConnector;
use tonic::Status;

use super::{
    ChannelError, PeerConfig,
    body::unavailable,
    outgoing::{Outgoing, OutgoingBody},
};
use crate::{Caller, Tls, failure::chain, gathered::Gathered};

/// Bytes that the peer may send ahead on one call, and on one connection.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// A peer that vanished without a word is given up after the sum of both; until then calls to it fail.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer's headers and trailers.
const MAX_HEADERS: u32 = 64 * 1024;
/// After a failed attempt, calls fail at once for this long instead of trying again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// Connections that a call may find closed before it gives up.
const MAX_MOVES: usize = 5;

static SERIAL: AtomicU64 = AtomicU64::new(0);

/// What a channel connects to.
pub(super) struct Target {
    authority: Authority,
    server_name: ServerName<'static>,
    identity: Option<String>,
    connect_timeout: Duration,
    tls: Tls,
    generation: watch::Receiver<u64>,
}

/// A place for one connection.
#[derive(Default)]
pub(super) struct Slot {
    open: std::sync::Mutex<Option<Open>>,
    /// Held while connecting, so that calls that wait share one attempt.
    connecting: tokio::sync::Mutex<Option<(Instant, Status)>>,
}

#[derive(Clone)]
struct Open {
    sender: SendRequest<OutgoingBody>,
    /// Generation of the certificates that it was made under.
    generation: u64,
    /// Tells it from every other connection of this process.
    serial: u64,
}

impl Target {
    pub(super) fn new(config: &PeerConfig, tls: Tls) -> Result<Self, ChannelError> {
        let wrong = || ChannelError::Endpoint(config.endpoint.clone());
        let authority = config.endpoint.strip_prefix("https://").ok_or_else(wrong)?.trim_end_matches('/');
        let authority: Authority = authority.parse().ok().ok_or_else(wrong)?;
        if authority.port_u16().is_none() {
            return Err(wrong());
        }
        let host = config.server_name.as_deref().unwrap_or_else(|| authority.host());
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let server_name = ServerName::try_from(host.clone()).ok().ok_or(ChannelError::ServerName(host))?;
        let generation = tls.generation();
        let identity = config.identity.clone();
        Ok(Self { authority, server_name, identity, connect_timeout: config.connect_timeout, tls, generation })
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    async fn connect(&self) -> Result<Open, Status> {
        let generation = self.generation();
        let failed = |why: String| {
            tracing::debug!(peer = %self.authority, reason = why, "cannot connect");
            Status::unavailable(format!("cannot connect to {}", self.authority))
        };
        match tokio::time::timeout(self.connect_timeout, self.handshake()).await {
            Ok(Ok(sender)) => {
                let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
                Ok(Open { sender, generation, serial })
            }
            Ok(Err(why)) => Err(failed(why)),
            Err(_elapsed) => Err(failed("connecting took too long".to_owned())),
        }
    }

    async fn handshake(&self) -> Result<SendRequest<OutgoingBody>, String> {
        let port = self.authority.port_u16().unwrap_or_default();
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((host, port)).await.map_err(|error| chain(&error))?;
        stream.set_nodelay(true).map_err(|error| chain(&error))?;
        let connector = TlsConnector::from(self.tls.client_config());
        let stream = connector.connect(self.server_name.clone(), stream).await.map_err(|error| chain(&error))?;
        let (_, session) = stream.get_ref();
        if let Some(expected) = &self.identity {
            let leaf = session.peer_certificates().and_then(|chain| chain.first());
            let leaf = leaf.ok_or_else(|| "the peer sent no certificate".to_owned())?;
            let peer = Caller::of_certificate(leaf).map_err(|error| error.to_string())?;
            if peer.as_str() != expected {
                return Err(format!("the peer is {peer}, not {expected}"));
            }
        }
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MAX_HEADERS)
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(Gathered::new(stream)))
            .await
            .map_err(|error| chain(&error))?;
        drive(connection);
        Ok(sender)
    }
}

impl Slot {
    /// Sends a request on the slot's connection. Moves to a new connection if the peer did not take it up.
    pub(super) async fn send(&self, target: &Target, mut request: Outgoing) -> Result<Response<Incoming>, Status> {
        let mut last = Status::unavailable("the connection to the peer broke");
        for _ in 0..MAX_MOVES {
            let Some(attempt) = request.attempt() else { break };
            let mut open = self.ready(target).await?;
            let mut failed = match open.sender.try_send_request(attempt).await {
                Ok(response) => return Ok(response),
                Err(failed) => failed,
            };
            let unsent = failed.take_message();
            let error = failed.into_error();
            let was_refused = reason(&error) == Some(h2::Reason::REFUSED_STREAM);
            if !was_refused {
                self.forget(&open);
            }
            last = unavailable(&error);
            match unsent {
                Some(unsent) => request.give_back(unsent),
                None if was_refused || was_not_taken_up(&error) => {}
                None => break,
            }
        }
        Err(last)
    }

    /// The open connection, or a new one.
    async fn ready(&self, target: &Target) -> Result<Open, Status> {
        if let Some(open) = self.usable(target) {
            return Ok(open);
        }
        let mut failure = self.connecting.lock().await;
        if let Some(open) = self.usable(target) {
            return Ok(open);
        }
        if let Some((at, status)) = failure.as_ref()
            && at.elapsed() < RETRY_PAUSE
        {
            return Err(status.clone());
        }
        match target.connect().await {
            Ok(open) => {
                *failure = None;
                *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open.clone());
                Ok(open)
            }
            Err(status) => {
                *failure = Some((Instant::now(), status.clone()));
                Err(status)
            }
        }
    }

    /// The open connection, unless it has ended or was made under certificates that have been replaced since. An old
    /// connection ends by itself when its last call has.
    fn usable(&self, target: &Target) -> Option<Open> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let usable = open.as_ref().is_some_and(|open| open.is_usable(target));
        if !usable {
            *open = None;
        }
        open.clone()
    }

    fn forget(&self, broken: &Open) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|open| open.serial == broken.serial) {
            *open = None;
        }
    }
}

impl Open {
    fn is_usable(&self, target: &Target) -> bool {
        !self.sender.is_closed() && self.generation == target.generation()
    }
}

/// The peer is ending the connection and said that it has not begun with the call.
fn was_not_taken_up(error: &hyper::Error) -> bool {
    let gone = cause(error).is_some_and(|cause| cause.is_go_away() && cause.is_remote());
    gone && reason(error) == Some(h2::Reason::NO_ERROR)
}

/// Why a call or its connection was ended, as HTTP/2 says it.
fn reason(error: &hyper::Error) -> Option<h2::Reason> {
    cause(error).and_then(h2::Error::reason)
}

fn cause(error: &hyper::Error) -> Option<&h2::Error> {
    std::error::Error::source(error).and_then(|source| source.downcast_ref())
}

/// Runs a connection until its last sender is dropped and its last call has ended.
#[expect(
    clippy::disallowed_methods,
    reason = "a connection belongs to whoever holds a sender of it, and ends with them"
)]
fn drive(connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static) {
    tokio::spawn(async move {
        match connection.await {
            Ok(()) => tracing::debug!("a connection to a peer ended"),
            Err(error) => tracing::debug!(reason = chain(&error), "a connection to a peer broke"),
        }
    });
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("authority", &self.authority)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
