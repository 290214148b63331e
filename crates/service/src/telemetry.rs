//! JSON log lines on stderr, one a line, and the recorder behind `/metrics`. The level comes from the configuration only:
//! an environment variable must not be able to switch details on.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogConfig, LogLevel};
use crate::error::BoxError;

/// Upper bounds of latency histograms, in seconds.
const SECONDS: [f64; 12] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
/// Upper bounds of histograms of counts, whose names end in `_size`.
const COUNTS: [f64; 11] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0];

/// Installs the global subscriber.
pub(crate) fn install_logs(config: &LogConfig) -> Result<(), BoxError> {
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter(config.level)).with(layer).try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Installs the global recorder.
pub(crate) fn install_metrics() -> Result<PrometheusHandle, BoxError> {
    Ok(recorder()?.install_recorder()?)
}

fn recorder() -> Result<PrometheusBuilder, BoxError> {
    let sizes = Matcher::Suffix("_size".to_owned());
    Ok(PrometheusBuilder::new().set_buckets(&SECONDS)?.set_buckets_for_metric(sizes, &COUNTS)?)
}

/// Libraries are kept at warnings below `trace`: their debug lines may hold frames, statements or parameters.
fn filter(level: LogLevel) -> EnvFilter {
    let own = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let mut filter = EnvFilter::default().add_directive(own.into());
    for library in ["h2", "hyper", "hyper_util", "rustls", "tokio_postgres", "tonic", "tower"] {
        // What h2 warns of is what callers do, once for each connection.
        let most = if library == "h2" { LevelFilter::ERROR } else { LevelFilter::WARN };
        let quiet = most.min(own);
        if let Ok(directive) = format!("{library}={quiet}").parse() {
            filter = filter.add_directive(directive);
        }
    }
    filter
}

/// Where it happened, but not the message: a panic's text may quote a value.
fn log_panic(info: &std::panic::PanicHookInfo<'_>) {
    let (file, line) = info.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
    tracing::error!(file, line, "panic");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_of_counts_have_buckets_of_counts() {
        let recorder = recorder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("a_batch_size").record(300.0);
            metrics::histogram!("a_call_seconds").record(0.003);
        });
        let shown = recorder.handle().render();
        for line in [
            "a_batch_size_bucket{le=\"512\"} 1",
            "a_batch_size_bucket{le=\"256\"} 0",
            "a_call_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(shown.contains(line), "{line} is not in {shown}");
        }
    }
}
