//! Generating, unwrapping and rewrapping data keys. Each request of a batch has a result of its own; what cannot be accounted
//! for, or not be asked of the database, fails as a whole.
//!
//! # Layout
//! - [`batch`]: what is asked for, and what became of it
//! - `material`: the keys and subject keys that a batch works with
//! - `account`: numbers and events of uses and of refusals

mod account;
pub mod batch;
mod material;

use std::net::IpAddr;
use std::sync::Arc;

use envelope::DataKey;
use envelope::wrap::{self, Fresh};
use names::{BootId, LogName};
use rpc::Granted;

use crate::core::Core;
use crate::error::Error;
use crate::metrics::DoneCounters;
use crate::operations::{Action, Operations};
use crate::permissions::{DataKeysGenerate, DataKeysRewrap, DataKeysUnwrap};
use crate::root::RootKey;
use crate::subjects::Subjects;
use crate::wrap_counts::WrapCounts;
use account::Uses;
use batch::{Attempted, Batch, Binding, Wrapped, attempt, mismatch};
use material::Material;

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
        let material = Material::for_wraps(&self.core, &self.subjects, uses.asking(), bindings).await?;
        let made = Fresh::with(bindings.len(), |fresh| {
            attempt(bindings, |binding| {
                let (key, primary) = material.primary(binding)?;
                let wrapping = material.wrapping_key(binding, key, primary)?;
                let made = wrap::generate(&wrapping, &binding.context, fresh).map_err(Error::Envelope)?;
                Ok((made, primary.name()))
            })
        });
        let made = made.map_err(Error::Envelope)?;
        uses.count_wraps(&self.wrap_counts, &made, &material);
        uses.account(&self.operations, &self.done, made, &material).await
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
        let material = Material::for_unwraps(&self.core, &self.subjects, wrapped).await?;
        let opened: Attempted<DataKey> = attempt(wrapped, |one| {
            let (key, version) = material.named_by(one)?;
            let wrapping = material.wrapping_key(&one.binding, key, version)?;
            let opened = wrap::unwrap(&wrapping, &one.binding.context, &one.bytes).map_err(mismatch)?;
            Ok((opened, version.name()))
        });
        uses.account(&self.operations, &self.done, opened, &material).await
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
        let material = Material::for_unwraps(&self.core, &self.subjects, wrapped).await?;
        let made = attempt(wrapped, |one| {
            let (key, version) = material.named_by(one)?;
            let old = material.wrapping_key(&one.binding, key, version)?;
            let primary = key.primary()?;
            let new = material.wrapping_key(&one.binding, key, primary)?;
            let made = wrap::rewrap(&old, &new, &one.binding.context, &one.bytes).map_err(mismatch)?;
            Ok((made, primary.name()))
        });
        uses.count_wraps(&self.wrap_counts, &made, &material);
        uses.account(&self.operations, &self.done, made, &material).await
    }

    /// Refuses work while evidence of it could not be kept.
    fn admit(&self) -> Result<(), Error> {
        self.operations.admit()?;
        Ok(self.core.outbox.admit(&LogName::System)?)
    }
}
