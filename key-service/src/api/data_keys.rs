//! `DataKeyService`. A single call is a batch of one.

use api::key::v1::data_key_service_server::DataKeyService;
use api::key::v1::{
    BatchGenerateDataKeysRequest, BatchGenerateDataKeysResponse, BatchRewrapDataKeysRequest,
    BatchRewrapDataKeysResponse, BatchUnwrapDataKeysRequest, BatchUnwrapDataKeysResponse, GenerateDataKeyRequest,
    GenerateDataKeyResponse, ListKeyChangesRequest, ListKeyChangesResponse, ProvisionTenantKeyRequest,
    ProvisionTenantKeyResponse, RewrapDataKeyRequest, RewrapDataKeyResponse, UnwrapDataKeyRequest,
    UnwrapDataKeyResponse,
};
use names::{KeyId, KeyName};
use rpc::{CallContext, Failure, Violations, call_context};
use tonic::{Request, Response, Status};

use super::convert::data_keys as convert;
use super::{Api, origin, tell};
use crate::api::convert::{key, on_behalf_of};
use crate::data_keys::batch::{Batch, Done};
use crate::permissions::{KeyChangesList, TenantKeysProvision};

/// The result of a batch of one. Its event is named whether it was done or refused.
fn the_one<T>(call: &CallContext, mut batch: Batch<T>) -> Result<Done<T>, Failure> {
    tell(call, batch.event);
    batch.results.pop().unwrap_or_else(|| Err(Failure::bug("a batch of one has no result")))
}

/// Most bytes of a result of a batch: a data key and what it is wrapped into, or why it is not.
const RESULT_BYTES: usize = 1024;

#[tonic::async_trait]
impl DataKeyService for Api {
    async fn generate_data_key(
        &self,
        request: Request<GenerateDataKeyRequest>,
    ) -> Result<Response<GenerateDataKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, std::slice::from_ref(&message))?;
        let binding = convert::binding(message)?;
        let batch = self.unsealed()?.data_keys.generate(&granted, call.peer(), &[binding]).await?;
        Ok(Response::new(convert::generated(the_one(&call, batch)?)))
    }

    async fn unwrap_data_key(
        &self,
        request: Request<UnwrapDataKeyRequest>,
    ) -> Result<Response<UnwrapDataKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, std::slice::from_ref(&message))?;
        let wrapped = convert::wrapped(message)?;
        let batch = self.unsealed()?.data_keys.unwrap(&granted, call.peer(), &[wrapped]).await?;
        Ok(Response::new(convert::unwrapped(&the_one(&call, batch)?)))
    }

    async fn rewrap_data_key(
        &self,
        request: Request<RewrapDataKeyRequest>,
    ) -> Result<Response<RewrapDataKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, std::slice::from_ref(&message))?;
        let wrapped = convert::wrapped(message)?;
        let batch = self.unsealed()?.data_keys.rewrap(&granted, call.peer(), &[wrapped]).await?;
        Ok(Response::new(convert::rewrapped(the_one(&call, batch)?)))
    }

    async fn batch_generate_data_keys(
        &self,
        request: Request<BatchGenerateDataKeysRequest>,
    ) -> Result<Response<BatchGenerateDataKeysResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message.requests)?;
        let bindings = convert::bindings(message.requests, &message.on_behalf_of)?;
        call.reserve_response(bindings.len().saturating_mul(RESULT_BYTES))?;
        let batch = self.unsealed()?.data_keys.generate(&granted, call.peer(), &bindings).await?;
        tell(&call, batch.event);
        Ok(Response::new(BatchGenerateDataKeysResponse { results: convert::all_generated(&call, batch) }))
    }

    async fn batch_unwrap_data_keys(
        &self,
        request: Request<BatchUnwrapDataKeysRequest>,
    ) -> Result<Response<BatchUnwrapDataKeysResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message.requests)?;
        let wrapped = convert::wrapped_batch(message.requests, &message.on_behalf_of)?;
        call.reserve_response(wrapped.len().saturating_mul(RESULT_BYTES))?;
        let batch = self.unsealed()?.data_keys.unwrap(&granted, call.peer(), &wrapped).await?;
        tell(&call, batch.event);
        Ok(Response::new(BatchUnwrapDataKeysResponse { results: convert::all_unwrapped(&call, batch) }))
    }

    async fn batch_rewrap_data_keys(
        &self,
        request: Request<BatchRewrapDataKeysRequest>,
    ) -> Result<Response<BatchRewrapDataKeysResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message.requests)?;
        let wrapped = convert::wrapped_batch(message.requests, &message.on_behalf_of)?;
        call.reserve_response(wrapped.len().saturating_mul(RESULT_BYTES))?;
        let batch = self.unsealed()?.data_keys.rewrap(&granted, call.peer(), &wrapped).await?;
        tell(&call, batch.event);
        Ok(Response::new(BatchRewrapDataKeysResponse { results: convert::all_rewrapped(&call, batch) }))
    }

    async fn provision_tenant_key(
        &self,
        request: Request<ProvisionTenantKeyRequest>,
    ) -> Result<Response<ProvisionTenantKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.get_ref();
        let tenant = convert::tenant_uid(&message.tenant_uid);
        let name = tenant.clone().map(|tenant| KeyName::new(KeyId::from_uuid(tenant.as_uuid())));
        let granted = call.grant_parsed::<TenantKeysProvision>(&name)?;
        let mut violations = Violations::new();
        let user = on_behalf_of(&message.on_behalf_of, &mut violations);
        let tenant = violations.check("tenant_uid", tenant);
        let tenant = violations.finish_with(tenant)?;
        let origin = origin(&call, user);
        let (provisioned, event) = self.unsealed()?.keys.provision_tenant_key(&granted, &origin, tenant).await?;
        if let Some(event) = event {
            tell(&call, event);
        }
        Ok(Response::new(ProvisionTenantKeyResponse { key: Some(key(&provisioned)) }))
    }

    async fn list_key_changes(
        &self,
        request: Request<ListKeyChangesRequest>,
    ) -> Result<Response<ListKeyChangesResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<KeyChangesList>("keys")?;
        let after = request.get_ref().after_generation;
        let changes = self.unsealed()?.keys.list_changes(&granted, after).await?;
        Ok(Response::new(convert::key_changes(changes)))
    }
}
