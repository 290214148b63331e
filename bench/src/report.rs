//! The figures: a table for people and JSON for machines.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::load::{Run, count};

/// One figure beside its floor.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// The median of the rounds.
    pub(crate) value: f64,
    /// Unit of value and floor.
    pub(crate) unit: &'static str,
    /// The floor's median, from the same rounds.
    pub(crate) floor: Option<f64>,
    /// The median of the rounds' ratios of value to floor.
    pub(crate) ratio: Option<f64>,
    /// The ratio, or for figures without a floor the value, to reach.
    pub(crate) target: Option<f64>,
    /// Whether smaller is better (sizes and times).
    #[serde(skip)]
    pub(crate) smaller_is_better: bool,
    /// More to know: latencies, core-microseconds.
    #[serde(skip)]
    pub(crate) note: String,
}

impl Figure {
    /// Whether the target is reached; `None` where there is none.
    pub(crate) fn reached(&self) -> Option<bool> {
        let target = self.target?;
        let measured = self.ratio.unwrap_or(self.value);
        Some(if self.smaller_is_better { measured <= target } else { measured >= target })
    }

    /// The figure as one line of the table.
    pub(crate) fn line(&self) -> String {
        let floor = self.floor.map_or_else(|| "-".to_owned(), readable);
        let ratio = self.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let target = match (self.target, self.ratio) {
            (Some(target), Some(_)) => format!("≥ {target:.2}"),
            (Some(target), None) => format!("{} {}", if self.smaller_is_better { "≤" } else { "≥" }, readable(target)),
            (None, _) => "-".to_owned(),
        };
        let mark = match self.reached() {
            Some(true) => "reached",
            Some(false) => "MISSED",
            None => "",
        };
        format!(
            "{:<34} {:>10} {:<7} {:>10} {:>6} {:>9}  {:<8} {}",
            self.name,
            readable(self.value),
            self.unit,
            floor,
            ratio,
            target,
            mark,
            self.note
        )
    }
}

/// The name of what figures of latency have in common, and the numbers of clients that they are measured with.
pub(crate) const LATENCY: &str = "latency";
pub(crate) const LATENCY_CLIENTS: [usize; 3] = [1, 8, 32];

/// How long half of the calls take, beside the same of the floor.
pub(crate) fn latency(name: &str, clients: usize, run: &Run, floor: &Run) -> Figure {
    let millis = |run: &Run, quantile| count(run.latency.value_at_quantile(quantile)) / 1000.0;
    Figure {
        name: format!("{LATENCY}: {name}, {clients} clients"),
        value: millis(run, 0.5),
        unit: "ms",
        floor: Some(millis(floor, 0.5)),
        ratio: None,
        target: None,
        smaller_is_better: true,
        note: format!("p99 {:.2} ms (floor {:.2}), {:.0} calls/s", millis(run, 0.99), millis(floor, 0.99), run.rate()),
    }
}

/// The table's heading.
pub(crate) fn heading() -> String {
    format!("{:<34} {:>10} {:<7} {:>10} {:>6} {:>9}", "figure", "value", "unit", "floor", "ratio", "target")
}

fn readable(value: f64) -> String {
    if value >= 1_000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Writes the figures as a JSON array.
pub(crate) fn write_json(path: &Path, figures: &[Figure]) -> Result<()> {
    fs::write(path, serde_json::to_string_pretty(figures)?)?;
    Ok(())
}
