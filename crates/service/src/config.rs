//! The sections that every service's configuration has, and loading it from a TOML file.
//!
//! A service composes its own closed struct from these sections (`serde`'s `flatten` does not go together with
//! `deny_unknown_fields`) and says where they are by implementing [`ServiceConfig`].

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

pub use db::DbConfig as DatabaseConfig;
use db::chain;
use rpc::policy::PolicyHandle;
pub use rpc::{GrpcConfig, PeerConfig, TlsConfig};
use rpc::{MethodTable, Tls, Uses, duration};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A service's whole configuration: closed (`deny_unknown_fields`), with no secret in it, only paths of files.
pub trait ServiceConfig: DeserializeOwned + fmt::Debug + Send + 'static {
    /// The sections that the harness needs.
    fn common(&self) -> Common<'_>;

    /// What is wrong with the service's own sections beyond what their types say, one sentence each.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The sections that all services share, borrowed from a service's configuration.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// `environment`: what the process insists on.
    pub environment: Environment,
    /// `[grpc]`: the mutual TLS port, its limits and deadlines.
    pub grpc: &'a GrpcConfig,
    /// `[admin]`: the plain HTTP port for probes and metrics.
    pub admin: &'a AdminConfig,
    /// `[tls]`: the certificate that the process presents, on both sides, and whom it accepts.
    pub tls: &'a TlsConfig,
    /// `[policy]`: who may do what.
    pub policy: &'a PolicyConfig,
    /// `[database]`: the service's own database.
    pub database: &'a DatabaseConfig,
    /// `[log]`: how much is logged.
    pub log: &'a LogConfig,
}

/// What the process insists on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A laptop or a test: may run as root, may reach PostgreSQL without TLS on the loopback interface.
    Development,
    /// Regulated data: never as root, PostgreSQL over TLS only, secret files readable by their owner only.
    Production,
}

impl Environment {
    /// Whether the strict rules apply.
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

/// `[admin]`: the plain HTTP port; bind it to loopback or the pod network only.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Address to listen at.
    pub listen: SocketAddr,
}

/// `[policy]`: who may do what; hot reloaded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// Path of the policy file.
    pub file: PathBuf,
}

/// `[log]`: how much is logged. May be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// Least level that is written.
    #[serde(default)]
    pub level: LogLevel,
}

/// Least level of log lines that are written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What needs a person.
    Error,
    /// What went on after a surprise, and the above.
    Warn,
    /// Changes of state and one line a call, and the above.
    #[default]
    Info,
    /// For developers.
    Debug,
    /// For developers, with their libraries.
    Trace,
}

/// Why a configuration was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not TOML, or not of the service's form.
    #[error("the configuration {} is malformed", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The file is well-formed and still cannot be used.
    #[error("the configuration {} cannot be used: {}", path.display(), problems.join("; "))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong with it.
        problems: Vec<String>,
    },
}

/// Reads and checks a configuration and every file that it names, as serving does; all problems of a well-formed one are reported at
/// once.
pub fn load<C: ServiceConfig>(path: &Path) -> Result<C, ConfigError> {
    let config: C = parse(path)?;
    let common = config.common();
    let production = common.environment.is_production();
    let mut problems = Vec::from_iter(changeable(path, production));
    if let Err(error) = Tls::load(common.tls, Uses::ServerAndClient, production) {
        problems.push(format!("tls: {}", chain(&error)));
    }
    match MethodTable::of_api() {
        Ok(methods) => {
            let policy = PolicyHandle::load(&common.policy.file, production, Arc::new(methods));
            problems.extend(policy.err().map(|error| format!("policy.file: {}", chain(&error))));
        }
        Err(error) => problems.push(chain(&error)),
    }
    problems.extend(common.grpc.problems());
    if common.grpc.listen == common.admin.listen && common.grpc.listen.port() != 0 {
        problems.push(format!("admin.listen: {} is grpc.listen as well", common.admin.listen));
    }
    problems.extend(common.database.problems());
    problems.extend(common.database.file_problems(production));
    problems.extend(config.problems());
    if problems.is_empty() { Ok(config) } else { Err(ConfigError::Invalid { path: path.to_owned(), problems }) }
}

/// The part of a configuration that `migrate` reads: the service's own file will do, or a shorter one that names the
/// migrator's role.
#[derive(Debug, Deserialize)]
pub(crate) struct MigrateConfig {
    pub(crate) environment: Environment,
    pub(crate) database: DatabaseConfig,
    #[serde(default)]
    pub(crate) log: LogConfig,
}

/// Reads it and checks it, with the files that it names, as serving does.
pub(crate) fn load_for_migrate(path: &Path) -> Result<MigrateConfig, ConfigError> {
    let config: MigrateConfig = parse(path)?;
    let production = config.environment.is_production();
    let mut problems = Vec::from_iter(changeable(path, production));
    problems.extend(config.database.problems());
    problems.extend(config.database.file_problems(production));
    if problems.is_empty() { Ok(config) } else { Err(ConfigError::Invalid { path: path.to_owned(), problems }) }
}

/// Whether, in production, others may change what a configuration says.
fn changeable(path: &Path, production: bool) -> Option<String> {
    secret::read_plain_file(path, production).err().map(|error| format!("{}: {error}", path.display()))
}

/// Reads a configuration without looking at the files that it names.
fn parse<C: DeserializeOwned>(path: &Path) -> Result<C, ConfigError> {
    let read = |source| ConfigError::Read { path: path.to_owned(), source };
    let text = secret::read_plain_file(path, false).map_err(read)?;
    let text = String::from_utf8(text).map_err(|error| read(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    toml::from_str(&text).map_err(|source| ConfigError::Parse { path: path.to_owned(), source: Box::new(source) })
}

/// What is wrong with the peer in `section`, in words.
pub fn peer_problems(section: &str, peer: &PeerConfig) -> Vec<String> {
    let none = (peer.connections == 0).then(|| format!("{section}.connections: must be more than nothing"));
    let durations = [("connect_timeout", peer.connect_timeout), ("default_deadline", peer.default_deadline)];
    none.into_iter()
        .chain(duration::problems(section, durations))
        .chain(peer.problems().into_iter().map(|problem| format!("{section}: {problem}")))
        .collect()
}
