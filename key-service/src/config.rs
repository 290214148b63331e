//! The configuration: a TOML file, closed, with no secret in it. `config.example.toml` shows all of it.

use std::path::PathBuf;

use audit::OutboxConfig;
use rpc::PeerConfig;
use serde::Deserialize;
use service::config::{
    AdminConfig, Common, DatabaseConfig, Environment, GrpcConfig, LogConfig, PolicyConfig, ServiceConfig, TlsConfig,
    peer_problems,
};

use crate::seal::{FileSeal, Seal};

/// The key-service's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the process insists on.
    pub environment: Environment,
    /// The mutual TLS port.
    pub grpc: GrpcConfig,
    /// The plain HTTP port for probes and metrics.
    pub admin: AdminConfig,
    /// The own certificate and the authorities.
    pub tls: TlsConfig,
    /// Who may do what.
    pub policy: PolicyConfig,
    /// The own database.
    pub database: DatabaseConfig,
    /// How much is logged.
    #[serde(default)]
    pub log: LogConfig,
    /// What protects the root key.
    pub seal: SealConfig,
    /// Where the audit-service is, which takes this service's own events.
    pub audit_service: PeerConfig,
    /// How far undelivered events may pile up.
    #[serde(default)]
    pub outbox: OutboxConfig,
}

/// `[seal]`: what protects the root key.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum SealConfig {
    /// A mounted secret.
    File {
        /// Path of the secret: 32 bytes, or 64 hexadecimal digits.
        file: PathBuf,
    },
}

impl Config {
    /// The seal, not yet asked for its key.
    pub fn seal(&self) -> FileSeal {
        let SealConfig::File { file } = &self.seal;
        FileSeal::new(file, self.environment.is_production())
    }
}

impl ServiceConfig for Config {
    fn common(&self) -> Common<'_> {
        Common {
            environment: self.environment,
            grpc: &self.grpc,
            admin: &self.admin,
            tls: &self.tls,
            policy: &self.policy,
            database: &self.database,
            log: &self.log,
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.outbox.problems();
        problems.extend(peer_problems("audit_service", &self.audit_service));
        if let Err(error) = self.seal().key() {
            problems.push(format!("seal.file: {}", service::chain(&error)));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../config.example.toml");

    #[test]
    fn the_example_is_a_configuration_and_shows_the_defaults() {
        let config: Config = toml::from_str(EXAMPLE).unwrap();
        let default = OutboxConfig::default();
        assert_eq!(config.outbox.max_backlog, default.max_backlog);
        assert_eq!(config.outbox.max_backlog_age, default.max_backlog_age);
        assert_eq!((config.outbox.max_rows, config.outbox.max_bytes), (default.max_rows, default.max_bytes));
    }

    #[test]
    fn unknown_keys_and_seals_are_refused() {
        assert!(toml::from_str::<Config>(&EXAMPLE.replace("[seal]", "[seal]\ncolour = \"red\"")).is_err());
        assert!(toml::from_str::<Config>(&EXAMPLE.replace("kind = \"file\"", "kind = \"null\"")).is_err());
        assert!(toml::from_str::<Config>(&format!("{EXAMPLE}\n[more]\n")).is_err());
    }

    #[test]
    fn a_missing_seal_and_a_senseless_bound_are_said_at_once() {
        let mut config: Config = toml::from_str(EXAMPLE).unwrap();
        config.seal = SealConfig::File { file: "/nonexistent/seal".into() };
        config.outbox.max_backlog = 0;
        config.audit_service.connections = 0;
        assert_eq!(config.problems().len(), 3);
    }
}
