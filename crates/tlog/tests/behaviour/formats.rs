//! The bytes of entries, hashes and the tree.

use std::collections::BTreeMap;

use clock::Timestamp;
use names::BootId;
use proptest::prelude::*;
use tlog::entry::{DecodeError, MAX_ENTRY_BYTES, decode, encode};
use tlog::hash::leaf_hash;
use tlog::signer::{pack, unpack, unpack_macs};
use tlog::{Body, CompactRange, Event, Hash, KeyOperation, Outcome, Place, log_id};
use uuid::Uuid;

use crate::support::{event, event_id, event_of, log};

/// The greatest index and the greatest counter that there can be.
const GREATEST: u64 = u64::MAX / 2;

fn place(index: u64) -> Place {
    Place { log_id: log_id(&log()), index, previous_head: [3; 32], logged_ns: -5 }
}

/// What an event has beside texts.
fn any_numbers() -> impl Strategy<Value = (u64, i64, u8, Option<KeyOperation>)> {
    let operation = (1..u128::MAX, 0..=GREATEST);
    let operation =
        operation.prop_map(|(boot, counter)| KeyOperation { boot: BootId::new(Uuid::from_u128(boot)), counter });
    (any::<u64>(), 0..=i64::MAX, 1..=u8::MAX, prop::option::of(operation))
}

fn any_body() -> impl Strategy<Value = Option<Body>> {
    let body = ("[a-z][a-z0-9_]{0,31}", prop::collection::vec(any::<u8>(), 0..200));
    prop::option::of(body.prop_map(|(kind, content)| Body { kind, content }))
}

prop_compose! {
    fn any_event()(
        (id, time_ns, outcome, key_operation) in any_numbers(),
        producer in "[a-z][a-z0-9-]{0,62}",
        actor in "[!-~]{1,80}",
        on_behalf_of in "[A-Za-z0-9._:/-]{0,80}",
        action in "[a-z]{1,20}\\.[a-zA-Z]{1,20}",
        resource in "[A-Za-z0-9._/-]{0,80}",
        purpose in "[A-Za-z0-9._-]{0,64}",
        reference in "[A-Za-z0-9._:/-]{0,64}",
        attributes in prop::collection::btree_map("[a-z][a-z0-9_]{0,31}", "[A-Za-z0-9._:/,=+@%-]{0,60}", 0..6),
        body in any_body(),
    ) -> Event {
        Event {
            producer,
            on_behalf_of,
            resource,
            outcome: Outcome::from_number(outcome).unwrap(),
            purpose,
            reference,
            key_operation,
            attributes,
            body,
            ..Event::new(event_id(id >> 20), log(), Timestamp::from_nanos(time_ns), &actor, &action)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_reads_back_to_what_it_was_made_of(event in any_event(), index in 0..=GREATEST, logged_ns in any::<i64>()) {
        prop_assert_eq!(event.check(), Ok(()));
        let place = Place { logged_ns, ..place(index) };
        let bytes = encode(&place, &event);
        let entry = decode(&bytes).unwrap();
        prop_assert_eq!(entry.place, place);
        prop_assert!(entry.is_of(&event));
        prop_assert_eq!(event_of(&entry, &log()), event);
    }

    #[test]
    fn an_entry_cut_anywhere_is_refused(event in any_event(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&place(7), &event);
        prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn what_reads_at_all_writes_back_to_the_same_bytes(
        event in any_event(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut bytes = encode(&place(7), &event).to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(entry) = decode(&bytes) {
            prop_assert_eq!(encode(&entry.place, &event_of(&entry, &log())), bytes);
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(&bytes).is_err());
        let labelled = [b"strongroom/audit/entry/v1\0", bytes.as_slice()].concat();
        decode(&labelled).ok();
        drop(CompactRange::decode(&bytes));
        drop(unpack(bytes::Bytes::from(bytes.clone())));
        drop(unpack_macs(&bytes));
    }

    #[test]
    fn the_root_is_that_of_the_definition(count in 0..70_u64) {
        let leaves: Vec<Hash> = (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut range = CompactRange::new();
        for leaf in &leaves {
            range.append(*leaf);
        }
        prop_assert_eq!(range.root(), root(&leaves));
        prop_assert_eq!(range.size(), count);
        prop_assert_eq!(CompactRange::decode(&range.encode()), Some(range.clone()));
        let hashes = range.hashes().to_vec();
        prop_assert_eq!(CompactRange::from_hashes(count, hashes.clone()), Some(range));
        prop_assert_eq!(CompactRange::from_hashes(count ^ 1, hashes), None);
    }

    #[test]
    fn packed_entries_unpack(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..6)) {
        let entries: Vec<bytes::Bytes> = entries.into_iter().map(bytes::Bytes::from).collect();
        let mut packed = pack(&entries);
        prop_assert_eq!(unpack(packed.clone().into()), Some(entries));
        packed.push(0);
        prop_assert_eq!(unpack(packed.into()), None);
    }
}

/// RFC 6962, section 2.1, word for word.
fn root(leaves: &[Hash]) -> Hash {
    let sha256 = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().try_into().unwrap();
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            sha256(&[&[1][..], &root(left), &root(right)].concat())
        }
    }
}

#[test]
fn unknown_versions_and_trailing_bytes_are_refused() {
    let bytes = encode(&place(7), &event(1)).to_vec();
    let mut newer = bytes.clone();
    newer[24] = b'2';
    assert_eq!(decode(&newer).unwrap_err(), DecodeError::UnknownVersion);
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(decode(&longer).unwrap_err(), DecodeError::Trailing);
    longer.resize(MAX_ENTRY_BYTES + 1, 0);
    assert_eq!(decode(&longer).unwrap_err(), DecodeError::TooLong);
}

/// An entry without attributes, key operation and body: it ends in 24 zeros, the number of attributes, the length of the
/// body, each 4 zeros.
fn plain() -> Vec<u8> {
    encode(&place(7), &Event { attributes: BTreeMap::new(), key_operation: None, body: None, ..event(2) }).to_vec()
}

#[test]
fn numbers_that_no_column_holds_are_refused() {
    let at = b"strongroom/audit/entry/v1\0".len() + 16;
    let mut entry = encode(&place(GREATEST), &event(2)).to_vec();
    assert_eq!(decode(&entry).unwrap().place.index, GREATEST);
    entry[at..at + 8].copy_from_slice(&(GREATEST + 1).to_be_bytes());
    assert_eq!(decode(&entry).unwrap_err(), DecodeError::Index);

    let mut entry = plain();
    let counter = entry.len() - 16;
    entry[counter - 16] = 1;
    entry[counter..counter + 8].copy_from_slice(&GREATEST.to_be_bytes());
    assert_eq!(decode(&entry).unwrap().key_operation.map(|operation| operation.counter), Some(GREATEST));
    entry[counter..counter + 8].copy_from_slice(&(GREATEST + 1).to_be_bytes());
    assert_eq!(decode(&entry).unwrap_err(), DecodeError::KeyOperation);
}

#[test]
fn what_encode_never_writes_is_refused() {
    let bytes = plain();
    let mut counter = bytes.clone();
    let end_of_operation = bytes.len() - 8;
    counter[end_of_operation - 1] = 1;
    assert_eq!(decode(&counter).unwrap_err(), DecodeError::KeyOperation, "a counter without a boot id");

    let two = |names: [&str; 2]| {
        let mut bytes = bytes[..bytes.len() - 8].to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 2]);
        for name in names {
            bytes.extend_from_slice(&[0, 0, 0, 1]);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&[0, 0, 0, 0]);
        }
        bytes.extend_from_slice(&[0, 0, 0, 0]);
        bytes
    };
    assert!(decode(&two(["a", "b"])).is_ok());
    assert_eq!(decode(&two(["b", "a"])).unwrap_err(), DecodeError::AttributeOrder);
    assert_eq!(decode(&two(["a", "a"])).unwrap_err(), DecodeError::AttributeOrder);
}

#[test]
fn an_outcome_of_zero_is_refused_and_every_other_one_is_shown() {
    let plain = plain();
    let purpose_and_reference = 4 + "care".len() + 4 + "case/2".len();
    let at = plain.len() - 32 - purpose_and_reference - 1;
    for number in 1..=u8::MAX {
        let mut entry = plain.clone();
        entry[at] = number;
        let entry = decode(&entry).unwrap();
        assert_eq!((entry.outcome.number(), entry.columns().outcome), (number, i16::from(number)));
    }
    let mut entry = plain;
    entry[at] = 0;
    assert_eq!(decode(&entry).unwrap_err(), DecodeError::NoOutcome);
}

#[test]
fn a_body_that_does_not_fill_its_length_is_refused() {
    let with = |body: &[u8]| {
        let mut entry = plain();
        let length = entry.len() - 4;
        entry[length..].copy_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
        entry.extend_from_slice(body);
        entry
    };
    let entry = with(b"\0\0\0\x05prunecontent");
    let body = decode(&entry).unwrap().body.unwrap();
    assert_eq!((body.kind, body.content), ("prune", &b"content"[..]));
    let refused = |body: &[u8]| decode(&with(body)).unwrap_err();
    assert_eq!(refused(b"\0\0\0"), DecodeError::Truncated { field: "body" });
    assert_eq!(refused(b"\0\0\0\x06prune"), DecodeError::Truncated { field: "body" });
    assert_eq!(refused(b"\0\0\0\x01\xff"), DecodeError::NotUtf8 { field: "body" });
    let mut longer = with(b"\0\0\0\x05prune");
    longer.push(0);
    assert_eq!(decode(&longer).unwrap_err(), DecodeError::Trailing);
}

#[test]
fn an_entry_is_of_its_event_only() {
    type Change = fn(&mut Event);
    let changes: [Change; 13] = [
        |event| event.event_id = event_id(9),
        |event| event.producer = "key-service".into(),
        |event| event.time = Timestamp::from_nanos(1),
        |event| event.actor.push('x'),
        |event| event.on_behalf_of.push('x'),
        |event| event.action.push('x'),
        |event| event.resource.push('x'),
        |event| event.outcome = Outcome::FAILED,
        |event| event.purpose.push('x'),
        |event| event.reference.push('x'),
        |event| event.key_operation = None,
        |event| drop(event.attributes.insert("count".into(), "1".into())),
        |event| event.body = Some(Body { kind: "counts".into(), content: Vec::new() }),
    ];
    let bytes = encode(&place(7), &event(1));
    let entry = decode(&bytes).unwrap();
    assert!(entry.is_of(&event(1)));
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = event(1);
        change(&mut other);
        assert!(!entry.is_of(&other), "change {number}");
        assert_ne!(encode(&place(7), &other), bytes, "change {number}");
    }
}

#[test]
fn logs_do_not_share_ids_or_heads() {
    let (acme, system) = (log(), "logs/system".parse().unwrap());
    assert_ne!(log_id(&acme), log_id(&system));
    assert_ne!(tlog::genesis(&acme), tlog::genesis(&system));
}
