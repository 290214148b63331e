//! Canonical bytes can be read in one way only.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::NO_PAIRS;
use crate::context::EncryptionContext;

#[test]
fn the_context_has_the_documented_bytes() {
    let context = EncryptionContext::from_iter([("b", "-"), ("a", "xy"), ("b", "")]);
    assert_eq!(context.canonical(), b"strongroom/context/v1\0\0\0\0\x01a\0\0\0\x02xy\0\0\0\x01b\0\0\0\0");
    assert_eq!(EncryptionContext::from_iter(NO_PAIRS).canonical(), b"strongroom/context/v1\0");
}

#[test]
fn moving_a_byte_from_one_part_to_the_next_changes_the_context() {
    let context = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<EncryptionContext>();
    let alike = [
        context(&[("record", "a:b")]),
        context(&[("record:a", "b")]),
        context(&[("record", "a"), (":b", "")]),
        context(&[("", "recorda:b")]),
        context(&[("recorda:b", "")]),
    ];
    for (index, one) in alike.iter().enumerate() {
        assert!(alike.iter().skip(index + 1).all(|other| other != one));
    }
}

/// Reads canonical bytes back, as no production code has to.
fn read(mut bytes: &[u8]) -> BTreeMap<String, String> {
    bytes = bytes.strip_prefix(b"strongroom/context/v1\0").unwrap();
    let mut next = || {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at(usize::try_from(u32::from_be_bytes(*length)).unwrap());
        bytes = rest;
        Some(String::from_utf8(part.to_vec()).unwrap())
    };
    std::iter::from_fn(|| Some((next()?, next().unwrap()))).collect()
}

proptest! {
    #[test]
    fn canonical_bytes_give_back_the_pairs(pairs: Vec<(String, String)>) {
        let context: EncryptionContext = pairs.iter().map(|(key, value)| (key, value)).collect();
        prop_assert_eq!(read(context.canonical()), BTreeMap::from_iter(pairs));
    }
}
