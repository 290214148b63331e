//! One generation of certificates, as TLS configurations for both directions.

use std::{path::Path, sync::Arc};

use ring::digest;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::TLS13,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{TlsConfig, TlsError, hybrid::provider, read_error};
use crate::Caller;

/// The only protocol spoken inside TLS.
const ALPN: &[u8] = b"h2";

/// The content of the three files.
pub(super) struct Files {
    cert: Vec<u8>,
    key: Vec<u8>,
    ca: Vec<u8>,
}

impl Files {
    pub(super) fn read_blocking(config: &TlsConfig) -> Result<Self, TlsError> {
        Ok(Self {
            cert: std::fs::read(&config.cert).map_err(read_error(&config.cert))?,
            key: std::fs::read(&config.key).map_err(read_error(&config.key))?,
            ca: std::fs::read(&config.ca).map_err(read_error(&config.ca))?,
        })
    }

    pub(super) async fn read(config: &TlsConfig) -> Result<Self, TlsError> {
        Ok(Self {
            cert: tokio::fs::read(&config.cert).await.map_err(read_error(&config.cert))?,
            key: tokio::fs::read(&config.key).await.map_err(read_error(&config.key))?,
            ca: tokio::fs::read(&config.ca).await.map_err(read_error(&config.ca))?,
        })
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [&self.cert, &self.key, &self.ca] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        context.finish().as_ref().first_chunk().copied().unwrap_or_default()
    }
}

pub(super) struct Material {
    pub(super) server: Arc<ServerConfig>,
    pub(super) client: Arc<ClientConfig>,
    pub(super) identity: Option<Caller>,
    fingerprint: [u8; 32],
    own_expiry: i64,
    ca_expiry: i64,
}

impl Material {
    pub(super) fn build(config: &TlsConfig, files: &Files) -> Result<Self, TlsError> {
        let fingerprint = files.fingerprint();
        let chain = certificates(&config.cert, &files.cert)?;
        let authorities = certificates(&config.ca, &files.ca)?;
        let key = PrivateKeyDer::from_pem_slice(&files.key).ok().ok_or_else(|| unusable(&config.key, "private key"))?;

        let mut roots = RootCertStore::empty();
        for authority in &authorities {
            roots
                .add(authority.clone())
                .map_err(|source| TlsError::Authorities { path: config.ca.clone(), source: source.into() })?;
        }
        let roots = Arc::new(roots);
        let identity = chain.first().and_then(|leaf| Caller::of_certificate(leaf).ok());
        let own_expiry = first_expiry(chain.iter().take(1));
        let ca_expiry = first_expiry(authorities.iter());
        let server = server(config, Arc::clone(&roots), chain.clone(), key.clone_key())?;
        let client = client(config, roots, chain, key)?;
        Ok(Self { server: Arc::new(server), client: Arc::new(client), identity, fingerprint, own_expiry, ca_expiry })
    }

    pub(super) fn is_of(&self, files: &Files) -> bool {
        self.fingerprint == files.fingerprint()
    }

    /// Says when the certificates expire, in seconds since 1970.
    pub(super) fn publish_expiry(&self) {
        for (certificate, expiry) in [("own", self.own_expiry), ("ca", self.ca_expiry)] {
            let seconds = u32::try_from(expiry.max(0)).unwrap_or(u32::MAX);
            metrics::gauge!("strongroom_tls_certificate_expiry_timestamp_seconds", "certificate" => certificate)
                .set(f64::from(seconds));
        }
    }
}

fn server(
    config: &TlsConfig,
    roots: Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::new(provider()))
        .build()
        .map_err(|source| TlsError::Authorities { path: config.ca.clone(), source: source.into() })?;
    let mut server = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Setup)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|source| TlsError::Certificate { path: config.cert.clone(), source })?;
    server.alpn_protocols = vec![ALPN.to_vec()];
    // A resumed session would skip the verification of the client's certificate.
    server.send_tls13_tickets = 0;
    server.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(server)
}

fn client(
    config: &TlsConfig,
    roots: Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ClientConfig, TlsError> {
    let mut client = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Setup)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|source| TlsError::Certificate { path: config.cert.clone(), source })?;
    client.alpn_protocols = vec![ALPN.to_vec()];
    client.resumption = Resumption::disabled();
    Ok(client)
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Option<Vec<_>> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok();
    found.filter(|found| !found.is_empty()).ok_or_else(|| unusable(path, "certificate"))
}

/// The parser's own error is left out: it repeats lines of the file, which may be a key.
fn unusable(path: &Path, expected: &'static str) -> TlsError {
    TlsError::Pem { path: path.to_owned(), expected }
}

fn first_expiry<'a>(certificates: impl Iterator<Item = &'a CertificateDer<'static>>) -> i64 {
    certificates
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, certificate)| certificate.validity().not_after.timestamp())
        .min()
        .unwrap_or_default()
}
