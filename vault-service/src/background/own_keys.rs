//! Fetches the vault's own keys as soon as key-service is there, so that the first call need not wait for them. The
//! forwarder cannot check rows without them either.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::keys::own::OwnKeySource;

/// Pause between attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// Longest time of one attempt; key-service is waited for less.
const LIMIT: Duration = Duration::from_secs(10);

/// Tries until they are there or the process ends.
pub(super) async fn fetch(source: Arc<OwnKeySource>, ended: CancellationToken) {
    let attempts = async {
        let mut complained = false;
        while let Err(error) = source.get(Instant::now() + LIMIT).await {
            if !complained {
                complained = true;
                tracing::info!(error = service::chain(&error), "waiting for the vault's own keys");
            }
            sleep(PAUSE).await;
        }
    };
    ended.run_until_cancelled(attempts).await;
}
