//! Group commit: concurrent calls of one kind share a statement, a commit or a message.
//!
//! # Layout
//! - `batcher`: callers hand their requests to a job that makes the calls, many in one
//! - `in_flight`: when a batch begins

mod batcher;
mod in_flight;

pub use batcher::{BatchCall, Batcher, NotCalled};
pub use in_flight::{InFlight, Waiting};
