//! An HTTP/2 client that sends what it is told, and leaves deadlines to the server.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use rpc::{StatusDetails, Tls};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::body::Body;
use tonic::{Code, Status};

use super::World;

/// A message behind its prefix.
pub(crate) fn framed(message: &impl Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &length[..], &message].concat()
}

#[derive(Clone)]
pub(crate) struct RawClient {
    sender: SendRequest<Body>,
}

/// What came back.
pub(crate) struct RawAnswer {
    pub(crate) code: Code,
    pub(crate) details: StatusDetails,
    /// Bytes of messages, their prefixes included.
    pub(crate) data: usize,
}

impl RawClient {
    pub(crate) async fn connect(world: &World, name: &str) -> Self {
        Self::connect_with(world, name, None).await
    }

    /// A client that lets so many bytes of each answer come until it reads.
    pub(crate) async fn connect_with(world: &World, name: &str, window: Option<u32>) -> Self {
        Self::over(world, &world.tls(name), window).await
    }

    /// A client with this certificate.
    pub(crate) async fn with(world: &World, tls: &Tls) -> Self {
        Self::over(world, tls, None).await
    }

    /// A client of rustls's own configuration.
    pub(crate) async fn over_config(world: &World, config: ClientConfig) -> Self {
        Self::connected(world, Arc::new(config), None).await
    }

    async fn over(world: &World, tls: &Tls, window: Option<u32>) -> Self {
        Self::connected(world, tls.client_config(), window).await
    }

    async fn connected(world: &World, config: Arc<ClientConfig>, window: Option<u32>) -> Self {
        let stream = TcpStream::connect(world.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let connector = TlsConnector::from(config);
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        let mut builder = http2::Builder::new(TokioExecutor::new());
        if let Some(window) = window {
            builder.initial_stream_window_size(window);
        }
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
        super::spawn(async move { drop(connection.await) });
        Self { sender }
    }

    /// Sends one message.
    pub(crate) async fn call(&mut self, path: &str, message: &impl Message, timeout: Option<&str>) -> RawAnswer {
        self.send(path, &framed(message), timeout).await
    }

    /// Sends bytes as they are; of what comes back the headers are read.
    pub(crate) async fn begin(&mut self, path: &str, body: &[u8], timeout: Option<&str>) -> Response<Incoming> {
        self.begin_with(path, Body::new(Full::new(Bytes::copy_from_slice(body))), timeout).await
    }

    /// Sends a body as it comes; of what comes back the headers are read.
    pub(crate) async fn begin_with(&mut self, path: &str, body: Body, timeout: Option<&str>) -> Response<Incoming> {
        let mut request = Request::post(format!("https://localhost{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let request = request.body(body).unwrap();
        self.sender.send_request(request).await.unwrap()
    }

    /// Sends bytes as they are; none where the connection takes no more calls.
    pub(crate) async fn try_send(&mut self, path: &str, body: &[u8]) -> Option<RawAnswer> {
        let request = Request::post(format!("https://localhost{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        let request = request.body(Body::new(Full::new(Bytes::copy_from_slice(body)))).unwrap();
        self.sender.ready().await.ok()?;
        Some(Self::answer(self.sender.send_request(request).await.ok()?).await)
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, path: &str, body: &[u8], timeout: Option<&str>) -> RawAnswer {
        Self::answer(self.begin(path, body, timeout).await).await
    }

    /// Says that the message is of this type.
    pub(crate) async fn send_typed(&mut self, path: &str, body: &[u8], content_type: &str) -> RawAnswer {
        let request = Request::post(format!("https://localhost{path}"))
            .header("content-type", content_type)
            .header("te", "trailers");
        let request = request.body(Body::new(Full::new(Bytes::copy_from_slice(body)))).unwrap();
        Self::answer(self.sender.send_request(request).await.unwrap()).await
    }

    /// Says that the message is compressed in this way.
    pub(crate) async fn send_compressed(&mut self, path: &str, body: &[u8], encoding: &str) -> RawAnswer {
        let request = Request::post(format!("https://localhost{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-encoding", encoding);
        let request = request.body(Body::new(Full::new(Bytes::copy_from_slice(body)))).unwrap();
        Self::answer(self.sender.send_request(request).await.unwrap()).await
    }

    /// The whole of an answer.
    pub(crate) async fn answer(begun: Response<Incoming>) -> RawAnswer {
        let (head, body) = begun.into_parts();
        let collected = body.collect().await.unwrap();
        let trailers = collected.trailers().cloned().unwrap_or_default();
        let data = collected.to_bytes().len();
        let headers: HeaderMap =
            head.headers.into_iter().chain(trailers).fold(HeaderMap::new(), |mut all, (name, value)| {
                if let Some(name) = name {
                    all.insert(name, value);
                }
                all
            });
        let status = Status::from_header_map(&headers).expect("an answer has a status");
        RawAnswer { code: status.code(), details: StatusDetails::of(&status), data }
    }
}
