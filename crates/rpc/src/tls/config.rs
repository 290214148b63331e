//! Where certificates are, and what they are for.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// Where the certificates of a service are. All three are PEM files; both directions use them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Own certificate chain, leaf first.
    pub cert: PathBuf,
    /// Private key of the leaf.
    pub key: PathBuf,
    /// Authorities that peers' certificates must come from.
    pub ca: PathBuf,
}

/// What a process does with its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uses {
    /// It takes calls and makes them, as every service.
    ServerAndClient,
    /// It makes calls.
    Client,
}

impl fmt::Display for Uses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerAndClient => "servers and clients",
            Self::Client => "clients",
        })
    }
}
