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
use audit::{Outcome, RefusedCall};
use names::OnBehalfOf;
use rpc::server::ServerBuilder;
use rpc::{CallContext, Failure, Granted, Permission};
use tokio::time::Instant;

use crate::error::Error;
use crate::events::Allowed;
use crate::jobs::Refusals;
use crate::keys::calls::KeyError;
use crate::vault::{Done, Vault};

/// The services of `strongroom.vault.v1`, all but the one that needs the policy. Refused calls are counted.
pub fn services(server: ServerBuilder, vault: &Arc<Vault>, refusals: &Refusals) -> ServerBuilder {
    let handlers = Handlers { vault: Arc::clone(vault), refusals: refusals.clone() };
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
    refusals: Refusals,
}

impl Handlers {
    /// The value of what was done; the id of its event goes into the answer's metadata. What was not done is counted,
    /// unless the server or the use case accounts for it.
    fn told<P: Permission, T>(
        &self,
        call: &CallContext,
        granted: &Granted<P>,
        done: Result<Done<T>, Error>,
    ) -> Result<T, Failure> {
        match done {
            Ok(done) => {
                if let Some(event_id) = done.event_id {
                    call.set_event_id(event_id.as_uuid());
                }
                Ok(done.value)
            }
            Err(error) => {
                if let Some(outcome) = counted_as(&error) {
                    self.refusals.count(RefusedCall {
                        caller: granted.caller().as_str(),
                        peer: call.peer(),
                        method: call.method().path(),
                        action: P::NAME,
                        outcome,
                        reason: error.code(),
                        resource: granted.resource(),
                    });
                }
                Err(error.into())
            }
        }
    }
}

/// How a call that ended so is counted; the server counts invalid ones, and a record that does not open has an event.
fn counted_as(error: &Error) -> Option<Outcome> {
    match error {
        Error::Invalid(_) | Error::RequestIdReused | Error::DoesNotOpen { .. } => None,
        Error::AlreadyExists(_)
        | Error::Contended(_)
        | Error::EtagMismatch
        | Error::NotFound(_)
        | Error::TenantSuspended(_)
        | Error::Key(KeyError::Erased | KeyError::VersionDisabled) => Some(Outcome::REFUSED),
        Error::AuditUnavailable(_)
        | Error::Bug(_)
        | Error::Busy
        | Error::Database(_)
        | Error::Key(_)
        | Error::Late
        | Error::NewerVersion { .. }
        | Error::OwnKeysMissing(_)
        | Error::OwnKeysVersionUnknown { .. }
        | Error::Row(_)
        | Error::RowChanged { .. }
        | Error::Seal(_)
        | Error::Shared(_) => Some(Outcome::FAILED),
    }
}

/// What a use case takes of a call.
fn allowed<P: Permission>(call: &CallContext, granted: Granted<P>, on_behalf_of: Option<OnBehalfOf>) -> Allowed<P> {
    Allowed { granted, peer: call.peer(), on_behalf_of }
}

fn deadline(call: &CallContext) -> Instant {
    Instant::from_std(call.deadline())
}
