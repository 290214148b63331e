//! The gRPC handlers: each obtains its grant, converts the message, calls the use case, converts the answer.
//!
//! # Layout
//! - [`convert`]: messages to domain types and back
//! - `keys`, `data_keys`, `signer`, `seal`: one file for each service

pub mod convert;
mod data_keys;
mod keys;
mod seal;
mod signer;

use std::sync::Arc;

use names::{EventId, OnBehalfOf};
use rpc::CallContext;

use crate::error::Error;
use crate::origin::Origin;
use crate::state::State;
use crate::unsealed::Unsealed;

/// Implements the services of `strongroom.key.v1`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api(Arc<State>);

impl Api {
    /// Handlers of this state.
    pub fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    fn unsealed(&self) -> Result<&Arc<Unsealed>, Error> {
        self.0.unsealed()
    }
}

/// From where, and for whom, a call is made.
fn origin(call: &CallContext, on_behalf_of: Option<OnBehalfOf>) -> Origin {
    Origin { peer: call.peer(), on_behalf_of }
}

/// Names the call's event in its answer.
fn tell(call: &CallContext, event: EventId) {
    call.set_event_id(event.as_uuid());
}
