//! What goes wrong in a run.

use crate::faults::{Fault, Violation};
use crate::replica::Replica;
use crate::world::World;

const SECOND_NS: i64 = 1_000_000_000;

impl World {
    pub(crate) fn go_wrong(&mut self) -> Result<(), Violation> {
        let at = self.random.index(self.replicas.len());
        match self.random.below(14) {
            0 => return self.crash(at),
            1 | 8 | 9 => {
                let sessions = self.database.sessions();
                if let Some(session) = sessions.get(self.random.index(sessions.len().max(1))) {
                    self.database.end(*session);
                }
            }
            2 => drop(self.random.index(self.calls.len().max(1)).lt(&self.calls.len()).then(|| self.calls.pop())),
            3 => drop(self.answers.pop()),
            4 => self.replicas[at].give_up(&mut self.database),
            5 => return self.commit_without_answer(at),
            6 => {
                let keep = self.random.index(6);
                self.prune(keep);
            }
            7 | 12 | 13 => self.rotate(at),
            _ => self.restart_a_database(),
        }
        Ok(())
    }

    /// Disasters that this run knows.
    pub(crate) fn disaster(&mut self) {
        match self.random.below(8) {
            0 | 1 if self.disasters.rows => self.set_rows_back(),
            2 | 3 if self.disasters.keys => self.set_keys_back(),
            4 | 5 if self.disasters.clocks => self.set_a_clock(),
            6 | 7 => self.back_up(),
            _ => {}
        }
    }

    /// A clock jumps: by seconds, minutes, a year, to and fro.
    fn set_a_clock(&mut self) {
        let at = self.random.index(self.off_ns.len());
        let seconds = [0, 0, 30, -30, 300, -300, 31_536_000, -31_536_000];
        let off_ns = seconds[self.random.index(seconds.len())] * SECOND_NS;
        self.key_clock_went_back |= at == 2 && off_ns < self.off_ns[2];
        self.off_ns[at] = off_ns;
    }

    /// The MAC key gets a new version. Processes load it one after the other.
    fn rotate(&mut self, at: usize) {
        if self.keys.versions < 8 {
            self.keys.versions += 1;
            self.signers[at].reload(&self.keys);
        }
    }

    /// A replica's process ends. Its session may outlive it until PostgreSQL notices, and a COMMIT may still arrive.
    fn crash(&mut self, at: usize) -> Result<(), Violation> {
        if let Some(session) = self.replicas[at].session() {
            if self.replicas[at].commits() && self.random.one_in(2) {
                let rows = self.database.commit(session).unwrap_or_default();
                self.committed(&rows)?;
            } else if self.random.one_in(2) {
                self.database.end(session);
            }
        }
        self.replicas[at] = Replica::start(self.fault);
        Ok(())
    }

    /// COMMIT is done, and its answer lost.
    fn commit_without_answer(&mut self, at: usize) -> Result<(), Violation> {
        if let Some(session) = self.replicas[at].session().filter(|_| self.replicas[at].commits()) {
            let rows = self.database.commit(session).unwrap_or_default();
            self.replicas[at].give_up(&mut self.database);
            return self.committed(&rows);
        }
        Ok(())
    }

    /// A process of the signer and its database restart: calls are lost. With faults, so is what was stored last.
    fn restart_a_database(&mut self) {
        self.calls.clear();
        let at = self.random.index(self.signers.len());
        self.signers[at] = self.new_signer();
        if self.fault == Some(Fault::ForgetfulSigner) {
            self.signers = (0..2).map(|_| self.new_signer()).collect();
            for log in self.keys.logs.values_mut() {
                if let Some(kept) = log.segments.pop() {
                    log.state.head = kept.meta.previous_head;
                    log.state.range = kept.range_before;
                    log.state.macs_digest = kept.digest_before;
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

    pub(crate) fn keep_earlier(&mut self, at: usize) {
        if self.fault == Some(Fault::ForgetfulDatabase) && self.replicas[at].commits() {
            self.earlier = self.database.logs.iter().next().map(|(id, log)| (*id, log.clone()));
        }
    }
}
