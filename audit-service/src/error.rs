//! What can go wrong in a use case, and its one mapping to the wire.

use rpc::Failure;

use crate::append::{NotQueued, RETRY_AFTER};
use crate::signer::SignerError;
use crate::store::StoreError;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The call's own entry could not be made in time.
    #[error("the call could not be accounted for")]
    Unaccounted,
    /// The call's own entry cannot be made, because `logs/system` is quarantined.
    #[error("logs/system is quarantined")]
    SystemQuarantined {
        /// What to do about it.
        advice: String,
    },
    /// The resource does not exist.
    #[error("{name} does not exist")]
    NotFound {
        /// Its name.
        name: String,
    },
    /// A row holds no entry, or not the one that belongs there.
    #[error("entry {index} of {log} is not what was sealed")]
    Inconsistent {
        /// The log.
        log: String,
        /// Index of the row.
        index: u64,
    },
    /// Too much waits, or the process is ending.
    #[error("no event was queued")]
    NotQueued(#[from] NotQueued),
    /// Too many verifications run.
    #[error("too many logs are being verified")]
    TooManyVerifications,
    /// The database failed.
    #[error("the audit database failed")]
    Store(#[from] StoreError),
    /// The signer failed.
    #[error("the signer failed")]
    Signer(#[from] SignerError),
}

impl Error {
    /// Why, as a code for entries.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "NOT_FOUND",
            Self::Inconsistent { .. } => "LOG_INCONSISTENT",
            Self::NotQueued(NotQueued::Full) | Self::TooManyVerifications => "RESOURCE_EXHAUSTED",
            Self::NotQueued(NotQueued::Ending) => "DRAINING",
            Self::Store(StoreError::Database(error)) if is_away(error) => "DATABASE_UNAVAILABLE",
            Self::Store(_) => "INTERNAL",
            Self::Signer(_) => "KEY_SERVICE_UNAVAILABLE",
            Self::Unaccounted | Self::SystemQuarantined { .. } => "AUDIT_UNAVAILABLE",
        }
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unaccounted => Self::unavailable(
                "AUDIT_UNAVAILABLE",
                "the call cannot be accounted for now, so it is not answered: try again",
            )
            .with_retry(RETRY_AFTER),
            Error::SystemQuarantined { advice } => Self::unavailable(
                "AUDIT_UNAVAILABLE",
                format!(
                    "logs/system takes no entries, so the call cannot be accounted for and is not answered: {advice}"
                ),
            )
            .with_retry(RETRY_AFTER),
            Error::NotFound { name } => Self::not_found(name),
            Error::Inconsistent { log, index } => Self::data_loss(
                "LOG_INCONSISTENT",
                format!("entry {index} of {log} is not what was sealed: verify the log"),
            ),
            Error::NotQueued(NotQueued::Full) => {
                Self::exhausted("too many events are waiting: send them again", RETRY_AFTER)
            }
            Error::NotQueued(NotQueued::Ending) => {
                Self::unavailable("DRAINING", "the service is ending: try another replica").with_retry(RETRY_AFTER)
            }
            Error::TooManyVerifications => {
                Self::exhausted("too many logs are being verified: try again", std::time::Duration::from_secs(5))
            }
            Error::Store(StoreError::Database(error)) if is_away(&error) => database_unavailable().with_source(error),
            Error::Store(error) => Self::internal(error),
            Error::Signer(error) => signer_unavailable().with_source(error),
        }
    }
}

/// Whether the database may answer the next time.
fn is_away(error: &db::Error) -> bool {
    matches!(
        error,
        db::Error::Unavailable(_)
            | db::Error::Timeout
            | db::Error::Locked
            | db::Error::ConnectionLost(_)
            | db::Error::Conflict(_)
    )
}

fn database_unavailable() -> Failure {
    Failure::unavailable("DATABASE_UNAVAILABLE", "the audit database does not answer in time: try again")
        .with_retry(RETRY_AFTER)
}

fn signer_unavailable() -> Failure {
    Failure::unavailable("KEY_SERVICE_UNAVAILABLE", "key-service does not answer: try again").with_retry(RETRY_AFTER)
}
