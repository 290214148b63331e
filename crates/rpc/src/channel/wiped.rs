//! Streams that leave nothing of what was read behind in the buffers of those who read.
//!
//! A connection to a peer lives for minutes, and answers with data keys come in on it. The layers above read into buffers
//! that live as long: rustls decrypts in place and moves what it has not taken yet to the front, h2 walks through its
//! buffer and begins again at the end. What was taken stays there until something else comes in. So:
//!
//! ```text
//!  TCP ─▶ ZeroRest ─▶ rustls ─▶ WipedFrames ─▶ h2
//!         │                     └─ when an answer has come in and nothing follows: a frame of zeros, of a type that HTTP/2
//!         │                        has readers ignore (RFC 9113, section 5.5), as long as the rest of the buffer
//!         └─ zeroes the rest of the buffer before each read: what was decrypted and taken lies there
//! ```
//!
//! After the frame of zeros h2 begins at the front of its buffer, and the next read zeroes all of it. A buffer that is
//! replaced is wiped by the allocator when it is freed.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Length of a frame's header (RFC 9113, section 4.1).
const HEADER: usize = 9;
/// Largest payload that every peer takes (RFC 9113, section 4.2).
const MAX_PAYLOAD: usize = 16_384;
/// A type that no specification gives a meaning.
const IGNORED: u8 = 0x0b;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PUSH_PROMISE: u8 = 5;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// Zeroes the rest of every buffer that is read into.
#[derive(Debug)]
pub(super) struct ZeroRest<T>(pub(super) T);

impl<T: AsyncRead + Unpin> AsyncRead for ZeroRest<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        buf.initialize_unfilled().fill(0);
        Pin::new(&mut self.0).poll_read(context, buf)
    }
}

/// Wipes the buffer of an HTTP/2 reader whenever an answer has come in and nothing follows.
#[derive(Debug)]
pub(super) struct WipedFrames<T> {
    inner: ZeroRest<T>,
    frames: Frames,
    filler: Filler,
}

impl<T> WipedFrames<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner: ZeroRest(inner), frames: Frames::default(), filler: Filler::default() }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for WipedFrames<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.filler.give(buf) {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(context, buf) {
            Poll::Ready(result) => {
                this.frames.see(buf.filled().get(before..).unwrap_or_default());
                Poll::Ready(result)
            }
            Poll::Pending if this.frames.take_unwiped() => {
                this.filler.begin(buf.remaining());
                this.filler.give(buf);
                Poll::Ready(Ok(()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Follows the frames that come in.
#[derive(Debug, Default)]
struct Frames {
    /// Bytes of the header that is coming in.
    header: Vec<u8>,
    /// Bytes of the payload that are still to come.
    payload: usize,
    /// Whether the next frame must continue a block of headers.
    in_headers: bool,
    /// Whether data have come in since the last wipe.
    unwiped: bool,
}

impl Frames {
    fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = if self.payload > 0 {
                let taken = self.payload.min(bytes.len());
                self.payload -= taken;
                taken
            } else {
                let taken = HEADER.saturating_sub(self.header.len()).min(bytes.len());
                self.header.extend(bytes.iter().take(taken));
                self.begin_frame();
                taken
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    fn begin_frame(&mut self) {
        let &[high, middle, low, kind, flags, _, _, _, _] = self.header.as_slice() else { return };
        self.payload = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        self.header.clear();
        self.unwiped |= kind == DATA && self.payload > 0;
        if matches!(kind, HEADERS | PUSH_PROMISE | CONTINUATION) {
            self.in_headers = flags & END_HEADERS == 0;
        }
    }

    /// Whether there is something to wipe, and a frame may be put in here. It counts as wiped from now on.
    fn take_unwiped(&mut self) -> bool {
        let between = self.payload == 0 && self.header.is_empty() && !self.in_headers;
        between && std::mem::take(&mut self.unwiped)
    }
}

/// Frames of zeros to be ignored.
#[derive(Debug, Default)]
struct Filler {
    /// Bytes still to give, all frames together.
    left: usize,
    /// Rest of the current frame's header, and length of its payload that is still to give.
    header: Vec<u8>,
    payload: usize,
}

impl Filler {
    /// Begins to fill `room` bytes, or a frame's header where there is less room.
    fn begin(&mut self, room: usize) {
        self.left = room.max(HEADER);
    }

    /// Fills the buffer as far as it is to be filled. Whether there was anything to give.
    fn give(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let had_any = self.left > 0;
        while self.left > 0 && buf.remaining() > 0 {
            if self.header.is_empty() && self.payload == 0 {
                self.begin_frame();
            }
            let room = buf.remaining();
            let given = if self.header.is_empty() {
                let given = self.payload.min(room);
                buf.initialize_unfilled_to(given).fill(0);
                buf.advance(given);
                self.payload -= given;
                given
            } else {
                let part: Vec<u8> = self.header.drain(..self.header.len().min(room)).collect();
                buf.put_slice(&part);
                part.len()
            };
            self.left = self.left.saturating_sub(given);
        }
        had_any
    }

    /// The next frame: as long as it may be, but so that what is left after it is none or another frame.
    fn begin_frame(&mut self) {
        let mut payload = self.left.saturating_sub(HEADER).min(MAX_PAYLOAD);
        let rest = self.left.saturating_sub(HEADER + payload);
        if (1..HEADER).contains(&rest) {
            payload = payload.saturating_sub(HEADER);
        }
        let length = u32::try_from(payload).unwrap_or_default().to_be_bytes();
        self.header.extend(length.iter().skip(1));
        self.header.extend([IGNORED, 0, 0, 0, 0, 0]);
        self.payload = payload;
    }
}

/// Writing is left to the stream inside.
macro_rules! write_through {
    ($name:ident, $inner:tt) => {
        impl<T: AsyncWrite + Unpin> AsyncWrite for $name<T> {
            fn poll_write(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.$inner).poll_write(context, bytes)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
                slices: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.$inner).poll_write_vectored(context, slices)
            }

            fn is_write_vectored(&self) -> bool {
                self.$inner.is_write_vectored()
            }

            fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.$inner).poll_flush(context)
            }

            fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.$inner).poll_shutdown(context)
            }
        }
    };
}

write_through!(ZeroRest, 0);
write_through!(WipedFrames, inner);

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    }

    /// Kinds and payloads of frames that stand one behind the other.
    fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut frames = Vec::new();
        while !bytes.is_empty() {
            let length = usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2]);
            frames.push((bytes[3], bytes[HEADER..HEADER + length].to_vec()));
            bytes = &bytes[HEADER + length..];
        }
        frames
    }

    /// Reads once into what is left of `buffer` behind `filled`; the bytes read, or `None` while there are none.
    async fn read(stream: &mut WipedFrames<tokio::io::DuplexStream>, buffer: &mut [u8]) -> Option<usize> {
        poll_fn(|context| {
            let mut buf = ReadBuf::new(buffer);
            Poll::Ready(match Pin::new(&mut *stream).poll_read(context, &mut buf) {
                Poll::Ready(result) => {
                    result.unwrap();
                    Some(buf.filled().len())
                }
                Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn an_answer_is_overwritten_before_the_reader_waits() {
        let (mut peer, stream) = tokio::io::duplex(1 << 16);
        let mut stream = WipedFrames::new(stream);
        let mut buffer = vec![0xaa; 8192];
        peer.write_all(&frame(DATA, 0, b"a data key")).await.unwrap();
        let first = read(&mut stream, &mut buffer).await.unwrap();
        assert_eq!(frames(&buffer[..first]), [(DATA, b"a data key".to_vec())]);
        assert!(buffer[first..].iter().all(|byte| *byte == 0));
        let room = buffer.len() - first;
        assert_eq!(read(&mut stream, &mut buffer[first..]).await, Some(room), "the buffer is not filled to its end");
        assert_eq!(frames(&buffer[first..]), [(IGNORED, vec![0; room - HEADER])]);
        // The reader begins at the front again; its next read wipes what is there, and there is nothing more to wipe.
        assert_eq!(read(&mut stream, &mut buffer).await, None);
        assert!(buffer.iter().all(|byte| *byte == 0));
    }

    #[tokio::test]
    async fn nothing_is_put_into_a_frame_or_a_block_of_headers() {
        let (mut peer, stream) = tokio::io::duplex(1 << 16);
        let mut stream = WipedFrames::new(stream);
        let whole = [frame(DATA, 0, b"x"), frame(HEADERS, 0, b"h"), frame(CONTINUATION, END_HEADERS, b"c")].concat();
        let mut buffer = vec![0; 512];
        let mut read_all = Vec::new();
        for byte in &whole {
            peer.write_all(&[*byte]).await.unwrap();
            while let Some(count) = read(&mut stream, &mut buffer).await {
                read_all.extend_from_slice(&buffer[..count]);
            }
        }
        let kinds: Vec<u8> = frames(&read_all).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [DATA, IGNORED, HEADERS, CONTINUATION]);
    }

    #[tokio::test]
    async fn small_and_large_rests_are_filled_with_whole_frames() {
        for room in (1..40).chain([MAX_PAYLOAD + HEADER, MAX_PAYLOAD + HEADER + 5, 3 * MAX_PAYLOAD]) {
            let mut filler = Filler::default();
            filler.begin(room);
            let mut given = Vec::new();
            let mut buffer = vec![0xaa; room];
            loop {
                let mut buf = ReadBuf::new(&mut buffer);
                if !filler.give(&mut buf) {
                    break;
                }
                given.extend_from_slice(buf.filled());
            }
            assert_eq!(given.len(), room.max(HEADER), "{room}");
            assert!(frames(&given).iter().all(|(kind, zeros)| *kind == IGNORED && zeros.iter().all(|byte| *byte == 0)));
        }
    }
}
