//! A sealed record opens in its place, whole, and with what surrounds it; every other way is refused.

use std::collections::BTreeMap;

use names::{CollectionUid, RecordUid, TenantUid};
use proptest::prelude::*;
use secret::SecretVec;
use uuid::Uuid;

use super::{data_key, manifest, name, names, place};
use crate::error::Error;
use crate::record::{Manifest, Place, Selection, field_names, open, seal};

const P1: &str = "tenants/acme/collections/patients/records/p1";
const FIELDS: [(&str, &[u8]); 3] = [("name", b"\"Ada\""), ("ssn", b"\"078-05-1120\""), ("note", b"\"\"")];

type Opened = Result<Vec<(String, SecretVec)>, Error>;

fn sealed() -> Vec<u8> {
    seal(data_key(5), &place(&name(P1)), &manifest(), &FIELDS).unwrap()
}

fn open_all(sealed: &[u8]) -> Opened {
    open(data_key(5), &place(&name(P1)), &manifest(), sealed, Selection::All)
}

fn exposed(opened: Opened) -> Vec<(String, Vec<u8>)> {
    opened.unwrap().into_iter().map(|(name, value)| (name, value.expose().to_vec())).collect()
}

/// The bytes of each field of a sealed record, behind the 21 bytes of its head.
fn pieces(sealed: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (head, mut rest) = sealed.split_at(21);
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let length = |at: usize| usize::try_from(u32::from_be_bytes(rest[at..at + 4].try_into().unwrap())).unwrap();
        let name = length(0);
        let end = 8 + name + length(4 + name);
        fields.push(rest[..end].to_vec());
        rest = &rest[end..];
    }
    (head.to_vec(), fields)
}

fn joined(mut head: Vec<u8>, fields: &[Vec<u8>]) -> Vec<u8> {
    head[1..5].copy_from_slice(&u32::try_from(fields.len()).unwrap().to_be_bytes());
    [head, fields.concat()].concat()
}

#[test]
fn another_place_does_not_open() {
    let (p1, sealed) = (name(P1), sealed());
    let right = place(&p1);
    let names = [
        "tenants/acme/collections/patients/records/p2",
        "tenants/acme/collections/staff/records/p1",
        "tenants/beta/collections/patients/records/p1",
    ]
    .map(name);
    let mut wrong: Vec<Place<'_>> = names.iter().map(|name| Place { name, ..right }).collect();
    wrong.push(Place { uid: RecordUid::new(Uuid::from_u128(4)), ..right });
    wrong.push(Place { revision: 2, ..right });
    wrong.push(Place { revision: 0, ..right });
    wrong.push(Place { tenant_uid: TenantUid::new(Uuid::from_u128(9)), ..right });
    wrong.push(Place { collection_uid: CollectionUid::new(Uuid::from_u128(9)), ..right });
    for wrong in wrong {
        for selection in [Selection::All, Selection::Names(&[])] {
            assert_eq!(
                open(data_key(5), &wrong, &manifest(), &sealed, selection),
                Err(Error::DoesNotOpen),
                "{wrong:?}"
            );
        }
    }
}

#[test]
fn another_subject_or_time_does_not_open() {
    let (p1, sealed, right) = (name(P1), sealed(), manifest());
    let wrong = [
        Manifest { subject: None, ..right },
        Manifest { subject: Some(""), ..right },
        Manifest { subject: Some("person-8"), ..right },
        Manifest { create_time: right.create_time + 1, ..right },
        Manifest { update_time: right.update_time - 1, ..right },
        Manifest { expire_time: Some(0), ..right },
        Manifest { expire_time: Some(right.create_time), ..right },
    ];
    for wrong in wrong {
        for selection in [Selection::All, Selection::Names(&[])] {
            assert_eq!(
                open(data_key(5), &place(&p1), &wrong, &sealed, selection),
                Err(Error::DoesNotOpen),
                "{wrong:?}"
            );
        }
    }
}

#[test]
fn another_data_key_does_not_open() {
    let opened = open(data_key(6), &place(&name(P1)), &manifest(), &sealed(), Selection::Names(&[]));
    assert_eq!(opened, Err(Error::DoesNotOpen));
}

#[test]
fn a_dropped_field_is_found() {
    let (head, fields) = pieces(&sealed());
    for dropped in 0..fields.len() {
        let mut rest = fields.clone();
        rest.remove(dropped);
        assert_eq!(open_all(&joined(head.clone(), &rest)), Err(Error::DoesNotOpen), "field {dropped}");
    }
    assert_eq!(open_all(&joined(head, &[])), Err(Error::DoesNotOpen));
}

#[test]
fn an_added_field_is_found() {
    let (head, mut fields) = pieces(&sealed());
    let more = seal(data_key(5), &place(&name(P1)), &manifest(), &[("zip", b"\"1\"")]).unwrap();
    fields.extend(pieces(&more).1);
    assert_eq!(open_all(&joined(head, &fields)), Err(Error::DoesNotOpen));
}

#[test]
fn an_emptied_field_or_record_is_found() {
    let (head, fields) = pieces(&sealed());
    for emptied in 0..fields.len() {
        let mut altered = fields.clone();
        let name_end = 4 + usize::try_from(u32::from_be_bytes(altered[emptied][..4].try_into().unwrap())).unwrap();
        altered[emptied].truncate(name_end);
        let mut only_tag = altered.clone();
        altered[emptied].extend([0; 4]);
        only_tag[emptied].extend([0, 0, 0, 16]);
        only_tag[emptied].extend([0; 16]);
        assert_eq!(open_all(&joined(head.clone(), &altered)), Err(Error::DoesNotOpen));
        assert_eq!(open_all(&joined(head.clone(), &only_tag)), Err(Error::DoesNotOpen));
    }
    assert_eq!(open_all(&[]), Err(Error::DoesNotOpen));
}

#[test]
fn a_renamed_field_is_found_even_where_it_is_not_asked_for() {
    let mut altered = sealed();
    let at = altered.windows(3).position(|window| window == b"ssn").unwrap();
    altered[at..at + 3].copy_from_slice(b"tel");
    let opened = open(data_key(5), &place(&name(P1)), &manifest(), &altered, Selection::Names(&["name".to_owned()]));
    assert_eq!(opened, Err(Error::DoesNotOpen));
}

#[test]
fn reordered_and_repeated_fields_are_found() {
    let (head, fields) = pieces(&sealed());
    for order in [[1, 0, 2], [0, 2, 1], [2, 1, 0], [0, 0, 1], [0, 1, 1]] {
        let fields = order.map(|field| fields[field].clone());
        assert_eq!(field_names(&joined(head.clone(), &fields)), Err(Error::Malformed));
        assert_eq!(open_all(&joined(head.clone(), &fields)), Err(Error::DoesNotOpen), "{order:?}");
    }
}

#[test]
fn a_value_moved_to_another_field_is_found() {
    let same_length: [(&str, &[u8]); 2] = [("a", b"\"1\""), ("b", b"\"2\"")];
    let sealed = seal(data_key(5), &place(&name(P1)), &manifest(), &same_length).unwrap();
    let (head, mut fields) = pieces(&sealed);
    let (a, b) = (fields[0].split_off(5), fields[1].split_off(5));
    fields[0].extend(b);
    fields[1].extend(a);
    assert_eq!(open_all(&joined(head, &fields)), Err(Error::DoesNotOpen));
}

#[test]
fn unknown_versions_and_trailing_bytes_are_refused() {
    let mut altered = sealed();
    altered.push(0);
    assert_eq!((open_all(&altered), field_names(&altered)), (Err(Error::DoesNotOpen), Err(Error::Malformed)));
    altered.pop();
    for version in [0, 2, 255] {
        altered[0] = version;
        assert_eq!((open_all(&altered), field_names(&altered)), (Err(Error::DoesNotOpen), Err(Error::Malformed)));
    }
}

#[test]
fn a_count_without_its_fields_is_malformed() {
    let mut altered = sealed();
    altered[1..5].copy_from_slice(&[255; 4]);
    assert_eq!(field_names(&altered), Err(Error::Malformed));
}

#[test]
fn two_fields_of_one_name_are_not_sealed() {
    let fields: [(&str, &[u8]); 3] = [("a", b"1"), ("b", b"2"), ("a", b"3")];
    assert_eq!(seal(data_key(5), &place(&name(P1)), &manifest(), &fields), Err(Error::DuplicateField));
}

#[test]
fn only_the_fields_asked_for_are_opened_in_the_order_of_their_names() {
    let wanted = ["ssn", "absent", "name", "ssn"].map(str::to_owned);
    let opened = open(data_key(5), &place(&name(P1)), &manifest(), &sealed(), Selection::Names(&wanted));
    assert_eq!(exposed(opened), [("name".into(), b"\"Ada\"".to_vec()), ("ssn".into(), b"\"078-05-1120\"".to_vec())]);
    assert_eq!(field_names(&sealed()).unwrap(), ["name", "note", "ssn"]);
}

#[test]
fn a_damaged_field_does_not_hinder_the_others() {
    let mut altered = sealed();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(open_all(&altered), Err(Error::DoesNotOpen));
    let wanted = ["name".to_owned()];
    let opened = open(data_key(5), &place(&name(P1)), &manifest(), &altered, Selection::Names(&wanted));
    assert_eq!(exposed(opened), [("name".into(), b"\"Ada\"".to_vec())]);
}

#[test]
fn no_plaintext_and_no_spare_capacity_is_left_in_what_is_stored() {
    let sealed = sealed();
    assert!(!sealed.windows(11).any(|window| window == b"078-05-1120"));
    assert_eq!(sealed.capacity(), sealed.len());
}

#[test]
fn every_truncation_and_every_flipped_bit_is_found() {
    let sealed = sealed();
    for length in 0..sealed.len() {
        assert_eq!(open_all(&sealed[..length]), Err(Error::DoesNotOpen), "{length}");
    }
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open_all(&altered), Err(Error::DoesNotOpen), "bit {bit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_sealed_opens_to_the_same(
        name in names(), uid: u128, revision: u64, subject: Option<String>, times: (i64, i64, Option<i64>),
        fields: BTreeMap<String, Vec<u8>>,
    ) {
        let place = Place { uid: RecordUid::new(Uuid::from_u128(uid)), revision, ..place(&name) };
        let (create_time, update_time, expire_time) = times;
        let manifest = Manifest { subject: subject.as_deref(), create_time, update_time, expire_time };
        // Given in the opposite order, to see them sorted.
        let given: Vec<(&str, &[u8])> = fields.iter().rev().map(|(name, value)| (&name[..], &value[..])).collect();
        let sealed = seal(data_key(5), &place, &manifest, &given).unwrap();
        prop_assert_eq!(field_names(&sealed).unwrap(), fields.keys().cloned().collect::<Vec<_>>());
        let opened = open(data_key(5), &place, &manifest, &sealed, Selection::All);
        // Spaces at the end of a value are padding.
        let kept = |value: Vec<u8>| value.iter().rposition(|byte| *byte != b' ').map_or(vec![], |last| value[..=last].to_vec());
        prop_assert_eq!(exposed(opened), fields.into_iter().map(|(name, value)| (name, kept(value))).collect::<Vec<_>>());
    }

    #[test]
    fn arbitrary_bytes_neither_open_nor_panic(mut bytes: Vec<u8>) {
        prop_assert_eq!(open_all(&bytes), Err(Error::DoesNotOpen));
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        let _either = field_names(&bytes);
        prop_assert_eq!(open_all(&bytes), Err(Error::DoesNotOpen));
    }
}
