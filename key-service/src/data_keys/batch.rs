//! A batch of requests about data keys, and what became of each.

use std::sync::Arc;

use bytes::Bytes;
use envelope::{EncryptionContext, wrap};
use names::{EventId, KeyName, OnBehalfOf};
use rpc::Failure;
use tonic::Code;

use crate::error::Error;
use crate::key::Key;
use crate::operations::Operation;

/// What a data key is bound to.
#[derive(Debug)]
pub struct Binding {
    /// The key.
    pub key: KeyName,
    /// Data subject; empty for none.
    pub subject: String,
    /// Whom the caller acts for.
    pub on_behalf_of: Option<OnBehalfOf>,
    /// Encryption context.
    pub context: EncryptionContext,
}

/// A wrapped data key and what it is bound to.
#[derive(Debug)]
pub struct Wrapped {
    /// What it is bound to.
    pub binding: Binding,
    /// The wrapped data key.
    pub bytes: Bytes,
}

/// A request about one data key.
pub(super) trait Asked {
    /// What the data key is bound to.
    fn binding(&self) -> &Binding;

    /// The version that it is about: the primary one for a new data key, otherwise the one that the wrapped key's header
    /// names, 0 where it has none.
    fn version(&self, key: &Key) -> u32;
}

impl Asked for Binding {
    fn binding(&self) -> &Binding {
        self
    }

    fn version(&self, key: &Key) -> u32 {
        key.primary_version
    }
}

impl Asked for Wrapped {
    fn binding(&self) -> &Binding {
        &self.binding
    }

    fn version(&self, _key: &Key) -> u32 {
        wrap::header(&self.bytes).map_or(0, |header| header.version)
    }
}

/// What became of one data key.
#[derive(Debug)]
pub struct Done<T> {
    /// The data key: in the clear, wrapped, or both.
    pub result: T,
    /// The version that wraps it now: `keys/{key}/versions/{version}`.
    pub version: Arc<str>,
    /// The number of this use.
    pub operation: Operation,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Batch<T> {
    /// A result for each request, in their order.
    pub results: Vec<Result<Done<T>, Failure>>,
    /// The event that accounts for the first of them.
    pub event: EventId,
}

/// Why one request of a batch is refused.
#[derive(Debug, Clone)]
pub(super) struct Refused(pub(super) Failure);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error.into())
    }
}

impl Refused {
    /// What its event says.
    pub(super) fn reason(&self) -> &'static str {
        match (self.0.reason(), self.0.code()) {
            ("", Code::NotFound) => "NOT_FOUND",
            ("", Code::InvalidArgument) => "INVALID_ARGUMENT",
            ("", _) => "INTERNAL",
            (reason, _) => reason,
        }
    }
}

/// What each request came to: the result and the version that wraps it, or why there is none.
pub(super) type Attempted<R> = Vec<Result<(R, Arc<str>), Refused>>;

/// Does what can be done of a batch.
pub(super) fn attempt<T, R>(requests: &[T], work: impl FnMut(&T) -> Result<(R, Arc<str>), Refused>) -> Attempted<R> {
    requests.iter().map(work).collect()
}

/// Says that the bytes do not open, or passes on what went wrong otherwise.
pub(super) fn mismatch(error: envelope::Error) -> Error {
    match error {
        envelope::Error::DoesNotOpen | envelope::Error::Malformed => Error::ContextMismatch,
        other => Error::Envelope(other),
    }
}
