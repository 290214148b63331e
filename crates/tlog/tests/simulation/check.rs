//! What must hold: while everything goes wrong, and once all is quiet.

use bytes::Bytes;
use names::{LogId, LogName};
use tlog::Snapshot;
use tlog::append::NewRow;
use tlog::entry::decode;
use tlog::protocol::{AlarmKind, Loss, MAX_TIME_AHEAD_NS, Segment, SignerView};

use crate::database::Log;
use crate::faults::{Fault, Reached, Violation};
use crate::signed_log::SignedLog;
use crate::verification::{Against, verified};
use crate::world::World;

impl World {
    /// Entries were sealed: none before has their place, and their times are right.
    pub(crate) fn newly_sealed(&mut self, segment: &Segment, mut last_ns: i64) -> Result<(), Violation> {
        let (id, before_ns) = (tlog::log_id(&segment.log), last_ns);
        let latest_ns = self.keys.now_ns + MAX_TIME_AHEAD_NS;
        for (index, entry) in (segment.first_index..).zip(&segment.entries) {
            let logged_ns = decode(entry).unwrap().place.logged_ns;
            if logged_ns < last_ns || (logged_ns > latest_ns && logged_ns != before_ns) {
                return Err(Violation::Time(format!("{logged_ns} after {last_ns}, at most {latest_ns}")));
            }
            last_ns = logged_ns;
            self.has(id, index, entry)?;
        }
        let alarms = &self.keys.log(&segment.log).alarms;
        let said = alarms.iter().any(|alarm| alarm.kind == AlarmKind::Clock && alarm.is_open());
        if before_ns > latest_ns && !said {
            return Err(Violation::Silence("a clock is wrong, and no alarm says so".to_owned()));
        }
        Ok(())
    }

    /// An entry stands at an index: it is the one that has always stood there.
    fn has(&mut self, id: LogId, index: u64, entry: &Bytes) -> Result<(), Violation> {
        let there = self.sealed.entry((id, index)).or_insert_with(|| entry.clone());
        if there == entry { Ok(()) } else { Err(Violation::SecondHistory(format!("another entry {index}"))) }
    }

    pub(crate) fn committed(&mut self, rows: &[NewRow]) -> Result<(), Violation> {
        rows.iter().try_for_each(|row| self.has(row.log_id, row.index, &row.entry))
    }

    /// The key database has lost its newest entries: those that nobody had are free.
    pub(crate) fn forget_uncommitted(&mut self) {
        let rows = &self.database.logs;
        let size = |id: &LogId| rows.get(id).map_or(0, |log| log.size);
        self.sealed.retain(|(id, index), _| *index < size(id));
        // A backup that has them is of another history now: to restore it would be found, as FORKED.
        let known = |(name, log): (&LogName, &SignedLog)| log.state.size() <= size(&tlog::log_id(name));
        self.backups.retain(|backup| backup.keys.iter().all(known));
    }

    fn view(&self, log: &LogName) -> SignerView {
        self.keys.logs.get(log).map_or_else(|| SignedLog::new(log).view(), SignedLog::view)
    }

    /// Verifies while everything goes on: the signer is asked now, the rows are read some steps later.
    pub(crate) fn verify_in_passing(&mut self) -> Result<(), Violation> {
        if self.excuses.damaged {
            return Ok(());
        }
        if let Some((log, view, rows)) = self.verification.take() {
            let (view, rows) = match rows {
                Some(rows) => (self.view(&log), Some(rows)),
                None => (view, self.database.logs.get(&tlog::log_id(&log)).cloned()),
            };
            return rows.map_or(Ok(()), |rows| self.verify(&view, &rows));
        }
        let log = self.logs[self.random.index(2)].clone();
        let rows = self.database.logs.get(&tlog::log_id(&log)).cloned();
        let rows = rows.filter(|_| self.fault == Some(Fault::SnapshotFirst));
        self.verification = Some((log.clone(), self.view(&log), rows));
        Ok(())
    }

    fn verify(&mut self, view: &SignerView, rows: &Log) -> Result<(), Violation> {
        let (later, keys) = (self.view(&rows.name), self.keys.ring());
        let in_flight = verified(rows, &Against { view, later: &later, keys: &keys }).map_err(Violation::NotIntact)?;
        if in_flight > 0 {
            self.reached(Reached::Recovered);
        }
        Ok(())
    }

    /// What keeps the world from being in order, if anything does.
    pub(crate) fn unsettled(&self) -> Option<Violation> {
        for name in &self.logs {
            let signed = self.view(name);
            let rows = self.database.logs.get(&tlog::log_id(name));
            if rows.is_some_and(|log| log.quarantined) {
                return Some(Violation::Quarantined);
            }
            let (size, head) = rows.map_or((0, tlog::genesis(name)), |log| (log.size, log.head));
            if (size, head) != (signed.size, signed.head) {
                return Some(Violation::Disagree(format!("{size} rows, {} sealed", signed.size)));
            }
            if let Some(alarm) = signed.alarms.first().filter(|alarm| alarm.is_open()) {
                return Some(Violation::FalseAlarm(format!("nobody can close {alarm:?}")));
            }
        }
        None
    }

    /// All is quiet and in order: every event is where its receipt says, every row is what was sealed.
    pub(crate) fn check(&mut self) -> Result<(), Violation> {
        for at in 0..self.producers.len() {
            self.is_exactly_once(at)?;
        }
        for log in self.database.logs.clone().into_values() {
            let view = self.view(&log.name);
            self.verify(&view, &log)?;
            for (index, (entry, _)) in &log.rows {
                self.has(tlog::log_id(&log.name), *index, entry)?;
            }
            if log.size == 0 {
                continue;
            }
            let kept = log.snapshot.as_ref().map(|snapshot| Snapshot::peek(snapshot).unwrap());
            if kept.as_ref().map(|kept| (kept.size(), kept.head)) != Some((log.size, log.head)) {
                return Err(Violation::Disagree(format!("the snapshot at {} rows is not theirs", log.size)));
            }
            if kept.map(|kept| kept.last_logged_ns) != log.last_logged_ns || view.macs_digest != digest(&log, &view) {
                return Err(Violation::Disagree("time or digest of macs".to_owned()));
            }
        }
        Ok(())
    }

    /// An event is in its log once, where its receipt says; unless it is in a range declared lost.
    fn is_exactly_once(&self, at: usize) -> Result<(), Violation> {
        let producer = &self.producers[at];
        let losses = self.view(&producer.event.log).losses;
        let is_it = |entry: &[u8]| decode(entry).is_ok_and(|entry| entry.is_of(&producer.event));
        let rows = self.database.logs.get(&tlog::log_id(&producer.event.log)).map(|log| &log.rows);
        let rows = rows.into_iter().flatten().filter(|(_, (entry, _))| is_it(entry));
        let found: Vec<u64> = rows.map(|(index, _)| *index).collect();
        let lost = |index: u64| losses.iter().any(|loss: &Loss| loss.contains(index));
        let in_a_loss = producer.receipt.is_some_and(lost) && found.len() <= 1;
        let early = self.fault == Some(Fault::EarlyReceipt) && found.len() == 1;
        let there = found.len() == 1 && producer.receipt == found.first().copied();
        if there || in_a_loss || early {
            return Ok(());
        }
        Err(Violation::NotExactlyOnce(format!("{:?} at {found:?}", producer.receipt)))
    }
}

/// The digest of MACs that the rows lead to, from the last loss on.
fn digest(log: &Log, view: &SignerView) -> tlog::Hash {
    let last = view.losses.iter().max_by_key(|loss| loss.end());
    let (from, before) = last.map_or((0, tlog::mac::NO_MACS), |loss| (loss.end(), loss.macs_digest));
    log.rows.range(from..).fold(before, |digest, (_, (_, mac))| tlog::mac::macs_digest(&digest, mac))
}
