//! `stack.json`: what callers outside of this repository need to use the stack and to tamper with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::files::{self, PRIVATE};

/// Name of the file.
pub(crate) const FILE: &str = "stack.json";

/// Everything an outside caller needs. Holds superuser passwords: readable by its owner only.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Description {
    /// By short name: key, vault, audit.
    pub services: BTreeMap<String, ServiceDescription>,
    /// Certificate of the authority.
    pub ca: PathBuf,
    /// By name: operator, app, auditor, stranger, and those made later.
    pub callers: BTreeMap<String, CallerDescription>,
    /// By short name of the service: superuser URL on 127.0.0.1.
    pub databases: BTreeMap<String, String>,
    /// The cluster.
    pub postgres: PostgresDescription,
}

/// One service.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ServiceDescription {
    /// Address of the mutual TLS port.
    pub grpc: String,
    /// Address of the admin port.
    pub admin: String,
    /// Its process.
    pub pid: u32,
}

/// One caller.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallerDescription {
    /// Certificate.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// The PostgreSQL cluster; null where the server is not the stack's own.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PostgresDescription {
    /// Data directory.
    pub data: Option<PathBuf>,
    /// Postmaster.
    pub pid: Option<u32>,
}

impl Description {
    /// Writes the file, mode 0600.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let malformed = |source: serde_json::Error| Error::Malformed { path: path.to_owned(), source: source.into() };
        let mut text = serde_json::to_string_pretty(self).map_err(malformed)?;
        text.push('\n');
        files::write(path, PRIVATE, text)
    }

    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        serde_json::from_str(&files::read(path)?)
            .map_err(|source| Error::Malformed { path: path.to_owned(), source: source.into() })
    }
}
