//! What tests and the development stack need around the product: private PostgreSQL clusters, certificates, waiting.
//!
//! # Layout
//! - `certs`: a certificate authority and identities with SPIFFE IDs
//! - [`entries`]: entries as the events that they were made of
//! - `frames`: HTTP/2 of clients that do what no library lets them do
//! - `poll`: waiting for a condition instead of sleeping
//! - `postgres`: a private cluster, its roles, and databases copied from a migrated template
//! - `proxy`: a proxy that breaks connections, or loses answers, on demand
//! - [`record_changes`]: what SQL can do to the row of a record
//! - [`tamper`]: every change that SQL can make to rows that carry an HMAC

pub mod certs;
pub mod entries;
pub mod frames;
mod poll;
pub mod postgres;
mod proxy;
pub mod record_changes;
pub mod tamper;

pub use poll::{NotInTime, poll_until};
pub use proxy::Proxy;

/// Whether this run must look at `what` and may not skip it: `STRONGROOM_REQUIRE` names it, one of several behind commas.
pub fn is_required(what: &str) -> bool {
    std::env::var("STRONGROOM_REQUIRE").is_ok_and(|all| all.split(',').any(|one| one == what))
}
