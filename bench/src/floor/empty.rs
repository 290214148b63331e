//! A bare tonic server with the product's TLS and nothing else: what an RPC costs at least.

use std::io::Write;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use anyhow::{Context, Result};
use api::key::v1::seal_service_server::{SealService, SealServiceServer};
use api::key::v1::{GetSealStatusRequest, GetSealStatusResponse};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status};

/// Calls on one connection at once: as many as the services take.
const MAX_STREAMS: u32 = 256;

/// A running bare server, a process of its own like the services; ends when dropped.
pub(crate) struct EmptyServer {
    /// Where it listens.
    pub(crate) address: String,
    _process: Child,
}

struct Empty;

#[tonic::async_trait]
impl SealService for Empty {
    async fn get_seal_status(
        &self,
        _: Request<GetSealStatusRequest>,
    ) -> Result<Response<GetSealStatusResponse>, Status> {
        Ok(Response::new(GetSealStatusResponse::default()))
    }
}

/// Starts the server with a certificate, its key and the CA of clients (PEM files).
pub(crate) async fn start(cert: &Path, key: &Path, ca: &Path) -> Result<EmptyServer> {
    let mut process = Command::new("/proc/self/exe")
        .arg("--serve-empty")
        .args([cert, key, ca])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("start the bare server")?;
    let stdout = process.stdout.take().context("the bare server has no output")?;
    let address = BufReader::new(stdout).lines().next_line().await?.context("the bare server ended")?;
    Ok(EmptyServer { address, _process: process })
}

/// Serves until the process is killed; prints its address.
pub(crate) async fn serve(cert: &Path, key: &Path, ca: &Path) -> Result<()> {
    let acceptor = TlsAcceptor::from(Arc::new(server_config(cert, key, ca)?));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Stream, std::io::Error>>(64);
    let serving = Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .add_service(SealServiceServer::new(Empty))
        .serve_with_incoming(tokio_stream::wrappers::ReceiverStream::new(receiver));
    let accepting = async {
        loop {
            let (socket, _) = listener.accept().await?;
            // Without it every small answer waits for an acknowledgement.
            socket.set_nodelay(true)?;
            let Ok(stream) = acceptor.accept(socket).await else { continue };
            if sender.send(Ok(Stream(stream))).await.is_err() {
                return anyhow::Ok(());
            }
        }
    };
    tokio::select! {
        served = serving => Ok(served?),
        accepted = accepting => accepted,
    }
}

fn server_config(cert: &Path, key: &Path, ca: &Path) -> Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).context("read the CA")? {
        roots.add(certificate?)?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// A TLS stream as tonic takes it.
struct Stream(TlsStream<TcpStream>);

impl Connected for Stream {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
