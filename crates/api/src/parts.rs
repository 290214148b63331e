//! The fields of an encoded message one by one, without a copy (<https://protobuf.dev/programming-guides/encoding/>).

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// What a field holds.
pub(crate) enum Part<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Delimited(&'a [u8]),
    /// Of a wire type that none of our messages has.
    Other,
}

/// Takes the first field off a message: its number and what it holds. None if the bytes are no field.
pub(crate) fn next_part<'a>(message: &mut &'a [u8]) -> Option<(u32, Part<'a>)> {
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
