//! The end of a connection that is too old or not trusted any more: calls that have begun are answered, and none begins after.
//!
//! HTTP/2 lets calls begin until the client has acknowledged that the connection ends, which one may never do. So calls that
//! come later than a moment after are refused, and the connection lasts no longer than the calls that were let in.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::streams::GRACE;
use crate::Failure;
use crate::jitter::chance;

/// How long calls are let in that a client began before it heard that the connection ends, which a busy machine may take long for.
pub(super) const NOTICE: Duration = Duration::from_secs(5);

/// A certificate that ends drains its connections some time in the last two minutes before, not all at once.
const BEFORE_EXPIRY: Duration = Duration::from_mins(2);

/// Between two looks at whether calls are left.
const INTERVAL: Duration = Duration::from_secs(1);

/// When a connection ends.
#[derive(Debug)]
pub(super) struct Ending {
    /// When nobody vouches for its ends any more: the first of their certificates has ended.
    expires: Instant,
    /// Told when the authorities that are trusted vouch for the client no more.
    distrusted: CancellationToken,
    begun: OnceLock<Instant>,
    /// Told when it has begun.
    pub(super) told: CancellationToken,
    /// The latest deadline of a call that was let in.
    last: Mutex<Instant>,
    /// Held by every call that was let in until its answer has left.
    calls: Arc<()>,
}

impl Ending {
    pub(super) fn new(expires: Instant) -> Self {
        let (distrusted, told) = (CancellationToken::new(), CancellationToken::new());
        let (begun, last) = (OnceLock::new(), Mutex::new(Instant::now()));
        Self { expires, distrusted, begun, told, last, calls: Arc::default() }
    }

    /// From now on it is as if a certificate had ended.
    pub(super) fn distrust(&self) {
        self.distrusted.cancel();
    }

    /// Waits until nobody vouches for the ends any more.
    pub(super) fn expired(&self) -> impl Future<Output = ()> + Send + use<> {
        let (expires, distrusted) = (self.expires, self.distrusted.clone());
        async move { drop(timeout_at(expires, distrusted.cancelled()).await) }
    }

    /// Some time before a certificate ends: by chance up to two minutes, and no sooner than half of what is left.
    pub(super) fn before_expiry(&self) -> Instant {
        let left = self.expires.saturating_duration_since(Instant::now());
        let before = BEFORE_EXPIRY.min(left / 2).mul_f64(chance());
        self.expires.checked_sub(before).unwrap_or(self.expires)
    }

    /// From now on the connection ends.
    pub(super) fn begin(&self) {
        self.begun.get_or_init(Instant::now);
        self.told.cancel();
    }

    /// Lets a call in that must be answered by its deadline, unless it comes too late. Until then the connection waits for
    /// whoever holds what comes back.
    pub(super) fn let_in(&self, deadline: Instant) -> Result<Arc<()>, Failure> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_late = self.begun.get().is_some_and(|begun| begun.elapsed() > NOTICE);
        if is_late || self.distrusted.is_cancelled() || Instant::now() >= self.expires {
            return Err(Failure::draining());
        }
        *last = deadline.max(*last);
        Ok(Arc::clone(&self.calls))
    }

    /// Waits until every call that was let in has ended or has had its time, and its answer a moment to be read.
    pub(super) async fn over(&self) {
        let begun = *self.begun.get_or_init(Instant::now);
        sleep_until(begun + NOTICE).await;
        // None is let in any more.
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = loop {
            match Instant::now() {
                now if now >= last => break last,
                now if Arc::strong_count(&self.calls) == 1 => break now,
                now => sleep_until(last.min(now + INTERVAL)).await,
            }
        };
        sleep_until(ended.max(begun + NOTICE) + GRACE).await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use tokio::time::{advance, timeout};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(10);
    const DAY: Duration = Duration::from_hours(24);

    #[tokio::test(start_paused = true)]
    async fn no_call_begins_after_a_certificate_has_ended() {
        let ending = Ending::new(Instant::now() + Duration::from_secs(30));
        advance(Duration::from_secs(29)).await;
        let _before = ending.let_in(Instant::now() + Duration::from_secs(10)).unwrap();
        advance(Duration::from_secs(1)).await;
        let error = ending.let_in(Instant::now() + Duration::from_secs(10)).unwrap_err();
        assert_eq!((error.code(), error.reason()), (tonic::Code::Unavailable, "DRAINING"));
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_begins_and_streams_end_once_the_client_is_trusted_no_more() {
        let ending = Ending::new(Instant::now() + DAY);
        let mut expired = Box::pin(ending.expired());
        assert!(expired.as_mut().now_or_never().is_none());
        ending.distrust();
        expired.now_or_never().unwrap();
        assert_eq!(ending.let_in(Instant::now() + MOMENT).unwrap_err().reason(), "DRAINING");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_lasts_as_long_as_the_calls_that_were_let_in() {
        let ending = Ending::new(Instant::now() + DAY);
        let let_in = |seconds| ending.let_in(Instant::now() + Duration::from_secs(seconds));
        let _first = let_in(10).unwrap();
        ending.begin();
        advance(Duration::from_secs(1)).await;
        let _second = let_in(30).unwrap();
        advance(NOTICE).await;
        assert_eq!(let_in(3_600).unwrap_err().code(), tonic::Code::Unavailable);
        let left = Duration::from_secs(30).saturating_sub(NOTICE) + GRACE;
        assert!(
            timeout(left.saturating_sub(2 * MOMENT), ending.over()).await.is_err(),
            "the second call may still be read"
        );
        timeout(2 * MOMENT, ending.over()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_calls_is_over_soon() {
        let ending = Ending::new(Instant::now() + DAY);
        drop(ending.let_in(Instant::now() + Duration::from_hours(1)).unwrap());
        ending.begin();
        timeout(NOTICE + GRACE + MOMENT, ending.over()).await.unwrap();
    }
}
