//! Ids that the system gives: UUIDs that are never given again, each with its own type.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::error::{Kind, NameError};
use crate::parse::malformed;

macro_rules! uid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Gives a UUID its meaning.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, for the database.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes of the UUID, in network order.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            /// Takes the one spelling that [`Display`](fmt::Display) gives: lower case, with hyphens.
            fn from_str(text: &str) -> Result<Self, NameError> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uid! {
    /// One run of key-service: its operations are numbered within it.
    BootId
}
uid! {
    /// A collection, whatever its name.
    CollectionUid
}
uid! {
    /// An event of the audit log.
    EventId
}
uid! {
    /// A key, whatever its name.
    KeyUid
}
uid! {
    /// A log of the audit service; made from its name (`tlog::log_id`).
    LogId
}
uid! {
    /// A record; a record that is created again under the same name has another one.
    RecordUid
}
uid! {
    /// A tenant, whatever its name.
    TenantUid
}

fn parse(text: &str) -> Result<Uuid, NameError> {
    let mut buffer = Uuid::encode_buffer();
    match Uuid::try_parse(text) {
        Ok(uuid) if *uuid.hyphenated().encode_lower(&mut buffer) == *text => Ok(uuid),
        _ => Err(malformed(Kind::Uid, text)),
    }
}
