//! What can go wrong.
//!
//! # Layout
//! - `wire`: its one mapping to the wire

mod wire;

use std::fmt;
use std::sync::Arc;

use audit::Outcome;
use batch::NotCalled;
use names::{CollectionName, RecordName, TenantId, TenantName};
use tokio::time::Instant;

use crate::keys::error::KeyError;
use crate::problems::Invalid;
use crate::store::StoreError;

/// A resource by its name, for messages to those who may know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A collection.
    Collection(CollectionName),
    /// A record.
    Record(RecordName),
    /// A tenant.
    Tenant(TenantName),
}

impl Resource {
    /// The tenant that it is, or is of.
    pub fn tenant(&self) -> &TenantId {
        match self {
            Self::Collection(name) => name.tenant(),
            Self::Record(name) => name.tenant(),
            Self::Tenant(name) => name.tenant(),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collection(name) => name.fmt(f),
            Self::Record(name) => name.fmt(f),
            Self::Tenant(name) => name.fmt(f),
        }
    }
}

impl From<CollectionName> for Resource {
    fn from(name: CollectionName) -> Self {
        Self::Collection(name)
    }
}

impl From<RecordName> for Resource {
    fn from(name: RecordName) -> Self {
        Self::Record(name)
    }
}

impl From<TenantName> for Resource {
    fn from(name: TenantName) -> Self {
        Self::Tenant(name)
    }
}

/// Why a use case did not do what it was asked.
///
/// Calls that share what they wait for are each told of its failure.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The id is taken.
    #[error("{0} already exists")]
    AlreadyExists(Resource),
    /// No event can be made durable now, so nothing is done.
    #[error("audit events cannot be taken")]
    AuditUnavailable(#[source] audit::AuditUnavailable),
    /// Too many calls wait already.
    #[error("too many calls are waiting")]
    Busy,
    /// A condition that the code rules out.
    #[error("unexpected: {0}")]
    Bug(&'static str),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Arc<db::Error>),
    /// A record's stored bytes do not open in their place.
    #[error("{name} does not open in its place")]
    DoesNotOpen {
        /// The record.
        name: RecordName,
        /// Why.
        #[source]
        source: DoesNotOpen,
    },
    /// Other updates of the record kept this one waiting, or came before it, until its deadline, or too many wait already. It
    /// was not made.
    #[error("{0} is being updated by too many calls")]
    Contended(RecordName),
    /// What was asked for is larger than an answer may be.
    #[error("it takes more than {limit} bytes")]
    TooLarge {
        /// What it may have, in bytes.
        limit: usize,
    },
    /// There is no memory for the answer within the caller's limits.
    #[error("there is no room for the answer")]
    NoRoom(#[from] rpc::Failure),
    /// The resource has changed since the caller saw it.
    #[error("the etag is stale")]
    EtagMismatch,
    /// The request is refused for what is in it.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No data key.
    #[error("no data key")]
    Key(#[from] KeyError),
    /// The process is ending.
    #[error("the process is ending")]
    Ending,
    /// The caller's deadline is over.
    #[error("the deadline is over")]
    Late,
    /// A row says that only newer readers may read it.
    #[error("a row of {table} was written for newer readers")]
    NewerVersion {
        /// The table.
        table: &'static str,
    },
    /// The caller may know that it does not exist.
    #[error("{0} does not exist")]
    NotFound(Resource),
    /// The connection was lost while a change was under way, and nothing tells in time what became of it.
    #[error("whether the change was done is not known")]
    OutcomeUnknown(#[source] Arc<db::Error>),
    /// Randomness or sealing failed.
    #[error("sealing failed")]
    Seal(#[source] envelope::Error),
    /// The request id was used for another request.
    #[error("the request id was used for another request")]
    RequestIdReused,
    /// Own keys are wrapped under versions that the key database does not have.
    #[error("own keys are wrapped under an unknown key version: {}: {said}", .names.join(", "))]
    OwnKeysVersionUnknown {
        /// Which.
        names: Vec<String>,
        /// What key-service says.
        said: String,
    },
    /// Own keys that this installation has are not there.
    #[error("own keys are missing: {}", .0.join(", "))]
    OwnKeysMissing(Vec<String>),
    /// A stored row cannot be used: SQL changed it. Comes out of `From`, which tells newer rows apart.
    #[error("a stored row cannot be used")]
    Row(#[source] rows::Error),
    /// The tenant is not in use.
    #[error("{0} is not in use")]
    TenantSuspended(TenantName),
    /// A row's HMAC does not hold: SQL changed it.
    #[error("a row of {table} was changed behind the vault's back")]
    RowChanged {
        /// The table.
        table: &'static str,
    },
}

/// How a record shows that its row was tampered with.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DoesNotOpen {
    /// Columns beside the sealed fields disagree with the name or with the sealed fields.
    #[error("the row's columns contradict each other")]
    Columns,
    /// The data key does not open.
    #[error("the data key does not open")]
    Key,
    /// The data key names a key version that the key database does not have: its header was altered, or the key database
    /// was set back.
    #[error("the data key is wrapped under an unknown key version: {said}")]
    KeyVersionUnknown {
        /// What key-service says: the version, and what that means.
        said: String,
    },
    /// A row of the key database was altered, without which the data key is not opened.
    #[error("the data key is not opened: {said}")]
    KeyRowAltered {
        /// What key-service says.
        said: String,
    },
    /// The manifest or a field does not open.
    #[error("the sealed fields do not open")]
    Sealed(#[source] envelope::Error),
    /// A record with this uid was deleted: its row was put back.
    #[error("the record was deleted, and its row was put back")]
    Deleted,
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(error) => error.into(),
            StoreError::Row(error) => error.into(),
        }
    }
}

impl From<rows::Error> for Error {
    fn from(error: rows::Error) -> Self {
        match error {
            rows::Error::Unlike { .. } => Self::Bug("rows of one statement differ"),
            rows::Error::Newer { table, .. } => Self::NewerVersion { table },
            error => Self::Row(error),
        }
    }
}

impl From<NotCalled> for Error {
    fn from(error: NotCalled) -> Self {
        match error {
            NotCalled::Busy => Self::Busy,
            NotCalled::Ending => Self::Ending,
            NotCalled::Late => Self::Late,
        }
    }
}

impl DoesNotOpen {
    /// What key-service said of a data key, if that blames the row.
    pub fn of_key(error: KeyError) -> Result<Self, KeyError> {
        match error {
            KeyError::DoesNotOpen => Ok(Self::Key),
            KeyError::VersionUnknown { said } => Ok(Self::KeyVersionUnknown { said }),
            KeyError::RowAltered { said } => Ok(Self::KeyRowAltered { said }),
            other => Err(other),
        }
    }
}

impl Error {
    /// What a change failed with: a lost connection leaves undecided whether it was done.
    pub fn of_change(error: db::Error) -> Self {
        match error {
            db::Error::ConnectionLost(_) => Self::OutcomeUnknown(Arc::new(error)),
            other => other.into(),
        }
    }

    /// Whether what was asked was refused, or failed, as events tell it.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::AlreadyExists(_)
            | Self::TooLarge { .. }
            | Self::EtagMismatch
            | Self::Invalid(_)
            | Self::NotFound(_)
            | Self::TenantSuspended(_)
            | Self::Key(KeyError::Erased | KeyError::VersionDisabled) => Outcome::REFUSED,
            _ => Outcome::FAILED,
        }
    }

    /// What it is to a caller that gave it until `deadline`: what did not answer by then is not away for that.
    #[must_use]
    pub fn in_time(self, deadline: Instant) -> Self {
        let is_of_waiting = match &self {
            Self::AuditUnavailable(_) | Self::Key(KeyError::Away { .. } | KeyError::AuditUnavailable) => true,
            Self::Database(error) => is_away(error),
            _ => false,
        };
        if is_of_waiting && Instant::now() >= deadline { Self::Late } else { self }
    }

    /// Whether nothing can be done for anybody now, not only for what it came of.
    pub fn is_of_all(&self) -> bool {
        match self {
            Self::TooLarge { .. }
            | Self::AuditUnavailable(_)
            | Self::Busy
            | Self::NoRoom(_)
            | Self::Database(_)
            | Self::Ending
            | Self::Late
            | Self::OwnKeysMissing(_)
            | Self::OwnKeysVersionUnknown { .. } => true,
            Self::Key(error) => error.is_of_all(),
            _ => false,
        }
    }

    /// Whether somebody may have tampered with the database: needs a person.
    pub fn is_alarm(&self) -> bool {
        matches!(
            self,
            Self::DoesNotOpen { .. }
                | Self::Key(KeyError::DoesNotOpen | KeyError::VersionUnknown { .. } | KeyError::RowAltered { .. })
                | Self::OwnKeysMissing(_)
                | Self::OwnKeysVersionUnknown { .. }
                | Self::Row(_)
                | Self::RowChanged { .. }
        )
    }

    /// Whether something that the call needs is away, whatever record it is about, and keeps whoever comes next waiting too.
    pub fn is_outage(&self) -> bool {
        use db::Error::{ConnectionLost, Timeout, Unavailable};
        match self {
            Self::Database(error) => matches!(**error, ConnectionLost(_) | Timeout | Unavailable(_)),
            Self::Key(error) => matches!(error, KeyError::Away { .. } | KeyError::AuditUnavailable | KeyError::Sealed),
            Self::AuditUnavailable(_) | Self::OutcomeUnknown(_) => true,
            _ => false,
        }
    }

    /// Whether this would be said, too, where the same request has been done by another call, or by this one unnoticed.
    pub fn may_be_of_success(&self) -> bool {
        match self {
            Self::AlreadyExists(_) | Self::Contended(_) | Self::EtagMismatch | Self::Invalid(_) | Self::NotFound(_) => {
                true
            }
            Self::Database(error) => matches!(**error, db::Error::UniqueViolation { .. }),
            _ => false,
        }
    }

    /// Raises the alarm, if it is one: a line for a person and a metric.
    pub(crate) fn report(&self) {
        if self.is_alarm() {
            metrics::counter!("vault_tampering_found_total").increment(1);
            tracing::error!(error = service::chain(self), "what is stored cannot be used as it is");
        }
    }

    /// A code for events.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyExists(_) => "ALREADY_EXISTS",
            Self::TooLarge { .. } => "MESSAGE_TOO_LARGE",
            Self::AuditUnavailable(_) | Self::Key(KeyError::AuditUnavailable) => "AUDIT_UNAVAILABLE",
            Self::Busy | Self::NoRoom(_) | Self::Key(KeyError::Busy) => "RESOURCE_EXHAUSTED",
            Self::Database(_) => "DATABASE_UNAVAILABLE",
            Self::Ending => "DRAINING",
            Self::Late | Self::OutcomeUnknown(_) => "DEADLINE_EXCEEDED",
            Self::DoesNotOpen { source: DoesNotOpen::KeyVersionUnknown { .. }, .. }
            | Self::OwnKeysVersionUnknown { .. }
            | Self::Key(KeyError::VersionUnknown { .. }) => "KEY_VERSION_UNKNOWN",
            Self::DoesNotOpen { .. }
            | Self::OwnKeysMissing(_)
            | Self::Row(_)
            | Self::RowChanged { .. }
            | Self::Key(KeyError::DoesNotOpen | KeyError::RowAltered { .. }) => "AAD_MISMATCH",
            Self::Contended(_) => "CONTENDED",
            Self::EtagMismatch => "ETAG_MISMATCH",
            Self::Invalid(_) => "INVALID_ARGUMENT",
            Self::Key(KeyError::Away { .. } | KeyError::Denied { .. }) => "KEY_SERVICE_UNAVAILABLE",
            Self::Key(KeyError::Erased) => "ERASED",
            Self::Key(KeyError::Sealed) => "SEALED",
            Self::Key(KeyError::VersionDisabled) => "KEY_VERSION_DISABLED",
            Self::NewerVersion { .. } | Self::Key(KeyError::NewerVersion { .. }) => "NEWER_VERSION",
            Self::NotFound(_) => "NOT_FOUND",
            Self::RequestIdReused => "REQUEST_ID_REUSED",
            Self::TenantSuspended(_) => "TENANT_SUSPENDED",
            Self::Bug(_) | Self::Key(_) | Self::Seal(_) => "INTERNAL",
        }
    }
}

fn is_away(error: &db::Error) -> bool {
    matches!(
        error,
        db::Error::Unavailable(_)
            | db::Error::Timeout
            | db::Error::Locked
            | db::Error::Conflict(_)
            | db::Error::ConnectionLost(_)
    )
}
