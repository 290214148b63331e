//! `SignerService`.

use api::key::v1::signer_service_server::SignerService;
use api::key::v1::{
    AcknowledgeRequest, AcknowledgeResponse, AdvanceHeadRequest, AdvanceHeadResponse, CloseAlarmRequest,
    CloseAlarmResponse, DeclareLossRequest, DeclareLossResponse, GetHeadRequest, GetHeadResponse, ListHeadsRequest,
    ListHeadsResponse, ListPublicKeysRequest, ListPublicKeysResponse, SealBatchRequest, SealBatchResponse,
    VerifyMacsRequest, VerifyMacsResponse,
};
use names::{KeyVersionName, LogName, NameError};
use prost::Message;
use rpc::page::Page;
use rpc::{Violations, call_context};
use tlog::signer::HeadMacs;
use tonic::{Request, Response, Status};

use super::convert::{on_behalf_of, required, signer as convert};
use super::{Api, tell};
use crate::permissions::{AlarmsClose, HeadsAdvance, HeadsGet, HeadsList, LossesDeclare, MacsVerify, PublicKeysList};

#[tonic::async_trait]
impl SignerService for Api {
    async fn seal_batch(&self, request: Request<SealBatchRequest>) -> Result<Response<SealBatchResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message)?;
        let batch = convert::seal_batch(message)?;
        let answers = self.unsealed()?.signer.seal_batch(&granted, &batch).await?;
        Ok(Response::new(SealBatchResponse { results: answers.into_iter().map(convert::segment_result).collect() }))
    }

    async fn acknowledge(&self, request: Request<AcknowledgeRequest>) -> Result<Response<AcknowledgeResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::acknowledge_grants(&call, &message)?;
        let acknowledgements = convert::acknowledge(message)?;
        let outcomes = self.unsealed()?.signer.acknowledge(&granted, &acknowledgements).await?;
        let outcomes = outcomes.into_iter().map(|one| convert::ack_outcome(one).into()).collect();
        Ok(Response::new(AcknowledgeResponse { outcomes }))
    }

    async fn get_head(&self, request: Request<GetHeadRequest>) -> Result<Response<GetHeadResponse>, Status> {
        let call = call_context(&request)?;
        let log: Result<LogName, NameError> = request.get_ref().log.parse();
        let granted = call.grant_parsed::<HeadsGet>(&log)?;
        let log = required("log", log)?;
        let head = self.unsealed()?.signer.get_head(&granted, &log).await?;
        Ok(Response::new(GetHeadResponse { head: Some(convert::head(&head.log, head.view)) }))
    }

    async fn list_heads(&self, request: Request<ListHeadsRequest>) -> Result<Response<ListHeadsResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<HeadsList>("logs")?;
        let (message, mut violations) = (request.into_inner(), Violations::new());
        let page = Page::parse(&["ListHeads"], message.page_size, &message.page_token, &mut violations);
        violations.finish()?;
        let after = page.after().unwrap_or_default();
        let list = self.unsealed()?.signer.list_heads(&granted, after, page.limit()).await?;
        let mut heads: Vec<_> = list.heads.into_iter().map(|(log, view)| convert::listed_head(&log, view)).collect();
        let next_page_token = page.cut_to_bytes(&mut heads, Message::encoded_len, |head| head.log.clone());
        Ok(Response::new(ListHeadsResponse { heads, next_page_token, clock_ns: list.clock.now_ns }))
    }

    async fn verify_macs(&self, request: Request<VerifyMacsRequest>) -> Result<Response<VerifyMacsResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let log: Result<LogName, NameError> = message.log.parse();
        let granted = call.grant_parsed::<MacsVerify>(&log)?;
        let log = convert::log_of_macs(log, &message.indices)?;
        let asked = HeadMacs { log: &log, indices: &message.indices, heads: &message.heads, macs: &message.macs };
        let checked = self.unsealed()?.signer.verify_macs(&granted, asked).await?;
        Ok(Response::new(VerifyMacsResponse { wrong_indices: checked.wrong, unknown_indices: checked.unknown }))
    }

    async fn list_public_keys(
        &self,
        request: Request<ListPublicKeysRequest>,
    ) -> Result<Response<ListPublicKeysResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<PublicKeysList>("keys")?;
        let (message, mut violations) = (request.into_inner(), Violations::new());
        let _user = on_behalf_of(&message.on_behalf_of, &mut violations);
        let page = Page::parse(&["ListPublicKeys"], message.page_size, &message.page_token, &mut violations);
        let after = page.after_parsed::<KeyVersionName>(&mut violations);
        violations.finish()?;
        let mut keys = self.unsealed()?.keys.list_public_keys(&granted, after.as_ref(), page.limit()).await?;
        let next_page_token = page.cut(&mut keys, |key| key.name.to_string());
        let public_keys = keys.iter().map(convert::public_key).collect();
        Ok(Response::new(ListPublicKeysResponse { public_keys, next_page_token }))
    }

    async fn advance_head(
        &self,
        request: Request<AdvanceHeadRequest>,
    ) -> Result<Response<AdvanceHeadResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = call.grant_parsed::<HeadsAdvance>(&message.log.parse::<LogName>())?;
        let advance = convert::advance(message)?;
        let (head, event) = self.unsealed()?.signer.advance_head(&granted, &advance).await?;
        tell(&call, event);
        Ok(Response::new(AdvanceHeadResponse { head: Some(convert::head(&head.log, head.view)) }))
    }

    async fn declare_loss(
        &self,
        request: Request<DeclareLossRequest>,
    ) -> Result<Response<DeclareLossResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = call.grant_parsed::<LossesDeclare>(&message.log.parse::<LogName>())?;
        let loss = convert::declare_loss(message)?;
        let (head, event) = self.unsealed()?.signer.declare_loss(&granted, &loss).await?;
        tell(&call, event);
        Ok(Response::new(DeclareLossResponse { head: Some(convert::head(&head.log, head.view)) }))
    }

    async fn close_alarm(&self, request: Request<CloseAlarmRequest>) -> Result<Response<CloseAlarmResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = call.grant_parsed::<AlarmsClose>(&message.log.parse::<LogName>())?;
        let alarms = convert::close_alarms(message)?;
        let (head, event) = self.unsealed()?.signer.close_alarms(&granted, &alarms).await?;
        tell(&call, event);
        Ok(Response::new(CloseAlarmResponse { head: Some(convert::head(&head.log, head.view)) }))
    }
}
