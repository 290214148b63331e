//! All figures in their order, each printed as soon as it is known.

use std::io::Write;

use anyhow::Result;

use crate::lab::Lab;
use crate::report::{self, Figure};
use crate::{Plan, keys, log, process, records};

/// Measures what `plan` asks for.
pub(crate) async fn run(plan: &Plan) -> Result<()> {
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
    print(process::memory(&lab, plan, "idle", Some(20.0))?)?;
    print(keys::measure(&lab, plan).await?)?;
    print(records::measure(&lab, plan).await?)?;
    print(log::measure(&lab, plan).await?)?;
    print(process::memory(&lab, plan, "after load", None)?)?;
    print(process::start(&mut lab, plan).await?)?;
    if let Some(path) = &plan.json {
        report::write_json(path, &figures)?;
    }
    let missed = figures.iter().filter(|figure| figure.reached() == Some(false)).count();
    writeln!(out, "{} figures, {missed} below their target", figures.len())?;
    Ok(())
}

/// The machine, since absolute figures mean nothing without it.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{cores} cores, {}; load, services and PostgreSQL share them", model.trim_start_matches([':', ' ', '\t']))
}
