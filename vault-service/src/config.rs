//! The configuration of vault-service; `config.example.toml` shows all of it.

use audit::OutboxConfig;
use rpc::{GrpcConfig, PeerConfig, TlsConfig};
use serde::Deserialize;
use service::config::{
    AdminConfig, Common, DatabaseConfig, Environment, LogConfig, PolicyConfig, ServiceConfig, peer_problems,
};

use crate::keys::cache::DataKeyCacheConfig;

/// A whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the process insists on.
    pub environment: Environment,
    /// The mutual TLS port.
    #[serde(default)]
    pub grpc: GrpcConfig,
    /// The plain HTTP port for probes and metrics.
    pub admin: AdminConfig,
    /// The certificate of the process and whom it accepts.
    pub tls: TlsConfig,
    /// Who may do what.
    pub policy: PolicyConfig,
    /// The vault's own database.
    pub database: DatabaseConfig,
    /// Where key-service is.
    pub key_service: PeerConfig,
    /// Where audit-service is.
    pub audit_service: PeerConfig,
    /// How many events may wait for audit-service.
    #[serde(default)]
    pub outbox: OutboxConfig,
    /// How many requests with an id are remembered.
    #[serde(default)]
    pub requests: RequestsConfig,
    /// Whether reveals use data keys again.
    #[serde(default)]
    pub data_key_cache: DataKeyCacheConfig,
    /// How much is logged.
    #[serde(default)]
    pub log: LogConfig,
}

/// How many requests with an id are remembered.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestsConfig {
    /// About how many. Beyond it the oldest are forgotten before 24 hours, of the tenants that have most.
    pub max: u64,
}

impl Default for RequestsConfig {
    fn default() -> Self {
        Self { max: 20_000_000 }
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
        if self.requests.max == 0 {
            problems.push("requests.max: must be at least 1".to_owned());
        }
        problems.extend(self.data_key_cache.problems());
        problems.extend(peer_problems("key_service", &self.key_service));
        problems.extend(peer_problems("audit_service", &self.audit_service));
        problems
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const EXAMPLE: &str = include_str!("../config.example.toml");

    #[test]
    fn the_example_is_a_configuration_without_problems() {
        let config: Config = toml::from_str(EXAMPLE).unwrap();
        assert_eq!(config.problems(), Vec::<String>::new());
    }

    #[test]
    fn a_word_that_is_no_setting_is_refused() {
        let misspelt = EXAMPLE.replace("max_backlog_age", "max_backlog_aeg");
        assert!(toml::from_str::<Config>(&misspelt).is_err());
    }

    #[test]
    fn tables_without_room_are_refused() {
        let mut config: Config = toml::from_str(EXAMPLE).unwrap();
        config.outbox.max_backlog = 0;
        config.requests.max = 0;
        (config.key_service.connections, config.audit_service.default_deadline) = (0, Duration::ZERO);
        config.key_service.connect_timeout = Duration::ZERO;
        let settings = config.problems().into_iter().map(|problem| problem.split(':').next().unwrap().to_owned());
        let expected = [
            "outbox.max_backlog",
            "requests.max",
            "key_service.connections",
            "key_service.connect_timeout",
            "audit_service.default_deadline",
        ];
        assert_eq!(settings.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn times_that_are_too_long_are_refused() {
        let mut config: Config = toml::from_str(EXAMPLE).unwrap();
        let set = |config: &mut Config, time| {
            let Config { outbox, key_service, audit_service, .. } = config;
            (outbox.max_backlog_age, key_service.connect_timeout, audit_service.default_deadline) = (time, time, time);
        };
        set(&mut config, Duration::from_hours(480));
        assert_eq!(config.problems(), Vec::<String>::new());
        set(&mut config, Duration::MAX);
        let expected = ["outbox.max_backlog_age", "key_service.connect_timeout", "audit_service.default_deadline"];
        assert_eq!(config.problems(), expected.map(|setting| format!("{setting}: must be at most 480h")));
    }

    #[test]
    fn data_keys_are_not_used_again_unless_that_is_said_and_never_for_long() {
        let mut config: Config = toml::from_str(EXAMPLE).unwrap();
        assert!(!config.data_key_cache.enabled);
        config.data_key_cache = toml::from_str("time_to_live = \"901s\"\nmax_uses = 1\nmax_entries = 100001").unwrap();
        let settings = config.problems().into_iter().map(|problem| problem.split(':').next().unwrap().to_owned());
        let expected = ["time_to_live", "max_uses", "max_entries"].map(|setting| format!("data_key_cache.{setting}"));
        assert_eq!(settings.collect::<Vec<_>>(), expected);
    }
}
