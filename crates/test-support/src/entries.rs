//! Entries as the events that they were made of.

use clock::Timestamp;
use names::LogName;
use tlog::{Body, Entry, Event};

/// The event that an entry was made of, in the log of that name.
pub fn event_of(entry: &Entry<'_>, log: &LogName) -> Event {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Event {
        producer: entry.producer.to_owned(),
        on_behalf_of: entry.on_behalf_of.to_owned(),
        resource: entry.resource.to_owned(),
        outcome: entry.outcome,
        purpose: entry.purpose.to_owned(),
        reference: entry.reference.to_owned(),
        key_operation: entry.key_operation,
        attributes: entry.attributes().map(owned).collect(),
        body: entry.body.map(|body| Body { kind: body.kind.to_owned(), content: body.content.to_vec() }),
        ..Event::new(entry.event_id, log.clone(), Timestamp::from_nanos(entry.time_ns), entry.actor, entry.action)
    }
}
