//! Lints the API's definitions with buf.

use std::process::Command;

use stack::binaries::repository;

use crate::outcome::Outcome;
use crate::{command, screen, system};

/// `buf lint` of proto/, with the rules in proto/buf.yaml.
pub(crate) fn run() -> Outcome {
    let buf = system::tool("buf")?;
    command::run(Command::new(buf).arg("lint").current_dir(repository().join("proto")))?;
    screen::good("buf lint: STANDARD and COMMENTS");
    Ok(())
}
