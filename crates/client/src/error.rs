//! Why a client cannot be made, and why a call failed.

use std::fmt;
use std::time::Duration;

use rpc::channel::ChannelError;
use rpc::{StatusDetails, TlsError};
use tonic::{Code, Status};

/// Why a client cannot be made or a service cannot be called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address of a service is wrong.
    #[error("the address of a service cannot be used")]
    Channel(#[from] ChannelError),
    /// The configuration has no such service.
    #[error("the configuration has no address of the {0} service")]
    NotConfigured(&'static str),
    /// The certificates cannot be used.
    #[error("the certificates cannot be used")]
    Tls(#[from] TlsError),
}

/// Why a call failed.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    details: StatusDetails,
    attempts: u32,
    status: Status,
}

impl Error {
    pub(crate) fn new(status: Status, attempts: u32) -> Self {
        Self(Box::new(Inner { details: StatusDetails::of(&status), attempts, status }))
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.0.details.code
    }

    /// The reason, such as `ETAG_MISMATCH`; empty for none. `proto/README.md` has the table.
    pub fn reason(&self) -> &str {
        &self.0.details.reason
    }

    /// What the service says.
    pub fn message(&self) -> &str {
        &self.0.details.message
    }

    /// Field and description of each violation.
    pub fn violations(&self) -> &[(String, String)] {
        &self.0.details.violations
    }

    /// How long to wait before another try, where the service says so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.details.retry_after
    }

    /// The service's id of the call, to find it in its log; empty where it never came that far.
    pub fn request_id(&self) -> &str {
        &self.0.details.request_id
    }

    /// How often the call was tried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StatusDetails { code, reason, message, .. } = &self.0.details;
        if reason.is_empty() { write!(f, "{code:?}: {message}") } else { write!(f, "{code:?} ({reason}): {message}") }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0.status)
    }
}
