//! Exit statuses, and configurations that are refused.

use std::path::{Path, PathBuf};

use crate::config::{
    self, AdminConfig, Common, ConfigError, DatabaseConfig, Environment, GrpcConfig, LogConfig, PolicyConfig,
    ServiceConfig, TlsConfig,
};

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    environment: Environment,
    grpc: GrpcConfig,
    admin: AdminConfig,
    tls: TlsConfig,
    policy: PolicyConfig,
    database: DatabaseConfig,
    #[serde(default)]
    log: LogConfig,
    answer: u32,
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
        if self.answer == 42 { Vec::new() } else { vec!["answer: must be 42".to_owned()] }
    }
}

const EXAMPLE: &str = r#"
environment = "development"
answer = 41
[grpc]
listen = "127.0.0.1:7000"
[admin]
listen = "127.0.0.1:7001"
[tls]
cert = "/nonexistent/cert.pem"
key = "/nonexistent/key.pem"
ca = "/nonexistent/ca.pem"
[policy]
file = "/nonexistent/policy.toml"
[database]
host = "127.0.0.1"
name = "strongroom"
user = "strongroom"
password_file = "/nonexistent/password"
"#;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("strongroom-service-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn status(arguments: &[&str]) -> String {
    let program = Program::new("test-service", &[]).command(Command::new("own"), |_| ExitCode::from(7));
    let arguments = std::iter::once("test-service").chain(arguments.iter().copied()).map(OsString::from);
    let start = async |_: Config, _: Process| Ok(());
    format!("{:?}", program.run_with(arguments, start))
}

fn code(status: u8) -> String {
    format!("{:?}", ExitCode::from(status))
}

#[test]
fn usage_errors_exit_with_64() {
    for arguments in [&["serve"][..], &["unknown"], &["serve", "--password", "x"], &[]] {
        assert_eq!(status(arguments), code(exit::USAGE), "{arguments:?}");
    }
}

#[test]
fn asking_for_help_is_no_error() {
    assert_eq!(status(&["--help"]), code(0));
    assert_eq!(status(&["--version"]), code(0));
}

#[test]
fn an_own_subcommand_decides_its_status() {
    assert_eq!(status(&["own"]), code(7));
}

#[test]
fn an_unusable_configuration_exits_with_78_before_anything_is_bound() {
    let file = Scratch::new("unusable", EXAMPLE);
    assert_eq!(status(&["serve", "--config", &file.path().display().to_string()]), code(exit::CONFIG));
    assert_eq!(status(&["check-config", "--config", "/nonexistent"]), code(exit::CONFIG));
}

#[test]
fn all_problems_of_a_configuration_are_reported_at_once() {
    let file = Scratch::new("problems", EXAMPLE);
    let Err(ConfigError::Invalid { problems, .. }) = config::load::<Config>(file.path()) else { panic!("accepted") };
    let said = [
        "/nonexistent/cert.pem",
        "/nonexistent/key.pem",
        "/nonexistent/ca.pem",
        "policy.file: cannot read the policy file /nonexistent/policy.toml",
        "database.password_file /nonexistent/password",
        "answer: must be 42",
    ];
    for said in said {
        assert!(problems.iter().any(|problem| problem.contains(said)), "{said} is missing in {problems:?}");
    }
}

#[test]
fn both_ports_at_one_address_are_refused() {
    let file = Scratch::new("ports", &EXAMPLE.replace("127.0.0.1:7001", "127.0.0.1:7000"));
    let Err(ConfigError::Invalid { problems, .. }) = config::load::<Config>(file.path()) else { panic!("accepted") };
    assert!(problems.contains(&"admin.listen: 127.0.0.1:7000 is grpc.listen as well".to_owned()), "{problems:?}");
}

/// What reads the migrator's password takes no more than what serves.
#[test]
fn migrating_refuses_what_serving_refuses_with_all_problems_at_once() {
    let production = EXAMPLE.replace("development", "production") + "lock_timeout_ms = 0\n";
    let file = Scratch::new("migrate", &production);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    std::fs::set_permissions(file.path(), mode).unwrap();
    let Err(ConfigError::Invalid { problems, .. }) = config::load_for_migrate(file.path()) else { panic!("accepted") };
    let path = file.path().display().to_string();
    for said in [&*path, "database.tls is required", "database.password_file", "database.lock_timeout_ms"] {
        assert!(problems.iter().any(|problem| problem.contains(said)), "{said} is missing in {problems:?}");
    }
    assert_eq!(status(&["migrate", "--config", &path]), code(exit::CONFIG));
}

/// Sections that let nothing through.
const NOTHING: &str = r#"
listen = "127.0.0.1:7000"
max_connections = 0
max_unauthenticated = 0
max_unauthenticated_per_source = 0
handshake_timeout = "0s"
max_connection_age = "0ms"
keepalive_timeout = "0s"
max_calls_per_connection = 0
max_calls = 0
max_bytes = 0
default_deadline = "0s"
max_deadline = "0m"
max_stream_deadline = "0h"
drain_timeout = "0s"
caller_limits.max_connections = 0
caller_limits.max_calls = 0
caller_limits.max_bytes = 0
"#;

/// What is wrong with the sections of limits.
fn wrong_limits(name: &str, grpc: &str, database: &str) -> Vec<String> {
    let text = EXAMPLE.replace("listen = \"127.0.0.1:7000\"\n", grpc);
    let file = Scratch::new(name, &(text + database));
    assert_eq!(status(&["check-config", "--config", &file.path().display().to_string()]), code(exit::CONFIG));
    let Err(ConfigError::Invalid { problems, .. }) = config::load::<Config>(file.path()) else { panic!("accepted") };
    let of_limits = problems.iter().filter(|problem| problem.starts_with("grpc") || problem.starts_with("database"));
    let fields = of_limits.map(|problem| problem.split(':').next().unwrap().to_owned());
    fields.filter(|field| field != "database.password_file").collect()
}

#[test]
fn limits_of_nothing_are_all_refused_at_once() {
    let database = "max_connections = 0\nstatement_timeout_ms = 0\nlock_timeout_ms = 0\n\
                    idle_in_transaction_timeout_ms = 0\n";
    let mut expected: Vec<String> = NOTHING
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(field, _)| *field != "listen")
        .map(|(field, _)| format!("grpc.{field}"))
        .chain(database.lines().filter_map(|line| line.split_once(" = ")).map(|(field, _)| format!("database.{field}")))
        .collect();
    let mut found = wrong_limits("nothing", NOTHING, database);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

/// A multiple of some, or their sum with the time of day, overflows; PostgreSQL refuses others.
#[test]
fn times_that_are_too_long_are_all_refused_at_once() {
    let durations = [
        "handshake_timeout",
        "max_connection_age",
        "keepalive_timeout",
        "default_deadline",
        "max_deadline",
        "max_stream_deadline",
        "stream_read_timeout",
        "drain_timeout",
    ];
    let milliseconds = ["statement_timeout_ms", "lock_timeout_ms", "idle_in_transaction_timeout_ms"];
    let wrong = |name: &str, time: &str, ms: u32| {
        let grpc = durations.map(|field| format!("{field} = \"{time}\"\n")).concat();
        let database = milliseconds.map(|field| format!("{field} = {ms}\n")).concat();
        wrong_limits(name, &format!("listen = \"127.0.0.1:7000\"\n{grpc}"), &database)
    };
    let expected: Vec<_> = durations.map(|field| format!("grpc.{field}")).into_iter().collect();
    let expected = [expected, milliseconds.map(|field| format!("database.{field}")).to_vec()].concat();
    assert_eq!(wrong("beyond", "1728000001ms", 1_728_000_001), expected);
    assert_eq!(wrong("endless", "18446744073709551615s", u32::MAX), expected);
    assert_eq!(wrong("longest", "480h", 1_728_000_000), Vec::<String>::new());
}

#[test]
fn a_default_deadline_beyond_the_longest_is_refused() {
    let grpc = |default: &str| {
        format!("listen = \"127.0.0.1:7000\"\ndefault_deadline = \"{default}\"\nmax_deadline = \"5s\"\n")
    };
    assert_eq!(wrong_limits("default", &grpc("6s"), ""), ["grpc.default_deadline"]);
    assert_eq!(wrong_limits("equal", &grpc("5s"), ""), Vec::<String>::new());
}

#[test]
fn an_unknown_field_is_refused() {
    let file = Scratch::new("unknown", &EXAMPLE.replace("[policy]", "[policy]\nroles = 3"));
    assert!(matches!(config::load::<Config>(file.path()), Err(ConfigError::Parse { .. })));
}
