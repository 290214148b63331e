//! The whole service in process: real PostgreSQL, real mutual TLS, the shipped policy and a real key-service; only the
//! audit-service is a fake, and connections go through a proxy where they are to break.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; its helpers are no test functions to clippy"
)]

mod accounting;
mod audit_away;
mod bad_input;
mod batches;
mod bytes;
mod clock_jumps;
mod data_key_cache;
mod database_away;
mod deadlines;
mod deleted;
mod field_names;
mod hmacs;
mod items;
mod key_away;
mod line;
mod lost_connection;
mod never_store;
mod newer;
mod own_keys;
mod places;
mod records;
mod replicas;
mod requests;
mod reveal;
mod row_outcomes;
mod schema;
mod sharing;
mod support;
mod tampering;
mod update;
mod views;
