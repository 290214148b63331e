//! The entries of a log as an audit-service would make them.

use api::key::v1::{Acknowledgement, SealBatchRequest, Segment, SegmentResult};
use bytes::Bytes;
use names::{EventId, LogName};
use tlog::entry::encode;
use tlog::hash::{chain_head, leaf_hash};
use tlog::{Event, Hash, Outcome, Place, genesis, log_id};
use uuid::Uuid;

use super::Calls;

/// An audit-service's own idea of one log.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) log: LogName,
    pub(crate) size: u64,
    pub(crate) head: Hash,
    time: i64,
}

/// An event whose id is a number.
fn entry_event(number: u128) -> Event {
    Event {
        event_id: EventId::new(Uuid::from_u128(number)),
        producer: "spiffe://strongroom.dev/vault-service".to_owned(),
        time_ns: 1,
        actor: "spiffe://strongroom.dev/app".to_owned(),
        on_behalf_of: String::new(),
        action: "records.create".to_owned(),
        resource: "tenants/acme/collections/patients/records/p-1".to_owned(),
        outcome: Outcome::Ok,
        purpose: String::new(),
        reference: String::new(),
        key_operation: None,
        attributes: std::collections::BTreeMap::new(),
    }
}

impl Chain {
    pub(crate) fn new(log: &str) -> Self {
        let log: LogName = log.parse().unwrap();
        let head = genesis(&log);
        Self { log, size: 0, head, time: 1 }
    }

    /// A segment of entries at the end, and the chain after it.
    pub(crate) fn segment(&self, events: impl IntoIterator<Item = u128>) -> (Segment, Self) {
        let mut next = self.clone();
        let mut entries = Vec::new();
        for number in events {
            next.time += 1;
            let place =
                Place { log_id: log_id(&self.log), index: next.size, previous_head: next.head, logged_ns: next.time };
            let bytes = encode(&place, &entry_event(number));
            next.head = chain_head(place.log_id, place.index, &place.previous_head, &leaf_hash(&bytes));
            next.size += 1;
            entries.push(bytes);
        }
        (self.raw(entries), next)
    }

    /// A segment at the end with these bytes.
    pub(crate) fn raw(&self, entries: Vec<Bytes>) -> Segment {
        Segment { log: self.log.to_string(), first_index: Some(self.size), previous_head: self.head.to_vec(), entries }
    }

    pub(crate) fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { log: self.log.to_string(), size: Some(self.size), head: self.head.to_vec() }
    }

    /// Seals entries at the end, and goes on from there.
    pub(crate) async fn seal(&mut self, calls: &mut Calls, events: impl IntoIterator<Item = u128>) -> SegmentResult {
        let (segment, next) = self.segment(events);
        let result = calls.seal_one(segment).await;
        *self = next;
        result
    }
}

impl Calls {
    pub(crate) async fn seal_one(&mut self, segment: Segment) -> SegmentResult {
        self.seal_batch(vec![segment], Vec::new()).await.pop().unwrap()
    }

    pub(crate) async fn seal_batch(
        &mut self,
        segments: Vec<Segment>,
        acknowledged: Vec<Acknowledgement>,
    ) -> Vec<SegmentResult> {
        let request = SealBatchRequest { segments, acknowledged, rollbacks: Vec::new() };
        self.signer.seal_batch(request).await.unwrap().into_inner().results
    }
}
