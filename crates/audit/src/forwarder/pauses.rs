//! Who pauses after a failure, and for how long: each log for itself, and the forwarder as a whole.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use super::ForwardError;

/// How long rows below the first one claimed are taken to belong to pausing logs.
const FLOOR_AGE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Pauses {
    first: Duration,
    longest: Duration,
    logs: Mutex<HashMap<String, Pause>>,
    /// Below this id all rows belonged to pausing logs, or to another lane, a moment ago.
    floor: Mutex<Option<(Uuid, Instant)>>,
    failing: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    failures: u32,
    until: Instant,
}

impl Pauses {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, logs: Mutex::default(), floor: Mutex::default(), failing: AtomicBool::new(false) }
    }

    /// The pause after so many failures in a row.
    pub(super) fn after(&self, failures: u32) -> Duration {
        self.first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(self.longest)
    }

    /// Logs that pause now.
    pub(super) fn pausing(&self) -> Vec<String> {
        let now = Instant::now();
        lock(&self.logs).iter().filter(|(_, pause)| pause.until > now).map(|(log, _)| log.clone()).collect()
    }

    /// Where to begin to look while logs pause: their rows would be read over and over otherwise.
    pub(super) fn floor(&self) -> Uuid {
        match *lock(&self.floor) {
            Some((floor, since)) if since.elapsed() < FLOOR_AGE => floor,
            _ => Uuid::nil(),
        }
    }

    /// Remembers the first row found while logs pause. The floor ends a second after it was first raised, so that rows
    /// which come late are found.
    pub(super) fn raise_floor(&self, first_claimed: Uuid) {
        let mut floor = lock(&self.floor);
        let since = match *floor {
            Some((_, since)) if since.elapsed() < FLOOR_AGE => since,
            _ => Instant::now(),
        };
        *floor = Some((first_claimed, since));
    }

    /// Ends the pauses of `delivered` logs and lengthens those of `failed` ones.
    pub(super) fn settle(&self, delivered: &[String], failed: &[String]) {
        // A pass that found nothing says nothing about the audit-service.
        if !delivered.is_empty() && self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("events are delivered again");
        }
        let mut logs = lock(&self.logs);
        for log in delivered {
            if logs.remove(log).is_some() {
                tracing::info!(log, "events of the log are taken again");
                // Its rows may lie below the floor.
                *lock(&self.floor) = None;
            }
        }
        for log in failed {
            let failures = logs.get(log).map_or(1, |pause| pause.failures.saturating_add(1));
            if failures == 1 {
                tracing::warn!(log, "the audit-service does not take events of the log: trying again");
            }
            logs.insert(log.clone(), Pause { failures, until: Instant::now() + self.after(failures) });
        }
    }

    /// Logs the first failure of a row of them.
    pub(super) fn report_failure(&self, error: &ForwardError) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            let cause: &(dyn std::error::Error + 'static) = error;
            tracing::warn!(error = cause, "events cannot be delivered: trying again");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
