//! The world that the protocol runs in: a scheduler that picks, from a seed, who acts next and what goes wrong.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bytes::Bytes;
use names::{LogId, LogName};
use tlog::append::{Committed, EventResult, Listed, MacCheck, Pending};
use tlog::mac::MacVerdict;
use tlog::protocol::{SealOutcome, Segment, SegmentAnswer, SignerView};
use uuid::Uuid;

use crate::database::{Database, Failure, Log};
use crate::events::{self, Producer};
use crate::faults::{Fault, Reached, Violation};
use crate::operator::{Backup, Excuses};
use crate::random::Random;
use crate::replica::{Answer, Question, Replica, Step};
use crate::signer::{KeyDatabase, SignerReplica};

#[derive(Debug)]
pub(crate) struct Call {
    id: u64,
    replica: usize,
    /// The step before which it does not arrive.
    due: u64,
    question: Question,
}

/// What can happen in a run beside what always does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disasters {
    pub(crate) rows: bool,
    pub(crate) keys: bool,
    pub(crate) clocks: bool,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) random: Random,
    pub(crate) fault: Option<Fault>,
    pub(crate) logs: [LogName; 2],
    pub(crate) database: Database,
    pub(crate) keys: KeyDatabase,
    pub(crate) signers: Vec<SignerReplica>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) calls: Vec<Call>,
    pub(crate) answers: Vec<(u64, usize, Answer)>,
    pub(crate) producers: Vec<Producer>,
    next_call: u64,
    steps: u64,
    /// The true time, which no clock shows, nanoseconds since 1970.
    pub(crate) now_ns: i64,
    /// How far the clocks of the replicas, and last that of the key database, are off.
    pub(crate) off_ns: [i64; 3],
    pub(crate) key_clock_went_back: bool,
    pub(crate) disasters: Disasters,
    /// Whether nothing goes wrong any more.
    calm: bool,
    pub(crate) backups: Vec<Backup>,
    pub(crate) excuses: Excuses,
    /// Alarms that were looked at.
    pub(crate) alarms: HashSet<(LogName, Uuid)>,
    /// Every entry that was ever sealed, but for those that the key database lost before anybody had them.
    pub(crate) sealed: BTreeMap<(LogId, u64), Bytes>,
    /// A verification under way: what the signer said, or, with the fault, what the rows were.
    pub(crate) verification: Option<(LogName, SignerView, Option<Log>)>,
    /// What this run has come to.
    pub(crate) reached: BTreeSet<Reached>,
    /// Earlier state of a log, for the fault that loses commits.
    pub(crate) earlier: Option<(LogId, Log)>,
}

const CHAOS_STEPS: u64 = 1_500;
const CALM_STEPS: u64 = 12_000;

impl World {
    pub(crate) fn new(seed: u64, fault: Option<Fault>) -> Self {
        let logs: [LogName; 2] = ["logs/acme".parse().unwrap(), "logs/system".parse().unwrap()];
        let mut random = Random::new(seed);
        let disasters = Disasters { rows: random.one_in(2), keys: random.one_in(2), clocks: random.one_in(2) };
        let mut world = Self {
            random,
            fault,
            database: Database::default(),
            keys: KeyDatabase::new(events::BEGINNING_NS),
            signers: Vec::new(),
            replicas: (0..2).map(|_| Replica::start(fault)).collect(),
            calls: Vec::new(),
            answers: Vec::new(),
            producers: events::producers(&logs),
            logs,
            next_call: 0,
            steps: 0,
            now_ns: events::BEGINNING_NS,
            off_ns: [0; 3],
            key_clock_went_back: false,
            disasters,
            calm: false,
            backups: Vec::new(),
            excuses: Excuses::default(),
            alarms: HashSet::new(),
            sealed: BTreeMap::new(),
            verification: None,
            reached: BTreeSet::new(),
            earlier: None,
        };
        world.signers = (0..2).map(|_| world.new_signer()).collect();
        world
    }

    /// Lets everything go wrong for a while, then nothing, and looks at what is left.
    pub(crate) fn run(&mut self) -> Result<(), Violation> {
        for _ in 0..CHAOS_STEPS {
            match self.random.below(40) {
                0 | 1 => self.go_wrong()?,
                2 => self.verify_in_passing()?,
                3 if self.random.one_in(2) => self.disaster(),
                4 if self.random.one_in(7) => self.operate()?,
                _ => self.act()?,
            }
        }
        for session in self.database.sessions() {
            if self.replicas.iter().all(|replica| replica.session() != Some(session)) {
                self.database.end(session);
            }
        }
        self.restart_signers(None);
        self.calm = true;
        for step in 0..CALM_STEPS {
            if step % 50 == 0 {
                self.operate()?;
            }
            if self.is_quiet() {
                if self.unsettled().is_none() {
                    return self.check();
                }
                let at = self.random.index(self.replicas.len());
                self.replicas[at].synchronize();
            }
            self.act()?;
            self.time_out_the_hopeless();
        }
        Err(self.unsettled().unwrap_or(Violation::Wedged))
    }

    fn is_quiet(&self) -> bool {
        self.calls.is_empty()
            && self.answers.is_empty()
            && self.producers.iter().all(|producer| producer.receipt.is_some())
            && self.replicas.iter().all(|replica| replica.is_idle() && !replica.is_waiting())
    }

    fn act(&mut self) -> Result<(), Violation> {
        self.steps += 1;
        self.now_ns += i64::try_from(self.random.below(2_000_000)).unwrap();
        self.keys.now_ns = self.now_ns + self.off_ns[2];
        match self.random.below(20) {
            0 | 1 => self.produce(),
            2..=6 => return self.deliver_call(),
            7..=11 => self.deliver_answer(),
            12 => self.be_on_time(),
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
            let pending = Pending::new(u64::try_from(ticket).unwrap(), producer.event.clone());
            self.replicas[replica].queue.push_back(pending);
        }
    }

    /// What processes do from time to time.
    fn be_on_time(&mut self) {
        let at = self.random.index(self.replicas.len());
        match self.random.below(8) {
            0 => self.replicas[at].synchronize(),
            1 | 2 => self.replicas[at].probe(self.database.quarantined()),
            3 if self.random.one_in(8) => self.signers[at].reload(&self.keys),
            _ => {}
        }
    }

    fn step(&mut self, at: usize) -> Result<(), Violation> {
        if self.replicas[at].is_waiting() {
            return Ok(());
        }
        self.keep_earlier(at);
        let reports = self.replicas[at].reports();
        if let Some(session) = self.replicas[at].session().filter(|_| reports && !self.calm && self.random.one_in(3)) {
            self.database.end(session);
        }
        match self.replicas[at].step(&mut self.database, self.now_ns + self.off_ns[at]) {
            Ok(step) => return self.follow(at, step),
            Err(Failure::Ended) => {
                if reports {
                    self.reached(Reached::LateReport);
                }
                self.replicas[at].give_up(&mut self.database);
            }
            Err(Failure::Conflict) => return Err(Violation::Quarantined),
        }
        Ok(())
    }

    fn ask(&mut self, at: usize, question: Question) {
        self.next_call += 1;
        self.replicas[at].waits_for(self.next_call);
        // Some calls are very late; a report is in time or not at all.
        let late = !matches!(question, Question::Report(_)) && self.random.one_in(5);
        let delay = if late { self.random.below(160) } else { 0 };
        self.calls.push(Call { id: self.next_call, replica: at, due: self.steps + delay, question });
    }

    fn follow(&mut self, at: usize, step: Step) -> Result<(), Violation> {
        match step {
            Step::Nothing => {}
            Step::Ask(question) => self.ask(at, question),
            Step::Done { done, rows } => {
                self.committed(&rows)?;
                for (ticket, result) in done.results {
                    let producer = &mut self.producers[usize::try_from(ticket).unwrap()];
                    match result {
                        EventResult::Receipt { index } if !self.random.one_in(8) => producer.receipt = Some(index),
                        EventResult::Refused(refusal) => return Err(Violation::Refused(refusal.to_string())),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// A call arrives at a signer, which decides and stores at once; sometimes it arrives again, later.
    fn deliver_call(&mut self) -> Result<(), Violation> {
        let due: Vec<usize> = (0..self.calls.len()).filter(|call| self.calls[*call].due <= self.steps).collect();
        if due.is_empty() {
            return Ok(());
        }
        let mut call = self.calls.swap_remove(due[self.random.index(due.len())]);
        let report = matches!(call.question, Question::Report(_));
        if report && !self.replicas[call.replica].is_waiting_for(call.id) {
            return Ok(());
        }
        let answer = self.answer(&call.question)?;
        if matches!(answer, Answer::Failed) {
            self.reached(Reached::SetBack);
        }
        self.look_at_alarms()?;
        self.answers.push((call.id, call.replica, answer));
        if !report && self.random.one_in(12) {
            call.due = self.steps + self.random.below(120);
            self.calls.push(call);
        }
        Ok(())
    }

    fn answer(&mut self, question: &Question) -> Result<Answer, Violation> {
        let at = self.random.index(self.signers.len());
        Ok(match question {
            Question::Seal(segments) => return self.seal(at, segments),
            Question::Report(rollbacks) => {
                let reported = self.signers[at].report(&mut self.keys, rollbacks);
                reported.map_or(Answer::Failed, |()| Answer::Noted)
            }
            Question::Acknowledge(acknowledgements) => {
                self.signers[at].acknowledge(&mut self.keys, acknowledgements);
                Answer::Noted
            }
            Question::VerifyMacs(checks) => Answer::Macs(self.verify_macs(at, checks)),
            Question::ListHeads => {
                let head = |(log, signed): (&LogName, &crate::signed_log::SignedLog)| Listed {
                    at: Committed { log: log.clone(), size: signed.state.size(), head: signed.state.head },
                    has_open_alarms: signed.state.open_alarms > 0,
                };
                Answer::Heads(self.keys.logs.iter().map(head).collect())
            }
        })
    }

    fn seal(&mut self, at: usize, segments: &[Segment]) -> Result<Answer, Violation> {
        let before: Vec<(u64, i64)> = segments
            .iter()
            .map(|segment| {
                let state = &self.keys.log(&segment.log).state;
                (state.size(), state.last_logged_ns)
            })
            .collect();
        let Ok(answers) = self.signers[at].seal_batch(&mut self.keys, segments) else { return Ok(Answer::Failed) };
        for ((segment, answer), (size, last_ns)) in segments.iter().zip(&answers).zip(before) {
            match answer.outcome {
                SealOutcome::Behind => self.reached(Reached::Behind),
                SealOutcome::Stale => self.reached(Reached::Stale),
                SealOutcome::Time => self.reached(Reached::WrongTime),
                SealOutcome::Sealed if answer.macs.is_empty() => {}
                SealOutcome::Sealed if answer.size <= size => self.reached(Reached::Replayed),
                SealOutcome::Sealed => self.newly_sealed(segment, last_ns)?,
                _ => {}
            }
            if answer.more {
                self.reached(Reached::Pages);
            }
            self.over_a_loss(segment, answer);
        }
        Ok(Answer::Sealed(answers))
    }

    /// A process that meets a key version which it has not loaded loads it and looks again, or cannot in time.
    fn verify_macs(&mut self, at: usize, checks: &[MacCheck]) -> Vec<MacVerdict> {
        self.reached(Reached::Known);
        let mut verdicts = self.signers[at].verify_macs(checks);
        if self.fault == Some(Fault::UnknownIsWrong) {
            let wrong = |verdict| if verdict == MacVerdict::UnknownVersion { MacVerdict::Wrong } else { verdict };
            return verdicts.into_iter().map(wrong).collect();
        }
        if verdicts.contains(&MacVerdict::UnknownVersion) {
            if self.random.one_in(2) {
                self.signers[at].reload(&self.keys);
                verdicts = self.signers[at].verify_macs(checks);
            } else {
                self.reached(Reached::Undecided);
            }
        }
        verdicts
    }

    fn over_a_loss(&mut self, segment: &Segment, answer: &SegmentAnswer) {
        let behind = answer.outcome == SealOutcome::Behind;
        if behind && answer.losses.iter().any(|loss| loss.contains(segment.first_index)) {
            self.reached(Reached::OverLoss);
        }
    }

    fn deliver_answer(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let answer = self.random.index(self.answers.len());
        let (call, at, answer) = self.answers.swap_remove(answer);
        if self.replicas[at].is_waiting_for(call) {
            let now_ns = self.now_ns + self.off_ns[at];
            if let Step::Ask(question) = self.replicas[at].take(answer, &mut self.database, now_ns) {
                self.ask(at, question);
            }
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

    pub(crate) fn reached(&mut self, reached: Reached) {
        self.reached.insert(reached);
    }
}
