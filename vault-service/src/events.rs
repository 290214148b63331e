//! What the vault reports to the audit log: one event for each record of each call, with ids and codes only.

use std::net::IpAddr;

use audit::{Event, KeyOperation, Outcome};
use clock::Clock;
use names::{EventId, LogName, OnBehalfOf, RecordName, TenantId, TenantUid};
use rpc::{Granted, Permission};
use uuid::Uuid;

use crate::keys::Operation;
use crate::store::records::RecordHead;
use crate::store::requests::RequestKey;

/// A call that was allowed: what a use case takes, and what the events tell of who called.
#[derive(Debug, Clone)]
pub struct Allowed<P: Permission> {
    /// The proof.
    pub granted: Granted<P>,
    /// Address that the call came from.
    pub peer: IpAddr,
    /// For whom it is made, if the caller says so.
    pub on_behalf_of: Option<OnBehalfOf>,
}

impl<P: Permission> Allowed<P> {
    /// For whom the call is made; empty where the caller does not say so.
    fn user(&self) -> String {
        self.on_behalf_of.as_ref().map(OnBehalfOf::to_string).unwrap_or_default()
    }

    /// What a request with this id is remembered by.
    pub fn request_key(&self, tenant_uid: TenantUid, request_id: Uuid) -> RequestKey {
        let caller = self.granted.caller().as_str().to_owned();
        RequestKey { tenant_uid, caller, on_behalf_of: self.user(), request_id }
    }
}

/// The event of a call that was allowed: who did what to which resource, from where and for whom, and that it went well.
pub fn of_call<P: Permission>(clock: &dyn Clock, allowed: &Allowed<P>, tenant: &TenantId, resource: String) -> Event {
    let id = EventId::new(clock::uuid_v7(clock));
    let actor = allowed.granted.caller().as_str();
    let mut event = Event::new(id, LogName::of_tenant(tenant), clock.now(), actor, P::NAME);
    event.resource = resource;
    event.on_behalf_of = allowed.user();
    event.with("peer", allowed.peer)
}

/// The event of a call about one revision of a record. Uid and revision let a reconciliation compute the encryption
/// context of its key operation.
pub fn of_record<P: Permission>(
    clock: &dyn Clock,
    allowed: &Allowed<P>,
    name: &RecordName,
    head: &RecordHead,
    operation: Option<Operation>,
) -> Event {
    let mut event = of_call(clock, allowed, name.tenant(), name.into());
    event.key_operation = operation.map(|operation| KeyOperation { boot: operation.boot, counter: operation.counter });
    event.with("uid", head.record_uid).with("revision", head.revision)
}

/// The same event of something that failed.
pub fn failed(mut event: Event, code: &'static str) -> Event {
    event.outcome = Outcome::FAILED;
    event.with("reason", code)
}
