//! A running cluster, from its start to its end.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::binaries::{Binaries, SUPERUSER};
use super::error::Error;
use super::files::{Files, Options};
use super::server::Server;
use crate::poll::poll_until;

/// Longest wait for a server to take connections.
const READY: Duration = Duration::from_secs(30);

/// A running cluster. An ephemeral one ends, directory and all, when this value or its process does; a detached one goes on.
#[derive(Debug)]
pub struct Cluster {
    pub(super) binaries: Binaries,
    pub(super) files: Files,
    detached: bool,
    port: Mutex<u16>,
    server: Mutex<Option<Server>>,
    pub(super) roles: OnceCell<()>,
    pub(super) templates: tokio::sync::Mutex<HashSet<String>>,
}

impl Cluster {
    /// Starts an ephemeral cluster with default options.
    pub async fn start() -> Result<Self, Error> {
        Self::start_with(Options::default()).await
    }

    /// The cluster shared by the tests of this process; it ends with the process.
    pub async fn shared() -> Result<&'static Self, Error> {
        static SHARED: OnceCell<Cluster> = OnceCell::const_new();
        SHARED.get_or_try_init(Self::start).await
    }

    /// Starts a cluster, or finds the detached one already running in `options.directory`.
    pub async fn start_with(options: Options) -> Result<Self, Error> {
        let cluster = blocking(move || {
            let binaries = Binaries::find()?;
            let files = Files::prepare(&binaries, &options)?;
            Ok(Self::of(binaries, files, &options))
        })
        .await?;
        cluster.resume().await?;
        Ok(cluster)
    }

    /// Starts a standby of this cluster, which reads what it writes until [`Self::promote`].
    pub async fn standby(&self) -> Result<Self, Error> {
        let (binaries, files, url) = (self.binaries.clone(), self.files.clone(), self.superuser_url("postgres")?);
        let standby = blocking(move || {
            let copy = Files::copy_of(&binaries, &files, &url)?;
            Ok(Self::of(binaries, copy, &Options::default()))
        })
        .await?;
        standby.resume().await?;
        Ok(standby)
    }

    /// Makes a standby a primary; it takes writes afterwards.
    pub async fn promote(&self) -> Result<(), Error> {
        self.superuser("postgres").await?.batch_execute("SELECT pg_promote()").await?;
        Ok(())
    }

    fn of(binaries: Binaries, files: Files, options: &Options) -> Self {
        Self {
            binaries,
            detached: options.detached,
            port: Mutex::new(options.port.unwrap_or(0)),
            files,
            server: Mutex::new(None),
            roles: OnceCell::new(),
            templates: tokio::sync::Mutex::default(),
        }
    }

    /// Starts the server again after [`Self::stop`] or [`Self::kill`], on the same port. Does nothing while it runs.
    pub async fn resume(&self) -> Result<(), Error> {
        let mut wanted = self.port();
        for _ in 0..5 {
            let server = if self.detached {
                Server::detached(&self.binaries, &self.files, wanted)?
            } else {
                self.end(false);
                Server::supervised(&self.binaries, &self.files, wanted)?
            };
            *lock(&self.port) = server.port();
            *lock(&self.server) = Some(server);
            match self.ready().await {
                Ok(()) => return Ok(()),
                // Somebody took the port between choosing and binding it: choose another.
                Err(_) if wanted == 0 && self.exited() => wanted = 0,
                Err(_) if self.exited() && self.files.log_mentions("pre-existing shared memory block") => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.not_ready())
    }

    /// Stops the server in good order and keeps its data. Blocks until it is gone.
    pub fn stop(&self) -> Result<(), Error> {
        if self.detached {
            return Server::stop_detached(&self.binaries, &self.files);
        }
        self.end(false);
        Ok(())
    }

    /// Kills the server's main process with SIGKILL, as a crash would; all its sessions end.
    pub async fn kill(&self) -> Result<(), Error> {
        self.files.signal_server("KILL")?;
        let gone = poll_until(READY, "the server to end", async || self.exited().then_some(())).await;
        gone.map_err(|_late| self.not_ready())
    }

    /// Address that the server listens on.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// Port that the server listens on.
    pub fn port(&self) -> u16 {
        *lock(&self.port)
    }

    /// Where it listens: [`Self::host`] and [`Self::port`].
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port()).into()
    }

    /// The cluster's directory: `data`, `sockets`, `passwords`, `postgres.log`.
    pub fn directory(&self) -> &Path {
        self.files.directory()
    }

    /// Directory with the server's files, where a search for plaintext at rest looks.
    pub fn data_directory(&self) -> PathBuf {
        self.files.data()
    }

    /// Directory of the Unix socket; None where its path would be too long.
    pub fn socket_directory(&self) -> Option<PathBuf> {
        self.files.sockets()
    }

    /// URL by which the superuser reaches `database`, password included.
    pub fn superuser_url(&self, database: &str) -> Result<String, Error> {
        let password = self.files.password(SUPERUSER)?;
        Ok(format!("postgres://{SUPERUSER}:{password}@{}:{}/{database}", self.host(), self.port()))
    }

    async fn ready(&self) -> Result<(), Error> {
        let answer =
            poll_until(READY, "the server to take connections", async || match self.superuser("postgres").await {
                Ok(_) => Some(true),
                Err(_) if self.exited() => Some(false),
                Err(_) => None,
            });
        if answer.await.unwrap_or(false) { Ok(()) } else { Err(self.not_ready()) }
    }

    /// Whether the server process is known to be gone.
    fn exited(&self) -> bool {
        lock(&self.server).as_mut().is_none_or(Server::exited)
    }

    fn end(&self, remove: bool) {
        if let Some(server) = lock(&self.server).take() {
            server.end(remove);
        }
    }

    fn not_ready(&self) -> Error {
        Error::NotReady { directory: self.files.directory().to_owned(), log: self.files.log_tail() }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.detached {
            self.end(true);
            self.files.remove();
        }
    }
}

/// Runs what blocks for long beside the runtime's own threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => {
            Err(Error::File { path: PathBuf::from("the cluster's directory"), source: io::Error::other(panicked) })
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
