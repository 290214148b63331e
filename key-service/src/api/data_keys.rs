//! `DataKeyService`. A single call is a batch of one.

use api::key::v1::data_key_service_server::DataKeyService;
use api::key::v1::{
    BatchGenerateDataKeysRequest, BatchGenerateDataKeysResponse, BatchRewrapDataKeysRequest,
    BatchRewrapDataKeysResponse, BatchUnwrapDataKeysRequest, BatchUnwrapDataKeysResponse, GenerateDataKeyRequest,
    GenerateDataKeyResponse, ProvisionTenantKeyRequest, ProvisionTenantKeyResponse, RewrapDataKeyRequest,
    RewrapDataKeyResponse, UnwrapDataKeyRequest, UnwrapDataKeyResponse,
};
use names::{KeyId, KeyName};
use rpc::{Violations, call_context};
use tonic::{Request, Response, Status};

use super::convert::data_keys as convert;
use super::{Api, origin, tell};
use crate::api::convert::{key, on_behalf_of};
use crate::error::Error;
use crate::permissions::TenantKeysProvision;

const NO_ANSWER: Error = Error::Bug("a batch of one has no answer");

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
        let (mut done, event) = self.unsealed()?.generate_data_keys(&granted, call.peer(), &[binding]).await?;
        tell(&call, event);
        Ok(Response::new(convert::generated(done.pop().ok_or(NO_ANSWER)?)))
    }

    async fn unwrap_data_key(
        &self,
        request: Request<UnwrapDataKeyRequest>,
    ) -> Result<Response<UnwrapDataKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, std::slice::from_ref(&message))?;
        let wrapped = convert::wrapped(message)?;
        let (mut done, event) = self.unsealed()?.unwrap_data_keys(&granted, call.peer(), &[wrapped]).await?;
        tell(&call, event);
        Ok(Response::new(convert::unwrapped(&done.pop().ok_or(NO_ANSWER)?)))
    }

    async fn rewrap_data_key(
        &self,
        request: Request<RewrapDataKeyRequest>,
    ) -> Result<Response<RewrapDataKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, std::slice::from_ref(&message))?;
        let wrapped = convert::wrapped(message)?;
        let (mut done, event) = self.unsealed()?.rewrap_data_keys(&granted, call.peer(), &[wrapped]).await?;
        tell(&call, event);
        Ok(Response::new(convert::rewrapped(done.pop().ok_or(NO_ANSWER)?)))
    }

    async fn batch_generate_data_keys(
        &self,
        request: Request<BatchGenerateDataKeysRequest>,
    ) -> Result<Response<BatchGenerateDataKeysResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message.requests)?;
        let bindings = convert::bindings(message.requests, &message.on_behalf_of)?;
        let (done, event) = self.unsealed()?.generate_data_keys(&granted, call.peer(), &bindings).await?;
        tell(&call, event);
        Ok(Response::new(BatchGenerateDataKeysResponse {
            data_keys: done.into_iter().map(convert::generated).collect(),
        }))
    }

    async fn batch_unwrap_data_keys(
        &self,
        request: Request<BatchUnwrapDataKeysRequest>,
    ) -> Result<Response<BatchUnwrapDataKeysResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message.requests)?;
        let wrapped = convert::wrapped_batch(message.requests, &message.on_behalf_of)?;
        let (done, event) = self.unsealed()?.unwrap_data_keys(&granted, call.peer(), &wrapped).await?;
        tell(&call, event);
        Ok(Response::new(BatchUnwrapDataKeysResponse { data_keys: done.iter().map(convert::unwrapped).collect() }))
    }

    async fn batch_rewrap_data_keys(
        &self,
        request: Request<BatchRewrapDataKeysRequest>,
    ) -> Result<Response<BatchRewrapDataKeysResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = convert::grants(&call, &message.requests)?;
        let wrapped = convert::wrapped_batch(message.requests, &message.on_behalf_of)?;
        let (done, event) = self.unsealed()?.rewrap_data_keys(&granted, call.peer(), &wrapped).await?;
        tell(&call, event);
        Ok(Response::new(BatchRewrapDataKeysResponse { data_keys: done.into_iter().map(convert::rewrapped).collect() }))
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
        let (provisioned, event) = self.unsealed()?.provision_tenant_key(&granted, &origin, tenant).await?;
        if let Some(event) = event {
            tell(&call, event);
        }
        Ok(Response::new(ProvisionTenantKeyResponse { key: Some(key(&provisioned)) }))
    }
}
