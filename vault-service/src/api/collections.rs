//! `CollectionService`.

use api::vault::v1 as proto;
use api::vault::v1::collection_service_server::CollectionService;
use names::{CollectionName, TenantName};
use rpc::page::Page;
use rpc::{Failure, call_context};
use tonic::{Request, Response, Status};

use super::{Handlers, allowed, convert, deadline, told};
use crate::collections::CreateCollection;
use crate::permissions::{CollectionsCreate, CollectionsGet, CollectionsList};
use crate::problems::Problems;

#[tonic::async_trait]
impl CollectionService for Handlers {
    async fn create_collection(
        &self,
        request: Request<proto::CreateCollectionRequest>,
    ) -> Result<Response<proto::CreateCollectionResponse>, Status> {
        let call = call_context(&request)?;
        let parent = request.get_ref().parent.parse::<TenantName>();
        let granted = call.grant_parsed::<CollectionsCreate>(&parent)?;
        let message = request.into_inner();
        let mut problems = Problems::default();
        let id = convert::id("collection_id", &message.collection_id, &mut problems);
        let request_id = convert::request_id(&message.request_id, &mut problems);
        let on_behalf_of = convert::on_behalf_of(&message.on_behalf_of, &mut problems);
        let collection = message.collection.unwrap_or_default();
        let field_policies = convert::collections::field_policies(collection.field_policies, &mut problems);
        let (parent, problems) = convert::parsed("parent", parent, problems)?;
        let purposes = collection.purposes;
        let asked = CreateCollection { parent, id, field_policies, purposes, request_id, problems };
        let allowed = allowed(&call, granted, on_behalf_of);
        let created = self.vault.collections.create(&allowed, asked, deadline(&call)).await;
        let collection = told(&call, created)?;
        let collection = Some(convert::collections::collection_message(&collection));
        Ok(Response::new(proto::CreateCollectionResponse { collection }))
    }

    async fn get_collection(
        &self,
        request: Request<proto::GetCollectionRequest>,
    ) -> Result<Response<proto::GetCollectionResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().name.parse::<CollectionName>();
        let granted = call.grant_parsed::<CollectionsGet>(&name)?;
        let mut problems = Problems::default();
        convert::check_on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let (name, problems) = convert::parsed("name", name, problems)?;
        problems.finish().map_err(|invalid| Status::from(invalid.into_failure()))?;
        let collection = self.vault.collections.get(&granted, &name, deadline(&call)).await.map_err(Failure::from)?;
        let collection = Some(convert::collections::collection_message(&collection));
        Ok(Response::new(proto::GetCollectionResponse { collection }))
    }

    async fn list_collections(
        &self,
        request: Request<proto::ListCollectionsRequest>,
    ) -> Result<Response<proto::ListCollectionsResponse>, Status> {
        let call = call_context(&request)?;
        let parent = request.get_ref().parent.parse::<TenantName>();
        let granted = call.grant_parsed::<CollectionsList>(&parent)?;
        let message = request.into_inner();
        let mut problems = Problems::default();
        convert::check_on_behalf_of(&message.on_behalf_of, &mut problems);
        let list = ["ListCollections", &message.parent];
        let page = Page::parse(&list, message.page_size, &message.page_token, problems.violations());
        let (parent, problems) = convert::parsed("parent", parent, problems)?;
        problems.finish().map_err(|invalid| Status::from(invalid.into_failure()))?;
        let listed = self.vault.collections.list(&granted, &parent, &page, deadline(&call)).await;
        let (collections, next_page_token) = listed.map_err(Failure::from)?;
        let collections = collections.iter().map(convert::collections::collection_message).collect();
        Ok(Response::new(proto::ListCollectionsResponse { collections, next_page_token }))
    }
}
