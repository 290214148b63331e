//! What callers are told: code, reason and a text that says what to do.

use std::time::Duration;

use rpc::Failure;

use super::{DoesNotOpen, Error, is_away};
use crate::keys::error::KeyError;

/// How long a caller should wait when something is away for a moment.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        error.report();
        match error {
            Error::AlreadyExists(resource) => Self::already_exists(resource),
            Error::TooLarge { limit } => {
                Self::answer_too_large(limit, "name fewer records at once, or allow more where max_response_bytes does")
            }
            Error::NoRoom(exhausted) => exhausted,
            Error::AuditUnavailable(_) => audit_away().with_source(error),
            Error::Database(ref cause) if is_away(cause) => database_away().with_source(error),
            Error::Ending => Self::unavailable("DRAINING", "the service is ending: try another replica"),
            Error::Late => Self::deadline_exceeded(),
            Error::OutcomeUnknown(_) => Self::outcome_unknown().with_source(error),
            Error::Busy => Self::exhausted("more calls are waiting than are served: slow down", RETRY_AFTER),
            Error::DoesNotOpen { ref name, source: DoesNotOpen::Deleted } => {
                data_loss(format!("{name} was deleted, and its row was put back: remove that row")).with_source(error)
            }
            Error::DoesNotOpen { source: DoesNotOpen::KeyVersionUnknown { ref said }, .. }
            | Error::OwnKeysVersionUnknown { ref said, .. } => version_unknown(said).with_source(error),
            Error::DoesNotOpen { source: DoesNotOpen::KeyRowAltered { ref said }, .. } => {
                data_loss(format!("key-service says: {said}")).with_source(error)
            }
            Error::DoesNotOpen { ref name, .. } => {
                let message = format!("what is stored for {name} does not open in its place: restore it from a backup");
                data_loss(message).with_source(error)
            }
            Error::RowChanged { table }
            | Error::Row(
                rows::Error::Altered { table, .. }
                | rows::Error::Newer { table, .. }
                | rows::Error::Unreadable { table, .. }
                | rows::Error::Unlike { table },
            ) => {
                let message = format!("a row of {table} was changed behind the vault's back: restore it from a backup");
                data_loss(message).with_source(error)
            }
            Error::OwnKeysMissing(_) => {
                let message =
                    "keys of the vault's own are missing: restore derived_keys and derived_key_lists from a backup";
                data_loss(message).with_source(error)
            }
            Error::Contended(name) => {
                let message = format!("{name} is being changed by many calls, and this one changed nothing: try again");
                Self::aborted("CONTENDED", message).with_retry(RETRY_AFTER)
            }
            Error::EtagMismatch => Self::aborted_etag(),
            Error::Invalid(invalid) => invalid.into_failure(),
            Error::Key(error) => key_failure(error),
            Error::NewerVersion { table } => Self::unavailable(
                "NEWER_VERSION",
                format!("a row of {table} was written by a newer version for newer readers: update this replica"),
            )
            .with_retry(RETRY_AFTER),
            Error::NotFound(resource) => Self::not_found(resource),
            Error::TenantSuspended(name) => Self::failed_precondition(
                "TENANT_SUSPENDED",
                format!("{name} is not in use: an operator sees its state"),
            ),
            Error::RequestIdReused => Self::request_id_reused(),
            Error::Bug(_) | Error::Database(_) | Error::Seal(_) => Self::internal(error),
        }
    }
}

fn database_away() -> Failure {
    Failure::unavailable("DATABASE_UNAVAILABLE", "the vault's database does not answer in time: try again")
        .with_retry(RETRY_AFTER)
}

fn audit_away() -> Failure {
    Failure::unavailable("AUDIT_UNAVAILABLE", "audit events cannot be taken now, so nothing is done: try again")
        .with_retry(RETRY_AFTER)
}

fn data_loss(message: impl Into<String>) -> Failure {
    Failure::data_loss("AAD_MISMATCH", message)
}

fn version_unknown(said: &str) -> Failure {
    Failure::failed_precondition("KEY_VERSION_UNKNOWN", said)
}

fn key_failure(error: KeyError) -> Failure {
    match &error {
        KeyError::Away { .. } => {
            Failure::unavailable("KEY_SERVICE_UNAVAILABLE", "key-service is away for a moment: try again")
                .with_retry(RETRY_AFTER)
                .with_source(error)
        }
        KeyError::Denied { .. } => {
            let message = "key-service does not let the vault do this: an operator must bind the vault in its policy";
            Failure::unavailable("KEY_SERVICE_UNAVAILABLE", message).with_retry(RETRY_AFTER).with_source(error)
        }
        KeyError::Sealed => {
            Failure::unavailable("SEALED", "key-service is sealed: an operator must unseal it").with_retry(RETRY_AFTER)
        }
        KeyError::Busy => {
            Failure::exhausted("more calls are waiting for data keys than are served: slow down", RETRY_AFTER)
        }
        KeyError::Erased => Failure::failed_precondition("ERASED", "the subject was erased"),
        KeyError::VersionDisabled => Failure::failed_precondition(
            "KEY_VERSION_DISABLED",
            "the key version that wraps this record is disabled or destroyed: an operator may enable it again",
        ),
        KeyError::VersionUnknown { said } => version_unknown(said),
        KeyError::NewerVersion { said } => {
            Failure::unavailable("NEWER_VERSION", said.clone()).with_retry(RETRY_AFTER).with_source(error)
        }
        KeyError::AuditUnavailable => audit_away().with_source(error),
        KeyError::RowAltered { said } => data_loss(format!("key-service says: {said}")).with_source(error),
        KeyError::DoesNotOpen | KeyError::Refused { .. } | KeyError::Bug(_) => Failure::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn what_key_service_denies_is_no_fault_of_the_vault() {
        let failure = Failure::from(Error::from(KeyError::Denied { code: Code::PermissionDenied }));
        assert_eq!((failure.code(), failure.reason()), (Code::Unavailable, "KEY_SERVICE_UNAVAILABLE"));
    }

    #[test]
    fn who_came_too_late_is_told_so_whatever_the_change() {
        let name = "tenants/t/collections/c/records/r".parse().unwrap();
        let failure = Failure::from(Error::Contended(name));
        assert_eq!(failure.reason(), "CONTENDED");
        let message =
            "tenants/t/collections/c/records/r is being changed by many calls, and this one changed nothing: try again";
        assert_eq!(failure.message(), message);
    }
}
