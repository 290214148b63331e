//! Rounds of value and floor, side by side: the machine's speed changes within seconds, their ratio less so. Each value is
//! measured between two floors and compared with their mean:
//!
//! ```text
//! floor ─ value ─ floor ─ value ─ floor ─ value ─ floor
//!         └ beside both ┘
//! ```

use anyhow::Result;

use crate::load::{Run, median};
use crate::report::Figure;

/// What a figure should reach.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// This ratio to the floor.
    AtLeast(f64),
    /// Nothing: printed to be compared.
    None,
}

/// One measurement of a floor.
#[derive(Clone, Copy)]
pub(crate) struct Floor {
    /// Operations a second.
    pub(crate) rate: f64,
    /// Core-microseconds an operation, where the whole machine did nothing else.
    pub(crate) core_micros: Option<f64>,
}

impl From<Run> for Floor {
    fn from(run: Run) -> Self {
        Self { rate: run.rate(), core_micros: Some(run.core_micros_each()) }
    }
}

/// The rounds of one figure.
pub(crate) struct Rounds {
    name: &'static str,
    unit: &'static str,
    target: Target,
    values: Vec<f64>,
    floors: Vec<f64>,
    ratios: Vec<f64>,
    core_micros: Vec<f64>,
    floor_core_micros: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

impl Rounds {
    /// No rounds yet.
    pub(crate) fn new(name: &'static str, unit: &'static str, target: Target) -> Self {
        Self {
            name,
            unit,
            target,
            values: Vec::new(),
            floors: Vec::new(),
            ratios: Vec::new(),
            core_micros: Vec::new(),
            floor_core_micros: Vec::new(),
            p50: Vec::new(),
            p99: Vec::new(),
        }
    }

    /// Measures `value(round)` so many times, each between two of `floor()`.
    pub(crate) async fn measure<F: Into<Floor>>(
        mut self,
        rounds: usize,
        floor: impl AsyncFn() -> Result<F>,
        value: impl AsyncFn(usize) -> Result<Run>,
    ) -> Result<Figure> {
        let mut before = floor().await?.into();
        for round in 0..rounds {
            let run = value(round).await?;
            let after = floor().await?.into();
            self.add(&run, before, after);
            before = after;
        }
        Ok(self.figure())
    }

    /// Adds a round and the floors before and after it.
    pub(crate) fn add(&mut self, run: &Run, before: Floor, after: Floor) {
        let floor = f64::midpoint(before.rate, after.rate);
        let floor_core_micros = before.core_micros.zip(after.core_micros);
        self.floor_core_micros.extend(floor_core_micros.map(|(before, after)| f64::midpoint(before, after)));
        self.values.push(run.rate());
        self.floors.push(floor);
        self.ratios.push(run.rate() / floor);
        self.core_micros.push(run.core_micros_each());
        for (quantile, values) in [(0.5, &mut self.p50), (0.99, &mut self.p99)] {
            values.push(crate::load::count(run.latency.value_at_quantile(quantile)) / 1000.0);
        }
    }

    /// The medians.
    pub(crate) fn figure(self) -> Figure {
        let floor_cpu = if self.floor_core_micros.is_empty() {
            String::new()
        } else {
            format!(" (floor {:.0})", median(self.floor_core_micros))
        };
        Figure {
            name: self.name.to_owned(),
            value: median(self.values),
            unit: self.unit,
            floor: Some(median(self.floors)),
            ratio: Some(median(self.ratios)),
            target: match self.target {
                Target::AtLeast(ratio) => Some(ratio),
                Target::None => None,
            },
            smaller_is_better: false,
            note: format!(
                "p50 {:.1} ms, p99 {:.1} ms, {:.0} core-µs each{floor_cpu}",
                median(self.p50),
                median(self.p99),
                median(self.core_micros)
            ),
        }
    }
}
