//! Ids of calls.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use clock::{Clock, SystemClock};
use uuid::Uuid;

/// Names one call in logs and answers: a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(Uuid);

impl RequestId {
    /// As a UUID.
    pub fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Makes request ids without asking the system for randomness at each call: they must be unique, not secret. UUIDv7
/// with a counter that begins at random (RFC 9562, section 6.2).
#[derive(Debug)]
pub(crate) struct RequestIds {
    prefix: [u8; 2],
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        let random = clock::uuid_v7(&SystemClock);
        let [.., high, low] = random.into_bytes();
        Self { prefix: [high, low], next: AtomicU64::new(random.as_u64_pair().1 << 16) }
    }

    pub(crate) fn next(&self) -> RequestId {
        let millis = u64::try_from(SystemClock.now().as_nanos().div_euclid(1_000_000)).unwrap_or_default();
        let mut random = [0; 10];
        let parts = self.prefix.into_iter().chain(self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        random.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        RequestId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}
