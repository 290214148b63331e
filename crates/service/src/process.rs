//! What a service is given to run, and the order of its life: open the admin port, wait for the database, start, serve,
//! drain the calls within a bound, then the jobs within another, end.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use db::{Db, Migration};
use metrics_exporter_prometheus::PrometheusHandle;
use rpc::policy::PolicyHandle;
use rpc::server::ServerBuilder;
use rpc::{MethodTable, Server, Tls};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tonic_health::server::HealthReporter;

use crate::admin::Probes;
use crate::config::{Common, GrpcConfig, ServiceConfig};
use crate::error::BoxError;
use crate::jobs::Jobs;
use crate::readiness::{Condition, Readiness};
use crate::shutdown::Shutdown;
use crate::{admin, gate};

/// How much longer than `grpc.drain_timeout`, within which the server ends its calls, a service may take to return.
const RETURN_LIMIT: Duration = Duration::from_secs(1);
/// Longest time that jobs have after the last call: what calls left with them, evidence above all, goes out then.
const JOBS_LIMIT: Duration = Duration::from_secs(5);

/// Services that every process has beside its own.
const OPEN_SERVICES: [&str; 3] =
    ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/// How often the files of certificates and policy are looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(1);

/// What a service is given to run.
#[derive(Clone)]
pub struct Process {
    /// Name of the service, such as `vault-service`.
    pub name: &'static str,
    /// The service's own database, at a schema version that this binary works with.
    pub db: Db,
    /// The certificate that the process presents and whom it accepts; reloaded by a job of the harness.
    pub tls: Tls,
    /// Who may do what; reloaded by a job of the harness.
    pub policy: PolicyHandle,
    /// Cancelled when the process must end: stop accepting, drain, return from `start`.
    pub shutdown: Shutdown,
    /// Background tasks, joined after `start` has returned.
    pub jobs: Jobs,
    /// Conditions of being ready; add the service's own.
    pub readiness: Readiness,
    health: HealthReporter,
    listening: Condition,
}

impl Process {
    /// Begins the gRPC server: TLS, policy, limits and health are set, the services and their denial sink are missing.
    pub fn server(&self, config: &GrpcConfig) -> ServerBuilder {
        Server::builder(self.tls.clone(), self.policy.clone()).config(config.clone()).health(self.health.clone())
    }

    /// Binds the gRPC port and serves until the shutdown is requested and the calls in flight have ended.
    pub async fn serve(&self, server: Server, listen: SocketAddr) -> Result<(), BoxError> {
        let listener = bind("grpc", listen).await?;
        self.listening.set(true);
        server.serve(listener, self.shutdown.clone()).await;
        Ok(())
    }
}

/// Runs `start` between its surroundings until it returns or the drain is over. Whether it ended well.
pub(crate) async fn serve<C, F, Fut>(
    name: &'static str,
    config: C,
    migrations: &'static [Migration],
    metrics: PrometheusHandle,
    start: F,
) -> Result<(), BoxError>
where
    C: ServiceConfig,
    F: FnOnce(C, Process) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>,
{
    let (shutdown, cut, ended) = (Shutdown::new(), Shutdown::new(), Shutdown::new());
    let mut surroundings = JoinSet::new();
    surroundings.spawn(watch_signals(shutdown.clone(), cut.clone())?);
    let (readiness, health) = (Readiness::default(), HealthReporter::new());
    let (database, schema) = (readiness.condition("database"), readiness.condition("schema"));
    let listening = readiness.condition("grpc");
    let listener = bind("admin", config.common().admin.listen).await?;
    let probes = Probes {
        readiness: readiness.clone(),
        health: health.clone(),
        services: services(name)?,
        metrics,
        draining: shutdown.clone(),
    };
    surroundings.spawn(admin::serve(listener, probes, ended.clone()));

    let jobs = Jobs::new(shutdown.clone());
    let (tls, policy) = load_files(config.common(), &jobs)?;
    let production = config.common().environment.is_production();
    let Some(db) = gate::open(config.common().database, production, migrations, &shutdown).await? else {
        tracing::info!("asked to end before the database could be used");
        return Ok(());
    };
    schema.set(true);
    jobs.spawn("database probe", gate::probe(db.clone(), database, shutdown.clone()));
    let limits = Limits { calls: config.common().grpc.drain_timeout.saturating_add(RETURN_LIMIT), jobs: JOBS_LIMIT };
    let (jobs_, shutdown_) = (jobs.clone(), shutdown.clone());
    let process = Process { name, db, tls, policy, shutdown: shutdown_, jobs: jobs_, readiness, health, listening };
    let result = run_and_drain(start(config, process), &jobs, &cut, limits).await;
    ended.cancel();
    result
}

/// Full names of the gRPC services of a process: those of its package, and those that every process has.
fn services(name: &str) -> Result<Vec<String>, BoxError> {
    let package = format!("strongroom.{}.", name.trim_end_matches("-service"));
    let table = MethodTable::of_api()?;
    let own = table.iter().map(|method| method.service()).filter(|service| service.starts_with(&package));
    let names: BTreeSet<&str> = own.chain(OPEN_SERVICES).collect();
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// The certificates and the policy, followed from now on.
fn load_files(common: Common<'_>, jobs: &Jobs) -> Result<(Tls, PolicyHandle), BoxError> {
    let production = common.environment.is_production();
    let tls = Tls::load(common.tls, rpc::Uses::ServerAndClient, production)?;
    tls.log_left_out();
    let policy = PolicyHandle::load(&common.policy.file, production, Arc::new(MethodTable::of_api()?))?;
    let (followed_tls, followed_policy, shutdown) = (tls.clone(), policy.clone(), jobs.shutdown().clone());
    jobs.spawn("reload", async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = followed_tls.watch(RELOAD_INTERVAL) => {}
            () = followed_policy.watch(RELOAD_INTERVAL) => {}
        }
    });
    Ok((tls, policy))
}

/// How long the parts of an end may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// From the signal until `start` has returned.
    calls: Duration,
    /// From then on until the jobs have ended.
    jobs: Duration,
}

/// `start` has as long as it likes until the shutdown, then `limits.calls`; the jobs have `limits.jobs` of their own after it:
/// calls that take all of their time still leave evidence behind. Neither goes on after `cut`.
async fn run_and_drain(
    start: impl Future<Output = Result<(), BoxError>>,
    jobs: &Jobs,
    cut: &Shutdown,
    limits: Limits,
) -> Result<(), BoxError> {
    let shutdown = jobs.shutdown();
    let over = async {
        shutdown.cancelled().await;
        tracing::info!(limit_seconds = limits.calls.as_secs(), "draining");
        cut_or(cut, limits.calls).await;
    };
    let result = tokio::select! {
        result = start => result,
        () = over => {
            tracing::warn!("the drain was cut short: calls in flight are lost");
            Ok(())
        }
    };
    // `start` is gone, and with it whatever keeps jobs going.
    shutdown.cancel();
    tokio::select! {
        () = jobs.join() => {}
        () = cut_or(cut, limits.jobs) => tracing::warn!("background tasks were cut short: what they held is lost"),
    }
    result?;
    if jobs.failed() { Err("a background task panicked".into()) } else { Ok(()) }
}

async fn cut_or(cut: &Shutdown, limit: Duration) {
    tokio::select! {
        () = cut.cancelled() => {}
        () = tokio::time::sleep(limit) => {}
    }
}

async fn bind(port: &'static str, listen: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(listen).await.map_err(|source| BindError { port, listen, source })?;
    tracing::info!(port, address = %listener.local_addr()?, "listening");
    Ok(listener)
}

#[derive(Debug, thiserror::Error)]
#[error("cannot bind the {port} port at {listen}")]
struct BindError {
    port: &'static str,
    listen: SocketAddr,
    #[source]
    source: std::io::Error,
}

/// The first SIGTERM or SIGINT asks for the end, a second one does not wait for the drain.
fn watch_signals(shutdown: Shutdown, cut: Shutdown) -> Result<impl Future<Output = ()> + Send, BoxError> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "asked to end");
            if shutdown.is_cancelled() {
                cut.cancel();
            }
            shutdown.cancel();
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Limits = Limits { calls: Duration::from_secs(10), jobs: Duration::from_secs(10) };

    #[tokio::test]
    async fn a_call_in_flight_at_the_signal_is_finished_before_the_process_ends() {
        let shutdown = Shutdown::new();
        let jobs = Jobs::new(shutdown.clone());
        let finished = Arc::new(AtomicBool::new(false));
        let (asked, flag) = (shutdown.clone(), finished.clone());
        let start = async move {
            asked.cancelled().await;
            // The call that is in flight takes a while yet.
            tokio::time::sleep(Duration::from_millis(20)).await;
            flag.store(true, Ordering::Release);
            Ok(())
        };
        shutdown.cancel();
        run_and_drain(start, &jobs, &Shutdown::new(), LONG).await.unwrap();
        assert!(finished.load(Ordering::Acquire));
    }

    #[tokio::test]
    async fn the_drain_is_bounded_however_long_a_call_takes() {
        let jobs = Jobs::new(Shutdown::new());
        jobs.shutdown().cancel();
        let limits = Limits { calls: SHORT, ..LONG };
        run_and_drain(std::future::pending(), &jobs, &Shutdown::new(), limits).await.unwrap();
    }

    #[tokio::test]
    async fn calls_that_take_all_of_their_time_leave_the_jobs_theirs() {
        let jobs = Jobs::new(Shutdown::new());
        let (written, ended) = (Arc::new(AtomicBool::new(false)), Shutdown::new());
        let (flag, last_call) = (written.clone(), ended.clone().drop_guard());
        jobs.spawn("writer", async move {
            ended.cancelled().await;
            // Evidence takes a while, longer than calls had.
            tokio::time::sleep(SHORT * 2).await;
            flag.store(true, Ordering::Release);
        });
        jobs.shutdown().cancel();
        let start = async move {
            let _last_call = last_call;
            std::future::pending().await
        };
        run_and_drain(start, &jobs, &Shutdown::new(), Limits { calls: SHORT, ..LONG }).await.unwrap();
        assert!(written.load(Ordering::Acquire), "the evidence was lost");
    }

    #[tokio::test]
    async fn jobs_that_never_end_are_bounded_after_the_last_call() {
        let jobs = Jobs::new(Shutdown::new());
        jobs.spawn("endless", std::future::pending());
        jobs.shutdown().cancel();
        let cut = Shutdown::new();
        let drain = run_and_drain(async { Ok(()) }, &jobs, &cut, Limits { jobs: SHORT, ..LONG });
        tokio::time::timeout(LONG.jobs, drain).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_second_signal_does_not_wait_for_the_drain() {
        let (jobs, cut) = (Jobs::new(Shutdown::new()), Shutdown::new());
        jobs.shutdown().cancel();
        cut.cancel();
        let drain = run_and_drain(std::future::pending(), &jobs, &cut, LONG);
        tokio::time::timeout(LONG.calls / 2, drain).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_start_that_fails_ends_the_jobs_and_is_reported() {
        let shutdown = Shutdown::new();
        let jobs = Jobs::new(shutdown.clone());
        let token = shutdown.clone();
        jobs.spawn("waits", async move { token.cancelled().await });
        let error = run_and_drain(async { Err("no port".into()) }, &jobs, &Shutdown::new(), LONG).await.unwrap_err();
        assert_eq!(error.to_string(), "no port");
    }

    #[tokio::test]
    async fn a_job_that_panics_makes_the_process_fail() {
        let shutdown = Shutdown::new();
        let jobs = Jobs::new(shutdown.clone());
        jobs.spawn("broken", async { panic!("on purpose") });
        let token = shutdown.clone();
        let start = async move {
            token.cancelled().await;
            Ok(())
        };
        assert!(run_and_drain(start, &jobs, &Shutdown::new(), LONG).await.is_err());
    }
}
