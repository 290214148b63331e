//! The admin port: `/livez`, `/readyz`, `/metrics` over HTTP/1.1 and `grpc.health.v1` over HTTP/2 without TLS, because a
//! kubelet cannot present a client certificate. It says nothing about callers or data.

use std::collections::VecDeque;
use std::convert::Infallible;
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
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tonic::Status;
use tonic::body::Body;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};
use tower_service::Service;

use crate::Shutdown;
use crate::readiness::Readiness;

/// Connections at one time; where there are more the oldest ends.
const MAX_CONNECTIONS: usize = 16;
/// Calls on one connection of HTTP/2, and bytes of a message.
const MAX_CALLS: u32 = 4;
const MAX_MESSAGE_BYTES: usize = 1024;
/// A client that has not sent its headers by then is cut.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take until its answer begins.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
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
    let service = service_fn(move |request: Request<Incoming>| {
        let (probes, mut health) = (probes.clone(), health.clone());
        async move {
            if request.uri().path().starts_with("/grpc.health.v1.Health/") {
                let answer = timeout(ANSWER_TIMEOUT, health.call(request)).await;
                return answer.unwrap_or_else(|_elapsed| Ok(Status::deadline_exceeded("too slow").into_http()));
            }
            Ok::<_, Infallible>(probes.answer(&request).map(Body::new))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(MAX_CALLS);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(error, "admin connection ended");
    }
}

impl Probes {
    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "GET only\n".to_owned());
        }
        match request.uri().path() {
            "/livez" => text(StatusCode::OK, "ok\n".to_owned()),
            "/readyz" => self.ready(),
            "/metrics" => text(StatusCode::OK, self.metrics.render()),
            _ => text(StatusCode::NOT_FOUND, "try /livez, /readyz or /metrics\n".to_owned()),
        }
    }

    fn ready(&self) -> Response<Full<Bytes>> {
        if self.draining.is_cancelled() {
            return text(StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned());
        }
        let waiting = self.readiness.waiting_for();
        if waiting.is_empty() {
            text(StatusCode::OK, "ok\n".to_owned())
        } else {
            text(StatusCode::SERVICE_UNAVAILABLE, format!("waiting for {}\n", waiting.join(", ")))
        }
    }
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
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
        let probes = Probes {
            readiness: Readiness::default(),
            health: HealthReporter::new(),
            services: vec![SERVICE.to_owned()],
            metrics: PrometheusBuilder::new().build_recorder().handle(),
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
