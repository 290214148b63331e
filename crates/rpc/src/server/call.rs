//! One call on its way through the layers.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Instant;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use tonic::body::Body;

use super::answer::{Answer, Handled};
use super::body::AnswerBody;
use super::limits::{Admission, Kind};
use super::open::OpenBody;
use super::request;
use super::routes::{Answering, Found, Route};
use super::stack::Stack;
use super::trace::{Connection, Trace};
use crate::Failure;
use crate::bound::IS_BOUNDED;
use crate::context::state::CallState;
use crate::timeout::{self, GRPC_TIMEOUT};

/// The answer to a request, on its way.
pub(super) type Reply = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Infallible>> + Send>>;

/// Answers one request, whatever becomes of it.
///
/// It is looked at at once, and of its headers those are kept that something reads: a connection hands over all calls that have
/// begun before the first of their tasks runs, and each would take some 30 KiB until then.
pub(super) fn answer(stack: Arc<Stack>, connection: Arc<Connection>, mut request: Request<Incoming>) -> Reply {
    let mut trace = Trace::begin(stack, connection, request.uri().path());
    if IS_BOUNDED {
        keep_known(request.headers_mut());
    }
    match let_in(&mut trace, &request) {
        // It is large, and moved several times on its way to a task.
        Ok(let_in) => Box::pin(async move {
            let outcome = handle(&trace, let_in, request).await;
            Ok(Answer::finish(trace, outcome))
        }),
        Err(refused) => Box::pin(async move { Ok(Answer::finish(trace, Err(refused))) }),
    }
}

/// Headers that the layers, tonic or a handler read.
const KNOWN: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    HeaderName::from_static(GRPC_TIMEOUT),
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-accept-encoding"),
];

/// Drops all headers but those.
fn keep_known(headers: &mut HeaderMap) {
    let all = std::mem::take(headers);
    for name in KNOWN {
        if let Some(value) = all.get(&name) {
            headers.insert(name, value.clone());
        }
    }
}

/// A call that was let in.
struct LetIn {
    deadline: Instant,
    admission: Admission,
    route: Arc<Route>,
}

/// The layers before a request is read, in their order.
fn let_in(trace: &mut Trace, request: &Request<Incoming>) -> Result<LetIn, Failure> {
    let deadline = trace.deadline(request.headers())?;
    trace.authenticate()?;
    let admission = trace.connection.quotas.admit(trace.kind())?;
    let route = trace.authorize(request, deadline, &admission)?;
    if deadline <= Instant::now() {
        return Err(Failure::deadline_exceeded());
    }
    trace.let_in = Some(trace.connection.ending.let_in(deadline.into())?);
    // Of a call that is refused before, the answer has a place among those that were: they keep nobody with a role out.
    trace.admission = Some(admission.clone());
    Ok(LetIn { deadline, admission, route })
}

/// The layers from there on.
async fn handle(trace: &Trace, let_in: LetIn, request: Request<Incoming>) -> Result<Handled, Failure> {
    let LetIn { deadline, admission, route } = let_in;
    let answering = async {
        // Given back as soon as the answer is there, however slowly it is read.
        let mut _turn = None;
        let mut request = match &route.method {
            Some(method) => {
                let request = request::read(request, method, &admission).await?;
                if method.reads_in_bulk() {
                    _turn = Some(admission.bulk_read().await?);
                }
                request
            }
            None => request.map(|body| Body::new(OpenBody::new(body, admission.clone(), deadline))),
        };
        if let Some(state) = &trace.state {
            request.extensions_mut().insert(Arc::clone(state));
        }
        CatchPanic(route.handler.call(request)).await
    };
    let answered = {
        // It is large, so it is not moved.
        let answering = pin!(answering);
        tokio::time::timeout_at(deadline.into(), answering).await
    };
    match answered {
        Ok(response) => Ok(Handled { response: response?, deadline }),
        Err(_elapsed) => Err(Failure::deadline_exceeded()),
    }
}

impl Trace {
    /// When the call must be answered.
    fn deadline(&self, headers: &HeaderMap) -> Result<Instant, Failure> {
        let config = &self.stack.config;
        let (default, ceiling) = if self.is_stream() && !self.is_open() {
            (config.max_stream_deadline, config.max_stream_deadline)
        } else {
            (config.default_deadline, config.max_deadline)
        };
        Ok(self.started + timeout::of(headers, default, ceiling)?)
    }

    /// Which quota it takes.
    fn kind(&self) -> Kind {
        match self.found.kind() {
            Kind::Open if !self.stack.policy.load_guard().binds(self.connection.caller.as_str()) => {
                Kind::OpenToStranger
            }
            kind => kind,
        }
    }

    /// The certificate was verified when the connection was made; its identity may have been shut out since.
    fn authenticate(&self) -> Result<(), Failure> {
        if self.stack.policy.load_guard().is_denied(self.connection.caller.as_str()) {
            return Err(Failure::unauthenticated());
        }
        Ok(())
    }

    /// May this caller use this method at any scope? Where exactly is for the handler's grant.
    fn authorize(
        &mut self,
        request: &Request<Incoming>,
        deadline: Instant,
        admission: &Admission,
    ) -> Result<Arc<Route>, Failure> {
        let Found::Route(route) = &self.found else {
            return Err(Failure::unimplemented("there is no such method: reflection lists those that are"));
        };
        let route = Arc::clone(route);
        if let Some(method) = &route.method {
            let caller = &self.connection.caller;
            if !self.stack.policy.load_guard().allows_anywhere(caller.as_str(), method.permission()) {
                return Err(Failure::permission_denied());
            }
            self.state = Some(Arc::new(CallState {
                caller: caller.clone(),
                peer: self.connection.peer,
                method: Arc::clone(method),
                deadline,
                request_id: self.request_id,
                policy: self.stack.policy.clone(),
                admission: admission.clone(),
                entered: AtomicBool::new(false),
                resource: OnceLock::new(),
                event_id: OnceLock::new(),
                accounted: AtomicBool::new(false),
            }));
        }
        if !is_grpc(request) {
            let message =
                "a request of gRPC is a POST whose content-type is application/grpc or application/grpc+proto";
            return Err(Failure::invalid_because("MALFORMED", message));
        }
        Ok(route)
    }
}

/// Content types of gRPC whose messages are of Protocol Buffers (gRPC over HTTP/2, "Requests").
const CONTENT_TYPES: [&[u8]; 2] = [b"application/grpc", b"application/grpc+proto"];

fn is_grpc(request: &Request<Incoming>) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // Parameters may follow (RFC 9110, section 8.3).
    let essence = content_type.and_then(|value| value.split(|&byte| byte == b';').next()).map(<[u8]>::trim_ascii);
    request.method() == Method::POST
        && essence.is_some_and(|essence| CONTENT_TYPES.iter().any(|known| known.eq_ignore_ascii_case(essence)))
}

/// Turns a panic of a handler into an internal error of its call.
struct CatchPanic(Answering);

impl Future for CatchPanic {
    type Output = Result<Response<Body>, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        // A panic leaves the future in an unknown state; it is never polled again, only dropped.
        match std::panic::catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(Ok(response)),
            Ok(Poll::Ready(Err(never))) => match never {},
            Ok(Poll::Pending) => Poll::Pending,
            Err(_payload) => Poll::Ready(Err(Failure::bug("a handler panicked"))),
        }
    }
}
