//! Mutual TLS 1.3 with certificates that are replaced while the service runs.
//!
//! A reload swaps the whole configuration of both directions at once: certificate, key and trusted authorities. There
//! are no session tickets, so a client certificate is verified at every connection.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::{CertificateDer, UnixTime};
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::Caller;
use crate::failure::chain;

mod certificate;
mod config;
mod error;
mod hybrid;
mod material;

use certificate::{Time, Validity};
pub use config::{TlsConfig, Uses};
pub use error::TlsError;
use material::{Files, Material};

/// The certificates in use. Cheap to clone; all clones see a reload at once.
#[derive(Clone)]
pub struct Tls(Arc<Shared>);

struct Shared {
    config: TlsConfig,
    uses: Uses,
    production: bool,
    current: ArcSwap<Material>,
    /// Counts reloads: connections made under older certificates are replaced.
    generation: watch::Sender<u64>,
}

impl Tls {
    /// Reads and checks the files of a process that does this with them. With `production`, files that others may change are
    /// refused, and a key that others may read.
    pub fn load(config: &TlsConfig, uses: Uses, production: bool) -> Result<Self, TlsError> {
        let material = Material::build(config, &Files::read(config, production)?, uses, Time::now())?;
        material.publish_expiry();
        Ok(Self(Arc::new(Shared {
            config: config.clone(),
            uses,
            production,
            current: ArcSwap::from_pointee(material),
            generation: watch::Sender::new(0),
        })))
    }

    /// Takes up changed files, and certificates whose time has come. Answers whether anything has changed; on an error the old
    /// ones stay in use, without those whose time is over.
    ///
    /// Another identity than the one that a service has is refused: peers and policies know it by that.
    pub async fn reload(&self) -> Result<bool, TlsError> {
        self.reload_at(Time::now()).await
    }

    async fn reload_at(&self, now: Time) -> Result<bool, TlsError> {
        let shared = Arc::clone(&self.0);
        let loaded = spawn_blocking(move || shared.read(now)).await;
        let loaded = loaded.unwrap_or_else(|broken| Err(TlsError::Files(vec![broken.to_string()])));
        let current = self.0.current.load_full();
        match loaded {
            Ok(Some(material)) => {
                self.use_from_now_on(material);
                Ok(true)
            }
            Ok(None) => {
                current.publish_expiry();
                Ok(false)
            }
            Err(refused) => {
                if !current.holds(now) {
                    self.use_from_now_on(current.valid_at(&self.0.config, now)?);
                }
                Err(refused)
            }
        }
    }

    fn use_from_now_on(&self, material: Material) {
        material.publish_expiry();
        self.0.current.store(Arc::new(material));
        self.0.generation.send_modify(|generation| *generation += 1);
    }

    /// Why nobody can be trusted now, if that is so: no authority is valid.
    pub(crate) fn check_trust(&self) -> Result<(), String> {
        let current = self.0.current.load();
        if current.trusts_nobody { Err(current.left_out.join("; ")) } else { Ok(()) }
    }

    /// Follows the files: changed and valid ones are in use within `interval`; bad ones are refused, which a line says once and a
    /// metric as long as they are there. Never returns.
    pub async fn watch(&self, interval: Duration) {
        let mut complained = String::new();
        loop {
            tokio::time::sleep(interval).await;
            let outcome = self.reload().await;
            metrics::gauge!("strongroom_reload_refused", "what" => "certificates")
                .set(f64::from(u8::from(outcome.is_err())));
            match outcome {
                Ok(true) => {
                    complained.clear();
                    tracing::info!("the certificates were reloaded");
                    self.log_left_out();
                }
                Ok(false) => complained.clear(),
                Err(error) => {
                    let complaint = chain(&error);
                    if complaint != complained {
                        tracing::warn!(
                            reason = complaint,
                            "the certificates of the files are refused, those before stay in use"
                        );
                        complained = complaint;
                    }
                }
            }
        }
    }

    /// Certificates of the files that are not used now, and why: one sentence each.
    pub fn left_out(&self) -> Vec<String> {
        self.0.current.load().left_out.clone()
    }

    /// Warns of them.
    pub fn log_left_out(&self) {
        for reason in self.left_out() {
            tracing::warn!(reason, "a certificate is not used");
        }
    }

    /// The identity in the own certificate: what peers see.
    pub fn identity(&self) -> Caller {
        self.0.current.load().identity().clone()
    }

    /// Whether the authorities that are trusted now vouch for a client's certificates, the leaf first.
    pub(crate) fn trusts(&self, chain: &[CertificateDer<'_>]) -> bool {
        let current = self.0.current.load();
        let Some((leaf, others)) = chain.split_first().filter(|_| !current.trusts_nobody) else { return false };
        current.clients.verify_client_cert(leaf, others, UnixTime::now()).is_ok()
    }

    /// How long the own certificates and a peer's, which were verified, are valid from now on.
    pub(crate) fn valid_for(&self, peer: &[CertificateDer<'_>]) -> Duration {
        let now = Time::now();
        let peer = certificate::chain_until(peer.iter().filter_map(Validity::of), now);
        peer.min(self.0.current.load().own_until(now)).remaining()
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

impl Shared {
    /// What the files say, if that is not in use already.
    fn read(&self, now: Time) -> Result<Option<Material>, TlsError> {
        let (files, current) = (Files::read(&self.config, self.production)?, self.current.load());
        if current.is_of(&files, now) {
            return Ok(None);
        }
        let material = Material::build(&self.config, &files, self.uses, now)?;
        if self.uses == Uses::ServerAndClient && material.identity() != current.identity() {
            let (new, old, cert) = (material.identity(), current.identity(), self.config.cert.display());
            let refused = format!("{cert} is of {new}, and this process is {old} until it is started again");
            return Err(TlsError::Files(vec![refused]));
        }
        Ok(Some(material))
    }
}

#[cfg(test)]
mod tests;
