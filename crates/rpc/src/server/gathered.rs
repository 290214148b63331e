//! Answers that leave together.
//!
//! HTTP/2 frames of 256 bytes or more are not copied by h2 but flushed one by one. Each flush would be a TLS record and a
//! system call, and wake the peer for a single message, although under load many messages become ready at once:
//!
//! ```text
//! poll   h2: write, flush ─ write, flush ─ …   all of it gathers here; the first flush asks for another poll
//!        (whatever else is ready to run, runs: more messages)
//! poll   h2: read ─▶ what has gathered is one write
//! ```
//! h2 reads at the beginning of every poll of a connection, so nothing waits longer than the runtime takes to come back
//! to it. What was written is wiped here at once.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::leaving::Leaving;

/// Bytes that gather at most: the plaintext of one TLS record (RFC 8446, section 5.1).
const CAPACITY: usize = 16_384;

/// A stream whose writes gather until its reader is polled again.
#[derive(Debug)]
pub(super) struct Gathered<T> {
    inner: T,
    /// What has gathered, and how much of it has left already.
    bytes: Vec<u8>,
    left: usize,
    /// Whether it has been flushed, and another poll asked for.
    is_due: bool,
    /// Whether the peer takes nothing more for now, and who is told.
    is_blocked: bool,
    leaving: Arc<Leaving>,
}

impl<T> Gathered<T> {
    /// Nothing has gathered.
    pub(super) fn new(inner: T, leaving: Arc<Leaving>) -> Self {
        Self { inner, bytes: Vec::new(), left: 0, is_due: false, is_blocked: false, leaving }
    }

    /// Notes whether the peer took what it was given.
    fn seen<R>(&mut self, taken: Poll<R>) -> Poll<R> {
        if taken.is_pending() != self.is_blocked {
            self.is_blocked = taken.is_pending();
            self.leaving.block(self.is_blocked);
        }
        taken
    }
}

impl<T: AsyncWrite + Unpin> Gathered<T> {
    /// Makes room for `bytes` more, whether they are to gather or to be passed through.
    fn poll_room(&mut self, context: &mut Context<'_>, bytes: usize) -> Poll<io::Result<()>> {
        if self.bytes.len().saturating_add(bytes) > CAPACITY { self.poll_leave(context) } else { Poll::Ready(Ok(())) }
    }

    /// Sends what has gathered.
    fn poll_leave(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.bytes.get(self.left..).filter(|rest| !rest.is_empty()) {
            let written = Pin::new(&mut self.inner).poll_write(context, rest);
            let written = ready!(self.seen(written))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.left = self.left.saturating_add(written);
        }
        self.bytes.fill(0);
        self.bytes.clear();
        self.left = 0;
        self.is_due = false;
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gathered<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // Where the peer takes nothing more for now the waker is known to the stream, and reading goes on.
        if this.is_due
            && let Poll::Ready(sent) = this.poll_leave(context)
        {
            sent?;
            let flushed = Pin::new(&mut this.inner).poll_flush(context);
            let _flushed = this.seen(flushed)?;
        }
        Pin::new(&mut this.inner).poll_read(context, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Gathered<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(context, bytes.len()))?;
        if bytes.len() >= CAPACITY {
            let written = Pin::new(&mut self.inner).poll_write(context, bytes);
            return self.seen(written);
        }
        self.bytes.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = slices.iter().map(|slice| slice.len()).sum();
        ready!(self.poll_room(context, bytes))?;
        if bytes >= CAPACITY {
            let written = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
            return self.seen(written);
        }
        for slice in slices {
            self.bytes.extend_from_slice(slice);
        }
        Poll::Ready(Ok(bytes))
    }

    /// h2 copies less where this is so.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.bytes.is_empty() {
            let flushed = Pin::new(&mut self.inner).poll_flush(context);
            return self.seen(flushed);
        }
        if !self.is_due {
            self.is_due = true;
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_leave(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    /// Polls the reader once, as h2 does at the beginning of every poll.
    async fn poll_reader(stream: &mut Gathered<DuplexStream>) {
        poll_fn(|context| {
            let mut buffer = [0; 16];
            let _nothing = Pin::new(&mut *stream).poll_read(context, &mut ReadBuf::new(&mut buffer));
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_flushed_in_one_poll_leaves_in_one_piece_in_the_next() {
        let (mut peer, stream) = duplex(1 << 16);
        let mut stream = Gathered::new(stream, Arc::default());
        for part in ["one", "two", "three"] {
            stream.write_all(part.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
        let mut buffer = [0; 64];
        poll_fn(|context| {
            let mut buf = ReadBuf::new(&mut buffer);
            assert!(Pin::new(&mut peer).poll_read(context, &mut buf).is_pending(), "it left at once");
            Poll::Ready(())
        })
        .await;
        poll_reader(&mut stream).await;
        let read = peer.read(&mut buffer).await.unwrap();
        assert_eq!(buffer.get(..read).unwrap(), b"onetwothree");
    }

    #[tokio::test]
    async fn the_first_flush_asks_for_another_poll() {
        let (mut peer, stream) = duplex(1 << 16);
        let mut stream = Gathered::new(stream, Arc::default());
        stream.write_all(b"message").await.unwrap();
        let mut flushed = false;
        // Resolves only if it is polled again without anything coming in.
        poll_fn(|context| {
            if flushed {
                return Poll::Ready(());
            }
            flushed = true;
            assert!(Pin::new(&mut stream).poll_flush(context).is_ready());
            Poll::Pending
        })
        .await;
        poll_reader(&mut stream).await;
        let mut buffer = [0; 7];
        peer.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"message");
    }

    #[tokio::test]
    async fn more_than_gathers_is_sent_without_being_asked_for_and_in_order() {
        let (mut peer, stream) = duplex(1 << 20);
        let mut stream = Gathered::new(stream, Arc::default());
        let parts: Vec<Vec<u8>> = (1..40_u8).map(|n| vec![n; usize::from(n) * 1000]).collect();
        for part in &parts {
            stream.write_all(part).await.unwrap();
            assert!(stream.bytes.len() <= CAPACITY);
        }
        stream.shutdown().await.unwrap();
        let mut received = Vec::new();
        peer.read_to_end(&mut received).await.unwrap();
        assert!(received == parts.concat());
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_stops_the_writer() {
        let (mut peer, stream) = duplex(1000);
        let mut stream = Gathered::new(stream, Arc::default());
        let writing = async {
            stream.write_all(&vec![7; 100_000]).await.unwrap();
            stream.write_all(&[8; 500]).await.unwrap();
            stream.shutdown().await.unwrap();
        };
        let reading = async {
            let mut received = Vec::new();
            peer.read_to_end(&mut received).await.unwrap();
            received
        };
        let ((), received) = tokio::join!(writing, reading);
        assert!(received == [vec![7; 100_000], vec![8; 500]].concat());
    }
}
