//! What a verification found, log by log.

use names::LogName;
use tlog::verify::{Report, Verdict};

/// What became of a log.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) log: LogName,
    /// The report; or why nothing could be read.
    pub(super) report: Result<Report, String>,
}

impl Outcome {
    pub(super) fn verdict(&self) -> Verdict {
        self.report.as_ref().map_or(Verdict::Incomplete, |report| report.verdict)
    }
}

/// What was found.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) database: String,
    pub(super) outcomes: Vec<Outcome>,
    /// What belongs to no log.
    pub(super) strays: Vec<String>,
    /// Whether all logs that there must be are known.
    pub(super) complete: bool,
}

impl Results {
    /// The worst of all.
    pub(super) fn verdict(&self) -> Verdict {
        let strays = if self.strays.is_empty() { Verdict::Intact } else { Verdict::Tampered };
        let missed = if self.complete { Verdict::Intact } else { Verdict::Incomplete };
        self.outcomes.iter().map(Outcome::verdict).fold(strays.max(missed), Verdict::max)
    }
}
