//! An identity, as files.

use std::path::PathBuf;

/// Files of an identity: certificate and key in PEM, and the authority that signed it.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Certificate.
    pub cert: PathBuf,
    /// Private key in PKCS #8, readable by its owner only.
    pub key: PathBuf,
    /// Certificate of the authority.
    pub ca: PathBuf,
}
