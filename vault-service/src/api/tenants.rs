//! `TenantService`.

use api::vault::v1 as proto;
use api::vault::v1::tenant_service_server::TenantService;
use names::{TenantId, TenantName};
use rpc::page::Page;
use rpc::{Failure, call_context};
use tonic::{Request, Response, Status};

use super::{Handlers, allowed, convert, deadline, told};
use crate::permissions::{TenantsCreate, TenantsGet, TenantsList};
use crate::problems::Problems;
use crate::tenants::CreateTenant;

#[tonic::async_trait]
impl TenantService for Handlers {
    async fn create_tenant(
        &self,
        request: Request<proto::CreateTenantRequest>,
    ) -> Result<Response<proto::CreateTenantResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<TenantsCreate>("")?;
        let message = request.into_inner();
        let mut problems = Problems::default();
        let id = match message.tenant_id.as_str() {
            "" => None,
            text => problems.check("tenant_id", TenantId::new_for_create(text)),
        };
        let request_id = convert::request_id(&message.request_id, &mut problems);
        let on_behalf_of = convert::on_behalf_of(&message.on_behalf_of, &mut problems);
        let display_name = message.tenant.unwrap_or_default().display_name;
        let asked = CreateTenant { id, display_name, request_id, problems };
        let allowed = allowed(&call, granted, on_behalf_of);
        let created = self.vault.tenants.create(&allowed, asked, deadline(&call)).await;
        let tenant = told(&call, created)?;
        Ok(Response::new(proto::CreateTenantResponse { tenant: Some(convert::tenants::tenant_message(&tenant)) }))
    }

    async fn get_tenant(
        &self,
        request: Request<proto::GetTenantRequest>,
    ) -> Result<Response<proto::GetTenantResponse>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().name.parse::<TenantName>();
        let granted = call.grant_parsed::<TenantsGet>(&name)?;
        let mut problems = Problems::default();
        convert::check_on_behalf_of(&request.get_ref().on_behalf_of, &mut problems);
        let (name, problems) = convert::parsed("name", name, problems)?;
        problems.finish().map_err(|invalid| Status::from(invalid.into_failure()))?;
        let tenant = self.vault.tenants.get(&granted, &name, deadline(&call)).await.map_err(Failure::from)?;
        Ok(Response::new(proto::GetTenantResponse { tenant: Some(convert::tenants::tenant_message(&tenant)) }))
    }

    async fn list_tenants(
        &self,
        request: Request<proto::ListTenantsRequest>,
    ) -> Result<Response<proto::ListTenantsResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<TenantsList>("")?;
        let message = request.into_inner();
        let mut problems = Problems::default();
        convert::check_on_behalf_of(&message.on_behalf_of, &mut problems);
        let page = Page::parse(&["ListTenants"], message.page_size, &message.page_token, problems.violations());
        problems.finish().map_err(|invalid| Status::from(invalid.into_failure()))?;
        let listed = self.vault.tenants.list(&granted, &page, deadline(&call)).await;
        let (tenants, next_page_token) = listed.map_err(Failure::from)?;
        let tenants = tenants.iter().map(convert::tenants::tenant_message).collect();
        Ok(Response::new(proto::ListTenantsResponse { tenants, next_page_token }))
    }
}
