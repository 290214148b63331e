//! Tells the service about calls that were not done, so that it can account for them.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use tonic::{Code, Status};

use super::measure::code_name;
use crate::{Caller, MethodInfo, RequestId, StatusDetails};

/// How a call ended that was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotDone {
    /// The policy shuts the identity out, or the caller lacks the permission.
    Denied,
    /// What was asked for cannot be done.
    Refused,
    /// It could have been done, and was not; or that is not known.
    Failed,
}

impl NotDone {
    /// What a code says, and whether the answer tells the caller to come again; none where the call was done, or the
    /// caller went away.
    pub(super) fn of(code: Code, comes_again: bool) -> Option<Self> {
        match code {
            // A limit, or others that came first: waiting helps.
            Code::Aborted | Code::ResourceExhausted if comes_again => Some(Self::Failed),
            Code::Ok | Code::Cancelled => None,
            Code::PermissionDenied | Code::Unauthenticated => Some(Self::Denied),
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::Aborted
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::ResourceExhausted
            | Code::Unimplemented => Some(Self::Refused),
            Code::DataLoss | Code::DeadlineExceeded | Code::Internal | Code::Unavailable | Code::Unknown => {
                Some(Self::Failed)
            }
        }
    }
}

/// The reason of a call that was not done, as a code for audit entries: the one in its answer, if it has one.
pub(super) fn reason_of(code: Code, answered: String) -> String {
    match code {
        Code::Unauthenticated => "IDENTITY_DENIED".to_owned(),
        Code::PermissionDenied => "NOT_ALLOWED".to_owned(),
        _ if !answered.is_empty() => answered,
        Code::InvalidArgument => "MALFORMED".to_owned(),
        code => code_name(code).to_owned(),
    }
}

/// A call that was not done, and of which no event of its own tells. Methods of audit class NONE are never reported.
#[derive(Debug, Clone)]
pub struct Denial {
    /// Who called.
    pub caller: Caller,
    /// From which address.
    pub peer: IpAddr,
    /// Which method; its permission is the action.
    pub method: Arc<MethodInfo>,
    /// How it ended.
    pub outcome: NotDone,
    /// Why, as a code: `IDENTITY_DENIED`, `NOT_ALLOWED`, `MALFORMED`, the reason in the answer, or the name of its gRPC code.
    pub reason: String,
    /// The resource that the handler asked a grant for; none where it did not come that far. Not checked to exist.
    pub resource: Option<Arc<str>>,
    /// The call.
    pub request_id: RequestId,
}

/// What an answer says beside its code.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The reason; empty for none.
    pub(super) reason: String,
    /// Whether it has `RetryInfo`.
    pub(super) comes_again: bool,
}

impl Answered {
    pub(super) fn of(status: &Status) -> Self {
        let details = StatusDetails::of(status);
        Self { reason: details.reason, comes_again: details.retry_after.is_some() }
    }
}

/// Where calls that were not done are reported. Called on the call's path: must return at once.
pub trait DenialSink: fmt::Debug + Send + Sync + 'static {
    /// Takes note of one.
    fn denied(&self, denial: Denial);
}
