//! The configuration: a TOML file, closed, with no secret in it. `config.example.toml` shows all of it.

use std::time::Duration;

use rpc::PeerConfig;
use serde::Deserialize;
use service::config::{
    AdminConfig, Common, DatabaseConfig, Environment, GrpcConfig, LogConfig, PolicyConfig, ServiceConfig, TlsConfig,
    peer_problems,
};

/// Longest time that a batch may wait for company.
const MAX_DELAY: Duration = Duration::from_millis(5);

/// The audit-service's configuration.
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
    /// Where key-service is, which seals.
    pub signer: PeerConfig,
    /// How events become entries.
    #[serde(default)]
    pub append: AppendConfig,
}

/// `[append]`: how events become entries. May be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppendConfig {
    /// How long a batch waits for company, at most 5 ms.
    #[serde(deserialize_with = "rpc::duration::deserialize")]
    pub batch_delay: Duration,
    /// Events that may wait; more are refused with `RESOURCE_EXHAUSTED`.
    pub queue: usize,
}

impl Default for AppendConfig {
    fn default() -> Self {
        Self { batch_delay: Duration::from_millis(2), queue: 16_384 }
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
        let mut problems = peer_problems("signer", &self.signer);
        if self.append.batch_delay > MAX_DELAY {
            problems.push("append.batch_delay: must be at most 5ms".to_owned());
        }
        if self.append.queue == 0 {
            problems.push("append.queue: must be at least 1".to_owned());
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
        assert!(config.problems().is_empty());
        let default = AppendConfig::default();
        assert_eq!((config.append.batch_delay, config.append.queue), (default.batch_delay, default.queue));
    }

    #[test]
    fn unknown_keys_and_senseless_values_are_refused() {
        assert!(toml::from_str::<Config>(&format!("{EXAMPLE}\nqueues = 1\n")).is_err());
        let mut config: Config = toml::from_str(EXAMPLE).unwrap();
        config.append = AppendConfig { batch_delay: Duration::from_secs(1), queue: 0 };
        config.signer.connections = 0;
        assert_eq!(config.problems().len(), 3);
    }
}
