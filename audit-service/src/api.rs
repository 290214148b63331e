//! The gRPC handlers: convert, authorize, call the use case, convert.
//!
//! # Layout
//! - `convert`: messages to domain types and back
//! - `ingest`: `IngestService`
//! - `logs`: `LogService`
//! - `running`: verifications that are under way

mod convert;
mod ingest;
mod logs;
mod running;

pub(crate) use ingest::Ingest;
pub(crate) use logs::LogReader;
