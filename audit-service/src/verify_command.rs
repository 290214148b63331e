//! `audit-service verify`: verifies logs without a running audit-service, against the signer, in this database or in a
//! copy of it, and says everything that it found.
//!
//! Exit status: 0 all intact, 1 something was tampered with, 2 nothing was found but not all could be checked, the signer keeps
//! alarms, or there is no such log.
//!
//! # Layout
//! - `print`: the report for people and for machines
//! - `results`: what was found, log by log

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use db::Db;
use names::LogName;
use rpc::{Channel, Tls};
use service::config::ServiceConfig as _;
use service::{BoxError, exit};
use tlog::hash::from_hex;
use tlog::verify::Expectation;

use crate::config::Config;
use crate::signer::client::SignerClient;
use crate::verify::{Known, Survey, Verification, survey};

mod print;
mod results;

use results::{Outcome, Results};

/// Exit statuses of the subcommand.
mod status {
    use tlog::verify::Verdict;

    pub(super) const INCOMPLETE: u8 = 2;

    pub(super) fn of(verdict: Verdict) -> u8 {
        match verdict {
            Verdict::Intact => 0,
            Verdict::Tampered => 1,
            Verdict::Incomplete | Verdict::IntactWithAlarms => INCOMPLETE,
        }
    }
}

/// The subcommand, for `service::Program`.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    Command::new("verify")
        .about("Verify logs against the signer: status 0 intact, 1 tampered, 2 incomplete")
        .arg(
            text("config", "FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The service's configuration"),
        )
        .arg(text("database", "NAME").help("Another database of the same server, such as a restored copy"))
        .arg(text("log", "NAME").help("Only this log, logs/{log}; otherwise all"))
        .arg(
            text("expected-size", "N")
                .requires_all(["expected-head", "log"])
                .value_parser(value_parser!(u64))
                .help("A size kept from an earlier verification"),
        )
        .arg(text("expected-head", "HEX").requires("expected-size").help("The head at that size"))
        .arg(
            text("since", "SIZE:HEAD")
                .requires("log")
                .help("A size and head that are trusted: only what follows is verified"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON"))
}

/// Runs the subcommand.
pub fn run(arguments: &ArgMatches) -> ExitCode {
    let asked = match Asked::parse(arguments) {
        Ok(asked) => asked,
        Err(problem) => {
            print::error(&problem);
            return ExitCode::from(exit::USAGE);
        }
    };
    let Some(path) = arguments.get_one::<PathBuf>("config") else { return ExitCode::from(exit::USAGE) };
    let config = match service::config::load::<Config>(path) {
        Ok(config) => config,
        Err(error) => {
            print::error(&service::chain(&error));
            return ExitCode::from(exit::CONFIG);
        }
    };
    let json = asked.json;
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => match runtime.block_on(verify(&config, asked)) {
            Ok(results) => {
                print::results(&results, json);
                ExitCode::from(status::of(results.verdict()))
            }
            Err(error) => {
                print::error(&service::chain(error.as_ref()));
                ExitCode::from(status::INCOMPLETE)
            }
        },
        Err(error) => {
            print::error(&service::chain(&error));
            ExitCode::from(status::INCOMPLETE)
        }
    }
}

/// What the command line asks for.
#[derive(Debug)]
struct Asked {
    database: Option<String>,
    log: Option<LogName>,
    known: Known,
    json: bool,
}

impl Asked {
    fn parse(arguments: &ArgMatches) -> Result<Self, String> {
        let text = |name| arguments.get_one::<String>(name).cloned();
        let log = text("log").map(|log| log.parse::<LogName>()).transpose();
        let log = log.map_err(|error| format!("--log: {error}"))?;
        let head = text("expected-head").map(|hex| from_hex(&hex).ok_or("--expected-head: must be 64 hex digits"));
        let size = arguments.get_one::<u64>("expected-size").copied();
        let expectation = match (size, head.transpose()?) {
            (Some(size), Some(head)) => Some(Expectation { size, head }),
            _ => None,
        };
        let since =
            text("since").map(|since| start(&since).ok_or("--since: must be a size and 64 hex digits, as in 12:5f3c…"));
        let known = Known { expectation, since: since.transpose()? };
        Ok(Self { database: text("database"), log, known, json: arguments.get_flag("json") })
    }
}

/// A size and a head as `--since` has them.
fn start(text: &str) -> Option<Expectation> {
    let (size, head) = text.split_once(':')?;
    Some(Expectation { size: size.parse().ok()?, head: from_hex(head)? })
}

async fn verify(config: &Config, asked: Asked) -> Result<Results, BoxError> {
    let mut database = config.database.clone();
    if let Some(name) = asked.database {
        database.name = name;
    }
    let db = Db::connect(&database, config.common().environment.is_production())?;
    let tls = Tls::load(&config.tls, rpc::Uses::Client, config.common().environment.is_production())?;
    let signer = Arc::new(SignerClient::new(Channel::new(&config.signer, tls)?));
    let verification = Verification { db: db.clone(), signer: signer.clone() };
    let Survey { logs, strays, complete } = match asked.log {
        Some(log) if !verification.exists(&log).await? => {
            return Err(format!("no such log: neither the signer nor database {} knows {log}", database.name).into());
        }
        Some(log) => Survey { logs: vec![log], strays: Vec::new(), complete: true },
        None => survey(&db, signer.as_ref()).await?,
    };
    let mut outcomes = Vec::with_capacity(logs.len());
    for log in logs {
        let report = verification.verify(&log, asked.known, Arc::new(|_progress| {})).await;
        let report = report.map_err(|error| service::chain(&error));
        outcomes.push(Outcome { log, report });
    }
    Ok(Results { database: database.name, outcomes, strays, complete })
}
