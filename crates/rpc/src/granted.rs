//! The proof that a caller holds a permission.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::context::state::CallState;
use crate::{Caller, Failure, Permission};

/// Proof that a caller holds permission `P` on one resource. Only [`crate::CallContext::grant`] makes it, so a use case
/// that takes one cannot be reached without authorization. Work that outlives its caller keeps it: so it goes on counting
/// among the calls that are let in.
pub struct Granted<P> {
    call: Arc<CallState>,
    resource: Arc<str>,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Granted<P> {
    pub(crate) fn new(call: Arc<CallState>, resource: Arc<str>) -> Self {
        Self { call, resource, permission: PhantomData }
    }

    /// Who holds it.
    pub fn caller(&self) -> &Caller {
        &self.call.caller
    }

    /// On which resource; empty for the root.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Sets memory aside for an answer of `bytes`, before anything is done for it. Every call has 16 KiB without asking.
    ///
    /// `RESOURCE_EXHAUSTED` where the caller, or all together, have as much as they may: at once, never after waiting.
    pub fn reserve_response(&self, bytes: usize) -> Result<(), Failure> {
        self.call.admission.reserve_response(bytes)
    }

    /// The same for what takes the place of what was set aside before, such as another attempt.
    pub fn cover_response(&self, bytes: usize) -> Result<(), Failure> {
        self.call.admission.cover_response(bytes)
    }

    /// The permission's name: what audit entries carry as the action.
    pub fn permission(&self) -> &'static str {
        P::NAME
    }
}

impl<P> Clone for Granted<P> {
    fn clone(&self) -> Self {
        Self { call: Arc::clone(&self.call), resource: Arc::clone(&self.resource), permission: PhantomData }
    }
}

impl<P: Permission> fmt::Debug for Granted<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Granted")
            .field("permission", &P::NAME)
            .field("caller", &self.call.caller)
            .field("resource", &self.resource)
            .finish()
    }
}
