//! What a handler knows of its call, and the one way to a [`Granted`].

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tonic::{Code, Request, Status};
use uuid::Uuid;

use crate::failure::chain;
use crate::{Caller, Failure, Granted, MethodInfo, Permission, Policy, RequestId, item};

pub(crate) mod state;

use state::CallState;

/// Metadata of every answer: the request id.
pub const REQUEST_ID_HEADER: &str = "strongroom-request-id";
/// Metadata of answers to calls that made an audit event: its id.
pub const EVENT_ID_HEADER: &str = "strongroom-event-id";

/// What a handler knows of its call. Cheap to clone.
#[derive(Clone)]
pub struct CallContext(Arc<CallState>);

/// The context of a call that came through the server's layers. Every handler begins with it.
pub fn call_context<T>(request: &Request<T>) -> Result<CallContext, Failure> {
    let state = request
        .extensions()
        .get::<Arc<CallState>>()
        .ok_or_else(|| Failure::bug("a handler was reached without the layers"))?;
    state.entered.store(true, Ordering::Relaxed);
    Ok(CallContext(Arc::clone(state)))
}

impl CallContext {
    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// The address at the other end of the caller's TCP connection, for the audit attribute `peer`; never an IPv4 address
    /// written as IPv6. Behind a proxy or address translation it is theirs.
    pub fn peer(&self) -> IpAddr {
        self.0.peer
    }

    /// The method called.
    pub fn method(&self) -> &MethodInfo {
        &self.0.method
    }

    /// When the call must be answered.
    pub fn deadline(&self) -> Instant {
        self.0.deadline
    }

    /// Time left until the deadline; zero when it is over.
    pub fn remaining(&self) -> Duration {
        self.0.deadline.saturating_duration_since(Instant::now())
    }

    /// The call's id in logs and answers.
    pub fn request_id(&self) -> RequestId {
        self.0.request_id
    }

    /// Sets memory aside for an answer of `bytes`, as [`Granted::reserve_response`] does.
    pub fn reserve_response(&self, bytes: usize) -> Result<(), Failure> {
        self.0.admission.reserve_response(bytes)
    }

    /// The use case accounts for the call, however it ends: it is not counted among those that were not done.
    pub fn set_accounted(&self) {
        self.0.accounted.store(true, Ordering::Relaxed);
    }

    /// Adds the id of the call's audit event to the answer, whatever the answer is. The first one wins.
    pub fn set_event_id(&self, event_id: Uuid) {
        self.set_accounted();
        // A second event of one call keeps the first one's id in the answer.
        let _first_wins = self.0.event_id.set(event_id);
    }

    /// Proof that the caller holds `P` on `resource` (a full resource name; empty for the root). Otherwise
    /// `PERMISSION_DENIED` with the same text whatever the reason. Asking for a permission that the method does not
    /// declare is a bug, and refused.
    pub fn grant<P: Permission>(&self, resource: &str) -> Result<Granted<P>, Failure> {
        if !self.0.method.declares(P::NAME) {
            return Err(Failure::bug("a handler asked for a permission that its method does not declare"));
        }
        let resource: Arc<str> = Arc::from(resource);
        // A call has one resource; where it asks for several, the refused one is set by its own name below.
        let _first_wins = self.0.resource.set(Arc::clone(&resource));
        if self.0.policy.load_guard().allows(self.0.caller.as_str(), P::NAME, &resource) {
            Ok(Granted::new(Arc::clone(&self.0), resource))
        } else {
            Err(Failure::permission_denied())
        }
    }

    /// As [`CallContext::grant`] for a name that may not have parsed: who holds `P` anywhere may learn what is wrong with
    /// it, for that tells nothing of what exists. There is no name then, so nothing can be done with the proof but that.
    pub fn grant_parsed<P: Permission>(
        &self,
        name: &Result<impl fmt::Display, impl Sized>,
    ) -> Result<Granted<P>, Failure> {
        match name {
            Ok(name) => self.grant(&name.to_string()),
            Err(_) if self.0.policy.load_guard().allows_anywhere(self.0.caller.as_str(), P::NAME) => {
                Ok(Granted::new(Arc::clone(&self.0), Arc::from("")))
            }
            Err(_) => self.grant(""),
        }
    }

    /// The policy in force now, for several questions that belong together.
    pub fn policy(&self) -> Arc<Policy> {
        self.0.policy.current()
    }

    /// The status that ends a streamed answer: the cause of an internal error goes to the log here, because nothing
    /// behind the handler sees it.
    pub fn stream_status(&self, failure: Failure) -> Status {
        self.log_internal(&failure);
        failure.into()
    }

    /// The status of one request of a batch, of whose failure the server sees nothing either. Its only detail is the
    /// reason.
    pub fn item_status(&self, failure: &Failure) -> tonic_types::Status {
        self.log_internal(failure);
        item::status_of(failure)
    }

    fn log_internal(&self, failure: &Failure) {
        if failure.code() == Code::Internal {
            let (method, caller, cause) = (self.0.method.path(), self.0.caller.as_str(), chain(failure));
            tracing::error!(request_id = %self.0.request_id, method, caller, cause, "internal error");
        }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext")
            .field("request_id", &self.0.request_id)
            .field("method", &self.0.method.path())
            .field("caller", &self.0.caller)
            .finish_non_exhaustive()
    }
}
