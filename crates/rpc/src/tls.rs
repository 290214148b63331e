//! Mutual TLS 1.3 with certificates that are replaced while the service runs.
//!
//! A reload swaps the whole configuration of both directions at once: certificate, key and trusted authorities. There
//! are no session tickets, so a client certificate is verified at every connection.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use rustls::{ClientConfig, ServerConfig};
use serde::Deserialize;
use tokio::sync::watch;

use crate::Caller;

use crate::failure::chain;

mod hybrid;
mod material;
use material::{Files, Material};

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

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file holds no PEM of the expected kind.
    #[error("{path} holds no usable {expected}")]
    Pem {
        /// Its path.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The certificate authorities cannot be used.
    #[error("the certificate authorities in {path} cannot be used")]
    Authorities {
        /// Path of the file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Certificate and key do not belong together, or TLS refuses them.
    #[error("the certificate in {path} cannot be used with its key")]
    Certificate {
        /// Path of the certificate.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// TLS 1.3 is not available.
    #[error("TLS 1.3 cannot be set up")]
    Setup(#[source] rustls::Error),
}

/// The certificates in use. Cheap to clone; all clones see a reload at once.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    config: TlsConfig,
    current: ArcSwap<Material>,
    /// Counts reloads: connections made under older certificates are replaced.
    generation: watch::Sender<u64>,
}

impl Tls {
    /// Reads and checks the files.
    pub fn load(config: &TlsConfig) -> Result<Self, TlsError> {
        let files = Files::read_blocking(config)?;
        let material = Material::build(config, &files)?;
        material.publish_expiry();
        Ok(Self(Arc::new(Shared {
            config: config.clone(),
            current: ArcSwap::from_pointee(material),
            generation: watch::Sender::new(0),
        })))
    }

    /// Takes up changed files. Answers whether they had changed; on an error the old ones stay in use.
    pub async fn reload(&self) -> Result<bool, TlsError> {
        let files = Files::read(&self.0.config).await?;
        let current = self.0.current.load_full();
        if current.is_of(&files) {
            current.publish_expiry();
            return Ok(false);
        }
        let material = Material::build(&self.0.config, &files)?;
        material.publish_expiry();
        self.0.current.store(Arc::new(material));
        self.0.generation.send_modify(|generation| *generation += 1);
        Ok(true)
    }

    /// Follows the files: changed and valid ones are in use within `interval`, bad ones are logged once and ignored.
    /// Never returns.
    pub async fn watch(&self, interval: Duration) {
        let mut complained = String::new();
        loop {
            tokio::time::sleep(interval).await;
            match self.reload().await {
                Ok(true) => {
                    complained.clear();
                    tracing::info!("the certificates were reloaded");
                }
                Ok(false) => complained.clear(),
                Err(error) => {
                    let complaint = chain(&error);
                    if complaint != complained {
                        tracing::warn!(
                            reason = complaint,
                            "the changed certificates are refused, the old ones stay in use"
                        );
                        complained = complaint;
                    }
                }
            }
        }
    }

    /// The identity in the own certificate: what peers see. `None` if it has none, or more than one.
    pub fn identity(&self) -> Option<Caller> {
        self.0.current.load().identity.clone()
    }

    /// The server's configuration now.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.current.load().server)
    }

    /// The client's configuration now.
    pub fn client_config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0.current.load().client)
    }

    /// Changes with every reload.
    pub(crate) fn generation(&self) -> watch::Receiver<u64> {
        self.0.generation.subscribe()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("config", &self.0.config).finish_non_exhaustive()
    }
}

fn read_error(path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    let path = path.to_owned();
    move |source| TlsError::Read { path, source }
}
