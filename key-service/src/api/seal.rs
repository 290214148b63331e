//! `SealService`: answers while the service is sealed.

use api::key::v1::seal_service_server::SealService;
use api::key::v1::{GetSealStatusRequest, GetSealStatusResponse};
use rpc::{Violations, call_context};
use tonic::{Request, Response, Status};

use super::{Api, convert};
use crate::permissions::SealGet;

#[tonic::async_trait]
impl SealService for Api {
    async fn get_seal_status(
        &self,
        request: Request<GetSealStatusRequest>,
    ) -> Result<Response<GetSealStatusResponse>, Status> {
        let call = call_context(&request)?;
        let _granted = call.grant::<SealGet>("")?;
        let mut violations = Violations::new();
        let _user = convert::on_behalf_of(&request.get_ref().on_behalf_of, &mut violations);
        violations.finish()?;
        let unsealed = self.0.unsealed().ok();
        Ok(Response::new(GetSealStatusResponse {
            kind: convert::seal_kind(self.0.kind()).into(),
            sealed: unsealed.is_none(),
            initialized: self.0.is_initialized(),
            installation_id: unsealed.map(|unsealed| unsealed.installation.to_string()).unwrap_or_default(),
        }))
    }
}
