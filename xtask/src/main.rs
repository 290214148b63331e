//! Every developer command behind `./dev`.
//!
//! # Layout
//! - `up`: the development stack: up, down, cert
//! - `demo`: the main job from end to end, with tampering being found
//! - `ci`: what CI runs, one step after the other
//! - `lints`: rules of this repository that no other tool knows
//! - `migrations`: names, numbers, frozen files, golden schemas
//! - `deps`: what may enter the dependency graph, by deny.toml
//! - `interop`: formats held against implementations that share no code with ours
//! - `proto`: buf lint
//! - `system`: programs that are installed where that is allowed, and named where not
//! - `screen`: what is printed, and in which colours
//! - `command`: runs programs

mod ci;
mod command;
mod demo;
mod deps;
mod interop;
mod lints;
mod migrations;
mod proto;
mod screen;
mod system;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a command ends with; the message is for a person.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Strongroom's developer commands.
#[derive(Debug, Parser)]
#[command(name = "./dev", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a private PostgreSQL and the three services, and print how to call them
    Up(up::Up),
    /// End exactly what `up` started
    Down,
    /// Make a further identity, bound to a role
    Cert(up::Cert),
    /// Do the main job from end to end and show tampering being found
    Demo(demo::Demo),
    /// Run the tests; arguments go to `cargo test`
    Test {
        /// Passed on to `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure, each figure next to its floor
    Bench {
        /// Passed on to the benchmarks: names, `--json FILE`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run what CI runs
    Ci,
    /// Check the rules of this repository
    Lints,
    /// Check the migrations and the golden schemas
    Migrations {
        /// Record the migrations that have landed: from then on they cannot change
        #[arg(long)]
        freeze: bool,
    },
    /// Check licences, bans and sources of dependencies
    Deps,
    /// Check the API's definitions
    Proto,
    /// Check the published vectors with independent implementations
    Interop,
    /// Install what is missing, such as PostgreSQL
    Setup,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Up(up) => up::up(&up),
        Command::Down => up::down(),
        Command::Cert(cert) => up::cert(&cert),
        Command::Demo(demo) => demo::run(&demo),
        Command::Test { arguments } => ci::test(&arguments),
        Command::Bench { arguments } => ci::bench(&arguments),
        Command::Ci => ci::run(),
        Command::Lints => lints::run(),
        Command::Migrations { freeze } => migrations::run(freeze),
        Command::Deps => deps::run(),
        Command::Proto => proto::run(),
        Command::Interop => interop::run(),
        Command::Setup => system::install_all(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    stack::binaries::repository().to_owned()
}

/// A runtime for the commands that talk to the stack.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, std::io::Error> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work))
}
