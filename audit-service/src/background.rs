//! Background tasks, spawned in one place and joined at shutdown.
//!
//! # Layout
//! - `acknowledge`: tells the signer how far logs are committed
//! - `probe`: asks the signer about quarantined logs
//! - `synchronize`: at the start, and now and then, holds all logs against all heads of the signer

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use service::{Jobs, Shutdown};

use crate::acknowledgements::Acknowledgements;
use crate::append::Batches;
use crate::signer::Signer;

mod acknowledge;
mod probe;
mod synchronize;

/// What the jobs work on.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) db: Db,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) acknowledgements: Arc<Acknowledgements>,
    pub(crate) batches: Arc<Batches>,
    pub(crate) pace: Pace,
}

/// How often the jobs work.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two acknowledgements: well below a second.
    pub acknowledge: Duration,
    /// Between two probes of quarantined logs.
    pub probe: Duration,
    /// Between two comparisons of all logs with all heads.
    pub synchronize: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            acknowledge: Duration::from_millis(250),
            probe: Duration::from_secs(10),
            synchronize: Duration::from_mins(1),
        }
    }
}

/// Starts the jobs.
pub(crate) fn spawn(jobs: &Jobs, work: &Work) {
    jobs.spawn("acknowledge", acknowledge::run(work.clone(), jobs.shutdown().clone()));
    jobs.spawn("probe", probe::run(work.clone(), jobs.shutdown().clone()));
    jobs.spawn("synchronize", synchronize::run(work.clone(), jobs.shutdown().clone()));
}

/// Waits; whether to go on afterwards.
async fn pause(time: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = shutdown.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}
