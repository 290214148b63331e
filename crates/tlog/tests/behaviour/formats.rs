//! Codecs, hashes, MACs and the tree.

use std::collections::BTreeMap;

use names::BootId;
use proptest::prelude::*;
use tlog::{
    CompactRange, Event, Hash, KeyOperation, Mac, MacKeyring, Outcome, Place,
    entry::{DecodeError, decode, encode},
    event::{ATTRIBUTE_NAMES, EventError},
    hash::leaf_hash,
    log_id,
    mac::MAC_BYTES,
    signer::{pack, pack_macs, unpack, unpack_macs, verify_macs},
};
use uuid::Uuid;

use crate::support::{event, event_id, key, keyring, log};

fn place(index: u64) -> Place {
    Place { log_id: log_id(&log()), index, previous_head: [3; 32], logged_ns: -5 }
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Zäß€ /:._-]{0,40}"
}

prop_compose! {
    fn any_event()(
        id in any::<u64>(),
        time_ns in any::<i64>(),
        texts in prop::array::uniform6(text()),
        outcome in 1..5_u8,
        reference in "[A-Za-z0-9._:/-]{0,64}",
        key_operation in prop::option::of((1..u128::MAX, any::<u64>())),
        attributes in prop::collection::btree_map(prop::sample::select(&ATTRIBUTE_NAMES[..]), text(), 0..6),
    ) -> Event {
        let [producer, actor, on_behalf_of, action, resource, purpose] = texts;
        let operation = |(boot, counter)| KeyOperation { boot: BootId::new(Uuid::from_u128(boot)), counter };
        Event {
            event_id: event_id(id >> 20),
            producer: format!("p{producer}"),
            time_ns,
            actor: format!("a{actor}"),
            on_behalf_of,
            action: format!("x{action}"),
            resource,
            outcome: Outcome::from_number(outcome).unwrap(),
            purpose,
            reference,
            key_operation: key_operation.map(operation),
            attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_entry_reads_back_to_what_it_was_made_of(event in any_event(), index in any::<u64>(), logged_ns in any::<i64>()) {
        prop_assert_eq!(event.check(), Ok(()));
        let place = Place { logged_ns, ..place(index) };
        let bytes = encode(&place, &event);
        let entry = decode(&bytes).unwrap();
        prop_assert_eq!(entry.place, place);
        prop_assert_eq!(entry.event(), event);
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
            prop_assert_eq!(encode(&entry.place, &entry.event()), bytes);
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
    longer.resize(tlog::entry::MAX_ENTRY_BYTES + 1, 0);
    assert_eq!(decode(&longer).unwrap_err(), DecodeError::TooLong);
}

#[test]
fn what_encode_never_writes_is_refused() {
    let plain = Event { attributes: BTreeMap::new(), ..event(2) };
    let bytes = encode(&place(7), &plain).to_vec();
    let operation = bytes.len() - 4 - 24;
    let mut counter = bytes.clone();
    counter[operation + 23] = 1;
    assert_eq!(decode(&counter).unwrap_err(), DecodeError::KeyOperation);

    let two = |names: [&str; 2]| {
        let mut bytes = bytes.clone();
        let count = bytes.len() - 1;
        bytes[count] = 2;
        for name in names {
            bytes.extend_from_slice(&[0, 0, 0, 1]);
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(&[0, 0, 0, 0]);
        }
        bytes
    };
    assert!(decode(&two(["a", "b"])).is_ok());
    assert_eq!(decode(&two(["b", "a"])).unwrap_err(), DecodeError::AttributeOrder);
    assert_eq!(decode(&two(["a", "a"])).unwrap_err(), DecodeError::AttributeOrder);
}

#[test]
fn the_longest_event_fits_an_entry() {
    let long = "x".repeat(tlog::event::MAX_TEXT_BYTES);
    let longest = Event {
        producer: long.clone(),
        actor: long.clone(),
        on_behalf_of: long.clone(),
        action: long.clone(),
        resource: long.clone(),
        purpose: long.clone(),
        reference: "x".repeat(tlog::event::MAX_REFERENCE_BYTES),
        attributes: ATTRIBUTE_NAMES.iter().map(|name| ((*name).to_owned(), long.clone())).collect(),
        ..event(1)
    };
    assert_eq!(longest.check(), Ok(()));
    assert!(decode(&encode(&place(7), &longest)).is_ok());
}

#[test]
fn events_that_no_log_takes_are_refused() {
    type Change = fn(&mut Event);
    let cases: [(Change, EventError); 8] = [
        (|event| event.actor.clear(), EventError::Missing { field: "actor" }),
        (|event| event.action.clear(), EventError::Missing { field: "action" }),
        (|event| event.producer.clear(), EventError::Missing { field: "producer" }),
        (|event| event.resource = "x".repeat(1025), EventError::TooLong { field: "resource", limit: 1024 }),
        (|event| event.purpose = "a\nb".into(), EventError::Character { field: "purpose" }),
        (|event| event.reference = "John Doe".into(), EventError::Character { field: "reference" }),
        (|event| drop(event.attributes.insert("ssn".into(), String::new())), EventError::Attribute),
        (
            |event| event.key_operation = Some(KeyOperation { boot: BootId::new(Uuid::nil()), counter: 1 }),
            EventError::KeyOperation,
        ),
    ];
    for (change, error) in cases {
        let mut event = event(1);
        change(&mut event);
        assert_eq!(event.check(), Err(error));
    }
}

#[test]
fn logs_do_not_share_ids_or_heads() {
    let (acme, system) = (log(), "logs/system".parse().unwrap());
    assert_ne!(log_id(&acme), log_id(&system));
    assert_ne!(tlog::genesis(&acme), tlog::genesis(&system));
}

#[test]
fn a_mac_is_bound_to_log_index_head_and_key_version() {
    let (id, other) = (log_id(&log()), log_id(&"logs/system".parse().unwrap()));
    let mac = key(1).ready().compute(id, 7, &[1; 32]);
    let keys = keyring().ready();
    assert!(keys.verify(id, 7, &[1; 32], &mac));
    assert!(!keys.verify(other, 7, &[1; 32], &mac));
    assert!(!keys.verify(id, 8, &[1; 32], &mac));
    assert!(!keys.verify(id, 7, &[2; 32], &mac));
    assert!(!MacKeyring::new(vec![key(2)]).unwrap().ready().verify(id, 7, &[1; 32], &mac));
    let mut renamed = *mac.as_bytes();
    renamed[3] = 2;
    assert!(!keys.verify(id, 7, &[1; 32], &Mac::from_slice(&renamed).unwrap()));
}

#[test]
fn a_keyring_has_each_version_once_and_uses_the_newest() {
    assert!(MacKeyring::new(vec![]).is_none());
    assert!(MacKeyring::new(vec![key(1), key(1)]).is_none());
    assert_eq!(MacKeyring::new(vec![key(2), key(1)]).unwrap().current().unwrap().version(), 2);
}

#[test]
fn verify_macs_names_what_does_not_verify_and_refuses_what_does_not_pair() {
    let (keys, id) = (keyring().ready(), log_id(&log()));
    let heads = [[1_u8; 32], [2; 32], [3; 32]];
    let macs: Vec<Mac> = (5..8).zip(&heads).map(|(index, head)| key(2).ready().compute(id, index, head)).collect();
    let (heads, mut macs) = (heads.concat(), pack_macs(&macs));
    assert_eq!(verify_macs(&keys, &log(), 5, (&heads, &macs)), Ok(vec![]));
    macs[MAC_BYTES + 9] ^= 1;
    assert_eq!(verify_macs(&keys, &log(), 5, (&heads, &macs)), Ok(vec![6]));
    assert!(verify_macs(&keys, &log(), 5, (&heads[1..], &macs)).is_err());
    assert!(verify_macs(&keys, &log(), 5, (&heads[32..], &macs)).is_err());
    assert!(verify_macs(&keys, &log(), u64::MAX - 1, (&heads, &macs)).is_err());
}

#[test]
fn no_key_shows_in_debug() {
    let shown = format!("{:?} {:?}", key(1), key(1).ready());
    assert!(!shown.contains("91") && !shown.contains("5b"), "{shown}");
}
