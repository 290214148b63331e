//! What a certificate says of itself, and why it cannot be used for what it is named for.

use std::fmt;
use std::time::Duration;

use clock::{Clock, SystemClock};
use rustls_pki_types::CertificateDer;
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use super::config::Uses;
use crate::Caller;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum Unfit {
    #[error("is no certificate that can be read")]
    Malformed,
    #[error("has expired: it was valid until {0}")]
    Expired(Time),
    #[error("is not valid yet: it will be from {0} on")]
    Early(Time),
    #[error("is no authority's: it does not say that it may sign others, which one of version 1 cannot")]
    NoAuthority,
    #[error("is an authority's: services and callers have one that an authority has signed")]
    Authority,
    #[error("is not for {0} (extended key usage): this process needs one for {1}")]
    Usage(&'static str, Uses),
    #[error("is not for signatures (key usage)")]
    NoSignatures,
    #[error("says nobody's name: {0}")]
    Identity(String),
}

/// A moment as certificates have it, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) i64);

impl Time {
    pub(super) fn now() -> Self {
        Self(SystemClock.now().as_nanos().div_euclid(1_000_000_000))
    }

    /// How long it is until then.
    pub(super) fn remaining(self) -> Duration {
        let nanos = u64::try_from(SystemClock.now().as_nanos()).unwrap_or_default();
        Duration::from_secs(u64::try_from(self.0).unwrap_or_default()).saturating_sub(Duration::from_nanos(nanos))
    }
}

/// Until when a chain is valid: as long as its leaf, which comes first, and as those of the others that are valid now. There may
/// be some that nobody needs.
pub(super) fn chain_until(chain: impl Iterator<Item = Validity>, now: Time) -> Time {
    let is_needed = |(index, validity): &(usize, Validity)| *index == 0 || validity.check(now).is_ok();
    chain.enumerate().filter(is_needed).map(|(_, validity)| validity.until).min().unwrap_or(now)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ASN1Time::from_timestamp(self.0) {
            Ok(time) => fmt::Display::fmt(&time, f),
            Err(_) => write!(f, "second {}", self.0),
        }
    }
}

/// From when until when a certificate is valid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validity {
    pub(super) from: Time,
    pub(super) until: Time,
}

impl Validity {
    /// Of a certificate that can be read.
    pub(super) fn of(der: &CertificateDer<'_>) -> Option<Self> {
        parsed(der).map(|certificate| Self::of_parsed(&certificate)).ok()
    }

    fn of_parsed(certificate: &X509Certificate<'_>) -> Self {
        let validity = certificate.validity();
        Self { from: Time(validity.not_before.timestamp()), until: Time(validity.not_after.timestamp()) }
    }

    pub(super) fn check(self, now: Time) -> Result<(), Unfit> {
        if now < self.from {
            return Err(Unfit::Early(self.from));
        }
        if now > self.until {
            return Err(Unfit::Expired(self.until));
        }
        Ok(())
    }
}

/// Whom a certificate is about, as far as it can be read.
pub(super) fn subject(der: &CertificateDer<'_>) -> String {
    parsed(der).map(|certificate| certificate.subject().to_string()).unwrap_or_default()
}

/// An authority, whether it is valid now or not.
pub(super) fn check_authority(der: &CertificateDer<'_>) -> Result<Validity, Unfit> {
    let certificate = parsed(der)?;
    let signs = key_usage(&certificate)?.is_none_or(KeyUsage::key_cert_sign);
    if !certificate.is_ca() || !signs {
        return Err(Unfit::NoAuthority);
    }
    Ok(Validity::of_parsed(&certificate))
}

/// The own certificate, now: who it says that this process is, and when.
pub(super) fn check_leaf(der: &CertificateDer<'_>, uses: Uses, now: Time) -> Result<(Caller, Validity), Unfit> {
    let certificate = parsed(der)?;
    if certificate.is_ca() {
        return Err(Unfit::Authority);
    }
    let validity = Validity::of_parsed(&certificate);
    validity.check(now)?;
    if !key_usage(&certificate)?.is_none_or(KeyUsage::digital_signature) {
        return Err(Unfit::NoSignatures);
    }
    let extended = certificate.extended_key_usage().ok().ok_or(Unfit::Malformed)?;
    if let Some(ExtendedKeyUsage { client_auth, server_auth, .. }) = extended.map(|extension| extension.value) {
        if !client_auth {
            return Err(Unfit::Usage("clients", uses));
        }
        if uses == Uses::ServerAndClient && !server_auth {
            return Err(Unfit::Usage("servers", uses));
        }
    }
    let identity = Caller::of_certificate(der).map_err(|error| Unfit::Identity(error.to_string()))?;
    Ok((identity, validity))
}

fn key_usage<'a>(certificate: &'a X509Certificate<'_>) -> Result<Option<&'a KeyUsage>, Unfit> {
    let usage = certificate.key_usage().ok().ok_or(Unfit::Malformed)?;
    Ok(usage.map(|extension| extension.value))
}

fn parsed<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Unfit> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).ok().ok_or(Unfit::Malformed)
}
