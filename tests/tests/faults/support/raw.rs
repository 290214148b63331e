//! Connections of hostile callers: HTTP/2 as it comes, with bodies that stop, claim and never end, and answers that nobody reads.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rpc::{StatusDetails, Tls, TlsConfig};
use rustls_pki_types::ServerName;
use stack::Stack;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_stream::StreamExt as _;
use tonic::body::Body;
use tonic::{Code, Status};

/// An HTTP/2 connection.
#[derive(Clone)]
pub(crate) struct RawConnection {
    sender: SendRequest<Body>,
}

/// A caller's side of TLS.
pub(crate) fn tls(stack: &Stack, caller: &str) -> Arc<ClientConfig> {
    let identity = stack.identity(caller).unwrap();
    let config = TlsConfig { cert: identity.cert, key: identity.key, ca: stack.certificates().ca() };
    Tls::load(&config, rpc::Uses::ServerAndClient, false).unwrap().client_config()
}

impl RawConnection {
    /// A connection that lets so many bytes of each answer come until it reads; none where it is not taken.
    pub(crate) async fn open(tls: &Arc<ClientConfig>, port: u16, window: Option<u32>) -> Option<Self> {
        let stream = in_time("connecting", TcpStream::connect(("127.0.0.1", port))).await.ok()?;
        let connector = TlsConnector::from(Arc::clone(tls));
        let shaking_hands = connector.connect(ServerName::try_from("localhost").unwrap(), stream);
        let stream = in_time("a handshake", shaking_hands).await.ok()?;
        let mut builder = http2::Builder::new(TokioExecutor::new());
        if let Some(window) = window {
            builder.initial_stream_window_size(window);
        }
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.ok()?;
        drive(connection);
        Some(Self { sender })
    }

    /// Begins a call; none where the connection has ended.
    pub(crate) async fn begin(&mut self, path: &str, body: Body, timeout: &str) -> Option<Response<Incoming>> {
        self.send(request(path).header("grpc-timeout", timeout).body(body).unwrap()).await
    }

    /// Begins a call with so many headers.
    pub(crate) async fn begin_with_headers(
        &mut self,
        path: &str,
        body: Body,
        headers: u16,
    ) -> Option<Response<Incoming>> {
        let request = (0..headers).fold(request(path), |request, number| request.header(format!("{number:x}"), ""));
        self.send(request.body(body).unwrap()).await
    }

    async fn send(&mut self, request: Request<Body>) -> Option<Response<Incoming>> {
        self.sender.ready().await.ok()?;
        self.sender.send_request(request).await.ok()
    }

    /// Makes a call, and gives what became of it; none where the connection has ended.
    pub(crate) async fn call(&mut self, path: &str, body: Body) -> Option<StatusDetails> {
        let (head, body) = in_time("an answer", self.begin(path, body, "10S")).await?.into_parts();
        let collected = in_time("the rest of an answer", body.collect()).await.ok()?;
        let trailers = collected.trailers().cloned().unwrap_or_default();
        let status = Status::from_header_map(&trailers).or_else(|| Status::from_header_map(&head.headers))?;
        Some(StatusDetails::of(&status))
    }
}

/// What comes of something that a service ends within its time: a handshake within 5 s, a call of 10 s 2 s after that.
async fn in_time<T>(what: &str, done: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), done).await.unwrap_or_else(|_late| panic!("{what} takes too long"))
}

/// A request of gRPC without its body.
fn request(path: &str) -> Builder {
    Request::post(format!("https://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
}

#[expect(clippy::disallowed_methods, reason = "a connection ends with those who hold it, or with the test's runtime")]
fn drive(connection: impl Future<Output = hyper::Result<()>> + Send + 'static) {
    tokio::spawn(async move { drop(connection.await) });
}

/// What came of a call, for a table.
pub(crate) fn code_of(answer: Option<&StatusDetails>) -> Code {
    answer.map_or(Code::Unavailable, |details| details.code)
}

/// The prefix of a message.
pub(crate) fn prefix(length: usize) -> Bytes {
    Bytes::from([&[0], &u32::try_from(length).unwrap().to_be_bytes()[..]].concat())
}

/// A message and its end.
pub(crate) fn whole(message: Bytes) -> Body {
    // HTTP/2 takes few frames of nothing.
    let pieces = [prefix(message.len()), message].into_iter().filter(|piece| !piece.is_empty());
    let frames = pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
    Body::new(StreamBody::new(tokio_stream::iter(frames)))
}

/// A message of which only so much is ever sent.
pub(crate) fn half_sent(length: usize, sent: usize) -> Body {
    let piece = Bytes::from(vec![0; 16 << 10]);
    unfinished(std::iter::once(prefix(length)).chain(std::iter::repeat_n(piece, sent.div_ceil(16 << 10))))
}

/// Bytes after which nothing comes, not even the end.
pub(crate) fn unfinished(pieces: impl IntoIterator<Item = Bytes, IntoIter: Send + 'static>) -> Body {
    let frames = tokio_stream::iter(pieces.into_iter().map(|piece| Ok::<_, Infallible>(Frame::data(piece))));
    Body::new(StreamBody::new(frames.chain(tokio_stream::pending())))
}

/// Nothing at all.
pub(crate) fn empty() -> Body {
    Body::new(Full::<Bytes>::default())
}
