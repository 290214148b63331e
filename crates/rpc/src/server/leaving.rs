//! What has been handed to a connection and has not left it.
//!
//! HTTP/2 takes the last piece of an answer, and a small answer whole, as soon as its caller lets a single byte come; the call
//! ends then, and what was taken stays until the caller reads. So each piece holds what the call was let in with, and a
//! connection whose caller does not read in time is ended.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use bytes::{Buf, Bytes};
use tokio::{sync::Notify, time::Instant};

use super::limits::Admission;

/// Between two looks at what has not left.
const INTERVAL: Duration = Duration::from_secs(1);
/// Answers that are noted before those that have left are taken out.
const NOTED: usize = 1024;

/// The answers of one connection.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    noted: Mutex<Vec<Weak<Kept>>>,
    begun: Notify,
}

/// What is kept until an answer has left.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) admission: Admission,
    until: Instant,
}

/// A piece of an answer.
#[derive(Debug)]
pub(super) struct Piece {
    bytes: Bytes,
    _kept: Option<Arc<Kept>>,
}

impl Leaving {
    /// Notes an answer that must have left by then.
    pub(super) fn note(&self, admission: Admission, until: Instant) -> Arc<Kept> {
        let kept = Arc::new(Kept { admission, until });
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= NOTED {
            noted.retain(|kept| kept.strong_count() > 0);
        }
        if noted.is_empty() {
            self.begun.notify_one();
        }
        noted.push(Arc::downgrade(&kept));
        kept
    }

    /// Waits until an answer should have left and has not.
    pub(super) async fn overdue(&self) {
        loop {
            self.begun.notified().await;
            loop {
                tokio::time::sleep(INTERVAL).await;
                let now = Instant::now();
                let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
                noted.retain(|kept| kept.strong_count() > 0);
                if noted.iter().filter_map(Weak::upgrade).any(|kept| kept.until < now) {
                    return;
                }
                if noted.is_empty() {
                    break;
                }
            }
        }
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
