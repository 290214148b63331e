//! A world: a database, an authority, a seal, replicas of the service, and a fake audit-service.

mod audit_fake;
mod calls;
mod entries;
mod rows;
mod signer_state;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::rows::RowKeys;
use audit::OutboxConfig;
use clock::{SharedClock, SystemClock};
use db::{Db, DbConfig};
use key_service::MIGRATIONS;
use key_service::background::{Ground, Surroundings};
use key_service::root::RootKey;
use key_service::seal::{FileSeal, Seal as _};
use key_service::store::root::SealedBy;
use rpc::policy::PolicyHandle;
use rpc::{Channel, GrpcConfig, MethodTable, PeerConfig, PolicyFile, Server, Tls, TlsConfig};
use service::{Jobs, Readiness};
use test_support::certs::Authority;
use test_support::postgres::{Cluster, Superuser, TestDatabase};
use test_support::{Proxy, poll_until};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) use audit_fake::Audit;
pub(crate) use calls::{Calls, Refused, context, refused};
pub(crate) use entries::Chain;
pub(crate) use signer_state::{Restored, alarms, head, inconsistent, open_ids};

/// Longest wait for anything.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

const POLICY: &str = include_str!("../../../deploy/policy.toml");

pub(crate) struct World {
    pub(crate) database: TestDatabase<'static>,
    pub(crate) audit: Audit,
    authority: Authority,
    directory: Directory,
    outbox: OutboxConfig,
}

/// One running replica; ends its tasks when dropped.
pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    pub(crate) readiness: Readiness,
    jobs: Jobs,
    ended: CancellationToken,
}

impl World {
    /// A database with the schema, nothing running.
    pub(crate) async fn new() -> Self {
        logs();
        let cluster = Cluster::shared().await.unwrap();
        let directory = Directory::new();
        std::fs::write(directory.0.join("seal"), secret::random_array::<32>().unwrap()).unwrap();
        Self {
            database: cluster.database("key", MIGRATIONS).await.unwrap(),
            audit: Audit::default(),
            authority: Authority::open(&directory.0, "test authority").unwrap(),
            directory,
            outbox: OutboxConfig::default(),
        }
    }

    /// A database and one unsealed replica.
    pub(crate) async fn start() -> (Self, Replica) {
        let world = Self::new().await;
        let replica = world.replica().await;
        (world, replica)
    }

    pub(crate) fn with_outbox(mut self, outbox: OutboxConfig) -> Self {
        self.outbox = outbox;
        self
    }

    pub(crate) fn seal_file(&self) -> PathBuf {
        self.directory.0.join("seal")
    }

    /// A further replica, unsealed.
    pub(crate) async fn replica(&self) -> Replica {
        let replica = self.replica_with_seal(&self.seal_file()).await;
        replica.unsealed().await;
        replica
    }

    /// A further replica under some seal, not waited for.
    pub(crate) async fn replica_with_seal(&self, seal: &Path) -> Replica {
        self.replica_on(self.connect().await, seal).await
    }

    /// A further replica that reaches its database through a proxy.
    pub(crate) async fn replica_behind_proxy(&self) -> (Replica, Proxy) {
        let mut config = self.database.config();
        let proxy = Proxy::to(format!("{}:{}", config.host, config.port).parse().unwrap()).await.unwrap();
        (config.host, config.port) = (proxy.address().ip().to_string(), proxy.address().port());
        let replica = self.replica_on(connect(config).await, &self.seal_file()).await;
        replica.unsealed().await;
        (replica, proxy)
    }

    async fn replica_on(&self, db: Db, seal: &Path) -> Replica {
        let ended = CancellationToken::new();
        let (jobs, readiness) = (Jobs::new(ended.clone()), Readiness::default());
        let clock: SharedClock = Arc::new(SystemClock);
        let ground = Ground { db, clock, seal: Arc::new(FileSeal::new(seal, false)) };
        let surroundings = Surroundings::start(ground, &self.outbox, self.audit.clone(), &jobs, &readiness);
        let methods = Arc::new(MethodTable::of_api().unwrap());
        let policy = PolicyFile::parse(POLICY).unwrap().check(&methods).unwrap();
        let policy = PolicyHandle::fixed(policy, methods);
        let server = Server::builder(self.tls("key-service"), policy.clone()).config(GrpcConfig::default());
        let server = key_service::services(server, surroundings.state())
            .service(rpc::access::key(&policy))
            .denial_sink(surroundings.denials())
            .build()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = ended.clone();
        jobs.spawn("server", async move {
            server.serve(listener, shutdown).await;
            drop(surroundings);
        });
        Replica { address, readiness, jobs, ended }
    }

    /// Calls of a caller of the shipped policy.
    pub(crate) fn calls(&self, replica: &Replica, caller: &str) -> Calls {
        let peer = PeerConfig::new(format!("https://{}", replica.address));
        Calls::new(Channel::new(&peer, self.tls(caller)).unwrap())
    }

    /// A pool of connections as a replica has it.
    pub(crate) async fn connect(&self) -> Db {
        connect(self.database.config()).await
    }

    /// A superuser's session in the key database.
    pub(crate) async fn sql(&self) -> Superuser {
        self.database.superuser().await.unwrap()
    }

    /// What only the service can make: the key of its rows' HMACs.
    pub(crate) async fn row_keys(&self) -> RowKeys {
        self.root().await.row_keys().unwrap()
    }

    /// The root key, as the service opens it.
    pub(crate) async fn root(&self) -> RootKey {
        let sql = "SELECT seal_kind, seal_params, wrapped FROM root_key";
        let row = self.sql().await.query_one(sql, &[]).await.unwrap();
        let seal = FileSeal::new(&self.seal_file(), false).key().unwrap();
        let by = SealedBy { kind: row.get(0), params: row.get(1) };
        RootKey::unwrap(&seal, by, row.get(2)).unwrap()
    }

    fn tls(&self, caller: &str) -> Tls {
        let identity = self.authority.identity(&format!("spiffe://strongroom.dev/{caller}")).unwrap();
        Tls::load(
            &TlsConfig { cert: identity.cert, key: identity.key, ca: identity.ca },
            rpc::Uses::ServerAndClient,
            false,
        )
        .unwrap()
    }
}

impl Replica {
    pub(crate) async fn unsealed(&self) {
        poll_until(LIMIT, "the service is unsealed", async || self.readiness.is_ready().then_some(())).await.unwrap();
    }

    /// Ends the replica as a signal does: drains, then ends the tasks.
    pub(crate) async fn stop(self) {
        self.ended.cancel();
        self.jobs.join().await;
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

/// Few connections, opened ahead, and patient: the machine that runs the tests may be slow.
async fn connect(mut config: DbConfig) -> Db {
    (config.max_connections, config.lock_timeout_ms, config.statement_timeout_ms) = (6, 10_000, 15_000);
    let db = Db::connect(&config, false).unwrap();
    poll_until(LIMIT, "connections are open", async || db.warm(4).await.ok()).await.unwrap();
    db
}

/// Shows what the service warns about where a test fails.
fn logs() {
    let warnings = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_test_writer();
    // Only the first test of the process installs it.
    let _ = warnings.try_init();
}

/// A directory that is removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("strongroom-key-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
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
