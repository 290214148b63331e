//! Why the service does not do what it was asked, and the one mapping of that to the wire.

mod signer;

use std::sync::Arc;
use std::time::Duration;

use audit::AuditUnavailable;
use names::{BirthMark, KeyName, KeyVersionName, LogName};
use rpc::{Failure, Violations};
use tlog::signer::{AdvanceError, CloseError, LossError, VerifyMacsError};
use tlog::snapshot::SnapshotError;

use crate::key::VersionState;
use crate::own_keys::is_own;
use crate::root::RootError;
use crate::store;

/// How long a caller should wait who met a replica that is too old.
const RETRY_AFTER: Duration = Duration::from_secs(1);

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

/// What was sealed does not open where it stands, or under what the caller says.
const AAD_MISMATCH: &str = "AAD_MISMATCH";
/// A wrapped key names a version that the key database does not have.
const VERSION_UNKNOWN: &str = "KEY_VERSION_UNKNOWN";
/// The data subject was erased.
const ERASED: &str = "ERASED";
/// A key version is disabled, or on the way out, or gone.
const VERSION_DISABLED: &str = "KEY_VERSION_DISABLED";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        error.report();
        match error {
            Error::AuditUnavailable => Self::unavailable(
                "AUDIT_UNAVAILABLE",
                "the use of keys cannot be recorded now: retry later; operators look at the audit-service",
            )
            .with_retry(RETRY_AFTER),
            Error::Bug(what) => Self::bug(what),
            Error::ContextMismatch => context_mismatch(),
            Error::EtagMismatch => Self::aborted_etag(),
            Error::KeyExists(name) => Self::already_exists(name),
            Error::KeyNotFound(name) => Self::not_found(name),
            Error::KeySetBack(name) => set_back(&name),
            Error::KeyVersionNotFound(name) => Self::not_found(name),
            Error::LogNotFound(name) => Self::not_found(name),
            Error::OutcomeUnknown(_) | Error::Unread(_) => Self::outcome_unknown().with_source(error),
            Error::RequestIdReused => Self::request_id_reused(),
            Error::RotationUnsafe(why) => Self::failed_precondition(
                "SET_BACK",
                format!(
                    "{why}: a new version might get a number that was given before. docs/runbooks/keys.md has the steps"
                ),
            ),
            Error::Sealed => Self::unavailable(
                "SEALED",
                "the key-service is sealed: operators see SealService.GetSealStatus and its log",
            ),
            Error::Advance(_)
            | Error::Close(_)
            | Error::Loss(_)
            | Error::SignerMarks(_)
            | Error::SignerRaced
            | Error::SignerSetBack(_)
            | Error::SignerUnknownMarks
            | Error::Snapshot(_)
            | Error::VerifyMacs(_) => signer::failure(error),
            Error::Shared(error) => shared(error),
            Error::Store(error) => store_failure(&error).with_source(error),
            Error::SubjectErased => {
                Self::failed_precondition(ERASED, "the subject was erased: what was sealed for it does not open again")
            }
            Error::SystemKeyMissing(name) => taken_away(format_args!("{name}, one of the system's own keys,")),
            Error::TooManyVersions(name) => Self::failed_precondition(
                "TOO_MANY_VERSIONS",
                format!("{name} has as many versions as a key can have: use another key"),
            ),
            Error::VersionMissing(name) => taken_away(format_args!("{name}")),
            Error::VersionUnknown { name, birth_mark } => unknown_version(&name, birth_mark),
            Error::VersionUnusable { name, state } => unusable_version(&name, state),
            Error::WrongPurpose(name) => {
                let mut violations = Violations::new();
                violations.add("key", format_args!("{name} must be of purpose KEY_PURPOSE_WRAP"));
                Self::invalid(violations)
            }
            Error::Material(RootError::DoesNotOpen(_)) => material_does_not_open().with_source(error),
            Error::Envelope(_) | Error::Material(_) => Self::internal(error),
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

/// What a load came to that several calls waited for: each is told, and the cause is shared.
fn shared(error: Arc<Error>) -> Failure {
    let failure = match error.as_ref() {
        Error::KeyNotFound(name) => return Failure::not_found(name),
        Error::KeySetBack(name) => return set_back(name),
        Error::Shared(error) => return shared(Arc::clone(error)),
        Error::Store(error) => store_failure(error),
        Error::SystemKeyMissing(name) => taken_away(format_args!("{name}, one of the system's own keys,")),
        Error::VersionMissing(name) => taken_away(format_args!("{name}")),
        Error::Material(RootError::DoesNotOpen(_)) => material_does_not_open(),
        _ => return Failure::internal(error),
    };
    failure.with_source(error)
}

fn store_failure(error: &store::Error) -> Failure {
    match error {
        store::Error::Database(
            db::Error::Unavailable(_)
            | db::Error::Timeout
            | db::Error::Locked
            | db::Error::Conflict(_)
            | db::Error::ConnectionLost(_),
        ) => Failure::unavailable("DATABASE_UNAVAILABLE", "the key database does not answer in time: retry later")
            .with_retry(RETRY_AFTER),
        store::Error::Database(_) | store::Error::Row(rows::Error::Unlike { .. }) => {
            Failure::internal("the key database failed")
        }
        store::Error::Row(rows::Error::Newer { table, .. }) => {
            let message =
                format!("a row of {table} was written by a newer version: update this replica of key-service");
            Failure::unavailable("NEWER_VERSION", message).with_retry(RETRY_AFTER)
        }
        store::Error::Row(rows::Error::Altered { .. } | rows::Error::Unreadable { .. }) => {
            Failure::data_loss(AAD_MISMATCH, "a row of the key database was altered")
        }
    }
}

fn material_does_not_open() -> Failure {
    Failure::data_loss(AAD_MISMATCH, "stored key material does not open in its place")
}

fn set_back(name: &KeyName) -> Failure {
    let message = format!(
        "{name} was set back behind what this process has seen of it: the key database was restored from an older backup, or \
         altered. Operators stop every key-service and follow docs/runbooks/keys.md"
    );
    Failure::failed_precondition(VERSION_UNKNOWN, message)
}

fn context_mismatch() -> Failure {
    let mut violations = Violations::new();
    violations.add("wrapped_key", "does not open with this key, subject and context");
    Failure::invalid_because(AAD_MISMATCH, "wrapped_key does not open with this key, subject and context")
        .with_violations(violations)
}

fn taken_away(what: std::fmt::Arguments<'_>) -> Failure {
    Failure::data_loss(AAD_MISMATCH, format!("{what} is missing: restore the key database"))
}

fn unknown_version(name: &KeyVersionName, birth_mark: BirthMark) -> Failure {
    let message = format!(
        "wrapped_key names {name} with birth mark {birth_mark}, which this key database does not have: either the key \
         database was set back (operators restore a newer backup of it), or the header was altered"
    );
    Failure::failed_precondition(VERSION_UNKNOWN, message)
}

fn unusable_version(name: &KeyVersionName, state: VersionState) -> Failure {
    let state = match state {
        VersionState::Enabled | VersionState::Disabled => "disabled: an operator can enable it",
        VersionState::DestroyScheduled => "scheduled for destruction: an operator can restore it",
        VersionState::Destroyed => "destroyed: what it wraps is lost",
    };
    Failure::failed_precondition(VERSION_DISABLED, format!("{name} is {state}"))
}

fn one_violation(field: &str, reason: &(dyn std::error::Error + 'static)) -> Failure {
    let mut violations = Violations::new();
    violations.add(field, service::chain(reason));
    Failure::invalid(violations)
}
