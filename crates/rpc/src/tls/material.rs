//! One generation of certificates, as TLS configurations for both directions.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ring::digest;
use rustls::client::Resumption;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secret::SecretVec;

use super::certificate::{self, Time, Unfit, Validity};
use super::config::{TlsConfig, Uses};
use super::error::TlsError;
use super::hybrid::provider;
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
    /// Verifies the certificates of clients.
    pub(super) clients: Arc<dyn ClientCertVerifier>,
    /// Certificates of the files that are not used now, and why.
    pub(super) left_out: Vec<String>,
    /// Whether no authority is valid now: nobody is let in, and nobody called.
    pub(super) trusts_nobody: bool,
    held: Arc<Held>,
    /// Of the files that hold it; none where they were refused, so that they are looked at again.
    fingerprint: Option<[u8; 32]>,
    ca_until: Time,
    unchanged: Span,
}

impl Material {
    /// Checks what the files hold, and says everything that is wrong with them.
    pub(super) fn build(config: &TlsConfig, files: &Files, uses: Uses, now: Time) -> Result<Self, TlsError> {
        let held = Arc::new(Held::of(config, files, uses, now)?);
        let chosen = Chosen::of(config, &held, now);
        Ok(Self { fingerprint: Some(files.fingerprint()), ..Self::using(config, held, chosen)? })
    }

    fn using(config: &TlsConfig, held: Arc<Held>, chosen: Chosen) -> Result<Self, TlsError> {
        let Chosen { chain, roots, left_out, ca_until, unchanged } = chosen;
        let roots = Arc::new(roots);
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::new(provider()))
            .build()
            .map_err(|error| TlsError::Files(vec![format!("{}: {error}", config.ca.display())]))?;
        let server = server(config, Arc::clone(&clients), chain.clone(), held.key.clone_key())?;
        let client = client(config, roots, chain, held.key.clone_key())?;
        Ok(Self {
            server: Arc::new(server),
            client: Arc::new(client),
            clients,
            left_out,
            trusts_nobody: false,
            held,
            fingerprint: None,
            ca_until,
            unchanged,
        })
    }

    /// Whether it is what these files say now.
    pub(super) fn is_of(&self, files: &Files, now: Time) -> bool {
        self.holds(now) && self.fingerprint == Some(files.fingerprint())
    }

    /// Whether the same certificates are valid now as when it was made.
    pub(super) fn holds(&self, now: Time) -> bool {
        self.unchanged.holds(now)
    }

    /// What is valid now of the same certificates, whatever the files say by now: an authority whose time is over is trusted no
    /// more although what came after it cannot be used.
    pub(super) fn valid_at(&self, config: &TlsConfig, now: Time) -> Result<Self, TlsError> {
        let (held, chosen) = (Arc::clone(&self.held), Chosen::of(config, &self.held, now));
        if !chosen.roots.is_empty() {
            return Self::using(config, held, chosen);
        }
        Ok(Self {
            server: Arc::clone(&self.server),
            client: Arc::clone(&self.client),
            clients: Arc::clone(&self.clients),
            left_out: chosen.left_out,
            trusts_nobody: true,
            held,
            fingerprint: None,
            ca_until: self.ca_until,
            unchanged: chosen.unchanged,
        })
    }

    /// Who the own certificate says that this process is.
    pub(super) fn identity(&self) -> &Caller {
        &self.held.identity
    }

    /// When the first of the own certificates ends.
    pub(super) fn own_until(&self, now: Time) -> Time {
        certificate::chain_until(self.held.chain.iter().map(|own| own.validity), now)
    }

    /// Says when the certificates expire, in seconds since 1970: the first one of each kind.
    pub(super) fn publish_expiry(&self) {
        for (certificate, Time(expiry)) in [("own", self.own_until(Time::now())), ("ca", self.ca_until)] {
            let seconds = u32::try_from(expiry.max(0)).unwrap_or(u32::MAX);
            metrics::gauge!("strongroom_tls_certificate_expiry_timestamp_seconds", "certificate" => certificate)
                .set(f64::from(seconds));
        }
    }
}

/// What the files hold and what is fit, in its time, for what it is there for.
struct Held {
    /// The own certificates, the leaf first.
    chain: Vec<Dated>,
    /// Certificates behind the leaf that are no authority's: peers have no use for them.
    unfit: Vec<String>,
    identity: Caller,
    key: PrivateKeyDer<'static>,
    authorities: Vec<Dated>,
}

/// A certificate and its time.
struct Dated {
    der: CertificateDer<'static>,
    validity: Validity,
}

impl Held {
    fn of(config: &TlsConfig, files: &Files, uses: Uses, now: Time) -> Result<Self, TlsError> {
        let own = own_chain(&config.cert, &files.cert, uses, now).map_err(|problem| vec![problem]);
        let authorities = authorities(&config.ca, &files.ca, now);
        let key = PrivateKeyDer::from_pem_slice(files.key.expose());
        let key = key.map_err(|_unsaid| vec![holds_no(&config.key, "private key")]);
        match (own, authorities, key) {
            (Ok(Own { chain, unfit, identity }), Ok(authorities), Ok(key)) => {
                Ok(Self { chain, unfit, identity, key, authorities })
            }
            (own, authorities, key) => {
                let problems = [own.err(), authorities.err(), key.err()];
                Err(TlsError::Files(problems.into_iter().flatten().flatten().collect()))
            }
        }
    }
}

/// The own certificates, as in [`Held`].
struct Own {
    chain: Vec<Dated>,
    unfit: Vec<String>,
    identity: Caller,
}

/// The leaf must be valid now.
fn own_chain(path: &Path, pem: &[u8], uses: Uses, now: Time) -> Result<Own, String> {
    let certificates = certificates(pem).ok_or_else(|| holds_no(path, "certificate"))?;
    let (leaf, others) = certificates.split_first().ok_or_else(|| holds_no(path, "certificate"))?;
    let (identity, validity) =
        certificate::check_leaf(leaf, uses, now).map_err(|unfit| is_unfit(path, leaf, &unfit))?;
    let (mut chain, mut unfit) = (vec![Dated { der: leaf.clone(), validity }], Vec::new());
    for other in others {
        match certificate::check_authority(other) {
            Ok(validity) => chain.push(Dated { der: other.clone(), validity }),
            Err(reason) => unfit.push(is_unfit(path, other, &reason)),
        }
    }
    Ok(Own { chain, unfit, identity })
}

/// Whatever is in a bundle and is no authority was put there by mistake, or by somebody who wants to be one: it is refused. One
/// authority must be valid now.
fn authorities(path: &Path, pem: &[u8], now: Time) -> Result<Vec<Dated>, Vec<String>> {
    let certificates = certificates(pem).ok_or_else(|| vec![holds_no(path, "certificate")])?;
    let (mut authorities, mut problems, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
    for der in certificates {
        match certificate::check_authority(&der) {
            Err(unfit) => problems.push(is_unfit(path, &der, &unfit)),
            Ok(validity) => {
                if let Err(error) = RootCertStore::empty().add(der.clone()) {
                    let subject = certificate::subject(&der);
                    problems.push(format!("{}: {subject} cannot be used: {error}", path.display()));
                }
                invalid.extend(validity.check(now).err().map(|unfit| is_unfit(path, &der, &unfit)));
                authorities.push(Dated { der, validity });
            }
        }
    }
    if problems.is_empty() && invalid.len() == authorities.len() {
        problems = invalid;
    }
    if problems.is_empty() { Ok(authorities) } else { Err(problems) }
}

/// What is used at a moment.
struct Chosen {
    /// The leaf first.
    chain: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
    left_out: Vec<String>,
    ca_until: Time,
    unchanged: Span,
}

impl Chosen {
    /// The leaf, whether it is valid or not, and of the others those that are, as files hold old and new ones.
    fn of(config: &TlsConfig, held: &Held, now: Time) -> Self {
        let mut chosen = Self {
            chain: Vec::new(),
            roots: RootCertStore::empty(),
            left_out: held.unfit.clone(),
            ca_until: Time(i64::MAX),
            unchanged: Span::ALWAYS,
        };
        for Dated { der, validity } in &held.chain {
            chosen.unchanged.narrow(*validity, now);
            match validity.check(now) {
                Err(unfit) if !chosen.chain.is_empty() => chosen.left_out.push(is_unfit(&config.cert, der, &unfit)),
                _ => chosen.chain.push(der.clone()),
            }
        }
        for Dated { der, validity } in &held.authorities {
            chosen.unchanged.narrow(*validity, now);
            if let Err(unfit) = validity.check(now) {
                chosen.left_out.push(is_unfit(&config.ca, der, &unfit));
            } else {
                // Each was added once before.
                chosen.roots.add_parsable_certificates([der.clone()]);
                chosen.ca_until = chosen.ca_until.min(validity.until);
            }
        }
        chosen
    }
}

/// A time in which the same certificates are valid: from a moment on, and before another.
struct Span {
    since: Time,
    changes_at: Time,
}

impl Span {
    const ALWAYS: Self = Self { since: Time(i64::MIN), changes_at: Time(i64::MAX) };

    fn holds(&self, now: Time) -> bool {
        self.since <= now && now < self.changes_at
    }

    /// Ends where a certificate begins or ends to be valid.
    fn narrow(&mut self, validity: Validity, now: Time) {
        for change in [validity.from, Time(validity.until.0.saturating_add(1))] {
            if change <= now {
                self.since = self.since.max(change);
            } else {
                self.changes_at = self.changes_at.min(change);
            }
        }
    }
}

fn server(
    config: &TlsConfig,
    clients: Arc<dyn ClientCertVerifier>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let mut server = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Setup)?
        .with_client_cert_verifier(clients)
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
