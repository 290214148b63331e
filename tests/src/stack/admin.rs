//! Asks an admin port. A few lines of HTTP/1.1 by hand: the harness needs no client for it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Whether `/readyz` says yes.
pub(crate) async fn is_ready(port: u16) -> bool {
    get(port, "/readyz").await.is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The whole answer, or nothing if none came within a second.
pub(crate) async fn get(port: u16, path: &str) -> Option<String> {
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    tokio::time::timeout(Duration::from_secs(1), exchange).await.ok()?.ok()
}
