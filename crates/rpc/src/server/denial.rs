//! Tells the service about refused calls, so that it can account for them.

use std::{fmt, net::IpAddr, sync::Arc};

use crate::{Caller, MethodInfo, RequestId};

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenialReason {
    /// The policy shuts the identity out.
    IdentityDenied,
    /// The request is no valid one (`INVALID_ARGUMENT`).
    Malformed,
    /// The caller lacks the permission, here or everywhere.
    NotAllowed,
}

impl DenialReason {
    /// As a code for audit entries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdentityDenied => "IDENTITY_DENIED",
            Self::Malformed => "MALFORMED",
            Self::NotAllowed => "NOT_ALLOWED",
        }
    }
}

impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refused or malformed call of a method that is accounted for: methods of audit class NONE are never reported.
#[derive(Debug, Clone)]
pub struct Denial {
    /// Who called.
    pub caller: Caller,
    /// From which address.
    pub peer: IpAddr,
    /// Which method; its permission is the action.
    pub method: Arc<MethodInfo>,
    /// Why it was refused.
    pub reason: DenialReason,
    /// The resource that the handler asked a grant for; none where it did not come that far. Not checked to exist.
    pub resource: Option<Arc<str>>,
    /// The call.
    pub request_id: RequestId,
}

/// Where refused calls are reported. Called on the call's path: must return at once.
pub trait DenialSink: fmt::Debug + Send + Sync + 'static {
    /// Takes note of one.
    fn denied(&self, denial: Denial);
}
