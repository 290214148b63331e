//! The signer behind gRPC: key-service.

use std::fmt;
use std::time::Duration;

use api::key::v1 as proto;
use api::key::v1::signer_service_client::SignerServiceClient;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use names::LogName;
use rpc::Channel;
use tlog::protocol::{AckOutcome, Acknowledgement, SegmentAnswer, SignerView};
use tlog::signer::MacsChecked;
use tonic::{Code, Request, Status};

use super::{HeadsPage, MacsToVerify, SealRequest, Signer, SignerError, convert};

/// Longest time that a batch, with its logs locked, waits for its seal.
const SEAL_DEADLINE: Duration = Duration::from_secs(1);
/// Longest time of every other call.
const READ_DEADLINE: Duration = Duration::from_secs(5);
/// Largest answer: MACs of a batch, or stored segments, with room for what surrounds them.
const MAX_ANSWER: usize = 8 << 20;
/// Heads on one page.
const PAGE: i32 = 1_000;

/// Calls the signer over a channel.
#[derive(Clone)]
pub struct SignerClient(SignerServiceClient<Channel>);

impl SignerClient {
    /// A client over `channel`, which connects when it is first used.
    pub fn new(channel: Channel) -> Self {
        Self(SignerServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER))
    }

    /// Brings a log of the signer forward: an operator's call.
    pub(crate) async fn advance_head(&self, request: proto::AdvanceHeadRequest) -> Result<(), Status> {
        self.0.clone().advance_head(within(request, READ_DEADLINE)).await.map(drop)
    }
}

impl Signer for SignerClient {
    fn seal(&self, request: SealRequest) -> BoxFuture<'_, Result<Vec<SegmentAnswer>, SignerError>> {
        let mut client = self.0.clone();
        async move {
            let asked = request.segments.len();
            let message = within(convert::seal_request(request), SEAL_DEADLINE);
            let response = client.seal_batch(message).await.map_err(failed)?.into_inner();
            if response.results.len() != asked {
                return Err(SignerError::Answer("there are not as many results as segments"));
            }
            response.results.into_iter().map(convert::segment_answer).collect()
        }
        .boxed()
    }

    fn acknowledge(
        &self,
        acknowledgements: Vec<Acknowledgement>,
    ) -> BoxFuture<'_, Result<Vec<Option<AckOutcome>>, SignerError>> {
        let mut client = self.0.clone();
        async move {
            let asked = acknowledgements.len();
            let message = within(convert::acknowledge_request(&acknowledgements), READ_DEADLINE);
            let response = client.acknowledge(message).await.map_err(failed)?.into_inner();
            if response.outcomes.len() != asked {
                return Err(SignerError::Answer("there are not as many results as logs"));
            }
            response.outcomes().map(convert::ack_outcome).collect()
        }
        .boxed()
    }

    fn head(&self, log: LogName) -> BoxFuture<'_, Result<Option<SignerView>, SignerError>> {
        let mut client = self.0.clone();
        async move {
            let message = within(proto::GetHeadRequest { log: log.to_string() }, READ_DEADLINE);
            let head = match client.get_head(message).await {
                Ok(response) => response.into_inner().head.ok_or(SignerError::Answer("the head is missing"))?,
                Err(status) if status.code() == Code::NotFound => return Ok(None),
                Err(status) => return Err(failed(status)),
            };
            let (named, view) = convert::view(head)?;
            if named != log {
                return Err(SignerError::Answer("the head is that of another log"));
            }
            Ok(Some(view))
        }
        .boxed()
    }

    fn heads(&self, page_token: String) -> BoxFuture<'_, Result<HeadsPage, SignerError>> {
        let mut client = self.0.clone();
        async move {
            let message = within(proto::ListHeadsRequest { page_size: PAGE, page_token }, READ_DEADLINE);
            let page = client.list_heads(message).await.map_err(failed)?.into_inner();
            convert::heads_page(page)
        }
        .boxed()
    }

    fn verify_macs(&self, macs: MacsToVerify) -> BoxFuture<'_, Result<MacsChecked, SignerError>> {
        let mut client = self.0.clone();
        async move {
            let message = within(convert::verify_macs_request(macs), READ_DEADLINE);
            let answer = client.verify_macs(message).await.map_err(failed)?.into_inner();
            Ok(MacsChecked { wrong: answer.wrong_indices, unknown: answer.unknown_indices })
        }
        .boxed()
    }
}

impl fmt::Debug for SignerClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerClient").finish_non_exhaustive()
    }
}

fn within<T>(message: T, deadline: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(deadline);
    request
}

fn failed(status: Status) -> SignerError {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted | Code::Unknown => {
            SignerError::Unavailable(Box::new(status))
        }
        Code::DataLoss => SignerError::Unusable(Box::new(status)),
        _ => SignerError::Refused(Box::new(status)),
    }
}
