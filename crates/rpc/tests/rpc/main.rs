//! The whole stack over loopback: real TLS, real HTTP/2, services that misbehave on demand.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    reason = "a test fails by panicking; its helpers are no test functions to clippy"
)]

extern crate strongroom_rpc as rpc;

mod authentication;
mod authorization;
mod bounds;
mod certificates;
mod channel;
mod errors;
mod key_exchange;
mod limits;
mod openssl;
mod reload;
mod support;
