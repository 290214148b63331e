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
//! - [`access`]: the `AccessService` of each package
//! - [`failure`]: how a call fails on the wire; [`details`]: how a client reads that
//! - [`item`]: how one request of a batch does
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
pub mod identity;
pub mod item;
pub mod methods;
pub mod page;
pub mod permission;
pub mod policy;
pub mod server;
mod timeout;
pub mod tls;

pub use channel::{Channel, PeerConfig};
pub use context::{CallContext, RequestId, call_context};
pub use details::StatusDetails;
pub use failure::{Failure, Violations};
pub use identity::Caller;
pub use item::status_of_item;
pub use methods::{AuditClass, Bounds, MethodInfo, MethodTable};
pub use permission::{Granted, Permission};
pub use policy::{Policy, PolicyFile};
pub use server::{Denial, DenialSink, GrpcConfig, NotDone, Server, ServerError};
pub use tls::{Tls, TlsConfig, TlsError, Uses};

/// A number from 0 to 1. Spreads load, protects nothing.
pub(crate) fn chance() -> f64 {
    let [.., byte] = clock::uuid_v7(&clock::SystemClock).into_bytes();
    f64::from(byte) / 255.0
}
