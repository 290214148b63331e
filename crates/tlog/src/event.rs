//! An event: what a service reports, before it has a place in a log.

use std::collections::BTreeMap;

use names::{BootId, EventId};

/// Longest text field of an event in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;

/// Most attributes of an event.
pub const MAX_ATTRIBUTES: usize = 32;

/// Longest reference in bytes.
pub const MAX_REFERENCE_BYTES: usize = 64;

/// The attributes that an event may have: ids, codes and counts, never anything else that a caller typed.
pub const ATTRIBUTE_NAMES: [&str; 17] = [
    "boot",
    "code",
    "count",
    "digest",
    "etag",
    "fields",
    "first",
    "identity",
    "key_version",
    "last",
    "method",
    "names",
    "peer",
    "reason",
    "revision",
    "uid",
    "view",
];

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// Done.
    Ok = 1,
    /// Refused: not allowed.
    Denied = 2,
    /// Refused: bad input or a precondition.
    Refused = 3,
    /// Failed.
    Failed = 4,
}

impl Outcome {
    /// The outcome with this number in an entry, a column and the API. `None` for every other number.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Ok),
            2 => Some(Self::Denied),
            3 => Some(Self::Refused),
            4 => Some(Self::Failed),
            _ => None,
        }
    }

    /// Its number in an entry, a column and the API.
    pub fn number(self) -> u8 {
        match self {
            Self::Ok => 1,
            Self::Denied => 2,
            Self::Refused => 3,
            Self::Failed => 4,
        }
    }
}

/// A numbered operation of key-service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOperation {
    /// The process that did it. Never the nil UUID, which stands for no operation.
    pub boot: BootId,
    /// Its number in that process.
    pub counter: u64,
}

/// An event. [`Event::check`] says whether a log takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Makes the event exactly once in its log.
    pub event_id: EventId,
    /// SPIFFE ID of the service that reports it.
    pub producer: String,
    /// When it happened, as its producer says: nanoseconds since 1970.
    pub time_ns: i64,
    /// Identity of the caller.
    pub actor: String,
    /// Whom the caller acted for; empty for itself.
    pub on_behalf_of: String,
    /// What was done, e.g. `records.reveal`.
    pub action: String,
    /// Full resource name.
    pub resource: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Purpose given: an id of the collection's list.
    pub purpose: String,
    /// Reference given: `[A-Za-z0-9._:/-]{0,64}`.
    pub reference: String,
    /// The key operation that was used.
    pub key_operation: Option<KeyOperation>,
    /// Ids, codes and counts under names of [`ATTRIBUTE_NAMES`].
    pub attributes: BTreeMap<String, String>,
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
    /// A field has a character that it may not have.
    #[error("{field} has a character that is not allowed")]
    Character {
        /// The field.
        field: &'static str,
    },
    /// An attribute's name is not in [`ATTRIBUTE_NAMES`].
    #[error("an attribute is not on the list")]
    Attribute,
    /// The key operation's boot id is the nil UUID.
    #[error("key operation without a boot id")]
    KeyOperation,
}

impl Event {
    /// Checks everything that the codec relies on, and that the event carries ids and codes only.
    pub fn check(&self) -> Result<(), EventError> {
        for (field, value) in [("producer", &self.producer), ("actor", &self.actor), ("action", &self.action)] {
            if value.is_empty() {
                return Err(EventError::Missing { field });
            }
            check_text(field, value)?;
        }
        check_text("on_behalf_of", &self.on_behalf_of)?;
        check_text("resource", &self.resource)?;
        check_text("purpose", &self.purpose)?;
        check_reference(&self.reference)?;
        if self.key_operation.is_some_and(|operation| operation.boot.as_uuid().is_nil()) {
            return Err(EventError::KeyOperation);
        }
        if self.attributes.len() > MAX_ATTRIBUTES {
            return Err(EventError::TooLong { field: "attributes", limit: MAX_ATTRIBUTES });
        }
        for (name, value) in &self.attributes {
            if !ATTRIBUTE_NAMES.contains(&name.as_str()) {
                return Err(EventError::Attribute);
            }
            check_text("attributes", value)?;
        }
        Ok(())
    }
}

fn check_text(field: &'static str, value: &str) -> Result<(), EventError> {
    if value.len() > MAX_TEXT_BYTES {
        return Err(EventError::TooLong { field, limit: MAX_TEXT_BYTES });
    }
    if value.chars().any(char::is_control) {
        return Err(EventError::Character { field });
    }
    Ok(())
}

fn check_reference(value: &str) -> Result<(), EventError> {
    if value.len() > MAX_REFERENCE_BYTES {
        return Err(EventError::TooLong { field: "reference", limit: MAX_REFERENCE_BYTES });
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    if !value.bytes().all(allowed) {
        return Err(EventError::Character { field: "reference" });
    }
    Ok(())
}
