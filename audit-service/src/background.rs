//! Background tasks, spawned in one place and joined at shutdown.
//!
//! # Layout
//! - `acknowledge`: tells the signer how far logs are committed
//! - `probe`: asks the signer about quarantined logs
//! - `synchronize`: at the start, and now and then, holds all logs against all heads of the signer
//! - `work`: what they work on, and how often

use service::Jobs;

mod acknowledge;
mod probe;
mod synchronize;
mod work;

pub use work::Pace;
pub(crate) use work::Work;

/// Starts the jobs.
pub(crate) fn spawn(jobs: &Jobs, work: &Work) {
    jobs.spawn("acknowledge", acknowledge::run(work.clone(), jobs.shutdown().clone()));
    jobs.spawn("probe", probe::run(work.clone(), jobs.shutdown().clone()));
    jobs.spawn("synchronize", synchronize::run(work.clone(), jobs.shutdown().clone()));
}
