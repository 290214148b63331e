//! Tells the signer, well within a second of each commit, how far logs are committed.

use service::Shutdown;
use tokio::time::sleep;

use super::work::Work;

pub(super) async fn run(work: Work, shutdown: Shutdown) {
    let mut failing = false;
    while shutdown.run_until_cancelled(sleep(work.pace.acknowledge)).await.is_some() {
        send(&work, &mut failing).await;
    }
    send(&work, &mut failing).await;
}

async fn send(work: &Work, failing: &mut bool) {
    match work.acknowledgements.send(work.signer.as_ref()).await {
        Ok(()) => *failing = false,
        Err(error) => {
            if !*failing {
                tracing::info!(error = service::chain(&error), "acknowledgements wait for the signer");
            }
            *failing = true;
        }
    }
}
