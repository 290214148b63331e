//! What the tests stand on: two databases, key-service, any number of replicas of the audit-service, callers.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::audit::v1::ingest_service_client::IngestServiceClient;
use api::audit::v1::log_service_client::LogServiceClient;
use api::audit::v1::verify_log_response::Result as Answer;
use api::audit::v1::{AppendEventsRequest, AppendEventsResponse, Report, VerifyLogRequest};
use api::key::v1::signer_service_client::SignerServiceClient;
use audit::{Ingest, OutboxConfig};
use audit_service::app::{App, Parts};
use audit_service::append::Outcome;
use audit_service::background::Pace;
use audit_service::config::AppendConfig;
use audit_service::signer::Signer;
use audit_service::signer::client::SignerClient;
use clock::{SharedClock, SystemClock, Timestamp, uuid_v7};
use key_service::background::{Ground, Surroundings};
use key_service::seal::FileSeal;
use names::{EventId, LogName};
use rpc::policy::{PolicyFile, PolicyHandle};
use rpc::{Channel, GrpcConfig, MethodTable, PeerConfig, Server, Tls, TlsConfig};
use service::{Jobs, Readiness, Shutdown};
use test_support::certs::Authority;
use test_support::poll_until;
use test_support::postgres::{Cluster, MovableClock, Superuser, TestDatabase};
use tlog::Event;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::{Request, Status};

use crate::faults::Faulty;

/// Long enough for a busy machine, short enough to notice a hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a call waits for what becomes of its events, as the forwarders do.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);

const DOMAIN: &str = "spiffe://strongroom.dev";

pub(crate) struct World {
    pub(crate) database: TestDatabase<'static>,
    pub(crate) key_database: TestDatabase<'static>,
    pub(crate) directory: PathBuf,
    /// key-service as it is, without faults.
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) key_address: SocketAddr,
    authority: Authority,
    policy: PolicyHandle,
    key_services: Vec<KeyService>,
}

/// A running key-service; ends its tasks when dropped.
struct KeyService {
    address: SocketAddr,
    signer: Arc<dyn Signer>,
    _surroundings: Surroundings,
    jobs: Jobs,
    _tasks: JoinSet<()>,
}

impl Drop for KeyService {
    fn drop(&mut self) {
        self.jobs.shutdown().cancel();
    }
}

/// One replica of the audit-service.
pub(crate) struct Replica {
    pub(crate) app: App,
    pub(crate) faults: Arc<Faulty>,
    pub(crate) address: SocketAddr,
    jobs: Jobs,
    _server: JoinSet<()>,
}

/// Takes no events of key-service: they wait in its outbox and leave `logs/system` to the tests.
struct Nowhere;

impl Ingest for Nowhere {
    async fn append(&self, _: AppendEventsRequest, _: Duration) -> Result<AppendEventsResponse, Status> {
        Err(Status::unavailable("nowhere"))
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_on(async |_key_database| {}).await
    }

    /// With a clock of the signer's database that the test sets.
    pub(crate) async fn start_with_signer_clock() -> (Self, MovableClock) {
        let mut clock = None;
        let world = Self::start_on(async |key_database| {
            clock = Some(MovableClock::install(key_database).await.unwrap());
        })
        .await;
        (world, clock.unwrap())
    }

    async fn start_on(prepare: impl AsyncFnOnce(&TestDatabase<'static>)) -> Self {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let cluster = Cluster::shared().await.unwrap();
        let database = cluster.database("audit", audit_service::MIGRATIONS).await.unwrap();
        let key_database = cluster.database("key", key_service::MIGRATIONS).await.unwrap();
        prepare(&key_database).await;
        let number = COUNTER.fetch_add(1, Ordering::SeqCst);
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let authority = Authority::open(&directory, "test").unwrap();
        let methods = Arc::new(MethodTable::of_api().unwrap());
        // No file stands behind it, so that no entry tells of it: `logs/system` is left to the tests.
        let shipped = PolicyFile::parse(&std::fs::read_to_string(policy_file()).unwrap()).unwrap();
        let policy = PolicyHandle::fixed(shipped.check(&methods).unwrap(), methods);
        std::fs::write(directory.join("root.key"), [7; 32]).unwrap();
        let key_service = KeyService::start(&key_database, &directory, (&authority, &policy)).await;
        Self {
            database,
            key_database,
            directory,
            signer: Arc::clone(&key_service.signer),
            key_address: key_service.address,
            authority,
            policy,
            key_services: vec![key_service],
        }
    }

    /// A further key-service on the same database, for [`World::replica_on`].
    pub(crate) async fn another_signer(&mut self) -> Arc<dyn Signer> {
        let grounds = (&self.authority, &self.policy);
        let key_service = KeyService::start(&self.key_database, &self.directory, grounds).await;
        let signer = Arc::clone(&key_service.signer);
        self.key_services.push(key_service);
        signer
    }

    /// Ends all key-services and starts another one.
    pub(crate) async fn restart_signer(&mut self) {
        self.key_services.clear();
        self.signer = self.another_signer().await;
        self.key_address = self.key_services[0].address;
    }

    /// A replica with the system's clock and a pace for tests.
    pub(crate) async fn replica(&self) -> Replica {
        self.replica_with(Arc::new(SystemClock), AppendConfig::default()).await
    }

    pub(crate) async fn replica_with(&self, clock: SharedClock, config: AppendConfig) -> Replica {
        self.replica_of(Arc::clone(&self.signer), clock, config, GrpcConfig::default()).await
    }

    /// A replica with limits for its callers.
    pub(crate) async fn replica_with_limits(&self, limits: GrpcConfig) -> Replica {
        self.replica_of(Arc::clone(&self.signer), Arc::new(SystemClock), AppendConfig::default(), limits).await
    }

    /// A replica that asks another key-service.
    pub(crate) async fn replica_on(&self, signer: Arc<dyn Signer>) -> Replica {
        self.replica_of(signer, Arc::new(SystemClock), AppendConfig::default(), GrpcConfig::default()).await
    }

    async fn replica_of(
        &self,
        signer: Arc<dyn Signer>,
        clock: SharedClock,
        config: AppendConfig,
        limits: GrpcConfig,
    ) -> Replica {
        let faults = Arc::new(Faulty::new(signer));
        let pace = Pace {
            acknowledge: Duration::from_millis(20),
            probe: Duration::from_millis(100),
            synchronize: Duration::from_mins(1),
        };
        let tls = tls(&self.authority, "audit-service");
        let parts = Parts {
            db: self.database.connect().unwrap(),
            signer: faults.clone(),
            clock,
            tls: tls.clone(),
            policy: self.policy.clone(),
            pace,
        };
        let jobs = Jobs::new(Shutdown::new());
        let app = App::start(parts, &config, &jobs);
        let server = app.server(Server::builder(tls, self.policy.clone()).config(limits)).unwrap();
        let mut tasks = JoinSet::new();
        let address = serve(server, &mut tasks).await;
        Replica { app, faults, address, jobs, _server: tasks }
    }

    pub(crate) fn key(&self, caller: &str) -> SignerServiceClient<Channel> {
        SignerServiceClient::new(self.channel(caller))
    }

    /// To key-service.
    pub(crate) fn channel(&self, caller: &str) -> Channel {
        channel(&self.authority, caller, self.key_address)
    }

    pub(crate) fn logs(&self, replica: &Replica, caller: &str) -> LogServiceClient<Channel> {
        LogServiceClient::new(channel(&self.authority, caller, replica.address))
    }

    pub(crate) fn ingest(&self, replica: &Replica, caller: &str) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(channel(&self.authority, caller, replica.address))
    }

    /// Puts the shipped policy in force with a change.
    pub(crate) fn change_policy(&self, change: impl FnOnce(&mut PolicyFile)) {
        let mut file = PolicyFile::parse(&std::fs::read_to_string(policy_file()).unwrap()).unwrap();
        change(&mut file);
        self.policy.replace(file.check(self.policy.methods()).unwrap());
    }

    /// What `VerifyLog` reports to the auditor.
    pub(crate) async fn verify(&self, replica: &Replica, log: &LogName) -> Report {
        self.verify_with(replica, VerifyLogRequest { name: log.to_string(), ..VerifyLogRequest::default() }).await
    }

    pub(crate) async fn verify_with(&self, replica: &Replica, request: VerifyLogRequest) -> Report {
        let mut stream = self.logs(replica, "auditor").verify_log(Request::new(request)).await.unwrap().into_inner();
        let mut report = None;
        while let Some(message) = stream.message().await.unwrap() {
            if let Some(Answer::Report(last)) = message.result {
                assert!(report.replace(last).is_none(), "two reports");
            }
        }
        report.unwrap()
    }

    /// A superuser's session that passes the triggers.
    pub(crate) async fn tamperer(&self) -> Superuser {
        let superuser = self.database.superuser().await.unwrap();
        superuser.batch_execute("SET session_replication_role = replica").await.unwrap();
        superuser
    }

    /// Waits until the signer has been told that `size` entries are committed.
    pub(crate) async fn acknowledged(&self, log: &LogName, size: u64) {
        let known = async || {
            let view = self.signer.head(log.clone()).await.unwrap()?;
            (view.acknowledged >= size).then_some(())
        };
        poll_until(PATIENCE, "an acknowledgement", known).await.unwrap();
    }

    /// Certificate and key of a caller, as files.
    pub(crate) fn identity_files(&self, caller: &str) -> (PathBuf, PathBuf) {
        let identity = self.authority.identity(&format!("{DOMAIN}/{caller}")).unwrap();
        (identity.cert, identity.key)
    }

    /// A configuration file for the binary itself.
    pub(crate) fn config_file(&self) -> PathBuf {
        let identity = self.authority.identity(&format!("{DOMAIN}/audit-service")).unwrap();
        let database = self.database.config();
        let text = format!(
            "environment = \"development\"\n\
             [grpc]\nlisten = \"127.0.0.1:0\"\n[admin]\nlisten = \"127.0.0.1:0\"\n\
             [tls]\ncert = {:?}\nkey = {:?}\nca = {:?}\n[policy]\nfile = {:?}\n\
             [database]\nhost = {:?}\nport = {}\nname = {:?}\nuser = {:?}\npassword_file = {:?}\n\
             [signer]\nendpoint = \"https://{}\"\n",
            identity.cert,
            identity.key,
            identity.ca,
            policy_file(),
            database.host,
            database.port,
            database.name,
            database.user,
            database.password_file,
            self.key_address,
        );
        let path = self.directory.join("audit.toml");
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl KeyService {
    async fn start(
        database: &TestDatabase<'static>,
        directory: &Path,
        (authority, policy): (&Authority, &PolicyHandle),
    ) -> Self {
        let (jobs, mut tasks) = (Jobs::new(Shutdown::new()), JoinSet::new());
        let ground = Ground {
            db: database.connect().unwrap(),
            clock: Arc::new(SystemClock),
            seal: Arc::new(FileSeal::new(&directory.join("root.key"), false)),
        };
        let readiness = Readiness::default();
        let surroundings = Surroundings::start(ground, &OutboxConfig::default(), Nowhere, &jobs, &readiness);
        let tls = tls(authority, "key-service");
        let server = key_service::services(Server::builder(tls, policy.clone()), surroundings.state()).build().unwrap();
        let address = serve(server, &mut tasks).await;
        let signer: Arc<dyn Signer> = Arc::new(SignerClient::new(channel(authority, "audit-service", address)));
        let unsealed = async || signer.heads(String::new()).await.ok().map(drop);
        poll_until(PATIENCE, "key-service to be unsealed", unsealed).await.unwrap();
        Self { address, signer, _surroundings: surroundings, jobs, _tasks: tasks }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Best effort: the next run has a directory of its own.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Replica {
    /// Appends events to one log, again where they were put off, and says at which indices they are.
    pub(crate) async fn append(&self, log: &LogName, events: &[Event]) -> Vec<u64> {
        let logged = async || {
            let outcomes = self.outcomes(log, events).await.into_iter().map(|outcome| match outcome {
                Outcome::Logged { index } => Some(index),
                Outcome::Later(_) => None,
                Outcome::Refused(refusal) => panic!("refused: {refusal}"),
            });
            outcomes.collect::<Option<Vec<u64>>>()
        };
        poll_until(PATIENCE, "receipts", logged).await.unwrap()
    }

    pub(crate) async fn outcomes(&self, log: &LogName, events: &[Event]) -> Vec<Outcome> {
        let events = events.iter().map(|event| Event { log: log.clone(), ..event.clone() }).collect();
        self.app.appender().append(events, tokio::time::Instant::now() + LIMIT, None).await.unwrap()
    }

    /// Asks the replica to end, as a signal does; calls still come through.
    pub(crate) fn ask_to_end(&self) {
        self.jobs.shutdown().cancel();
    }

    /// Ends the replica in good order.
    pub(crate) async fn end(self) {
        self.ask_to_end();
        drop(self.app);
        self.jobs.join().await;
    }
}

pub(crate) fn log(name: &str) -> LogName {
    name.parse().unwrap()
}

/// A reveal by the app, reported by vault-service.
pub(crate) fn event(record: u64) -> Event {
    Event {
        event_id: EventId::new(uuid_v7(&SystemClock)),
        log: log("logs/acme"),
        producer: "vault-service".to_owned(),
        time: Timestamp::from_nanos(1_800_000_000_000_000_000),
        actor: format!("{DOMAIN}/app"),
        on_behalf_of: String::new(),
        action: "records.reveal".to_owned(),
        resource: format!("tenants/acme/collections/patients/records/r-{record}"),
        outcome: tlog::Outcome::OK,
        purpose: "treatment".to_owned(),
        reference: String::new(),
        key_operation: None,
        attributes: [("revision".to_owned(), "1".to_owned())].into(),
        body: None,
    }
}

pub(crate) fn events(count: u64) -> Vec<Event> {
    (0..count).map(event).collect()
}

fn policy_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policy.toml")
}

fn tls(authority: &Authority, name: &str) -> Tls {
    let identity = authority.identity(&format!("{DOMAIN}/{name}")).unwrap();
    Tls::load(&TlsConfig { cert: identity.cert, key: identity.key, ca: identity.ca }, rpc::Uses::ServerAndClient, false)
        .unwrap()
}

fn channel(authority: &Authority, caller: &str, address: SocketAddr) -> Channel {
    Channel::new(&PeerConfig::new(format!("https://{address}")), tls(authority, caller)).unwrap()
}

async fn serve(server: Server, tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(server.serve(listener, Shutdown::new()));
    address
}
