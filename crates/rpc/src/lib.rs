//! The gRPC stack of every Strongroom service: mutual TLS with hot reload, authentication, authorization, deadlines,
//! limits and errors on the server; channels with the same TLS on the client.
//!
//! # Layout
//! - [`tls`]: certificates that reload, TLS 1.3 only
//! - [`identity`]: who a certificate is
//! - [`methods`]: what the API declares about its methods
//! - [`policy`]: who may do what, and where
//! - [`server`]: accepts connections and walks every call through the layers
//! - [`context`]: what a handler knows of its call, and how it obtains a [`Granted`]
//! - `granted`: the proof that a caller holds a [`permission`]
//! - `request_id`: ids of calls
//! - [`access`]: the `AccessService` of each package
//! - [`failure`]: how a call fails on the wire; [`details`]: how a client reads that
//! - [`item`]: how one request of a batch does
//! - `jitter`: chance, so that what is done by many is not done at one time
//! - [`page`]: page sizes and page tokens
//! - [`channel`]: connections to a peer
//! - [`duration`]: durations in configuration files
//! - [`bound`]: the build without bounds

pub mod access;
pub mod bound;
pub mod channel;
pub mod context;
pub mod details;
pub mod duration;
pub mod failure;
mod granted;
pub mod identity;
pub mod item;
mod jitter;
pub mod methods;
pub mod page;
pub mod permission;
pub mod policy;
mod request_id;
pub mod server;
mod timeout;
pub mod tls;

pub use channel::{Channel, PeerConfig};
pub use context::{CallContext, call_context};
pub use details::StatusDetails;
pub use failure::{Failure, Violations};
pub use granted::Granted;
pub use identity::Caller;
pub use item::status_of_item;
pub use methods::{AuditClass, Bounds, MethodInfo, MethodTable};
pub use permission::Permission;
pub use policy::{Policy, PolicyFile};
pub use request_id::RequestId;
pub use server::{Denial, DenialSink, GrpcConfig, NotDone, Server, ServerError};
pub use tls::{Tls, TlsConfig, TlsError, Uses};
