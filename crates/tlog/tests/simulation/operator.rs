//! Disasters, and what an operator does about them.

use std::collections::{BTreeMap, BTreeSet};

use names::{LogId, LogName};
use tlog::Snapshot;
use tlog::consistency::subtrees;
use tlog::protocol::{Alarm, AlarmKind, Tally};
use tlog::signer::repair::EntryRange;
use tlog::signer::{AdvanceError, LogState, Proof};
use uuid::Uuid;

use crate::database::Log;
use crate::faults::{Fault, Reached, Violation};
use crate::replica::Replica;
use crate::signed_log::{SignedLog, consistency_proof};
use crate::signer::SignerReplica;
use crate::world::World;

/// Most bytes of stored segments in one answer: two or three segments.
const PAGE_BYTES: usize = 1_700;

/// Most backups that are kept.
const BACKUPS: usize = 3;

/// Copies of both databases, made while everything was in order.
#[derive(Debug)]
pub(crate) struct Backup {
    rows: BTreeMap<LogId, Log>,
    pub(crate) keys: BTreeMap<LogName, SignedLog>,
}

/// What has happened that explains an alarm or a repair. Empty again once all is repaired.
#[derive(Debug, Default)]
pub(crate) struct Excuses {
    /// One database was set back, and is not repaired.
    pub(crate) damaged: bool,
    /// The key database was set back: logs may be AHEAD.
    ahead: bool,
    /// How far the rows had come before they were set back.
    rows: BTreeMap<LogName, u64>,
    /// Sessions of then: they may still commit what was sealed before.
    sessions: Vec<u64>,
    /// Logs whose rows were set back: one alarm, and one declared loss.
    rolled_back: BTreeSet<LogName>,
    lost: BTreeSet<LogName>,
    /// Logs whose alarms went with what the key database lost, or that an operator's word brought forward.
    advanced: BTreeSet<LogName>,
}

impl World {
    /// Backs both databases up. A version of the MAC key is in every backup before it is used.
    pub(crate) fn back_up(&mut self) {
        if self.excuses.damaged {
            return;
        }
        if self.backups.len() == BACKUPS {
            let any = self.random.index(BACKUPS);
            self.backups.remove(any);
        }
        self.backups.push(Backup { rows: self.database.logs.clone(), keys: self.keys.logs.clone() });
    }

    /// A backup to restore. `None`: there is none, or what was damaged before is not repaired yet.
    fn backup(&mut self) -> Option<&Backup> {
        if self.excuses.damaged || self.backups.is_empty() {
            return None;
        }
        let at = self.random.index(self.backups.len());
        self.backups.get(at)
    }

    /// Restores the audit database from its backup. Nobody runs meanwhile, and no call outlives it.
    pub(crate) fn set_rows_back(&mut self) {
        let Some(mut logs) = self.backup().map(|backup| backup.rows.clone()) else { return };
        self.calls.clear();
        self.answers.clear();
        self.verification = None;
        self.excuses.damaged = true;
        for (id, log) in &self.database.logs {
            // A log that began later is not in the backup.
            if logs.get(id).map_or(0, |backup| backup.size) < log.size {
                self.excuses.rolled_back.insert(log.name.clone());
                self.excuses.lost.insert(log.name.clone());
                self.excuses.rows.insert(log.name.clone(), log.size);
            }
        }
        for log in logs.values_mut() {
            log.quarantined = false;
        }
        self.database.restore(logs);
        self.replicas.iter_mut().for_each(|replica| *replica = Replica::start(self.fault));
        if self.random.one_in(2) {
            let keep = self.random.index(2);
            self.prune(keep);
        }
    }

    /// Restores the key database from its backup. One of its processes may not be restarted for a while.
    pub(crate) fn set_keys_back(&mut self) {
        let Some(backup) = self.backup().map(|backup| backup.keys.clone()) else { return };
        self.calls.clear();
        self.verification = None;
        self.excuses.damaged = true;
        self.excuses.ahead = true;
        self.excuses.sessions = self.database.sessions();
        for (name, signed) in &self.keys.logs {
            let tally = backup.get(name).map_or(Tally::default(), |backup| backup.state.alarms);
            if tally != signed.state.alarms {
                self.excuses.advanced.insert(name.clone());
            }
        }
        self.keys.logs = backup;
        self.forget_uncommitted();
        let spared = self.random.index(self.signers.len() + 1);
        self.restart_signers(Some(spared));
    }

    pub(crate) fn restart_signers(&mut self, spared: Option<usize>) {
        for at in (0..self.signers.len()).filter(|at| Some(*at) != spared) {
            self.signers[at] = self.new_signer();
        }
    }

    pub(crate) fn new_signer(&self) -> SignerReplica {
        let mut signer = SignerReplica::start(&self.keys);
        signer.page_bytes = PAGE_BYTES;
        signer.keeps_time = self.fault != Some(Fault::NoTimeRule);
        signer
    }

    /// Deletes old acknowledged segments.
    pub(crate) fn prune(&mut self, keep: usize) {
        for signed in self.keys.logs.values_mut() {
            let rows = self.database.logs.get(&tlog::log_id(&signed.log)).map_or(0, |log| log.size);
            let before = signed.segments.len();
            signed.prune(keep);
            let lacking = signed.segments.first().is_some_and(|kept| kept.meta.first_index > rows);
            if before > signed.segments.len() && lacking {
                self.excuses.lost.insert(signed.log.clone());
            }
        }
    }

    /// Whether rows and signer are where they should be, but for what is under way.
    fn is_repaired(&self) -> bool {
        let in_order = |name: &LogName| {
            let rows = self.database.logs.get(&tlog::log_id(name)).map_or(0, |log| log.size);
            let state = self.keys.logs.get(name).map_or_else(|| LogState::empty(name), |log| log.state.clone());
            let back = self.excuses.rows.get(name).is_none_or(|before| rows >= *before);
            back && (state.acknowledged..=state.size()).contains(&rows) && state.open_alarms == 0
        };
        let over = |session: &u64| self.database.alive(*session).is_err();
        self.database.quarantined().is_empty()
            && self.logs.iter().all(in_order)
            && self.excuses.sessions.iter().all(over)
    }

    /// An operator looks at all logs. What an operator does takes longer than any call lives.
    pub(crate) fn operate(&mut self) -> Result<(), Violation> {
        if self.excuses.damaged && self.is_repaired() {
            self.excuses = Excuses::default();
            self.restart_signers(None);
        }
        for id in self.database.logs.keys().copied().collect::<Vec<_>>() {
            let log = &self.database.logs[&id];
            let (name, size, quarantined) = (log.name.clone(), log.size, log.quarantined);
            let state = self.keys.log(&name).state.clone();
            let lost = quarantined && size < state.size() && state.stale_at == Some(size);
            let agreed = state.open_alarms > 0 && state.agreed_ns > 0 && size == state.size();
            if size > state.size() || lost || agreed {
                self.hang_up();
            }
            if size > state.size() {
                self.bring_forward(id)?;
            } else if lost {
                self.declare(&name, size)?;
            } else if agreed {
                self.close(&name)?;
            }
        }
        Ok(())
    }

    fn hang_up(&mut self) {
        self.calls.clear();
        self.answers.clear();
        self.verification = None;
        for replica in &mut self.replicas {
            if replica.is_waiting() {
                replica.give_up(&mut self.database);
            }
        }
    }

    /// `AdvanceHead` with the snapshot beside the rows, and the proof that they give.
    fn bring_forward(&mut self, id: LogId) -> Result<(), Violation> {
        let log = self.database.logs[&id].clone();
        let snapshot = log.snapshot.clone().ok_or_else(|| Violation::Repair("rows without a snapshot".to_owned()))?;
        let claim = Snapshot::peek(&snapshot).unwrap();
        let (from, to) = (self.keys.log(&log.name).state.size(), claim.size());
        let complete = subtrees(from, to).into_iter().flatten().all(|index| log.rows.contains_key(&index));
        let proof = if complete {
            Proof::Consistency(consistency_proof(from, to, |index| log.rows[&index].0.clone()))
        } else {
            self.excuses.advanced.insert(log.name.clone());
            Proof::Operator { size: to, head: claim.head }
        };
        self.restart_signers(None);
        let kept = self.keys.log(&log.name).alarms.len();
        let at = self.random.index(self.signers.len());
        match self.signers[at].advance(&mut self.keys, &log.name, (&snapshot, &proof)) {
            Ok(()) => {}
            Err(AdvanceError::Forked) => return Err(Violation::SecondHistory("the snapshot is forked".to_owned())),
            Err(error) => return Err(Violation::Repair(error.to_string())),
        }
        if self.fault == Some(Fault::AdvancesSilently) {
            let signed = self.keys.log(&log.name);
            signed.alarms.retain(|alarm| alarm.kind != AlarmKind::Advanced);
            let alarms = signed.alarms.clone();
            signed.state.set_alarms(&alarms);
        }
        self.reached(Reached::Advanced);
        let gone = claim.alarms.number > u64::try_from(kept).unwrap();
        let said = |alarm: &Alarm| alarm.kind == AlarmKind::Advanced && alarm.last_index == to - 1;
        if (gone || !complete) && !self.keys.log(&log.name).alarms.iter().any(said) {
            return Err(Violation::Silence("brought forward without a word".to_owned()));
        }
        self.look_at_alarms()
    }

    /// `DeclareLoss` from where the rows end to where the signer can go on.
    fn declare(&mut self, name: &LogName, first_index: u64) -> Result<(), Violation> {
        let clock = self.keys.clock();
        let signed = self.keys.log(name);
        let next = signed.segments.iter().map(|kept| kept.meta.first_index).find(|next| *next > first_index);
        let last_index = next.unwrap_or(signed.state.size()) - 1;
        let closed: Vec<Uuid> = signed.alarms.iter().filter(|alarm| alarm.is_open()).map(|alarm| alarm.id).collect();
        let declared = signed.declare_loss(EntryRange { first_index, last_index }, &closed, clock);
        declared.map_err(|error| Violation::Repair(error.to_string()))?;
        if self.fault == Some(Fault::ForgetsExplained) {
            signed.state.explained_from = None;
        }
        // Rows that were declared lost must not come back: their events may have been logged anew behind the loss.
        let id = tlog::log_id(name);
        self.backups.retain(|backup| backup.rows.get(&id).is_none_or(|log| log.size <= first_index));
        self.reached(Reached::Lost);
        self.excuses.rolled_back.remove(name);
        if !self.excuses.lost.remove(name) {
            return Err(Violation::Repair(format!("{name}: a second loss from {first_index}")));
        }
        if !self.leads_on(name, last_index + 1) {
            self.excuses.lost.insert(name.clone());
        }
        Ok(())
    }

    /// Whether the signer keeps everything from there on. It does not where the log was brought forward further on.
    fn leads_on(&mut self, name: &LogName, mut at: u64) -> bool {
        let signed = self.keys.log(name);
        while let Some(kept) = signed.segments.iter().find(|kept| kept.meta.first_index == at) {
            at = kept.meta.end();
        }
        at == signed.state.size()
    }

    /// `CloseAlarm` for all that are open.
    fn close(&mut self, name: &LogName) -> Result<(), Violation> {
        let clock = self.keys.clock();
        let signed = self.keys.log(name);
        let open: Vec<Uuid> = signed.alarms.iter().filter(|alarm| alarm.is_open()).map(|alarm| alarm.id).collect();
        signed.close(&open, clock).map_err(|error| Violation::Repair(error.to_string()))?;
        self.reached(Reached::Closed);
        Ok(())
    }

    /// Looks at alarms that were raised since the last look: each must have happened.
    pub(crate) fn look_at_alarms(&mut self) -> Result<(), Violation> {
        for (name, signed) in &self.keys.logs {
            for alarm in &signed.alarms {
                if !self.alarms.insert((name.clone(), alarm.id)) {
                    continue;
                }
                let explained = match alarm.kind {
                    AlarmKind::Ahead => self.excuses.ahead,
                    AlarmKind::Advanced => self.excuses.advanced.contains(name),
                    AlarmKind::RolledBack => self.excuses.rolled_back.contains(name),
                    AlarmKind::Clock => self.key_clock_went_back,
                    AlarmKind::Forked | AlarmKind::Suppressed | AlarmKind::Other(_) => false,
                };
                if !explained {
                    return Err(Violation::FalseAlarm(format!("{name}: {alarm:?}")));
                }
                match alarm.kind {
                    AlarmKind::Ahead => self.reached.insert(Reached::Ahead),
                    AlarmKind::Clock => self.reached.insert(Reached::ClockAlarm),
                    AlarmKind::RolledBack => self.reached.insert(Reached::RolledBack),
                    _ => self.reached.insert(Reached::AdvancedAlarm),
                };
            }
        }
        Ok(())
    }
}
