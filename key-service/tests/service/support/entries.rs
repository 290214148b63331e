//! The entries of a log as an audit-service would make them.

use api::key::v1::{AckOutcome, AcknowledgeRequest, Acknowledgement, SealBatchRequest, Segment, SegmentResult};
use bytes::Bytes;
use clock::Timestamp;
use names::{EventId, LogName};
use tlog::consistency::subtrees;
use tlog::entry::encode;
use tlog::hash::{chain_head, leaf_hash};
use tlog::{CompactRange, Event, Hash, Place, genesis, log_id};
use uuid::Uuid;

use super::Calls;

/// An audit-service's own idea of one log.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) log: LogName,
    pub(crate) size: u64,
    pub(crate) head: Hash,
    /// When the last entry was logged, nanoseconds since 1970.
    pub(crate) time: i64,
    /// How often an alarm of the log was raised, as the last answer to [`Chain::seal`] said.
    pub(crate) alarms_raised: Option<u64>,
    leaves: Vec<Hash>,
}

/// An event whose id is a number.
fn entry_event(log: &LogName, number: u128) -> Event {
    let id = EventId::new(Uuid::from_u128(number));
    let (actor, time) = ("spiffe://strongroom.dev/app", Timestamp::from_nanos(1));
    Event {
        producer: "vault-service".to_owned(),
        resource: "tenants/acme/collections/patients/records/p-1".to_owned(),
        ..Event::new(id, log.clone(), time, actor, "records.create")
    }
}

impl Chain {
    pub(crate) fn new(log: &str) -> Self {
        let log: LogName = log.parse().unwrap();
        let head = genesis(&log);
        Self { log, size: 0, head, time: 1, alarms_raised: None, leaves: Vec::new() }
    }

    /// The same log with the next entry logged a nanosecond after `time`.
    pub(crate) fn at(&self, time: i64) -> Self {
        Self { time, ..self.clone() }
    }

    /// The proof that the log continues what it was at `size`.
    pub(crate) fn proof_from(&self, size: u64) -> Vec<Vec<u8>> {
        let root = |range: std::ops::Range<u64>| {
            let mut tree = CompactRange::new();
            let (start, end) = (usize::try_from(range.start).unwrap(), usize::try_from(range.end).unwrap());
            self.leaves.get(start..end).unwrap().iter().for_each(|leaf| tree.append(*leaf));
            tree.root().to_vec()
        };
        subtrees(size, self.size).into_iter().map(root).collect()
    }

    /// The tree over all entries.
    pub(crate) fn range(&self) -> CompactRange {
        let mut range = CompactRange::new();
        self.leaves.iter().for_each(|leaf| range.append(*leaf));
        range
    }

    /// A segment of entries at the end, and the chain after it.
    pub(crate) fn segment(&self, events: impl IntoIterator<Item = u128>) -> (Segment, Self) {
        let mut next = self.clone();
        let mut entries = Vec::new();
        for number in events {
            next.time += 1;
            let place =
                Place { log_id: log_id(&self.log), index: next.size, previous_head: next.head, logged_ns: next.time };
            let bytes = encode(&place, &entry_event(&self.log, number));
            next.leaves.push(leaf_hash(&bytes));
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
        let (log, head) = (self.log.to_string(), self.head.to_vec());
        Acknowledgement { log, size: Some(self.size), head, alarms_raised: self.alarms_raised }
    }

    /// Seals entries at the end, and goes on from there.
    pub(crate) async fn seal(&mut self, calls: &mut Calls, events: impl IntoIterator<Item = u128>) -> SegmentResult {
        let (segment, next) = self.segment(events);
        let result = calls.seal_one(segment).await;
        *self = Self { alarms_raised: result.alarms_raised, ..next };
        result
    }
}

impl Calls {
    pub(crate) async fn seal_one(&mut self, segment: Segment) -> SegmentResult {
        self.seal_batch(vec![segment]).await.pop().unwrap()
    }

    pub(crate) async fn seal_batch(&mut self, segments: Vec<Segment>) -> Vec<SegmentResult> {
        let request = SealBatchRequest { segments, rollbacks: Vec::new() };
        self.signer.seal_batch(request).await.unwrap().into_inner().results
    }

    pub(crate) async fn acknowledge(&mut self, acknowledgement: Acknowledgement) -> AckOutcome {
        self.acknowledge_all(vec![acknowledgement]).await.pop().unwrap()
    }

    pub(crate) async fn acknowledge_all(&mut self, logs: Vec<Acknowledgement>) -> Vec<AckOutcome> {
        let answer = self.signer.acknowledge(AcknowledgeRequest { logs }).await.unwrap().into_inner();
        answer.outcomes().collect()
    }
}
