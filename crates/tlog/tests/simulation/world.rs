//! The world that the protocol runs in: a scheduler that picks, from a seed, who acts next and what goes wrong.

use names::{EventId, LogName};
use tlog::{
    Event, Outcome,
    append::{Committed, EventResult, Pending},
    protocol::SealOutcome,
    signer::verify_macs,
    verify::{Report, Row, Subject, Verdict, Verifier},
};
use uuid::Uuid;

use crate::{
    database::{Database, Failure, Log},
    random::Random,
    replica::{Answer, Question, Replica, Step, column},
    signer::Signer,
};

/// A defect to build in: each breaks an invariant, and the simulation must find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The look-up of event ids is not repeated when a batch starts over after BEHIND.
    LooksUpOnce,
    /// Receipts are given before anything is sealed.
    EarlyReceipt,
    /// Segments that BEHIND carries are not taken.
    IgnoresBehind,
    /// A rollback is reported without looking whether the lock still holds.
    NoLockCheck,
    /// The signer is told of a commit that has not answered.
    AcknowledgesEarly,
    /// The signer loses its newest segment when it restarts.
    ForgetfulSigner,
    /// PostgreSQL loses its newest commits when it restarts (`synchronous_commit = off`).
    ForgetfulDatabase,
    /// A verification opens its snapshot before it asks the signer.
    SnapshotFirst,
}

/// What a run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// An event is not in its log exactly once, or not where its receipt says.
    NotExactlyOnce(String),
    /// The signer and the rows do not agree although all is quiet.
    Disagree(String),
    /// It did not become quiet.
    Wedged,
    /// The signer keeps an alarm.
    FalseAlarm(String),
    /// A log is in quarantine.
    Quarantined,
    /// A verification found something.
    NotIntact(String),
}

#[derive(Debug)]
struct Call {
    id: u64,
    replica: usize,
    /// The step before which it does not arrive.
    due: u64,
    question: Question,
}

#[derive(Debug)]
struct Producer {
    log: LogName,
    event: Event,
    receipt: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct World {
    random: Random,
    fault: Option<Fault>,
    database: Database,
    signer: Signer,
    replicas: Vec<Replica>,
    calls: Vec<Call>,
    answers: Vec<(u64, usize, Answer)>,
    producers: Vec<Producer>,
    next_call: u64,
    steps: u64,
    now_ns: i64,
    /// A verification under way: what the signer said, or, with the fault, what the rows were.
    verification: Option<(LogName, tlog::protocol::SignerView, Option<Log>)>,
    /// How often something that must be reached was reached.
    pub(crate) seen: Seen,
    /// Earlier states of logs, for the fault that loses commits.
    earlier: Option<(names::LogId, Log)>,
}

/// How often a run came to what it is there to show.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) behind: u64,
    pub(crate) stale: u64,
    pub(crate) replayed: u64,
    pub(crate) known: u64,
    pub(crate) late_reports: u64,
    pub(crate) recovered: u64,
}

const EVENTS: u64 = 24;
const CHAOS_STEPS: u64 = 400;
const CALM_STEPS: u64 = 6_000;

impl World {
    pub(crate) fn new(seed: u64, fault: Option<Fault>) -> Self {
        let logs: [LogName; 2] = ["logs/acme".parse().unwrap(), "logs/system".parse().unwrap()];
        let producers = (0..EVENTS).map(|n| Producer {
            log: logs[usize::from(n % 3 == 0)].clone(),
            event: event(n),
            receipt: None,
        });
        Self {
            random: Random::new(seed),
            fault,
            database: Database::default(),
            signer: Signer::new(),
            replicas: (0..2).map(|_| Replica::start(fault)).collect(),
            calls: Vec::new(),
            answers: Vec::new(),
            producers: producers.collect(),
            next_call: 0,
            steps: 0,
            now_ns: 1_790_000_000_000_000_000,
            verification: None,
            seen: Seen::default(),
            earlier: None,
        }
    }

    /// Lets everything go wrong for a while, then nothing, and looks at what is left.
    pub(crate) fn run(&mut self) -> Result<(), Violation> {
        for _ in 0..CHAOS_STEPS {
            match self.random.below(24) {
                0 | 1 => self.go_wrong(),
                2 => self.verify_in_passing()?,
                _ => self.act()?,
            }
        }
        for session in self.database.sessions() {
            if self.replicas.iter().all(|replica| replica.session() != Some(session)) {
                self.database.end(session);
            }
        }
        for _ in 0..CALM_STEPS {
            if self.is_quiet() {
                return self.check();
            }
            self.act()?;
            self.time_out_the_hopeless();
        }
        Err(Violation::Wedged)
    }

    fn is_quiet(&self) -> bool {
        self.calls.is_empty()
            && self.answers.is_empty()
            && self.producers.iter().all(|producer| producer.receipt.is_some())
            && self.replicas.iter().all(|replica| replica.is_idle() && !replica.is_waiting())
    }

    fn act(&mut self) -> Result<(), Violation> {
        self.steps += 1;
        self.now_ns += i64::try_from(self.random.below(1_000)).unwrap();
        match self.random.below(8) {
            0 => self.produce(),
            1 | 2 => self.deliver_call(),
            3 | 4 => self.deliver_answer(),
            _ => {
                let replica = self.random.index(self.replicas.len());
                return self.step(replica);
            }
        }
        Ok(())
    }

    /// A producer sends, or sends again, what it has no receipt for.
    fn produce(&mut self) {
        let ticket = self.random.index(self.producers.len());
        let replica = self.random.index(self.replicas.len());
        let producer = &self.producers[ticket];
        if producer.receipt.is_none() && self.replicas[replica].queue.len() < 8 {
            let ticket = u64::try_from(ticket).unwrap();
            let pending = Pending::new(ticket, producer.log.clone(), producer.event.clone());
            self.replicas[replica].queue.push_back(pending);
        }
    }

    fn step(&mut self, at: usize) -> Result<(), Violation> {
        if self.replicas[at].is_waiting() {
            return Ok(());
        }
        // Clocks differ, and jump.
        let now_ns = self.now_ns + i64::try_from(self.random.below(2_000)).unwrap() - 1_000;
        self.keep_earlier(at);
        let reports = self.replicas[at].reports();
        match self.replicas[at].step(&mut self.database, now_ns) {
            Ok(step) => self.follow(at, step),
            Err(Failure::Ended) => {
                self.seen.late_reports += u64::from(reports);
                self.replicas[at].give_up(&mut self.database);
            }
            Err(Failure::Conflict) => return Err(Violation::Quarantined),
        }
        Ok(())
    }

    fn follow(&mut self, at: usize, step: Step) {
        match step {
            Step::Nothing => {}
            Step::Ask(question) => {
                self.next_call += 1;
                self.replicas[at].waits_for(self.next_call);
                // Some calls are very late.
                let delay = if self.random.one_in(5) { self.random.below(160) } else { 0 };
                self.calls.push(Call { id: self.next_call, replica: at, due: self.steps + delay, question });
            }
            Step::Done(done) => {
                for (ticket, result) in done.results {
                    let lost = self.random.one_in(8);
                    if let (EventResult::Receipt { index }, false) = (result, lost) {
                        self.producers[usize::try_from(ticket).unwrap()].receipt = Some(index);
                    }
                }
            }
        }
    }

    /// A call arrives at the signer, which decides and stores at once; sometimes it arrives again, later.
    fn deliver_call(&mut self) {
        let due: Vec<usize> = (0..self.calls.len()).filter(|call| self.calls[*call].due <= self.steps).collect();
        if due.is_empty() {
            return;
        }
        let mut call = self.calls.swap_remove(due[self.random.index(due.len())]);
        let answer = match &call.question {
            Question::Seal(batch) => {
                let answers = self.signer.seal_batch(batch);
                for answer in &answers {
                    match answer.outcome {
                        SealOutcome::Behind => self.seen.behind += 1,
                        SealOutcome::Stale => self.seen.stale += 1,
                        SealOutcome::Sealed if !answer.macs.is_empty() && self.signer.replayed => {
                            self.seen.replayed += 1;
                        }
                        _ => {}
                    }
                }
                Answer::Sealed(answers)
            }
            Question::VerifyMacs(checks) => Answer::Valid({
                self.seen.known += 1;
                checks
                    .iter()
                    .map(|check| {
                        let id = tlog::log_id(&check.log);
                        self.signer.keys().verify(id, check.index, &check.head, &check.mac)
                    })
                    .collect()
            }),
            Question::ListHeads => Answer::Heads(
                self.signer
                    .logs
                    .iter()
                    .map(|(log, signed)| Committed {
                        log: log.clone(),
                        size: signed.state.size(),
                        head: signed.state.head,
                    })
                    .collect(),
            ),
        };
        self.answers.push((call.id, call.replica, answer));
        if self.random.one_in(12) {
            call.due = self.steps + self.random.below(120);
            self.calls.push(call);
        }
    }

    fn deliver_answer(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let answer = self.random.index(self.answers.len());
        let (call, at, answer) = self.answers.swap_remove(answer);
        if self.replicas[at].is_waiting_for(call) {
            let step = self.replicas[at].take(answer, &self.database, self.now_ns);
            self.follow(at, step);
        }
    }

    fn go_wrong(&mut self) {
        let at = self.random.index(self.replicas.len());
        match self.random.below(10) {
            0 => self.crash(at),
            1 | 8 | 9 => {
                let sessions = self.database.sessions();
                if let Some(session) = sessions.get(self.random.index(sessions.len().max(1))) {
                    self.database.end(*session);
                }
            }
            2 => drop(self.random.index(self.calls.len().max(1)).lt(&self.calls.len()).then(|| self.calls.pop())),
            3 => drop(self.answers.pop()),
            4 => self.replicas[at].give_up(&mut self.database),
            5 => self.commit_without_answer(at),
            6 => self.signer.prune(self.random.index(3)),
            _ => self.restart_a_database(),
        }
    }

    /// A replica's process ends. Its session may outlive it until PostgreSQL notices, and a COMMIT may still arrive.
    fn crash(&mut self, at: usize) {
        if let Some(session) = self.replicas[at].session() {
            if self.replicas[at].commits() && self.random.one_in(2) {
                self.database.commit(session).ok();
            } else if self.random.one_in(2) {
                self.database.end(session);
            }
        }
        self.replicas[at] = Replica::start(self.fault);
    }

    /// COMMIT is done, and its answer lost.
    fn commit_without_answer(&mut self, at: usize) {
        if let Some(session) = self.replicas[at].session().filter(|_| self.replicas[at].commits()) {
            self.database.commit(session).ok();
            self.replicas[at].give_up(&mut self.database);
        }
    }

    /// The signer restarts: calls are lost. With faults, so is what was stored last.
    fn restart_a_database(&mut self) {
        self.calls.clear();
        if self.fault == Some(Fault::ForgetfulSigner) {
            for log in self.signer.logs.values_mut() {
                if let Some((meta, before, _)) = log.segments.pop() {
                    log.state.head = meta.previous_head;
                    log.state.range = before;
                    log.state.acknowledged = log.state.acknowledged.min(log.state.size());
                }
            }
        }
        if self.fault == Some(Fault::ForgetfulDatabase)
            && let Some((id, log)) = self.earlier.take()
        {
            for session in self.database.sessions() {
                self.database.end(session);
            }
            self.database.logs.insert(id, log);
        }
    }

    fn keep_earlier(&mut self, at: usize) {
        if self.fault == Some(Fault::ForgetfulDatabase) && self.replicas[at].commits() {
            let log = self.database.logs.iter().next().map(|(id, log)| (*id, log.clone()));
            self.earlier = log;
        }
    }

    /// When nothing goes wrong any more, calls that were lost still have their deadline.
    fn time_out_the_hopeless(&mut self) {
        for (at, replica) in self.replicas.iter_mut().enumerate() {
            let hope = self.calls.iter().any(|call| call.replica == at && replica.is_waiting_for(call.id))
                || self.answers.iter().any(|(call, to, _)| *to == at && replica.is_waiting_for(*call));
            if replica.is_waiting() && !hope {
                replica.give_up(&mut self.database);
            }
        }
    }

    /// Verifies while everything goes on: the signer is asked now, the rows are read some steps later.
    fn verify_in_passing(&mut self) -> Result<(), Violation> {
        if let Some((log, view, rows)) = self.verification.take() {
            let (view, rows) = match rows {
                Some(rows) => (self.signer.view(&log), Some(rows)),
                None => (view, self.database.logs.get(&tlog::log_id(&log)).cloned()),
            };
            return self.verify(&log, view, rows.as_ref());
        }
        let log = self.producers[self.random.index(2)].log.clone();
        let rows = self.database.logs.get(&tlog::log_id(&log)).cloned();
        let rows = rows.filter(|_| self.fault == Some(Fault::SnapshotFirst));
        self.verification = Some((log.clone(), self.signer.view(&log), rows));
        Ok(())
    }

    fn verify(&mut self, log: &LogName, view: tlog::protocol::SignerView, rows: Option<&Log>) -> Result<(), Violation> {
        let report = report(log, view, rows, &self.signer);
        self.seen.recovered += u64::from(report.recovered > 0);
        if report.verdict == Verdict::Intact {
            return Ok(());
        }
        let words = format!("{:?}", report.findings);
        if self.signer.logs.values().any(|log| !log.alarms.is_empty()) {
            return Err(Violation::FalseAlarm(words));
        }
        Err(Violation::NotIntact(words))
    }

    fn check(&mut self) -> Result<(), Violation> {
        for producer in &self.producers {
            let log = &self.database.logs[&tlog::log_id(&producer.log)];
            let is_it = |entry: &[u8]| tlog::entry::decode(entry).is_ok_and(|entry| entry.event() == producer.event);
            let found: Vec<u64> =
                log.rows.iter().filter(|(_, (entry, _))| is_it(entry)).map(|(index, _)| *index).collect();
            let early = self.fault == Some(Fault::EarlyReceipt);
            if found.len() != 1 || (!early && producer.receipt != found.first().copied()) {
                return Err(Violation::NotExactlyOnce(format!("{:?} at {found:?}", producer.receipt)));
            }
        }
        for log in self.database.logs.clone().values() {
            if log.quarantined {
                return Err(Violation::Quarantined);
            }
            let signed = &self.signer.view(&log.name);
            if (log.size, log.head) != (signed.size, signed.head) {
                return Err(Violation::Disagree(format!("{} rows, {} sealed", log.size, signed.size)));
            }
            if let Some(alarm) = signed.alarms.first() {
                return Err(Violation::FalseAlarm(format!("{alarm:?}")));
            }
            self.verify(&log.name, signed.clone(), Some(log))?;
        }
        Ok(())
    }
}

fn report(log: &LogName, view: tlog::protocol::SignerView, rows: Option<&Log>, signer: &Signer) -> Report {
    let subject = Subject { signer: Some(view), row: rows.map(Log::row), expectation: None };
    let mut verifier = Verifier::new(log, subject);
    for (index, (entry, mac)) in rows.iter().flat_map(|log| &log.rows) {
        let columns = tlog::entry::decode(entry).unwrap().columns();
        verifier.push(&Row { index: i64::try_from(*index).unwrap(), columns, entry, mac: &column(mac) });
    }
    verifier.end();
    while let Some(run) = verifier.next_check() {
        let invalid = verify_macs(signer.keys(), log, run.first_index, (&run.heads, &run.macs)).unwrap();
        verifier.checked(Some(&invalid));
    }
    let latest = verifier.beyond_signer().then(|| signer.view(log));
    verifier.finish(latest.as_ref())
}

fn event(n: u64) -> Event {
    let mut id = [0; 16];
    id[0] = 1;
    id[6] = 0x70;
    id[8..].copy_from_slice(&(n | 1 << 63).to_be_bytes());
    Event {
        event_id: EventId::new(Uuid::from_bytes(id)),
        producer: "spiffe://strongroom.dev/vault-service".into(),
        time_ns: 1,
        actor: "spiffe://strongroom.dev/app".into(),
        on_behalf_of: String::new(),
        action: "records.reveal".into(),
        resource: String::new(),
        outcome: Outcome::Ok,
        purpose: String::new(),
        reference: n.to_string(),
        key_operation: None,
        attributes: std::collections::BTreeMap::new(),
    }
}
