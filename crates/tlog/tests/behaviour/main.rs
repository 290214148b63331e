//! Behaviour of the log's cores with real bytes, in memory.
//!
//! - `support`: a ledger: a signer's log, and the audit database's rows
//! - `formats`: bytes of entries, hashes, the tree
//! - `events`: what a log takes
//! - `seals`: MACs, snapshots, tallies
//! - `signing`: what the signer takes and refuses
//! - `marks`: acknowledgements, reports, alarms
//! - `repair`: losses, and what explains rolled back rows
//! - `advancing`: a signer that is brought forward
//! - `operators_word`: the same where an operator vouches for it
//! - `appending`: from events to receipts
//! - `catching_up`: what the signer's answers mean for the rows
//! - `tampering`: each kind of finding in the middle of a log
//! - `endings`: each kind at its end
//! - `chance`: any change at all is found
//! - `vectors`: the published vectors
#![cfg(test)]

// The name it has everywhere else.
extern crate strongroom_tlog as tlog;

mod advancing;
mod appending;
mod catching_up;
mod chance;
mod endings;
mod events;
mod formats;
mod marks;
mod operators_word;
mod repair;
mod seals;
#[path = "../simulation/signed_log.rs"]
mod signed_log;
#[path = "../simulation/signer.rs"]
mod signer_in_memory;
mod signing;
mod support;
mod tampering;
mod vectors;
