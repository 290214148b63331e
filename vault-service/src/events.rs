//! What the vault reports to the audit log: one event for each record of each call, with ids and codes only.

use audit::{Event, KeyOperation, Outcome};
use clock::Clock;
use names::{EventId, LogName, RecordName, TenantId};
use rpc::{Granted, Permission};

use crate::keys::Operation;
use crate::store::records::RecordHead;

/// The event of a call that was allowed: who did what to which resource, and that it went well.
pub fn of_call<P: Permission>(clock: &dyn Clock, granted: &Granted<P>, tenant: &TenantId, resource: String) -> Event {
    let id = EventId::new(clock::uuid_v7(clock));
    let mut event = Event::new(id, LogName::of_tenant(tenant), clock.now(), granted.caller().as_str(), P::NAME);
    event.resource = resource;
    event
}

/// The event of a call about one revision of a record. Uid and revision let a reconciliation compute the encryption
/// context of its key operation.
pub fn of_record<P: Permission>(
    clock: &dyn Clock,
    granted: &Granted<P>,
    name: &RecordName,
    head: &RecordHead,
    operation: Option<Operation>,
) -> Event {
    let mut event = of_call(clock, granted, name.tenant(), name.into());
    event.key_operation = operation.map(|operation| KeyOperation { boot: operation.boot, counter: operation.counter });
    event.with("uid", head.record_uid).with("revision", head.revision)
}

/// The same event of something that failed.
pub fn failed(mut event: Event, code: &'static str) -> Event {
    event.outcome = Outcome::FAILED;
    event.with("reason", code)
}
