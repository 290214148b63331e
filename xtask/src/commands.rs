//! The commands, and what each of them runs.

use clap::{Parser, Subcommand};

use crate::outcome::Outcome;
use crate::{ci, demo, deploy, deps, fuzz, interop, lints, migrations, proto, setup, structure, up};

/// Strongroom's developer commands.
#[derive(Debug, Parser)]
#[command(name = "./dev", bin_name = "./dev", arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a private PostgreSQL and the three services, and print how to call them
    Up(up::Up),
    /// End exactly what `up` started
    Down,
    /// Print what a shell exports to call the running stack: `eval "$(./dev env)"`
    Env,
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
    /// Print the files of each crate with their lines and arrows; fail on circles and forbidden arrows
    Structure {
        /// Print the crates alone whose path contains this
        only: Option<String>,
    },
    /// Check the migrations and the golden schemas
    Migrations {
        /// Record the migrations that have landed: from then on they cannot change
        #[arg(long)]
        freeze: bool,
    },
    /// Check the image, Compose and the manifests of Kubernetes
    Deploy(deploy::Deploy),
    /// Check licences, bans and sources of dependencies
    Deps,
    /// Check the API's definitions
    Proto,
    /// Check formats and TLS with independent implementations
    Interop,
    /// Give the parsers of what peers send bytes that nobody thought of
    Fuzz(fuzz::Fuzz),
    /// Install what is missing, such as PostgreSQL
    Setup,
}

impl Command {
    /// Does it.
    pub(crate) fn run(self) -> Outcome {
        match self {
            Self::Up(up) => up::up(&up),
            Self::Down => up::down(),
            Self::Env => up::env(),
            Self::Cert(cert) => up::cert(&cert),
            Self::Demo(demo) => demo::run(&demo),
            Self::Test { arguments } => ci::test(&arguments),
            Self::Bench { arguments } => ci::bench(&arguments),
            Self::Ci => ci::run(),
            Self::Lints => lints::run(),
            Self::Structure { only } => structure::run(only.as_deref()),
            Self::Migrations { freeze } => migrations::run(freeze),
            Self::Deploy(deploy) => deploy::run(&deploy),
            Self::Deps => deps::run(),
            Self::Proto => proto::run(),
            Self::Interop => interop::run(),
            Self::Fuzz(fuzz) => fuzz::run(&fuzz),
            Self::Setup => setup::run(),
        }
    }
}
