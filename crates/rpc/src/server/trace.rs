//! What is known of a call, from its first byte to the last of its answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use super::ending::Ending;
use super::leaving::Leaving;
use super::limits::{Admission, Quotas};
use super::routes::Found;
use super::stack::Stack;
use crate::context::state::CallState;
use crate::{Caller, RequestId};

/// Who is at the other end of a connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) caller: Caller,
    /// Address of the other end.
    pub(super) peer: IpAddr,
    pub(super) quotas: Arc<Quotas>,
    /// Answers that have not left yet.
    pub(super) leaving: Arc<Leaving>,
    /// When the connection ends.
    pub(super) ending: Arc<Ending>,
}

/// What is known of a call from its first byte on.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) stack: Arc<Stack>,
    pub(super) connection: Arc<Connection>,
    pub(super) found: Found,
    pub(super) request_id: RequestId,
    pub(super) started: Instant,
    /// What the layers and the handler share, once the call is authorized.
    pub(super) state: Option<Arc<CallState>>,
    /// The call's place, once it was let in, and that its connection waits for it.
    pub(super) admission: Option<Admission>,
    pub(super) let_in: Option<Arc<()>>,
    /// Whether it has been logged, measured and accounted for.
    pub(super) ended: bool,
}

impl Trace {
    pub(super) fn begin(stack: Arc<Stack>, connection: Arc<Connection>, path: &str) -> Self {
        let found = stack.routes.find(path);
        let request_id = stack.request_ids.next();
        Self {
            stack,
            connection,
            found,
            request_id,
            started: Instant::now(),
            state: None,
            admission: None,
            let_in: None,
            ended: false,
        }
    }

    /// Whether the answer is a stream, or may be.
    pub(super) fn is_stream(&self) -> bool {
        match &self.found {
            Found::Route(route) => route.method.as_ref().is_none_or(|method| method.is_server_streaming()),
            Found::Unknown(_) => false,
        }
    }

    /// Whether the service is open to every accepted certificate: health and reflection, which know no long calls.
    pub(super) fn is_open(&self) -> bool {
        matches!(&self.found, Found::Route(route) if route.method.is_none())
    }
}
