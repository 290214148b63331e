//! A stack with a tenant and a collection.

use std::ops::{Deref, DerefMut};

use api::audit::v1::log_service_client::LogServiceClient;
use api::key::v1::signer_service_client::SignerServiceClient;
use api::vault::v1::collection_service_client::CollectionServiceClient;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use api::vault::v1::{Collection, CreateCollectionRequest, CreateTenantRequest};
use rpc::Channel;
use stack::{Scratch, Service, Stack, StackOptions};
use tokio::sync::{Mutex, MutexGuard};

use super::calls::Records;

/// Id of the tenant.
pub(crate) const TENANT: &str = "acme";
/// Log of the tenant.
pub(crate) const LOG: &str = "logs/acme";
/// The collection.
pub(crate) const COLLECTION: &str = "tenants/acme/collections/patients";
/// The log that belongs to no tenant.
pub(crate) const SYSTEM_LOG: &str = "logs/system";

/// A running stack, alone on the machine as far as these tests go.
#[derive(Debug)]
pub(crate) struct World {
    // Dropped in this order: the next test begins when this one's processes have ended.
    stack: Scratch,
    _turn: MutexGuard<'static, ()>,
}

/// Waits until no other test has a stack.
pub(crate) async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

impl World {
    /// Waits for its turn, then starts a stack.
    pub(crate) async fn bare(change: impl FnOnce(&mut StackOptions)) -> Self {
        let turn = turn().await;
        let stack = Scratch::start_with(change).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        Self { stack, _turn: turn }
    }

    /// Waits for its turn, then starts a stack with a tenant and a collection.
    pub(crate) async fn start(change: impl FnOnce(&mut StackOptions)) -> Self {
        let world = Self::bare(change).await;
        let operator = world.channel("operator", "vault").unwrap();
        let tenant = CreateTenantRequest { tenant_id: TENANT.into(), ..Default::default() };
        TenantServiceClient::new(operator.clone()).create_tenant(tenant).await.unwrap();
        let collection = CreateCollectionRequest {
            parent: format!("tenants/{TENANT}"),
            collection_id: "patients".into(),
            collection: Some(Collection::default()),
            request_id: String::new(),
            ..Default::default()
        };
        CollectionServiceClient::new(operator).create_collection(collection).await.unwrap();
        world
    }

    /// `RecordService` of an instance of vault-service, as app.
    pub(crate) fn records(&self, instance: &str) -> Records {
        Records::new(self.app(instance))
    }

    /// A channel to an instance as app.
    pub(crate) fn app(&self, instance: &str) -> Channel {
        self.channel("app", instance).unwrap()
    }

    /// The logs, as an auditor sees them.
    pub(crate) fn logs(&self, instance: &str) -> LogServiceClient<Channel> {
        LogServiceClient::new(self.channel("auditor", instance).unwrap())
    }

    /// The signer, as an auditor sees it.
    pub(crate) fn signer(&self) -> SignerServiceClient<Channel> {
        SignerServiceClient::new(self.channel("auditor", "key").unwrap())
    }

    /// One number from a service's database, as its superuser.
    pub(crate) async fn count(&self, service: Service, sql: &str) -> i64 {
        self.sql(service).await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Kills an instance (SIGKILL), and returns when it is gone.
    pub(crate) fn kill_now(&mut self, instance: &str) {
        tokio::task::block_in_place(|| self.stack.kill(instance)).unwrap();
    }

    /// Starts an instance that was killed, and waits until it is ready.
    pub(crate) async fn start_again(&mut self, instance: &str) {
        self.stack.restart(instance).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
    }

    /// How many calls of a method an instance has answered with OK since it was started.
    pub(crate) async fn answered_calls(&self, instance: &str, method: &str) -> f64 {
        let page = self.admin_page(instance, "/metrics").await.unwrap().unwrap();
        let is_its = |line: &&str| {
            line.starts_with("strongroom_rpc_requests_total{") && line.contains(method) && line.contains("\"OK\"")
        };
        page.lines().filter(is_its).map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
    }

    /// How many lines of an instance's log hold a text.
    pub(crate) fn mentions(&self, instance: &str, text: &str) -> usize {
        let log = std::fs::read_to_string(self.log(instance)).unwrap();
        log.lines().filter(|line| line.contains(text)).count()
    }
}

impl Deref for World {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Stack {
        &mut self.stack
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
