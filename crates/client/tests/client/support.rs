//! A key-service that answers what it is told, and a client of it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::key::v1::key_service_server::KeyService;
use api::key::v1::{self as key};
use rpc::policy::PolicyHandle;
use rpc::{Failure, MethodTable, PeerConfig, PolicyFile, Server, Tls, TlsConfig, Violations, call_context};
use strongroom_client::{Client, ClientConfig};
use test_support::certs::{Authority, Subject};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

const POLICY: &str = r#"
    [[roles]]
    name = "keys"
    permissions = ["keys.get", "keys.create", "keys.rotate"]
    [[bindings]]
    subject = "spiffe://test.dev/app"
    role = "keys"
"#;

/// What the service answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Contended,
    Exhausted,
    Internal,
    Invalid,
    NotFound,
    Nothing,
    Stale,
    Unavailable,
    Unknown,
}

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) tls: TlsConfig,
    authority: Authority,
    service: Scripted,
    directory: PathBuf,
    _serving: JoinSet<()>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ClientConfig)) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("strongroom-client-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        let authority = Authority::open(&directory, "test authority").unwrap();
        let tls = |name: &str| {
            let made = authority.identity(&format!("spiffe://test.dev/{name}")).unwrap();
            TlsConfig { cert: made.cert, key: made.key, ca: made.ca }
        };
        let methods = Arc::new(MethodTable::of_api().unwrap());
        let policy = PolicyFile::parse(POLICY).unwrap().check(&methods).unwrap();
        let policy = PolicyHandle::fixed(policy, methods);
        let service = Scripted::default();
        let server =
            Server::builder(Tls::load(&tls("server"), rpc::Uses::ServerAndClient, false).unwrap(), policy.clone())
                .service(key::key_service_server::KeyServiceServer::new(service.clone()))
                .service(rpc::access::key(&policy))
                .build()
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = ClientConfig::new(tls("app"));
        config.key = Some(PeerConfig::new(format!("https://{}", listener.local_addr().unwrap())));
        config.first_pause = Duration::from_millis(5);
        change(&mut config);
        let mut serving = JoinSet::new();
        serving.spawn(server.serve(listener, CancellationToken::new()));
        let client = Client::connect(&config).await.unwrap();
        Self { client, tls: config.tls, authority, service, directory, _serving: serving }
    }

    /// What the next calls are answered; those after them succeed.
    pub(crate) fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.service.script.lock().unwrap() = answers.into_iter().collect();
    }

    /// The request ids of all calls; those of calls that have none are empty.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.service.calls.lock().unwrap().clone()
    }

    pub(crate) fn replace_client_certificate(&self, id: &str) {
        self.authority.issue("app", &Subject::spiffe(id)).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

rpc::permissions! {
    KeysCreate = "keys.create",
    KeysGet = "keys.get",
    KeysRotate = "keys.rotate",
}

#[derive(Debug, Clone, Default)]
struct Scripted {
    script: Arc<Mutex<VecDeque<Answer>>>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    async fn answer<T: Default>(&self, request_id: &str) -> Result<Response<T>, Status> {
        self.calls.lock().unwrap().push(request_id.to_owned());
        let next = self.script.lock().unwrap().pop_front();
        match next {
            None => Ok(Response::new(T::default())),
            Some(Answer::Nothing) => std::future::pending().await,
            Some(Answer::Contended) => {
                Err(Failure::aborted("CONTENDED", "come again").with_retry(Duration::from_millis(1)).into())
            }
            Some(Answer::Stale) => Err(Failure::aborted_etag().into()),
            Some(Answer::Unknown) => Err(Failure::deadline_exceeded().into()),
            Some(Answer::Exhausted) => Err(Failure::exhausted("slow down", Duration::from_secs(2)).into()),
            Some(Answer::Internal) => Err(Failure::bug("on demand").into()),
            Some(Answer::NotFound) => Err(Failure::not_found("keys/a").into()),
            Some(Answer::Unavailable) => Err(Failure::unavailable("SEALED", "unseal it").into()),
            Some(Answer::Invalid) => {
                let mut violations = Violations::new();
                violations.add("name", "must be another");
                Err(Failure::invalid(violations).into())
            }
        }
    }
}

#[tonic::async_trait]
impl KeyService for Scripted {
    async fn get_key(&self, request: Request<key::GetKeyRequest>) -> Result<Response<key::GetKeyResponse>, Status> {
        call_context(&request)?.grant::<KeysGet>("")?;
        self.answer("").await
    }

    async fn create_key(
        &self,
        request: Request<key::CreateKeyRequest>,
    ) -> Result<Response<key::CreateKeyResponse>, Status> {
        call_context(&request)?.grant::<KeysCreate>("")?;
        self.answer(&request.get_ref().request_id).await
    }

    async fn rotate_key(
        &self,
        request: Request<key::RotateKeyRequest>,
    ) -> Result<Response<key::RotateKeyResponse>, Status> {
        call_context(&request)?.grant::<KeysRotate>("")?;
        self.answer(&request.get_ref().request_id).await
    }

    async fn list_keys(&self, _: Request<key::ListKeysRequest>) -> Result<Response<key::ListKeysResponse>, Status> {
        panic!("not called by these tests")
    }

    async fn get_key_version(
        &self,
        _: Request<key::GetKeyVersionRequest>,
    ) -> Result<Response<key::GetKeyVersionResponse>, Status> {
        panic!("not called by these tests")
    }

    async fn list_key_versions(
        &self,
        _: Request<key::ListKeyVersionsRequest>,
    ) -> Result<Response<key::ListKeyVersionsResponse>, Status> {
        panic!("not called by these tests")
    }
}
