//! Wrapped data keys open with the key, version, subject and context they were wrapped with, and with nothing else.

use std::collections::BTreeMap;

use names::BirthMark;
use proptest::prelude::*;
use secret::SecretBytes;

use super::{NO_PAIRS, RECORD, context, data_key, key, key_uid};
use crate::aead;
use crate::context::EncryptionContext;
use crate::error::Error;
use crate::kdf::{expand, prk};
use crate::wrap::{self, Fresh, Header, Suite, WRAPPED_LENGTH, WrappingKey, header, rewrap, unwrap, wrap};

const MARK: BirthMark = BirthMark::new(*b"birthday");

#[test]
fn another_context_does_not_open() {
    let (material, context) = (key(1), context());
    let wrapping =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
    let wrapped = wrap(&wrapping, &context, &data_key(7)).unwrap();
    let others = [
        EncryptionContext::from_iter(NO_PAIRS),
        EncryptionContext::from_iter([
            ("purpose", "record"),
            ("record", "tenants/acme/collections/patients/records/p2"),
        ]),
        EncryptionContext::from_iter([("purpose", "record"), RECORD, ("extra", "")]),
        EncryptionContext::from_iter([("purpose", "record")]),
        EncryptionContext::from_iter([("purposerecord", "tenants/acme/collections/patients/records/p1")]),
    ];
    for other in others {
        assert_eq!(unwrap(&wrapping, &other, &wrapped), Err(Error::DoesNotOpen), "{other:?}");
    }
    assert_eq!(unwrap(&wrapping, &context, &wrapped), Ok(data_key(7)));
}

#[test]
fn another_key_version_or_subject_does_not_open() {
    let (one, two, subject, other_subject) = (key(1), key(2), key(3), key(4));
    let right =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &one, subject_key: Some(&subject) };
    let wrapped = wrap(&right, &context(), &data_key(7)).unwrap();
    let wrong = [
        WrappingKey { key: key_uid(2), ..right },
        WrappingKey { version: 2, ..right },
        WrappingKey { birth_mark: BirthMark::new(*b"another!"), ..right },
        WrappingKey { material: &two, ..right },
        WrappingKey { subject_key: None, ..right },
        WrappingKey { subject_key: Some(&other_subject), ..right },
        WrappingKey { material: &subject, subject_key: Some(&one), ..right },
    ];
    for wrong in wrong {
        assert_eq!(unwrap(&wrong, &context(), &wrapped), Err(Error::DoesNotOpen), "{wrong:?}");
    }
    assert_eq!(unwrap(&right, &context(), &wrapped), Ok(data_key(7)));
}

#[test]
fn a_subject_is_not_dropped_by_changing_the_suite() {
    let (material, subject) = (key(1), key(3));
    let with =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: Some(&subject) };
    let without = WrappingKey { subject_key: None, ..with };
    let mut wrapped = wrap(&with, &context(), &data_key(7)).unwrap();
    wrapped[1] = 1;
    assert_eq!(unwrap(&without, &context(), &wrapped), Err(Error::DoesNotOpen));
}

/// A wrapped data key as one could be made who knows the key: all of it authentic, but for the commitment.
fn wrapped_with_commitment(material: &SecretBytes<32>, alter: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let (salt, mut okm) = ([6; 32], [0; 76]);
    expand(&prk(material.expose()), &[b"strongroom/wrap/v1\0", &salt], &mut okm).unwrap();
    let (cipher, nonce) = (aead::key(okm[..32].try_into().unwrap()).unwrap(), okm[32..44].try_into().unwrap());
    alter(&mut okm[44..]);
    let mut wrapped = [&[1, 1], &key_uid(1).as_bytes()[..], &[0, 0, 0, 1], MARK.as_bytes(), &salt, &okm[44..]].concat();
    let aad = [&wrapped, context().canonical()].concat();
    wrapped.extend([7; 32]);
    aead::seal_from(&cipher, nonce, &aad, &mut wrapped, 94).unwrap();
    wrapped
}

#[test]
fn a_commitment_to_another_key_is_refused_even_where_gcm_would_open() {
    let material = key(1);
    let wrapping =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
    let control = wrapped_with_commitment(&material, |_| ());
    assert_eq!(unwrap(&wrapping, &context(), &control), Ok(data_key(7)));
    for place in 0..32 {
        let altered = wrapped_with_commitment(&material, |commitment| commitment[place] ^= 0x80);
        assert_eq!(unwrap(&wrapping, &context(), &altered), Err(Error::DoesNotOpen), "byte {place}");
    }
}

#[test]
fn unknown_formats_and_suites_and_other_lengths_are_malformed() {
    let material = key(1);
    let wrapping =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
    let wrapped = wrap(&wrapping, &context(), &data_key(7)).unwrap();
    assert_eq!(wrapped.len(), WRAPPED_LENGTH);
    for (place, value) in [(0, 0), (0, 2), (0, 255), (1, 0), (1, 3), (1, 255)] {
        let mut altered = wrapped.clone();
        altered[place] = value;
        assert_eq!(header(&altered), Err(Error::Malformed));
        assert_eq!(unwrap(&wrapping, &context(), &altered), Err(Error::Malformed));
    }
    for length in 0..WRAPPED_LENGTH {
        assert_eq!(unwrap(&wrapping, &context(), &wrapped[..length]), Err(Error::Malformed), "{length}");
    }
    assert_eq!(header(&[&wrapped[..], &[0]].concat()), Err(Error::Malformed));
}

#[test]
fn the_header_names_key_and_version() {
    let (material, subject) = (key(1), key(2));
    let wrapping = WrappingKey {
        key: key_uid(9),
        version: 0x0102_0304,
        birth_mark: MARK,
        material: &material,
        subject_key: Some(&subject),
    };
    let wrapped = wrap(&wrapping, &context(), &data_key(7)).unwrap();
    assert_eq!(
        header(&wrapped),
        Ok(Header { suite: Suite::Subject, key: key_uid(9), version: 0x0102_0304, birth_mark: MARK })
    );
    assert_eq!(wrapped[..30], [&[1, 2][..], key_uid(9).as_bytes(), &[1, 2, 3, 4], b"birthday"].concat());
}

#[test]
fn rewrapping_keeps_the_data_key_and_checks_the_context() {
    let (old, new) = (key(1), key(2));
    let old = WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &old, subject_key: None };
    let new = WrappingKey { key: key_uid(1), version: 2, birth_mark: MARK, material: &new, subject_key: None };
    let wrapped = wrap(&old, &context(), &data_key(7)).unwrap();
    let again = rewrap(&old, &new, &context(), &wrapped).unwrap();
    assert_eq!(unwrap(&new, &context(), &again), Ok(data_key(7)));
    assert_eq!(unwrap(&old, &context(), &again), Err(Error::DoesNotOpen));
    assert_eq!(rewrap(&old, &new, &EncryptionContext::from_iter(NO_PAIRS), &wrapped), Err(Error::DoesNotOpen));
}

#[test]
fn two_wraps_of_one_data_key_share_nothing_but_the_header() {
    let material = key(1);
    let wrapping =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
    let (a, b) =
        (wrap(&wrapping, &context(), &data_key(7)).unwrap(), wrap(&wrapping, &context(), &data_key(7)).unwrap());
    assert_eq!(a[..22], b[..22]);
    assert!(a[22..54] != b[22..54] && a[54..86] != b[54..86] && a[86..] != b[86..]);
}

#[test]
fn generated_data_keys_differ_and_open() {
    let material = key(1);
    let wrapping =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
    let generate = |fresh: &mut Fresh| wrap::generate(&wrapping, &context(), fresh);
    let both = Fresh::with(2, |fresh| [generate(fresh), generate(fresh), generate(fresh)]).unwrap();
    let [Ok((first, wrapped)), Ok((second, other)), Err(Error::Bug(_))] = both else { panic!("{both:?}") };
    assert_ne!(first, second);
    assert_eq!(unwrap(&wrapping, &context(), &wrapped), Ok(first));
    assert!(!other.windows(32).any(|window| window == second.expose()));
}

#[test]
fn a_data_key_shows_nothing_of_itself() {
    let material = key(1);
    let wrapping =
        WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
    assert_eq!(format!("{:?}", data_key(7)), "DataKey([redacted])");
    assert!(format!("{wrapping:?}").contains("material: [redacted]"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_wrapped_opens_to_the_same(
        material: u8, subject: Option<u8>, secret: u8, uid: u128, version: u32, pairs: BTreeMap<String, String>,
    ) {
        let (material, subject, context) = (key(material), subject.map(key), EncryptionContext::from_iter(pairs));
        let wrapping = WrappingKey { key: key_uid(uid), version, birth_mark: MARK, material: &material, subject_key: subject.as_ref() };
        let wrapped = wrap(&wrapping, &context, &data_key(secret)).unwrap();
        prop_assert_eq!(unwrap(&wrapping, &context, &wrapped), Ok(data_key(secret)));
    }

    #[test]
    fn no_flipped_bit_opens(place in 0..WRAPPED_LENGTH, bit in 0u8..8, subject: bool) {
        let (material, subject_key) = (key(1), key(2));
        let subject_key = subject.then_some(&subject_key);
        let wrapping = WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key };
        let mut wrapped = wrap(&wrapping, &context(), &data_key(7)).unwrap();
        wrapped[place] ^= 1 << bit;
        prop_assert!(unwrap(&wrapping, &context(), &wrapped).is_err());
    }

    #[test]
    fn arbitrary_bytes_neither_open_nor_panic(bytes: Vec<u8>, fixed: [u8; 32]) {
        let material = key(1);
        let wrapping = WrappingKey { key: key_uid(1), version: 1, birth_mark: MARK, material: &material, subject_key: None };
        prop_assert!(unwrap(&wrapping, &context(), &bytes).is_err());
        let long: Vec<u8> = [1, 1].into_iter().chain(fixed.into_iter().cycle()).take(WRAPPED_LENGTH).collect();
        prop_assert!(unwrap(&wrapping, &context(), &long).is_err());
    }
}
