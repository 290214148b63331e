//! A server, and what puts it together: it refuses to where a method would be served without authorization.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use super::accept;
use super::config::GrpcConfig;
use super::denial::DenialSink;
use super::limits::Callers;
use super::measure::Measures;
use super::open::OPEN_MESSAGE_BYTES;
use super::routes::{GrpcService, Handler, Route, Routes};
use super::stack::Stack;
use crate::Tls;
use crate::policy::PolicyHandle;
use crate::request_id::RequestIds;

/// A server that is ready to serve.
#[derive(Debug)]
pub struct Server {
    stack: Arc<Stack>,
    tls: Tls,
}

impl Server {
    /// Begins a server that shows `tls` and obeys `policy`.
    pub fn builder(tls: Tls, policy: PolicyHandle) -> ServerBuilder {
        ServerBuilder::new(tls, policy)
    }

    /// Serves until `shutdown`, then takes no new connection, lets every call end, and returns after
    /// `drain_timeout` at the latest.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) {
        accept::run(self.stack, self.tls, listener, shutdown).await;
    }
}

/// Why a server cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The descriptors cannot be served by reflection.
    #[error("the descriptors cannot be served by reflection")]
    Reflection(#[source] Box<tonic_reflection::server::Error>),
    /// A method that would be served has no permission or no audit class.
    #[error("methods without a permission or an audit class: {}", .0.join(", "))]
    Undeclared(Vec<String>),
    /// A service that the descriptors do not know.
    #[error("the API does not know the service {0}")]
    UnknownService(&'static str),
}

/// Collects the services of a server.
pub struct ServerBuilder {
    tls: Tls,
    policy: PolicyHandle,
    config: GrpcConfig,
    sink: Option<Arc<dyn DenialSink>>,
    health: HealthReporter,
    services: Vec<(&'static str, Arc<dyn Handler>)>,
}

impl ServerBuilder {
    fn new(tls: Tls, policy: PolicyHandle) -> Self {
        Self {
            tls,
            policy,
            config: GrpcConfig::default(),
            sink: None,
            health: HealthReporter::new(),
            services: Vec::new(),
        }
    }

    /// Limits and deadlines; the defaults where it is not called.
    #[must_use]
    pub fn config(mut self, config: GrpcConfig) -> Self {
        self.config = config;
        self
    }

    /// Where refused calls are reported.
    #[must_use]
    pub fn denial_sink(mut self, sink: Arc<dyn DenialSink>) -> Self {
        self.sink = Some(sink);
        self
    }

    /// What `grpc.health.v1` answers from; always SERVING where it is not called.
    #[must_use]
    pub fn health(mut self, reporter: HealthReporter) -> Self {
        self.health = reporter;
        self
    }

    /// Serves a generated server.
    #[must_use]
    pub fn service<S: GrpcService>(mut self, service: S) -> Self {
        self.services.push((S::NAME, Arc::new(service)));
        self
    }

    /// Checks that every method of every service is declared, and adds reflection and health.
    pub fn build(self) -> Result<Server, ServerError> {
        let routes = self.routes()?;
        let stack = Stack {
            callers: Callers::new(&self.config),
            config: self.config,
            policy: self.policy,
            routes,
            sink: self.sink,
            request_ids: RequestIds::new(),
        };
        Ok(Server { stack: Arc::new(stack), tls: self.tls })
    }

    fn routes(&self) -> Result<Routes, ServerError> {
        let table = self.policy.methods();
        let mut methods = HashMap::new();
        let mut undeclared = Vec::new();
        for (name, handler) in &self.services {
            let prefix = format!("/{name}/");
            undeclared.extend(table.undeclared().filter(|path| path.starts_with(&prefix)).map(str::to_owned));
            let before = methods.len();
            for method in table.of_service(name) {
                let route = Route {
                    method: Some(Arc::clone(method)),
                    handler: Arc::clone(handler),
                    measures: Measures::new(method.path()),
                    label: method.path().to_owned(),
                };
                methods.insert(method.path().to_owned(), Arc::new(route));
            }
            if methods.len() == before && undeclared.is_empty() {
                return Err(ServerError::UnknownService(name));
            }
        }
        if !undeclared.is_empty() {
            return Err(ServerError::Undeclared(undeclared));
        }
        let open = self.open_services()?;
        Ok(Routes { methods, open, unknown: Arc::new(Measures::new("unknown")) })
    }

    /// Reflection and health: allowed to every accepted certificate.
    fn open_services(&self) -> Result<HashMap<&'static str, Arc<Route>>, ServerError> {
        let reflection = || {
            let mut builder = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(api::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                // So that clients which know no types of ours can show the details of an error.
                .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
                .with_service_name(HealthServer::<HealthService>::NAME);
            for (name, _) in &self.services {
                builder = builder.with_service_name(*name);
            }
            builder
        };
        let failed = |error| ServerError::Reflection(Box::new(error));
        let mut open = HashMap::new();
        let health = HealthServer::new(HealthService::from_health_reporter(self.health.clone()));
        open_service(&mut open, health.max_decoding_message_size(OPEN_MESSAGE_BYTES));
        let (v1, v1alpha) = (reflection().build_v1().map_err(failed)?, reflection().build_v1alpha().map_err(failed)?);
        open_service(&mut open, v1.max_decoding_message_size(OPEN_MESSAGE_BYTES));
        open_service(&mut open, v1alpha.max_decoding_message_size(OPEN_MESSAGE_BYTES));
        Ok(open)
    }
}

fn open_service<S: GrpcService>(open: &mut HashMap<&'static str, Arc<Route>>, service: S) {
    let route =
        Route { method: None, handler: Arc::new(service), measures: Measures::new(S::NAME), label: S::NAME.to_owned() };
    open.insert(S::NAME, Arc::new(route));
}

impl std::fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let services: Vec<_> = self.services.iter().map(|(name, _)| name).collect();
        f.debug_struct("ServerBuilder").field("services", &services).finish_non_exhaustive()
    }
}
