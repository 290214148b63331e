//! What a service reports, on its way to the audit-service: [`tlog::Event`] as the message of the API.

use api::audit::v1 as wire;
pub use tlog::{Event, KeyOperation, Outcome};

/// The event as `AppendEvents` carries it. The producer is not in it: audit-service knows who calls.
pub(crate) fn to_message(event: &Event) -> wire::Event {
    let (key_boot_id, key_counter) = match &event.key_operation {
        Some(operation) => (operation.boot.as_bytes().to_vec(), operation.counter),
        None => (Vec::new(), 0),
    };
    wire::Event {
        event_id: event.event_id.as_bytes().to_vec(),
        log: event.log.to_string(),
        time_ns: event.time.as_nanos(),
        actor: event.actor.clone(),
        on_behalf_of: event.on_behalf_of.clone(),
        action: event.action.clone(),
        resource: event.resource.clone(),
        outcome: i32::from(event.outcome.number()),
        purpose: event.purpose.clone(),
        reference: event.reference.clone(),
        key_boot_id,
        key_counter,
        attributes: event.attributes.clone().into_iter().collect(),
        body: event.body.as_ref().map(|body| wire::Body { kind: body.kind.clone(), content: body.content.clone() }),
    }
}
