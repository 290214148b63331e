//! The `[grpc]` section of a service's configuration.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

use crate::duration;

/// What one call takes at most: an answer of 8 MiB, four times while it is made, and its request.
const LEAST_BYTES: usize = 40 << 20;

/// How a server listens and what it allows. Everything has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrpcConfig {
    /// Address of the mutual-TLS port.
    pub listen: SocketAddr,
    /// Authenticated connections at one time; more are closed.
    pub max_connections: usize,
    /// Connections that have not authenticated. Of more, one goes of the source that has the most; among equals the oldest that
    /// has not said a byte or has had a second, else the new one.
    #[serde(alias = "max_handshakes")]
    pub max_unauthenticated: usize,
    /// The same of one source: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub max_unauthenticated_per_source: usize,
    /// Networks of proxies, such as `10.1.0.0/16`, behind which connections of many sources come from one address.
    pub trusted_proxies: Vec<IpNet>,
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
    /// Calls of all callers at one time. Health, reflection and `AccessService` have 48 places of their own, 16 of a
    /// caller, and 16 of callers that nothing binds.
    pub max_calls: usize,
    /// Bytes that requests and answers of all callers take at one time, beyond the 16 KiB of every call.
    pub max_bytes: usize,
    /// Deadline of a call whose caller gives none.
    #[serde(deserialize_with = "duration::deserialize")]
    pub default_deadline: Duration,
    /// Longest deadline of a call.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_deadline: Duration,
    /// Longest, and default, deadline of a call whose answer is a stream.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_stream_deadline: Duration,
    /// How long a message of an answer that is a stream may wait to be read.
    #[serde(deserialize_with = "duration::deserialize")]
    pub stream_read_timeout: Duration,
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
    /// Connections at one time; more are closed.
    pub max_connections: u32,
    /// Calls at one time.
    pub max_calls: u32,
    /// Bytes that its requests and answers take at one time, beyond the 16 KiB of every call.
    pub max_bytes: usize,
    /// Calls in a second, in the long run; none for no limit.
    pub calls_per_second: Option<NonZeroU32>,
    /// Calls that may come at once where `calls_per_second` limits; none for as many as that.
    pub burst: Option<NonZeroU32>,
}

impl GrpcConfig {
    /// What is wrong with it, in words: a limit that lets nothing through, a time that never ends, or a default beyond what is
    /// allowed.
    pub fn problems(&self) -> Vec<String> {
        let limits = [
            ("max_connections", self.max_connections == 0),
            ("max_unauthenticated", self.max_unauthenticated == 0),
            ("max_unauthenticated_per_source", self.max_unauthenticated_per_source == 0),
            ("max_calls_per_connection", self.max_calls_per_connection == 0),
            ("max_calls", self.max_calls == 0),
            ("caller_limits.max_connections", self.caller_limits.max_connections == 0),
            ("caller_limits.max_calls", self.caller_limits.max_calls == 0),
        ];
        let nothing = limits.into_iter().filter(|(_, is_nothing)| *is_nothing);
        let mut problems: Vec<_> = nothing.map(|(name, _)| format!("grpc.{name}: must be more than nothing")).collect();
        let durations = [
            ("handshake_timeout", self.handshake_timeout),
            ("max_connection_age", self.max_connection_age),
            ("keepalive_timeout", self.keepalive_timeout),
            ("default_deadline", self.default_deadline),
            ("max_deadline", self.max_deadline),
            ("max_stream_deadline", self.max_stream_deadline),
            ("stream_read_timeout", self.stream_read_timeout),
            ("drain_timeout", self.drain_timeout),
        ];
        problems.extend(duration::problems("grpc", durations));
        let bytes = [("max_bytes", self.max_bytes), ("caller_limits.max_bytes", self.caller_limits.max_bytes)];
        let too_few = bytes.into_iter().filter(|(_, bytes)| *bytes < LEAST_BYTES);
        problems.extend(
            too_few.map(|(name, _)| format!("grpc.{name}: must be at least {LEAST_BYTES}: one call may take it")),
        );
        if self.default_deadline > self.max_deadline {
            problems.push("grpc.default_deadline: must be at most grpc.max_deadline".to_owned());
        }
        problems
    }
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            max_connections: 1000,
            max_unauthenticated: 256,
            max_unauthenticated_per_source: 128,
            trusted_proxies: Vec::new(),
            handshake_timeout: Duration::from_secs(5),
            max_connection_age: Duration::from_mins(10),
            keepalive_timeout: Duration::from_secs(20),
            max_calls_per_connection: 256,
            max_calls: 3072,
            max_bytes: 80 << 20,
            default_deadline: Duration::from_secs(10),
            max_deadline: Duration::from_secs(30),
            max_stream_deadline: Duration::from_hours(1),
            stream_read_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
            caller_limits: CallerLimits::default(),
        }
    }
}

impl Default for CallerLimits {
    fn default() -> Self {
        Self { max_connections: 250, max_calls: 2048, max_bytes: 40 << 20, calls_per_second: None, burst: None }
    }
}
