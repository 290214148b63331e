//! Rounds of value and floor, side by side: the machine's speed changes from minute to minute, their ratio less so.

use crate::{
    load::{Run, median},
    report::Figure,
};

/// What a figure should reach.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// This ratio to the floor.
    AtLeast(f64),
    /// Nothing: printed to be compared.
    None,
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

    /// Adds a round.
    pub(crate) fn add(&mut self, run: &Run, floor: &Run) {
        self.floor_core_micros.push(floor.core_micros_each());
        self.add_against(run, floor.rate());
    }

    /// Adds a round whose floor is a mere rate.
    pub(crate) fn add_against(&mut self, run: &Run, floor: f64) {
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
