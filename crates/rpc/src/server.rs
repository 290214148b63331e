//! The server: accepts connections, authenticates them, and walks every call through the layers.
//!
//! Layers, in this order, for every method of every service: connection limits → trace → deadline → authentication →
//! caller limits, in calls → may this caller use this method at any scope? → limits in bytes → its turn, where it
//! reads many rows. Nothing can be served around them: a handler is only reached through [`Server`].

mod accept;
mod answer;
mod builder;
mod call;
mod config;
mod denial;
mod ending;
mod gathered;
mod leaving;
mod limits;
mod lines;
mod measure;
mod newcomers;
mod open;
mod request;
mod routes;
mod streams;

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use accept::MAX_STRANGERS;
pub use builder::{ServerBuilder, ServerError};
pub use config::{CallerLimits, GrpcConfig};
pub use denial::{Denial, DenialSink, NotDone};
pub use limits::Admission;
pub use routes::GrpcService;

use crate::{Tls, context::RequestIds, policy::PolicyHandle};

/// Bytes of a message to what is open to every accepted certificate: health and reflection.
const OPEN_MESSAGE_BYTES: usize = 16 * 1024;

/// A server that is ready to serve.
#[derive(Debug)]
pub struct Server {
    stack: Arc<Stack>,
    tls: Tls,
}

/// What every call needs.
#[derive(Debug)]
struct Stack {
    config: GrpcConfig,
    policy: PolicyHandle,
    routes: routes::Routes,
    callers: limits::Callers,
    sink: Option<Arc<dyn DenialSink>>,
    request_ids: RequestIds,
}

impl Server {
    /// Begins a server that shows `tls` and obeys `policy`.
    pub fn builder(tls: Tls, policy: PolicyHandle) -> ServerBuilder {
        ServerBuilder::new(tls, policy)
    }

    /// Serves until `shutdown`, then takes no new connection, lets every call end, and returns after
    /// `drain_timeout` at the latest.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        accept::run(self.stack, self.tls, listener, shutdown).await;
    }
}
