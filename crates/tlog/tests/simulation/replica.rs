//! One replica of audit-service: drives the append protocol's stages against the database and the signer.

use std::collections::{BTreeMap, HashMap, VecDeque};

use names::{EventId, LogId, LogName};
use tlog::append::answer::LogTimes;
use tlog::append::{
    Batch, Built, Done, EventResult, KnownRow, Listed, Locked, LockedLog, MacCheck, Matched, NewRow, Newest, Pending,
    Times, Writes,
};
use tlog::mac::MacVerdict;
use tlog::protocol::{Acknowledgement, Rollback, Segment, SegmentAnswer};

use crate::database::{Database, Failure};
use crate::faults::Fault;

/// What a replica asks of the signer.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    Seal(Vec<Segment>),
    Report(Vec<Rollback>),
    Acknowledge(Vec<Acknowledgement>),
    VerifyMacs(Vec<MacCheck>),
    ListHeads,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Sealed(Vec<SegmentAnswer>),
    /// A report or an acknowledgement is stored.
    Noted,
    Macs(Vec<MacVerdict>),
    Heads(Vec<Listed>),
    /// The call failed: a log of the key database was set back below what the process has seen.
    Failed,
}

/// Where a batch stands.
#[derive(Debug)]
enum Stage {
    Starting,
    Idle,
    Locking { session: u64, batch: Batch, locked: Vec<LockedLog> },
    Newest { session: u64, locked: Locked },
    LookUp { session: u64, newest: Newest },
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
    probe: Vec<LogName>,
    /// What is to be acknowledged.
    acknowledgements: Vec<Acknowledgement>,
    /// Times that the signer gave when it refused entries because of theirs.
    times: Vec<LogTimes>,
    /// What the first look-up found, for the fault that looks up once only.
    remembered: BTreeMap<u64, Vec<KnownRow>>,
    /// Greatest event ids as they were before the locks were held, for the fault that reads them so early.
    early: HashMap<LogId, EventId>,
    fault: Option<Fault>,
}

/// What a step leads to.
pub(crate) enum Step {
    Nothing,
    Ask(Question),
    /// A batch is committed, and with it these rows.
    Done {
        done: Done,
        rows: Vec<NewRow>,
    },
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
            times: Vec::new(),
            remembered: BTreeMap::new(),
            early: HashMap::new(),
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
            | Stage::Newest { session, .. }
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

    /// Compares all logs with the signer's heads once more, as it does from time to time.
    pub(crate) fn synchronize(&mut self) {
        if matches!(self.stage, Stage::Idle) && !self.is_waiting() {
            self.stage = Stage::Starting;
        }
    }

    /// Probes logs in quarantine, as it does from time to time.
    pub(crate) fn probe(&mut self, logs: Vec<LogName>) {
        if self.probe.is_empty() {
            self.probe = logs;
        }
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
            Stage::Newest { session, locked } => {
                let early = self.fault == Some(Fault::NewestBeforeLock);
                let ids = if early { self.early.clone() } else { database.newest(session)? };
                self.stage = Stage::LookUp { session, newest: locked.newest(ids) };
                Ok(Step::Nothing)
            }
            Stage::LookUp { session, newest } => self.look_up(database, session, newest, now_ns),
            Stage::StillLocked { session, writes } => {
                if self.fault != Some(Fault::NoLockCheck) {
                    database.alive(session)?;
                }
                let rollbacks = writes.rollbacks().to_vec();
                self.stage = Stage::Reporting { session, writes };
                Ok(Step::Ask(Question::Report(rollbacks)))
            }
            Stage::Writing { session, writes } => {
                database.write(session, writes.rows(), writes.logs())?;
                self.stage = Stage::Committing { session, writes };
                Ok(Step::Nothing)
            }
            Stage::Committing { session, writes } => {
                let rows = database.commit(session)?;
                Ok(self.done(writes, rows))
            }
            waiting @ (Stage::Checking { .. } | Stage::Sealing { .. } | Stage::Reporting { .. }) => {
                self.stage = waiting;
                Ok(Step::Nothing)
            }
        }
    }

    fn begin(&mut self, database: &mut Database) -> Step {
        if !self.acknowledgements.is_empty() {
            return Step::Ask(Question::Acknowledge(std::mem::take(&mut self.acknowledgements)));
        }
        let probe = std::mem::take(&mut self.probe);
        let batch = if probe.is_empty() {
            let count = self.queue.len().min(2);
            if count == 0 {
                return Step::Nothing;
            }
            self.under_way = self.queue.drain(..count).collect();
            Batch::new(self.under_way.clone())
        } else {
            Batch::probe(&probe)
        };
        for (_, log) in batch.logs() {
            database.create(log);
        }
        let session = database.begin();
        if self.fault == Some(Fault::NewestBeforeLock) {
            self.early = database.newest(session).unwrap_or_default();
        }
        self.stage = Stage::Locking { session, batch, locked: Vec::new() };
        if self.fault == Some(Fault::EarlyReceipt) {
            let receipt = |pending: Pending| (pending.ticket, EventResult::Receipt { index: 0 });
            let results = self.under_way.drain(..).map(receipt).collect();
            return Step::Done { done: Done { results, ..Done::default() }, rows: Vec::new() };
        }
        Step::Nothing
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
            None => self.stage = Stage::Newest { session, locked: batch.locked(locked).unwrap() },
        }
        Ok(Step::Nothing)
    }

    fn look_up(&mut self, database: &mut Database, session: u64, newest: Newest, now_ns: i64) -> Result<Step, Failure> {
        let ids: Vec<_> = newest.event_ids().collect();
        let mut known = if ids.is_empty() { Vec::new() } else { database.known(session, &ids)? };
        if self.fault == Some(Fault::LooksUpOnce) {
            let first = self.under_way.first().map_or(0, |pending| pending.ticket);
            known = self.remembered.entry(first).or_insert(known).clone();
        }
        let matched = newest.known(known);
        if matched.checks().is_empty() {
            let built = matched.checked(&[], &self.times(now_ns)).unwrap();
            return Ok(self.seal(session, built));
        }
        let question = Question::VerifyMacs(matched.checks().to_vec());
        self.stage = Stage::Checking { session, matched };
        Ok(Step::Ask(question))
    }

    /// The times of the next batch: by its own clock, unless the signer has just said better.
    fn times(&mut self, now_ns: i64) -> Times {
        let mut times = Times::now(now_ns);
        for refused in self.times.drain(..) {
            times.learn(&refused.log, &refused.answer);
        }
        times
    }

    fn seal(&mut self, session: u64, built: Built) -> Step {
        let segments = built.segments().to_vec();
        if segments.is_empty() {
            let writes = built.answered(Vec::new()).unwrap();
            self.answered(session, writes);
            return Step::Nothing;
        }
        self.stage = Stage::Sealing { session, built };
        Step::Ask(Question::Seal(segments))
    }

    fn answered(&mut self, session: u64, writes: Writes) {
        self.stage = if writes.rollbacks().is_empty() {
            Stage::Writing { session, writes }
        } else {
            Stage::StillLocked { session, writes }
        };
    }

    /// Takes the answer that the stage waits for.
    pub(crate) fn take(&mut self, answer: Answer, database: &mut Database, now_ns: i64) -> Step {
        self.waits = None;
        match (std::mem::replace(&mut self.stage, Stage::Idle), answer) {
            (stage, Answer::Failed) => {
                self.stage = stage;
                self.give_up(database);
            }
            (Stage::Starting, Answer::Heads(heads)) => {
                let sync = tlog::append::sync(&database.committed(), &heads);
                self.acknowledgements = sync.acknowledgements;
                self.probe = sync.probe;
            }
            (Stage::Checking { session, matched }, Answer::Macs(verdicts)) => {
                let built = matched.checked(&verdicts, &self.times(now_ns)).unwrap();
                return self.seal(session, built);
            }
            (Stage::Sealing { session, built }, Answer::Sealed(answers)) => {
                self.sealed(session, built, answers, database);
            }
            (Stage::Reporting { session, writes }, Answer::Noted) => self.stage = Stage::Writing { session, writes },
            (stage, _) => self.stage = stage,
        }
        Step::Nothing
    }

    fn sealed(&mut self, session: u64, built: Built, mut answers: Vec<SegmentAnswer>, database: &Database) {
        if self.fault == Some(Fault::IgnoresBehind) {
            for answer in &mut answers {
                answer.behind.clear();
                answer.more = true;
            }
        }
        let writes = built.answered(answers).unwrap();
        if self.fault == Some(Fault::AcknowledgesEarly) {
            let early = writes.logs().iter().map(|update| Acknowledgement {
                log: database.logs[&update.log_id].name.clone(),
                size: update.size,
                head: update.head,
                alarms_raised: None,
            });
            self.acknowledgements.extend(early);
        }
        self.answered(session, writes);
    }

    fn done(&mut self, writes: Writes, rows: Vec<NewRow>) -> Step {
        self.under_way.clear();
        let mut done = writes.committed();
        self.acknowledgements.append(&mut done.acknowledgements);
        self.probe.append(&mut done.behind);
        self.times.append(&mut done.times);
        for pending in done.again.drain(..).rev() {
            self.queue.push_front(pending);
        }
        Step::Done { done, rows }
    }
}
