//! Holds the formats against implementations in Python that share no code with ours, over the published vectors, the
//! verifier of logs over random ones, TLS against OpenSSL, and the page on connecting against clients of three makers.

use std::path::{Path, PathBuf};
use std::process::Command;

use stack::binaries::repository;

use crate::outcome::{Failure, Outcome};
use crate::{command, screen, system};

/// Each check: its program below `tests/interop/python`, and its arguments.
const CHECKS: [(&str, &[&str]); 3] =
    [("envelope_check.py", &[]), ("rows_check.py", &[]), ("audit_verify.py", &["--vectors"])];

/// gRPC of Node, in a directory of its own beside the other tools.
const GRPC_JS: &str = "@grpc/grpc-js@1.14.7";

/// All checks.
pub(crate) fn run() -> Outcome {
    let python = system::tool("python")?;
    let directory = repository().join("tests/interop/python");
    for (program, arguments) in CHECKS {
        check(Command::new(&python).current_dir(&directory).arg(program).args(arguments), program)?;
    }
    let test = ["test", "--quiet", "--locked", "-p", "strongroom-tlog", "--test", "behaviour", "random_logs"];
    command::output(command::cargo().args(test))?;
    let logs = system::target_directory().join("tmp/random_logs.json");
    check(Command::new(&python).current_dir(&directory).args(["audit_verify.py", "--logs"]).arg(logs), "random logs")?;
    let test = ["test", "--quiet", "--locked", "-p", "strongroom-rpc", "--test", "rpc", "openssl::", "--", "--ignored"];
    check(command::cargo().args(test).env("STRONGROOM_NODE", system::tool("node")?), "OpenSSL's TLS")?;
    let test = ["test", "--quiet", "--locked", "-p", "strongroom-tests", "--test", "system", "connecting::"];
    let tools = clients()?;
    check(command::cargo().args(test).args(["--", "--ignored"]).env("STRONGROOM_TOOLS", tools), "docs/connecting.md")
}

/// The directory of the tools, with the clients of gRPC in it.
fn clients() -> Result<PathBuf, Failure> {
    let npm = system::tool("npm")?;
    let tools = system::tools_directory();
    let home = tools.join("grpc-js");
    let stamp = home.join("installed.txt");
    if !std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == GRPC_JS) {
        std::fs::create_dir_all(&home)?;
        // npm is a script of Node's, which it looks for on PATH.
        let mut path = npm.parent().map(Path::to_owned).unwrap_or_default().into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut install = Command::new(npm);
        install.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&home).arg(GRPC_JS);
        command::output(install.env("PATH", path))?;
        std::fs::write(stamp, GRPC_JS)?;
    }
    Ok(tools)
}

fn check(command: &mut Command, what: &str) -> Outcome {
    let said = command::output(command)?;
    screen::good(format_args!("{what}: {}", said.trim().lines().last().unwrap_or("agrees")));
    Ok(())
}
