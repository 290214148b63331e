//! Who calls, and for whom: the limit of an identity, and the person or program that a caller names.

use std::fmt;
use std::str::FromStr;

use crate::error::{Kind, NameError};
use crate::id::TenantId;
use crate::parse::ids;

/// The longest identity of a caller, in bytes: the limit of the SPIFFE ID specification (section 2.3). It is the one
/// limit everywhere: at the handshake, in the policy, in events and in entries.
pub const MAX_IDENTITY_BYTES: usize = 2048;

/// The longest text without the form of a user's name, in bytes.
const MAX_REFERENCE: usize = 64;
/// The longest id of a user, in bytes.
const MAX_USER_ID: usize = 64;
/// The longest text that is looked at, in bytes: more than the longest name of a user.
const MAX_LENGTH: usize = 200;

/// For whom a call is made: the name of a user, or a reference to somebody whom the caller knows. Never an e-mail
/// address: what stands in an audit entry stands there for good.
///
/// Either `tenants/{tenant}/users/{user}`, where the user's id is `[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?`, or
/// `[A-Za-z0-9._:/-]{1,64}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OnBehalfOf(Box<str>);

impl OnBehalfOf {
    /// As a request carries it: nobody where the text is empty.
    pub fn parse_optional(text: &str) -> Result<Option<Self>, NameError> {
        if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OnBehalfOf {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_taken = text.len() <= MAX_LENGTH && (is_reference(text) || is_user_name(text));
        // The refused text is not repeated: where an address of a person is refused, it goes into no log either.
        if is_taken { Ok(Self(text.into())) } else { Err(NameError::without_input(Kind::OnBehalfOf)) }
    }
}

impl fmt::Display for OnBehalfOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_reference(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/' | b'-');
    (1..=MAX_REFERENCE).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn is_user_name(text: &str) -> bool {
    ids(Kind::User, text, ["tenants", "users"])
        .is_ok_and(|[tenant, user]| TenantId::new(tenant).is_ok() && is_user_id(user))
}

fn is_user_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_middle = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    bytes.len() <= MAX_USER_ID && is_end(bytes.first()) && is_end(bytes.last()) && id.bytes().all(is_middle)
}
