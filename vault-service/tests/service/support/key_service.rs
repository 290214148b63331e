//! A key-service in process, with a database of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clock::SystemClock;
use key_service::MIGRATIONS;
use key_service::background::{Ground, Surroundings};
use key_service::root::RootKey;
use key_service::seal::{FileSeal, Seal as _};
use key_service::store::root::SealedBy;
use rows::{NewRow, RowKeys, Table};
use rpc::policy::PolicyHandle;
use rpc::{GrpcConfig, Server, Tls};
use service::{Jobs, Readiness};
use test_support::poll_until;
use test_support::postgres::{Cluster, Superuser, TestDatabase};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::{Audit, LIMIT};

pub(crate) struct Keys {
    pub(crate) address: SocketAddr,
    /// Takes key-service's own events.
    pub(crate) audit: Audit,
    database: TestDatabase<'static>,
    seal: PathBuf,
    tls: Tls,
    policy: PolicyHandle,
    _ends: DropGuard,
}

impl Keys {
    pub(crate) async fn start(cluster: &'static Cluster, directory: &Path, tls: Tls, policy: PolicyHandle) -> Self {
        let seal = directory.join("seal");
        std::fs::write(&seal, secret::random_array::<32>().unwrap()).unwrap();
        let database = cluster.database("key", MIGRATIONS).await.unwrap();
        let audit = Audit::default();
        let (address, readiness, ends) = serve(&database, &seal, &audit, tls.clone(), &policy).await;
        poll_until(LIMIT, "key-service is unsealed", async || readiness.is_ready().then_some(())).await.unwrap();
        Self { address, audit, database, seal, tls, policy, _ends: ends }
    }

    /// A second key-service on the same database.
    pub(crate) async fn replica(&self) -> (SocketAddr, DropGuard) {
        let (address, readiness, ends) =
            serve(&self.database, &self.seal, &self.audit, self.tls.clone(), &self.policy).await;
        poll_until(LIMIT, "key-service is unsealed", async || readiness.is_ready().then_some(())).await.unwrap();
        (address, ends)
    }

    /// The key that authenticates its rows.
    pub(crate) async fn row_keys(&self) -> RowKeys {
        let sql = "SELECT seal_kind, seal_params, wrapped FROM root_key";
        let row = self.sql().await.query_one(sql, &[]).await.unwrap();
        let seal = FileSeal::new(&self.seal, false).key().unwrap();
        let by = SealedBy { kind: row.get(0), params: row.get(1) };
        RootKey::unwrap(&seal, by, row.get(2)).unwrap().row_keys().unwrap()
    }

    /// Erases a subject, as a key-service does.
    pub(crate) async fn erase_subject(&self, subject: &str) {
        let (keys, sql) = (self.row_keys().await, self.sql().await);
        let row = sql.query_one("SELECT * FROM subject_keys WHERE subject = $1", &[&subject]).await.unwrap();
        let newest = "SELECT greatest((SELECT max(generation) FROM keys), (SELECT max(generation) FROM subject_keys))";
        let newest: i64 = sql.query_one(newest, &[]).await.unwrap().get(0);
        let erased = NewRow::of(Table::new("subject_keys"))
            .with("key_uid", row.get::<_, Uuid>("key_uid"))
            .with("tenant_uid", row.get::<_, Uuid>("tenant_uid"))
            .with("subject", subject)
            .with("material", None::<&[u8]>)
            .with("create_time_us", row.get::<_, i64>("create_time_us"))
            .with("erase_time_us", 1_i64)
            .with("generation", newest + 1)
            .authenticated(&keys);
        let update = erased.update(&["key_uid", "subject"], 1);
        assert_eq!(sql.execute(&update, &erased.params()).await.unwrap(), 1);
    }

    /// A second key-service on the same database, whose seal's secret is not there.
    pub(crate) async fn sealed(&self) -> (SocketAddr, DropGuard) {
        let seal = self.seal.with_extension("missing");
        let (address, _, ends) = serve(&self.database, &seal, &self.audit, self.tls.clone(), &self.policy).await;
        (address, ends)
    }

    /// A superuser's session in its database.
    pub(crate) async fn sql(&self) -> Superuser {
        self.database.superuser().await.unwrap()
    }
}

async fn serve(
    database: &TestDatabase<'_>,
    seal: &Path,
    audit: &Audit,
    tls: Tls,
    policy: &PolicyHandle,
) -> (SocketAddr, Readiness, DropGuard) {
    let ended = CancellationToken::new();
    let (jobs, readiness) = (Jobs::new(ended.clone()), Readiness::default());
    let ground = Ground {
        db: database.connect().unwrap(),
        clock: Arc::new(SystemClock),
        seal: Arc::new(FileSeal::new(seal, false)),
    };
    let outbox = audit::OutboxConfig::default();
    let surroundings = Surroundings::start(ground, &outbox, audit.clone(), &jobs, &readiness);
    let server = Server::builder(tls, policy.clone()).config(GrpcConfig::default());
    let server = key_service::services(server, surroundings.state())
        .service(rpc::access::key(policy))
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
    (address, readiness, ended.drop_guard())
}
