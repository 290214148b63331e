//! Runs the targets in `fuzz/`: what our own parsers make of any bytes is held against what prost makes of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use stack::binaries::repository;

use crate::outcome::Outcome;
use crate::{command, screen, system};

/// Seconds for each target: together a minute.
const SECONDS: u32 = 15;
/// Seconds that one input may take; all of them take microseconds.
const TIMEOUT: u32 = 5;

#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// Only these targets
    targets: Vec<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = SECONDS)]
    seconds: u32,
}

/// All targets, for as long as CI has.
pub(crate) fn run_all() -> Outcome {
    run(&Fuzz { targets: Vec::new(), seconds: SECONDS })
}

/// Runs the targets one after the other, from their seeds and from what earlier runs on this machine have found.
pub(crate) fn run(fuzz: &Fuzz) -> Outcome {
    let program = system::cargo_fuzz()?;
    let listed = command::output(&mut cargo_fuzz(&program, "list"))?;
    let targets: Vec<&str> = listed.lines().filter(|target| is_wanted(target, &fuzz.targets)).collect();
    if let Some(unknown) = fuzz.targets.iter().find(|wanted| !targets.contains(&wanted.as_str())) {
        return Err(format!("there is no target {unknown} in fuzz/: {}", listed.trim().replace('\n', ", ")).into());
    }
    // cargo-fuzz itself would change the lock file where it is not up to date.
    command::run(command::cargo().args(["fetch", "--quiet", "--locked", "--manifest-path", "fuzz/Cargo.toml"]))?;
    // Without a sanitizer no flag is needed that only a nightly compiler has, and `api` has no unsafe code.
    command::run(cargo_fuzz(&program, "build").args(["--sanitizer", "none"]))?;
    for target in targets {
        let seeds = repository().join("fuzz/corpus").join(target);
        let found = target_directory().join("corpus").join(target);
        std::fs::create_dir_all(&found)?;
        let mut run = cargo_fuzz(&program, "run");
        run.args(["--sanitizer", "none", target]).args([&found, &seeds]).arg("--");
        run.args([format!("-max_total_time={}", fuzz.seconds), format!("-timeout={TIMEOUT}")]);
        let (_nothing, said) = command::outputs(&mut run)?;
        screen::good(format_args!("{target}: {}", summary(&said)));
    }
    Ok(())
}

fn is_wanted(target: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == target)
}

/// How many inputs there were, from what libFuzzer says at the end.
fn summary(said: &str) -> &str {
    said.lines().rev().find(|line| line.starts_with("Done ")).unwrap_or("done")
}

fn cargo_fuzz(program: &Path, subcommand: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repository()).arg(subcommand).env("CARGO_TARGET_DIR", target_directory());
    command
}

/// Apart from everything else: what is built here has other flags.
fn target_directory() -> PathBuf {
    system::target_directory().join("fuzz")
}
