//! One generation of certificates, as TLS configurations for both directions.

use std::{io, path::Path, sync::Arc};

use ring::digest;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    version::TLS13,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use secret::SecretVec;

use super::{
    TlsConfig, TlsError, Uses,
    certificate::{self, Time, Unfit, Validity},
    hybrid::provider,
};
use crate::Caller;

/// The only protocol spoken inside TLS.
const ALPN: &[u8] = b"h2";

/// The content of the three files.
pub(super) struct Files {
    cert: Vec<u8>,
    key: SecretVec,
    ca: Vec<u8>,
}

impl Files {
    /// Reads them, and says of each why it cannot be read.
    pub(super) fn read(config: &TlsConfig, production: bool) -> Result<Self, TlsError> {
        let plain = |path| secret::read_plain_file(path, production).map_err(unreadable(path));
        let (cert, ca) = (plain(&config.cert), plain(&config.ca));
        let key = secret::read_secret_file(&config.key, production).map_err(unreadable(&config.key));
        match (cert, key, ca) {
            (Ok(cert), Ok(key), Ok(ca)) => Ok(Self { cert, key, ca }),
            (cert, key, ca) => Err(TlsError::Files([cert.err(), key.err(), ca.err()].into_iter().flatten().collect())),
        }
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [self.cert.as_slice(), self.key.expose(), &self.ca] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        context.finish().as_ref().first_chunk().copied().unwrap_or_default()
    }
}

pub(super) struct Material {
    pub(super) server: Arc<ServerConfig>,
    pub(super) client: Arc<ClientConfig>,
    /// Certificates of the files that are not used now, and why.
    pub(super) left_out: Vec<String>,
    /// Whether no authority is valid any more: nobody is let in, and nobody called.
    pub(super) trusts_nobody: bool,
    used: Arc<Used>,
    ca_until: Time,
    /// Between these moments the same authorities are valid.
    since: Time,
    changes_at: Time,
}

/// What is used of the files.
struct Used {
    own: Own,
    key: PrivateKeyDer<'static>,
    bundle: Vec<u8>,
    fingerprint: [u8; 32],
}

impl Material {
    /// Checks what the files hold, and says everything that is wrong with them.
    pub(super) fn build(config: &TlsConfig, files: &Files, uses: Uses, now: Time) -> Result<Self, TlsError> {
        let mut problems = Vec::new();
        let own = own_chain(config, &files.cert, uses, now).map_err(|found| problems.extend(found)).ok();
        let trust = Trust::of(config, &files.ca, now).map_err(|found| problems.extend(found)).ok();
        let key = PrivateKeyDer::from_pem_slice(files.key.expose()).ok();
        if key.is_none() {
            problems.push(holds_no(&config.key, "private key"));
        }
        let (Some(own), Some(trust), Some(key)) = (own, trust, key) else {
            return Err(TlsError::Files(problems));
        };
        let used = Used { own, key, bundle: files.ca.clone(), fingerprint: files.fingerprint() };
        Self::trusting(config, Arc::new(used), trust)
    }

    fn trusting(config: &TlsConfig, used: Arc<Used>, trust: Trust) -> Result<Self, TlsError> {
        let Trust { roots, left_out, until, since, changes_at } = trust;
        let (roots, chain) = (Arc::new(roots), &used.own.chain);
        let server = server(config, Arc::clone(&roots), chain.clone(), used.key.clone_key())?;
        let client = client(config, roots, chain.clone(), used.key.clone_key())?;
        Ok(Self {
            server: Arc::new(server),
            client: Arc::new(client),
            left_out: used.own.left_out.iter().cloned().chain(left_out).collect(),
            trusts_nobody: false,
            used,
            ca_until: until,
            since,
            changes_at,
        })
    }

    /// Whether it is what these files say now.
    pub(super) fn is_of(&self, files: &Files, now: Time) -> bool {
        self.holds(now) && self.used.fingerprint == files.fingerprint()
    }

    /// Whether the same authorities are valid now as when it was made.
    pub(super) fn holds(&self, now: Time) -> bool {
        self.since <= now && now < self.changes_at
    }

    /// The same certificate with the authorities of the same bundle that are valid now, whatever the files say by now: an authority
    /// whose time is over is trusted no more although what came after it cannot be used.
    pub(super) fn with_authorities_of(&self, config: &TlsConfig, now: Time) -> Result<Self, TlsError> {
        let used = Arc::clone(&self.used);
        match Trust::of(config, &used.bundle, now) {
            Ok(trust) => Self::trusting(config, used, trust),
            Err(left_out) => Ok(Self {
                server: Arc::clone(&self.server),
                client: Arc::clone(&self.client),
                left_out,
                trusts_nobody: true,
                used,
                ca_until: self.ca_until,
                since: now,
                changes_at: Time(i64::MAX),
            }),
        }
    }

    /// Who the own certificate says that this process is.
    pub(super) fn identity(&self) -> &Caller {
        &self.used.own.identity
    }

    /// When the first of the own certificates ends.
    pub(super) fn own_until(&self) -> Time {
        self.used.own.until
    }

    /// Says when the certificates expire, in seconds since 1970: the first one of each kind.
    pub(super) fn publish_expiry(&self) {
        for (certificate, Time(expiry)) in [("own", self.used.own.until), ("ca", self.ca_until)] {
            let seconds = u32::try_from(expiry.max(0)).unwrap_or(u32::MAX);
            metrics::gauge!("strongroom_tls_certificate_expiry_timestamp_seconds", "certificate" => certificate)
                .set(f64::from(seconds));
        }
    }
}

/// The own certificates.
struct Own {
    /// The leaf first.
    chain: Vec<CertificateDer<'static>>,
    identity: Caller,
    until: Time,
    /// Certificates behind the leaf that are no authority's, or not valid now: peers have no use for them.
    left_out: Vec<String>,
}

fn own_chain(config: &TlsConfig, pem: &[u8], uses: Uses, now: Time) -> Result<Own, Vec<String>> {
    let path = &config.cert;
    let chain = certificates(pem).ok_or_else(|| vec![holds_no(path, "certificate")])?;
    let (leaf, others) = chain.split_first().ok_or_else(|| vec![holds_no(path, "certificate")])?;
    let identity = certificate::check_leaf(leaf, uses, now).map_err(|unfit| vec![is_unfit(path, leaf, &unfit)])?;
    let (mut used, mut left_out) = (vec![leaf.clone()], Vec::new());
    for other in others {
        match certificate::check_intermediate(other, now) {
            Ok(()) => used.push(other.clone()),
            Err(unfit) => left_out.push(is_unfit(path, other, &unfit)),
        }
    }
    let until = used.iter().filter_map(Validity::of).map(|validity| validity.until).min().unwrap_or(now);
    Ok(Own { chain: used, identity, until, left_out })
}

/// The authorities that are trusted now.
struct Trust {
    roots: RootCertStore,
    left_out: Vec<String>,
    until: Time,
    /// Between these moments the same ones are valid.
    since: Time,
    changes_at: Time,
}

impl Trust {
    /// Whatever is in a bundle and is no authority was put there by mistake, or by somebody who wants to be one: it is refused.
    /// An authority whose time is over or has not come is left out, as bundles hold old and new ones.
    fn of(config: &TlsConfig, pem: &[u8], now: Time) -> Result<Self, Vec<String>> {
        let path = &config.ca;
        let authorities = certificates(pem).ok_or_else(|| vec![holds_no(path, "certificate")])?;
        let mut trust = Self {
            roots: RootCertStore::empty(),
            left_out: Vec::new(),
            until: Time(i64::MAX),
            since: Time(i64::MIN),
            changes_at: Time(i64::MAX),
        };
        let mut problems = Vec::new();
        for authority in &authorities {
            let Validity { from, until } = match certificate::check_authority(authority) {
                Ok(validity) => validity,
                Err(unfit) => {
                    problems.push(is_unfit(path, authority, &unfit));
                    continue;
                }
            };
            if now > until {
                trust.left_out.push(is_unfit(path, authority, &Unfit::Expired(until)));
                trust.since = trust.since.max(Time(until.0.saturating_add(1)));
            } else if now < from {
                trust.left_out.push(is_unfit(path, authority, &Unfit::Early(from)));
                trust.changes_at = trust.changes_at.min(from);
            } else if let Err(error) = trust.roots.add(authority.clone()) {
                problems.push(format!(
                    "{}: {} cannot be used: {error}",
                    path.display(),
                    certificate::subject(authority)
                ));
            } else {
                trust.until = trust.until.min(until);
                trust.since = trust.since.max(from);
                trust.changes_at = trust.changes_at.min(Time(until.0.saturating_add(1)));
            }
        }
        if problems.is_empty() && trust.roots.is_empty() {
            problems.clone_from(&trust.left_out);
        }
        if problems.is_empty() { Ok(trust) } else { Err(problems) }
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
        .map_err(|error| TlsError::Files(vec![format!("{}: {error}", config.ca.display())]))?;
    let mut server = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Setup)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| unlike(config, &error))?;
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
        .map_err(|error| unlike(config, &error))?;
    client.alpn_protocols = vec![ALPN.to_vec()];
    client.resumption = Resumption::disabled();
    Ok(client)
}

/// Certificate and key, each of which can be read.
fn unlike(config: &TlsConfig, error: &rustls::Error) -> TlsError {
    let (cert, key) = (config.cert.display(), config.key.display());
    TlsError::Files(vec![format!("the certificate in {cert} cannot be used with the key in {key}: {error}")])
}

/// At least one.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Option<Vec<_>> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok();
    found.filter(|found| !found.is_empty())
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> String {
    move |error| format!("cannot read {}: {error}", path.display())
}

/// The parser's own error is left out: it repeats lines of the file, which may be a key.
fn holds_no(path: &Path, expected: &str) -> String {
    format!("{} holds no usable {expected}", path.display())
}

fn is_unfit(path: &Path, der: &CertificateDer<'_>, unfit: &Unfit) -> String {
    format!("{}: the certificate of {:?} {unfit}", path.display(), certificate::subject(der))
}
