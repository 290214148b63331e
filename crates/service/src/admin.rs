//! The admin port: `/livez`, `/readyz`, `/metrics` over HTTP/1.1 and `grpc.health.v1` over HTTP/2 without TLS, because a
//! kubelet cannot present a client certificate. It says nothing about callers or data.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tonic::Status;
use tonic::body::Body;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};
use tower_service::Service;

use crate::readiness::Readiness;
use crate::shutdown::Shutdown;

/// Connections at one time; where there are more the oldest ends.
const MAX_CONNECTIONS: usize = 16;
/// Calls on one connection of HTTP/2, and bytes of a message.
const MAX_CALLS: u32 = 4;
const MAX_MESSAGE_BYTES: usize = 1024;
/// Bytes that a connection of HTTP/1.1 reads ahead: its requests have no more in their heads.
const BUFFER: usize = 16 * 1024;
/// Bytes that a client may send ahead on a call of HTTP/2, and on a connection: the least that there can be.
const STREAM_WINDOW: u32 = 4 * 1024;
const CONNECTION_WINDOW: u32 = 65_535;
/// Bytes of a request's headers over HTTP/2.
const MAX_HEADERS: u32 = 4 * 1024;
/// A client that has not sent its headers by then is cut.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take until its answer begins; and how long one that has begun when its connection is too old has left.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How old a connection becomes.
const MAX_AGE: Duration = Duration::from_secs(30);
/// How often histograms are folded.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// What the admin port answers from.
#[derive(Clone)]
pub(crate) struct Probes {
    pub(crate) readiness: Readiness,
    /// Its statuses follow the readiness; the gRPC port answers from it as well.
    pub(crate) health: HealthReporter,
    /// Full names of the gRPC services that the process serves; each is as ready as the process.
    pub(crate) services: Vec<String>,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) draining: Shutdown,
}

/// Serves until `shutdown`, which comes after the drain, so that probes see it.
pub(crate) async fn serve(listener: TcpListener, probes: Probes, shutdown: Shutdown) {
    let health = HealthServer::new(HealthService::from_health_reporter(probes.health.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    let mut tasks = JoinSet::new();
    tasks.spawn(follow(probes.clone()));
    tasks.spawn(upkeep(probes.metrics.clone()));
    let mut open: VecDeque<AbortHandle> = VecDeque::new();
    while let Some(stream) = accept(&listener, &shutdown).await {
        open.retain(|connection| !connection.is_finished());
        // A probe takes milliseconds: the oldest is none, and must keep no probe waiting.
        if open.len() >= MAX_CONNECTIONS
            && let Some(oldest) = open.pop_front()
        {
            oldest.abort();
        }
        open.push_back(tasks.spawn(serve_connection(stream, probes.clone(), health.clone())));
        while tasks.try_join_next().is_some() {}
    }
}

/// The next connection, or `None` at shutdown. A failed accept (out of descriptors) is tried again after a pause.
async fn accept(listener: &TcpListener, shutdown: &Shutdown) -> Option<TcpStream> {
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => return Some(stream),
            Err(error) => {
                tracing::warn!(%error, "admin port cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_connection<H: Health>(stream: TcpStream, probes: Probes, health: HealthServer<H>) {
    let rendering = Arc::new(Semaphore::new(1));
    let service = service_fn(move |request: Request<Incoming>| {
        let (probes, mut health, rendering) = (probes.clone(), health.clone(), Arc::clone(&rendering));
        async move {
            if request.uri().path().starts_with("/grpc.health.v1.Health/") {
                let answer = timeout(ANSWER_TIMEOUT, health.call(request)).await;
                return answer.unwrap_or_else(|_elapsed| Ok(Status::deadline_exceeded("too slow").into_http()));
            }
            Ok::<_, Infallible>(probes.answer(&request, rendering).await.map(Body::new))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_CALLS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(MAX_HEADERS);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = match timeout(MAX_AGE, serving.as_mut()).await {
        Ok(ended) => ended,
        Err(_elapsed) => {
            serving.as_mut().graceful_shutdown();
            timeout(ANSWER_TIMEOUT, serving).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "admin connection ended");
    }
}

/// What `/metrics` answers. Each connection has one at a time, until it has left: who does not read keeps nobody else waiting.
struct Rendered {
    text: String,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Rendered {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Probes {
    async fn answer<B>(&self, request: &Request<B>, rendering: Arc<Semaphore>) -> Response<Full<Bytes>> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "GET only\n");
        }
        match request.uri().path() {
            "/livez" => text(StatusCode::OK, "ok\n"),
            "/readyz" => self.ready(),
            "/metrics" => match timeout(ANSWER_TIMEOUT, rendering.acquire_owned()).await {
                Ok(Ok(place)) => {
                    let rendered = Rendered { text: self.metrics.render(), _place: place };
                    text(StatusCode::OK, Bytes::from_owner(rendered))
                }
                _ => text(StatusCode::SERVICE_UNAVAILABLE, "the metrics before have not left yet\n"),
            },
            _ => text(StatusCode::NOT_FOUND, "try /livez, /readyz or /metrics\n"),
        }
    }

    fn ready(&self) -> Response<Full<Bytes>> {
        if self.draining.is_cancelled() {
            return text(StatusCode::SERVICE_UNAVAILABLE, "draining\n");
        }
        let waiting = self.readiness.waiting_for();
        if waiting.is_empty() {
            text(StatusCode::OK, "ok\n")
        } else {
            text(StatusCode::SERVICE_UNAVAILABLE, format!("waiting for {}\n", waiting.join(", ")))
        }
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let plain = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// Keeps what `grpc.health.v1` says, of the process (the empty name) and of each of its services, at what `/readyz` says.
async fn follow(probes: Probes) {
    let mut changes = probes.readiness.changes();
    loop {
        let draining = probes.draining.is_cancelled();
        let serving = probes.readiness.is_ready() && !draining;
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in std::iter::once("").chain(probes.services.iter().map(String::as_str)) {
            probes.health.set_service_status(service, status).await;
        }
        if draining {
            return;
        }
        tokio::select! {
            () = probes.draining.cancelled() => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

async fn upkeep(metrics: PrometheusHandle) {
    let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt as _, stream};
    use http_body_util::StreamBody;
    use hyper::body::Frame;
    use hyper::client::conn::http2;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus as Answer;
    use tonic_health::pb::health_client::HealthClient;

    use super::*;

    const SERVICE: &str = "strongroom.test.v1.RecordService";

    struct Port {
        address: std::net::SocketAddr,
        probes: Probes,
        _tasks: JoinSet<()>,
    }

    async fn port() -> Port {
        port_with(PrometheusBuilder::new().build_recorder().handle()).await
    }

    async fn port_with(metrics: PrometheusHandle) -> Port {
        let probes = Probes {
            readiness: Readiness::default(),
            health: HealthReporter::new(),
            services: vec![SERVICE.to_owned()],
            metrics,
            draining: Shutdown::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, probes.clone(), Shutdown::new()));
        Port { address, probes, _tasks: tasks }
    }

    async fn get(port: &Port, path: &str) -> String {
        let mut stream = TcpStream::connect(port.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn connections_that_say_nothing_keep_no_probe_waiting() {
        let port = port().await;
        let mut silent = Vec::new();
        for _ in 0..2 * MAX_CONNECTIONS {
            silent.push(TcpStream::connect(port.address).await.unwrap());
        }
        assert!(get(&port, "/livez").await.starts_with("HTTP/1.1 200"));
        // The first ones have made room.
        assert_eq!(silent[0].read(&mut [0; 1]).await.unwrap_or_default(), 0);
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let port = port().await;
        let path = |length| format!("/{}", "x".repeat(length));
        assert!(get(&port, &path(8_000)).await.starts_with("HTTP/1.1 404"));
        let mut stream = TcpStream::connect(port.address).await.unwrap();
        let head = format!("GET /livez HTTP/1.1\r\nx-long: {}\r\n", "x".repeat(2 * BUFFER));
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 431");
    }

    #[tokio::test(start_paused = true)]
    async fn metrics_that_nobody_reads_are_given_up_and_keep_nobody_waiting() {
        let recorder = PrometheusBuilder::new().build_recorder();
        // More than systems buffer.
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("large", "of" => "x".repeat(32 << 20)).increment(1);
        });
        let port = port_with(recorder.handle()).await;
        let mut unread = TcpStream::connect(port.address).await.unwrap();
        unread.write_all(b"GET /metrics HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
        unread.readable().await.unwrap();
        assert!(get(&port, "/metrics").await.starts_with("HTTP/1.1 200"));
        // On a clock that stands still but for this.
        tokio::time::sleep(2 * (MAX_AGE + ANSWER_TIMEOUT)).await;
        let mut left = Vec::new();
        drop(unread.read_to_end(&mut left).await);
        assert!(left.len() < 32 << 20, "it was not sent whole");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_says_nothing_ends() {
        let port = port().await;
        let mut silent = TcpStream::connect(port.address).await.unwrap();
        assert_eq!(silent.read(&mut [0; 1]).await.unwrap_or_default(), 0);
    }

    #[tokio::test]
    async fn a_request_that_claims_more_than_health_takes_is_refused_before_it_comes() {
        let port = port().await;
        let stream = TokioIo::new(TcpStream::connect(port.address).await.unwrap());
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        let mut driving = JoinSet::new();
        driving.spawn(async move { drop(connection.await) });
        let claim = Bytes::from_static(&[0, 0, 0x40, 0, 0]);
        let body = StreamBody::new(stream::iter([Ok::<_, Infallible>(Frame::data(claim))]).chain(stream::pending()));
        let check = "http://localhost/grpc.health.v1.Health/Check";
        let request = Request::post(check).header(CONTENT_TYPE, "application/grpc").body(body).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(Status::from_header_map(answer.headers()).unwrap().code(), tonic::Code::OutOfRange);
    }

    #[tokio::test]
    async fn readyz_names_what_is_waited_for_and_livez_does_not_care() {
        let port = port().await;
        let database = port.probes.readiness.condition("database");
        let answer = get(&port, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("waiting for database"), "{answer}");
        assert!(get(&port, "/livez").await.starts_with("HTTP/1.1 200"));
        database.set(true);
        assert!(get(&port, "/readyz").await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_draining_process_is_alive_and_not_ready() {
        let port = port().await;
        port.probes.draining.cancel();
        assert!(get(&port, "/readyz").await.contains("draining"));
        assert!(get(&port, "/livez").await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn unknown_paths_are_not_found() {
        let port = port().await;
        assert!(get(&port, "/debug").await.starts_with("HTTP/1.1 404"));
    }

    async fn client(port: &Port) -> HealthClient<tonic::transport::Channel> {
        let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{}", port.address)).unwrap();
        HealthClient::new(endpoint.connect().await.unwrap())
    }

    #[tokio::test]
    async fn grpc_health_over_h2c_follows_the_readiness_by_each_name() {
        let port = port().await;
        let condition = port.probes.readiness.condition("database");
        let mut client = client(&port).await;
        for service in ["", SERVICE] {
            condition.set(false);
            let watch = client.watch(HealthCheckRequest { service: service.to_owned() }).await;
            let mut watch = watch.unwrap().into_inner();
            let mut seen = watch.message().await.unwrap().unwrap().status();
            while seen != Answer::NotServing {
                seen = watch.message().await.unwrap().unwrap().status();
            }
            condition.set(true);
            while seen != Answer::Serving {
                seen = watch.message().await.unwrap().unwrap().status();
            }
        }
    }

    #[tokio::test]
    async fn grpc_health_knows_no_other_service() {
        let port = port().await;
        let check = HealthCheckRequest { service: "strongroom.test.v1.OtherService".to_owned() };
        let refused = client(&port).await.check(check).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::NotFound);
    }
}
