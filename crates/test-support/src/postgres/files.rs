//! The cluster's directory: data, sockets, passwords, log and settings.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom as _, SystemRandom};

use super::binaries::{Binaries, SUPERUSER, run};
use super::error::{Error, file_error};

/// Longest path of a socket directory: a socket's own path must stay below 108 bytes.
const LONGEST_SOCKET_DIRECTORY: usize = 80;
/// How much of the log an error shows, in bytes.
const LOG_TAIL: u64 = 4096;

/// How a cluster is made and run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where it lives; None: a new directory among the temporary files.
    pub directory: Option<PathBuf>,
    /// Port on 127.0.0.1; None: a free one (a detached cluster that runs keeps its own).
    pub port: Option<u16>,
    /// Goes on without this process, until [`super::Cluster::stop`]; its directory is never removed.
    pub detached: bool,
    /// Server settings, over the defaults; e.g. `("shared_buffers", "512MB")`.
    pub settings: Vec<(String, String)>,
    /// TLS for TCP connections.
    pub tls: Option<ServerTls>,
}

/// Certificate and key of the server, copied into the cluster.
#[derive(Clone, Debug)]
pub struct ServerTls {
    /// Certificate in PEM.
    pub cert: PathBuf,
    /// Private key in PEM.
    pub key: PathBuf,
}

/// The directory of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Files {
    directory: PathBuf,
    account: Option<(u32, u32)>,
}

impl Files {
    /// Makes the directory and the cluster in it, unless they are there, and writes the settings.
    pub(super) fn prepare(binaries: &Binaries, options: &Options) -> Result<Self, Error> {
        let directory = match &options.directory {
            Some(directory) => directory.clone(),
            None => temporary()?,
        };
        let files = Self::make(binaries, directory)?;
        if !files.data().join("PG_VERSION").exists() {
            files.init(binaries, options.detached)?;
        }
        if let Some(tls) = &options.tls {
            for (from, to) in [(&tls.cert, "server.crt"), (&tls.key, "server.key")] {
                let pem = fs::read(from).map_err(file_error(from))?;
                files.write(&files.data().join(to), &pem)?;
            }
        }
        files.write(&files.data().join("strongroom.conf"), files.settings(options).as_bytes())?;
        Ok(files)
    }

    /// A directory with a copy of a running server's data, which follows it, and with the passwords of its roles.
    pub(super) fn copy_of(binaries: &Binaries, server: &Self, url: &str) -> Result<Self, Error> {
        let files = Self::make(binaries, temporary()?)?;
        let passwords = server.directory.join("passwords");
        for entry in fs::read_dir(&passwords).map_err(file_error(&passwords))?.flatten() {
            let password = fs::read(entry.path()).map_err(file_error(&entry.path()))?;
            files.write(&files.directory.join("passwords").join(entry.file_name()), &password)?;
        }
        let mut command = binaries.command(&binaries.program("pg_basebackup"));
        command.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname", url]);
        run(command.arg("--pgdata").arg(files.data()))?;
        files.write(&files.data().join("strongroom.conf"), files.settings(&Options::default()).as_bytes())?;
        Ok(files)
    }

    /// The directory, with what is empty in it.
    fn make(binaries: &Binaries, directory: PathBuf) -> Result<Self, Error> {
        let files = Self { directory, account: binaries.account() };
        files.make_directory(&files.directory)?;
        files.make_directory(&files.directory.join("passwords"))?;
        if let Some(sockets) = files.sockets() {
            files.make_directory(&sockets)?;
        }
        Ok(files)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("postgres.log")
    }

    pub(super) fn sockets(&self) -> Option<PathBuf> {
        let sockets = self.directory.join("sockets");
        (sockets.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY).then_some(sockets)
    }

    /// File with the password of `role`.
    pub(super) fn password_file(&self, role: &str) -> PathBuf {
        self.directory.join("passwords").join(role)
    }

    /// The password of `role`, made on first use.
    pub(super) fn password(&self, role: &str) -> Result<String, Error> {
        let path = self.password_file(role);
        match fs::read_to_string(&path) {
            Ok(password) => Ok(password),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let password = random_hex()?;
                self.write(&path, password.as_bytes())?;
                Ok(password)
            }
            Err(error) => Err(file_error(&path)(error)),
        }
    }

    /// The last lines of the server's log.
    pub(super) fn log_tail(&self) -> String {
        let tail = || -> io::Result<Vec<u8>> {
            let mut file = fs::File::open(self.log())?;
            let length = file.metadata()?.len();
            io::Seek::seek(&mut file, io::SeekFrom::Start(length.saturating_sub(LOG_TAIL)))?;
            let mut tail = Vec::new();
            io::Read::read_to_end(&mut file, &mut tail)?;
            Ok(tail)
        };
        tail().map_or_else(
            |error| format!("no log: {error}"),
            |tail| tail.escape_ascii().to_string().replace("\\n", "\n"),
        )
    }

    pub(super) fn log_mentions(&self, text: &str) -> bool {
        self.log_tail().contains(text)
    }

    /// Process id and port of the server, from its lock file.
    pub(super) fn lock_file(&self) -> Option<(u32, u16)> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let process = lines.next()?.trim().parse().ok()?;
        let port = lines.nth(2)?.trim().parse().ok()?;
        Some((process, port))
    }

    /// Sends a signal to the server's main process.
    pub(super) fn signal_server(&self, signal: &str) -> Result<(), Error> {
        let command = format!("kill -s {signal}");
        let Some((process, _)) = self.lock_file() else {
            return Err(Error::Program { command, output: "the server does not run".to_owned() });
        };
        // The shell's own kill: there may be no other.
        let status =
            Command::new("/bin/sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &process.to_string()]).status();
        if status.is_ok_and(|status| status.success()) {
            Ok(())
        } else {
            Err(Error::Program { command, output: format!("no process {process}") })
        }
    }

    pub(super) fn remove(&self) {
        if std::env::var_os(KEEP).is_none() {
            // What cannot be removed is a leftover among temporary files, nothing worse.
            let _ = fs::remove_dir_all(&self.directory);
        }
    }

    /// Makes the data directory beside its place, so that one which was begun when the power went is never taken for it.
    fn init(&self, binaries: &Binaries, durable: bool) -> Result<(), Error> {
        let password_file = self.password_file(SUPERUSER);
        self.password(SUPERUSER)?;
        let begun = self.directory.join("data.new");
        if begun.exists() {
            fs::remove_dir_all(&begun).map_err(file_error(&begun))?;
        }
        let mut command = binaries.command(&binaries.program("initdb"));
        command
            .arg("--pgdata")
            .arg(&begun)
            .args(["--username", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--data-checksums", "--no-instructions"])
            .arg("--pwfile")
            .arg(&password_file);
        if !durable {
            command.arg("--no-sync");
        }
        run(&mut command)?;
        let conf = begun.join("postgresql.conf");
        fs::OpenOptions::new()
            .append(true)
            .open(&conf)
            .and_then(|mut file| file.write_all(b"\ninclude = 'strongroom.conf'\n").and_then(|()| file.sync_all()))
            .map_err(file_error(&conf))?;
        fs::rename(&begun, self.data()).map_err(file_error(&begun))?;
        sync_directory(&self.directory)
    }

    /// Removes the lock files of a server that has ended without doing so, with its machine perhaps. PostgreSQL refuses to
    /// start where one is empty, or names a process id that another program has by now.
    pub(super) fn remove_stale_locks(&self) -> Result<(), Error> {
        if self.a_server_runs() {
            return Ok(());
        }
        let sockets =
            self.sockets().into_iter().flat_map(|sockets| fs::read_dir(sockets).into_iter().flatten().flatten());
        for path in sockets.map(|entry| entry.path()).chain([self.data().join("postmaster.pid")]) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file_error(&path)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether there is a process of PostgreSQL whose working directory is this cluster's data, as that of all of its
    /// server's are. Where this process may not look (as root of a container without ptrace), one of the same account may be.
    fn a_server_runs(&self) -> bool {
        let Ok(data) = self.data().canonicalize() else { return false };
        let is_of_account = |process: &Path| {
            self.account.is_some_and(|(user, _)| fs::metadata(process).is_ok_and(|process| process.uid() == user))
        };
        let is_server = |process: &Path| {
            fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == "postgres")
                && match fs::read_link(process.join("cwd")) {
                    Ok(directory) => directory == data,
                    Err(error) => error.kind() == io::ErrorKind::PermissionDenied && is_of_account(process),
                }
        };
        fs::read_dir("/proc").into_iter().flatten().flatten().any(|entry| is_server(&entry.path()))
    }

    fn settings(&self, options: &Options) -> String {
        let sockets = self.sockets().map(|path| path.display().to_string()).unwrap_or_default();
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", sockets.as_str()),
            ("max_connections", "200"),
            ("shared_buffers", "128MB"),
            ("fsync", "on"),
            ("full_page_writes", "on"),
            // One error level only: what a client caused is the client's to report.
            ("log_min_messages", "warning"),
        ];
        if options.tls.is_some() {
            settings.extend([("ssl", "on"), ("ssl_min_protocol_version", "TLSv1.3")]);
        }
        settings.extend(options.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        // The last line of a name wins.
        settings.iter().fold(String::new(), |lines, (name, value)| {
            let value = value.replace('\'', "''");
            lines + &format!("{name} = '{value}'\n")
        })
    }

    fn make_directory(&self, path: &Path) -> Result<(), Error> {
        if path.is_dir() {
            return Ok(());
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(file_error(path))?;
        self.give(path)
    }

    /// Writes a file whole or not at all, also where the power is cut.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let beside = path.with_added_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&beside).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
        written.map_err(file_error(&beside))?;
        self.give(&beside)?;
        fs::rename(&beside, path).map_err(file_error(path))?;
        sync_directory(path.parent().unwrap_or(path))
    }

    /// Makes the server's account the owner.
    fn give(&self, path: &Path) -> Result<(), Error> {
        match self.account {
            Some((user, group)) => chown(path, Some(user), Some(group)).map_err(file_error(path)),
            None => Ok(()),
        }
    }
}

/// Makes the names in a directory last.
fn sync_directory(directory: &Path) -> Result<(), Error> {
    fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(file_error(directory))
}

/// Set in the environment: ephemeral clusters stay on disk after the test, to be looked at.
pub(super) const KEEP: &str = "STRONGROOM_KEEP_CLUSTERS";

fn temporary() -> Result<PathBuf, Error> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("strongroom-pg-{}-{number}", std::process::id()));
        if !path.try_exists().map_err(file_error(&path))? {
            return Ok(path);
        }
    }
}

fn random_hex() -> Result<String, Error> {
    let mut bytes = [0_u8; 24];
    SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| Error::Random)?;
    Ok(bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}
