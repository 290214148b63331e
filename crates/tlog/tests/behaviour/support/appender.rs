//! audit-service's side of one log, in memory, with the signer that it asks.

use std::collections::BTreeMap;

use bytes::Bytes;
use names::{EventId, LogId};
use tlog::Event;
use tlog::append::{Batch, Done, EventResult, KnownRow, LockedLog, MacCheck, Pending, Quarantine, Times, Writes};
use tlog::mac::MacVerdict;
use tlog::protocol::{AckOutcome, SegmentAnswer};

use super::{BEGINNING_NS, OwnedRow, event, log};
use crate::signer_in_memory::{KeyDatabase, SignerReplica};

/// A log of audit-service's database, and the signer.
pub(crate) struct Appender {
    pub(crate) keys: KeyDatabase,
    pub(crate) signer: SignerReplica,
    pub(crate) locked: LockedLog,
    pub(crate) rows: Vec<OwnedRow>,
    pub(crate) last_logged_ns: Option<i64>,
    pub(crate) snapshot: Option<Bytes>,
    pub(crate) times: Times,
    /// Ids that were looked up.
    pub(crate) looked_up: Vec<EventId>,
}

impl Appender {
    pub(crate) fn new() -> Self {
        let locked =
            LockedLog { log_id: tlog::log_id(&log()), size: 0, head: tlog::genesis(&log()), quarantined: false };
        let keys = KeyDatabase::new(BEGINNING_NS);
        Self {
            signer: SignerReplica::start(&keys),
            keys,
            locked,
            rows: Vec::new(),
            last_logged_ns: None,
            snapshot: None,
            times: Times::now(BEGINNING_NS),
            looked_up: Vec::new(),
        }
    }

    fn known(&self, ids: &[(LogId, EventId)]) -> Vec<KnownRow> {
        let row = |row: &OwnedRow| KnownRow {
            log_id: self.locked.log_id,
            index: row.index,
            event_id: row.event_id,
            entry: Bytes::from(row.entry.clone()),
            mac: Bytes::from(row.mac.clone()),
        };
        let asked = |row: &&OwnedRow| ids.iter().any(|(_, id)| *id == row.event_id);
        self.rows.iter().filter(asked).map(row).collect()
    }

    /// Everything up to the writes; `change` alters the signer's answers.
    pub(crate) fn writes(&mut self, batch: Batch, change: impl Fn(&mut SegmentAnswer)) -> Writes {
        self.writes_with(batch, change, SignerReplica::verify_macs)
    }

    pub(crate) fn writes_with(
        &mut self,
        batch: Batch,
        change: impl Fn(&mut SegmentAnswer),
        verdicts: impl Fn(&SignerReplica, &[MacCheck]) -> Vec<MacVerdict>,
    ) -> Writes {
        let locked = batch.locked(vec![self.locked.clone()]).unwrap();
        let newest = self.rows.iter().map(|row| row.event_id).max();
        let newest = locked.newest(newest.map(|id| (self.locked.log_id, id)).into_iter().collect());
        let ids: Vec<_> = newest.event_ids().collect();
        self.looked_up = ids.iter().map(|(_, id)| *id).collect();
        let matched = newest.known(self.known(&ids));
        let verdicts = verdicts(&self.signer, matched.checks());
        let built = matched.checked(&verdicts, &self.times).unwrap();
        let mut answers = self.signer.seal_batch(&mut self.keys, built.segments()).unwrap();
        answers.iter_mut().for_each(change);
        built.answered(answers).unwrap()
    }

    pub(crate) fn append(&mut self, events: &[u64]) -> Done {
        self.append_events(events.iter().map(|n| event(*n)))
    }

    pub(crate) fn append_events(&mut self, events: impl IntoIterator<Item = Event>) -> Done {
        let writes = self.writes(Batch::new(pending(events)), |_| {});
        self.commit(writes)
    }

    pub(crate) fn probe(&mut self) -> Done {
        let writes = self.writes(Batch::probe(&[log()]), |_| {});
        self.commit(writes)
    }

    pub(crate) fn commit(&mut self, writes: Writes) -> Done {
        for row in writes.rows() {
            self.rows.push(OwnedRow::new(row.index, &row.entry, &row.mac));
        }
        for update in writes.logs() {
            self.locked.size = update.size;
            self.locked.head = update.head;
            self.last_logged_ns = update.last_logged_ns.or(self.last_logged_ns);
            self.snapshot = update.snapshot.clone().or(self.snapshot.take());
            match update.quarantine {
                Quarantine::Keep => {}
                Quarantine::End => self.locked.quarantined = false,
                Quarantine::Begin(_) => self.locked.quarantined = true,
            }
        }
        writes.committed()
    }

    pub(crate) fn acknowledge(&mut self, done: &Done) -> Vec<Option<AckOutcome>> {
        self.signer.acknowledge(&mut self.keys, &done.acknowledgements)
    }

    /// Entries in the order of their indices.
    pub(crate) fn logged(&self) -> Vec<(String, i64)> {
        let entry = |row: &OwnedRow| {
            let entry = tlog::entry::decode(&row.entry).unwrap();
            (entry.producer.to_owned(), entry.place.logged_ns)
        };
        self.rows.iter().map(entry).collect()
    }
}

pub(crate) fn pending(events: impl IntoIterator<Item = Event>) -> Vec<Pending> {
    (0..).zip(events).map(|(ticket, event)| Pending::new(ticket, event)).collect()
}

pub(crate) fn results(done: &Done) -> BTreeMap<u64, EventResult> {
    done.results.iter().cloned().collect()
}

pub(crate) fn receipt(index: u64) -> EventResult {
    EventResult::Receipt { index }
}
