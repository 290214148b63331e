//! Who a certificate is: its SPIFFE ID, or its DNS name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use names::MAX_IDENTITY_BYTES;
use rustls_pki_types::DnsName;
use spiffe::SpiffeId;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// What stands before the DNS name of a caller: no certificate's name is taken for a SPIFFE ID that it is not.
const DNS: &str = "dns:";

/// The identity of an authenticated client: a SPIFFE ID as its specification writes it, or `dns:` and a DNS name in lower case.
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caller(Arc<str>);

/// Why a text or a certificate has no identity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityError {
    /// More than one URI name (X509-SVID, section 2).
    #[error("the certificate has {0} URI names where one is allowed")]
    Ambiguous(usize),
    /// More than one DNS name and no URI name.
    #[error("the certificate has {0} DNS names and no URI name")]
    AmbiguousDns(usize),
    /// A name that is longer than any identity may be.
    #[error("an identity is longer than {MAX_IDENTITY_BYTES} bytes")]
    TooLong,
    /// No SPIFFE ID, or not written as its specification does.
    #[error(
        "{0:?} is no SPIFFE ID of a workload (spiffe://trust-domain/path, the domain in lower case) and no dns:name"
    )]
    Spiffe(String),
    /// No DNS name of a host in lower case.
    #[error("{0:?} is no DNS name of a host in lower case")]
    Dns(String),
    /// No DER certificate, or names that cannot be read.
    #[error("the certificate cannot be read")]
    Malformed,
    /// Neither a URI name nor a DNS name.
    #[error("the certificate has neither a URI name nor a DNS name")]
    Missing,
}

impl Caller {
    /// The identity in a certificate (DER): its one URI name, which must be a SPIFFE ID; where it has none, its one DNS name.
    pub(crate) fn of_certificate(der: &[u8]) -> Result<Self, IdentityError> {
        let (_, certificate) = X509Certificate::from_der(der).ok().ok_or(IdentityError::Malformed)?;
        let names = certificate.subject_alternative_name().ok().ok_or(IdentityError::Malformed)?;
        let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
        let (mut uris, mut hosts) = (Vec::new(), Vec::new());
        for name in names {
            match name {
                GeneralName::URI(uri) => uris.push(*uri),
                GeneralName::DNSName(host) => hosts.push(*host),
                _ => {}
            }
        }
        match (uris.as_slice(), hosts.as_slice()) {
            ([uri], _) => Self::spiffe(uri),
            ([], [host]) => Self::dns(host),
            ([], []) => Err(IdentityError::Missing),
            ([], many) => Err(IdentityError::AmbiguousDns(many.len())),
            (many, _) => Err(IdentityError::Ambiguous(many.len())),
        }
    }

    fn spiffe(id: &str) -> Result<Self, IdentityError> {
        if id.len() > MAX_IDENTITY_BYTES {
            return Err(IdentityError::TooLong);
        }
        // An id without a path is that of a trust domain and no workload's.
        let parsed = SpiffeId::new(id).ok().filter(|parsed| !parsed.path().is_empty() && parsed.to_string() == id);
        parsed.map(|_| Self(Arc::from(id))).ok_or_else(|| IdentityError::Spiffe(id.to_owned()))
    }

    fn dns(host: &str) -> Result<Self, IdentityError> {
        let is_host = DnsName::try_from(host).is_ok() && !host.ends_with('.');
        if !is_host || host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(IdentityError::Dns(host.chars().take(MAX_IDENTITY_BYTES).collect()));
        }
        Ok(Self(format!("{DNS}{host}").into()))
    }

    #[cfg(test)]
    pub(crate) fn for_test(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The SPIFFE ID, or `dns:` and the DNS name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Caller {
    type Err = IdentityError;

    /// An identity as policies and configurations write it.
    fn from_str(identity: &str) -> Result<Self, IdentityError> {
        identity.strip_prefix(DNS).map_or_else(|| Self::spiffe(identity), Self::dns)
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_written_in_one_way() {
        for taken in ["spiffe://test.dev/app", "spiffe://test.dev/a/b_c.d-e/1", "dns:app.test.dev", "dns:app"] {
            assert_eq!(taken.parse::<Caller>().unwrap().as_str(), taken);
        }
        let odd = [
            "spiffe://test.dev/app/",
            "spiffe://test.dev//app",
            "spiffe://test.dev/%61pp",
            "spiffe://test.dev/app?x",
            "spiffe://test.dev/app#x",
            "spiffe://test.dev:443/app",
            "spiffe://u@test.dev/app",
            "spiffe://test.dev/../app",
            "spiffe://test.dev/./app",
            "spiffe://Test.dev/app",
            "SPIFFE://test.dev/app",
            "spiffe://test.dev",
            "spiffe://test.dev/",
            "spiffe:///app",
            "spiffe://test.dev/a\u{e4}",
            "https://test.dev/app",
            "app.test.dev",
            "",
        ];
        for odd in odd {
            assert_eq!(odd.parse::<Caller>(), Err(IdentityError::Spiffe(odd.to_owned())));
        }
        for odd in
            ["", "App.test.dev", "app.test.dev.", "*.test.dev", "spiffe://test.dev/app", "10.0.0.1", "a b", "a..b"]
        {
            assert_eq!(format!("dns:{odd}").parse::<Caller>(), Err(IdentityError::Dns(odd.to_owned())));
        }
    }
}
