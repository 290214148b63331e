//! One replica of audit-service: drives the append protocol's stages against the database and the signer.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use names::LogId;
use tlog::{
    append::{Batch, Built, Done, EventResult, KnownRow, Locked, LockedLog, Matched, Pending, Writes},
    protocol::{Acknowledgement, SegmentAnswer},
};

use crate::{
    database::{Database, Failure},
    signer::SealBatch,
    world::Fault,
};

/// What a replica asks of the signer.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    Seal(SealBatch),
    VerifyMacs(Vec<tlog::append::MacCheck>),
    ListHeads,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Sealed(Vec<SegmentAnswer>),
    Valid(Vec<bool>),
    Heads(Vec<tlog::append::Committed>),
}

/// Where a batch stands.
#[derive(Debug)]
enum Stage {
    Starting,
    Idle,
    Locking { session: u64, batch: Batch, locked: Vec<LockedLog> },
    LookUp { session: u64, locked: Locked },
    Checking { session: u64, matched: Matched },
    Sealing { session: u64, built: Built },
    StillLocked { session: u64, writes: Writes },
    Reporting { session: u64, writes: Writes },
    Writing { session: u64, writes: Writes },
    Committing { session: u64, writes: Writes },
}

#[derive(Debug)]
pub(crate) struct Replica {
    stage: Stage,
    /// The call that the stage waits for.
    waits: Option<u64>,
    /// Events taken and not yet answered.
    pub(crate) queue: VecDeque<Pending>,
    /// Events of the batch that is under way.
    under_way: Vec<Pending>,
    /// Logs to probe.
    probe: Vec<names::LogName>,
    /// What is to be acknowledged.
    acknowledgements: Vec<Acknowledgement>,
    /// What the first look-up found, for the fault that looks up once only.
    remembered: BTreeMap<u64, Vec<KnownRow>>,
    fault: Option<Fault>,
}

/// What a step leads to.
pub(crate) enum Step {
    Nothing,
    Ask(Question),
    Done(Done),
}

impl Replica {
    /// A process that has just started.
    pub(crate) fn start(fault: Option<Fault>) -> Self {
        Self {
            stage: Stage::Starting,
            waits: None,
            queue: VecDeque::new(),
            under_way: Vec::new(),
            probe: Vec::new(),
            acknowledgements: Vec::new(),
            remembered: BTreeMap::new(),
            fault,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
            && self.queue.is_empty()
            && self.probe.is_empty()
            && self.acknowledgements.is_empty()
    }

    pub(crate) fn waits_for(&mut self, call: u64) {
        self.waits = Some(call);
    }

    pub(crate) fn is_waiting_for(&self, call: u64) -> bool {
        self.waits == Some(call)
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waits.is_some()
    }

    pub(crate) fn session(&self) -> Option<u64> {
        match &self.stage {
            Stage::Starting | Stage::Idle => None,
            Stage::Locking { session, .. }
            | Stage::LookUp { session, .. }
            | Stage::Checking { session, .. }
            | Stage::Sealing { session, .. }
            | Stage::StillLocked { session, .. }
            | Stage::Reporting { session, .. }
            | Stage::Writing { session, .. }
            | Stage::Committing { session, .. } => Some(*session),
        }
    }

    /// Whether it is about to report a rollback, if its lock still holds.
    pub(crate) fn reports(&self) -> bool {
        matches!(self.stage, Stage::StillLocked { .. })
    }

    /// Whether COMMIT is the next statement.
    pub(crate) fn commits(&self) -> bool {
        matches!(self.stage, Stage::Committing { .. })
    }

    /// Gives up the batch: its events wait again.
    pub(crate) fn give_up(&mut self, database: &mut Database) {
        if let Some(session) = self.session() {
            database.end(session);
        }
        self.waits = None;
        if !matches!(self.stage, Stage::Starting) {
            self.stage = Stage::Idle;
        }
        for pending in self.under_way.drain(..).rev() {
            self.queue.push_front(pending);
        }
    }

    /// Runs the next statement, if it waits for no call.
    pub(crate) fn step(&mut self, database: &mut Database, now_ns: i64) -> Result<Step, Failure> {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Starting => {
                self.stage = Stage::Starting;
                Ok(Step::Ask(Question::ListHeads))
            }
            Stage::Idle => Ok(self.begin(database)),
            Stage::Locking { session, batch, locked } => self.lock(database, session, batch, locked),
            Stage::LookUp { session, locked } => self.look_up(database, session, locked, now_ns),
            Stage::StillLocked { session, writes } => {
                if self.fault != Some(Fault::NoLockCheck) && !database.alive(session) {
                    return Err(Failure::Ended);
                }
                let rollbacks = writes.rollbacks().to_vec();
                self.stage = Stage::Reporting { session, writes };
                Ok(Step::Ask(Question::Seal(SealBatch { rollbacks, ..SealBatch::default() })))
            }
            Stage::Writing { session, writes } => {
                database.write(session, writes.rows(), writes.logs())?;
                self.stage = Stage::Committing { session, writes };
                Ok(Step::Nothing)
            }
            Stage::Committing { session, writes } => {
                database.commit(session)?;
                Ok(self.done(writes))
            }
            waiting @ (Stage::Checking { .. } | Stage::Sealing { .. } | Stage::Reporting { .. }) => {
                self.stage = waiting;
                Ok(Step::Nothing)
            }
        }
    }

    fn begin(&mut self, database: &mut Database) -> Step {
        let probe = std::mem::take(&mut self.probe);
        let batch = if probe.is_empty() {
            let count = self.queue.len().min(4);
            if count == 0 {
                return self.flush();
            }
            self.under_way = self.queue.drain(..count).collect();
            Batch::new(self.under_way.clone())
        } else {
            Batch::probe(&probe)
        };
        for (_, log) in batch.logs() {
            database.create(log);
        }
        self.stage = Stage::Locking { session: database.begin(), batch, locked: Vec::new() };
        if self.fault == Some(Fault::EarlyReceipt) {
            let receipt = |pending: Pending| (pending.ticket, EventResult::Receipt { index: 0 });
            let results = self.under_way.drain(..).map(receipt).collect();
            return Step::Done(Done { results, ..Done::default() });
        }
        Step::Nothing
    }

    /// Acknowledges by itself what no batch has carried.
    fn flush(&mut self) -> Step {
        let acknowledged = std::mem::take(&mut self.acknowledgements);
        if acknowledged.is_empty() {
            return Step::Nothing;
        }
        Step::Ask(Question::Seal(SealBatch { acknowledged, ..SealBatch::default() }))
    }

    fn lock(
        &mut self,
        database: &mut Database,
        session: u64,
        batch: Batch,
        mut locked: Vec<LockedLog>,
    ) -> Result<Step, Failure> {
        let next: Option<LogId> = batch.logs().nth(locked.len()).map(|(id, _)| id);
        match next {
            Some(id) => {
                locked.extend(database.lock(session, id)?);
                self.stage = Stage::Locking { session, batch, locked };
            }
            None => self.stage = Stage::LookUp { session, locked: batch.locked(locked).unwrap() },
        }
        Ok(Step::Nothing)
    }

    fn look_up(&mut self, database: &mut Database, session: u64, locked: Locked, now_ns: i64) -> Result<Step, Failure> {
        let ids: Vec<_> = locked.event_ids().collect();
        let mut known = database.known(session, &ids)?;
        if self.fault == Some(Fault::LooksUpOnce) {
            let first = self.under_way.first().map_or(0, |pending| pending.ticket);
            known = self.remembered.entry(first).or_insert(known).clone();
        }
        let matched = locked.known(known);
        if matched.checks().is_empty() {
            let built = matched.checked(&[], now_ns).unwrap();
            return Ok(self.seal(session, built));
        }
        let question = Question::VerifyMacs(matched.checks().to_vec());
        self.stage = Stage::Checking { session, matched };
        Ok(Step::Ask(question))
    }

    fn seal(&mut self, session: u64, built: Built) -> Step {
        let segments = built.segments().to_vec();
        if segments.is_empty() {
            let writes = built.answered(Vec::new()).unwrap();
            self.answered(session, writes);
            return Step::Nothing;
        }
        self.stage = Stage::Sealing { session, built };
        let acknowledged = std::mem::take(&mut self.acknowledgements);
        Step::Ask(Question::Seal(SealBatch { segments, acknowledged, rollbacks: Vec::new() }))
    }

    fn answered(&mut self, session: u64, writes: Writes) {
        self.stage = if writes.rollbacks().is_empty() {
            Stage::Writing { session, writes }
        } else {
            Stage::StillLocked { session, writes }
        };
    }

    /// Takes the answer that the stage waits for.
    pub(crate) fn take(&mut self, answer: Answer, database: &Database, now_ns: i64) -> Step {
        self.waits = None;
        match (std::mem::replace(&mut self.stage, Stage::Idle), answer) {
            (Stage::Starting, Answer::Heads(heads)) => {
                let sync = tlog::append::sync(&database.committed(), &heads);
                self.acknowledgements = sync.acknowledgements;
                self.probe = sync.probe;
            }
            (Stage::Checking { session, matched }, Answer::Valid(valid)) => {
                let built = matched.checked(&valid, now_ns).unwrap();
                return self.seal(session, built);
            }
            (Stage::Sealing { session, built }, Answer::Sealed(mut answers)) => {
                if self.fault == Some(Fault::IgnoresBehind) {
                    for answer in &mut answers {
                        answer.behind.clear();
                        answer.more = true;
                    }
                }
                let writes = built.answered(answers).unwrap();
                if self.fault == Some(Fault::AcknowledgesEarly) {
                    let rows = writes.logs().iter();
                    self.acknowledgements.extend(rows.map(|update| Acknowledgement {
                        log: database.logs[&update.log_id].name.clone(),
                        size: update.size,
                        head: update.head,
                    }));
                }
                self.answered(session, writes);
            }
            (Stage::Reporting { session, writes }, Answer::Sealed(_)) => {
                self.stage = Stage::Writing { session, writes }
            }
            (stage, _) => self.stage = stage,
        }
        Step::Nothing
    }

    fn done(&mut self, writes: Writes) -> Step {
        self.under_way.clear();
        let mut done = writes.committed();
        self.acknowledgements.append(&mut done.acknowledgements);
        self.probe.append(&mut done.behind);
        for pending in done.again.drain(..).rev() {
            self.queue.push_front(pending);
        }
        Step::Done(done)
    }
}

/// A row's MAC column as bytes.
pub(crate) fn column(mac: &tlog::Mac) -> Bytes {
    Bytes::copy_from_slice(mac.as_bytes())
}
