//! The gRPC handlers: parse, authorize, convert, call the use case, convert back.
//!
//! # Layout
//! - `convert`: messages to domain types and back
//! - `json`: `google.protobuf.Struct` to JSON and back
//! - `tenants`, `collections`, `records`: one service each

mod collections;
mod convert;
mod json;
mod records;
mod tenants;

use std::sync::Arc;

use ::api::vault::v1::collection_service_server::CollectionServiceServer;
use ::api::vault::v1::record_service_server::RecordServiceServer;
use ::api::vault::v1::tenant_service_server::TenantServiceServer;
use names::OnBehalfOf;
use rpc::server::ServerBuilder;
use rpc::{CallContext, Failure, Granted, Permission};
use tokio::time::Instant;

use crate::background::Refusals;
use crate::core::Done;
use crate::error::Error;
use crate::events::Allowed;
use crate::vault::Vault;

/// The services of `strongroom.vault.v1`, all but the one that needs the policy. Calls that are not done are counted.
pub fn services(server: ServerBuilder, vault: &Arc<Vault>, refusals: &Refusals) -> ServerBuilder {
    let handlers = Handlers { vault: Arc::clone(vault) };
    server
        .service(TenantServiceServer::new(handlers.clone()))
        .service(CollectionServiceServer::new(handlers.clone()))
        .service(RecordServiceServer::new(handlers))
        .denial_sink(Arc::new(refusals.clone()))
}

/// Answers the calls of all services.
#[derive(Debug, Clone)]
struct Handlers {
    vault: Arc<Vault>,
}

/// The value of what was done; the id of its event goes into the answer's metadata.
fn told<T>(call: &CallContext, done: Result<Done<T>, Error>) -> Result<T, Failure> {
    let done = done.map_err(|error| error.in_time(deadline(call)))?;
    if let Some(event_id) = done.event_id {
        call.set_event_id(event_id.as_uuid());
    }
    Ok(done.value)
}

/// The same where the use case tells of records that do not open itself.
fn told_or_accounted<T>(call: &CallContext, done: Result<Done<T>, Error>) -> Result<T, Failure> {
    if matches!(done, Err(Error::DoesNotOpen { .. })) {
        call.set_accounted();
    }
    told(call, done)
}

/// What a use case takes of a call.
fn allowed<P: Permission>(call: &CallContext, granted: Granted<P>, on_behalf_of: Option<OnBehalfOf>) -> Allowed<P> {
    Allowed { granted, peer: call.peer(), on_behalf_of }
}

fn deadline(call: &CallContext) -> Instant {
    Instant::from_std(call.deadline())
}
