//! The key database, and the processes of key-service over it, as audit-service meets them.

use std::collections::BTreeMap;

use names::{BirthMark, LogName};
use secret::SecretBytes;
use tlog::append::MacCheck;
use tlog::mac::{MacVerdict, ReadyMacKey, ReadyMacKeyring};
use tlog::protocol::{AckOutcome, Acknowledgement, Rollback, Segment, SegmentAnswer};
use tlog::signer::{AdvanceError, Clock, Proof};
use tlog::{MacKey, MacKeyring, MacVersion, Snapshot};

use crate::signed_log::{Sealer, SignedLog};

/// What all processes of key-service share.
#[derive(Clone, Debug)]
pub(crate) struct KeyDatabase {
    pub(crate) logs: BTreeMap<LogName, SignedLog>,
    /// How many versions of the MAC key there are.
    pub(crate) versions: u32,
    /// Its clock, nanoseconds since 1970.
    pub(crate) now_ns: i64,
}

/// One process of key-service.
#[derive(Debug)]
pub(crate) struct SignerReplica {
    key: ReadyMacKey,
    keys: ReadyMacKeyring,
    /// The greatest size of each log that it has seen.
    seen: BTreeMap<LogName, u64>,
    /// Most bytes of stored segments in one answer.
    pub(crate) page_bytes: usize,
    /// Whether it keeps the rule of time: a defect to build in.
    pub(crate) keeps_time: bool,
}

/// A log of the key database is below what the process has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SetBack;

impl KeyDatabase {
    pub(crate) fn new(now_ns: i64) -> Self {
        Self { logs: BTreeMap::new(), versions: 1, now_ns }
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock { now_ns: self.now_ns }
    }

    pub(crate) fn log(&mut self, log: &LogName) -> &mut SignedLog {
        self.logs.entry(log.clone()).or_insert_with(|| SignedLog::new(log))
    }

    /// All versions of the MAC key.
    pub(crate) fn ring(&self) -> ReadyMacKeyring {
        MacKeyring::new(self.keys().collect()).unwrap().ready()
    }

    fn keys(&self) -> impl Iterator<Item = MacKey> {
        (1..=self.versions).map(|number| {
            let byte = u8::try_from(number).unwrap();
            let version = MacVersion { number, birth_mark: BirthMark::new([byte; 8]) };
            MacKey::new(version, SecretBytes::from_slice(&[byte; 32]).unwrap())
        })
    }
}

impl SignerReplica {
    pub(crate) fn start(database: &KeyDatabase) -> Self {
        Self {
            key: database.keys().last().unwrap().ready(),
            keys: database.ring(),
            seen: BTreeMap::new(),
            page_bytes: tlog::protocol::MAX_BEHIND_BYTES,
            keeps_time: true,
        }
    }

    /// Loads the versions of the MAC key that were made since.
    pub(crate) fn reload(&mut self, database: &KeyDatabase) {
        let Self { key, keys, .. } = Self::start(database);
        (self.key, self.keys) = (key, keys);
    }

    /// `SealBatch`: all of it, or nothing.
    pub(crate) fn seal_batch(
        &mut self,
        database: &mut KeyDatabase,
        segments: &[Segment],
    ) -> Result<Vec<SegmentAnswer>, SetBack> {
        for segment in segments {
            self.look_at(database, &segment.log)?;
        }
        let mut budget = self.page_bytes;
        Ok(segments.iter().map(|segment| self.seal(database, segment, &mut budget)).collect())
    }

    fn seal(&mut self, database: &mut KeyDatabase, segment: &Segment, budget: &mut usize) -> SegmentAnswer {
        let mut clock = database.clock();
        let log = database.log(&segment.log);
        if !self.keeps_time && !segment.entries.is_empty() {
            clock.now_ns = i64::MAX;
            log.state.last_logged_ns = i64::MIN;
        }
        let answer = log.seal(segment, Sealer { key: &self.key, clock }, budget);
        self.seen.insert(segment.log.clone(), log.state.size());
        answer
    }

    /// A log below what this process has seen was set back: it says nothing about it.
    fn look_at(&mut self, database: &mut KeyDatabase, log: &LogName) -> Result<(), SetBack> {
        let (size, seen) = (database.log(log).state.size(), self.seen.entry(log.clone()).or_default());
        if size < *seen {
            return Err(SetBack);
        }
        *seen = size;
        Ok(())
    }

    /// `Acknowledge`: `None` for a log that it says nothing about.
    pub(crate) fn acknowledge(
        &mut self,
        database: &mut KeyDatabase,
        acknowledgements: &[Acknowledgement],
    ) -> Vec<Option<AckOutcome>> {
        let clock = database.clock();
        let mut one = |acknowledgement: &Acknowledgement| {
            self.look_at(database, &acknowledgement.log).ok()?;
            Some(database.log(&acknowledgement.log).acknowledge(acknowledgement, clock))
        };
        acknowledgements.iter().map(&mut one).collect()
    }

    /// What audit-service found wrong in its own database.
    pub(crate) fn report(&mut self, database: &mut KeyDatabase, rollbacks: &[Rollback]) -> Result<(), SetBack> {
        let clock = database.clock();
        for rollback in rollbacks {
            self.look_at(database, &rollback.log)?;
            database.log(&rollback.log).report(rollback, clock);
        }
        Ok(())
    }

    /// `VerifyMacs`, with the key versions that it has loaded.
    pub(crate) fn verify_macs(&self, checks: &[MacCheck]) -> Vec<MacVerdict> {
        let one = |check: &MacCheck| self.keys.verify(tlog::log_id(&check.log), check.index, &check.head, &check.mac);
        checks.iter().map(one).collect()
    }

    /// `AdvanceHead`. It goes forward, so that what the process has seen does not stand in its way.
    pub(crate) fn advance(
        &mut self,
        database: &mut KeyDatabase,
        log: &LogName,
        (snapshot, proof): (&[u8], &Proof),
    ) -> Result<(), AdvanceError> {
        let snapshot = Snapshot::open(snapshot, &self.keys).unwrap();
        let clock = database.clock();
        database.log(log).advance(&snapshot, proof, clock)?;
        self.seen.insert(log.clone(), snapshot.size());
        Ok(())
    }
}
