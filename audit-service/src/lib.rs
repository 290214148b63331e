//! The audit-service.
