//! Answers with a secret, of which nothing stays in the buffer of their connection.
//!
//! h2 copies small frames, and the first bytes of large ones, into a write buffer that lives as long as the connection
//! and is not wiped. So a secret answer begins with zeros, and they are what is copied; the message behind them goes from
//! its own memory, which is wiped when it is freed. Where the message takes several frames, each of them leaves its first
//! bytes in the buffer; then the trailers are so long that they take their place.
//!
//! An answer is cut elsewhere only where the client lets less of it come than it asked for. What a cut leaves behind goes
//! with the next secret answer on the connection, or with the connection.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::{HeaderName, HeaderValue};
use http_body::Frame;

/// Number of the field of zeros, which every message with a secret reserves: whoever reads a message skips fields that it
/// does not know.
const FIELD: u32 = 100;
/// Tag and length of that field (Protocol Buffers, "Encoding": wire type 2, variable length), and its zeros: more than
/// the 256 bytes that h2 copies of a frame.
const ZEROS: [u8; 4 + 256] = {
    let mut field = [0; 4 + 256];
    let tag = ((FIELD << 3) | 2).to_le_bytes();
    field[0] = (tag[0] & 0x7f) | 0x80;
    field[1] = (tag[0] >> 7) | (tag[1] << 1);
    // 256 as a varint.
    field[2] = 0x80;
    field[3] = 0x02;
    field
};
/// Flag and length before each message (gRPC over HTTP/2, "Length-Prefixed-Message").
const PREFIX: usize = 5;
/// The longest frame that every peer takes (RFC 9113, section 4.2).
const FRAME: usize = 16_384;
/// Trailers that carry nothing but length.
const WIPE_HEADER: HeaderName = HeaderName::from_static("strongroom-wipe");
/// On the wire as many bytes as h2 copies of a message: 256. Each of these characters is 19 bits in HPACK's Huffman code
/// (RFC 7541, appendix B), so that 108 of them do.
const WIPE: &str = match std::str::from_utf8(&[b'\\'; 108]) {
    Ok(text) => text,
    Err(_never) => "",
};

/// What is done to the frames of one answer.
#[derive(Default)]
pub(super) struct Veil {
    /// Whether part of the message may be in the buffer.
    is_torn: bool,
}

impl Veil {
    /// The frame that goes out instead.
    pub(super) fn over(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(trailers) if self.is_torn => return with_wipe(trailers),
            Err(trailers) => return trailers,
        };
        let veiled = behind_zeros(data.clone());
        self.is_torn |= veiled.as_ref().is_none_or(|veiled| veiled.len() > FRAME);
        Frame::data(veiled.unwrap_or(data))
    }
}

/// The message with zeros before it, if it is one message and not compressed.
fn behind_zeros(mut message: Bytes) -> Option<Bytes> {
    let (flag, length) = (message.try_get_u8().ok()?, message.try_get_u32().ok()?);
    if flag != 0 || usize::try_from(length).ok()? != message.len() {
        return None;
    }
    let mut veiled = BytesMut::with_capacity(PREFIX + ZEROS.len() + message.len());
    veiled.put_u8(flag);
    veiled.put_u32(u32::try_from(ZEROS.len() + message.len()).ok()?);
    veiled.put_slice(&ZEROS);
    veiled.put_slice(&message);
    Some(veiled.freeze())
}

/// Makes trailers so long that they take the place of what stood in the buffer before them. A frame of 256 bytes or more
/// is always written, and the buffer begun anew, before the trailers.
fn with_wipe(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            let mut value = HeaderValue::from_static(WIPE);
            // HPACK would replace what is repeated by an index otherwise.
            value.set_sensitive(true);
            trailers.insert(WIPE_HEADER, value);
            Frame::trailers(trailers)
        }
        Err(data) => data,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use prost::{
        Message,
        encoding::{DecodeContext, WireType, decode_key, skip_field},
    };

    use super::*;
    use crate::MethodTable;

    #[derive(Clone, PartialEq, Message)]
    struct Secret {
        #[prost(bytes = "vec", tag = "1")]
        secret: Vec<u8>,
    }

    fn frame(message: &impl Message) -> Frame<Bytes> {
        let mut bytes = BytesMut::new();
        bytes.put_u8(0);
        bytes.put_u32(u32::try_from(message.encoded_len()).unwrap());
        message.encode(&mut bytes).unwrap();
        Frame::data(bytes.freeze())
    }

    #[test]
    fn a_message_comes_behind_zeros_and_reads_the_same() {
        let message = Secret { secret: vec![7; 32] };
        let mut veiled = Veil::default().over(frame(&message)).into_data().unwrap();
        assert!(veiled.windows(256).position(|zeros| zeros == [0; 256]).is_some_and(|at| at < 10));
        assert!(!veiled.slice(..256).contains(&7), "a secret stands where it is copied");
        assert_eq!(veiled.get_u8(), 0);
        assert_eq!(usize::try_from(veiled.get_u32()).unwrap(), veiled.len());
        assert_eq!(Secret::decode(veiled.clone()).unwrap(), message);
        let (tag, wire_type) = decode_key(&mut veiled).unwrap();
        assert_eq!((tag, wire_type), (FIELD, WireType::LengthDelimited));
        skip_field(wire_type, tag, &mut veiled, DecodeContext::default()).unwrap();
        assert_eq!(veiled, message.encode_to_vec());
    }

    #[test]
    fn what_fits_into_a_frame_needs_no_wipe_and_what_does_not_is_wiped() {
        let frames = |secret: usize| {
            let mut veil = Veil::default();
            let data = veil.over(frame(&Secret { secret: vec![7; secret] })).into_data().unwrap();
            let trailers = veil.over(Frame::trailers(HeaderMap::new())).into_trailers().unwrap();
            (data.len(), trailers.contains_key(WIPE_HEADER))
        };
        assert_eq!(frames(16_384 - 265 - 3), (16_384, false));
        assert_eq!(frames(16_384 - 265 - 2), (16_385, true));
    }

    #[test]
    fn what_is_not_one_plain_message_goes_as_it_is_and_is_wiped() {
        let message = Secret { secret: vec![7; 32] };
        let whole = frame(&message).into_data().unwrap();
        let compressed: Bytes = [&[1], whole.get(1..).unwrap()].concat().into();
        for data in [compressed, whole.slice(..20), [&whole[..], &whole[..]].concat().into(), Bytes::new()] {
            let mut veil = Veil::default();
            assert_eq!(veil.over(Frame::data(data.clone())).into_data().unwrap(), data);
            let trailers = veil.over(Frame::trailers(HeaderMap::new())).into_trailers().unwrap();
            assert!(trailers.contains_key(WIPE_HEADER));
        }
    }

    #[test]
    fn every_message_with_a_secret_reserves_the_field() {
        let pool = prost_reflect::DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap();
        let table = MethodTable::of_api().unwrap();
        let mut found = 0;
        for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            if table.get(&path).is_some_and(|method| method.has_secret_answer()) {
                found += 1;
                let reserved = method.output().reserved_ranges().any(|range| range.contains(&FIELD));
                assert!(reserved, "{path}: its answer must say `reserved {FIELD};`");
            }
        }
        assert!(found > 3);
    }
}
