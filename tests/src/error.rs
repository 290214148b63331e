//! Why the stack could not be brought to where it was wanted, in words that say what to do.

use std::path::PathBuf;

/// Why the stack could not be brought to where it was wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("cannot run {program}: {hint}")]
    Spawn {
        /// The program.
        program: String,
        /// What may help.
        hint: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A program ended with a failure.
    #[error("{program} failed ({status}):\n{output}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The last lines that it wrote.
        output: String,
    },
    /// Something did not become ready in time.
    #[error("{what} was not ready within {seconds} s; last lines of {}:\n{tail}", log.display())]
    NotReady {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },
    /// A service has ended instead of becoming ready.
    #[error("{what} has ended; last lines of {}:\n{tail}", log.display())]
    Ended {
        /// The service.
        what: String,
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },
    /// PostgreSQL refused a statement of the harness.
    #[error("cannot {action}")]
    Postgres {
        /// What was tried.
        action: String,
        /// Why.
        #[source]
        source: Box<tokio_postgres::Error>,
    },
    /// There is no cluster.
    #[error("PostgreSQL does not run")]
    Cluster(#[source] test_support::postgres::Error),
    /// A certificate could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[source] test_support::certs::Error),
    /// A channel could not be made.
    #[error("cannot make a channel to a service")]
    Channel(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file of the harness is not of its form.
    #[error("{} is malformed: remove it, or start with --fresh", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The services would refuse a policy with the binding that was asked for.
    #[error("{subject} cannot be bound so")]
    Binding {
        /// Whose binding.
        subject: String,
        /// Why.
        #[source]
        source: rpc::policy::PolicyError,
    },
    /// No free port was found.
    #[error("no free port on 127.0.0.1")]
    NoPort,
    /// The machine gives no random bytes.
    #[error("no random bytes")]
    Random,
    /// Something was asked for that is not there.
    #[error("there is no {what}")]
    Unknown {
        /// What.
        what: String,
    },
}
