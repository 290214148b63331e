//! What is said where evidence cannot be made durable.

/// Evidence cannot be made durable now: the answer that it would tell of must not leave. Reason `AUDIT_UNAVAILABLE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit is unavailable")]
pub struct AuditUnavailable;

impl AuditUnavailable {
    /// The reason on the wire.
    pub const REASON: &'static str = "AUDIT_UNAVAILABLE";
}
