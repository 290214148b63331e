//! Metrics of calls. Handles are looked up once for each method and code, not at each call.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram};
use rustls::crypto::SupportedKxGroup;
use tonic::Code;

/// The metrics of one method.
#[derive(Debug)]
pub(super) struct Measures {
    method: String,
    requests: [OnceLock<Counter>; 17],
    duration: OnceLock<Histogram>,
}

impl Measures {
    pub(super) fn new(method: &str) -> Self {
        Self { method: method.to_owned(), requests: Default::default(), duration: OnceLock::new() }
    }

    /// Counts a call that ended with `code` after `elapsed`.
    pub(super) fn record(&self, code: Code, elapsed: Duration) {
        let index = usize::try_from(i32::from(code)).unwrap_or_default();
        if let Some(slot) = self.requests.get(index) {
            let counter = slot.get_or_init(|| {
                metrics::counter!(
                    "strongroom_rpc_requests_total",
                    "method" => self.method.clone(), "code" => code_name(code)
                )
            });
            counter.increment(1);
        }
        let histogram = self
            .duration
            .get_or_init(|| metrics::histogram!("strongroom_rpc_duration_seconds", "method" => self.method.clone()));
        histogram.record(elapsed.as_secs_f64());
    }
}

/// Counts an accepted connection by the group of its key exchange: which peers have no X25519MLKEM768 yet.
pub(super) fn handshake_completed(group: Option<&dyn SupportedKxGroup>) {
    let group = group.and_then(|group| group.name().as_str()).unwrap_or("unknown");
    metrics::counter!("strongroom_rpc_handshakes_total", "group" => group).increment(1);
}

/// Counts a connection that was not accepted.
pub(super) fn connection_refused(reason: &'static str) {
    metrics::counter!("strongroom_rpc_connections_refused_total", "reason" => reason).increment(1);
}

/// Counts an answer that was not read in time.
pub(super) fn answer_cut_off() {
    metrics::counter!("strongroom_rpc_answers_cut_off_total").increment(1);
}

/// The code as the gRPC specification writes it.
pub(super) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
