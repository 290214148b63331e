//! The entry codec: the exact bytes that are hashed, stored and never encoded again.
//!
//! One sequence of bytes for each entry: fixed order, big-endian numbers, a u32 length before every variable part,
//! attributes sorted by name without repetition. What does not read back to the same bytes is refused, so
//! `encode(decode(x)) == x` for every `x` that decodes.

use bytes::Bytes;
use names::{BootId, EventId, LogId, MAX_IDENTITY_BYTES};
use uuid::Uuid;

use crate::event::{Body, Event, IDENTITY_ATTRIBUTE, KeyOperation, MAX_PRODUCER_BYTES, MAX_RESOURCE_BYTES, Outcome};
use crate::hash::{Hash, length_prefix};

mod reader;

pub use reader::DecodeError;
use reader::Reader;

const ENTRY_LABEL: &[u8] = b"strongroom/audit/entry/v1\0";

/// Longest entry in bytes.
pub const MAX_ENTRY_BYTES: usize = 48 * 1024;
/// Longest action that the table of entries takes, in bytes: more than an event of this version has.
pub const MAX_CODE_COLUMN_BYTES: usize = 1024;

/// Where an event stands in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The log.
    pub log_id: LogId,
    /// Index in the log, from 0.
    pub index: u64,
    /// Head before the entry.
    pub previous_head: Hash,
    /// When it was logged, nanoseconds since 1970; never less than that of the entry before.
    pub logged_ns: i64,
}

/// An entry read from its bytes, which it borrows.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Where it stands.
    pub place: Place,
    /// Id of the event.
    pub event_id: EventId,
    /// Name of the service that reported it.
    pub producer: &'a str,
    /// When it happened, as its producer says: nanoseconds since 1970.
    pub time_ns: i64,
    /// Identity of the caller.
    pub actor: &'a str,
    /// Whom the caller acted for; empty for itself.
    pub on_behalf_of: &'a str,
    /// What was done.
    pub action: &'a str,
    /// Full resource name.
    pub resource: &'a str,
    /// How it ended.
    pub outcome: Outcome,
    /// Purpose given.
    pub purpose: &'a str,
    /// Reference given.
    pub reference: &'a str,
    /// The key operation that was used.
    pub key_operation: Option<KeyOperation>,
    /// Kind and content of the body, where there is one.
    pub body: Option<EntryBody<'a>>,
    attributes: &'a [u8],
}

/// A [`Body`] in an entry's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryBody<'a> {
    /// What the content is.
    pub kind: &'a str,
    /// The content.
    pub content: &'a [u8],
}

/// The columns that are derived from an entry's bytes for search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns<'a> {
    /// `event_id`.
    pub event_id: EventId,
    /// `logged_at` in microseconds since 1970: the time logged, cut to what PostgreSQL keeps.
    pub logged_us: i64,
    /// `producer`.
    pub producer: &'a str,
    /// `actor`.
    pub actor: &'a str,
    /// `action`.
    pub action: &'a str,
    /// `resource`.
    pub resource: &'a str,
    /// `outcome`.
    pub outcome: i16,
    /// `key_boot` and `key_counter`.
    pub key_operation: Option<KeyOperation>,
}

/// Encodes an event at its place. The event must have passed [`Event::check`].
pub fn encode(place: &Place, event: &Event) -> Bytes {
    let texts = [&event.producer, &event.actor, &event.on_behalf_of, &event.action, &event.resource];
    let attributes = event.attributes.iter().map(|(name, value)| name.len() + value.len() + 8);
    let body = event.body.as_ref().map_or(0, |body| body.kind.len() + body.content.len() + 4);
    let variable = texts.iter().map(|text| text.len()).sum::<usize>() + attributes.sum::<usize>() + body;
    let mut out = Vec::with_capacity(256 + event.purpose.len() + event.reference.len() + variable);
    out.extend_from_slice(ENTRY_LABEL);
    out.extend_from_slice(place.log_id.as_bytes());
    out.extend_from_slice(&place.index.to_be_bytes());
    out.extend_from_slice(&place.previous_head);
    out.extend_from_slice(event.event_id.as_bytes());
    put_text(&mut out, &event.producer);
    out.extend_from_slice(&event.time.as_nanos().to_be_bytes());
    out.extend_from_slice(&place.logged_ns.to_be_bytes());
    put_text(&mut out, &event.actor);
    put_text(&mut out, &event.on_behalf_of);
    put_text(&mut out, &event.action);
    put_text(&mut out, &event.resource);
    out.push(event.outcome.number());
    put_text(&mut out, &event.purpose);
    put_text(&mut out, &event.reference);
    match &event.key_operation {
        Some(operation) => {
            out.extend_from_slice(operation.boot.as_bytes());
            out.extend_from_slice(&operation.counter.to_be_bytes());
        }
        None => out.extend_from_slice(&[0; 24]),
    }
    out.extend_from_slice(&length_prefix(event.attributes.len()));
    for (name, value) in &event.attributes {
        put_text(&mut out, name);
        put_text(&mut out, value);
    }
    put_body(&mut out, event.body.as_ref());
    Bytes::from(out)
}

/// Length u32 of what follows, 0 for none; then the kind behind its length, and the content.
fn put_body(out: &mut Vec<u8>, body: Option<&Body>) {
    let Some(body) = body else { return out.extend_from_slice(&length_prefix(0)) };
    out.extend_from_slice(&length_prefix(4 + body.kind.len() + body.content.len()));
    put_text(out, &body.kind);
    out.extend_from_slice(&body.content);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&length_prefix(text.len()));
    out.extend_from_slice(text.as_bytes());
}

/// Reads an entry without copying it. Refuses unknown versions, trailing bytes and whatever `encode` never writes.
pub fn decode(bytes: &[u8]) -> Result<Entry<'_>, DecodeError> {
    if bytes.len() > MAX_ENTRY_BYTES {
        return Err(DecodeError::TooLong);
    }
    let mut reader = Reader::new(bytes);
    reader.label(ENTRY_LABEL)?;
    let log_id = LogId::new(Uuid::from_bytes(reader.array("log id")?));
    let index = u64::from_be_bytes(reader.array("index")?);
    if i64::try_from(index).is_err() {
        return Err(DecodeError::Index);
    }
    let previous_head = reader.array("previous head")?;
    let event_id = EventId::new(Uuid::from_bytes(reader.array("event id")?));
    let producer = reader.text("producer")?;
    let time_ns = i64::from_be_bytes(reader.array("time produced")?);
    let logged_ns = i64::from_be_bytes(reader.array("time logged")?);
    let entry = Entry {
        place: Place { log_id, index, previous_head, logged_ns },
        event_id,
        producer,
        time_ns,
        actor: reader.text("actor")?,
        on_behalf_of: reader.text("on behalf of")?,
        action: reader.text("action")?,
        resource: reader.text("resource")?,
        outcome: Outcome::from_number(reader.byte("outcome")?).ok_or(DecodeError::NoOutcome)?,
        purpose: reader.text("purpose")?,
        reference: reader.text("reference")?,
        key_operation: key_operation(&mut reader)?,
        attributes: attributes(&mut reader)?,
        body: body(&mut reader)?,
    };
    reader.end()?;
    Ok(entry)
}

fn key_operation(reader: &mut Reader<'_>) -> Result<Option<KeyOperation>, DecodeError> {
    let boot = Uuid::from_bytes(reader.array("key operation")?);
    let counter = u64::from_be_bytes(reader.array("key operation")?);
    match (boot.is_nil(), counter) {
        (true, 0) => Ok(None),
        (true, _) => Err(DecodeError::KeyOperation),
        (false, _) if i64::try_from(counter).is_err() => Err(DecodeError::KeyOperation),
        (false, _) => Ok(Some(KeyOperation { boot: BootId::new(boot), counter })),
    }
}

/// Checks the attributes and returns their bytes without the count.
fn attributes<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let count = u32::from_be_bytes(reader.array("attributes")?);
    let all = reader.rest();
    let mut before: Option<&str> = None;
    for _ in 0..count {
        let name = reader.text("attributes")?;
        reader.text("attributes")?;
        if before.is_some_and(|before| before >= name) {
            return Err(DecodeError::AttributeOrder);
        }
        before = Some(name);
    }
    let length = all.len() - reader.rest().len();
    Ok(all.split_at_checked(length).map_or(all, |(attributes, _)| attributes))
}

fn body<'a>(reader: &mut Reader<'a>) -> Result<Option<EntryBody<'a>>, DecodeError> {
    let bytes = reader.bytes("body")?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader::new(bytes);
    Ok(Some(EntryBody { kind: reader.text("body")?, content: reader.rest() }))
}

impl Columns<'_> {
    /// Whether a table of entries takes the texts: its CHECKs hold, and PostgreSQL's texts hold no NUL. What a later version
    /// reports under longer codes fits as well.
    pub fn are_storable(&self) -> bool {
        let fits = |text: &str, limit: usize| text.len() <= limit && !text.contains('\0');
        let required = [self.producer, self.actor, self.action].iter().all(|text| !text.is_empty());
        required
            && fits(self.producer, MAX_PRODUCER_BYTES)
            && fits(self.actor, MAX_IDENTITY_BYTES)
            && fits(self.action, MAX_CODE_COLUMN_BYTES)
            && fits(self.resource, MAX_RESOURCE_BYTES)
    }
}

impl<'a> Entry<'a> {
    /// The attributes in the order of their names.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut reader = Reader::new(self.attributes);
        std::iter::from_fn(move || Some((reader.text("attributes").ok()?, reader.text("attributes").ok()?)))
    }

    /// Whether it is the entry of this event: everything is the same but its place and the identity that reported it.
    pub fn is_of(&self, event: &Event) -> bool {
        let body = event.body.as_ref();
        self.event_id == event.event_id
            && self.producer == event.producer
            && self.time_ns == event.time.as_nanos()
            && self.actor == event.actor
            && self.on_behalf_of == event.on_behalf_of
            && self.action == event.action
            && self.resource == event.resource
            && self.outcome == event.outcome
            && self.purpose == event.purpose
            && self.reference == event.reference
            && self.key_operation == event.key_operation
            && self.attributes().filter(|(name, _)| *name != IDENTITY_ATTRIBUTE).eq(event.own_attributes())
            && self.body == body.map(|body| EntryBody { kind: &body.kind, content: &body.content })
    }

    /// The columns derived from it.
    pub fn columns(&self) -> Columns<'a> {
        Columns {
            event_id: self.event_id,
            logged_us: self.place.logged_ns.div_euclid(1000),
            producer: self.producer,
            actor: self.actor,
            action: self.action,
            resource: self.resource,
            outcome: i16::from(self.outcome.number()),
            key_operation: self.key_operation,
        }
    }
}
