//! What can go wrong at the database, told apart by SQLSTATE and never by text.

use std::{error, fmt};

use tokio_postgres::error::SqlState;

use crate::said;

/// Why a statement or a transaction failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection within the pool's wait, or the server refuses work (starting, full disk, read-only). Nothing was done.
    #[error("database is unavailable")]
    Unavailable(#[source] Box<dyn error::Error + Send + Sync>),
    /// A statement took longer than its limit. It was not done.
    #[error("database did not answer in time")]
    Timeout,
    /// Somebody else held a lock for longer than a statement waits for one. It was not done.
    #[error("somebody else holds a lock")]
    Locked,
    /// Lost against a concurrent transaction (serialization failure or deadlock) more often than is retried.
    #[error("transaction lost against a concurrent one")]
    Conflict(#[source] ServerError),
    /// A unique constraint or index refused the row.
    #[error("unique constraint {constraint} refused the row")]
    UniqueViolation {
        /// Name of the constraint or index.
        constraint: String,
    },
    /// Another constraint (check, foreign key, not null) refused the row.
    #[error("constraint {constraint} refused the row")]
    ConstraintViolation {
        /// Name of the constraint; of the column for NOT NULL.
        constraint: String,
        /// What the server said.
        #[source]
        source: ServerError,
    },
    /// The connection was lost, or given up as stuck, with a statement under way: it may have been done or not.
    #[error("connection to the database was lost")]
    ConnectionLost(#[source] Box<dyn error::Error + Send + Sync>),
    /// An earlier statement of the transaction failed: it was rolled back, or will be.
    #[error("transaction was rolled back after a failed statement")]
    RolledBack,
    /// A statement that must yield one row yielded another number.
    #[error("statement yielded {rows} rows, not one")]
    NotOneRow {
        /// How many rows came.
        rows: usize,
    },
    /// The statement was done, and some of its rows were not written: a trigger or a rule keeps them from it.
    #[error("{missing} rows were kept from being written")]
    Suppressed {
        /// How many.
        missing: u64,
    },
    /// Any other failure: a defect of the statement or of its parameters.
    #[error("database refused the statement")]
    Query(#[source] Box<dyn error::Error + Send + Sync>),
}

impl Error {
    /// Whether the same work may be tried again at once: it certainly was not done.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// The constraint that refused the row, if one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::UniqueViolation { constraint } | Self::ConstraintViolation { constraint, .. } => Some(constraint),
            _ => None,
        }
    }

    /// [`Error::Suppressed`] unless as many rows were written as there were.
    pub fn unless_all(written: u64, wanted: usize) -> Result<(), Self> {
        let missing = u64::try_from(wanted).unwrap_or(u64::MAX).saturating_sub(written);
        if missing == 0 { Ok(()) } else { Err(Self::Suppressed { missing }) }
    }

    /// Whether the unique constraint `name` refused the row.
    pub fn is_unique_violation_of(&self, name: &str) -> bool {
        matches!(self, Self::UniqueViolation { constraint } if constraint == name)
    }

    /// Whether a connection was lost and the server did not say why.
    pub(crate) fn is_wordless_end(&self) -> bool {
        matches!(self, Self::ConnectionLost(cause) if !cause.is::<ServerError>())
    }

    /// Whether the transaction is lost on the server's side, or may be.
    pub(crate) fn ends_transaction(&self) -> bool {
        !matches!(self, Self::NotOneRow { .. })
    }
}

/// What the server said, without DETAIL and HINT: those repeat values of the row.
#[derive(Debug)]
pub struct ServerError {
    code: SqlState,
    message: String,
}

impl ServerError {
    /// The five characters of the SQLSTATE.
    pub fn code(&self) -> &str {
        self.code.code()
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLSTATE {}: {}", self.code.code(), self.message)
    }
}

impl error::Error for ServerError {}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            // Only a closed connection or an I/O error leaves the outcome open; the rest failed on this side.
            return if error.is_closed() || is_io(&error) {
                Self::ConnectionLost(Box::new(error))
            } else {
                Self::Query(Box::new(error))
            };
        };
        let source = ServerError { code: said.code().clone(), message: said.message().to_owned() };
        let constraint = said.constraint().or_else(|| said.column()).unwrap_or("unnamed").to_owned();
        match source.code.code() {
            "40001" | "40P01" => Self::Conflict(source),
            "23505" => Self::UniqueViolation { constraint },
            code if code.starts_with("23") => Self::ConstraintViolation { constraint, source },
            // in_failed_sql_transaction: an earlier statement failed, and the next ones were sent before its answer came
            "25P02" => Self::RolledBack,
            // query_canceled: statement_timeout
            "57014" => Self::Timeout,
            // lock_not_available: lock_timeout
            "55P03" => Self::Locked,
            // admin_shutdown, crash_shutdown, idle_session_timeout, idle_in_transaction_session_timeout
            "57P01" | "57P02" | "57P05" | "25P03" => Self::ConnectionLost(Box::new(source)),
            // cannot_connect_now, read_only_sql_transaction (a standby), undefined_table (a restore or a migration under way),
            // insufficient resources (disk full, too many connections), operator and system errors
            code if ["57P03", "25006", "42P01"].contains(&code) || code.starts_with("53") || code.starts_with("58") => {
                said::warn(code, &source.message);
                Self::Unavailable(Box::new(source))
            }
            _ => Self::Query(Box::new(source)),
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    let mut causes = std::iter::successors(error::Error::source(error), |cause| cause.source());
    causes.any(<dyn error::Error>::is::<std::io::Error>)
}
