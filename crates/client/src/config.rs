//! Where the services are, which certificate to show, and how long to try.

use std::time::Duration;

use rpc::{PeerConfig, TlsConfig, duration};
use serde::Deserialize;

/// Configuration of a [`crate::Client`]; can be read from TOML. Times beyond 20 days are taken for 20 days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// Own certificate and trusted authorities; replaced files are taken up within a second.
    pub tls: TlsConfig,
    /// key-service, where it is called.
    #[serde(default)]
    pub key: Option<PeerConfig>,
    /// vault-service, where it is called.
    #[serde(default)]
    pub vault: Option<PeerConfig>,
    /// audit-service, where it is called.
    #[serde(default)]
    pub audit: Option<PeerConfig>,
    /// Time for a call, all its attempts and the pauses between them.
    #[serde(default = "ten_seconds", deserialize_with = "duration::deserialize")]
    pub deadline: Duration,
    /// Time for a call whose answer is a stream.
    #[serde(default = "one_hour", deserialize_with = "duration::deserialize")]
    pub stream_deadline: Duration,
    /// Pause before the second attempt; it doubles with each one.
    #[serde(default = "fifty_millis", deserialize_with = "duration::deserialize")]
    pub first_pause: Duration,
    /// Longest pause between two attempts.
    #[serde(default = "one_second", deserialize_with = "duration::deserialize")]
    pub longest_pause: Duration,
}

impl ClientConfig {
    /// No service yet, and defaults for the rest.
    pub fn new(tls: TlsConfig) -> Self {
        Self {
            tls,
            key: None,
            vault: None,
            audit: None,
            deadline: ten_seconds(),
            stream_deadline: one_hour(),
            first_pause: fifty_millis(),
            longest_pause: one_second(),
        }
    }
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

fn one_hour() -> Duration {
    Duration::from_hours(1)
}

fn fifty_millis() -> Duration {
    Duration::from_millis(50)
}

fn one_second() -> Duration {
    Duration::from_secs(1)
}
