//! Why a text is not the id or name it should be.

use std::borrow::Cow;
use std::fmt;

/// How much of a refused text an error repeats, in characters.
const MAX_ECHO: usize = 64;

/// A text that is not what it should be. Shown to callers: it repeats at most 64 characters of theirs, and none where
/// the text may be about a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not {kind}: {hint}", Echo(.input.as_deref()))]
pub struct NameError {
    kind: Kind,
    input: Option<Box<str>>,
    hint: Cow<'static, str>,
}

impl NameError {
    pub(crate) fn new(kind: Kind, input: &str, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, input: Some(clip(input)), hint: hint.into() }
    }

    /// As [`new`](Self::new), for a text that is not repeated.
    pub(crate) fn without_input(kind: Kind) -> Self {
        Self { kind, input: None, hint: format!("expected {}", kind.form()).into() }
    }

    /// What the text should have been.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text, cut after 64 characters; empty where it is not repeated.
    pub fn input(&self) -> &str {
        self.input.as_deref().unwrap_or_default()
    }

    /// What to do about it, for the caller.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

/// A refused text as an error begins with it.
struct Echo<'a>(Option<&'a str>);

impl fmt::Display for Echo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(input) => write!(f, "{input:?}"),
            None => f.write_str("this"),
        }
    }
}

fn clip(input: &str) -> Box<str> {
    match input.char_indices().nth(MAX_ECHO) {
        Some((end, _)) => input.get(..end).unwrap_or_default().into(),
        None => input.into(),
    }
}

/// What a text should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The id of a place that a caller chooses: a tenant, a collection, a key.
    Id,
    /// The id of what an application keeps: a record, a user.
    ItemId,
    /// A UUID as the API writes it.
    Uid,
    /// `tenants/{tenant}`
    Tenant,
    /// `tenants/{tenant}/users/{user}`
    User,
    /// `tenants/{tenant}/collections/{collection}`
    Collection,
    /// `tenants/{tenant}/collections/{collection}/records/{record}`
    Record,
    /// `keys/{key}`
    Key,
    /// `keys/{key}/versions/{version}`
    KeyVersion,
    /// `logs/{tenant}` or `logs/system`
    Log,
    /// `logs/{log}/entries/{index}`
    Entry,
    /// An etag.
    Etag,
    /// For whom a call is made.
    OnBehalfOf,
}

impl Kind {
    /// The form that is expected, for hints.
    pub(crate) fn form(self) -> &'static str {
        match self {
            Self::Id => "[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?",
            Self::ItemId => "[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?",
            Self::Uid => "a UUID in lower case with hyphens",
            Self::Tenant => "tenants/{tenant}",
            Self::User => "tenants/{tenant}/users/{user}",
            Self::Collection => "tenants/{tenant}/collections/{collection}",
            Self::Record => "tenants/{tenant}/collections/{collection}/records/{record}",
            Self::Key => "keys/{key}",
            Self::KeyVersion => "keys/{key}/versions/{version}",
            Self::Log => "logs/{tenant} or logs/system",
            Self::Entry => "logs/{log}/entries/{index}",
            Self::Etag => "the etag of an earlier answer",
            Self::OnBehalfOf => "tenants/{tenant}/users/{user} or [A-Za-z0-9._:/-]{1,64}, never an e-mail address",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id | Self::ItemId => "an id",
            Self::Uid => "a uid",
            Self::Tenant => "the name of a tenant",
            Self::User => "the name of a user",
            Self::Collection => "the name of a collection",
            Self::Record => "the name of a record",
            Self::Key => "the name of a key",
            Self::KeyVersion => "the name of a key version",
            Self::Log => "the name of a log",
            Self::Entry => "the name of an entry",
            Self::Etag => "an etag",
            Self::OnBehalfOf => "a user or a reference to one",
        })
    }
}
