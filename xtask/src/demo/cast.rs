//! Who takes part: the callers of the demo, each with its own certificate, and their clients.

use api::audit::v1::log_service_client::LogServiceClient;
use api::key::v1::key_service_client::KeyServiceClient;
use api::vault::v1::collection_service_client::CollectionServiceClient;
use api::vault::v1::record_service_client::RecordServiceClient;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use rpc::Channel;
use stack::Stack;

/// A client of the records.
pub(crate) type App = RecordServiceClient<Channel>;

/// The callers' clients.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    /// The operator manages tenants.
    pub(crate) tenants: TenantServiceClient<Channel>,
    /// The operator manages collections.
    pub(crate) collections: CollectionServiceClient<Channel>,
    /// The operator manages keys.
    pub(crate) keys: KeyServiceClient<Channel>,
    /// A backend keeps and uses records.
    pub(crate) app: App,
    /// The operator at the records' door.
    pub(crate) operator: App,
    /// Somebody with a valid certificate and no role.
    pub(crate) stranger: App,
    /// The auditor reads and verifies.
    pub(crate) auditor: LogServiceClient<Channel>,
}

impl Cast {
    /// Connects nobody yet: that happens with the first call.
    pub(crate) fn assemble(stack: &Stack) -> Result<Self, stack::Error> {
        let operator = stack.channel("operator", "vault")?;
        Ok(Self {
            tenants: TenantServiceClient::new(operator.clone()),
            collections: CollectionServiceClient::new(operator.clone()),
            keys: KeyServiceClient::new(stack.channel("operator", "key")?),
            app: RecordServiceClient::new(stack.channel("app", "vault")?),
            operator: RecordServiceClient::new(operator),
            stranger: RecordServiceClient::new(stack.channel("stranger", "vault")?),
            auditor: LogServiceClient::new(stack.channel("auditor", "audit")?),
        })
    }
}
