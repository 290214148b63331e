//! What to measure, and for how long.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Measures Strongroom, each figure beside its floor from the same run.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Only figures whose name contains one of these.
    names: Vec<String>,
    /// Also write the figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Rounds of each figure; medians are printed.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of load in each round; settling afterwards counts too, so short rounds measure more of that.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Clients of each load of single calls, instead of its own number.
    #[arg(long)]
    clients: Option<usize>,
    /// Serves the floor of RPCs: used by the bench itself.
    #[arg(long, hide = true, num_args = 3, value_names = ["CERT", "KEY", "CA"])]
    pub(crate) serve_empty: Option<Vec<PathBuf>>,
}

/// What to measure, and for how long.
pub(crate) struct Plan {
    names: Vec<String>,
    /// Rounds of each figure.
    pub(crate) rounds: usize,
    /// Of one load.
    pub(crate) duration: Duration,
    clients: Option<usize>,
    /// Where the figures go as JSON.
    pub(crate) json: Option<PathBuf>,
}

impl From<Arguments> for Plan {
    fn from(arguments: Arguments) -> Self {
        Self {
            names: arguments.names,
            rounds: arguments.rounds.max(1),
            duration: Duration::from_secs(arguments.seconds.max(1)),
            clients: arguments.clients.map(|clients| clients.max(1)),
            json: arguments.json,
        }
    }
}

impl Plan {
    /// Clients of a load that has so many by itself.
    pub(crate) fn clients(&self, of_load: usize) -> usize {
        self.clients.unwrap_or(of_load)
    }

    /// Whether a figure is asked for.
    pub(crate) fn wants(&self, figure: &str) -> bool {
        let figure = figure.to_lowercase();
        self.names.is_empty() || self.names.iter().any(|name| figure.contains(&name.to_lowercase()))
    }
}
