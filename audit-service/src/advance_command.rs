//! `audit-service advance`: after a restore of the key database, brings the signer forward to what it had known.
//!
//! ```text
//!  logs.snapshot ─ what the signer had known, under its MAC        ListHeads ─ what it knows now
//!  entries in between ─ leaves ─ subtree roots: the proof ─▶ AdvanceHead ─ the signer appends them, and checks both
//! ```
//!
//! Exit status: 0 all logs stand where they stood, 1 the signer refused one or has another history of it, 2 one could not be
//! brought forward.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use db::Db;
use names::LogName;
use rpc::{Channel, StatusDetails, Tls, TlsConfig};
use service::config::ServiceConfig as _;
use service::{BoxError, exit};
use tlog::snapshot::{Snapshot, SnapshotError};
use tlog::{Hash, genesis};
use tonic::Code;

use crate::config::Config;
use crate::signer::client::SignerClient;
use crate::signer::{KnownLogs, SignerError, all_heads};
use crate::store::{StoreError, logs};
use tlog::hash::from_hex;

mod proof;

use proof::{ProofError, head_at, proof};

/// Exit statuses of the subcommand.
mod status {
    pub(super) const REFUSED: u8 = 1;
    pub(super) const FAILED: u8 = 2;
}

/// The subcommand, for `service::Program`.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let file = |name: &'static str| text(name, "FILE").value_parser(value_parser!(PathBuf));
    Command::new("advance")
        .about("Bring a restored signer forward: status 0 done, 1 refused, 2 not possible")
        .arg(file("config").required(true).help("The service's configuration"))
        .arg(file("cert").requires("key").help("The operator's certificate; otherwise the service's own"))
        .arg(file("key").requires("cert").help("Its private key"))
        .arg(text("log", "NAME").help("This log, logs/{log}"))
        .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("Every log"))
        .group(ArgGroup::new("which").args(["log", "all"]).required(true))
        .arg(text("expected-size", "N").requires_all(["expected-head", "log"]).value_parser(value_parser!(u64)).help(
            "In place of a proof, where entries or the snapshot's key are lost: a size kept outside. Leaves an alarm",
        ))
        .arg(text("expected-head", "HEX").requires("expected-size").help("The head at that size"))
        .arg(text("on-behalf-of", "WHO").help("For whom this is done: a user's name or an id"))
}

/// Runs the subcommand.
pub fn run(arguments: &ArgMatches) -> ExitCode {
    let asked = match Asked::parse(arguments) {
        Ok(asked) => asked,
        Err(problem) => return failed(&problem, exit::USAGE),
    };
    let config = match service::config::load::<Config>(&asked.config) {
        Ok(config) => config,
        Err(error) => return failed(&service::chain(&error), exit::CONFIG),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&service::chain(&error), status::FAILED),
    };
    match runtime.block_on(advance(&config, &asked)) {
        Ok(status) => ExitCode::from(status),
        Err(error) => failed(&service::chain(error.as_ref()), status::FAILED),
    }
}

fn failed(problem: &str, status: u8) -> ExitCode {
    // A closed standard error leaves the exit status.
    let _closed = writeln!(std::io::stderr(), "error: {problem}");
    ExitCode::from(status)
}

/// What the command line asks for.
#[derive(Debug)]
struct Asked {
    config: PathBuf,
    /// Certificate and key of the operator.
    identity: Option<(PathBuf, PathBuf)>,
    /// `None`: every log.
    log: Option<LogName>,
    /// Size and head that were kept outside.
    expectation: Option<(u64, Hash)>,
    on_behalf_of: String,
}

impl Asked {
    fn parse(arguments: &ArgMatches) -> Result<Self, String> {
        let text = |name| arguments.get_one::<String>(name).cloned();
        let file = |name| arguments.get_one::<PathBuf>(name).cloned();
        let log = text("log").map(|log| log.parse::<LogName>()).transpose();
        let head = text("expected-head").map(|hex| from_hex(&hex).ok_or("--expected-head: must be 64 hex digits"));
        Ok(Self {
            config: file("config").ok_or("--config: is required")?,
            identity: file("cert").zip(file("key")),
            log: log.map_err(|error| format!("--log: {error}"))?,
            expectation: arguments.get_one::<u64>("expected-size").copied().zip(head.transpose()?),
            on_behalf_of: text("on-behalf-of").unwrap_or_default(),
        })
    }
}

/// Why a log was not brought forward.
#[derive(Debug, thiserror::Error)]
enum AdvanceError {
    #[error("the audit database has no such log")]
    NoLog,
    #[error("the audit database has no snapshot of the log: nothing says what the signer had known")]
    NoSnapshot,
    #[error("the snapshot in the audit database cannot be used")]
    Snapshot(#[from] SnapshotError),
    #[error("the proof could not be made")]
    Proof(#[from] ProofError),
    #[error("the audit database failed")]
    Store(#[from] StoreError),
    #[error("the signer refused: {0}")]
    Refused(String),
    #[error("FORKED: the audit database holds another history than the signer, which has {0} entries")]
    Forked(u64),
    #[error(
        "the signer cannot use what it keeps of the log, or one of its processes has seen more: restart all key-services; if it          stays so, restore the key database"
    )]
    Unusable,
    #[error("the processes of the signer do not say the same: restart all key-services, and run this again: {0}")]
    Beginning(String),
    #[error("the signer does not answer")]
    Signer(#[from] SignerError),
}

/// What was done about a log.
enum Done {
    /// It was brought from one size to another.
    Advanced(u64, u64),
    /// The signer stands there already, or further.
    Nothing(u64),
}

async fn advance(config: &Config, asked: &Asked) -> Result<u8, BoxError> {
    let db = Db::connect(&config.database, config.common().environment.is_production())?;
    let mut tls = config.tls.clone();
    if let Some((cert, key)) = &asked.identity {
        tls = TlsConfig { cert: cert.clone(), key: key.clone(), ..tls };
    }
    let signer = SignerClient::new(Channel::new(
        &config.signer,
        Tls::load(&tls, rpc::Uses::Client, config.common().environment.is_production())?,
    )?);
    let known = all_heads(&signer).await?;
    let logs = match &asked.log {
        Some(log) => vec![log.clone()],
        None => names(&db).await?,
    };
    let mut worst = 0;
    for log in logs {
        let (line, status) = match (Advancing { db: &db, signer: &signer, asked, known: &known }).log(&log).await {
            Ok(Done::Advanced(from, to)) => (format!("{log}: brought forward from {from} to {to} entries"), 0),
            Ok(Done::Nothing(size)) => (format!("{log}: the signer has {size} entries, nothing to do"), 0),
            Err(error @ (AdvanceError::Refused(_) | AdvanceError::Forked(_))) => {
                (format!("{log}: {}", service::chain(&error)), status::REFUSED)
            }
            Err(error) => (format!("{log}: {}", service::chain(&error)), status::FAILED),
        };
        worst = if worst == status::REFUSED || status == status::REFUSED { status::REFUSED } else { worst.max(status) };
        writeln!(std::io::stdout(), "{line}")?;
    }
    Ok(worst)
}

/// All logs of the audit database whose names are such.
async fn names(db: &Db) -> Result<Vec<LogName>, StoreError> {
    let rows = logs::log_names(db).await?;
    Ok(rows.into_iter().filter_map(|(_, name)| name.parse().ok()).collect())
}

struct Advancing<'a> {
    db: &'a Db,
    signer: &'a SignerClient,
    asked: &'a Asked,
    known: &'a KnownLogs,
}

impl Advancing<'_> {
    async fn log(&self, log: &LogName) -> Result<Done, AdvanceError> {
        let id = tlog::log_id(log);
        if self.known.unusable.contains(log) {
            return Err(AdvanceError::Unusable);
        }
        let known = self.known.heads.iter().find(|head| head.log == *log);
        let stored = logs::log_snapshot_fetch(self.db, id).await?;
        let sealed = stored.ok_or(AdvanceError::NoLog)?.ok_or(AdvanceError::NoSnapshot)?;
        let snapshot = Snapshot::peek(&sealed)?;
        let (from, to) = (known.map_or(0, |head| head.size), snapshot.size());
        let own = known.map_or_else(|| genesis(log), |head| head.head);
        // A proof says the same of what it leads to; the signer keeps an alarm where it does not hold.
        let proven = from < to && self.asked.expectation.is_none();
        let there = match from {
            0 => None,
            _ if proven => None,
            _ if from == to => Some(snapshot.head),
            _ => head_at(self.db, id, from).await?,
        };
        if there.is_some_and(|head| head != own) {
            return Err(AdvanceError::Forked(from));
        }
        if from >= to {
            return Ok(Done::Nothing(from));
        }
        let mut request = api::key::v1::AdvanceHeadRequest {
            log: log.to_string(),
            snapshot: sealed,
            on_behalf_of: self.asked.on_behalf_of.clone(),
            from_size: Some(from),
            ..Default::default()
        };
        if let Some((size, head)) = self.asked.expectation {
            request.expected_size = Some(size);
            request.expected_head = head.to_vec();
        } else {
            let hashes = proof(self.db, id, from, to).await?;
            request.consistency_proof = hashes.iter().map(|hash| hash.to_vec()).collect();
        }
        match self.signer.advance_head(request).await {
            Ok(()) => Ok(Done::Advanced(from, to)),
            Err(status) if matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled) => {
                Err(SignerError::Unavailable(Box::new(status)).into())
            }
            Err(status) if StatusDetails::of(&status).reason == "OTHER_BEGINNING" => {
                Err(AdvanceError::Beginning(status.message().to_owned()))
            }
            Err(status) if status.code() == Code::PermissionDenied => {
                Err(AdvanceError::Refused(format!("{}: give --cert and --key of an operator", status.message())))
            }
            Err(status) => Err(AdvanceError::Refused(status.message().to_owned())),
        }
    }
}
