//! A stack of the bench's own, and connections to it as each of its callers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use api::vault::v1::collection_service_client::CollectionServiceClient;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use api::vault::v1::{Collection, CreateCollectionRequest, CreateTenantRequest, Tenant};
use rpc::{Channel, PeerConfig, Tls, TlsConfig};
use stack::binaries::Profile;
use stack::{Scratch, Service};
use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::floor::sql::connect;

/// Connections that one load spreads its calls over.
const CONNECTIONS: usize = 4;
/// Longest wait for every outbox to be empty.
const SETTLE_LIMIT: Duration = Duration::from_mins(2);

/// The stack under measurement.
pub(crate) struct Lab {
    /// The stack; optimized build, durable commits.
    pub(crate) stack: Scratch,
    /// Superuser sessions, for floors and for looking whether all is settled.
    pub(crate) key_database: Client,
    pub(crate) vault_database: Client,
    pub(crate) audit_database: Client,
    _drivers: JoinSet<()>,
}

/// The tenant that all measurements use.
pub(crate) const TENANT: &str = "tenants/bench";
/// The collection that all measurements use.
pub(crate) const COLLECTION: &str = "tenants/bench/collections/records";

impl Lab {
    /// Starts the stack and makes tenant and collection.
    pub(crate) async fn open() -> Result<Self> {
        let stack = Scratch::start_with(|options| {
            options.profile = Profile::Release;
            options.durable = true;
        })
        .await?;
        let mut drivers = JoinSet::new();
        let key_database = connect(&stack.database_url(Service::Key)?, &mut drivers).await?;
        let vault_database = connect(&stack.database_url(Service::Vault)?, &mut drivers).await?;
        let audit_database = connect(&stack.database_url(Service::Audit)?, &mut drivers).await?;
        let lab = Self { stack, key_database, vault_database, audit_database, _drivers: drivers };
        lab.make_collection().await?;
        // Whatever had to connect first has, when the events of the above are sealed.
        lab.settled().await?;
        Ok(lab)
    }

    async fn make_collection(&self) -> Result<()> {
        let operator = self.channel(Service::Vault, "operator")?;
        TenantServiceClient::new(operator.clone())
            .create_tenant(CreateTenantRequest {
                tenant_id: "bench".to_owned(),
                tenant: Some(Tenant::default()),
                ..CreateTenantRequest::default()
            })
            .await
            .context("create the tenant")?;
        CollectionServiceClient::new(operator)
            .create_collection(CreateCollectionRequest {
                parent: TENANT.to_owned(),
                collection_id: "records".to_owned(),
                collection: Some(Collection::default()),
                ..CreateCollectionRequest::default()
            })
            .await
            .context("create the collection")?;
        Ok(())
    }

    /// A channel to a service, as a caller.
    pub(crate) fn channel(&self, service: Service, caller: &str) -> Result<Channel> {
        self.channel_to(&self.stack.grpc(service.short())?, caller)
    }

    /// A channel to an address, as a caller.
    pub(crate) fn channel_to(&self, address: &str, caller: &str) -> Result<Channel> {
        let identity = self.stack.identity(caller)?;
        let tls = Tls::load(
            &TlsConfig { cert: identity.cert, key: identity.key, ca: self.stack.certificates().ca() },
            rpc::Uses::ServerAndClient,
            false,
        )?;
        let mut peer = PeerConfig::new(format!("https://{address}"));
        peer.connections = CONNECTIONS;
        Ok(Channel::new(&peer, tls)?)
    }

    /// Waits until every outbox is empty: then every event is a sealed and committed entry.
    pub(crate) async fn settled(&self) -> Result<()> {
        let deadline = Instant::now() + SETTLE_LIMIT;
        for database in [&self.vault_database, &self.key_database] {
            while pending(database).await? {
                if Instant::now() > deadline {
                    bail!("an outbox is not empty after {} s", SETTLE_LIMIT.as_secs());
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        Ok(())
    }
}

async fn pending(database: &Client) -> Result<bool> {
    let row = database.query_one("SELECT EXISTS (SELECT 1 FROM audit_outbox)", &[]).await?;
    Ok(row.try_get(0)?)
}
