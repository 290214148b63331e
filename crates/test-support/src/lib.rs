//! What tests and the development stack need around the product: private PostgreSQL clusters, certificates, waiting.
//!
//! # Layout
//! - `certs`: a certificate authority and identities with SPIFFE IDs
//! - [`entries`]: entries as the events that they were made of
//! - `poll`: waiting for a condition instead of sleeping
//! - `postgres`: a private cluster, its roles, and databases copied from a migrated template
//! - [`tamper`]: every change that SQL can make to rows that carry an HMAC

pub mod certs;
pub mod entries;
mod poll;
pub mod postgres;
pub mod tamper;

pub use poll::{NotInTime, poll_until};
