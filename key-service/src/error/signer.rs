//! What the signer does not do, on the wire.

use rpc::{Failure, Violations};
use tlog::signer::{AdvanceError, CloseError, LossError, VerifyMacsError};
use tlog::snapshot::SnapshotError;

use super::Error;

/// The failure of a call of `SignerService`.
pub(super) fn failure(error: Error) -> Failure {
    let inconsistent = |message: String| Failure::data_loss("LOG_INCONSISTENT", message);
    match error {
        Error::Advance(reason) => advance(&reason),
        Error::Close(reason) => close(&reason),
        Error::Loss(reason) => loss(&reason),
        Error::SignerMarks(log) => {
            inconsistent(format!("alarms or losses of {log} are missing or were put back: restore the key database"))
        }
        Error::SignerSetBack(log) => inconsistent(format!(
            "the signer's state of {log} was set back behind what this process has seen: after a restore of the key \
             database bring the log forward with `audit-service advance`; else restore the key database"
        )),
        Error::SignerUnknownMarks => inconsistent(
            "alarms of logs without entries are missing or were put back: restore the key database".to_owned(),
        ),
        Error::SignerRaced => Failure::unavailable("DATABASE_UNAVAILABLE", "another replica was first: try again"),
        Error::Snapshot(reason) => snapshot(&reason),
        Error::VerifyMacs(VerifyMacsError::Order) => one_violation("indices", &VerifyMacsError::Order),
        Error::VerifyMacs(reason) => one_violation("heads", &reason),
        other => Failure::internal(other),
    }
}

fn advance(reason: &AdvanceError) -> Failure {
    match reason {
        AdvanceError::Log | AdvanceError::Time => one_violation("snapshot", reason),
        AdvanceError::Expectation { .. } => one_violation("expected_head", reason),
        AdvanceError::Beginning { .. } => Failure::failed_precondition("OTHER_BEGINNING", service::chain(reason)),
        AdvanceError::NotBeyond { .. } => Failure::failed_precondition("NOT_BEYOND", service::chain(reason)),
        AdvanceError::Snapshot(reason) => snapshot(reason),
        AdvanceError::Forked => Failure::data_loss("LOG_INCONSISTENT", service::chain(reason)),
    }
}

fn snapshot(reason: &SnapshotError) -> Failure {
    match reason {
        SnapshotError::UnknownVersion(_) => Failure::failed_precondition(
            "KEY_VERSION_UNKNOWN",
            format!(
                "{reason}: the key database was set back behind that version; restore a newer backup of it, or, if there is \
                 none, bring a size and head that were kept outside"
            ),
        ),
        SnapshotError::Malformed | SnapshotError::Mac => one_violation("snapshot", reason),
    }
}

fn close(reason: &CloseError) -> Failure {
    match reason {
        CloseError::NotAgreed => Failure::failed_precondition("NOT_AGREED", service::chain(reason)),
        CloseError::NotOpen(_) | CloseError::NotExplained(_) => one_violation("alarm_ids", reason),
    }
}

fn loss(reason: &LossError) -> Failure {
    match reason {
        LossError::Beginning { .. } => one_violation("first_index", reason),
        LossError::NothingLost => Failure::failed_precondition("NOTHING_LOST", service::chain(reason)),
        LossError::Boundary | LossError::Overlap | LossError::Range | LossError::TooMany => {
            one_violation("last_index", reason)
        }
    }
}

fn one_violation(field: &str, reason: &(dyn std::error::Error + 'static)) -> Failure {
    let mut violations = Violations::new();
    violations.add(field, service::chain(reason));
    Failure::invalid(violations)
}
