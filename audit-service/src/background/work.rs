//! What the jobs work on, and how often.

use std::sync::Arc;
use std::time::Duration;

use db::Db;

use crate::acknowledgements::Acknowledgements;
use crate::append::Batches;
use crate::signer::Signer;

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
