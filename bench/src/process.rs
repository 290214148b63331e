//! How much memory the services take when idle, and how long they take to be ready.

use std::time::Instant;

use anyhow::{Result, anyhow};
use stack::Service;
use stack::processes::ProcessId;

use crate::Plan;
use crate::lab::Lab;
use crate::load::median;
use crate::report::Figure;

const NAMES: [(&str, &str); 3] = [("key", "key-service"), ("vault", "vault-service"), ("audit", "audit-service")];

/// Resident memory of each service.
pub(crate) fn memory(lab: &Lab, plan: &Plan, when: &str, target: Option<f64>) -> Result<Vec<Figure>> {
    if !plan.wants("memory") {
        return Ok(Vec::new());
    }
    let mut figures = Vec::new();
    for (instance, name) in NAMES {
        let process = lab.stack.process(instance)?.ok_or_else(|| anyhow!("{name} does not run"))?;
        figures.push(plain(format!("memory: {name} {when}"), resident_mib(process)?, "MiB", target));
    }
    Ok(figures)
}

fn resident_mib(process: ProcessId) -> Result<f64> {
    let bytes = process.resident_bytes().ok_or_else(|| anyhow!("no VmRSS"))?;
    Ok(f64::from(u32::try_from(bytes >> 10)?) / 1024.0)
}

/// Time from starting a service's process until it is ready, warm.
pub(crate) async fn start(lab: &mut Lab, plan: &Plan) -> Result<Vec<Figure>> {
    if !plan.wants("start") {
        return Ok(Vec::new());
    }
    let mut figures = Vec::new();
    for (service, (instance, name)) in Service::ALL.into_iter().zip(NAMES) {
        let mut times = Vec::new();
        for _ in 0..plan.rounds.max(3) {
            lab.stack.terminate(service.short())?;
            let begin = Instant::now();
            lab.stack.restart(instance).await?;
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
        figures.push(plain(format!("start: {name}"), median(times), "ms", Some(200.0)));
    }
    Ok(figures)
}

fn plain(name: String, value: f64, unit: &'static str, target: Option<f64>) -> Figure {
    Figure { name, value, unit, floor: None, ratio: None, target, smaller_is_better: true, note: String::new() }
}
