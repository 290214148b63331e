//! What failures of key-service mean.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audit::AuditUnavailable;
use batch::NotCalled;
use rpc::StatusDetails;
use tokio::time::Instant;
use tonic::{Code, Status};

/// What key-service's policy lacks is logged once in so long.
const UNTIL_SAID_AGAIN: Duration = Duration::from_mins(1);

/// Why key-service gave no data key.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It cannot be reached, or did not answer in time.
    #[error("key-service is away")]
    Away {
        /// What happened.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// It cannot account for what it would do.
    #[error("key-service cannot make audit events durable")]
    AuditUnavailable,
    /// It is sealed.
    #[error("key-service is sealed")]
    Sealed,
    /// Too many calls wait already, here or there.
    #[error("key-service has more to do than it can")]
    Busy,
    /// The wrapped key does not open for this key and context, or is none.
    #[error("the wrapped key does not open in its place")]
    DoesNotOpen,
    /// The subject was erased.
    #[error("the subject was erased")]
    Erased,
    /// key-service keeps the key in a form that only a newer version of it may read.
    #[error("the key was written for newer versions of key-service")]
    NewerVersion {
        /// What key-service says.
        said: String,
    },
    /// The key database does not have the key or the key version that a data key is wrapped with.
    #[error("the key is not in the key database")]
    VersionUnknown {
        /// What key-service says: which, and what that means.
        said: String,
    },
    /// A row of the key database was altered: the key is not used.
    #[error("a row of the key database was altered")]
    RowAltered {
        /// What key-service says.
        said: String,
    },
    /// The key version is disabled or destroyed.
    #[error("the key version is disabled or destroyed")]
    VersionDisabled,
    /// Its policy does not let this service do that.
    #[error("key-service's policy does not let this service do that: {code:?}")]
    Denied {
        /// Whether it may do nothing or not this.
        code: Code,
    },
    /// It refused the call for a reason that this service should not give it.
    #[error("key-service refused the call with {code:?} {reason}")]
    Refused {
        /// The code.
        code: Code,
        /// The reason, empty for none.
        reason: String,
    },
    /// It answered something else than it was asked.
    #[error("key-service answered wrongly: {0}")]
    Bug(&'static str),
}

impl KeyError {
    pub(super) fn away(what: &'static str) -> Self {
        Self::Away { source: Arc::from(Box::<dyn Error + Send + Sync>::from(what)) }
    }

    /// Whether key-service can do nothing for anybody now.
    pub fn is_of_all(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::AuditUnavailable | Self::Sealed | Self::Busy)
    }

    pub(super) fn of(status: Status) -> Self {
        let details = StatusDetails::of(&status);
        match (status.code(), details.reason.as_str()) {
            (Code::Unavailable, "SEALED") => Self::Sealed,
            (Code::Unavailable, AuditUnavailable::REASON) => Self::AuditUnavailable,
            (Code::Unavailable, "NEWER_VERSION") => Self::NewerVersion { said: status.message().to_owned() },
            (Code::ResourceExhausted, _) => Self::Busy,
            (Code::FailedPrecondition, "ERASED") => Self::Erased,
            (Code::FailedPrecondition, "KEY_VERSION_DISABLED") => Self::VersionDisabled,
            (Code::FailedPrecondition, "KEY_VERSION_UNKNOWN") => {
                Self::VersionUnknown { said: status.message().to_owned() }
            }
            (Code::DataLoss, _) => Self::RowAltered { said: status.message().to_owned() },
            // A tenant's key is made before the tenant is.
            (Code::NotFound, _) => Self::VersionUnknown {
                said: format!(
                    "{}: the key database was set back, operators restore a newer backup of it",
                    status.message()
                ),
            },
            (Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown, _) => {
                Self::Away { source: Arc::new(status) }
            }
            (code @ (Code::PermissionDenied | Code::Unauthenticated), _) => {
                say_denied(code);
                Self::Denied { code }
            }
            (code, _) => Self::Refused { code, reason: details.reason },
        }
    }

    /// A refused unwrap of what this service stored: the arguments come from the row, so it is the row that is wrong.
    pub(super) fn of_unwrap(self) -> Self {
        match self {
            Self::Refused { code: Code::InvalidArgument, .. } => Self::DoesNotOpen,
            other => other,
        }
    }
}

/// Says once a minute that the policy of key-service lacks this service: no caller can tell.
fn say_denied(code: Code) {
    static SAID_AT: Mutex<Option<Instant>> = Mutex::new(None);
    let mut said_at = SAID_AT.lock().unwrap_or_else(PoisonError::into_inner);
    if said_at.is_none_or(|said_at| said_at.elapsed() >= UNTIL_SAID_AGAIN) {
        *said_at = Some(Instant::now());
        tracing::warn!(?code, "key-service's policy does not let this service call it: bind its identity there");
    }
}

impl From<NotCalled> for KeyError {
    fn from(error: NotCalled) -> Self {
        match error {
            NotCalled::Busy => Self::Busy,
            NotCalled::Ending | NotCalled::Late => Self::Away { source: Arc::new(error) },
        }
    }
}
