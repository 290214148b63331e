//! The identities of a stack: an authority of its own, the services and the callers.

use std::path::{Path, PathBuf};

use test_support::certs::{Authority, Subject};

use crate::Error;

/// Trust domain of all development identities.
pub const TRUST_DOMAIN: &str = "strongroom.dev";

/// The SPIFFE ID of a name.
pub fn spiffe_id(name: &str) -> String {
    format!("spiffe://{TRUST_DOMAIN}/{name}")
}

/// Certificate and key of an identity, in PEM files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// Certificate.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// What a certificate names beside the identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usage {
    /// A caller: nothing else.
    Caller,
    /// A service: 127.0.0.1 and localhost.
    Service,
}

/// The certificates of a stack, kept in a directory.
#[derive(Debug)]
pub struct Certificates {
    directory: PathBuf,
    authority: Authority,
}

impl Certificates {
    /// Those in `directory`; the authority is made now unless it is there.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        let authority = Authority::open(directory, "Strongroom development authority").map_err(Error::Certificate)?;
        Ok(Self { directory: directory.to_owned(), authority })
    }

    /// The authority's certificate.
    pub fn ca(&self) -> PathBuf {
        self.authority.ca()
    }

    /// The identity `name`, made now unless it is there.
    pub fn identity(&self, name: &str, usage: Usage) -> Result<Identity, Error> {
        let file = |extension: &str| self.directory.join(format!("{name}.{extension}"));
        let identity = Identity { cert: file("pem"), key: file("key") };
        if identity.cert.exists() && identity.key.exists() { Ok(identity) } else { self.renew(name, usage) }
    }

    /// The identity `name` of before; made now unless both of its files are whole, and of this authority.
    pub(crate) fn provide(&self, name: &str, usage: Usage) -> Result<(), Error> {
        if self.authority.kept(name).is_none() {
            self.renew(name, usage)?;
        }
        Ok(())
    }

    /// A new certificate and key for `name`, in place of those that are there.
    pub fn renew(&self, name: &str, usage: Usage) -> Result<Identity, Error> {
        let mut subject = Subject::spiffe(&spiffe_id(name));
        if usage == Usage::Caller {
            subject.dns.clear();
            subject.addresses.clear();
        }
        let test_support::certs::Identity { cert, key, .. } =
            self.authority.issue(name, &subject).map_err(Error::Certificate)?;
        Ok(Identity { cert, key })
    }
}
