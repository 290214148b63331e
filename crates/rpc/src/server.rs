//! The server: accepts connections, authenticates them, and walks every call through the layers.
//!
//! Layers, in this order, for every method of every service: connection limits → trace → deadline → authentication →
//! caller limits, in calls → may this caller use this method at any scope? → limits in bytes → its turn, where it
//! reads many rows. Nothing can be served around them: a handler is only reached through [`Server`].

mod accept;
mod answer;
mod body;
mod builder;
mod call;
mod config;
mod denial;
mod ending;
mod gathered;
mod leaving;
mod limits;
mod lines;
mod measure;
mod newcomers;
mod open;
mod request;
mod routes;
mod stack;
mod streams;
mod trace;

pub use accept::MAX_STRANGERS;
pub use builder::{Server, ServerBuilder, ServerError};
pub use config::{CallerLimits, GrpcConfig};
pub use denial::{Denial, DenialSink, NotDone};
pub use limits::Admission;
pub use routes::GrpcService;
