//! A ledger in memory: a signer's log, and rows as they stand in the audit database.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use clock::Timestamp;
use names::{BirthMark, BootId, EventId, LogId, LogName};
use secret::SecretBytes;
use tlog::entry::{Columns, decode, encode};
use tlog::protocol::{
    AckOutcome, Acknowledgement, AlarmKind, MAX_BEHIND_BYTES, Rollback, SealOutcome, Segment, SegmentAnswer,
};
use tlog::signer::Clock;
use tlog::verify::{LogRow, Row};
use tlog::{
    Body, Entry, Event, Hash, KeyOperation, Mac, MacKey, MacKeyring, MacVersion, Outcome, Place, genesis, log_id,
};
use uuid::{Builder, Uuid};

use crate::signed_log::{Sealer, SignedLog};

pub(crate) mod appender;
mod verification;
pub(crate) use verification::{Against, kinds};

/// When the first event happened, nanoseconds since 1970.
pub(crate) const BEGINNING_NS: i64 = 1_790_000_000_000_000_000;

/// What one event's time lies after that of the one before, in nanoseconds.
const STEP_NS: i64 = 1_000_000;

pub(crate) fn log() -> LogName {
    "logs/acme".parse().unwrap()
}

/// Id of the `n`th event.
pub(crate) fn event_id(n: u64) -> EventId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    let millis = u64::try_from(BEGINNING_NS / 1_000_000).unwrap() + n;
    EventId::new(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

pub(crate) fn event(n: u64) -> Event {
    let time = Timestamp::from_nanos(BEGINNING_NS + i64::try_from(n).unwrap() * STEP_NS);
    let actor = format!("spiffe://strongroom.dev/app-{}", n % 3);
    Event {
        producer: "vault-service".into(),
        resource: format!("tenants/acme/collections/patients/records/r{n}"),
        purpose: "care".into(),
        reference: format!("case/{n}"),
        key_operation: (n % 2 == 1).then(|| KeyOperation { boot: BootId::new(Uuid::from_u128(77)), counter: n }),
        attributes: BTreeMap::from([("revision".into(), n.to_string())]),
        body: (n % 5 == 4).then(|| Body { kind: "counts".into(), content: n.to_be_bytes().to_vec() }),
        outcome: if n % 7 == 6 { Outcome::DENIED } else { Outcome::OK },
        ..Event::new(event_id(n), log(), time, &actor, "records.reveal")
    }
}

/// The event that an entry was made of, in the log of that name.
pub(crate) fn event_of(entry: &Entry<'_>, log: &LogName) -> Event {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let event = Event {
        producer: entry.producer.into(),
        on_behalf_of: entry.on_behalf_of.into(),
        resource: entry.resource.into(),
        outcome: entry.outcome,
        purpose: entry.purpose.into(),
        reference: entry.reference.into(),
        key_operation: entry.key_operation,
        attributes: entry.attributes().map(owned).collect(),
        body: entry.body.map(|body| Body { kind: body.kind.into(), content: body.content.into() }),
        ..Event::new(entry.event_id, log.clone(), Timestamp::from_nanos(entry.time_ns), entry.actor, entry.action)
    };
    assert!(entry.is_of(&event));
    event
}

/// A version of the MAC key as its number says, with the birth mark that it got.
pub(crate) fn version(number: u32) -> MacVersion {
    MacVersion { number, birth_mark: BirthMark::new([u8::try_from(number).unwrap() ^ 0xc0; 8]) }
}

pub(crate) fn key(number: u32) -> MacKey {
    let material = [u8::try_from(number).unwrap() ^ 0x5a; 32];
    MacKey::new(version(number), SecretBytes::from_slice(&material).unwrap())
}

/// Versions 1 and 2.
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
    pub(crate) key_operation: Option<KeyOperation>,
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
            key_operation: columns.key_operation,
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
                key_operation: self.key_operation,
            },
            entry: &self.entry,
            mac: &self.mac,
        }
    }
}

/// A log as the signer holds it, which it reads as, and as the audit database holds it.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    signed: SignedLog,
    pub(crate) rows: Vec<OwnedRow>,
    pub(crate) row: Option<LogRow>,
    /// The signer's clock, nanoseconds since 1970.
    pub(crate) now_ns: i64,
    /// The version of the MAC key that it seals with.
    pub(crate) key_version: u32,
    next_event: u64,
}

impl Deref for Ledger {
    type Target = SignedLog;

    fn deref(&self) -> &SignedLog {
        &self.signed
    }
}

impl DerefMut for Ledger {
    fn deref_mut(&mut self) -> &mut SignedLog {
        &mut self.signed
    }
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self::of(&log())
    }

    /// A ledger of a log of another name.
    pub(crate) fn of(log: &LogName) -> Self {
        Self {
            signed: SignedLog::new(log),
            rows: Vec::new(),
            row: None,
            now_ns: BEGINNING_NS + 1_000 * STEP_NS,
            key_version: 2,
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

    pub(crate) fn clock(&self) -> Clock {
        Clock { now_ns: self.now_ns }
    }

    /// The segment of the next `count` events at the signer's end.
    pub(crate) fn segment(&mut self, count: u64) -> Segment {
        let first = self.state.size();
        let places = (first..first + count).map(|index| self.place(index, [0; 32]).logged_ns).collect::<Vec<_>>();
        self.segment_logged(&places)
    }

    /// The segment of the next events at the signer's end, logged at these times.
    pub(crate) fn segment_logged(&mut self, logged_ns: &[i64]) -> Segment {
        let mut entries = Vec::new();
        let mut head = self.state.head;
        for (index, logged_ns) in (self.state.size()..).zip(logged_ns) {
            let place = Place { log_id: self.id(), index, previous_head: head, logged_ns: *logged_ns };
            let entry = encode(&place, &event(self.next_event));
            self.next_event += 1;
            head = head_after(place.log_id, index, &head, &entry);
            entries.push(entry);
        }
        Segment { log: self.log.clone(), first_index: self.state.size(), previous_head: self.state.head, entries }
    }

    /// Where an entry stands that was logged a microsecond after the one before.
    pub(crate) fn place(&self, index: u64, previous_head: Hash) -> Place {
        let logged_ns = BEGINNING_NS + 900 * STEP_NS + i64::try_from(index).unwrap() * 1_000;
        Place { log_id: self.id(), index, previous_head, logged_ns }
    }

    /// Has the signer seal a segment of `count` events, which the rows lack as yet.
    pub(crate) fn seal(&mut self, count: u64) {
        let segment = self.segment(count);
        let answer = self.offer(&segment);
        assert_eq!(answer.outcome, SealOutcome::Sealed, "{}", answer.detail);
    }

    /// Asks the signer to seal a segment.
    pub(crate) fn offer(&mut self, segment: &Segment) -> SegmentAnswer {
        let (key, clock) = (key(self.key_version).ready(), self.clock());
        let mut budget = MAX_BEHIND_BYTES;
        self.signed.seal(segment, Sealer { key: &key, clock }, &mut budget)
    }

    /// A segment without entries where the rows end.
    pub(crate) fn probe(&self) -> Segment {
        let row = self.row.as_ref().unwrap();
        let previous_head = row.head.as_slice().try_into().unwrap();
        Segment { log: self.log.clone(), first_index: row.size, previous_head, entries: Vec::new() }
    }

    /// Inserts every sealed segment that the rows lack.
    pub(crate) fn commit(&mut self) {
        let from = self.row.as_ref().map_or(0, |row| row.size);
        for kept in self.signed.segments.iter().filter(|kept| kept.meta.first_index >= from) {
            let entries = kept.stored.entries.iter().zip(&kept.stored.macs);
            for (index, (entry, mac)) in (kept.meta.first_index..).zip(entries) {
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

    /// Tells the signer how far the rows are committed.
    pub(crate) fn acknowledge(&mut self) {
        let row = self.row.as_ref().unwrap();
        let (size, head) = (row.size, row.head.as_slice().try_into().unwrap());
        self.acknowledge_at(size, head);
    }

    /// Tells the signer that rows are committed up to there.
    pub(crate) fn acknowledge_at(&mut self, size: u64, head: Hash) -> AckOutcome {
        self.acknowledge_knowing(Some(self.state.alarms_raised), size, head)
    }

    /// The same after an answer that said how often an alarm had been raised.
    pub(crate) fn acknowledge_knowing(&mut self, alarms_raised: Option<u64>, size: u64, head: Hash) -> AckOutcome {
        let acknowledgement = Acknowledgement { log: self.log.clone(), size, head, alarms_raised };
        let clock = self.clock();
        self.signed.acknowledge(&acknowledgement, clock)
    }

    /// Tells the signer that something was wrong with the rows.
    pub(crate) fn report(&mut self, kind: AlarmKind, size: u64) {
        let (log, clock) = (self.log.clone(), self.clock());
        self.signed.report(&Rollback { log, kind, size }, clock);
    }
}

pub(crate) fn head_after(log_id: LogId, index: u64, previous: &Hash, entry: &[u8]) -> Hash {
    tlog::hash::chain_head(log_id, index, previous, &tlog::hash::leaf_hash(entry))
}
