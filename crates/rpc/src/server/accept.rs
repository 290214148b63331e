//! The accept loop: TCP, TLS, then HTTP/2, each within its limits.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls_pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::ending::{Ending, NOTICE};
use super::gathered::Gathered;
use super::leaving::Leaving;
use super::limits::Quotas;
use super::lines::Lines;
use super::newcomers::{Full, Newcomer, Newcomers};
use super::stack::Stack;
use super::streams::Streams;
use super::trace::Connection;
use super::{call, measure};
use crate::bound::{IS_BOUNDED, at_most};
use crate::failure::chain;
use crate::jitter::chance;
use crate::{Caller, Tls};

/// Bytes that a peer may send ahead on one call, before it is known whether it may call at all and how much it will send; and
/// on one connection.
const STREAM_WINDOW: u32 = if IS_BOUNDED { 65_535 } else { 8 << 20 };
const CONNECTION_WINDOW: u32 = if IS_BOUNDED { 256 * 1024 } else { 1 << 30 };
/// Bytes of an answer that the connection takes before it asks the call for more.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes of records that TLS keeps for a peer that takes nothing.
const UNSENT: usize = 16 * 1024;
/// Calls that a client may give up before the connection comes round to them: with more it is ended. Impatient callers reach
/// some dozens, and as many as they begin while a busy machine has no time for their connection; each keeps its headers.
const MAX_GIVEN_UP: usize = at_most(512);
/// Bytes of a request's headers, with 32 for each (RFC 9113, section 6.5.2): each takes some 200 in memory, for as many calls as
/// a connection has, before it is known whether they may be made.
const MAX_HEADERS: u32 = if IS_BOUNDED { 4 * 1024 } else { 16 << 20 };
/// What to wait when the system refuses to accept (no file descriptor left).
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);
/// Lines about connections that were refused for one reason.
const COMPLAINTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Most connections of all callers that nothing binds.
pub const MAX_STRANGERS: usize = 64;
/// Bytes of a client's certificates: they are kept as long as its connection.
const MAX_CHAIN: usize = 8 * 1024;
/// Connections that were made under older certificates end within this time, not all at once.
const RENEWAL_SPREAD: Duration = Duration::from_millis(500);

/// Accepts until `shutdown`, then drains.
pub(super) async fn run(stack: Arc<Stack>, tls: Tls, listener: TcpListener, shutdown: CancellationToken) {
    let newcomers = Newcomers::new(&stack.config);
    let slots = Arc::new(Slots::new(stack.config.max_connections));
    let complaints = Arc::new(Complaints::default());
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
        let accepting = Accepting {
            stack: Arc::clone(&stack),
            tls: tls.clone(),
            slots: Arc::clone(&slots),
            complaints: Arc::clone(&complaints),
            shutdown: shutdown.clone(),
            peer,
        };
        match newcomers.enter(peer.ip()) {
            Ok(newcomer) => drop(connections.spawn(accepting.run(stream, newcomer))),
            Err(full) => accepting.refuse(&full.into()),
        }
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
    slots: Arc<Slots>,
    complaints: Arc<Complaints>,
    shutdown: CancellationToken,
    peer: SocketAddr,
}

/// Places of connections that have authenticated.
#[derive(Debug)]
struct Slots {
    bound: Arc<Semaphore>,
    /// Of callers that nothing binds, or that are denied: they keep nobody out who is bound.
    strangers: Arc<Semaphore>,
}

impl Slots {
    fn new(max_connections: usize) -> Self {
        let semaphore = |places: usize| Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self { bound: semaphore(max_connections), strangers: semaphore(MAX_STRANGERS.min(max_connections)) }
    }

    fn take(&self, is_bound: bool) -> Option<OwnedSemaphorePermit> {
        let places = if is_bound { &self.bound } else { &self.strangers };
        Arc::clone(places).try_acquire_owned().ok()
    }
}

/// Lines about refused connections: a flood of them must not become a flood of lines, nor hide those of other reasons.
#[derive(Debug, Default)]
struct Complaints(Mutex<HashMap<&'static str, Lines>>);

impl Complaints {
    /// Whether there may be a line about this reason now: with how many were left out since the last one.
    fn next(&self, code: &'static str) -> Option<u64> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(code).or_insert_with(|| Lines::new(COMPLAINTS_PER_SECOND, COMPLAINTS_PER_SECOND)).next()
    }
}

/// Why a connection is not served.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// A check of health by TCP, or somebody who only wants to hold a place.
    #[error("it said nothing")]
    Silent,
    #[error("it had not authenticated and made room for another one")]
    Displaced,
    #[error("the handshake took too long")]
    Late,
    #[error("{0}")]
    Handshake(String),
    #[error("there are too many that have not authenticated")]
    Newcomers,
    #[error("there are too many from its source that have not authenticated")]
    Source,
    #[error("there are too many")]
    TooMany,
    #[error("there are too many of {0}")]
    TooManyOfCaller(Caller),
}

impl From<Full> for Refused {
    fn from(full: Full) -> Self {
        match full {
            Full::All => Self::Newcomers,
            Full::Source => Self::Source,
        }
    }
}

impl Refused {
    /// As it stands in the metric.
    fn code(&self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Displaced => "displaced",
            Self::Late | Self::Handshake(_) => "handshake",
            Self::Newcomers => "unauthenticated",
            Self::Source => "source",
            Self::TooMany => "too_many",
            Self::TooManyOfCaller(_) => "caller",
        }
    }
}

/// A connection with an identity, and what it counts against.
struct Authenticated {
    stream: TlsStream<TcpStream>,
    client: Client,
    quotas: Arc<Quotas>,
    _slots: [OwnedSemaphorePermit; 2],
}

/// Whom its certificates make a client.
struct Client {
    caller: Caller,
    /// Its connection ends with the first certificate of both sides.
    ending: Arc<Ending>,
    /// Its certificates, the leaf first: whether they are trusted is asked again.
    chain: Vec<CertificateDer<'static>>,
}

impl Accepting {
    async fn run(self, stream: TcpStream, newcomer: Newcomer) {
        let renewed = self.tls.generation();
        let authenticated = tokio::select! {
            authenticated = self.authenticate(stream, &newcomer) => authenticated,
            () = newcomer.displaced.cancelled() => Err(Refused::Displaced),
        };
        drop(newcomer);
        match authenticated {
            Ok(mut authenticated) => {
                let gauge = metrics::gauge!("strongroom_rpc_connections");
                gauge.increment(1.0);
                let ending = Arc::clone(&authenticated.client.ending);
                let chain = std::mem::take(&mut authenticated.client.chain);
                tokio::select! {
                    () = self.serve(authenticated, renewed.clone()) => {}
                    () = self.watch_trust(&chain, renewed, &ending) => {}
                }
                gauge.decrement(1.0);
            }
            Err(refused) => self.refuse(&refused),
        }
    }

    /// Counts a connection that is not served.
    fn refuse(&self, refused: &Refused) {
        measure::connection_refused(refused.code());
        if matches!(refused, Refused::Silent) {
            tracing::debug!(peer = %self.peer, "a connection said nothing");
        } else if let Some(left_out) = self.complaints.next(refused.code()) {
            tracing::warn!(peer = %self.peer, reason = %refused, left_out, "refused a connection");
        }
    }

    /// The connection with its identity, or why it has none, all within the time of a handshake.
    async fn authenticate(&self, stream: TcpStream, newcomer: &Newcomer) -> Result<Authenticated, Refused> {
        let until = Instant::now() + self.stack.config.handshake_timeout;
        // Whoever says nothing is the first to make room: no certificate is needed for that.
        let spoken = timeout_at(until, stream.peek(&mut [0])).await;
        if !matches!(spoken, Ok(Ok(1..))) {
            return Err(Refused::Silent);
        }
        newcomer.has_spoken();
        let handshake = timeout_at(until, self.handshake(stream)).await;
        let (stream, client) = handshake.map_err(|_elapsed| Refused::Late)?.map_err(Refused::Handshake)?;
        let caller = &client.caller;
        let is_bound = self.stack.policy.load_guard().binds(caller.as_str());
        let slot = self.slots.take(is_bound).ok_or(Refused::TooMany)?;
        let quotas = self.stack.callers.quotas(caller);
        let own = quotas.connection(is_bound).ok_or_else(|| Refused::TooManyOfCaller(caller.clone()))?;
        Ok(Authenticated { stream, client, quotas, _slots: [slot, own] })
    }

    /// Who the client is, or why it is nobody.
    async fn handshake(&self, stream: TcpStream) -> Result<(TlsStream<TcpStream>, Client), String> {
        stream.set_nodelay(true).map_err(|error| chain(&error))?;
        self.tls.check_trust()?;
        let acceptor = TlsAcceptor::from(self.tls.server_config());
        let mut stream = acceptor.accept(stream).await.map_err(|error| chain(&error))?;
        let (_, session) = stream.get_mut();
        session.set_buffer_limit(Some(UNSENT));
        let chain = session.peer_certificates().unwrap_or_default();
        let leaf = chain.first().ok_or_else(|| "the client sent no certificate".to_owned())?;
        let ending = Arc::new(Ending::new(Instant::now() + self.tls.valid_for(chain)));
        let caller = Caller::of_certificate(leaf).map_err(|error| error.to_string())?;
        if session.alpn_protocol() != Some(b"h2") {
            return Err("the client does not speak HTTP/2".to_owned());
        }
        let bytes: usize = chain.iter().map(|certificate| certificate.len()).sum();
        if bytes > MAX_CHAIN {
            return Err(format!("the client's certificates have {bytes} bytes, of at most {MAX_CHAIN}"));
        }
        let chain = chain.to_vec();
        measure::handshake_completed(session.negotiated_key_exchange_group());
        Ok((stream, Client { caller, ending, chain }))
    }

    /// Ends the trust in a client when a change of authorities has, and the client could hear that its connection ends. Never returns.
    async fn watch_trust(&self, chain: &[CertificateDer<'_>], mut renewed: watch::Receiver<u64>, ending: &Ending) {
        // Not closed: the sender is in `tls`.
        while renewed.changed().await.is_ok() {
            if !self.tls.trusts(chain) {
                tokio::time::sleep(RENEWAL_SPREAD + NOTICE).await;
                // Unless it was a slip that has been mended.
                if !self.tls.trusts(chain) {
                    ending.distrust();
                }
            }
        }
    }

    /// Serves calls until the client goes, the connection is too old, certificates change or end, or the server shuts down;
    /// in all cases calls that have begun are answered.
    async fn serve(&self, authenticated: Authenticated, mut renewed: watch::Receiver<u64>) {
        let Authenticated { stream, client: Client { caller, ending, .. }, quotas, _slots } = authenticated;
        let config = &self.stack.config;
        let leaving = Arc::new(Leaving::default());
        let (unread, ends) = (Arc::clone(&leaving), Arc::clone(&ending));
        let connection = Arc::new(Connection { caller, peer: self.peer.ip(), quotas, leaving, ending });
        let stack = Arc::clone(&self.stack);
        let service = service_fn(move |request| call::answer(Arc::clone(&stack), Arc::clone(&connection), request));
        let mut builder = http2::Builder::new(Streams);
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
        let mut overdue = pin!(unread.overdue());
        let mut serving =
            pin!(builder.serve_connection(TokioIo::new(Gathered::new(stream, Arc::clone(&unread))), service));
        let outcome = tokio::select! {
            outcome = serving.as_mut() => Some(outcome),
            () = tokio::time::sleep(jittered(config.max_connection_age)) => None,
            () = tokio::time::sleep_until(ends.before_expiry()) => None,
            () = self.shutdown.cancelled() => None,
            () = overdue.as_mut() => return measure::answer_cut_off(),
            _ = renewed.changed() => {
                let spread = RENEWAL_SPREAD.mul_f64(chance());
                tokio::time::timeout(spread, serving.as_mut()).await.ok()
            }
        };
        let outcome = if let Some(outcome) = outcome {
            outcome
        } else {
            serving.as_mut().graceful_shutdown();
            ends.begin();
            tokio::select! {
                outcome = serving => outcome,
                () = overdue => return measure::answer_cut_off(),
                () = ends.over() => return,
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
