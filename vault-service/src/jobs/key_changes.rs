//! Hears of changes of keys and subjects, so that no data key is used again that key-service would not unwrap.

use std::sync::Arc;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::keys::Keys;
use crate::keys::cache::INTERVAL;

/// Goes on until the process ends; then everything is wiped.
pub(super) async fn follow(keys: Arc<Keys>, ended: CancellationToken) {
    let rounds = async {
        let mut is_failing = false;
        loop {
            match keys.follow_changes().await {
                Ok(()) if is_failing => {
                    is_failing = false;
                    tracing::info!("key-service says again which keys changed: data keys are used again");
                }
                Err(error) if !is_failing => {
                    is_failing = true;
                    let error = service::chain(&error);
                    tracing::warn!(error, "key-service does not say which keys changed: no data key is used again");
                }
                Ok(()) | Err(_) => {}
            }
            sleep(INTERVAL).await;
        }
    };
    ended.run_until_cancelled(rounds).await;
    if let Some(cache) = keys.cache() {
        cache.wipe().await;
    }
}
