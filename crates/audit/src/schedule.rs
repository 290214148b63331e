//! Which logs may have rows to deliver, from which row on they are looked for, and which of them are tried alone.
//!
//! ```text
//!  a row is made ──▶ fresh, for 3 s ─┐            fails                    fails: waits longer, takes less
//!  a look finds rows ────────────────┴▶ together ───────▶ alone, one by one ──┐
//!                                          ▲                      │  ▲────────┘
//!                                          └── as many successes ─┘
//! ```
//! A log whose events were not taken is tried in calls of its own until it has succeeded as often as it had failed: it costs
//! its own time and nobody else's. Rows are looked for from the first that is known to wait; where none is, from those made
//! half a second ago, so that dead rows are not walked again and again. What that misses, a look finds.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

/// How long after a row was made its transaction may commit and still be delivered at once.
pub(crate) const FRESH: Duration = Duration::from_millis(500);
/// How long after a row was made its transaction may commit and still be noticed by the next look at its log.
pub(crate) const MARGIN: Duration = Duration::from_secs(3);
/// How long a log without rows is remembered.
const REMEMBERED: Duration = Duration::from_secs(10);
/// Most logs of one claim.
pub(crate) const MAX_LOGS: usize = 1_024;
/// Failures beyond which nothing gets worse.
const MAX_FAILURES: u32 = 6;

/// What may wait, log by log.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    state: Mutex<State>,
    /// Told when a log is to be tried alone.
    alone: Notify,
}

#[derive(Debug, Default)]
struct State {
    logs: BTreeMap<String, Log>,
    /// The last log of the last claim: the next claim begins behind it.
    cursor: String,
}

#[derive(Clone, Copy, Debug)]
struct Log {
    /// When a row was last made or found.
    noticed: Instant,
    /// The first row that is known to wait.
    first: Option<Uuid>,
    /// How often a pass has left rows.
    left: u64,
    failures: u32,
    /// Not to be tried again before.
    until: Instant,
    /// Whether it is being tried alone.
    busy: bool,
}

/// A log, and the row from which on its rows are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) log: String,
    pub(crate) from: Uuid,
    /// The first row that is known to wait; else one was made a short time ago, and may be gone.
    pub(crate) first: Option<Uuid>,
    /// How often passes had left rows of the log by then.
    left: u64,
}

/// How pauses grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Pauses {
    /// The pause after so many failures in a row.
    pub(crate) fn after(self, failures: u32) -> Duration {
        self.first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(self.longest)
    }
}

/// The least id of a row made so long after 1970.
pub(crate) fn least_id(millis: u64) -> Uuid {
    Uuid::from_u128(u128::from(millis) << 80)
}

impl Schedule {
    /// A row of the log was made, and will be committed or not.
    pub(crate) fn notice(&self, log: &str) {
        let now = Instant::now();
        let mut state = self.state();
        match state.logs.get_mut(log) {
            Some(known) => known.noticed = now,
            None => {
                state.logs.insert(log.to_owned(), Log::new(now));
            }
        }
    }

    /// A look found that this row of the log waits, and none that is known before it.
    pub(crate) fn found(&self, log: &str, first: Uuid) {
        let now = Instant::now();
        let known = &mut *self.state();
        let known = known.logs.entry(log.to_owned()).or_insert_with(|| Log::new(now));
        known.waits(first);
        known.noticed = now;
    }

    /// All logs that may have rows; those that have had none for a while are forgotten. Rows of logs of which none is known to
    /// wait are looked for from `recent` on.
    pub(crate) fn known(&self, recent: Uuid) -> Vec<Due> {
        let mut state = self.state();
        state.logs.retain(|_, log| log.first.is_some() || log.busy || log.noticed.elapsed() < REMEMBERED);
        state.logs.iter().map(|(log, known)| known.due(log, recent)).collect()
    }

    /// The logs whose turn it is, at most so many, without those that are tried alone; and whether there are more of them.
    pub(crate) fn together(&self, recent: Uuid, most: usize) -> (Vec<Due>, bool) {
        let mut state = self.state();
        let State { logs, cursor } = &mut *state;
        // A few are to be called with: not such as may have nothing to call with.
        let few = most < MAX_LOGS && logs.values().any(|log| log.failures == 0 && log.first.is_some());
        let most = if few { most } else { MAX_LOGS };
        let behind = logs.range::<str, _>((Bound::Excluded(cursor.as_str()), Bound::Unbounded));
        let before = logs.range::<str, _>((Bound::Unbounded, Bound::Included(cursor.as_str())));
        let is_due = |log: &Log| log.failures == 0 && if few { log.first.is_some() } else { log.may_have_rows() };
        let waiting = behind.chain(before).filter(|(_, log)| is_due(log));
        let mut due: Vec<Due> =
            waiting.take(most.saturating_add(1)).map(|(log, known)| known.due(log, recent)).collect();
        let more = due.len() > most;
        due.truncate(most);
        if let Some(last) = due.last() {
            cursor.clone_from(&last.log);
        }
        (due, more)
    }

    /// The log to be tried alone now, of those that failed least, with its failures. It is busy until something became of it.
    pub(crate) fn alone(&self, recent: Uuid) -> Option<(Due, u32)> {
        let now = Instant::now();
        let mut state = self.state();
        let suspects = state.logs.iter_mut().filter(|(_, log)| log.failures > 0 && !log.busy && log.until <= now);
        let (name, log) = suspects.min_by_key(|(_, log)| (log.failures, log.until))?;
        log.busy = true;
        Some((log.due(name, recent), log.failures))
    }

    /// Waits until a log may be tried alone, or a while.
    pub(crate) async fn wait_alone(&self, pause: Duration) {
        let any = self.state().logs.values().any(|log| log.failures > 0 && !log.busy);
        if any {
            tokio::time::sleep(pause).await;
        } else {
            self.alone.notified().await;
        }
    }

    /// A pass has gone over the rows of a log. `rest` is a row that waits, or the last that was seen where more may follow it.
    pub(crate) fn settle(&self, due: &Due, rest: Option<Uuid>) {
        if let Some(known) = self.state().logs.get_mut(&due.log) {
            known.passed(due, rest);
        }
    }

    /// A pass has failed for no reason of the log's own: its rows wait from this one on.
    pub(crate) fn leave(&self, log: &str, first: Uuid) {
        if let Some(known) = self.state().logs.get_mut(log) {
            known.leaves(first);
        }
    }

    /// Events of a log that was tried alone were taken; `rest` as for [`Self::settle`].
    pub(crate) fn succeed(&self, due: &Due, rest: Option<Uuid>) {
        let (mut state, log) = (self.state(), due.log.as_str());
        let Some(known) = state.logs.get_mut(log) else { return };
        known.passed(due, rest);
        known.until = Instant::now();
        if known.failures > 0 {
            known.failures -= 1;
            if known.failures == 0 {
                tracing::info!(log, "events of the log are taken again");
            }
        }
    }

    /// A try of a log alone showed nothing: its rows are gone or held by another process, or the audit-service is away.
    pub(crate) fn postpone(&self, log: &str, pauses: Pauses) {
        if let Some(known) = self.state().logs.get_mut(log) {
            known.until = Instant::now() + pauses.after(known.failures);
        }
    }

    /// Events of the log were not taken; the first of its rows is this one.
    pub(crate) fn fail(&self, log: &str, first: Uuid, pauses: Pauses) {
        let now = Instant::now();
        let known = &mut *self.state();
        let known = known.logs.entry(log.to_owned()).or_insert_with(|| Log::new(now));
        // Once is none: the call may have failed as a whole, for a reason of another log.
        if known.failures == 1 {
            tracing::warn!(log, "the audit-service does not take events of the log: trying again");
        }
        known.leaves(first);
        known.failures = known.failures.saturating_add(1).min(MAX_FAILURES);
        known.until = now + pauses.after(known.failures);
        self.alone.notify_one();
    }

    /// The try of a log alone has ended.
    pub(crate) fn put_back(&self, log: &str) {
        if let Some(known) = self.state().logs.get_mut(log) {
            known.busy = false;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the map whole: every change to it is one call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn new(now: Instant) -> Self {
        Self { noticed: now, first: None, left: 0, failures: 0, until: now, busy: false }
    }

    fn may_have_rows(&self) -> bool {
        self.first.is_some() || self.noticed.elapsed() < MARGIN
    }

    /// Rows wait from this one on, if not from an earlier one.
    fn waits(&mut self, from: Uuid) {
        self.first = Some(self.first.map_or(from, |first| first.min(from)));
    }

    /// A pass has failed: rows wait from this one on, also where that was known before.
    fn leaves(&mut self, from: Uuid) {
        self.waits(from);
        self.left = self.left.wrapping_add(1);
    }

    /// A pass has gone over what was due. Another may meanwhile have failed with earlier rows: those go on waiting.
    fn passed(&mut self, due: &Due, rest: Option<Uuid>) {
        if (self.first, self.left) == (due.first, due.left) {
            self.first = rest;
        } else if let Some(rest) = rest {
            self.waits(rest);
        }
    }

    fn due(&self, log: &str, recent: Uuid) -> Due {
        // A clock that was set back makes rows that sort before those that wait.
        let from = self.first.map_or(recent, |first| first.min(recent));
        Due { log: log.to_owned(), from, first: self.first, left: self.left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "logs/acme";

    fn due(schedule: &Schedule) -> Due {
        schedule.known(least_id(100)).pop().unwrap()
    }

    #[tokio::test]
    async fn rows_of_a_failed_pass_go_on_waiting_whatever_a_later_one_says() {
        let schedule = Schedule::default();
        schedule.notice(LOG);
        let both = due(&schedule);
        assert_eq!((both.from, both.first), (least_id(100), None));
        // One pass has the rows from 10 on, another those behind 20, and succeeds after the first has failed.
        schedule.leave(LOG, least_id(10));
        schedule.settle(&both, None);
        assert_eq!(due(&schedule).first, Some(least_id(10)));
        schedule.leave(LOG, least_id(20));
        assert_eq!(due(&schedule).first, Some(least_id(10)));
        schedule.found(LOG, least_id(30));
        assert_eq!(due(&schedule).first, Some(least_id(10)));
        // What began there may raise it.
        let from_ten = due(&schedule);
        schedule.settle(&from_ten, Some(least_id(15)));
        assert_eq!(due(&schedule).from, least_id(15));
        let from_fifteen = due(&schedule);
        schedule.settle(&from_fifteen, None);
        assert_eq!(due(&schedule).first, None);
    }

    #[tokio::test]
    async fn rows_that_were_known_to_wait_go_on_waiting_where_one_of_two_passes_fails_with_them() {
        let pauses = Pauses { first: Duration::ZERO, longest: Duration::ZERO };
        let fails: [fn(&Schedule, Pauses); 2] = [
            |schedule, _| schedule.leave(LOG, least_id(10)),
            |schedule, pauses| schedule.fail(LOG, least_id(10), pauses),
        ];
        for fail in fails {
            let schedule = Schedule::default();
            schedule.found(LOG, least_id(10));
            let both = due(&schedule);
            // One pass has the rows; the other finds none that are free, and succeeds after the first has failed.
            fail(&schedule, pauses);
            schedule.settle(&both, None);
            assert_eq!(due(&schedule).first, Some(least_id(10)));
        }
    }

    #[tokio::test]
    async fn a_log_that_is_tried_alone_is_tried_by_one_whoever_fails_with_it() {
        let schedule = Schedule::default();
        let pauses = Pauses { first: Duration::ZERO, longest: Duration::ZERO };
        schedule.notice(LOG);
        schedule.fail(LOG, least_id(10), pauses);
        let (alone, failures) = schedule.alone(least_id(100)).unwrap();
        assert_eq!((alone.from, failures), (least_id(10), 1));
        schedule.fail(LOG, least_id(20), pauses);
        assert_eq!(schedule.alone(least_id(100)), None, "another lane has it");
        schedule.put_back(LOG);
        assert_eq!(schedule.alone(least_id(100)).unwrap().0.from, least_id(10));
    }
}
