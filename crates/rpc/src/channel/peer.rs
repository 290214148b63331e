//! Where a peer is and who it must be.

use std::time::Duration;

use http::uri::Authority;
use rustls_pki_types::ServerName;
use serde::Deserialize;

use crate::{Caller, duration};

/// Where a peer is and who it must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// `https://host:port`.
    pub endpoint: String,
    /// Name that the peer's certificate must carry, where it is not the endpoint's host.
    #[serde(default)]
    pub server_name: Option<String>,
    /// Identity that the peer's certificate must carry on top, such as `spiffe://strongroom.dev/key-service`.
    #[serde(default)]
    pub identity: Option<String>,
    /// Connections to each address, to spread calls over.
    #[serde(default = "one")]
    pub connections: usize,
    /// How long connecting to one address may take.
    #[serde(default = "two_seconds", deserialize_with = "duration::deserialize")]
    pub connect_timeout: Duration,
    /// Deadline of a call that is given none, a streamed answer included: give those their own.
    #[serde(default = "ten_seconds", deserialize_with = "duration::deserialize")]
    pub default_deadline: Duration,
}

fn one() -> usize {
    1
}

fn two_seconds() -> Duration {
    Duration::from_secs(2)
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

impl PeerConfig {
    /// A peer at `endpoint`, with defaults for the rest.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            server_name: None,
            identity: None,
            connections: one(),
            connect_timeout: two_seconds(),
            default_deadline: ten_seconds(),
        }
    }

    /// What is wrong with where it is and who it must be, in words.
    pub fn problems(&self) -> Vec<String> {
        let identity = self.identity.as_ref().and_then(|identity| identity.parse::<Caller>().err());
        let names = names(self).err();
        identity.map(|error| error.to_string()).into_iter().chain(names.map(|error| error.to_string())).collect()
    }
}

/// Why a channel cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelError {
    /// Not `https://host:port`.
    #[error("the endpoint {0:?} is not https://host:port")]
    Endpoint(String),
    /// No DNS name and no address.
    #[error("the server name {0:?} is no DNS name and no address")]
    ServerName(String),
}

/// Where a peer is, and the name that its certificate must have.
pub(super) struct Names {
    pub(super) authority: Authority,
    pub(super) server_name: ServerName<'static>,
}

/// Reads them.
pub(super) fn names(config: &PeerConfig) -> Result<Names, ChannelError> {
    let authority = config.endpoint.strip_prefix("https://").and_then(|rest| rest.trim_end_matches('/').parse().ok());
    let authority = authority.filter(|authority: &Authority| authority.port_u16().is_some());
    let authority = authority.ok_or_else(|| ChannelError::Endpoint(config.endpoint.clone()))?;
    let name = config.server_name.as_deref().unwrap_or_else(|| authority.host());
    let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
    let server_name = ServerName::try_from(name.clone()).ok().ok_or(ChannelError::ServerName(name))?;
    Ok(Names { authority, server_name })
}
