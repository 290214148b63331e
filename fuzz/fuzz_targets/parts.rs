//! The fields of any bytes, one by one: the same ones that prost passes over, each of some length, until nothing is left.
#![no_main]

use api::{Part, next_part};
use libfuzzer_sys::fuzz_target;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};

fuzz_target!(|message: &[u8]| {
    let mut rest = message;
    let mut taken = 0;
    while !rest.is_empty() {
        let before = rest;
        let (part, skipped) = (next_part(&mut rest), skip(before));
        let Some((number, part)) = part else {
            assert_eq!(skipped, None, "prost takes this for a field");
            return;
        };
        let length = before.len() - rest.len();
        assert_eq!(skipped, Some((number, length)));
        assert!(length >= 2);
        taken += length;
        let field = &before[..length];
        assert_eq!(&before[length..], rest);
        match part {
            Part::Delimited(content) => assert!(field.ends_with(content)),
            Part::Fixed64(bytes) => assert!(field.ends_with(&bytes)),
            Part::Varint(value) => assert_eq!(last_varint(field), value),
            Part::Other => {}
        }
    }
    assert_eq!(taken, message.len());
});

/// Number and length of the first field, by prost.
fn skip(message: &[u8]) -> Option<(u32, usize)> {
    let mut rest = message;
    let (number, wire_type) = decode_key(&mut rest).ok()?;
    if wire_type == WireType::EndGroup {
        return None;
    }
    skip_field(wire_type, number, &mut rest, DecodeContext::default()).ok()?;
    Some((number, message.len() - rest.len()))
}

/// The number behind the key of a field: seven bits a byte, the lowest first.
fn last_varint(field: &[u8]) -> u64 {
    let key = field.iter().take_while(|byte| **byte >= 0x80).count() + 1;
    field[key..].iter().enumerate().fold(0, |value, (place, byte)| value | u64::from(byte & 0x7f) << (7 * place))
}
