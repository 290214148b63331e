//! The audit-service in process, with a real PostgreSQL and the real key-service as its signer, over real mutual TLS.
//!
//! - `world`: databases, key-service, replicas of the service, a client; `faults`: a signer with faults in between
//! - `appending`: receipts, duplicates, refusals, log time
//! - `checking`: whether what is shown is what was sealed
//! - `commands`: the subcommand `verify`
//! - `ingest`: who may report what, and what an entry says of it
//! - `old_snapshot`: a measurement, not a test
//! - `paging`: lists that end, bounded pages, tokens that were made up
//! - `reading`: logs, entries, filters, pages, authorization
//! - `recovery`: crashes, a signer that is away, quarantine, a restored database
//! - `replicas`: two replicas on one database under load
//! - `restore`: a key database that was restored from a backup
//! - `schema`: what the database itself refuses
//! - `starving`: one log that does not get on, and others that do
//! - `tampering`: every kind of tampering, found with its kind and range
#![cfg(test)]

mod appending;
mod checking;
mod commands;
mod faults;
mod ingest;
mod old_snapshot;
mod paging;
mod reading;
mod recovery;
mod replicas;
mod restore;
mod schema;
mod starving;
mod tampering;
mod world;
