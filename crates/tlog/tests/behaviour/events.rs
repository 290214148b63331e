//! What a log takes: forms with a length, not lists.

use clock::Timestamp;
use names::{BootId, MAX_IDENTITY_BYTES};
use tlog::entry::{MAX_ENTRY_BYTES, decode, encode};
use tlog::event::{
    EventError, IDENTITY_ATTRIBUTE, MAX_ATTRIBUTE_BYTES, MAX_ATTRIBUTE_NAME_BYTES, MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_BYTES, MAX_BODY_BYTES, MAX_BODY_KIND_BYTES, MAX_CODE_BYTES, MAX_ON_BEHALF_OF_BYTES,
    MAX_PRODUCER_BYTES, MAX_RESOURCE_BYTES,
};
use tlog::{Body, Event, KeyOperation, Outcome, Place, log_id};
use uuid::Uuid;

use crate::support::{event, log};

/// What is done to an event before it is checked.
type Change = fn(&mut Event);

/// Sets a text of an event.
type Setting = fn(&mut Event, String);

fn refused(change: impl FnOnce(&mut Event)) -> EventError {
    let mut event = event(1);
    change(&mut event);
    event.check().unwrap_err()
}

#[test]
fn an_event_without_its_required_parts_is_refused() {
    assert_eq!(refused(|event| event.actor.clear()), EventError::Missing { field: "actor" });
    assert_eq!(refused(|event| event.action.clear()), EventError::Missing { field: "action" });
    assert_eq!(refused(|event| event.producer.clear()), EventError::Missing { field: "producer" });
}

#[test]
fn numbers_that_an_entry_cannot_carry_are_refused() {
    assert_eq!(refused(|event| event.time = Timestamp::from_nanos(-1)), EventError::Time);
    let operation = |boot: u128, counter| {
        refused(|event| event.key_operation = Some(KeyOperation { boot: BootId::new(Uuid::from_u128(boot)), counter }))
    };
    assert_eq!(operation(0, 1), EventError::KeyOperation);
    assert_eq!(operation(1, u64::MAX / 2 + 1), EventError::KeyOperation);
    assert_eq!(Outcome::from_number(0), None);
}

#[test]
fn free_text_is_refused_in_every_field() {
    let fields: [(&str, Setting); 9] = [
        ("producer", |event, text| event.producer = text),
        ("actor", |event, text| event.actor = text),
        ("on_behalf_of", |event, text| event.on_behalf_of = text),
        ("action", |event, text| event.action = text),
        ("resource", |event, text| event.resource = text),
        ("purpose", |event, text| event.purpose = text),
        ("reference", |event, text| event.reference = text),
        ("attributes", |event, text| drop(event.attributes.insert("note".into(), text))),
        ("attributes", |event, text| drop(event.attributes.insert(text, String::new()))),
    ];
    for (field, set) in fields {
        for text in ["John Doe", "a.b\n", "a.b\0", "a.ä", "a.b\u{200b}"] {
            assert_eq!(refused(|event| set(event, text.into())), EventError::Form { field }, "{field} {text:?}");
        }
    }
}

#[test]
fn what_is_not_of_its_form_is_refused() {
    let cases: [(&str, Change); 16] = [
        ("producer", |event| event.producer = "Vault".into()),
        ("producer", |event| event.producer = "7-service".into()),
        ("producer", |event| event.producer = "spiffe://strongroom.dev/vault-service".into()),
        ("action", |event| event.action = "reveal".into()),
        ("action", |event| event.action = ".reveal".into()),
        ("action", |event| event.action = "records.".into()),
        ("action", |event| event.action = "records.reveal.full".into()),
        ("resource", |event| event.resource = "a@b.example".into()),
        ("purpose", |event| event.purpose = "care/1".into()),
        ("on_behalf_of", |event| event.on_behalf_of = "a@b.example".into()),
        ("attributes", |event| drop(event.attributes.insert(String::new(), String::new()))),
        ("attributes", |event| drop(event.attributes.insert("Field".into(), String::new()))),
        ("attributes", |event| drop(event.attributes.insert("1st".into(), String::new()))),
        ("attributes", |event| drop(event.attributes.insert("quoted".into(), "\"x\"".into()))),
        ("body", |event| event.body = Some(Body { kind: String::new(), content: vec![1] })),
        ("body", |event| event.body = Some(Body { kind: "Prune".into(), content: vec![1] })),
    ];
    for (number, (field, change)) in cases.into_iter().enumerate() {
        assert_eq!(refused(change), EventError::Form { field }, "case {number}");
    }
}

/// The longest event that a log takes.
fn longest() -> Event {
    let text = |length| "x".repeat(length);
    let mut event = Event {
        producer: text(MAX_PRODUCER_BYTES),
        actor: text(MAX_IDENTITY_BYTES),
        on_behalf_of: text(MAX_ON_BEHALF_OF_BYTES),
        action: format!("records.{}", text(MAX_CODE_BYTES - "records.".len())),
        resource: text(MAX_RESOURCE_BYTES),
        purpose: text(MAX_CODE_BYTES),
        reference: text(MAX_CODE_BYTES),
        body: Some(Body { kind: text(MAX_BODY_KIND_BYTES), content: vec![0xff; MAX_BODY_BYTES] }),
        ..event(1)
    };
    event.attributes.clear();
    let name = |n: usize| format!("{}{n:02}", text(MAX_ATTRIBUTE_NAME_BYTES - 2));
    let mut left = MAX_ATTRIBUTES_BYTES - MAX_ATTRIBUTES * MAX_ATTRIBUTE_NAME_BYTES;
    for n in 0..MAX_ATTRIBUTES {
        let length = left.min(MAX_ATTRIBUTE_BYTES);
        left -= length;
        event.attributes.insert(name(n), text(length));
    }
    event
}

#[test]
fn the_longest_event_fits_an_entry() {
    let longest = longest();
    assert_eq!(longest.check(), Ok(()));
    let place = Place { log_id: log_id(&log()), index: u64::MAX / 2, previous_head: [3; 32], logged_ns: i64::MAX };
    let bytes = encode(&place, &longest);
    assert!(bytes.len() <= MAX_ENTRY_BYTES, "{}", bytes.len());
    assert!(decode(&bytes).unwrap().is_of(&longest));
}

#[test]
fn one_byte_more_than_the_longest_is_refused() {
    let first = |event: &mut Event| event.attributes.pop_first().unwrap();
    let cases: [(&str, usize, Change); 11] = [
        ("producer", MAX_PRODUCER_BYTES, |event| event.producer.push('x')),
        ("actor", MAX_IDENTITY_BYTES, |event| event.actor.push('x')),
        ("on_behalf_of", MAX_ON_BEHALF_OF_BYTES, |event| event.on_behalf_of.push('x')),
        ("action", MAX_CODE_BYTES, |event| event.action.push('x')),
        ("resource", MAX_RESOURCE_BYTES, |event| event.resource.push('x')),
        ("purpose", MAX_CODE_BYTES, |event| event.purpose.push('x')),
        ("reference", MAX_CODE_BYTES, |event| event.reference.push('x')),
        ("body", MAX_BODY_BYTES, |event| event.body.as_mut().unwrap().content.push(0)),
        ("body", MAX_BODY_KIND_BYTES, |event| event.body.as_mut().unwrap().kind.push('x')),
        ("attributes", MAX_ATTRIBUTES, |event| drop(event.attributes.insert("z".into(), String::new()))),
        ("attributes", MAX_ATTRIBUTES_BYTES, |event| event.attributes.values_mut().last().unwrap().push('x')),
    ];
    for (field, limit, change) in cases {
        let mut event = longest();
        change(&mut event);
        assert_eq!(event.check(), Err(EventError::TooLong { field, limit }));
    }
    let mut event = longest();
    let (name, value) = first(&mut event);
    event.attributes.insert(name, value + "x");
    event.attributes.values_mut().nth(1).unwrap().pop();
    assert_eq!(event.check(), Err(EventError::TooLong { field: "attributes", limit: MAX_ATTRIBUTE_BYTES }));
    let mut event = longest();
    let (name, mut value) = first(&mut event);
    value.pop();
    event.attributes.insert(name + "x", value);
    assert_eq!(event.check(), Err(EventError::TooLong { field: "attributes", limit: MAX_ATTRIBUTE_NAME_BYTES }));
}

#[test]
fn names_made_up_later_are_taken_and_shown() {
    let mut newer = event(1)
        .with("a_name_made_up_later", "tenants/acme/tokens/t-1")
        .with("peer", "[2001:db8::7%25eth0]:443".replace(['[', ']'], ""))
        .with("names", "diagnosis,phone,name=x+y@z")
        .with("caller", "spiffe://strongroom.dev/a/(b)")
        .with("count", 18);
    newer.producer = "token-service2".into();
    newer.action = "tokens.detokenize".into();
    newer.outcome = Outcome::from_number(200).unwrap();
    newer.body = Some(Body { kind: "made_up_later".into(), content: vec![0, 0xff] });
    assert_eq!(newer.check(), Ok(()));
    let place = Place { log_id: log_id(&log()), index: 7, previous_head: [3; 32], logged_ns: 1 };
    let bytes = encode(&place, &newer);
    assert!(decode(&bytes).unwrap().is_of(&newer));
}

#[test]
fn the_least_event_is_taken() {
    let least = Event { producer: "a".into(), ..Event::new(event(1).event_id, log(), Timestamp::EPOCH, "a", "a.b") };
    assert_eq!(least.check(), Ok(()));
}

#[test]
fn an_entry_is_of_its_event_whichever_identity_reported_it() {
    let place = Place { log_id: log_id(&log()), index: 7, previous_head: [3; 32], logged_ns: 1 };
    let bytes = encode(&place, &event(1).with(IDENTITY_ATTRIBUTE, "vault-a.example").with("count", 1));
    let entry = decode(&bytes).unwrap();
    let reported = |identity: &str, count: u32| event(1).with(IDENTITY_ATTRIBUTE, identity).with("count", count);
    assert!(entry.is_of(&reported("vault-b.example", 1)) && entry.is_of(&event(1).with("count", 1)));
    assert!(!entry.is_of(&reported("vault-a.example", 2)) && !entry.is_of(&event(1)));
}
