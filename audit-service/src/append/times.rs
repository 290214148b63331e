//! When entries are logged: by the signer's clock, of which this process keeps the distance to its own monotonic one.
//!
//! Nothing in the audit database, and not this machine's time of day either, decides a time. Answers of the signer say what
//! its clock showed a moment ago, so the distance that they show is never too great, and the greatest one of the last seconds
//! is the best. An answer TIME says that it was wrong all the same, and that one is believed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use names::LogName;
use tlog::append::Times;
use tlog::protocol::SegmentAnswer;

/// How long a distance is kept that later answers do not exceed: clocks drift.
const KEPT: Duration = Duration::from_secs(10);
/// Logs whose last time is remembered because it is ahead of the signer's clock; more are asked about again and again.
const MAX_LOGS: usize = 1_024;

/// The signer's clock, as this process knows it.
#[derive(Debug)]
pub(crate) struct SignerClock {
    origin: Instant,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    distance: Option<Distance>,
    /// Logs that go on at the time of their last entry.
    times: Times,
    logs: usize,
}

#[derive(Clone, Copy, Debug)]
struct Distance {
    /// The signer's nanoseconds since 1970 less ours since the origin.
    ns: i64,
    learnt: Instant,
}

impl SignerClock {
    /// A clock of which nothing is known.
    pub(crate) fn new() -> Self {
        Self { origin: Instant::now(), known: Mutex::default() }
    }

    /// The times to build a batch with. `None` until the signer has said what its clock shows.
    pub(crate) fn times(&self) -> Option<Times> {
        let known = self.known();
        let now_ns = self.since_origin(Instant::now()).saturating_add(known.distance?.ns);
        let mut times = known.times.clone();
        times.now_ns = now_ns;
        Some(times)
    }

    /// Takes note of what the signer's clock showed, in an answer that has just come.
    pub(crate) fn note(&self, now_ns: i64) {
        let new = self.distance(now_ns);
        let mut known = self.known();
        let kept = known.distance.filter(|old| old.ns >= new.ns && new.learnt - old.learnt < KEPT);
        known.distance = Some(kept.unwrap_or(new));
    }

    /// Takes note of an answer TIME about a log.
    pub(crate) fn learn(&self, log: &LogName, answer: &SegmentAnswer) {
        let distance = self.distance(answer.now_ns);
        let mut known = self.known();
        known.distance = Some(distance);
        if known.logs >= MAX_LOGS {
            known.times = Times::default();
            known.logs = 0;
        }
        known.times.learn(log, answer);
        known.logs += 1;
    }

    fn distance(&self, now_ns: i64) -> Distance {
        let learnt = Instant::now();
        Distance { ns: now_ns.saturating_sub(self.since_origin(learnt)), learnt }
    }

    fn since_origin(&self, at: Instant) -> i64 {
        i64::try_from((at - self.origin).as_nanos()).unwrap_or(i64::MAX)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves it whole: every change is one assignment.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: i64 = 365 * 86_400 * 1_000_000_000;

    fn answer(now_ns: i64, last_logged_ns: i64) -> SegmentAnswer {
        SegmentAnswer {
            outcome: tlog::protocol::SealOutcome::Time,
            size: 1,
            head: [0; 32],
            macs: Vec::new(),
            behind: Vec::new(),
            more: false,
            losses: Vec::new(),
            acknowledged: 0,
            snapshot: bytes::Bytes::new(),
            last_logged_ns,
            now_ns,
            alarms_raised: 0,
            detail: String::new(),
        }
    }

    #[test]
    fn nothing_is_known_before_the_signer_has_answered() {
        assert!(SignerClock::new().times().is_none());
    }

    #[test]
    fn a_late_answer_does_not_set_the_clock_back_but_a_refusal_does() {
        let clock = SignerClock::new();
        clock.note(YEAR);
        clock.note(YEAR / 2);
        assert!(clock.times().unwrap().now_ns >= YEAR);
        clock.note(2 * YEAR);
        assert!(clock.times().unwrap().now_ns >= 2 * YEAR);
        clock.learn(&"logs/acme".parse().unwrap(), &answer(YEAR, 0));
        assert!(clock.times().unwrap().now_ns < 2 * YEAR);
    }
}
