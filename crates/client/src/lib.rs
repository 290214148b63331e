//! The client that backend services use: typed calls over mutual TLS, with deadlines and safe retries.
//!
//! ```no_run
//! # async fn example(config: strongroom_client::ClientConfig) -> Result<(), Box<dyn std::error::Error>> {
//! use api::vault::v1::{RevealRecordRequest, View};
//!
//! let client = strongroom_client::Client::connect(&config).await?;
//! let answer = client
//!     .vault()?
//!     .reveal_record(RevealRecordRequest {
//!         name: "tenants/acme/collections/patients/records/p-1".to_owned(),
//!         view: View::Full.into(),
//!         purpose: "treatment".to_owned(),
//!         ..Default::default()
//!     })
//!     .await?;
//! # drop(answer);
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//! - [`config`]: where the services are, which certificate to show
//! - [`error`]: why a call failed: code, reason, violations
//! - `retry`: what is tried again, and when
//! - [`services`]: [`Key`], [`Vault`] and [`Audit`], a method for each RPC

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rpc::{Channel, PeerConfig, Tls};
use tokio::task::JoinSet;

pub mod config;
pub mod error;
mod retry;
pub mod services;

pub use config::ClientConfig;
pub use error::{ConnectError, Error};
pub use services::{Audit, Key, Vault};

use retry::Caller;

/// How often changed certificates are looked for.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// A connection to an installation. Cheap to clone; the last clone ends what runs in the background.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    key: Option<Key>,
    vault: Option<Vault>,
    audit: Option<Audit>,
    /// Follows the certificate files; aborted when dropped.
    _watching: JoinSet<()>,
}

impl Client {
    /// Checks the configuration and the certificates. Connects to a service when it is first called.
    #[expect(clippy::unused_async, reason = "must run within a runtime: the certificates are followed from now on")]
    pub async fn connect(config: &ClientConfig) -> Result<Self, ConnectError> {
        let tls = Tls::load(&config.tls, rpc::Uses::Client, false)?;
        let caller = |peer: &Option<PeerConfig>| {
            let peer = peer.as_ref();
            peer.map(|peer| Ok::<_, ConnectError>(Caller::new(Channel::new(peer, tls.clone())?, config))).transpose()
        };
        let inner = Inner {
            key: caller(&config.key)?.map(Key::new),
            vault: caller(&config.vault)?.map(Vault::new),
            audit: caller(&config.audit)?.map(Audit::new),
            _watching: watching(tls),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// key-service.
    pub fn key(&self) -> Result<&Key, ConnectError> {
        self.0.key.as_ref().ok_or(ConnectError::NotConfigured("key"))
    }

    /// vault-service.
    pub fn vault(&self) -> Result<&Vault, ConnectError> {
        self.0.vault.as_ref().ok_or(ConnectError::NotConfigured("vault"))
    }

    /// audit-service.
    pub fn audit(&self) -> Result<&Audit, ConnectError> {
        self.0.audit.as_ref().ok_or(ConnectError::NotConfigured("audit"))
    }
}

fn watching(tls: Tls) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { tls.watch(WATCH_INTERVAL).await });
    tasks
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { key, vault, audit, .. } = &*self.0;
        f.debug_struct("Client").field("key", key).field("vault", vault).field("audit", audit).finish_non_exhaustive()
    }
}
