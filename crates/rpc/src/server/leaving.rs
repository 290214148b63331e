//! What has been handed to a connection and has not left it.
//!
//! HTTP/2 takes the last piece of an answer, and a small answer whole, as soon as its caller lets a single byte come; the call
//! ends then, and what was taken stays until the caller reads. So each piece holds what the call was let in with, and where an
//! answer is nothing but headers, they do. A connection whose caller does not read in time is ended, and one that takes nothing
//! at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::HeaderValue;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::limits::Admission;
use super::streams::GRACE;
use crate::bound::no_longer_than;

/// Between two looks at what has not left.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long a connection may take nothing of what was written to it.
pub(super) const BLOCKED: Duration = no_longer_than(Duration::from_secs(10));
/// Answers that are noted before those that have left are taken out.
const NOTED: usize = 1024;

/// The answers of one connection.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    noted: Mutex<Vec<Weak<Kept>>>,
    /// Since when the connection takes nothing.
    blocked: Mutex<Option<Instant>>,
    /// Whether there were more refusals than are counted since then.
    is_flooded: AtomicBool,
    begun: Notify,
}

/// What is kept until an answer has left.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) admission: Admission,
    _let_in: Option<Arc<()>>,
    pub(super) until: Instant,
}

/// A piece of an answer.
#[derive(Debug)]
pub(super) struct Piece {
    bytes: Bytes,
    _kept: Option<Arc<Kept>>,
}

impl Leaving {
    /// Notes an answer that must have left by then.
    pub(super) fn note(&self, admission: Admission, let_in: Option<Arc<()>>, until: Instant) -> Arc<Kept> {
        let kept = Arc::new(Kept { admission, _let_in: let_in, until });
        let mut noted = self.noted();
        if noted.len() >= NOTED {
            noted.retain(|kept| kept.strong_count() > 0);
        }
        if noted.is_empty() {
            self.begun.notify_one();
        }
        noted.push(Arc::downgrade(&kept));
        kept
    }

    /// Notes whether the connection takes what is written to it.
    pub(super) fn block(&self, is_blocked: bool) {
        *self.blocked() = is_blocked.then(Instant::now);
        self.is_flooded.store(false, Ordering::Relaxed);
        if is_blocked {
            self.begun.notify_one();
        }
    }

    /// Notes a refusal that nothing counts until it has left: a connection that goes on taking nothing is soon given up.
    pub(super) fn note_uncounted_refusal(&self) {
        if self.blocked().is_some() {
            self.is_flooded.store(true, Ordering::Relaxed);
        }
    }

    /// Waits until an answer should have left and has not, or the connection has taken nothing for too long.
    pub(super) async fn overdue(&self) {
        loop {
            self.begun.notified().await;
            loop {
                tokio::time::sleep(INTERVAL).await;
                let (now, blocked) = (Instant::now(), *self.blocked());
                let patience = if self.is_flooded.load(Ordering::Relaxed) { GRACE } else { BLOCKED };
                let mut noted = self.noted();
                noted.retain(|kept| kept.strong_count() > 0);
                if noted.iter().filter_map(Weak::upgrade).any(|kept| kept.until + INTERVAL < now)
                    || blocked.is_some_and(|since| since + patience < now)
                {
                    return;
                }
                if noted.is_empty() && blocked.is_none() {
                    break;
                }
            }
        }
    }

    fn noted(&self) -> MutexGuard<'_, Vec<Weak<Kept>>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blocked(&self) -> MutexGuard<'_, Option<Instant>> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A header's value that keeps what it was given until it has left.
struct KeepingValue {
    text: HeaderValue,
    _kept: Arc<Kept>,
}

impl AsRef<[u8]> for KeepingValue {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Kept {
    /// The same value, which keeps this until it has left. HPACK must not remember it, so it is sensitive.
    pub(super) fn kept_by(self: &Arc<Self>, text: HeaderValue) -> HeaderValue {
        let owner = KeepingValue { text: text.clone(), _kept: Arc::clone(self) };
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(owner)).unwrap_or(text);
        value.set_sensitive(true);
        value
    }
}

impl Piece {
    pub(super) fn new(bytes: Bytes, kept: Option<Arc<Kept>>) -> Self {
        Self { bytes, _kept: kept }
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_blocked_for_a_moment_is_not_given_up_for_its_refusals() {
        let leaving = Leaving::default();
        let mut overdue = pin!(leaving.overdue());
        leaving.block(true);
        leaving.note_uncounted_refusal();
        leaving.block(false);
        leaving.note_uncounted_refusal();
        timeout(BLOCKED * 2, overdue.as_mut()).await.unwrap_err();
        leaving.block(true);
        timeout(BLOCKED / 2, overdue.as_mut()).await.unwrap_err();
        leaving.note_uncounted_refusal();
        timeout(INTERVAL * 2, overdue).await.unwrap();
    }
}
