//! Waiting for a condition instead of sleeping.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const INTERVAL: Duration = Duration::from_millis(10);

/// The condition did not come true in time.
#[derive(Debug, thiserror::Error)]
#[error("not within {waited:?}: {what}")]
pub struct NotInTime {
    what: String,
    waited: Duration,
}

/// Calls `probe` every 10 ms until it yields a value, at most for `limit`. `what` says what is waited for.
pub async fn poll_until<T>(
    limit: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> Result<T, NotInTime> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = probe().await {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            return Err(NotInTime { what: what.to_owned(), waited: limit });
        }
        sleep(INTERVAL).await;
    }
}
