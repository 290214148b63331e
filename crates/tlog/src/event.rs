//! An event: what a service reports, before it has a place in a log.
//!
//! What may stand in it is a form with a length, not a list: an older audit-service seals, shows and verifies what a newer
//! service reports under names made up later. The forms are wide enough for identities, resource names, ids, codes and
//! counts, and too narrow for text that a caller typed: no blank, no quote, no control character.

use std::collections::BTreeMap;

use clock::Timestamp;
use names::{BootId, EventId, LogName, MAX_IDENTITY_BYTES};

/// Longest name of a producer in bytes.
pub const MAX_PRODUCER_BYTES: usize = 63;
/// Longest `on_behalf_of` in bytes.
pub const MAX_ON_BEHALF_OF_BYTES: usize = 200;
/// Longest action, purpose or reference in bytes.
pub const MAX_CODE_BYTES: usize = 64;
/// Longest resource name in bytes.
pub const MAX_RESOURCE_BYTES: usize = 1024;
/// Most attributes of an event.
pub const MAX_ATTRIBUTES: usize = 32;
/// Longest name of an attribute in bytes.
pub const MAX_ATTRIBUTE_NAME_BYTES: usize = 32;
/// Longest value of an attribute in bytes.
pub const MAX_ATTRIBUTE_BYTES: usize = 4096;
/// Most bytes of all attributes together, names and values.
pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1024;
/// Longest kind of a body in bytes.
pub const MAX_BODY_KIND_BYTES: usize = 32;
/// Longest content of a body in bytes.
pub const MAX_BODY_BYTES: usize = 8 * 1024;

/// The attribute that audit-service adds: the identity that spoke for the producer. It says how the event came, not what it
/// is: the same event that comes again under another identity of its producer is the same.
pub const IDENTITY_ATTRIBUTE: &str = "identity";

/// How an operation ended: a number from 1 to 255, of which four have names today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outcome(u8);

impl Outcome {
    /// Done.
    pub const OK: Self = Self(1);
    /// Refused: not allowed.
    pub const DENIED: Self = Self(2);
    /// Refused: bad input or a precondition.
    pub const REFUSED: Self = Self(3);
    /// Failed.
    pub const FAILED: Self = Self(4);

    /// The outcome with this number in an entry, a column and the API. `None` for 0.
    pub const fn from_number(number: u8) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    /// Its number in an entry, a column and the API.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A numbered operation of key-service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOperation {
    /// The process that did it. Never the nil UUID, which stands for no operation.
    pub boot: BootId,
    /// Its number in that process, at most `i64::MAX`, which is what a column holds.
    pub counter: u64,
}

/// What an event carries beside its fields: bytes of a stated kind, for events that need more than ids and codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What the content is: `[a-z][a-z0-9_]{0,31}`.
    pub kind: String,
    /// The content, in the encoding of its kind.
    pub content: Vec<u8>,
}

/// An event. [`Event::check`] says whether a log takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Makes the event exactly once in its log, among those of its producer.
    pub event_id: EventId,
    /// The log that it belongs to.
    pub log: LogName,
    /// Name of the service that reports it. Empty until audit-service, which knows who calls, has filled it in.
    pub producer: String,
    /// When it happened, as its producer says.
    pub time: Timestamp,
    /// Identity of the caller.
    pub actor: String,
    /// Whom the caller acted for; empty for itself.
    pub on_behalf_of: String,
    /// What was done: the permission that it needs, e.g. `records.reveal`.
    pub action: String,
    /// Full resource name; empty where the call named none that parses.
    pub resource: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Purpose given: an id of the collection's list.
    pub purpose: String,
    /// Reference given: `[A-Za-z0-9._:/-]{0,64}`.
    pub reference: String,
    /// The key operation that was used.
    pub key_operation: Option<KeyOperation>,
    /// Ids, codes and counts under names of the form `[a-z][a-z0-9_]{0,31}`.
    pub attributes: BTreeMap<String, String>,
    /// More, where ids and codes are not enough.
    pub body: Option<Body>,
}

/// Why a log will never take an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// A field that must be set is empty.
    #[error("{field} is required")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field is longer than it may be, or has too many parts.
    #[error("{field} is longer than {limit}")]
    TooLong {
        /// The field.
        field: &'static str,
        /// Most bytes, or most attributes.
        limit: usize,
    },
    /// A field is no id or code of its form.
    #[error("{field} must be an id or a code, not free text")]
    Form {
        /// The field.
        field: &'static str,
    },
    /// The time lies before 1970.
    #[error("time must not lie before 1970")]
    Time,
    /// The key operation has the nil UUID as its boot id, or a counter beyond `i64::MAX`.
    #[error("key operation without a boot id, or with too large a counter")]
    KeyOperation,
}

impl Event {
    /// An event with its required parts and outcome OK; the rest is set field by field.
    pub fn new(event_id: EventId, log: LogName, time: Timestamp, actor: &str, action: &str) -> Self {
        Self {
            event_id,
            log,
            producer: String::new(),
            time,
            actor: actor.to_owned(),
            on_behalf_of: String::new(),
            action: action.to_owned(),
            resource: String::new(),
            outcome: Outcome::OK,
            purpose: String::new(),
            reference: String::new(),
            key_operation: None,
            attributes: BTreeMap::new(),
            body: None,
        }
    }

    /// The same event with one more attribute.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and names are given as they are")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.attributes.insert(name.to_owned(), value.to_string());
        self
    }

    /// The attributes that say what the event is: all but [`IDENTITY_ATTRIBUTE`].
    pub(crate) fn own_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| *name != IDENTITY_ATTRIBUTE)
    }

    /// Whether both are the same event, however each came.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let bare = |event: &Self| Self { attributes: BTreeMap::new(), ..event.clone() };
        self.own_attributes().eq(other.own_attributes()) && bare(self) == bare(other)
    }

    /// Checks everything that the codec relies on, and that the event carries ids and codes only.
    pub fn check(&self) -> Result<(), EventError> {
        let required = [("producer", &self.producer), ("actor", &self.actor), ("action", &self.action)];
        if let Some((field, _)) = required.into_iter().find(|(_, value)| value.is_empty()) {
            return Err(EventError::Missing { field });
        }
        if self.time.as_nanos() < 0 {
            return Err(EventError::Time);
        }
        check_form("producer", &self.producer, MAX_PRODUCER_BYTES, is_producer)?;
        check_form("actor", &self.actor, MAX_IDENTITY_BYTES, is_graphic)?;
        check_form("on_behalf_of", &self.on_behalf_of, MAX_ON_BEHALF_OF_BYTES, |text| is_of(text, b"._:/-"))?;
        check_form("action", &self.action, MAX_CODE_BYTES, is_action)?;
        check_form("resource", &self.resource, MAX_RESOURCE_BYTES, |text| is_of(text, b"._/-"))?;
        check_form("purpose", &self.purpose, MAX_CODE_BYTES, |text| is_of(text, b"._-"))?;
        check_form("reference", &self.reference, MAX_CODE_BYTES, |text| is_of(text, b"._:/-"))?;
        let operation_holds =
            |operation: &KeyOperation| !operation.boot.as_uuid().is_nil() && i64::try_from(operation.counter).is_ok();
        if !self.key_operation.as_ref().is_none_or(operation_holds) {
            return Err(EventError::KeyOperation);
        }
        self.check_attributes()?;
        self.body.as_ref().map_or(Ok(()), check_body)
    }

    fn check_attributes(&self) -> Result<(), EventError> {
        if self.attributes.len() > MAX_ATTRIBUTES {
            return Err(EventError::TooLong { field: "attributes", limit: MAX_ATTRIBUTES });
        }
        let together: usize = self.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
        if together > MAX_ATTRIBUTES_BYTES {
            return Err(EventError::TooLong { field: "attributes", limit: MAX_ATTRIBUTES_BYTES });
        }
        for (name, value) in &self.attributes {
            check_form("attributes", name, MAX_ATTRIBUTE_NAME_BYTES, is_word)?;
            check_form("attributes", value, MAX_ATTRIBUTE_BYTES, |text| {
                is_spiffe_id(text) || is_of(text, b"._:/-,=+@%")
            })?;
        }
        Ok(())
    }
}

fn check_body(body: &Body) -> Result<(), EventError> {
    check_form("body", &body.kind, MAX_BODY_KIND_BYTES, is_word)?;
    if body.content.len() > MAX_BODY_BYTES {
        return Err(EventError::TooLong { field: "body", limit: MAX_BODY_BYTES });
    }
    Ok(())
}

fn check_form(
    field: &'static str,
    text: &str,
    limit: usize,
    holds: impl FnOnce(&str) -> bool,
) -> Result<(), EventError> {
    if text.len() > limit {
        return Err(EventError::TooLong { field, limit });
    }
    if holds(text) { Ok(()) } else { Err(EventError::Form { field }) }
}

/// `[a-z][a-z0-9-]*`: a service's name.
fn is_producer(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Identity of a caller, as its certificate has it.
fn is_graphic(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Permission that names what was done: two words with a dot between them.
fn is_action(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.split_once('.').is_some_and(|(family, verb)| word(family) && word(verb))
}

/// `[a-z][a-z0-9_]*`: the name of an attribute, the kind of a body.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// An identity may hold more characters than a code.
fn is_spiffe_id(text: &str) -> bool {
    text.starts_with("spiffe://") && is_graphic(text)
}

fn is_of(text: &str, besides: &[u8]) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || besides.contains(&byte))
}
