//! Which method is served at which path.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tower_service::Service;

use super::limits::Kind;
use super::measure::Measures;
use crate::permission::AccessSelf;
use crate::{MethodInfo, Permission as _};

/// What a generated server answers with.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// A server that tonic generated: `KeyServiceServer::new(…)` and its like.
pub trait GrpcService:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answering>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> GrpcService for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Answering>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A [`GrpcService`] behind a pointer.
pub(super) trait Handler: Send + Sync {
    fn call(&self, request: Request<Body>) -> Answering;
}

impl<S: GrpcService> Handler for S {
    fn call(&self, request: Request<Body>) -> Answering {
        // Generated servers are always ready, and cloning one clones an Arc.
        Service::call(&mut self.clone(), request)
    }
}

/// One served method, or a whole service that is open to every accepted certificate.
pub(super) struct Route {
    /// None: open to every accepted certificate.
    pub(super) method: Option<Arc<MethodInfo>>,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) measures: Measures,
    /// As it appears in logs and metrics.
    pub(super) label: String,
}

/// All that is served.
#[derive(Debug)]
pub(super) struct Routes {
    pub(super) methods: HashMap<String, Arc<Route>>,
    pub(super) open: HashMap<&'static str, Arc<Route>>,
    /// Measures of calls to anything else.
    pub(super) unknown: Arc<Measures>,
}

/// What a path leads to.
#[derive(Debug, Clone)]
pub(super) enum Found {
    Route(Arc<Route>),
    /// Nothing is served there, or nothing that is declared.
    Unknown(Arc<Measures>),
}

impl Routes {
    pub(super) fn find(&self, path: &str) -> Found {
        if let Some(route) = self.methods.get(path) {
            return Found::Route(Arc::clone(route));
        }
        let service = path.strip_prefix('/').and_then(|path| path.split_once('/')).map(|(service, _)| service);
        match service.and_then(|service| self.open.get(service)) {
            Some(route) => Found::Route(Arc::clone(route)),
            None => Found::Unknown(Arc::clone(&self.unknown)),
        }
    }
}

impl Found {
    /// As it appears in logs: never what the caller typed.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Route(route) => &route.label,
            Self::Unknown(_) => "unknown",
        }
    }

    pub(super) fn measures(&self) -> &Measures {
        match self {
            Self::Route(route) => &route.measures,
            Self::Unknown(measures) => measures,
        }
    }

    /// Which quota its calls take.
    pub(super) fn kind(&self) -> Kind {
        match self.method() {
            Some(method) if method.permission() != AccessSelf::NAME => Kind::Granted,
            _ => Kind::Open,
        }
    }

    pub(super) fn method(&self) -> Option<&Arc<MethodInfo>> {
        match self {
            Self::Route(route) => route.method.as_ref(),
            Self::Unknown(_) => None,
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("label", &self.label).finish_non_exhaustive()
    }
}
