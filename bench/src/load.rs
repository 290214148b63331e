//! Closed-loop load: so many clients, each with one call under way, for so long.

use std::fs;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

/// What one run of a load measured.
#[derive(Debug)]
pub(crate) struct Run {
    /// Operations done.
    pub(crate) operations: u64,
    /// From the first call until the last effect of the last call had settled.
    pub(crate) elapsed: Duration,
    /// Time of the whole machine's cores that went into it, in microseconds.
    pub(crate) core_micros: f64,
    /// Latencies of the calls, in microseconds.
    pub(crate) latency: Histogram<u64>,
}

impl Run {
    /// Operations a second.
    pub(crate) fn rate(&self) -> f64 {
        count(self.operations) / self.elapsed.as_secs_f64()
    }

    /// Core-microseconds an operation.
    pub(crate) fn core_micros_each(&self) -> f64 {
        self.core_micros / count(self.operations.max(1))
    }
}

/// A count as a float: counts here stay far below 2^53.
pub(crate) fn count(value: u64) -> f64 {
    let high = u32::try_from(value >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(value & 0xffff_ffff).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// Runs `clients` clients for `duration`; `call(client, n)` is the n-th call of a client and says how many operations it
/// did. `settle` returns when everything that the calls set in motion is done; it belongs to the time measured.
pub(crate) async fn closed_loop<F, Fut, S, SFut>(clients: usize, duration: Duration, call: F, settle: S) -> Result<Run>
where
    F: Fn(usize, u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<u64>> + Send,
    S: FnOnce() -> SFut,
    SFut: Future<Output = Result<()>>,
{
    let call = Arc::new(call);
    let stop = Arc::new(AtomicBool::new(false));
    let cpu = machine_cpu_micros()?;
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let (call, stop) = (Arc::clone(&call), Arc::clone(&stop));
        tasks.spawn(async move {
            let mut latency = histogram()?;
            let mut operations = 0;
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                let begin = Instant::now();
                operations += call(client, n).await?;
                n += 1;
                latency.saturating_record(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            anyhow::Ok((operations, latency))
        });
    }
    tokio::time::sleep(duration).await;
    stop.store(true, Ordering::Relaxed);
    let mut operations = 0;
    let mut latency = histogram()?;
    while let Some(task) = tasks.join_next().await {
        let (done, one) = task.context("a client ended early")??;
        operations += done;
        latency.add(one)?;
    }
    settle().await?;
    let elapsed = start.elapsed();
    Ok(Run { operations, elapsed, core_micros: machine_cpu_micros()? - cpu, latency })
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

/// User and system time of all cores since boot, in microseconds (proc(5), /proc/stat; ticks of 10 ms).
fn machine_cpu_micros() -> Result<f64> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields: Vec<u64> = stat
        .lines()
        .next()
        .ok_or_else(|| anyhow!("/proc/stat is empty"))?
        .split_ascii_whitespace()
        .skip(1)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    // user, nice, system, idle, iowait, irq, softirq
    let busy: u64 = [0, 1, 2, 5, 6].iter().filter_map(|i| fields.get(*i)).sum();
    Ok(count(busy) * 10_000.0)
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
