//! `KeyService`.

use api::key::v1::key_service_server::KeyService;
use api::key::v1::{
    CreateKeyRequest, CreateKeyResponse, GetKeyRequest, GetKeyResponse, GetKeyVersionRequest, GetKeyVersionResponse,
    ListKeyVersionsRequest, ListKeyVersionsResponse, ListKeysRequest, ListKeysResponse, RotateKeyRequest,
    RotateKeyResponse,
};
use names::{KeyName, KeyVersionName, NameError};
use rpc::page::Page;
use rpc::{Violations, call_context};
use tonic::{Request, Response, Status};

use super::{Api, convert, origin, tell};
use crate::keys::read::CountedVersion;
use crate::permissions::{KeyVersionsGet, KeyVersionsList, KeysCreate, KeysGet, KeysList, KeysRotate};

#[tonic::async_trait]
impl KeyService for Api {
    async fn create_key(&self, request: Request<CreateKeyRequest>) -> Result<Response<CreateKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let granted = call.grant::<KeysCreate>(&convert::scope_of_new_key(&message.key_id))?;
        let (create, user) = convert::create_key(message)?;
        let made = self.unsealed()?.keys.create(&granted, &origin(&call, user), create).await?;
        tell(&call, made.event);
        Ok(Response::new(CreateKeyResponse { key: Some(convert::key(&made.answer)) }))
    }

    async fn get_key(&self, request: Request<GetKeyRequest>) -> Result<Response<GetKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.get_ref();
        let name: Result<KeyName, NameError> = message.name.parse();
        let granted = call.grant_parsed::<KeysGet>(&name)?;
        let name = convert::required_of("name", name, &message.on_behalf_of)?;
        let key = self.unsealed()?.keys.get(&granted, &name).await?;
        Ok(Response::new(GetKeyResponse { key: Some(convert::key(&key)) }))
    }

    async fn list_keys(&self, request: Request<ListKeysRequest>) -> Result<Response<ListKeysResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<KeysList>("keys")?;
        let (message, mut violations) = (request.into_inner(), Violations::new());
        let page = Page::parse(&["ListKeys"], message.page_size, &message.page_token, &mut violations);
        let _user = convert::on_behalf_of(&message.on_behalf_of, &mut violations);
        violations.finish()?;
        let after = page.after().unwrap_or_default();
        let mut keys = self.unsealed()?.keys.list(&granted, after, page.limit()).await?;
        let next_page_token = page.cut_to_bytes(&mut keys, convert::bytes_of_key, |key| key.id.to_string());
        Ok(Response::new(ListKeysResponse { keys: keys.iter().map(convert::key).collect(), next_page_token }))
    }

    async fn rotate_key(&self, request: Request<RotateKeyRequest>) -> Result<Response<RotateKeyResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let name: Result<KeyName, NameError> = message.name.parse();
        let granted = call.grant_parsed::<KeysRotate>(&name)?;
        let (rotate, user) = convert::rotate(name, &message)?;
        let made = self.unsealed()?.keys.rotate(&granted, &origin(&call, user), &rotate).await?;
        tell(&call, made.event);
        let (key, version) = made.answer;
        let counted = CountedVersion { version, wraps: 0 };
        Ok(Response::new(RotateKeyResponse { key_version: Some(convert::key_version(&key.name(), &counted)) }))
    }

    async fn get_key_version(
        &self,
        request: Request<GetKeyVersionRequest>,
    ) -> Result<Response<GetKeyVersionResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.get_ref();
        let name: Result<KeyVersionName, NameError> = message.name.parse();
        let granted = call.grant_parsed::<KeyVersionsGet>(&name)?;
        let name = convert::required_of("name", name, &message.on_behalf_of)?;
        let version = self.unsealed()?.keys.get_version(&granted, &name).await?;
        Ok(Response::new(GetKeyVersionResponse { key_version: Some(convert::key_version(&name.parent(), &version)) }))
    }

    async fn list_key_versions(
        &self,
        request: Request<ListKeyVersionsRequest>,
    ) -> Result<Response<ListKeyVersionsResponse>, Status> {
        let call = call_context(&request)?;
        let message = request.into_inner();
        let parent: Result<KeyName, NameError> = message.parent.parse();
        let granted = call.grant_parsed::<KeyVersionsList>(&parent)?;
        let mut violations = Violations::new();
        let list = ["ListKeyVersions", &message.parent];
        let page = Page::parse(&list, message.page_size, &message.page_token, &mut violations);
        let after = page.after_parsed(&mut violations).unwrap_or_default();
        let _user = convert::on_behalf_of(&message.on_behalf_of, &mut violations);
        let parent = violations.check("parent", parent);
        let parent = violations.finish_with(parent)?;
        let mut versions = self.unsealed()?.keys.list_versions(&granted, &parent, after, page.limit()).await?;
        let next_page_token = page.cut(&mut versions, |one| one.version.version.to_string());
        let key_versions = versions.iter().map(|one| convert::key_version(&parent, one)).collect();
        Ok(Response::new(ListKeyVersionsResponse { key_versions, next_page_token }))
    }
}
