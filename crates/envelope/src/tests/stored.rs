//! Columns under the root key, HMACs over rows, and subkeys.

use proptest::prelude::*;

use super::key;
use crate::error::Error;
use crate::kdf::derive;
use crate::mac::Fingerprint;
use crate::stored::{Aad, Column, open, open_key, seal};

const MATERIAL: Column = Column::new("key_versions", "material");

fn aad() -> Aad {
    MATERIAL.aad().part([7; 16]).number(1).part("wrap")
}

#[test]
fn another_place_or_root_key_does_not_open() {
    let sealed = seal(&key(1), &aad(), b"material").unwrap();
    let others = [
        MATERIAL.aad().part([8; 16]).number(1).part("wrap"),
        MATERIAL.aad().part([7; 16]).number(2).part("wrap"),
        MATERIAL.aad().part([7; 16]).number(1).part("sign"),
        MATERIAL.aad().part([7; 16]).number(1),
        aad().part(""),
        Column::new("subject_keys", "material").aad().part([7; 16]).number(1).part("wrap"),
        Column::new("key_versionsmaterial", "").aad().part([7; 16]).number(1).part("wrap"),
    ];
    for other in others {
        assert_eq!(open(&key(1), &other, &sealed), Err(Error::DoesNotOpen), "{other:?}");
    }
    assert_eq!(open(&key(2), &aad(), &sealed), Err(Error::DoesNotOpen));
    assert_eq!(open(&key(1), &aad(), &sealed).unwrap().expose(), b"material");
}

#[test]
fn unknown_formats_and_short_values_are_malformed() {
    let mut sealed = seal(&key(1), &aad(), b"").unwrap();
    assert_eq!(sealed.len(), 81);
    for length in 0..81 {
        assert_eq!(open(&key(1), &aad(), &sealed[..length]), Err(Error::Malformed), "{length}");
    }
    sealed[0] = 2;
    assert_eq!(open(&key(1), &aad(), &sealed), Err(Error::Malformed));
}

#[test]
fn a_key_of_another_length_is_malformed() {
    let sealed = seal(&key(1), &aad(), &[3; 32]).unwrap();
    assert_eq!(open_key::<32>(&key(1), &aad(), &sealed).unwrap().expose(), &[3; 32]);
    assert_eq!(open_key::<64>(&key(1), &aad(), &sealed), Err(Error::Malformed));
}

#[test]
fn fingerprints_keep_parts_apart_and_are_of_one_key() {
    let fingerprint = Fingerprint::new(key(1));
    let others: [&[&[u8]]; 6] =
        [&[b"a", b"bc"], &[b"abc"], &[b"c", b"ab"], &[b"ab", b"c", b""], &[b"ab", b"", b"c"], &[]];
    let right = fingerprint.compute(&[b"ab", b"c"]);
    for parts in others {
        assert_ne!(fingerprint.compute(parts), right, "{parts:?}");
    }
    assert_ne!(Fingerprint::new(key(2)).compute(&[b"ab", b"c"]), right);
    assert_eq!(Fingerprint::new(key(1)).compute(&[b"ab", b"c"]), right);
}

#[test]
fn subkeys_differ_by_label_and_no_label_is_a_prefix_of_another() {
    let (a, b) = (derive::<32>(&key(1), "test/a").unwrap(), derive::<32>(&key(1), "test/b").unwrap());
    assert!(a != b && a != derive(&key(2), "test/a").unwrap());
    let long = derive::<64>(&key(1), "test/a").unwrap();
    assert_eq!(&long.expose()[..32], a.expose(), "one label, one use: the length is not part of it");
}

#[test]
fn macs_show_nothing_of_their_keys() {
    assert_eq!(format!("{:?}", Fingerprint::new(key(1))), "Fingerprint([redacted])");
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same(root: u8, parts: Vec<Vec<u8>>, plaintext: Vec<u8>) {
        let aad = parts.iter().fold(MATERIAL.aad(), Aad::part);
        let sealed = seal(&key(root), &aad, &plaintext).unwrap();
        let opened = open(&key(root), &aad, &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &plaintext[..]);
    }

    #[test]
    fn no_flipped_bit_or_trailing_byte_opens(place in 0..113usize, bit in 0u8..8, more: u8) {
        let mut sealed = seal(&key(1), &aad(), &[9; 32]).unwrap();
        sealed[place] ^= 1 << bit;
        prop_assert!(open(&key(1), &aad(), &sealed).is_err());
        sealed[place] ^= 1 << bit;
        sealed.push(more);
        prop_assert_eq!(open(&key(1), &aad(), &sealed), Err(Error::DoesNotOpen));
    }

    #[test]
    fn arbitrary_bytes_neither_open_nor_panic(bytes: Vec<u8>) {
        prop_assert!(open(&key(1), &aad(), &bytes).is_err());
    }
}
