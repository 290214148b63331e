//! `SignerService`.

use api::key::v1::signer_service_server::SignerService;
use api::key::v1::{
    AdvanceHeadRequest, AdvanceHeadResponse, DeclareLossRequest, DeclareLossResponse, GetHeadRequest, GetHeadResponse,
    ListHeadsRequest, ListHeadsResponse, ListPublicKeysRequest, ListPublicKeysResponse, SealBatchRequest,
    SealBatchResponse, VerifyMacsRequest, VerifyMacsResponse,
};
use names::{LogName, NameError};
use rpc::page::Page;
use rpc::{Violations, call_context};
use tonic::{Request, Response, Status};

use super::convert::{required, signer as convert};
use super::{Api, tell};
use crate::permissions::{HeadsAdvance, HeadsGet, HeadsList, LossesDeclare, MacsVerify, PublicKeysList};

#[tonic::async_trait]
impl SignerService for Api {
    async fn seal_batch(&self, request: Request<SealBatchRequest>) -> Result<Response<SealBatchResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message)?;
        let batch = convert::seal_batch(message)?;
        let answers = self.unsealed()?.seal_batch(&granted, &batch).await?;
        Ok(Response::new(SealBatchResponse { results: answers.into_iter().map(convert::segment_result).collect() }))
    }

    async fn get_head(&self, request: Request<GetHeadRequest>) -> Result<Response<GetHeadResponse>, Status> {
        let call = call_context(&request)?;
        let log: Result<LogName, NameError> = request.get_ref().log.parse();
        let granted = call.grant_parsed::<HeadsGet>(&log)?;
        let log = required("log", log)?;
        let head = self.unsealed()?.get_head(&granted, &log).await?;
        Ok(Response::new(GetHeadResponse { head: Some(convert::head(head)) }))
    }

    async fn list_heads(&self, request: Request<ListHeadsRequest>) -> Result<Response<ListHeadsResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<HeadsList>("logs")?;
        let (message, mut violations) = (request.into_inner(), Violations::new());
        let page = Page::parse(&["ListHeads"], message.page_size, &message.page_token, &mut violations);
        violations.finish()?;
        let after = page.after().unwrap_or_default();
        let mut heads = self.unsealed()?.list_heads(&granted, after, page.limit()).await?;
        let next_page_token = page.cut(&mut heads, |head| head.log.to_string());
        Ok(Response::new(ListHeadsResponse { heads: heads.into_iter().map(convert::head).collect(), next_page_token }))
    }

    async fn verify_macs(&self, request: Request<VerifyMacsRequest>) -> Result<Response<VerifyMacsResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let log: Result<LogName, NameError> = message.log.parse();
        let granted = call.grant_parsed::<MacsVerify>(&log)?;
        let place = convert::place(log, message.first_index)?;
        let (heads, macs) = (&message.heads, &message.macs);
        let unsealed = self.unsealed()?;
        let invalid_indices = unsealed.verify_macs(&granted, (&place.0, place.1), (heads, macs)).await?;
        Ok(Response::new(VerifyMacsResponse { invalid_indices }))
    }

    async fn list_public_keys(
        &self,
        request: Request<ListPublicKeysRequest>,
    ) -> Result<Response<ListPublicKeysResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<PublicKeysList>("keys")?;
        let (message, mut violations) = (request.into_inner(), Violations::new());
        let page = Page::parse(&["ListPublicKeys"], message.page_size, &message.page_token, &mut violations);
        let after = convert::public_key_after(&page, &mut violations);
        violations.finish()?;
        let mut keys = self.unsealed()?.list_public_keys(&granted, after.as_ref(), page.limit()).await?;
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
        let (segment, macs) = convert::advance(message)?;
        let (head, event) = self.unsealed()?.advance_head(&granted, &segment, &macs).await?;
        tell(&call, event);
        Ok(Response::new(AdvanceHeadResponse { head: Some(convert::head(head)) }))
    }

    async fn declare_loss(
        &self,
        request: Request<DeclareLossRequest>,
    ) -> Result<Response<DeclareLossResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = call.grant_parsed::<LossesDeclare>(&message.log.parse::<LogName>())?;
        let (log, range, reference) = convert::declare_loss(message)?;
        let (head, event) = self.unsealed()?.declare_loss(&granted, (&log, range), &reference).await?;
        tell(&call, event);
        Ok(Response::new(DeclareLossResponse { head: Some(convert::head(head)) }))
    }
}
