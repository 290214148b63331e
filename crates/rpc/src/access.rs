//! The `AccessService` of each package: tells a caller about itself.

use tonic::{Request, Response, Status};

use crate::permission::AccessSelf;
use crate::policy::PolicyHandle;
use crate::{Violations, call_context};

/// Permissions that one `TestPermissions` may ask about.
const MAX_PERMISSIONS: usize = 100;

/// Answers `WhoAmI` and `TestPermissions` from the policy in force.
#[derive(Debug, Clone)]
pub struct Access(PolicyHandle);

impl Access {
    fn held(&self, caller: &str, resource: &str, permissions: Vec<String>) -> Result<Vec<String>, Status> {
        let mut violations = Violations::new();
        if permissions.len() > MAX_PERMISSIONS {
            violations.add("permissions", format_args!("must be at most {MAX_PERMISSIONS}"));
        }
        if !resource.is_empty() && !names::is_resource_name(resource) {
            violations.add("resource", "must be empty or the name of a resource, such as tenants/acme or logs/system");
        }
        violations.finish()?;
        let policy = self.0.current();
        Ok(permissions.into_iter().filter(|permission| policy.allows(caller, permission, resource)).collect())
    }
}

macro_rules! access_service {
    ($(#[$doc:meta] $function:ident: $package:ident),+ $(,)?) => {$(
        #[$doc]
        pub fn $function(
            policy: &PolicyHandle,
        ) -> api::$package::v1::access_service_server::AccessServiceServer<Access> {
            api::$package::v1::access_service_server::AccessServiceServer::new(Access(policy.clone()))
        }

        #[tonic::async_trait]
        impl api::$package::v1::access_service_server::AccessService for Access {
            async fn who_am_i(
                &self,
                request: Request<api::$package::v1::WhoAmIRequest>,
            ) -> Result<Response<api::$package::v1::WhoAmIResponse>, Status> {
                let call = call_context(&request)?;
                let granted = call.grant::<AccessSelf>("")?;
                let caller = granted.caller().as_str();
                let bindings = self.0.current().bindings(caller).iter().map(|binding| api::$package::v1::Binding {
                    role: binding.role().to_owned(),
                    scope: binding.scope().to_owned(),
                }).collect();
                Ok(Response::new(api::$package::v1::WhoAmIResponse { identity: caller.to_owned(), bindings }))
            }

            async fn test_permissions(
                &self,
                request: Request<api::$package::v1::TestPermissionsRequest>,
            ) -> Result<Response<api::$package::v1::TestPermissionsResponse>, Status> {
                let call = call_context(&request)?;
                let granted = call.grant::<AccessSelf>("")?;
                let message = request.into_inner();
                let permissions = self.held(granted.caller().as_str(), &message.resource, message.permissions)?;
                Ok(Response::new(api::$package::v1::TestPermissionsResponse { permissions }))
            }
        }
    )+};
}

access_service! {
    /// `strongroom.key.v1.AccessService`.
    key: key,
    /// `strongroom.vault.v1.AccessService`.
    vault: vault,
    /// `strongroom.audit.v1.AccessService`.
    audit: audit,
}
