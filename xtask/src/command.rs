//! Runs programs: with their output shown, or with their output taken.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use stack::binaries::repository;

/// Why a program did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// It could not be started.
    #[error("cannot run {program}")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It ended with a failure.
    #[error("{program} failed ({status}){output}")]
    Failed {
        /// The command line.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote, if that was taken.
        output: String,
    },
}

/// Runs a program, its output shown.
pub(crate) fn run(command: &mut Command) -> Result<(), CommandError> {
    let program = line(command);
    let status = command.status().map_err(|source| CommandError::Spawn { program: program.clone(), source })?;
    if status.success() { Ok(()) } else { Err(CommandError::Failed { program, status, output: String::new() }) }
}

/// Runs a program and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, CommandError> {
    Ok(outputs(command)?.0)
}

/// Runs a program and returns what it wrote to standard output and to standard error.
pub(crate) fn outputs(command: &mut Command) -> Result<(String, String), CommandError> {
    let program = line(command);
    let output = command.output().map_err(|source| CommandError::Spawn { program: program.clone(), source })?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|_error| "(not UTF-8)".to_owned());
    if output.status.success() {
        return Ok((text(output.stdout), text(output.stderr)));
    }
    let written = format!("\n{}{}", text(output.stdout), text(output.stderr));
    Err(CommandError::Failed { program, status: output.status, output: written })
}

/// cargo, the one that runs this program or the one on PATH, in the root of the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository());
    command
}

/// Where a program is on PATH.
pub(crate) fn find(program: impl AsRef<Path>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(&program)).find(|candidate| candidate.is_file())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
