//! Why there is no cluster, or no database in it.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no cluster, or no database in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// PostgreSQL is not installed.
    #[error(
        "PostgreSQL 15 or newer was found neither on PATH nor in /usr/lib/postgresql: run `apt-get install -y postgresql`"
    )]
    NotInstalled,
    /// `PgBouncer` is not installed.
    #[error("PgBouncer was found neither on PATH nor in /usr/sbin: run `apt-get install -y pgbouncer`")]
    NoPooler,
    /// PostgreSQL refuses to run as root, and there is nobody else to run it.
    #[error("running as root, and there is no user postgres to run PostgreSQL: run `apt-get install -y postgresql`")]
    NoAccount,
    /// A file or directory could not be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("`{command}` failed: {output}")]
    Program {
        /// The command line.
        command: String,
        /// The end of what it printed.
        output: String,
    },
    /// The server does not take connections.
    #[error("the server in {} does not take connections: {log}", directory.display())]
    NotReady {
        /// The cluster's directory.
        directory: PathBuf,
        /// The end of its log.
        log: String,
    },
    /// The system gives no random bytes.
    #[error("no random bytes from the system")]
    Random,
    /// A statement of the superuser failed.
    #[error("the server refused a statement of the superuser")]
    Statement(#[from] tokio_postgres::Error),
    /// The migrations of a template could not be applied.
    #[error("cannot migrate the template")]
    Migrate(#[from] db::MigrateError),
    /// The settings of a database cannot be used.
    #[error("cannot connect to the database")]
    Connect(#[from] db::ConfigError),
}

pub(super) fn file_error(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    |source| Error::File { path, source }
}
