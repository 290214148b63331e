//! The fields of an encoded message one by one, without a copy (<https://protobuf.dev/programming-guides/encoding/>).

use bytes::BufMut;
use prost::encode_length_delimiter;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, skip_field};

/// Most bytes that an entry of a map has besides its key and value: two tags below 16, two lengths.
pub(crate) const ENTRY_HEADS: usize = 2 * (1 + 10);

/// What a field holds.
pub enum Part<'a> {
    /// A number.
    Varint(u64),
    /// Eight bytes, least significant first.
    Fixed64([u8; 8]),
    /// A text, bytes, a message, or packed numbers.
    Delimited(&'a [u8]),
    /// Of a wire type that none of our messages has.
    Other,
}

/// Takes the first field off a message: its number and what it holds. None if the bytes are no field.
pub fn next_part<'a>(message: &mut &'a [u8]) -> Option<(u32, Part<'a>)> {
    let (tag, wire_type) = decode_key(message).ok()?;
    let part = match wire_type {
        WireType::Varint => Part::Varint(decode_varint(message).ok()?),
        WireType::SixtyFourBit => {
            let (bytes, rest) = message.split_first_chunk()?;
            *message = rest;
            Part::Fixed64(*bytes)
        }
        WireType::LengthDelimited => {
            let length = usize::try_from(decode_varint(message).ok()?).ok()?;
            let (bytes, rest) = message.split_at_checked(length)?;
            *message = rest;
            Part::Delimited(bytes)
        }
        other => {
            skip_field(other, tag, message, DecodeContext::default()).ok()?;
            Part::Other
        }
    };
    Some((tag, part))
}

/// Key and value of a map's entry ("Maps"). What is missing is empty. None if it is no entry, or has one of them twice.
pub(crate) fn entry(mut entry: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut key, mut value) = (None, None);
    while !entry.is_empty() {
        let before = match next_part(&mut entry)? {
            (1, Part::Delimited(bytes)) => key.replace(bytes),
            (2, Part::Delimited(bytes)) => value.replace(bytes),
            (1 | 2, _) => return None,
            _ => None,
        };
        if before.is_some() {
            return None;
        }
    }
    Some((key.unwrap_or_default(), value.unwrap_or_default()))
}

/// Appends a map's entry, which takes no more than [`ENTRY_HEADS`] besides its key and value.
pub(crate) fn write_entry(buffer: &mut impl BufMut, key: &[u8], value: &[u8]) {
    for (tag, bytes) in [(1, key), (2, value)] {
        encode_key(tag, WireType::LengthDelimited, buffer);
        // Both buffers that come here grow: there is room.
        let _infallible = encode_length_delimiter(bytes.len(), buffer);
        buffer.put_slice(bytes);
    }
}
