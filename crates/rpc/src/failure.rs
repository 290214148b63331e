//! How a call fails on the wire: one constructor for each row of the error table in `proto/README.md`.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

mod violations;
pub use violations::Violations;

/// The domain of every `ErrorInfo`.
pub const DOMAIN: &str = "strongroom";
/// What every refusal for want of a permission says, whatever the reason.
pub const PERMISSION_DENIED: &str = "permission denied";
/// What every unexpected error says; the cause is only in the log.
pub const INTERNAL: &str = "internal error";

/// Why a call fails: becomes a `google.rpc.Status` with details.
///
/// Messages say what to do about it, and never carry a value, key material, SQL or a cause.
#[derive(Debug, Clone)]
pub struct Failure(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    reason: &'static str,
    message: String,
    violations: Vec<(String, String)>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Failure {
    /// `UNAUTHENTICATED`: the caller's identity is not accepted.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "", "this identity is not accepted")
    }

    /// `PERMISSION_DENIED`: not allowed, or may not know whether it exists. The text is always the same.
    pub fn permission_denied() -> Self {
        Self::new(Code::PermissionDenied, "", PERMISSION_DENIED)
    }

    /// `NOT_FOUND`: the caller is allowed, but `what` (a resource name) does not exist.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, "", format!("{what} does not exist"))
    }

    /// `INVALID_ARGUMENT` with every field violation. Use [`Violations::finish`] where there may be none.
    pub fn invalid(violations: Violations) -> Self {
        let message = violations.summary();
        Self::new(Code::InvalidArgument, "", message).with_violations(violations)
    }

    /// `INVALID_ARGUMENT` with a reason of its own, such as `REQUEST_ID_REUSED`, `AAD_MISMATCH` or `NEVER_STORE`.
    pub fn invalid_because(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, reason, message)
    }

    /// `INVALID_ARGUMENT`: the `request_id` was used for another request.
    pub fn request_id_reused() -> Self {
        Self::invalid_because(
            "REQUEST_ID_REUSED",
            "this request_id was used for another request: send a new UUID, or the same request",
        )
    }

    /// `INVALID_ARGUMENT`: the bytes are no message of the method's type.
    pub fn malformed() -> Self {
        Self::invalid_because("MALFORMED", "the request is no message of the type that this method takes")
    }

    /// `ALREADY_EXISTS`: the id or unique value of `what` is taken.
    pub fn already_exists(what: impl fmt::Display) -> Self {
        Self::new(Code::AlreadyExists, "", format!("{what} already exists"))
    }

    /// `ABORTED`: the etag is stale.
    pub fn aborted_etag() -> Self {
        Self::new(Code::Aborted, "ETAG_MISMATCH", "the resource has changed: read it again and retry with its new etag")
    }

    /// `ABORTED` with its reason, such as `CONTENDED`.
    pub fn aborted(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::Aborted, reason, message)
    }

    /// `FAILED_PRECONDITION` with its reason, such as `KEY_VERSION_DISABLED` or `LEGAL_HOLD`.
    pub fn failed_precondition(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, message)
    }

    /// `DATA_LOSS` with its reason, such as `AAD_MISMATCH` or `LOG_INCONSISTENT`.
    pub fn data_loss(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::DataLoss, reason, message)
    }

    /// `UNAVAILABLE` with its reason, such as `SEALED`, `KEY_SERVICE_UNAVAILABLE` or `AUDIT_UNAVAILABLE`.
    pub fn unavailable(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, reason, message)
    }

    /// `RESOURCE_EXHAUSTED`: a rate or queue limit; the caller may try again after `retry_after`.
    pub fn exhausted(message: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(Code::ResourceExhausted, "", message).with_retry(retry_after)
    }

    /// `RESOURCE_EXHAUSTED`: the message is larger than `limit` bytes. Waiting does not help.
    pub(crate) fn message_too_large(limit: usize) -> Self {
        Self::new(
            Code::ResourceExhausted,
            "MESSAGE_TOO_LARGE",
            format!("the message is larger than {limit} bytes: send less at once"),
        )
    }

    /// `RESOURCE_EXHAUSTED`: what was asked for takes more than `limit` bytes; `advice` says how to ask for less.
    pub fn answer_too_large(limit: usize, advice: &str) -> Self {
        let message = format!("what was asked for takes more than {limit} bytes: {advice}");
        Self::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", message)
    }

    /// `RESOURCE_EXHAUSTED`: the message is made of so many small parts that it takes more memory than the largest may.
    pub(crate) fn too_many_parts() -> Self {
        Self::new(
            Code::ResourceExhausted,
            "MESSAGE_TOO_LARGE",
            "the message lists too many small items: send fewer at once",
        )
    }

    /// `INVALID_ARGUMENT`: a unary call has one message.
    pub(crate) fn second_message() -> Self {
        Self::invalid_because("MALFORMED", "this method takes one message, and more came")
    }

    /// `CANCELLED`: the caller gave the call up before it was sent whole.
    pub(crate) fn cancelled() -> Self {
        Self::new(Code::Cancelled, "", "the request was not sent whole")
    }

    /// `UNAVAILABLE`: the connection ends, and nothing was done; or a stream ends with it.
    pub(crate) fn draining() -> Self {
        Self::unavailable("DRAINING", "the connection is ending: call again on another one")
    }

    /// `UNAVAILABLE`: the request did not come as fast as it must, and nothing was done.
    pub(crate) fn too_slow() -> Self {
        let message = "the request came too slowly, and nothing was done: send at least 256 KiB in a second";
        Self::unavailable("REQUEST_TOO_SLOW", message).with_retry(Duration::from_secs(1))
    }

    /// `DEADLINE_EXCEEDED`: the call's deadline is over.
    pub fn deadline_exceeded() -> Self {
        Self::new(Code::DeadlineExceeded, "", "the deadline is over: whether the call took effect is not known")
    }

    /// `DEADLINE_EXCEEDED` before the deadline: nobody will know in time whether a change was done, so trying again may do it
    /// twice.
    pub fn outcome_unknown() -> Self {
        let message = "whether the call took effect is not known: look before you try again, or repeat its request_id";
        Self::new(Code::DeadlineExceeded, "", message)
    }

    /// `UNIMPLEMENTED`: there is no such method or option.
    pub(crate) fn unimplemented(message: impl Into<String>) -> Self {
        Self::new(Code::Unimplemented, "", message)
    }

    /// `INTERNAL`: anything else. `source` goes to the log with its chain, never to the caller.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let mut failure = Self::new(Code::Internal, "", INTERNAL);
        failure.0.source = Some(Arc::from(source.into()));
        failure
    }

    /// `INTERNAL` for a condition that the code rules out; `what` goes to the log.
    pub fn bug(what: &'static str) -> Self {
        Self::internal(what)
    }

    /// Attaches a cause for the log; the caller never sees it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Attaches field violations.
    #[must_use]
    pub fn with_violations(mut self, violations: Violations) -> Self {
        self.0.violations = violations.into_bounded();
        self
    }

    /// Says how long to wait before another try.
    #[must_use]
    pub fn with_retry(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The reason in `ErrorInfo`; empty for none.
    pub fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// The text that the caller sees.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason,
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            source: None,
        }))
    }
}

impl Violations {
    /// The failure, if there is any violation.
    pub fn finish(self) -> Result<(), Failure> {
        if self.is_empty() { Ok(()) } else { Err(Failure::invalid(self)) }
    }

    /// The value, if it could be made and nothing is wrong. A missing value without a violation is an internal error.
    pub fn finish_with<T>(self, value: Option<T>) -> Result<T, Failure> {
        self.finish()?;
        value.ok_or_else(|| Failure::bug("a value is missing and no violation says why"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + 'static) = self.0.source.as_deref()?;
        Some(source)
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let inner = *failure.0;
        let mut details = ErrorDetails::new();
        if !inner.reason.is_empty() {
            details.set_error_info(inner.reason, DOMAIN, []);
        }
        for (field, description) in inner.violations {
            details.add_bad_request_violation(field, description);
        }
        if inner.retry_after.is_some() {
            details.set_retry_info(inner.retry_after);
        }
        let plain = inner.reason.is_empty() && inner.retry_after.is_none() && details.bad_request().is_none();
        let mut status = if plain {
            Status::new(inner.code, inner.message)
        } else {
            Status::with_error_details(inner.code, inner.message, details)
        };
        if let Some(source) = inner.source {
            status.set_source(source);
        }
        status
    }
}

/// An error with all its causes, for the log.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
