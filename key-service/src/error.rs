//! Why the service does not do what it was asked.
//!
//! # Layout
//! - `wire`: its one mapping to the wire
//! - `signer`: the part of that which is about logs

mod signer;
mod wire;

use std::sync::Arc;

use audit::AuditUnavailable;
use names::{BirthMark, KeyName, KeyVersionName, LogName};
use tlog::signer::{AdvanceError, CloseError, LossError, VerifyMacsError};
use tlog::snapshot::SnapshotError;

use crate::key::VersionState;
use crate::own_keys::ids::is_own;
use crate::root::RootError;
use crate::store;

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `AdvanceHead` brings nothing that follows what the signer has.
    #[error("the log cannot be advanced")]
    Advance(#[source] AdvanceError),
    /// Events wait for the audit-service for too long, or could not be made durable in time.
    #[error("audit events cannot be made durable")]
    AuditUnavailable,
    /// Cannot happen.
    #[error("{0}")]
    Bug(&'static str),
    /// Alarms are not closed.
    #[error("the alarms cannot be closed")]
    Close(#[source] CloseError),
    /// A wrapped key does not open with its key, subject and context.
    #[error("a wrapped key does not open")]
    ContextMismatch,
    /// Wrapping or unwrapping failed for want of randomness or by a mistake.
    #[error("a data key could not be wrapped")]
    Envelope(#[source] envelope::Error),
    /// The key has changed since the caller read it.
    #[error("the etag is stale")]
    EtagMismatch,
    /// The id of the new key is taken.
    #[error("{0} exists")]
    KeyExists(KeyName),
    /// There is no such key.
    #[error("{0} does not exist")]
    KeyNotFound(KeyName),
    /// The rows of the key say less than this process has seen of it.
    #[error("{0} was set back")]
    KeySetBack(KeyName),
    /// There is no such version.
    #[error("{0} does not exist")]
    KeyVersionNotFound(KeyVersionName),
    /// The signer knows nothing of this log.
    #[error("{0} does not exist")]
    LogNotFound(LogName),
    /// The loss cannot be declared.
    #[error("the loss cannot be declared")]
    Loss(#[source] LossError),
    /// Key material does not open in its place, or no randomness.
    #[error("key material cannot be used")]
    Material(#[source] RootError),
    /// The database was lost while a change was under way, and nothing tells what became of it.
    #[error("whether the change was done is not known")]
    OutcomeUnknown(#[source] db::Error),
    /// The request id was used for another request.
    #[error("the request id was used before")]
    RequestIdReused,
    /// The change was made, and its answer cannot be: whatever the reason, it must not be made again.
    #[error("the change was made, and what came of it cannot be read")]
    Unread(#[source] Box<Self>),
    /// Keys are not changed while the key database is known to be set back.
    #[error("the key database was set back: {0}")]
    RotationUnsafe(&'static str),
    /// The root key is not at hand.
    #[error("the service is sealed")]
    Sealed,
    /// What a load came to that several calls waited for.
    #[error(transparent)]
    Shared(Arc<Error>),
    /// Alarms or losses of a log are not those that its head counts: a row was deleted, or an older one put back.
    #[error("alarms or losses of {0} are missing, or were put back")]
    SignerMarks(LogName),
    /// Another replica began a log meanwhile.
    #[error("another replica began the log meanwhile")]
    SignerRaced,
    /// The rows of a log were set back: behind the newest segment, or behind what this process has seen.
    #[error("the signer's state of {0} was set back")]
    SignerSetBack(LogName),
    /// Alarms of logs without a head are not those that are counted.
    #[error("alarms of logs that were never sealed are missing, or were put back")]
    SignerUnknownMarks,
    /// The snapshot is none of this signer's.
    #[error("the snapshot cannot be used")]
    Snapshot(#[source] SnapshotError),
    /// The data subject was erased.
    #[error("the subject was erased")]
    SubjectErased,
    /// The database.
    #[error("the key database failed")]
    Store(#[source] store::Error),
    /// A key of the system's own is missing.
    #[error("{0}, one of the system's own keys, is missing")]
    SystemKeyMissing(KeyName),
    /// `VerifyMacs` cannot be answered.
    #[error("the macs cannot be verified")]
    VerifyMacs(#[source] VerifyMacsError),
    /// The key has as many versions as one can have.
    #[error("{0} has as many versions as a key can have")]
    TooManyVersions(KeyName),
    /// A version that there was is not there.
    #[error("{0} is missing")]
    VersionMissing(KeyVersionName),
    /// The version is not enabled.
    #[error("{name} is not enabled")]
    VersionUnusable {
        /// The version.
        name: KeyVersionName,
        /// Where it stands.
        state: VersionState,
    },
    /// The key database does not have the version that a wrapped key's header names.
    #[error("{name} with birth mark {birth_mark} is not in the key database")]
    VersionUnknown {
        /// The version, by its number.
        name: KeyVersionName,
        /// What tells it from another version of that number.
        birth_mark: BirthMark,
    },
    /// The key does not wrap data keys.
    #[error("{0} does not wrap data keys")]
    WrongPurpose(KeyName),
}

impl From<AuditUnavailable> for Error {
    fn from(_: AuditUnavailable) -> Self {
        Self::AuditUnavailable
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Store(store::Error::Database(error))
    }
}

impl From<RootError> for Error {
    fn from(error: RootError) -> Self {
        Self::Material(error)
    }
}

impl Error {
    /// There is no such key; what must be there was taken away.
    pub fn key_not_found(name: KeyName) -> Self {
        if is_own(name.key()) { Self::SystemKeyMissing(name) } else { Self::KeyNotFound(name) }
    }

    /// The same of a change, which a lost connection leaves undecided.
    #[must_use]
    pub fn of_change(self) -> Self {
        match self {
            Self::Store(store::Error::Database(error @ db::Error::ConnectionLost(_))) => Self::OutcomeUnknown(error),
            other => other,
        }
    }

    /// The same where the change was made, and what came of it cannot be read.
    #[must_use]
    pub fn after_change(self) -> Self {
        Self::Unread(Box::new(self))
    }

    /// Whether this would be said, too, where the same request has been done by another call, or by this one unnoticed.
    pub fn may_be_of_success(&self) -> bool {
        match self {
            Self::EtagMismatch | Self::KeyExists(_) | Self::TooManyVersions(_) => true,
            Self::Store(store::Error::Database(error)) => matches!(error, db::Error::UniqueViolation { .. }),
            _ => false,
        }
    }

    /// Whether somebody tampered with the key database: needs a person.
    pub fn is_alarm(&self) -> bool {
        match self {
            Self::Shared(error) => error.is_alarm(),
            Self::Unread(error) => error.is_alarm(),
            Self::Store(error) => error.is_alarm(),
            Self::Material(RootError::DoesNotOpen(_))
            | Self::SignerMarks(_)
            | Self::SignerSetBack(_)
            | Self::SignerUnknownMarks
            | Self::SystemKeyMissing(_)
            | Self::VersionMissing(_) => true,
            _ => false,
        }
    }

    /// Whether the database did not answer a statement: nothing is known of the rows.
    pub fn is_of_database(&self) -> bool {
        matches!(self, Self::Store(store::Error::Database(_)))
    }

    /// Whether a newer version wrote a row: another replica can read it.
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Shared(error) => error.is_newer(),
            Self::Store(error) => error.is_newer(),
            _ => false,
        }
    }

    /// Whether it is the key that a request names which cannot be used, and others can.
    pub fn is_of_one_key(&self) -> bool {
        if let Self::Shared(error) = self {
            return error.is_of_one_key();
        }
        !matches!(self, Self::Store(store::Error::Database(_)) | Self::AuditUnavailable | Self::Sealed)
    }

    /// Raises the alarm, if it is one: a line for a person and a metric.
    pub fn report(&self) {
        if self.is_alarm() {
            crate::metrics::tampering();
            tracing::error!(error = service::chain(self), "the key database was tampered with");
        }
    }
}
