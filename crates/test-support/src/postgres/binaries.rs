//! Finds PostgreSQL's programs and the account that runs them.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use super::error::{Error, file_error};

/// Superuser of every cluster, and who runs its server where this process is root.
pub const SUPERUSER: &str = "postgres";
/// Oldest major version that is supported.
const OLDEST: u32 = 15;
/// Where Debian and its descendants keep the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A directory with PostgreSQL's programs, and who runs them.
#[derive(Clone, Debug)]
pub struct Binaries {
    directory: PathBuf,
    version: u32,
    account: Option<(u32, u32)>,
}

impl Binaries {
    /// The newest version, at least 15, on PATH or in `/usr/lib/postgresql/*/bin`.
    pub fn find() -> Result<Self, Error> {
        let path = env::var_os("PATH").unwrap_or_default();
        let debian = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
        let (version, directory) = env::split_paths(&path)
            .chain(debian)
            .filter_map(|directory| Some((version_of(&directory)?, directory)))
            .filter(|(version, _)| *version >= OLDEST)
            .max_by_key(|(version, _)| *version)
            .ok_or(Error::NotInstalled)?;
        Ok(Self { directory, version, account: account()? })
    }

    /// Path of one program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Major version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// User and group that run the server where this process is root; PostgreSQL refuses to run as root.
    pub fn account(&self) -> Option<(u32, u32)> {
        self.account
    }

    /// A command that runs as that account.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.account {
            // Leaves root's supplementary groups, too: std does so when a user is set.
            command.uid(user).gid(group);
        }
        // The server's messages are read by machines here.
        command.env("LC_ALL", "C").current_dir("/");
        command
    }
}

/// Where `PgBouncer` is: on PATH, or where Debian keeps it, which is not on everybody's.
pub fn find_pgbouncer() -> Result<PathBuf, Error> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut all = env::split_paths(&path).chain(["/usr/sbin".into()]).map(|directory| directory.join("pgbouncer"));
    all.find(|program| program.is_file()).ok_or(Error::NoPooler)
}

/// Runs a program to its end and returns what it printed.
pub(super) fn run(command: &mut Command) -> Result<String, Error> {
    let line = printable(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::Program { command: line.clone(), output: error.to_string() })?;
    let printed: Vec<u8> = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap_or_else(|_| "output is not UTF-8".to_owned());
    if output.status.success() { Ok(printed) } else { Err(Error::Program { command: line, output: printed }) }
}

/// The command line, to be run by hand.
pub(super) fn printable(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn version_of(directory: &Path) -> Option<u32> {
    if !directory.join("initdb").is_file() || !directory.join("pg_ctl").is_file() {
        return None;
    }
    let output = Command::new(directory.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // "postgres (PostgreSQL) 15.18 (Debian …)"
    let version = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    version.split('.').next()?.parse().ok()
}

fn account() -> Result<Option<(u32, u32)>, Error> {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !root {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(file_error(Path::new("/etc/passwd")))?;
    let ids = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(SUPERUSER)).then_some(())?;
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some((user, group))
    });
    ids.map(Some).ok_or(Error::NoAccount)
}
