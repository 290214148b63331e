//! HTTP/2 of clients that do what no library lets them do, frame by frame (RFC 9113).

/// What a client says first: the preface, and that it keeps to the default settings.
pub fn hello() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &frame(4, 0, 0, &[])[..]].concat()
}

/// The headers of a call to `path`, which has `timeout` as gRPC writes it; `stream` is its number, odd and rising.
///
/// # Panics
/// For values of more than 127 bytes.
pub fn begin(stream: u32, path: &str, timeout: &str) -> Vec<u8> {
    begin_with(stream, path, timeout, &[])
}

/// The same with more headers, as HPACK has them.
///
/// # Panics
/// For values of more than 127 bytes.
pub fn begin_with(stream: u32, path: &str, timeout: &str, more: &[u8]) -> Vec<u8> {
    // `:method POST` and `:scheme https`, then names of the static table and new ones, none of them indexed (RFC 7541).
    let mut block = vec![0x83, 0x87];
    let headers: [(&[u8], &str); 5] = [
        (&[4], path),
        (&[1], "localhost"),
        (&[15, 16], "application/grpc"),
        (b"\0\x02te", "trailers"),
        (b"\0\x0cgrpc-timeout", timeout),
    ];
    for (name, value) in headers {
        assert!(value.len() < 128, "{value}");
        block.extend_from_slice(name);
        block.extend(u8::try_from(value.len()));
        block.extend_from_slice(value.as_bytes());
    }
    block.extend_from_slice(more);
    frame(1, 4, stream, &block)
}

/// As many headers of two letters as fit into the table that both ends keep: how they are written the first time, and from then
/// on, when a byte or two stand for each (RFC 7541, sections 6.2.1 and 6.1).
pub fn many_headers() -> [Vec<u8>; 2] {
    let letters = (b'a'..=b'z').flat_map(|first| (b'a'..=b'z').map(move |second| [first, second]));
    let first = letters.take(TABLE).flat_map(|name| [0x40, 2, name[0], name[1], 0]).collect();
    let again = (FIRST_OF_TABLE..).take(TABLE).flat_map(|index| match index {
        0..127 => vec![0x80 | index],
        _ => vec![0xff, index - 127],
    });
    [first, again.collect()]
}

/// Headers of 34 bytes, as HPACK counts them, in a table of 4,096; and where the newest one stands.
const TABLE: usize = 105;
const FIRST_OF_TABLE: u8 = 62;

/// A message, whole, and the end of the call.
pub fn end(stream: u32, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    frame(0, 1, stream, &[&[0], &length[..], message].concat())
}

/// The client gives the call up: CANCEL.
pub fn reset(stream: u32) -> Vec<u8> {
    frame(3, 0, stream, &8_u32.to_be_bytes())
}

/// The client asks whether the server has come so far.
pub fn ping() -> Vec<u8> {
    frame(6, 0, 0, &PING)
}

/// What the server answers to [`ping`].
pub fn pong() -> Vec<u8> {
    frame(6, 1, 0, &PING)
}

const PING: [u8; 8] = *b"come far";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}
