//! The whole stack over loopback: real TLS, real HTTP/2, services that misbehave on demand.

extern crate strongroom_rpc as rpc;

mod authentication;
mod authorization;
mod errors;
mod limits;
mod reload;
mod support;
