//! Reads the details of a peer's failure: the client's half of [`crate::failure`].

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::failure::DOMAIN;

/// A failure as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusDetails {
    /// The gRPC code.
    pub code: Code,
    /// The reason in `ErrorInfo`, such as `ETAG_MISMATCH`; empty for none.
    pub reason: String,
    /// What the server says.
    pub message: String,
    /// Field and description of each violation.
    pub violations: Vec<(String, String)>,
    /// How long to wait before another try.
    pub retry_after: Option<Duration>,
    /// The server's id of the call; empty where it never came that far.
    pub request_id: String,
}

impl StatusDetails {
    /// The details of a status that a peer answered. Details that cannot be read count as absent.
    pub fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let reason = details.error_info().filter(|info| info.domain == DOMAIN).map(|info| info.reason.clone());
        let violations = details
            .bad_request()
            .map(|bad| bad.field_violations.iter().map(|one| (one.field.clone(), one.description.clone())).collect());
        let request_id = status.metadata().get(crate::context::REQUEST_ID_HEADER);
        Self {
            code: status.code(),
            reason: reason.unwrap_or_default(),
            message: status.message().to_owned(),
            violations: violations.unwrap_or_default(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            request_id: request_id.and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned(),
        }
    }
}
