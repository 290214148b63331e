//! The main job from end to end.

use std::path::PathBuf;

use clap::Args;

use crate::Outcome;

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// JSON objects, one a line, instead of generated patients
    #[arg(long)]
    input: Option<PathBuf>,
}

/// Runs it.
pub(crate) fn run(_arguments: &Demo) -> Outcome {
    Ok(())
}
