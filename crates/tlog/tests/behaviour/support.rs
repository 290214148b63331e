//! A ledger in memory: a signer with its storage, and rows as they stand in the audit database.

use std::collections::BTreeMap;

use names::{BootId, EventId, LogId, LogName};
use secret::SecretBytes;
use tlog::{
    CompactRange, Event, Hash, KeyOperation, Mac, MacKey, MacKeyring, Outcome, Place,
    entry::{Columns, decode, encode},
    genesis, log_id,
    protocol::{Acknowledgement, Alarm, Loss, Segment, SignerView, StoredSegment},
    signer::{self, AckDecision, Decision, Known, LogState, SegmentMeta},
    verify::{Expectation, Finding, FindingKind, LogRow, Report, Row, Subject, Verifier},
};
use uuid::Uuid;

pub(crate) fn log() -> LogName {
    "logs/acme".parse().unwrap()
}

/// A `UUIDv7`-like id for the `n`th event.
pub(crate) fn event_id(n: u64) -> EventId {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&(1_790_000_000_000 + n).to_be_bytes()[2..]);
    bytes[6] = 0x70;
    bytes[8..].copy_from_slice(&(n | 1 << 63).to_be_bytes());
    EventId::new(Uuid::from_bytes(bytes))
}

pub(crate) fn event(n: u64) -> Event {
    Event {
        event_id: event_id(n),
        producer: "spiffe://strongroom.dev/vault-service".into(),
        time_ns: 1_790_000_000_000_000_000 + i64::try_from(n).unwrap() * 1_000_000,
        actor: format!("spiffe://strongroom.dev/app-{}", n % 3),
        on_behalf_of: String::new(),
        action: "records.reveal".into(),
        resource: format!("tenants/acme/collections/patients/records/r{n}"),
        outcome: Outcome::Ok,
        purpose: "care".into(),
        reference: format!("case/{n}"),
        key_operation: (n % 2 == 1).then(|| KeyOperation { boot: BootId::new(Uuid::from_u128(77)), counter: n }),
        attributes: BTreeMap::from([("revision".into(), n.to_string())]),
    }
}

pub(crate) fn key(version: u32) -> MacKey {
    MacKey::new(version, SecretBytes::from_slice(&[u8::try_from(version).unwrap() ^ 0x5a; 32]).unwrap())
}

pub(crate) fn keyring() -> MacKeyring {
    MacKeyring::new(vec![key(1), key(2)]).unwrap()
}

/// A row of `entries` with columns that can be changed one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedRow {
    pub(crate) index: i64,
    pub(crate) event_id: EventId,
    pub(crate) logged_us: i64,
    pub(crate) producer: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) outcome: i16,
    pub(crate) entry: Vec<u8>,
    pub(crate) mac: Vec<u8>,
}

impl OwnedRow {
    pub(crate) fn new(index: u64, entry: &[u8], mac: &Mac) -> Self {
        let columns = decode(entry).unwrap().columns();
        Self {
            index: i64::try_from(index).unwrap(),
            event_id: columns.event_id,
            logged_us: columns.logged_us,
            producer: columns.producer.into(),
            actor: columns.actor.into(),
            action: columns.action.into(),
            resource: columns.resource.into(),
            outcome: columns.outcome,
            entry: entry.to_vec(),
            mac: mac.as_bytes().to_vec(),
        }
    }

    pub(crate) fn row(&self) -> Row<'_> {
        Row {
            index: self.index,
            columns: Columns {
                event_id: self.event_id,
                logged_us: self.logged_us,
                producer: &self.producer,
                actor: &self.actor,
                action: &self.action,
                resource: &self.resource,
                outcome: self.outcome,
            },
            entry: &self.entry,
            mac: &self.mac,
        }
    }
}

/// A log as the signer and the audit database hold it.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) log: LogName,
    pub(crate) state: LogState,
    pub(crate) segments: Vec<(SegmentMeta, CompactRange, StoredSegment)>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) rows: Vec<OwnedRow>,
    pub(crate) row: Option<LogRow>,
    next_event: u64,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            log: log(),
            state: LogState::empty(&log()),
            segments: Vec::new(),
            alarms: Vec::new(),
            losses: Vec::new(),
            rows: Vec::new(),
            row: None,
            next_event: 0,
        }
    }

    /// A ledger whose rows came in segments of these sizes, all committed and acknowledged.
    pub(crate) fn with(sizes: &[u64]) -> Self {
        let mut ledger = Self::new();
        for size in sizes {
            ledger.seal(*size);
            ledger.commit();
            ledger.acknowledge();
        }
        ledger
    }

    pub(crate) fn id(&self) -> LogId {
        log_id(&self.log)
    }

    pub(crate) fn known(&self, first_index: u64) -> Known {
        let at = self.segments.iter().map(|(meta, ..)| meta).rfind(|meta| meta.first_index <= first_index);
        Known { state: self.state.clone(), losses: self.losses.clone(), at: at.cloned() }
    }

    /// The segment of the next `count` events at the signer's end.
    pub(crate) fn segment(&mut self, count: u64) -> Segment {
        let mut entries = Vec::new();
        let mut head = self.state.head;
        for index in self.state.size()..self.state.size() + count {
            let entry = encode(&self.place(index, head), &event(self.next_event));
            self.next_event += 1;
            head = head_after(self.id(), index, &head, &entry);
            entries.push(entry);
        }
        Segment { log: self.log.clone(), first_index: self.state.size(), previous_head: self.state.head, entries }
    }

    pub(crate) fn place(&self, index: u64, previous_head: Hash) -> Place {
        let logged_ns = 1_790_000_001_000_000_000 + i64::try_from(index).unwrap() * 1_000;
        Place { log_id: self.id(), index, previous_head, logged_ns }
    }

    /// Has the signer seal a segment of `count` events, which the rows lack as yet.
    pub(crate) fn seal(&mut self, count: u64) {
        let segment = self.segment(count);
        let known = self.known(segment.first_index);
        let Decision::Seal(sealing) = signer::seal(Some(&known), &segment, &key(2).ready()) else {
            panic!("not sealed");
        };
        self.state = sealing.state.clone();
        self.segments.push((sealing.meta.clone(), sealing.range_before.clone(), sealing.stored()));
    }

    /// Inserts every sealed segment that the rows lack.
    pub(crate) fn commit(&mut self) {
        let from = self.row.as_ref().map_or(0, |row| row.size);
        for (_, _, segment) in self.segments.iter().filter(|(meta, ..)| meta.first_index >= from) {
            for (index, (entry, mac)) in (segment.first_index..).zip(segment.entries.iter().zip(&segment.macs)) {
                self.rows.push(OwnedRow::new(index, entry, mac));
            }
        }
        self.set_row(self.state.size());
    }

    /// Sets the row in `logs` to a size that the log had.
    pub(crate) fn set_row(&mut self, size: u64) {
        let last = size.checked_sub(1).map(|last| {
            let entry = &self.rows.iter().find(|row| row.index == i64::try_from(last).unwrap()).unwrap().entry;
            let place = decode(entry).unwrap().place;
            (head_after(self.id(), last, &place.previous_head, entry), place.logged_ns)
        });
        let (head, last_logged_ns) = last.unwrap_or((genesis(&self.log), i64::MIN));
        self.row = Some(LogRow { size, head: head.to_vec(), last_logged_ns });
    }

    pub(crate) fn acknowledge(&mut self) {
        let row = self.row.as_ref().unwrap();
        let acknowledgement =
            Acknowledgement { log: self.log.clone(), size: row.size, head: row.head.as_slice().try_into().unwrap() };
        let known = self.known(row.size.saturating_sub(1));
        if let AckDecision::Advance(size) = signer::acknowledge(Some(&known), &acknowledgement) {
            self.state.acknowledged = size;
        }
    }

    pub(crate) fn view(&self) -> SignerView {
        let unacknowledged = self.segments.iter().filter(|(meta, ..)| meta.first_index >= self.state.acknowledged);
        SignerView {
            size: self.state.size(),
            head: self.state.head,
            acknowledged: self.state.acknowledged,
            alarms: self.alarms.clone(),
            losses: self.losses.clone(),
            unacknowledged: unacknowledged.map(|(_, _, segment)| segment.clone()).collect(),
        }
    }

    pub(crate) fn verify(&self) -> Report {
        self.verify_against(Some(self.view()), None)
    }

    pub(crate) fn verify_against(&self, signer: Option<SignerView>, expectation: Option<Expectation>) -> Report {
        let subject = Subject { signer, row: self.row.clone(), expectation };
        let mut verifier = Verifier::new(&self.log, subject);
        let keys = keyring().ready();
        let mut rows: Vec<&OwnedRow> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.index);
        for row in rows {
            verifier.push(&row.row());
            answer(&mut verifier, &keys, &self.log);
        }
        verifier.end();
        answer(&mut verifier, &keys, &self.log);
        let latest = verifier.beyond_signer().then(|| self.view());
        verifier.finish(latest.as_ref())
    }
}

fn answer(verifier: &mut Verifier, keys: &tlog::mac::ReadyMacKeyring, log: &LogName) {
    while let Some(run) = verifier.next_check() {
        let invalid = signer::verify_macs(keys, log, run.first_index, (&run.heads, &run.macs)).unwrap();
        verifier.checked(Some(&invalid));
    }
}

pub(crate) fn head_after(log_id: LogId, index: u64, previous: &Hash, entry: &[u8]) -> Hash {
    tlog::hash::chain_head(log_id, index, previous, &tlog::hash::leaf_hash(entry))
}

/// Findings without their words.
pub(crate) fn kinds(report: &Report) -> Vec<(FindingKind, u64, u64)> {
    let kind = |finding: &Finding| (finding.kind, finding.first_index, finding.last_index);
    report.findings.iter().map(kind).collect()
}
