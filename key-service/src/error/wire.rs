//! What callers are told: code, reason and a text that says what to do.

use std::sync::Arc;
use std::time::Duration;

use names::{BirthMark, KeyName, KeyVersionName};
use rpc::{Failure, Violations};

use super::{Error, signer};
use crate::key::VersionState;
use crate::root::RootError;
use crate::store;

/// How long a caller should wait who met a replica that is too old.
const RETRY_AFTER: Duration = Duration::from_secs(1);
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
