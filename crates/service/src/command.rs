//! The command line of a service: `serve`, `migrate`, `check-config`, and the service's own subcommands. Arguments name
//! files and nothing else; secrets are in files that the configuration names.

use std::ffi::OsString;
use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use db::{Migration, chain};
use rpc::{Tls, Uses};

use crate::config::{self, Environment, ServiceConfig};
use crate::error::BoxError;
use crate::process::{self, Process};
use crate::{gate, open_files, telemetry};

/// Exit statuses.
pub mod exit {
    /// Something failed that a look at the log explains.
    pub const FAILURE: u8 = 1;
    /// The command line is wrong (`EX_USAGE`).
    pub const USAGE: u8 = 64;
    /// The configuration is wrong (`EX_CONFIG`).
    pub const CONFIG: u8 = 78;
}

/// Runs a service that has no subcommands of its own; `main` returns its result.
pub fn run<C, F, Fut>(name: &'static str, migrations: &'static [Migration], start: F) -> ExitCode
where
    C: ServiceConfig,
    F: FnOnce(C, Process) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>,
{
    Program::new(name, migrations).run(start)
}

/// What a service's own subcommand does with the matched arguments; the exit status is its result.
type Handler = Box<dyn FnOnce(&ArgMatches) -> ExitCode>;

/// A service with subcommands of its own.
pub struct Program {
    name: &'static str,
    migrations: &'static [Migration],
    own: Vec<(Command, Handler)>,
}

impl Program {
    /// A service that only serves, migrates and checks its configuration.
    pub fn new(name: &'static str, migrations: &'static [Migration]) -> Self {
        Self { name, migrations, own: Vec::new() }
    }

    /// Adds a subcommand. The process is hardened before `handler` is called; logging is up to the handler.
    #[must_use]
    pub fn command(mut self, command: Command, handler: impl FnOnce(&ArgMatches) -> ExitCode + 'static) -> Self {
        self.own.push((command, Box::new(handler)));
        self
    }

    /// Parses the process's arguments and does what they ask; `start` serves until its shutdown is requested.
    pub fn run<C, F, Fut>(self, start: F) -> ExitCode
    where
        C: ServiceConfig,
        F: FnOnce(C, Process) -> Fut,
        Fut: Future<Output = Result<(), BoxError>>,
    {
        self.run_with(std::env::args_os(), start)
    }

    fn run_with<C, F, Fut>(self, arguments: impl IntoIterator<Item = OsString>, start: F) -> ExitCode
    where
        C: ServiceConfig,
        F: FnOnce(C, Process) -> Fut,
        Fut: Future<Output = Result<(), BoxError>>,
    {
        let matches = match self.command_line().try_get_matches_from(arguments) {
            Ok(matches) => matches,
            Err(error) => {
                // A closed standard output is no reason to fail.
                let _ = error.print();
                return if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS };
            }
        };
        let hardening = secret::harden_process();
        let Some((subcommand, arguments)) = matches.subcommand() else { return ExitCode::from(exit::USAGE) };
        if let Some(path) = arguments.try_get_one::<PathBuf>(CONFIG).ok().flatten() {
            match subcommand {
                "serve" => return serve(self.name, path, self.migrations, &hardening, start),
                "migrate" => return migrate(path, self.migrations),
                "check-config" => return check_config::<C>(path),
                _ => {}
            }
        }
        match self.own.into_iter().find(|(command, _)| command.get_name() == subcommand) {
            Some((_, handler)) => handler(arguments),
            None => ExitCode::from(exit::USAGE),
        }
    }

    fn command_line(&self) -> Command {
        Command::new(self.name)
            .about("Part of Strongroom, which keeps regulated data sealed and every access accounted for")
            .version(env!("CARGO_PKG_VERSION"))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(Command::new("serve").about("Serve until SIGTERM").arg(config_argument()))
            .subcommand(Command::new("migrate").about("Bring the database to this version").arg(config_argument()))
            .subcommand(Command::new("check-config").about("Read the configuration, report").arg(config_argument()))
            .subcommands(self.own.iter().map(|(command, _)| command.clone()))
    }
}

const CONFIG: &str = "config";

/// `--config FILE`, for subcommands.
fn config_argument() -> Arg {
    Arg::new(CONFIG)
        .long(CONFIG)
        .value_name("FILE")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help("The service's configuration (TOML)")
}

fn serve<C, F, Fut>(
    name: &'static str,
    path: &Path,
    migrations: &'static [Migration],
    hardening: &secret::Hardening,
    start: F,
) -> ExitCode
where
    C: ServiceConfig,
    F: FnOnce(C, Process) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>,
{
    let config: C = match config::load(path) {
        Ok(config) => config,
        Err(error) => return report(&error, exit::CONFIG),
    };
    let environment = config.common().environment;
    if let Err(error) = refuse_root(environment).and_then(|()| refuse_control(environment)) {
        return report(error.as_ref(), exit::CONFIG);
    }
    let metrics = match telemetry::install_logs(config.common().log).and_then(|()| telemetry::install_metrics()) {
        Ok(metrics) => metrics,
        Err(error) => return report(error.as_ref(), exit::FAILURE),
    };
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(service = name, version, ?environment, "starting");
    open_files::make_room(&config.common());
    if hardening.is_complete() {
        tracing::info!(?hardening, "this process is closed to others");
    } else {
        tracing::warn!(?hardening, "this process is not closed to others as far as it could be");
    }
    let result = runtime().and_then(|runtime| {
        let result = runtime.block_on(process::serve(name, config, migrations, metrics, start));
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => {
            tracing::info!(service = name, "ended");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(service = name, error = chain(error.as_ref()), "failed");
            ExitCode::from(exit::FAILURE)
        }
    }
}

fn migrate(path: &Path, migrations: &'static [Migration]) -> ExitCode {
    let config = match config::load_for_migrate(path) {
        Ok(config) => config,
        Err(error) => return report(&error, exit::CONFIG),
    };
    if let Err(error) = refuse_root(config.environment) {
        return report(error.as_ref(), exit::CONFIG);
    }
    if let Err(error) = telemetry::install_logs(&config.log) {
        return report(error.as_ref(), exit::FAILURE);
    }
    let production = config.environment.is_production();
    let result =
        runtime().and_then(|runtime| runtime.block_on(gate::migrate(&config.database, production, migrations)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = chain(error.as_ref()), "migration failed");
            ExitCode::from(exit::FAILURE)
        }
    }
}

fn check_config<C: ServiceConfig>(path: &Path) -> ExitCode {
    match config::load::<C>(path) {
        Ok(config) => {
            let common = config.common();
            if let Err(error) = refuse_root(common.environment) {
                return report(error.as_ref(), exit::CONFIG);
            }
            let tls = Tls::load(common.tls, Uses::ServerAndClient, common.environment.is_production());
            for reason in tls.map(|tls| tls.left_out()).unwrap_or_default() {
                let _ = writeln!(std::io::stderr(), "warning: not used: {reason}");
            }
            // A closed standard output is no reason to fail.
            let _ = writeln!(std::io::stdout(), "{} is fine", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => report(&error, exit::CONFIG),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, BoxError> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// A build that shows what bounds or wiping are for is no build to use.
fn refuse_control(environment: Environment) -> Result<(), BoxError> {
    if environment.is_production() && !(rpc::bound::IS_BOUNDED && secret::SCRUBS) {
        return Err("refusing to run a build of tests with environment = \"production\"".into());
    }
    Ok(())
}

fn refuse_root(environment: Environment) -> Result<(), BoxError> {
    if environment.is_production() && secret::runs_as_root() {
        return Err("refusing to run as root with environment = \"production\"".into());
    }
    Ok(())
}

/// Before logging is set up there is only standard error.
fn report(error: &(dyn std::error::Error + 'static), status: u8) -> ExitCode {
    // Nothing is left to tell it to if standard error is closed.
    let _ = writeln!(std::io::stderr(), "error: {}", chain(error));
    ExitCode::from(status)
}

#[cfg(test)]
mod tests;
