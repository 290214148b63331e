//! Ids that callers choose. Those of places (tenants, collections, keys) match `[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?`; those of
//! what an application keeps (records, users) are taken from other systems as they are, with upper case and up to 64
//! characters as in FHIR: `[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?`. Case makes a difference.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::error::{Kind, NameError};

/// The longest id of a place, in bytes.
const MAX_PLACE: usize = 63;
/// The longest id of a record or user, in bytes.
const MAX_ITEM: usize = 64;
/// The tenant id that would take the name of the log of the system itself.
const SYSTEM: &str = "system";

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks `id` against the rule of the [module](self).
            pub fn new(id: &str) -> Result<Self, NameError> {
                check($kind, id)?;
                Ok(Self(id.into()))
            }

            /// The id that is given where the caller gives none: the UUID as text.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid.hyphenated().to_string().into())
            }

            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(id: &str) -> Result<Self, NameError> {
                Self::new(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id! {
    /// The id of a tenant.
    TenantId, Kind::Id
}
id! {
    /// The id of a collection within its tenant.
    CollectionId, Kind::Id
}
id! {
    /// The id of a record within its collection.
    RecordId, Kind::ItemId
}
id! {
    /// The id of a key.
    KeyId, Kind::Id
}
id! {
    /// The id of a user within their tenant.
    UserId, Kind::ItemId
}

impl TenantId {
    /// As [`new`](Self::new), for a tenant that is to be created: `system` is refused, whose log would be `logs/system`.
    pub fn new_for_create(id: &str) -> Result<Self, NameError> {
        if id == SYSTEM {
            return Err(NameError::new(Kind::Id, id, "this id is reserved; choose another one"));
        }
        Self::new(id)
    }
}

fn check(kind: Kind, id: &str) -> Result<(), NameError> {
    if is_id(kind, id) { Ok(()) } else { Err(NameError::new(kind, id, hint(kind, id))) }
}

fn is_id(kind: Kind, id: &str) -> bool {
    let is_item = kind == Kind::ItemId;
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || is_item && byte.is_ascii_uppercase();
    let between = |byte: u8| matches!(byte, b'.' | b'-') || is_item && byte == b'_';
    let bytes = id.as_bytes();
    let ends = bytes.first().is_some_and(|byte| inner(*byte)) && bytes.last().is_some_and(|byte| inner(*byte));
    bytes.len() <= longest(kind) && ends && bytes.iter().all(|byte| inner(*byte) || between(*byte))
}

fn longest(kind: Kind) -> usize {
    if kind == Kind::ItemId { MAX_ITEM } else { MAX_PLACE }
}

/// The first thing to change.
fn hint(kind: Kind, id: &str) -> String {
    if id.is_empty() {
        return "an id has at least one character".into();
    }
    if id.len() > longest(kind) {
        return format!("an id has at most {} characters", longest(kind));
    }
    let lower = id.to_ascii_lowercase();
    if lower != id && is_id(kind, &lower) {
        return format!("ids are lower case, try {lower:?}");
    }
    let inner = id.trim_matches(['.', '-', '_']);
    if inner != id && is_id(kind, inner) {
        return format!("an id begins and ends with a letter or digit, try {inner:?}");
    }
    format!("expected {}", kind.form())
}
