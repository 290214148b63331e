//! The enumerations of stored rows. A value that this version does not know was written by a later one: it is kept as it
//! is written, and handled as the strictest of those that are known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest value that a later version may bring, in bytes.
const MAX_LENGTH: usize = 32;

/// A value that this version does not know: `[A-Za-z][A-Za-z0-9_]{0,31}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(Box<str>);

/// A text that is no value of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must match [A-Za-z][A-Za-z0-9_]{{0,31}}")]
pub struct NoKind;

impl Unknown {
    fn new(text: String) -> Result<Self, NoKind> {
        let is_form = text.len() <= MAX_LENGTH
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_form { Ok(Self(text.into())) } else { Err(NoKind) }
    }
}

/// Declares an enumeration that is stored as text.
macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $value:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            $($(#[$value_meta])* $value,)+
            /// Of a later version.
            Unknown(Unknown),
        }

        impl $name {
            /// As it is stored.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$value => $text,)+
                    Self::Unknown(Unknown(text)) => text,
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NoKind;

            fn try_from(text: String) -> Result<Self, NoKind> {
                match text.as_str() {
                    $($text => Ok(Self::$value),)+
                    _ => Unknown::new(text).map(Self::Unknown),
                }
            }
        }

        impl From<$name> for String {
            fn from(kind: $name) -> Self {
                kind.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

kinds! {
    /// What kind of regulated data a field holds. An unknown one is handled as [`Classification::Unspecified`].
    #[derive(Default)]
    Classification {
        /// Not said: treated as the most sensitive.
        #[default]
        Unspecified = "unspecified",
        /// Not regulated.
        None = "none",
        /// Personally identifiable information.
        Pii = "pii",
        /// Protected health information.
        Phi = "phi",
        /// Payment card data.
        Pci = "pci",
        /// What opens something else: a password, a token, a private key.
        Credential = "credential",
    }
}

kinds! {
    /// How a field is stored. An unknown one is handled as [`Treatment::NeverStore`].
    #[derive(Default)]
    Treatment {
        /// Sealed under the revision's data key.
        #[default]
        Encrypt = "encrypt",
        /// Refused.
        NeverStore = "never_store",
    }
}

kinds! {
    /// A JSON type that a policy may ask for. An unknown one is asked for too: only null has every type.
    WantedType {
        /// A string.
        String = "string",
        /// A number.
        Number = "number",
        /// `true` or `false`.
        Bool = "bool",
        /// An object.
        Object = "object",
        /// An array.
        Array = "array",
    }
}

kinds! {
    /// Where a tenant stands. In an unknown state its data is not served.
    TenantState {
        /// In use.
        Active = "ACTIVE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_later_version_is_kept_as_it_is_written() {
        let read = |text: &str| serde_json::from_str::<Treatment>(text).unwrap();
        assert_eq!(read("\"never_store\""), Treatment::NeverStore);
        let later = read("\"tokenize_2\"");
        assert!(matches!(later, Treatment::Unknown(_)));
        assert_eq!(serde_json::to_string(&later).unwrap(), "\"tokenize_2\"");
    }

    #[test]
    fn what_is_no_value_of_any_version_is_refused() {
        for bad in ["", "1a", "a b", "a-b", "ä", &"x".repeat(33)] {
            assert_eq!(Classification::try_from(bad.to_owned()), Err(NoKind), "{bad}");
        }
        assert!(Classification::try_from("x".repeat(32)).is_ok());
    }
}
