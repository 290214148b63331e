//! Concurrent calls that share a statement or a message, measured.

use batch::{BatchCall, Batcher};
use service::Jobs;

/// A batcher whose job runs with the others; `vault_batch_size` has its batches under this name.
pub(crate) fn batcher<C: BatchCall>(name: &'static str, calls: C, jobs: &Jobs) -> Batcher<C> {
    let (batcher, job) = Batcher::new(calls, metrics::histogram!("vault_batch_size", "batch" => name));
    jobs.spawn(name, job);
    batcher
}
