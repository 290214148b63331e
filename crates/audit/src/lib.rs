//! Events on their way to the audit-service: made durable with what they tell of, delivered at least once.
//!
//! ```text
//! handler ─▶ Outbox::row ──▶ the caller's own statement ─┐
//! handler ─▶ OutboxWriter ─▶ one INSERT for many callers ─┴▶ audit_outbox ─▶ Forwarder ─▶ audit-service
//! refused calls ─▶ Coalescer ─▶ EventSink                              └─▶ audit_outbox_refused
//! ```
//!
//! # Layout
//! - [`event`]: what a service reports
//! - [`key`]: the key that authenticates this service's own rows
//! - [`outbox`]: rows, and whether more may be written
//! - `unavailable`: what is said where evidence cannot be made durable
//! - `backlog`: how much waits, log by log
//! - `schedule`: which logs may have rows, and which are tried alone
//! - [`writer`]: durable events for callers that have no statement of their own
//! - [`forwarder`]: delivers rows and deletes them after the receipt
//! - [`ingest`]: what the forwarder needs of the audit-service
//! - [`coalescer`]: calls that were not done, counted
//! - [`policy`]: entries of the policy and its changes

mod backlog;
pub mod coalescer;
pub mod event;
pub mod forwarder;
pub mod ingest;
pub mod key;
pub mod outbox;
pub mod policy;
mod schedule;
mod unavailable;
pub mod writer;

pub use backlog::OutboxConfig;
pub use coalescer::{Coalescer, LogOf, LogUnknown, RefusedCall};
pub use event::{Event, KeyOperation, Outcome};
pub use forwarder::{Forwarder, ForwarderConfig};
pub use ingest::Ingest;
pub use key::{OutboxKey, OutboxKeySlot};
pub use outbox::{Outbox, OutboxRow};
pub use policy::PolicyReporter;
pub use unavailable::AuditUnavailable;
pub use writer::{EventSink, OutboxWriter};
