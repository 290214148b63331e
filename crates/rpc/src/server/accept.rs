//! The accept loop: TCP, TLS, then HTTP/2, each within its limits.

use std::{convert::Infallible, net::SocketAddr, num::NonZeroU32, pin::pin, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota};
use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use super::{Stack, call, call::Connection, measure, streams::Streams};
use crate::{Caller, Tls, failure::chain, gathered::Gathered};

/// Bytes that a peer may send ahead on one call, and on one connection.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Bytes of an answer that the connection takes before it asks the call for more.
const SEND_BUFFER: usize = 64 * 1024;
/// Calls that a client may give up before the connection comes round to them: with more it is ended. Impatient callers reach
/// some dozens; each costs the few hundred bytes of its headers.
const MAX_GIVEN_UP: usize = 1024;
/// Bytes of a request's headers.
const MAX_HEADERS: u32 = 16 * 1024;
/// What to wait when the system refuses to accept (no file descriptor left).
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);
/// Lines about refused connections.
const COMPLAINTS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Connections that were made under older certificates end within this time, not all at once.
const RENEWAL_SPREAD: Duration = Duration::from_millis(500);

/// Accepts until `shutdown`, then drains.
pub(super) async fn run(stack: Arc<Stack>, tls: Tls, listener: TcpListener, shutdown: CancellationToken) {
    let slots = Arc::new(Semaphore::new(stack.config.max_connections));
    let handshakes = Arc::new(Semaphore::new(stack.config.max_handshakes));
    let complaints = Arc::new(DefaultDirectRateLimiter::direct(Quota::per_second(COMPLAINTS_PER_SECOND)));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
            Some(_ended) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            // IPv4 arrives as IPv6 where one socket serves both: logs and entries show the address itself.
            Ok((stream, peer)) => (stream, SocketAddr::new(peer.ip().to_canonical(), peer.port())),
            Err(error) => {
                tracing::warn!(reason = chain(&error), "cannot accept a connection");
                tokio::time::sleep(ACCEPT_BACKOFF).await;
                continue;
            }
        };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
            measure::connection_refused("too_many");
            if complaints.check().is_ok() {
                tracing::warn!(%peer, "refused a connection: there are too many");
            }
            continue;
        };
        let accepting = Accepting {
            stack: Arc::clone(&stack),
            tls: tls.clone(),
            handshakes: Arc::clone(&handshakes),
            complaints: Arc::clone(&complaints),
            shutdown: shutdown.clone(),
            peer,
            _slot: slot,
        };
        connections.spawn(accepting.run(stream));
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(stack.config.drain_timeout, drained).await.is_err() {
        tracing::warn!(open = connections.len(), "calls were cut off at shutdown");
    }
}

/// A connection from its first byte on.
struct Accepting {
    stack: Arc<Stack>,
    tls: Tls,
    handshakes: Arc<Semaphore>,
    complaints: Arc<DefaultDirectRateLimiter>,
    shutdown: CancellationToken,
    peer: SocketAddr,
    _slot: OwnedSemaphorePermit,
}

impl Accepting {
    async fn run(self, stream: TcpStream) {
        let renewed = self.tls.generation();
        let handshake = tokio::time::timeout(self.stack.config.handshake_timeout, self.handshake(stream));
        let refused = match handshake.await {
            Ok(Ok((stream, caller))) => {
                let gauge = metrics::gauge!("strongroom_rpc_connections");
                gauge.increment(1.0);
                self.serve(stream, caller, renewed).await;
                gauge.decrement(1.0);
                return;
            }
            Ok(Err(reason)) => reason,
            Err(_elapsed) => "the handshake took too long".to_owned(),
        };
        measure::connection_refused("handshake");
        // All are counted; a flood of them must not become a flood of lines.
        if self.complaints.check().is_ok() {
            tracing::warn!(peer = %self.peer, reason = refused, "refused a TLS handshake");
        }
    }

    /// The client's identity, or why it has none.
    async fn handshake(&self, stream: TcpStream) -> Result<(TlsStream<TcpStream>, Caller), String> {
        // Whoever says nothing takes nobody's turn; no certificate is needed to say nothing.
        stream.peek(&mut [0]).await.map_err(|error| chain(&error))?;
        let _turn = self.handshakes.acquire().await.map_err(|closed| chain(&closed))?;
        stream.set_nodelay(true).map_err(|error| chain(&error))?;
        let acceptor = TlsAcceptor::from(self.tls.server_config());
        let stream = acceptor.accept(stream).await.map_err(|error| chain(&error))?;
        let (_, session) = stream.get_ref();
        let leaf = session.peer_certificates().and_then(|chain| chain.first());
        let leaf = leaf.ok_or_else(|| "the client sent no certificate".to_owned())?;
        let caller = Caller::of_certificate(leaf).map_err(|error| error.to_string())?;
        if session.alpn_protocol() != Some(b"h2") {
            return Err("the client does not speak HTTP/2".to_owned());
        }
        Ok((stream, caller))
    }

    /// Serves calls until the client goes, the connection is too old, certificates change, or the server shuts down;
    /// in all cases calls that have begun are answered.
    async fn serve(&self, stream: TlsStream<TcpStream>, caller: Caller, mut renewed: watch::Receiver<u64>) {
        let config = &self.stack.config;
        let quotas = self.stack.callers.quotas(&caller);
        let draining = CancellationToken::new();
        let connection = Arc::new(Connection { caller, peer: self.peer.ip(), quotas, draining: draining.clone() });
        let stack = Arc::clone(&self.stack);
        let service = service_fn(move |request| {
            let (stack, connection) = (Arc::clone(&stack), Arc::clone(&connection));
            async move { Ok::<_, Infallible>(call::answer(stack, connection, request).await) }
        });
        let streams = Streams::default();
        let mut builder = http2::Builder::new(streams.clone());
        builder
            .timer(TokioTimer::new())
            .auto_date_header(false)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_header_list_size(MAX_HEADERS)
            .max_concurrent_streams(config.max_calls_per_connection)
            .max_pending_accept_reset_streams(MAX_GIVEN_UP)
            .keep_alive_interval(config.keepalive_timeout * 3)
            .keep_alive_timeout(config.keepalive_timeout);
        let mut serving = pin!(builder.serve_connection(TokioIo::new(Gathered::new(stream)), service));
        let outcome = tokio::select! {
            outcome = serving.as_mut() => Some(outcome),
            () = tokio::time::sleep(jittered(config.max_connection_age)) => None,
            () = self.shutdown.cancelled() => None,
            _ = renewed.changed() => {
                let spread = RENEWAL_SPREAD.mul_f64(chance());
                tokio::time::timeout(spread, serving.as_mut()).await.ok()
            }
        };
        let outcome = if let Some(outcome) = outcome {
            outcome
        } else {
            serving.as_mut().graceful_shutdown();
            draining.cancel();
            // Calls end by their deadlines; what is not read then would stay for ever.
            tokio::select! {
                outcome = serving => outcome,
                () = streams.drained() => return,
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(peer = %self.peer, reason = chain(&error), "a connection broke");
        }
    }
}

/// Up to a tenth less, so that connections made together do not end together.
fn jittered(age: Duration) -> Duration {
    age.mul_f64(1.0 - chance() / 10.0)
}

/// A number from 0 to 1. Spreads load, protects nothing.
fn chance() -> f64 {
    let [.., byte] = clock::uuid_v7(&clock::SystemClock).into_bytes();
    f64::from(byte) / 255.0
}
