//! `key-service restored`: the step of a restore that belongs to the key database, before any key-service is started on it.
//! docs/runbooks/keys.md has all steps in their order.
//!
//! Exit status: 0 done, 1 not done.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use audit::{Outbox, OutboxKey, OutboxKeySlot};
use clap::{Arg, ArgMatches, Command, value_parser};
use clock::{SharedClock, SystemClock};
use db::Db;
use service::config::ServiceConfig as _;
use service::{BoxError, exit};

use crate::MIGRATIONS;
use crate::config::Config;
use crate::restored::{DEFAULT_SKIPPED, set_floors};
use crate::store::Store;
use crate::unseal::open;

/// The subcommand, for `service::Program`.
pub fn command() -> Command {
    let skipped = "Numbers to pass over for each key: more than the versions that were made since the backup";
    Command::new("restored")
        .about("After a restore of the key database: no number of a version is given twice")
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .required(true)
                .help("The service's configuration"),
        )
        .arg(
            Arg::new("skip")
                .long("skip")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=1_000_000))
                .help(format!("{skipped}; {DEFAULT_SKIPPED} if not given")),
        )
}

/// Runs the subcommand.
pub fn run(arguments: &ArgMatches) -> ExitCode {
    let Some(path) = arguments.get_one::<PathBuf>("config") else { return ExitCode::from(exit::USAGE) };
    let skipped = arguments.get_one::<u32>("skip").copied().unwrap_or(DEFAULT_SKIPPED);
    let config = match service::config::load::<Config>(path) {
        Ok(config) => config,
        Err(error) => return failed(&error, exit::CONFIG),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error, exit::FAILURE),
    };
    match runtime.block_on(restored(&config, skipped)) {
        Ok(keys) => {
            // A closed standard output is no reason to fail.
            let _closed = writeln!(
                std::io::stdout(),
                "{keys} keys: the next version of each has a number at least {skipped} beyond its newest. Start the \
                 key-services, then run audit-service advance --all"
            );
            ExitCode::SUCCESS
        }
        Err(error) => failed(error.as_ref(), exit::FAILURE),
    }
}

fn failed(error: &(dyn std::error::Error + 'static), status: u8) -> ExitCode {
    // A closed standard error leaves the exit status.
    let _closed = writeln!(std::io::stderr(), "error: {}", service::chain(error));
    ExitCode::from(status)
}

async fn restored(config: &Config, skipped: u32) -> Result<u64, BoxError> {
    let common = config.common();
    let db = Db::connect(common.database, common.environment.is_production())?;
    db::check_version(&db, MIGRATIONS).await?;
    let seal = config.seal();
    let opened = open(&db, &seal).await?.ok_or("the database has no root key: nothing was restored")?;
    let clock: SharedClock = Arc::new(SystemClock);
    let key = OutboxKeySlot::filled(OutboxKey::new(&opened.root.outbox_key()?));
    let outbox = Outbox::new(db.clone(), key, Arc::clone(&clock), &config.outbox);
    let store = Store::new(db, opened.root.row_keys()?);
    Ok(set_floors(&store, &outbox, &clock, skipped).await?)
}
