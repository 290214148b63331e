//! Where the database is and how to log in. Secrets come as file paths.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::said::chain;

/// How long one TCP connect and login may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long sent bytes may stay unacknowledged before the kernel gives the connection up.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest time in the settings, in milliseconds: 20 days, as for every duration of a configuration. PostgreSQL takes 24.
const LONGEST_MS: u32 = 20 * 24 * 3_600 * 1_000;

/// Connection settings of a database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbConfig {
    /// Host name or address; with TLS the name in the server's certificate.
    pub host: String,
    /// TCP port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Name of the database.
    pub name: String,
    /// Role to log in as.
    pub user: String,
    /// File with the role's password; one trailing newline is ignored.
    pub password_file: PathBuf,
    /// Most connections that this process keeps open for its calls. One more asks whether the database answers.
    #[serde(default = "default_max_connections")]
    pub max_connections: usize,
    /// Longest time of one statement, in milliseconds.
    #[serde(default = "default_statement_timeout_ms")]
    pub statement_timeout_ms: u32,
    /// Longest wait for one lock, in milliseconds. Longer than the server's `deadlock_timeout` (1 s): a deadlock is told
    /// apart from a slow neighbour, and retried.
    #[serde(default = "default_lock_timeout_ms")]
    pub lock_timeout_ms: u32,
    /// Longest idle time inside a transaction, in milliseconds.
    #[serde(default = "default_idle_in_transaction_timeout_ms")]
    pub idle_in_transaction_timeout_ms: u32,
    /// TLS to the server. Required in production.
    #[serde(default)]
    pub tls: Option<DbTls>,
}

/// TLS to the server: version 1.3, the server's certificate and name always verified.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DbTls {
    /// PEM file with the certificate authorities that may sign the server's certificate.
    pub ca: PathBuf,
}

fn default_port() -> u16 {
    5432
}

fn default_max_connections() -> usize {
    16
}

fn default_statement_timeout_ms() -> u32 {
    5_000
}

fn default_lock_timeout_ms() -> u32 {
    1_500
}

fn default_idle_in_transaction_timeout_ms() -> u32 {
    5_000
}

/// Why connection settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The password file cannot be read or is refused.
    #[error("cannot use database.password_file {}", path.display())]
    Password {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file of certificate authorities cannot be read.
    #[error("cannot use database.tls.ca {}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Production without TLS to the database.
    #[error("database.tls is required when environment = \"production\"")]
    TlsRequired,
    /// A pool of no connections.
    #[error("database.max_connections must be at least 1")]
    NoConnections,
    /// The pool refuses the settings.
    #[error("cannot build the connection pool")]
    Pool(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The TLS library refuses the settings.
    #[error("cannot configure TLS to the database")]
    Tls(#[source] rustls::Error),
}

impl DbConfig {
    /// The database `name` on `host`, entered as `user`, without TLS; everything else by default.
    pub fn new(host: &str, port: u16, name: &str, user: &str, password_file: PathBuf) -> Self {
        Self {
            host: host.to_owned(),
            port,
            name: name.to_owned(),
            user: user.to_owned(),
            password_file,
            max_connections: default_max_connections(),
            statement_timeout_ms: default_statement_timeout_ms(),
            lock_timeout_ms: default_lock_timeout_ms(),
            idle_in_transaction_timeout_ms: default_idle_in_transaction_timeout_ms(),
            tls: None,
        }
    }

    /// What is wrong with its limits, in words. PostgreSQL takes a time of nothing for no limit at all.
    pub fn problems(&self) -> Vec<String> {
        let times = [
            ("statement_timeout_ms", self.statement_timeout_ms),
            ("lock_timeout_ms", self.lock_timeout_ms),
            ("idle_in_transaction_timeout_ms", self.idle_in_transaction_timeout_ms),
        ];
        let nothing = |name| format!("database.{name}: must be more than nothing");
        let mut problems = Vec::from_iter((self.max_connections == 0).then(|| nothing("max_connections")));
        problems.extend(times.into_iter().filter_map(|(name, ms)| match ms {
            0 => Some(nothing(name)),
            1..=LONGEST_MS => None,
            _ => Some(format!("database.{name}: must be at most {LONGEST_MS}, 20 days")),
        }));
        problems
    }

    /// What is wrong with the files that it names, in words, and with naming none.
    pub fn file_problems(&self, production: bool) -> Vec<String> {
        let no_tls = (self.tls.is_none() && production).then_some(ConfigError::TlsRequired);
        let unusable = [no_tls, self.password(production).err(), self.connector(production).err()];
        unusable.into_iter().flatten().map(|error| chain(&error)).collect()
    }

    /// Longest time of one statement.
    pub(crate) fn statement_timeout(&self) -> Duration {
        Duration::from_millis(self.statement_timeout_ms.into())
    }

    /// Settings for tokio-postgres, without the password. `limits` are the session's own time limits.
    pub(crate) fn session(&self, limits: bool, production: bool) -> Result<tokio_postgres::Config, ConfigError> {
        if self.tls.is_none() && production {
            return Err(ConfigError::TlsRequired);
        }
        if self.max_connections == 0 {
            return Err(ConfigError::NoConnections);
        }
        let mut session = tokio_postgres::Config::new();
        session
            .host(&self.host)
            .port(self.port)
            .dbname(&self.name)
            .user(&self.user)
            .application_name(&self.user)
            .options(self.startup_options(limits))
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(TCP_USER_TIMEOUT)
            .keepalives_idle(Duration::from_secs(30));
        if self.tls.is_some() {
            session.ssl_mode(SslMode::Require).channel_binding(ChannelBinding::Prefer);
        } else {
            session.ssl_mode(SslMode::Disable);
        }
        Ok(session)
    }

    pub(crate) fn password(&self, production: bool) -> Result<secret::SecretVec, ConfigError> {
        secret::read_password_file(&self.password_file, production)
            .map_err(|source| ConfigError::Password { path: self.password_file.clone(), source })
    }

    /// Session settings, sent with the login so that they cost no round trip.
    fn startup_options(&self, limits: bool) -> String {
        let limits = if limits { self.limits() } else { Vec::new() };
        limits.into_iter().fold("-c synchronous_commit=on".to_owned(), |options, (name, value)| {
            format!("{options} -c {name}={value}")
        })
    }

    /// Settings beyond that of sessions that serve calls: names and values, as PostgreSQL shows them.
    ///
    /// Statements are planned once for each connection: all of them go by keys, and what a plan for the very values would
    /// gain is less than planning costs. Compiling them pays for none. A statement whose connection was closed is ended within
    /// a tenth of a second, with the locks of its transaction.
    pub(crate) fn limits(&self) -> Vec<(&'static str, String)> {
        vec![
            ("plan_cache_mode", "force_generic_plan".to_owned()),
            ("jit", "off".to_owned()),
            ("client_connection_check_interval", "100".to_owned()),
            ("statement_timeout", self.statement_timeout_ms.to_string()),
            ("lock_timeout", self.lock_timeout_ms.to_string()),
            ("idle_in_transaction_session_timeout", self.idle_in_transaction_timeout_ms.to_string()),
        ]
    }

    /// TLS connector; without a `[tls]` section it trusts nobody and is never asked.
    pub(crate) fn connector(&self, production: bool) -> Result<MakeRustlsConnect, ConfigError> {
        let mut roots = RootCertStore::empty();
        if let Some(tls) = &self.tls {
            let refused = |source: Box<dyn std::error::Error + Send + Sync>| ConfigError::Authorities {
                path: tls.ca.clone(),
                source,
            };
            let pem = secret::read_plain_file(&tls.ca, production).map_err(|error| refused(error.into()))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| refused(error.into()))?;
                roots.add(certificate).map_err(|error| refused(error.into()))?;
            }
            if roots.is_empty() {
                return Err(refused("no certificate in the file".into()));
            }
        }
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(ConfigError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(client))
    }
}
