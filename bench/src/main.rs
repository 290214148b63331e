//! `./dev bench`: throughput, latency, memory and start, each beside its floor from the same run.
//!
//! # Layout
//! - `lab`: the stack under measurement
//! - `load`: closed-loop clients; `wire`: calls that cost them little; `rounds`: value and floor side by side; `report`: the table and the JSON
//! - `floor`: the least work that could do the same
//! - `keys`, `records`, `log`, `process`: the figures

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::Parser;

mod floor;
mod keys;
mod lab;
mod load;
mod log;
mod process;
mod records;
mod report;
mod rounds;
mod wire;

use lab::Lab;
use report::Figure;

/// As the services have it: clients and the bare server are not to lose by theirs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Strongroom, each figure beside its floor from the same run.
#[derive(Debug, Parser)]
struct Arguments {
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
    /// Serves the floor of RPCs: used by the bench itself.
    #[arg(long, hide = true, num_args = 3, value_names = ["CERT", "KEY", "CA"])]
    serve_empty: Option<Vec<PathBuf>>,
}

/// What to measure, and for how long.
struct Plan {
    names: Vec<String>,
    rounds: usize,
    duration: Duration,
}

impl Plan {
    fn wants(&self, figure: &str) -> bool {
        let figure = figure.to_lowercase();
        self.names.is_empty() || self.names.iter().any(|name| figure.contains(&name.to_lowercase()))
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some([cert, key, ca]) = arguments.serve_empty.as_deref() {
        floor::empty::serve(cert, key, ca).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let plan = Plan {
        names: arguments.names,
        rounds: arguments.rounds.max(1),
        duration: Duration::from_secs(arguments.seconds.max(1)),
    };
    let mut out = std::io::stdout();
    writeln!(out, "{}", machine())?;
    let mut lab = Lab::open().await?;
    writeln!(out, "{}", report::heading())?;
    let mut figures = Vec::new();
    let mut print = |new: Vec<Figure>| -> Result<()> {
        for figure in new {
            writeln!(std::io::stdout(), "{}", figure.line())?;
            figures.push(figure);
        }
        Ok(())
    };
    print(process::memory(&lab, &plan, "idle", Some(20.0))?)?;
    print(keys::measure(&lab, &plan).await?)?;
    print(records::measure(&lab, &plan).await?)?;
    print(log::measure(&lab, &plan).await?)?;
    print(process::memory(&lab, &plan, "after load", None)?)?;
    print(process::start(&mut lab, &plan).await?)?;
    if let Some(path) = &arguments.json {
        report::write_json(path, &figures)?;
    }
    let missed = figures.iter().filter(|figure| figure.reached() == Some(false)).count();
    writeln!(out, "{} figures, {missed} below their target", figures.len())?;
    Ok(ExitCode::SUCCESS)
}

/// The machine, since absolute figures mean nothing without it.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores, {}; load, services and PostgreSQL share them", model.trim_start_matches([':', ' ', '\t']))
}
