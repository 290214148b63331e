//! A world: databases, an authority, a key-service, replicas of the vault, and a fake audit-service.

mod audit_fake;
mod calls;
mod json;
mod key_service;
mod rows;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::rows::RowKeys;
use api::key::v1::data_key_service_client::DataKeyServiceClient;
use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::{ProvisionTenantKeyRequest, RotateKeyRequest};
use audit::{OutboxConfig, OutboxKeySlot, RefusedCall};
use clock::{SharedClock, SystemClock};
use db::{Db, DbConfig};
use rpc::policy::PolicyHandle;
use rpc::{Channel, GrpcConfig, MethodTable, PeerConfig, PolicyFile, Server, Tls, TlsConfig};
use service::Jobs;
use test_support::certs::Authority;
use test_support::postgres::{Cluster, Superuser, TestDatabase};
use test_support::{Proxy, poll_until};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;
use vault_service::config::RequestsConfig;
use vault_service::keys::cache::DataKeyCacheConfig;
use vault_service::keys::own::OwnKeySource;
use vault_service::{MIGRATIONS, Parts, Vault};

pub(crate) use audit_fake::Audit;
pub(crate) use calls::{
    Calls, PATIENTS, Refused, name, new_record, reason_of, refused, reveal_request, update_request,
};
pub(crate) use json::fields;
pub(crate) use key_service::Keys;

/// Longest wait for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// A call whose dependency is away is answered within this time: two seconds, and as much again and more for a machine
/// that is busy with other tests. A call that nothing bounds waits for `CALL`.
pub(crate) const BOUND: Duration = Duration::from_secs(6);
/// Connections of a vault to its database.
const CONNECTIONS: usize = 4;
/// Deadline of a call.
const CALL: Duration = Duration::from_secs(30);

const POLICY: &str = include_str!("../../../deploy/policy.toml");

/// An application that belongs to another tenant, a second one, and one that sees masked values only.
const OTHERS: &str = r#"
[[bindings]]
subject = "spiffe://strongroom.dev/other-app"
role = "app"
scope = "tenants/other"

[[bindings]]
subject = "spiffe://strongroom.dev/second-app"
role = "app"

[[roles]]
name = "front-desk"
permissions = ["records.reveal"]

[[bindings]]
subject = "spiffe://strongroom.dev/front-desk"
role = "front-desk"
"#;

pub(crate) struct World {
    pub(crate) database: TestDatabase<'static>,
    pub(crate) keys: Keys,
    /// Between the vaults and key-service.
    pub(crate) to_keys: Proxy,
    pub(crate) audit: Audit,
    authority: Authority,
    outbox: OutboxConfig,
    key_budget: Duration,
    data_key_cache: DataKeyCacheConfig,
    clock: SharedClock,
    _directory: Directory,
}

/// One running replica of the vault; ends its tasks when dropped.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    jobs: Jobs,
    ended: CancellationToken,
    _ends: DropGuard,
}

impl World {
    /// Databases and a key-service; no vault yet.
    pub(crate) async fn new() -> Self {
        let cluster = Cluster::shared().await.unwrap();
        let directory = Directory::new();
        let authority = Authority::open(&directory.0, "test authority").unwrap();
        let keys = Keys::start(cluster, &directory.0, tls(&authority, "key-service"), policy()).await;
        let to_keys = Proxy::to(keys.address).await.unwrap();
        Self {
            database: cluster.database("vault", MIGRATIONS).await.unwrap(),
            keys,
            to_keys,
            audit: Audit::default(),
            authority,
            outbox: OutboxConfig::default(),
            key_budget: CALL,
            data_key_cache: DataKeyCacheConfig::default(),
            clock: Arc::new(SystemClock),
            _directory: directory,
        }
    }

    /// A world with one vault, in which a tenant `acme` has a collection `patients`.
    pub(crate) async fn start() -> (Self, Replica) {
        let world = Self::new().await;
        let replica = world.replica().await;
        world.furnish(&replica).await;
        (world, replica)
    }

    /// The tenant `acme` and its collection `patients`.
    pub(crate) async fn furnish(&self, replica: &Replica) {
        let mut operator = self.calls(replica, "operator");
        // Polled, for the budget may be short and the machine busy.
        let made = poll_until(LIMIT, "the first tenant", async || operator.create_tenant("acme").await.ok());
        made.await.unwrap();
        operator.create_collection("tenants/acme", "patients").await.unwrap();
    }

    pub(crate) fn with_outbox(mut self, outbox: OutboxConfig) -> Self {
        self.outbox = outbox;
        self
    }

    /// Vaults take the time from this clock.
    pub(crate) fn with_clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Vaults use data keys again.
    pub(crate) fn with_data_key_cache(mut self, config: DataKeyCacheConfig) -> Self {
        self.data_key_cache = config;
        self
    }

    /// Vaults wait for key-service no longer than in production. Elsewhere they wait longer, for a busy machine.
    pub(crate) fn with_production_budget(mut self) -> Self {
        self.key_budget = vault_service::keys::BUDGET;
        self
    }

    /// A further vault on the same database.
    pub(crate) async fn replica(&self) -> Replica {
        self.replica_on(self.database.config()).await
    }

    /// A further vault that reaches its database in another way.
    pub(crate) async fn replica_on(&self, database: DbConfig) -> Replica {
        let ended = CancellationToken::new();
        let jobs = Jobs::new(ended.clone());
        let vault = self.vault_on(database, &jobs).await;
        let refusals =
            vault_service::background::spawn(&vault.core, self.audit.clone(), &RequestsConfig::default(), &ended);
        let policy = policy();
        let server =
            Server::builder(tls(&self.authority, "vault-service"), policy.clone()).config(GrpcConfig::default());
        let server =
            vault_service::services(server, &vault, &refusals).service(rpc::access::vault(&policy)).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        jobs.spawn("server", server.serve(listener, ended.clone()));
        Replica { address, jobs, ended: ended.clone(), _ends: ended.drop_guard() }
    }

    async fn vault_on(&self, database: DbConfig, jobs: &Jobs) -> Arc<Vault> {
        let to_keys = PeerConfig::new(format!("https://{}", self.to_keys.address()));
        // Few connections, opened ahead: logging in takes long without optimisation.
        let db = Db::connect(&DbConfig { max_connections: CONNECTIONS, ..database }, false).unwrap();
        db.warm(CONNECTIONS).await.unwrap();
        Vault::new(Parts {
            db,
            clock: Arc::clone(&self.clock),
            key_service: Channel::new(&to_keys, tls(&self.authority, "vault-service")).unwrap(),
            key_budget: self.key_budget,
            data_key_cache: self.data_key_cache.clone(),
            outbox: self.outbox.clone(),
            jobs: jobs.clone(),
        })
    }

    /// Counts a refused call where the vault has gone and its tasks have not. They end when the answer is dropped.
    pub(crate) async fn count_without_vault(&self, call: RefusedCall<'_>) -> DropGuard {
        let ended = CancellationToken::new();
        let jobs = Jobs::new(ended.clone());
        let vault = self.vault_on(self.database.config(), &jobs).await;
        let refusals =
            vault_service::background::spawn(&vault.core, self.audit.clone(), &RequestsConfig::default(), &ended);
        drop(vault);
        refusals.count(call);
        ended.drop_guard()
    }

    /// Calls of a caller of the shipped policy.
    pub(crate) fn calls(&self, replica: &Replica, caller: &str) -> Calls {
        let mut peer = PeerConfig::new(format!("https://{}", replica.address));
        peer.default_deadline = CALL;
        Calls::new(Channel::new(&peer, tls(&self.authority, caller)).unwrap())
    }

    /// Rotates a key of key-service.
    pub(crate) async fn rotate(&self, key: &str) {
        let peer = PeerConfig::new(format!("https://{}", self.keys.address));
        let channel = Channel::new(&peer, tls(&self.authority, "operator")).unwrap();
        let request = RotateKeyRequest { name: key.to_owned(), etag: String::new(), ..Default::default() };
        KeyServiceClient::new(channel).rotate_key(request).await.unwrap();
    }

    /// Makes the key of a tenant, if it has none, at a key-service.
    pub(crate) async fn provision(&self, keys: SocketAddr, tenant: Uuid) {
        let peer = PeerConfig::new(format!("https://{keys}"));
        let channel = Channel::new(&peer, tls(&self.authority, "vault-service")).unwrap();
        let request = ProvisionTenantKeyRequest { tenant_uid: tenant.to_string(), ..Default::default() };
        DataKeyServiceClient::new(channel).provision_tenant_key(request).await.unwrap();
    }

    /// key-service, as a vault reaches it.
    fn to_key_service(&self) -> Channel {
        let peer = PeerConfig::new(format!("https://{}", self.keys.address));
        Channel::new(&peer, tls(&self.authority, "vault-service")).unwrap()
    }

    /// The key that authenticates the vault's rows, as a vault gets it.
    pub(crate) async fn row_keys(&self) -> Arc<RowKeys> {
        self.try_row_keys().await.unwrap()
    }

    /// The same, or why a vault does not get it.
    pub(crate) async fn try_row_keys(&self) -> Result<Arc<RowKeys>, vault_service::error::Error> {
        let jobs = Jobs::new(CancellationToken::new());
        let keys = vault_service::keys::Keys::new(self.to_key_service(), CALL, &jobs);
        let (db, slot) = (self.database.connect().unwrap(), OutboxKeySlot::empty());
        let source = OwnKeySource::new(db, Arc::new(SystemClock), Arc::new(keys), slot);
        Ok(Arc::clone(&source.get(Instant::now() + CALL).await?.row))
    }

    /// Remembers the rows of a table.
    pub(crate) async fn keep(&self, table: &str) {
        self.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }

    /// Puts the rows of a table back as they were when they were kept.
    pub(crate) async fn put_back(&self, table: &str) {
        let columns = self.columns(table).await.join(", ");
        let sql = format!("DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM kept_{table}");
        self.run(&sql).await;
    }

    /// The columns of a table that can be written.
    pub(crate) async fn columns(&self, table: &str) -> Vec<String> {
        let sql = "SELECT column_name::text FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position";
        self.sql().await.query(sql, &[&table]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Runs statements as a superuser.
    pub(crate) async fn run(&self, sql: &str) {
        self.sql().await.batch_execute(sql).await.unwrap();
    }

    /// A superuser's session in the vault's database.
    pub(crate) async fn sql(&self) -> Superuser {
        self.database.superuser().await.unwrap()
    }
}

impl Replica {
    /// Ends the replica as a signal does, and waits until its tasks have ended.
    pub(crate) async fn stop(self) {
        self.ended.cancel();
        self.jobs.join().await;
    }
}

fn policy() -> PolicyHandle {
    let methods = Arc::new(MethodTable::of_api().unwrap());
    let shipped = format!("{POLICY}\n{OTHERS}");
    PolicyHandle::fixed(PolicyFile::parse(&shipped).unwrap().check(&methods).unwrap(), methods)
}

fn tls(authority: &Authority, caller: &str) -> Tls {
    let identity = authority.identity(&format!("spiffe://strongroom.dev/{caller}")).unwrap();
    Tls::load(&TlsConfig { cert: identity.cert, key: identity.key, ca: identity.ca }, rpc::Uses::ServerAndClient, false)
        .unwrap()
}

/// A directory that is removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("strongroom-vault-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
