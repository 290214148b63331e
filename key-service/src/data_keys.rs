//! Generating, unwrapping and rewrapping data keys. Each request of a batch has a result of its own; what cannot be accounted
//! for, or not be asked of the database, fails as a whole.
//!
//! # Layout
//! - `material`: the keys and subject keys that a batch works with
//! - `account`: numbers and events of uses and of refusals

mod account;
mod material;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use envelope::wrap::{self, Fresh};
use envelope::{DataKey, EncryptionContext};
use names::{BootId, EventId, KeyName, OnBehalfOf};
use rpc::{Failure, Granted};

use crate::core::Core;
use crate::error::Error;
use crate::key::Key;
use crate::metrics::DoneCounters;
use crate::operations::{Action, Operation, Operations};
use crate::permissions::{DataKeysGenerate, DataKeysRewrap, DataKeysUnwrap};
use crate::root::RootKey;
use crate::subjects::Subjects;
use crate::wrap_counts::WrapCounts;
use account::{Attempted, Uses, attempt};

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
pub(crate) trait Asked {
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

/// The use cases of data keys.
#[derive(Debug)]
pub struct DataKeys {
    core: Arc<Core>,
    pub(crate) subjects: Subjects,
    pub(crate) operations: Operations,
    pub(crate) wrap_counts: WrapCounts,
    done: DoneCounters,
}

impl DataKeys {
    pub(crate) fn new(core: Arc<Core>, root: Arc<RootKey>) -> Self {
        let subjects = Subjects::new(Arc::clone(&core.store), root, Arc::clone(&core.clock));
        let boot = BootId::new(clock::uuid_v7(core.clock.as_ref()));
        let operations = Operations::new(boot, Arc::clone(&core.clock));
        let (wrap_counts, done) = (WrapCounts::default(), DoneCounters::default());
        Self { core, subjects, operations, wrap_counts, done }
    }

    /// Makes data keys under the primary versions, each in the clear and wrapped. Does not wait for the event, unless there
    /// are refusals.
    pub async fn generate(
        &self,
        granted: &[Granted<DataKeysGenerate>],
        peer: IpAddr,
        bindings: &[Binding],
    ) -> Result<Batch<(DataKey, Vec<u8>)>, Error> {
        let uses = Uses::of(granted, peer, Action::Generate, bindings)?;
        self.admit()?;
        let material = self.material_for_wraps(uses.asking(), bindings).await?;
        let made = Fresh::with(bindings.len(), |fresh| {
            attempt(bindings, |binding| {
                let (key, primary) = material.primary(binding)?;
                let wrapping = material.wrapping_key(binding, key, primary)?;
                let made = wrap::generate(&wrapping, &binding.context, fresh).map_err(Error::Envelope)?;
                Ok((made, primary.name()))
            })
        });
        let made = made.map_err(Error::Envelope)?;
        self.count_wraps(&uses, &made, &material);
        self.account(&uses, made, &material).await
    }

    /// Opens wrapped data keys. The event is durable before this returns.
    pub async fn unwrap(
        &self,
        granted: &[Granted<DataKeysUnwrap>],
        peer: IpAddr,
        wrapped: &[Wrapped],
    ) -> Result<Batch<DataKey>, Error> {
        let uses = Uses::of(granted, peer, Action::Unwrap, wrapped)?;
        self.admit()?;
        let material = self.material_for_unwraps(wrapped).await?;
        let opened: Attempted<DataKey> = attempt(wrapped, |one| {
            let (key, version) = material.named_by(one)?;
            let wrapping = material.wrapping_key(&one.binding, key, version)?;
            let opened = wrap::unwrap(&wrapping, &one.binding.context, &one.bytes).map_err(mismatch)?;
            Ok((opened, version.name()))
        });
        self.account(&uses, opened, &material).await
    }

    /// Wraps data keys anew under the primary versions. The event is durable before this returns.
    pub async fn rewrap(
        &self,
        granted: &[Granted<DataKeysRewrap>],
        peer: IpAddr,
        wrapped: &[Wrapped],
    ) -> Result<Batch<Vec<u8>>, Error> {
        let uses = Uses::of(granted, peer, Action::Rewrap, wrapped)?;
        self.admit()?;
        let material = self.material_for_unwraps(wrapped).await?;
        let made = attempt(wrapped, |one| {
            let (key, version) = material.named_by(one)?;
            let old = material.wrapping_key(&one.binding, key, version)?;
            let primary = key.primary()?;
            let new = material.wrapping_key(&one.binding, key, primary)?;
            let made = wrap::rewrap(&old, &new, &one.binding.context, &one.bytes).map_err(mismatch)?;
            Ok((made, primary.name()))
        });
        self.count_wraps(&uses, &made, &material);
        self.account(&uses, made, &material).await
    }
}

/// Says that the bytes do not open, or passes on what went wrong otherwise.
fn mismatch(error: envelope::Error) -> Error {
    match error {
        envelope::Error::DoesNotOpen | envelope::Error::Malformed => Error::ContextMismatch,
        other => Error::Envelope(other),
    }
}
