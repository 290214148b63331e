//! What the layers and the handler of a call share.

use std::net::IpAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use uuid::Uuid;

use crate::policy::PolicyHandle;
use crate::server::Admission;
use crate::{Caller, MethodInfo, RequestId};

/// The part of a call that its layers and its handler share.
#[derive(Debug)]
pub(crate) struct CallState {
    pub(crate) caller: Caller,
    pub(crate) peer: IpAddr,
    pub(crate) method: Arc<MethodInfo>,
    pub(crate) deadline: Instant,
    pub(crate) request_id: RequestId,
    pub(crate) policy: PolicyHandle,
    pub(crate) admission: Admission,
    /// Set as soon as a handler asks for the context: the message was decoded.
    pub(crate) entered: AtomicBool,
    /// The resource of the last grant that was asked for.
    pub(crate) resource: OnceLock<Arc<str>>,
    pub(crate) event_id: OnceLock<Uuid>,
    /// Whether an event of its own tells of the call, or tried to.
    pub(crate) accounted: AtomicBool,
}
