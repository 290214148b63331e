//! The `[grpc]` section of a service's configuration.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    time::Duration,
};

use serde::Deserialize;

use crate::duration;

/// Largest request message, in bytes.
pub const MAX_MESSAGE_SIZE: usize = 4 * 1024 * 1024;

/// How a server listens and what it allows. Everything has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrpcConfig {
    /// Address of the mutual-TLS port.
    pub listen: SocketAddr,
    /// Connections at one time; more are closed at once.
    pub max_connections: usize,
    /// TLS handshakes at one time; more wait, within their timeout.
    pub max_handshakes: usize,
    /// How long a connection may take to complete its handshake.
    #[serde(deserialize_with = "duration::deserialize")]
    pub handshake_timeout: Duration,
    /// Age at which a connection is closed, after its calls have ended; up to a tenth less by chance.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_connection_age: Duration,
    /// How long a peer may leave a ping unanswered; idle connections are pinged three times as seldom.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keepalive_timeout: Duration,
    /// Calls on one connection at one time; more wait at the client.
    pub max_calls_per_connection: u32,
    /// Calls of all callers at one time. Health, reflection and `AccessService` have 256 places of their own, 16 of a caller.
    pub max_calls: usize,
    /// Deadline of a call whose caller gives none.
    #[serde(deserialize_with = "duration::deserialize")]
    pub default_deadline: Duration,
    /// Longest deadline of a call.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_deadline: Duration,
    /// Longest, and default, deadline of a call whose answer is a stream.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_stream_deadline: Duration,
    /// How long calls may take to end at shutdown.
    #[serde(deserialize_with = "duration::deserialize")]
    pub drain_timeout: Duration,
    /// What one caller may do.
    pub caller_limits: CallerLimits,
}

/// What one caller, over all its connections, may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallerLimits {
    /// Calls at one time.
    pub max_calls: u32,
    /// Calls in a second, in the long run; none for no limit.
    pub calls_per_second: Option<NonZeroU32>,
    /// Calls that may come at once where `calls_per_second` limits; none for as many as that.
    pub burst: Option<NonZeroU32>,
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            max_connections: 10_000,
            max_handshakes: 256,
            handshake_timeout: Duration::from_secs(5),
            max_connection_age: Duration::from_mins(10),
            keepalive_timeout: Duration::from_secs(20),
            max_calls_per_connection: 256,
            max_calls: 8192,
            default_deadline: Duration::from_secs(10),
            max_deadline: Duration::from_secs(30),
            max_stream_deadline: Duration::from_hours(1),
            drain_timeout: Duration::from_secs(10),
            caller_limits: CallerLimits::default(),
        }
    }
}

impl Default for CallerLimits {
    fn default() -> Self {
        Self { max_calls: 4096, calls_per_second: None, burst: None }
    }
}
