//! Why a connection broke.
//!
//! By TLS 1.3 a client has its connection before the server has looked at its certificate. A server that refuses it sends an alert
//! and closes. h2 tells the task that reads of the alert, and everybody else of a broken pipe; and a client that writes just then
//! hears of that pipe, while the alert lies unread.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the stream said first when it failed.
pub(super) type Cause = Arc<OnceLock<String>>;

/// A stream that keeps why it failed.
#[derive(Debug)]
pub(super) struct Explained<T> {
    inner: T,
    cause: Cause,
    /// A write failed: what the peer said before is read first.
    failed: Option<io::Error>,
}

impl<T> Explained<T> {
    pub(super) fn new(inner: T, cause: Cause) -> Self {
        Self { inner, cause, failed: None }
    }
}

impl<T: AsyncRead + Unpin> Explained<T> {
    /// When a write failed, reads to the end, which is there already or about to come.
    fn explain<R>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if self.failed.is_none() {
            match write(Pin::new(&mut self.inner), context) {
                Poll::Ready(Err(error)) => self.failed = Some(error),
                written => return written,
            }
        }
        loop {
            let mut bytes = [0; 256];
            let mut read = ReadBuf::new(&mut bytes);
            let is_over = ready!(Pin::new(&mut *self).poll_read(context, &mut read)).is_err();
            if is_over || read.filled().is_empty() {
                let error = self.failed.take().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into());
                self.cause.get_or_init(|| error.to_string());
                return Poll::Ready(Err(error));
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Explained<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(context, buf);
        if let Poll::Ready(Err(error)) = &read {
            self.cause.get_or_init(|| error.to_string());
        }
        read
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Explained<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.explain(context, |inner, context| inner.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.explain(context, |inner, context| inner.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.explain(context, T::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
