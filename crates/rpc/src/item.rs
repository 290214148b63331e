//! What became of one request of a batch: a `google.rpc.Status` in the answer, where a call has one in its trailers.

use std::collections::HashMap;

use prost::Message as _;
use prost_types::Any;
use tonic::{Code, Status};
use tonic_types::pb;

use crate::Failure;
use crate::failure::DOMAIN;

/// Type of the one detail that an item's status has.
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";

/// The status of an item, with the reason in an `ErrorInfo` and no other details: a thousand of them fit into an answer.
pub(crate) fn status_of(failure: &Failure) -> pb::Status {
    let info =
        pb::ErrorInfo { reason: failure.reason().to_owned(), domain: DOMAIN.to_owned(), metadata: HashMap::new() };
    let details = if info.reason.is_empty() {
        Vec::new()
    } else {
        vec![Any { type_url: ERROR_INFO.to_owned(), value: info.encode_to_vec() }]
    };
    pb::Status { code: failure.code().into(), message: failure.message().to_owned(), details }
}

/// An item's status as that of a call, as its client would have it.
pub fn status_of_item(item: pb::Status) -> Status {
    let details = item.encode_to_vec();
    Status::with_details(Code::from(item.code), item.message, details.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatusDetails;

    #[test]
    fn a_status_goes_out_with_its_reason_alone_and_comes_back() {
        let failure = Failure::failed_precondition("KEY_VERSION_DISABLED", "keys/k/versions/1 is disabled")
            .with_retry(std::time::Duration::from_secs(1))
            .with_source("a cause");
        let details = StatusDetails::of(&status_of_item(status_of(&failure)));
        assert_eq!((details.code, details.reason.as_str()), (Code::FailedPrecondition, "KEY_VERSION_DISABLED"));
        assert_eq!(details.message, "keys/k/versions/1 is disabled");
        assert_eq!(details.retry_after, None);
        assert!(status_of(&Failure::not_found("keys/k")).details.is_empty());
    }
}
