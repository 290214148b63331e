//! An HTTP/2 client that sends what it is told, and leaves deadlines to the server.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use rpc::StatusDetails;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::{Code, Status};

use super::World;

pub(crate) struct RawClient {
    sender: SendRequest<Full<Bytes>>,
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
        let stream = TcpStream::connect(world.address).await.unwrap();
        let connector = TlsConnector::from(world.tls(name).client_config());
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        super::spawn(async move { drop(connection.await) });
        Self { sender }
    }

    /// Sends one message.
    pub(crate) async fn call(&mut self, path: &str, message: &impl Message, timeout: Option<&str>) -> RawAnswer {
        let message = message.encode_to_vec();
        let mut frame = vec![0];
        frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend(message);
        self.send(path, &frame, timeout).await
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, path: &str, body: &[u8], timeout: Option<&str>) -> RawAnswer {
        let mut request = Request::post(format!("https://localhost{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
        let (head, body) = self.sender.send_request(request).await.unwrap().into_parts();
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
