//! System tests: the three real binaries, real mutual TLS, a private PostgreSQL. This file drives them all as one test
//! binary; `tests/README.md` says which promise each of them proves, and which control shows that it can fail.
//!
//! # Layout
//! - `support`: the shared stacks, callers, SQL, service logs, audit entries
//! - `authorization`: every RPC for every caller, against a golden matrix
//! - `hostile`: every RPC with every kind of bad input; what `RecordService` refuses beyond that
//! - `contract`: what outside callers rely on, held against descriptors, files and tables
//! - `connecting`: what clients say when something is wrong with a connection
//! - `records`: the life of records, end to end; `patients`: the same with real FHIR resources
//! - `tampering`: records changed by SQL
//! - `forgery`: audit entries, outbox rows and histories that nobody sealed
//! - `at_rest`: plaintext in files, logs and metrics
//! - `memory`: plaintext in the memory of vault-service
#![cfg(test)]

mod at_rest;
mod authorization;
mod connecting;
mod contract;
mod forgery;
mod hostile;
mod memory;
mod patients;
mod records;
mod support;
mod tampering;
