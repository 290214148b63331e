//! Certificates, a server with a service that misbehaves on demand, and clients.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use api::audit::v1::log_service_server::LogServiceServer;
use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::key_service_server::KeyServiceServer;
use rpc::policy::PolicyHandle;
use rpc::{Channel, Denial, DenialSink, GrpcConfig, MethodTable, PeerConfig, PolicyFile, Server, Tls, TlsConfig};
use test_support::certs::{Authority, Identity, Subject};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) mod raw;
mod service;
pub(crate) use service::{EVENT, Misbehaving};

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// `app` may read and create keys below keys/allowed; `everywhere` any key; `shut-out` is denied.
pub(crate) const POLICY: &str = r#"
    denied_identities = ["spiffe://test.dev/shut-out"]
    [[roles]]
    name = "reader"
    permissions = ["keys.get", "keys.list", "entries.list", "logs.verify"]
    [[bindings]]
    subject = "spiffe://test.dev/app"
    role = "reader"
    scope = "keys/allowed"
    [[bindings]]
    subject = "spiffe://test.dev/everywhere"
    role = "reader"
    [[bindings]]
    subject = "spiffe://test.dev/shut-out"
    role = "reader"
"#;

/// A directory that is removed at the end.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("strongroom-rpc-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A running server and the authority that it trusts.
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) authority: Authority,
    pub(crate) address: SocketAddr,
    pub(crate) policy: PolicyHandle,
    pub(crate) server_tls: Tls,
    pub(crate) denials: Arc<Denials>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) serving: JoinHandle<()>,
    service: Misbehaving,
    config: GrpcConfig,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(GrpcConfig::default()).await
    }

    pub(crate) async fn with(config: GrpcConfig) -> Self {
        logs();
        let directory = Directory::new();
        let authority = Authority::open(directory.path(), "test authority").unwrap();
        let server = authority.identity("spiffe://test.dev/server").unwrap();
        let server_tls = Tls::load(&tls_config(&server), rpc::Uses::ServerAndClient, false).unwrap();
        let methods = Arc::new(MethodTable::of_api().unwrap());
        let policy = PolicyFile::parse(POLICY).unwrap().check(&methods).unwrap();
        let policy = PolicyHandle::fixed(policy, methods);
        let mut world = Self {
            directory,
            authority,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            policy,
            server_tls: server_tls.clone(),
            denials: Arc::new(Denials::default()),
            shutdown: CancellationToken::new(),
            serving: spawn(std::future::ready(())),
            service: Misbehaving::default(),
            config,
        };
        world.restart(server_tls).await;
        world
    }

    /// Serves with other certificates, at another port.
    pub(crate) async fn restart(&mut self, tls: Tls) {
        // As deployed: one socket for both families, where the system has IPv6 at all.
        let listener = match TcpListener::bind("[::]:0").await {
            Ok(listener) => listener,
            Err(_no_ipv6) => TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        self.restart_on(listener, tls);
    }

    pub(crate) fn restart_on(&mut self, listener: TcpListener, tls: Tls) {
        self.shutdown.cancel();
        self.shutdown = CancellationToken::new();
        let server = Server::builder(tls.clone(), self.policy.clone())
            .config(self.config.clone())
            .denial_sink(Arc::clone(&self.denials) as Arc<dyn DenialSink>)
            .service(KeyServiceServer::new(self.service.clone()))
            .service(LogServiceServer::new(self.service.clone()))
            .service(rpc::access::key(&self.policy))
            .build()
            .unwrap();
        self.address = SocketAddr::from((Ipv4Addr::LOCALHOST, listener.local_addr().unwrap().port()));
        self.server_tls = tls;
        self.serving = spawn(server.serve(listener, self.shutdown.clone()));
    }

    /// Calls of `GetKey` that reached the handler and were authorized.
    pub(crate) fn begun(&self) -> u64 {
        self.service.begun()
    }

    /// Where the last authorized call of `GetKey` came from.
    pub(crate) fn caller_address(&self) -> Option<IpAddr> {
        self.service.peer()
    }

    /// Ends the work that outlived its callers.
    pub(crate) fn finish_work(&self) {
        self.service.finish();
    }

    pub(crate) fn peer(&self) -> PeerConfig {
        PeerConfig::new(format!("https://{}", self.address))
    }

    pub(crate) fn tls(&self, name: &str) -> Tls {
        let identity = self.authority.identity(&format!("spiffe://test.dev/{name}")).unwrap();
        Tls::load(&tls_config(&identity), rpc::Uses::ServerAndClient, false).unwrap()
    }

    pub(crate) fn channel(&self, name: &str) -> Channel {
        Channel::new(&self.peer(), self.tls(name)).unwrap()
    }

    pub(crate) fn keys(&self, name: &str) -> KeyServiceClient<Channel> {
        KeyServiceClient::new(self.channel(name))
    }

    /// A client whose certificate says whatever `subject` says.
    pub(crate) fn keys_as(&self, subject: &Subject) -> KeyServiceClient<Channel> {
        let identity = self.authority.issue("odd", subject).unwrap();
        let tls = Tls::load(&tls_config(&identity), rpc::Uses::ServerAndClient, false).unwrap();
        KeyServiceClient::new(Channel::new(&self.peer(), tls).unwrap())
    }
}

#[expect(clippy::disallowed_methods, reason = "ended by the test's runtime")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(task)
}

pub(crate) fn tls_config(identity: &Identity) -> TlsConfig {
    TlsConfig { cert: identity.cert.clone(), key: identity.key.clone(), ca: identity.ca.clone() }
}

pub(crate) fn get(name: &str) -> api::key::v1::GetKeyRequest {
    api::key::v1::GetKeyRequest { name: name.to_owned(), ..Default::default() }
}

/// Remembers what the server reports.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<Vec<Denial>>);

impl Denials {
    pub(crate) fn all(&self) -> Vec<Denial> {
        self.0.lock().unwrap().clone()
    }
}

impl DenialSink for Denials {
    fn denied(&self, denial: Denial) {
        self.0.lock().unwrap().push(denial);
    }
}

/// Everything that this test binary logs.
pub(crate) fn logs() -> &'static Logs {
    static LOGS: OnceLock<Logs> = OnceLock::new();
    LOGS.get_or_init(|| {
        let logs = Logs::default();
        let writer = logs.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        logs
    })
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// The lines that contain all of `parts`.
    pub(crate) fn lines(&self, parts: &[&str]) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).map(str::to_owned).collect()
    }
}

impl std::io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
