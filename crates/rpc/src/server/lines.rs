//! Log lines of one kind, so many in a second.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::{DefaultDirectRateLimiter, Quota};

/// The lines that there may be, and how many there were not.
#[derive(Debug)]
pub(super) struct Lines {
    limiter: DefaultDirectRateLimiter,
    left_out: AtomicU64,
}

impl Lines {
    pub(super) fn new(per_second: NonZeroU32, at_once: NonZeroU32) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(at_once);
        Self { limiter: DefaultDirectRateLimiter::direct(quota), left_out: AtomicU64::new(0) }
    }

    /// Whether there may be a line now: with how many were left out since the last one.
    pub(super) fn next(&self) -> Option<u64> {
        if self.limiter.check().is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.left_out.swap(0, Ordering::Relaxed))
    }
}
