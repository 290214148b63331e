//! The client against a service that fails on demand, over real TLS.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking; its helpers are no test functions to clippy"
)]

mod coverage;
mod retries;
mod support;
