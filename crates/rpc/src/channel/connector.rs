//! One connection: TCP, mutual TLS, the peer's identity, HTTP/2.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Authority;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::body::OutgoingBody;
use super::cause::{Cause, Explained};
use super::peer::{self, ChannelError, Names, PeerConfig};
use crate::failure::chain;
use crate::{Caller, Tls};

/// Bytes that the peer may send ahead on one call, and on one connection.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// How long a connection is used before another one takes its place. How long certificates are valid is counted from the handshake, by a
/// clock that may stand still while the machine does.
const MAX_AGE: Duration = Duration::from_hours(1);
/// A peer that vanished without a word is given up after the sum of both; until then calls to it fail.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer's headers and trailers.
const MAX_HEADERS: u32 = 64 * 1024;

/// Who is connected to, and how.
#[derive(Debug)]
pub(super) struct Connector {
    pub(super) authority: Authority,
    pub(super) timeout: Duration,
    server_name: ServerName<'static>,
    identity: Option<String>,
    pub(super) tls: Tls,
}

/// A connection for calls.
pub(super) struct Connected {
    pub(super) sender: SendRequest<OutgoingBody>,
    /// The task that runs it until its last sender is dropped and its last call has ended; why it broke, where it did not end as
    /// HTTP/2 has it.
    pub(super) running: JoinHandle<Result<(), String>>,
    /// When the first certificate of both sides ends.
    pub(super) expires: Instant,
}

impl Connector {
    pub(super) fn new(config: &PeerConfig, tls: Tls) -> Result<Self, ChannelError> {
        let Names { authority, server_name } = peer::names(config)?;
        Ok(Self { authority, timeout: config.connect_timeout, server_name, identity: config.identity.clone(), tls })
    }

    /// Connects to one address.
    pub(super) async fn connect(&self, address: SocketAddr) -> Result<Connected, String> {
        let connecting = timeout(self.timeout, self.handshake(address));
        connecting.await.unwrap_or_else(|_elapsed| Err("connecting took too long".to_owned()))
    }

    async fn handshake(&self, address: SocketAddr) -> Result<Connected, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| chain(&error))?;
        stream.set_nodelay(true).map_err(|error| chain(&error))?;
        self.tls.check_trust()?;
        let connector = TlsConnector::from(self.tls.client_config());
        let stream = connector.connect(self.server_name.clone(), stream).await.map_err(|error| chain(&error))?;
        let (_, session) = stream.get_ref();
        let certificates = session.peer_certificates().unwrap_or_default();
        let valid_for = self.tls.valid_for(certificates);
        if valid_for.is_zero() {
            return Err("the own certificate or the peer's has ended".to_owned());
        }
        let expires = Instant::now() + valid_for.min(MAX_AGE);
        if let Some(expected) = &self.identity {
            let leaf = certificates.first().ok_or_else(|| "the peer sent no certificate".to_owned())?;
            let peer = Caller::of_certificate(leaf).map_err(|error| error.to_string())?;
            if peer.as_str() != expected {
                return Err(format!("the peer is {peer}, not {expected}"));
            }
        }
        let cause = Cause::default();
        let stream = Explained::new(stream, Arc::clone(&cause));
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MAX_HEADERS)
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| chain(&error))?;
        Ok(Connected { sender, running: drive(connection, cause), expires })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a connection belongs to whoever holds a sender of it, and ends with them"
)]
fn drive(
    connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static,
    cause: Cause,
) -> JoinHandle<Result<(), String>> {
    tokio::spawn(async move {
        let ended = connection.await;
        let ended = ended.map_err(|error| cause.get().cloned().unwrap_or_else(|| chain(&error)));
        match &ended {
            Ok(()) => tracing::debug!("a connection to a peer ended"),
            Err(reason) => tracing::debug!(reason, "a connection to a peer broke"),
        }
        ended
    })
}
