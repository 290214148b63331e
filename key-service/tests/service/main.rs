//! The whole service in process: real PostgreSQL, real mutual TLS, the shipped policy; only the audit-service is a fake.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; its helpers are no test functions to clippy"
)]

mod accounting;
mod altered_keys;
mod bad_input;
mod batches;
mod changes;
mod data_keys;
mod keyring;
mod keys;
mod origin;
mod releases;
mod replicas;
mod row_macs;
mod row_outcomes;
mod schema;
mod seal;
mod set_back;
mod signer;
mod signer_advance;
mod signer_begin;
mod signer_lists;
mod signer_repair;
mod subjects;
mod support;
mod tampering;
mod unknown_outcomes;
