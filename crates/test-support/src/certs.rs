//! A certificate authority and identities with SPIFFE IDs, as PEM files.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fs, io};

use clock::{Clock, SystemClock};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};

mod identity;
mod whole;

pub use identity::Identity;

/// Why a certificate could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The name or the key is refused.
    #[error("cannot make the certificate")]
    Certificate(#[from] rcgen::Error),
    /// The files of the authority have this name.
    #[error("no identity is called {}: the authority's files are", Authority::FILES)]
    Reserved,
}

/// A certificate authority with a P-256 key, kept in a directory: `ca.pem`, `ca.key`.
#[derive(Debug)]
pub struct Authority {
    directory: PathBuf,
    name: String,
    issuer: Issuer<'static, KeyPair>,
}

/// What stands in a certificate.
#[derive(Clone, Debug)]
pub struct Subject {
    /// URI names in order; a proper identity has exactly one.
    pub uris: Vec<String>,
    /// DNS names.
    pub dns: Vec<String>,
    /// IP addresses.
    pub addresses: Vec<IpAddr>,
    /// First day of validity: year, month, day.
    pub not_before: (i32, u8, u8),
    /// Day after the last of validity: year, month, day.
    pub not_after: (i32, u8, u8),
    /// From when on it is valid, counted from now, instead of that day.
    pub begins_in: Option<Duration>,
    /// Until when, counted from now, instead of that day.
    pub ends_in: Option<Duration>,
    /// What it may be used for.
    pub uses: Vec<Use>,
    /// Whether it may sign others.
    pub is_authority: bool,
}

/// What a certificate may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// By a server.
    Server,
    /// By a client.
    Client,
}

impl Subject {
    /// A service or caller on this machine: one SPIFFE ID, and the names that a server on loopback goes by.
    pub fn spiffe(id: &str) -> Self {
        Self { uris: vec![id.to_owned()], ..Self::default() }
    }
}

impl Default for Subject {
    fn default() -> Self {
        Self {
            uris: Vec::new(),
            dns: vec!["localhost".to_owned()],
            addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            not_before: (2024, 1, 1),
            not_after: (2044, 1, 1),
            begins_in: None,
            ends_in: None,
            uses: vec![Use::Server, Use::Client],
            is_authority: false,
        }
    }
}

impl Authority {
    /// Name of the authority's own files, without what they end with: no identity has it.
    pub const FILES: &str = "ca";

    /// Makes an authority called `name` in `directory`, or opens the one that is there. Where its key was cut short, it is
    /// made anew; where its certificate was, that is.
    pub fn open(directory: &Path, name: &str) -> Result<Self, Error> {
        Self::open_with(directory, name, |_| ())
    }

    /// The same for one that ended on the first of February 2024.
    pub fn open_expired(directory: &Path, name: &str) -> Result<Self, Error> {
        Self::open_with(directory, name, |params| params.not_after = date_time_ymd(2024, 2, 1))
    }

    /// The same for one that ends so long from now.
    pub fn open_ending(directory: &Path, name: &str, ends_in: Duration) -> Result<Self, Error> {
        Self::open_with(directory, name, |params| params.not_after = date_time_ymd(1970, 1, 1) + since_1970(ends_in))
    }

    fn open_with(directory: &Path, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Result<Self, Error> {
        fs::create_dir_all(directory).map_err(file_error(directory))?;
        let (certificate_path, key_path) = (directory.join("ca.pem"), directory.join("ca.key"));
        let mut params = authority_params(name);
        change(&mut params);
        let kept = whole::key(&key_path);
        let is_kept = kept.is_some();
        let key = kept.map_or_else(KeyPair::generate, Ok)?;
        if !is_kept || !whole::has_certificate(&certificate_path) {
            write(&certificate_path, &params.self_signed(&key)?.pem(), 0o644)?;
        }
        // The last file: without it everything is made anew.
        if !is_kept {
            write(&key_path, &key.serialize_pem(), 0o600)?;
        }
        Ok(Self { directory: directory.to_owned(), name: name.to_owned(), issuer: Issuer::new(params, key) })
    }

    /// Path of the authority's certificate.
    pub fn ca(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// Makes the identity `id`, a SPIFFE ID, in files named by its last segment: `app.pem`, `app.key`.
    pub fn identity(&self, id: &str) -> Result<Identity, Error> {
        let name = id.rsplit('/').next().unwrap_or(id);
        self.issue(name, &Subject::spiffe(id))
    }

    /// Makes a certificate for `subject` in `{name}.pem` and `{name}.key`, replacing each file at once if it is there. Those of the
    /// authority are never replaced.
    pub fn issue(&self, name: &str, subject: &Subject) -> Result<Identity, Error> {
        if name == Self::FILES {
            return Err(Error::Reserved);
        }
        let key = KeyPair::generate()?;
        let certificate = subject_params(name, subject)?.signed_by(&key, &self.issuer)?;
        let identity = Identity {
            cert: self.directory.join(format!("{name}.pem")),
            key: self.directory.join(format!("{name}.key")),
            ca: self.ca(),
        };
        write(&identity.key, &key.serialize_pem(), 0o600)?;
        write(&identity.cert, &certificate.pem(), 0o644)?;
        Ok(identity)
    }

    /// The files of an identity that was made before, where both are whole, belong together, and have an authority of
    /// `ca.pem`.
    pub fn kept(&self, name: &str) -> Option<Identity> {
        let file = |extension: &str| self.directory.join(format!("{name}.{extension}"));
        let identity = Identity { cert: file("pem"), key: file("key"), ca: self.ca() };
        whole::belongs_together(&identity).then_some(identity)
    }

    /// Name of the authority.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2044, 1, 1);
    params
}

fn subject_params(name: &str, subject: &Subject) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name(name);
    params.is_ca = if subject.is_authority { IsCa::Ca(BasicConstraints::Constrained(0)) } else { IsCa::ExplicitNoCa };
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if subject.is_authority {
        params.key_usages.push(KeyUsagePurpose::KeyCertSign);
    }
    let purposes = subject.uses.iter().map(|usage| match usage {
        Use::Server => ExtendedKeyUsagePurpose::ServerAuth,
        Use::Client => ExtendedKeyUsagePurpose::ClientAuth,
    });
    params.extended_key_usages = purposes.collect();
    for uri in &subject.uris {
        params.subject_alt_names.push(SanType::URI(uri.as_str().try_into()?));
    }
    for dns in &subject.dns {
        params.subject_alt_names.push(SanType::DnsName(dns.as_str().try_into()?));
    }
    params.subject_alt_names.extend(subject.addresses.iter().map(|address| SanType::IpAddress(*address)));
    let (year, month, day) = subject.not_before;
    params.not_before = date_time_ymd(year, month, day);
    let (year, month, day) = subject.not_after;
    params.not_after = date_time_ymd(year, month, day);
    let from_now = |wait: Duration| date_time_ymd(1970, 1, 1) + since_1970(wait);
    params.not_before = subject.begins_in.map_or(params.not_before, from_now);
    params.not_after = subject.ends_in.map_or(params.not_after, from_now);
    Ok(params)
}

/// A moment so long from now, in whole seconds.
fn since_1970(wait: Duration) -> Duration {
    let now = Duration::from_nanos(u64::try_from(SystemClock.now().as_nanos()).unwrap_or_default());
    Duration::from_secs(now.saturating_add(wait).as_secs())
}

fn distinguished_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// Writes beside the file and renames, so that nobody sees half of it, not even after a power cut.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    options
        .open(&beside)
        .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| fs::File::open(path.parent().unwrap_or(path))?.sync_all())
        .map_err(file_error(path))
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    |source| Error::File { path, source }
}
