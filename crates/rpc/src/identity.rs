//! Who a certificate is: its SPIFFE ID, or its DNS name.

use std::{fmt, sync::Arc};

use names::MAX_IDENTITY_BYTES;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// The identity of an authenticated client. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caller(Arc<str>);

/// Why a certificate has no identity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum IdentityError {
    /// More than one SPIFFE ID: which of them calls is not known.
    #[error("the certificate has {0} SPIFFE URI names where one is allowed")]
    Ambiguous(usize),
    /// More than one DNS name and no SPIFFE ID.
    #[error("the certificate has {0} DNS names and no SPIFFE URI name")]
    AmbiguousDns(usize),
    /// A name that is longer than any identity may be.
    #[error("the certificate's name is longer than {MAX_IDENTITY_BYTES} bytes")]
    TooLong,
    /// No DER certificate, or names that cannot be read.
    #[error("the certificate cannot be read")]
    Malformed,
    /// Neither a SPIFFE ID nor a DNS name.
    #[error("the certificate has neither a SPIFFE URI name nor a DNS name")]
    Missing,
}

impl Caller {
    /// The identity in a certificate (DER): exactly one `spiffe://` URI name, else exactly one DNS name.
    pub(crate) fn of_certificate(der: &[u8]) -> Result<Self, IdentityError> {
        let (_, certificate) = X509Certificate::from_der(der).ok().ok_or(IdentityError::Malformed)?;
        let names = certificate.subject_alternative_name().ok().ok_or(IdentityError::Malformed)?;
        let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
        let spiffe: Vec<&str> = names
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) if is_spiffe(uri) => Some(*uri),
                _ => None,
            })
            .collect();
        let dns: Vec<&str> = names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DNSName(dns) => Some(*dns),
                _ => None,
            })
            .collect();
        match (spiffe.as_slice(), dns.as_slice()) {
            ([one], _) | ([], [one]) => Self::checked(one),
            ([], []) => Err(IdentityError::Missing),
            ([], many) => Err(IdentityError::AmbiguousDns(many.len())),
            (many, _) => Err(IdentityError::Ambiguous(many.len())),
        }
    }

    fn checked(identity: &str) -> Result<Self, IdentityError> {
        if identity.len() > MAX_IDENTITY_BYTES {
            return Err(IdentityError::TooLong);
        }
        if is_identity(identity) { Ok(Self(Arc::from(identity))) } else { Err(IdentityError::Malformed) }
    }

    #[cfg(test)]
    pub(crate) fn for_test(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The SPIFFE ID or DNS name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_spiffe(uri: &str) -> bool {
    uri.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("spiffe"))
}

/// Printable ASCII without spaces: an identity goes into logs, policies and audit entries.
pub(crate) fn is_identity(identity: &str) -> bool {
    !identity.is_empty() && identity.len() <= MAX_IDENTITY_BYTES && identity.bytes().all(|byte| byte.is_ascii_graphic())
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
