//! The events that are to be logged.

use clock::Timestamp;
use names::{EventId, LogName};
use tlog::Event;
use uuid::Builder;

/// When a run begins, nanoseconds since 1970.
pub(crate) const BEGINNING_NS: i64 = 1_790_000_000_000_000_000;

const EVENTS: u64 = 36;

/// An event, and the receipt that its producer has for it.
#[derive(Debug)]
pub(crate) struct Producer {
    pub(crate) event: Event,
    pub(crate) receipt: Option<u64>,
}

/// Events of two services, each in one of the logs. A third of the ids is given by both of them.
pub(crate) fn producers(logs: &[LogName; 2]) -> Vec<Producer> {
    let services = ["vault-service", "key-service"];
    let event = |n: u64| {
        let log = &logs[usize::from(n.is_multiple_of(3))];
        let mut event =
            Event::new(id(n / 2), log.clone(), Timestamp::EPOCH, "spiffe://strongroom.dev/app", "records.reveal");
        event.producer = services[usize::from(n % 2 == 1)].to_owned();
        event.reference = n.to_string();
        Producer { event, receipt: None }
    };
    (0..EVENTS).map(event).collect()
}

fn id(n: u64) -> EventId {
    let millis = u64::try_from(BEGINNING_NS / 1_000_000).unwrap() + n;
    EventId::new(Builder::from_unix_timestamp_millis(millis, &[7; 10]).into_uuid())
}
