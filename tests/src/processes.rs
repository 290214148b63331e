//! Processes by pid and start time: a pid alone may belong to someone else by now, so nothing is signalled by pid only.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Pause between two looks at a process.
const POLL: Duration = Duration::from_millis(5);

/// A process that cannot be taken for another one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProcessId {
    /// The pid.
    pub pid: u32,
    /// When it started, in clock ticks since the machine started.
    pub started: u64,
}

impl ProcessId {
    /// The process that has `pid` now.
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self { pid, started: stat(pid)?.started })
    }

    /// Whether it runs; a zombie does not, once all its threads have ended: until then its files and ports stay open.
    pub fn is_alive(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.started == self.started && (stat.state != 'Z' || stat.threads > 1))
    }

    /// Memory that it holds, in bytes: as it counts against a container's limit, but for what the kernel holds for it.
    pub fn resident_bytes(self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: usize = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
        kib.checked_mul(1024)
    }

    /// Files that it has open, its connections among them.
    pub fn open_files(self) -> Option<usize> {
        Some(std::fs::read_dir(format!("/proc/{}/fd", self.pid)).ok()?.count())
    }

    /// Sends a signal if the process is still the same one. Whether it was sent.
    pub fn signal(self, signal: Signal) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        self.is_alive() && pid.is_some_and(|pid| kill_process(pid, signal).is_ok())
    }

    /// Asks with `signal`, waits for `patience`, then kills; returns when the process has ended.
    pub fn end(self, signal: Signal, patience: Duration) {
        self.signal(signal);
        if !self.wait(patience) {
            self.signal(Signal::KILL);
            self.wait(Duration::from_secs(10));
        }
    }

    /// Waits for the end. Whether it came in time.
    pub fn wait(self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            reap();
            if !self.is_alive() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(POLL);
        }
    }
}

struct Stat {
    state: char,
    threads: u64,
    started: u64,
}

/// Fields 3, 20 and 22 of `/proc/PID/stat`; the name before them may hold spaces and brackets.
fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let threads = fields.nth(16)?.parse().ok()?;
    Some(Stat { state, threads, started: fields.nth(1)?.parse().ok()? })
}

/// How long a process lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lifetime {
    /// Until it is ended, beyond the life of this process.
    Detached,
    /// It is killed by the kernel when this process ends, however that comes about.
    WithThisProcess,
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its path.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// File that gets what it writes, appended.
    pub log: PathBuf,
    /// Where it runs.
    pub directory: PathBuf,
    /// User to run as, where this process may choose.
    pub user: Option<&'static str>,
    /// How long it lives.
    pub lifetime: Lifetime,
}

impl Program {
    /// Starts it.
    pub fn start(&self) -> Result<ProcessId, Error> {
        let mut command = Command::new(if self.lifetime == Lifetime::Detached { "setsid" } else { "setpriv" });
        if self.lifetime == Lifetime::WithThisProcess {
            command.args(["--pdeathsig", "KILL"]);
            if let Some(user) = self.user {
                command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"]);
            }
        } else if let Some(user) = self.user {
            command.args(["setpriv", &format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"]);
        }
        let log = self.open_log()?;
        let errors = log.try_clone().map_err(|source| self.log_error(source))?;
        command
            .arg("--")
            .arg(&self.path)
            .args(&self.arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        let child = spawner(command).map_err(|source| Error::Spawn {
            program: self.path.display().to_string(),
            hint: "setsid and setpriv (util-linux) must be on PATH",
            source,
        })?;
        let id = ProcessId::of(child.id());
        children().insert(child.id(), child);
        id.ok_or_else(|| Error::Failed {
            program: self.path.display().to_string(),
            status: "ended at once".to_owned(),
            output: crate::files::tail(&self.log),
        })
    }

    fn open_log(&self) -> Result<std::fs::File, Error> {
        OpenOptions::new().create(true).append(true).open(&self.log).map_err(|source| self.log_error(source))
    }

    fn log_error(&self, source: std::io::Error) -> Error {
        Error::File { action: "open", path: self.log.clone(), source }
    }
}

/// Children of this process that have not been waited for.
fn children() -> std::sync::MutexGuard<'static, BTreeMap<u32, Child>> {
    static CHILDREN: Mutex<BTreeMap<u32, Child>> = Mutex::new(BTreeMap::new());
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the children that have ended, so that none stays a zombie.
fn reap() {
    children().retain(|_, child| !matches!(child.try_wait(), Ok(Some(_))));
}

/// The kernel's "parent died" signal goes by thread: all children are started by one thread that never ends.
fn spawner(command: Command) -> std::io::Result<Child> {
    type Job = (Command, SyncSender<std::io::Result<Child>>);
    static JOBS: OnceLock<SyncSender<Job>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (sender, receiver): (SyncSender<Job>, Receiver<Job>) = sync_channel(16);
        std::thread::spawn(move || {
            for (mut command, answer) in receiver {
                // Whoever asked is waiting; a lost answer means that it was cancelled.
                let _ = answer.send(command.spawn());
            }
        });
        sender
    });
    let (answer, result) = sync_channel(1);
    let gone = |_| std::io::Error::other("the thread that starts processes is gone");
    jobs.send((command, answer)).map_err(|error| gone(error.to_string()))?;
    result.recv().map_err(|error| gone(error.to_string()))?
}

/// Runs a program to its end and returns what it wrote to standard output.
pub fn run(program: &Path, arguments: &[&str], directory: &Path, user: Option<&'static str>) -> Result<String, Error> {
    let mut command = if let Some(user) = user {
        let mut command = Command::new("setpriv");
        command.args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let output = command.args(arguments).current_dir(directory).stdin(Stdio::null()).output().map_err(|source| {
        Error::Spawn { program: program.display().to_string(), hint: "it must be there and executable", source }
    })?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|_error| String::from("(not UTF-8)"));
    if output.status.success() {
        return Ok(text(output.stdout));
    }
    Err(Error::Failed {
        program: format!("{} {}", program.display(), arguments.join(" ")),
        status: output.status.to_string(),
        output: text(output.stdout) + &text(output.stderr),
    })
}

/// What tells one run of the machine from the next; none where the kernel does not say.
pub(crate) fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim_end().to_owned())
}

/// Whether this process may become another user.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(lifetime: Lifetime) -> ProcessId {
        Program {
            path: "sleep".into(),
            arguments: vec!["300".into()],
            log: "/dev/null".into(),
            directory: "/".into(),
            user: None,
            lifetime,
        }
        .start()
        .unwrap()
    }

    #[test]
    fn a_process_with_the_same_pid_but_another_start_is_not_signalled() {
        let process = sleeper(Lifetime::WithThisProcess);
        let other = ProcessId { started: process.started.wrapping_sub(1), ..process };
        assert!(!other.is_alive());
        assert!(!other.signal(Signal::KILL));
        assert!(process.is_alive());
        process.end(Signal::TERM, Duration::from_secs(5));
        assert!(!process.is_alive());
    }

    #[test]
    fn a_detached_process_is_ended_too() {
        let process = sleeper(Lifetime::Detached);
        assert!(process.is_alive());
        process.end(Signal::TERM, Duration::from_secs(5));
        assert!(!process.is_alive());
    }

    #[test]
    fn the_output_of_a_failed_program_is_in_its_error() {
        let error = run(Path::new("sh"), &["-c", "echo why >&2; exit 3"], Path::new("/"), None).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }
}
