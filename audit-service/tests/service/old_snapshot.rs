//! A measurement, not a test: what a held snapshot, such as that of `pg_dump`, costs those who write, deliver and append.
//!
//! ```text
//! EVENTS=200000 cargo test -p audit-service --test service old_snapshot -- --ignored --nocapture
//! ```

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use api::audit::v1::ingest_service_client::IngestServiceClient;
use api::audit::v1::{AppendEventsRequest, AppendEventsResponse};
use audit::{Forwarder, ForwarderConfig, Ingest, OutboxWriter};
use futures::future::join_all;
use test_support::poll_until;
use test_support::postgres::Superuser;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::starving::Vault;
use crate::world::{World, event, log};

/// Writers at once, each with a log of its own or, every second one, the same.
const WRITERS: usize = 32;

/// What calls took, and how many events they brought.
#[derive(Default)]
struct Calls {
    times: Vec<Duration>,
    events: usize,
}

/// Measures each call.
#[derive(Clone)]
struct Timed(IngestServiceClient<rpc::Channel>, Arc<Mutex<Calls>>);

impl Ingest for Timed {
    async fn append(&self, request: AppendEventsRequest, limit: Duration) -> Result<AppendEventsResponse, Status> {
        let (started, events) = (Instant::now(), request.events.len());
        let answer = Ingest::append(&self.0, request, limit).await;
        let mut calls = self.1.lock().unwrap();
        calls.times.push(started.elapsed());
        calls.events += if answer.is_ok() { events } else { 0 };
        answer
    }
}

/// Events from their writers to their entries: how many a second, and the 99th percentile of writes and of calls.
async fn pass(vault: &Vault, appends: &Mutex<Calls>, events: usize) -> (f64, Duration, Duration) {
    *appends.lock().unwrap() = Calls::default();
    let (writer, job) = OutboxWriter::new(vault.outbox.clone());
    let mut jobs = JoinSet::new();
    jobs.spawn(job);
    let started = Instant::now();
    let writers = (0..WRITERS).map(|number| {
        let writer = writer.clone();
        async move {
            let log = log(&format!("logs/{}", if number % 2 == 0 { "busy".to_owned() } else { format!("t-{number}") }));
            let mut times = Vec::new();
            for record in 0..events / WRITERS {
                let event = tlog::Event { log: log.clone(), ..event(u64::try_from(record).unwrap()) };
                let started = Instant::now();
                writer.write(&log, &[event]).await.unwrap();
                times.push(started.elapsed());
            }
            times
        }
    });
    let mut writes: Vec<Duration> = join_all(writers).await.into_iter().flatten().collect();
    // Counting what waits walks dead rows, which is no part of what is measured.
    let brought = async || (appends.lock().unwrap().events >= writes.len()).then_some(());
    poll_until(Duration::from_mins(10), "all events to be brought", brought).await.unwrap();
    let empty = async || vault.waiting().await.is_empty().then_some(());
    poll_until(Duration::from_mins(10), "an empty outbox", empty).await.unwrap();
    let rate = f64::from(u32::try_from(writes.len()).unwrap()) / started.elapsed().as_secs_f64();
    let mut appends = std::mem::take(&mut *appends.lock().unwrap());
    (rate, p99(&mut writes), p99(&mut appends.times))
}

fn p99(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

async fn hold(superuser: Superuser) -> Superuser {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class";
    superuser.batch_execute(begin).await.unwrap();
    superuser
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of some minutes"]
async fn old_snapshot() {
    let events = std::env::var("EVENTS").ok().and_then(|events| events.parse().ok()).unwrap_or(50_000);
    let (world, mut vault) = (World::start().await, Vault::new().await);
    let replica = world.replica().await;
    let appends = Arc::<Mutex<Calls>>::default();
    let ingest = Timed(world.ingest(&replica, "vault-service"), Arc::clone(&appends));
    let shutdown = CancellationToken::new();
    vault.jobs.spawn(vault.outbox.clone().watch_backlog(shutdown.clone()));
    vault.jobs.spawn(Forwarder::new(vault.outbox.clone(), ingest, ForwarderConfig::default()).run(shutdown.clone()));
    pass(&vault, &appends, events / 10).await;
    let mut held = Vec::new();
    for number in 0..8 {
        if number == 2 {
            let databases = [&vault.database, &world.database, &world.key_database];
            for database in databases {
                held.push(hold(database.superuser().await.unwrap()).await);
            }
        }
        let (rate, write, append) = pass(&vault, &appends, events / 4).await;
        let held = if held.is_empty() { "none" } else { "held" };
        println!("snapshot {held}: {rate:.0} events/s, write p99 {write:.1?}, append p99 {append:.1?}");
    }
    shutdown.cancel();
}
