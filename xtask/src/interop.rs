//! Holds the formats against implementations in Python that share no code with ours, over the published vectors, the
//! verifier of logs over random ones, and TLS against OpenSSL.

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
        check(Command::new(&python).current_dir(&directory).arg(program).args(arguments), program)?;
    }
    let test = ["test", "--quiet", "--locked", "-p", "strongroom-tlog", "--test", "behaviour", "random_logs"];
    command::output(command::cargo().args(test))?;
    let logs = system::target_directory().join("tmp/random_logs.json");
    check(Command::new(&python).current_dir(&directory).args(["audit_verify.py", "--logs"]).arg(logs), "random logs")?;
    let test = ["test", "--quiet", "--locked", "-p", "strongroom-rpc", "--test", "rpc", "openssl::", "--", "--ignored"];
    check(command::cargo().args(test).env("STRONGROOM_NODE", system::tool("node")?), "OpenSSL's TLS")
}

fn check(command: &mut Command, what: &str) -> Outcome {
    let said = command::output(command)?;
    screen::good(format_args!("{what}: {}", said.trim().lines().last().unwrap_or("agrees")));
    Ok(())
}
