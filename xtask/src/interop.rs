//! Holds the formats against implementations in Python that share no code with ours, over the published vectors.

use std::process::Command;

use crate::{Outcome, command, screen, system};

/// Each check: its program below `tests/interop/python`, and its arguments.
const CHECKS: [(&str, &[&str]); 3] =
    [("envelope_check.py", &[]), ("rows_check.py", &[]), ("audit_verify.py", &["--vectors"])];

/// All checks.
pub(crate) fn run() -> Outcome {
    let python = system::tool("python")?;
    let directory = crate::root().join("tests/interop/python");
    for (program, arguments) in CHECKS {
        let said = command::output(Command::new(&python).current_dir(&directory).arg(program).args(arguments))?;
        screen::good(format_args!("{program}: {}", said.trim().lines().last().unwrap_or("agrees")));
    }
    Ok(())
}
