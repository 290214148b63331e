//! Hears of changes of keys and subjects: what was unwrapped under a key that changed is not used again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::keys::Keys;
use crate::keys::cache::INTERVAL;
use crate::keys::error::KeyError;

/// Pause where the policy does not let this service ask, which needs a person: each refusal leaves an entry.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

/// Goes on until the process ends; then everything is wiped.
pub(super) async fn follow(keys: Arc<Keys>, ended: CancellationToken) {
    let rounds = async {
        let mut is_failing = false;
        loop {
            let answer = keys.follow_changes().await;
            match &answer {
                Ok(()) if is_failing => {
                    is_failing = false;
                    tracing::info!("key-service says again which keys changed: data keys are used again");
                }
                Err(error) if !is_failing => {
                    is_failing = true;
                    let error = service::chain(error);
                    tracing::warn!(
                        error,
                        "key-service does not say which keys changed: soon no data key is used again"
                    );
                }
                Ok(()) | Err(_) => {}
            }
            let is_refused = matches!(answer, Err(KeyError::Denied { .. }));
            if is_refused && let Some(cache) = keys.cache() {
                cache.wipe().await;
            }
            sleep(if is_refused { REFUSED_PAUSE } else { INTERVAL }).await;
        }
    };
    ended.run_until_cancelled(rounds).await;
    if let Some(cache) = keys.cache() {
        cache.wipe().await;
    }
}
