//! Strongroom's tamper-evident log, without I/O: formats, the signer's decisions, the append protocol, the verifier.
//!
//! docs/audit-log.md draws the formats and the protocol. Services drive these cores against their databases and each
//! other; the simulation in `tests/simulation` drives the very same ones.
//!
//! # Layout
//! - [`event`]: what a service reports, and what a log takes
//! - [`entry`]: the exact bytes of an entry
//! - [`hash`]: log ids, leaves, heads
//! - [`mac`]: MACs over heads, and the digest over all of them
//! - [`compact_range`]: the growing RFC 6962 tree
//! - [`consistency`]: that one tree begins with another
//! - [`snapshot`]: what the signer knows of a log, under its MAC
//! - [`chain`]: a segment's entries, each in its place
//! - [`protocol`]: what audit-service and the signer say to each other
//! - [`signer`]: the signer's decisions
//! - [`append`]: the appending side's decisions
//! - [`verify`]: the verifier

pub mod append;
pub mod chain;
pub mod compact_range;
pub mod consistency;
pub mod entry;
pub mod event;
pub mod hash;
pub mod mac;
pub mod protocol;
pub mod signer;
pub mod snapshot;
pub mod verify;

pub use compact_range::CompactRange;
pub use entry::{Columns, Entry, Place};
pub use event::{Body, Event, KeyOperation, Outcome};
pub use hash::{Hash, genesis, log_id};
pub use mac::{Mac, MacKey, MacKeyring, MacVersion};
pub use snapshot::Snapshot;
