//! Ids that callers choose, all under one rule: `[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?`.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::error::{Kind, NameError};

/// The longest id, in bytes.
const MAX_LENGTH: usize = 63;
/// The tenant id that would take the name of the log of the system itself.
const SYSTEM: &str = "system";

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks `id` against the rule of the [module](self).
            pub fn new(id: &str) -> Result<Self, NameError> {
                check(id)?;
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
    TenantId
}
id! {
    /// The id of a collection within its tenant.
    CollectionId
}
id! {
    /// The id of a record within its collection.
    RecordId
}
id! {
    /// The id of a key.
    KeyId
}
id! {
    /// The id of a user within their tenant.
    UserId
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

fn check(id: &str) -> Result<(), NameError> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = id.as_bytes();
    let ends = bytes.first().is_some_and(|byte| inner(*byte)) && bytes.last().is_some_and(|byte| inner(*byte));
    let middle = bytes.iter().all(|byte| inner(*byte) || matches!(byte, b'.' | b'-'));
    if bytes.len() <= MAX_LENGTH && ends && middle {
        return Ok(());
    }
    Err(NameError::new(Kind::Id, id, hint(id)))
}

/// The first thing to change.
fn hint(id: &str) -> String {
    if id.is_empty() {
        return "an id has at least one character".into();
    }
    if id.len() > MAX_LENGTH {
        return format!("an id has at most {MAX_LENGTH} characters");
    }
    let lower = id.to_ascii_lowercase();
    if lower != id && check(&lower).is_ok() {
        return format!("ids are lower case, try {lower:?}");
    }
    format!("expected {}", Kind::Id.form())
}
