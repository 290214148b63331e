//! PostgreSQL killed, frozen, and its sessions ended, under load: clients see UNAVAILABLE, services recover by themselves, and
//! what was acknowledged is kept.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use stack::Service;
use stack::processes::ProcessId;
use tonic::Code;

use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::checks::all_holds;
use crate::support::eventually;
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{COLLECTION, World};

const CLIENTS: usize = 6;
/// Deadline of calls while PostgreSQL is away.
const DEADLINE: Duration = Duration::from_secs(3);
/// Longest answer: the deadline, and what a busy machine adds.
const BOUND: Duration = Duration::from_secs(4);

fn processes(world: &World) -> Vec<ProcessId> {
    ["key", "vault", "audit"].iter().map(|name| world.process(name).unwrap().unwrap()).collect()
}

/// A call that must be refused as unavailable within its deadline.
async fn unavailable(what: &str, call: impl Future<Output = Result<Done, Failed>>) {
    let begun = Instant::now();
    let failed = call.await.expect_err(what);
    let taken = begun.elapsed();
    println!("without PostgreSQL {what} is refused in {taken:.2?}: {:?}", failed.summary());
    assert!(matches!(failed.summary().0, Code::Unavailable | Code::DeadlineExceeded), "{what}: {failed:?}");
    assert!(taken <= BOUND, "{what} took {taken:?}");
}

async fn all_unavailable(records: &Records, there: &str, values: &Values) {
    let records = records.within(DEADLINE);
    unavailable("a read", records.get(there)).await;
    unavailable("a reveal", records.reveal(there)).await;
    unavailable("a create", records.create(&format!("{COLLECTION}/records/never"), values, "")).await;
    unavailable("an update", records.replace(there, "", values)).await;
    unavailable("a delete", records.delete(there, "")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_postgresql_loses_nothing() {
    let mut world = World::start(|_| ()).await;
    let started = Instant::now();
    let (records, before) = (world.records("vault"), processes(&world));
    let (there, values) = (format!("{COLLECTION}/records/there"), Values::from([("name".into(), "x".into())]));
    records.create(&there, &values, "").await.unwrap();
    let load = Load::start("p", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    for _ in 0..3 {
        load.answers(60).await;
        world.kill_postgres().await.unwrap();
        all_unavailable(&records, &there, &values).await;
        world.restart_postgres().await.unwrap();
        let begun = Instant::now();
        load.answers(30).await;
        println!("30 answers {:.2?} after PostgreSQL was back", begun.elapsed());
    }
    let ledger = load.stop().await;
    assert!(ledger.unknown > 0, "nobody was disturbed");
    assert_eq!(processes(&world), before, "nobody restarted a service");
    println!("3 kills of PostgreSQL in {:.1} s", started.elapsed().as_secs_f64());
    all_holds(&world, ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ended_sessions_lose_nothing() {
    let world = World::start(|_| ()).await;
    let (started, before) = (Instant::now(), processes(&world));
    let mut random = Random::announced();
    let load = Load::start("s", (0..CLIENTS).map(|_| world.records("vault")), &mut random);
    let superuser = world.sql(Service::Audit).await.unwrap();
    let sql = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = $1";
    let (mut ended, mut working) = (0_i64, 0_i64);
    for _ in 0..40 {
        load.answers(1 + random.below(8)).await;
        let role = random.pick(&Service::ALL).role();
        let busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state <> 'idle'";
        working += superuser.query_one(busy, &[&role]).await.unwrap().get::<_, i64>(0);
        ended += superuser.query_one(sql, &[&role]).await.unwrap().get::<_, i64>(0);
    }
    eventually("work after the last end", async || (load.answered() > 0).then_some(())).await;
    load.answers(30).await;
    let ledger = load.stop().await;
    println!("ended {ended} sessions, about {working} at work, in {:.1} s", started.elapsed().as_secs_f64());
    assert!(ended > 40, "too few sessions were there to be ended");
    assert_eq!(processes(&world), before, "nobody restarted a service");
    all_holds(&world, ledger).await;
}

/// Processes that are stopped, until this is dropped.
struct Frozen(Vec<ProcessId>);

impl Frozen {
    /// All sessions that a service has now.
    async fn sessions_of(world: &World, service: Service) -> Self {
        let superuser = world.sql(Service::Audit).await.unwrap();
        let sql = "SELECT pid FROM pg_stat_activity WHERE usename = $1";
        let rows = superuser.query(sql, &[&service.role()]).await.unwrap();
        let pids = rows.iter().map(|row| u32::try_from(row.get::<_, i32>(0)).unwrap());
        let frozen = Self(pids.filter_map(ProcessId::of).collect());
        for process in &frozen.0 {
            assert!(process.signal(Signal::STOP));
        }
        frozen
    }

    /// The server's main process as well: nobody opens a session any more.
    fn with_the_server(mut self, world: &World) -> Self {
        let server = ProcessId::of(world.describe().unwrap().postgres.pid.unwrap()).unwrap();
        assert!(server.signal(Signal::STOP));
        self.0.push(server);
        self
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in &self.0 {
            process.signal(Signal::CONT);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_frozen_postgresql_is_waited_for_no_longer_than_the_deadline() {
    let world = World::start(|_| ()).await;
    let (records, before) = (world.records("vault"), processes(&world));
    let (there, values) = (format!("{COLLECTION}/records/there"), Values::from([("name".into(), "x".into())]));
    records.create(&there, &values, "").await.unwrap();
    let load = Load::start("f", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    for service in Service::ALL {
        load.answers(40).await;
        let mut frozen = Frozen::sessions_of(&world, service).await;
        if service == Service::Vault {
            frozen = frozen.with_the_server(&world);
        }
        println!("{service:?}: {} processes are frozen", frozen.0.len());
        if service == Service::Vault {
            all_unavailable(&records, &there, &values).await;
        }
        answered_in_time(&records.within(DEADLINE), &there, service).await;
        drop(frozen);
        let begun = Instant::now();
        load.answers(30).await;
        println!("{service:?}: 30 answers {:.2?} after PostgreSQL went on", begun.elapsed());
    }
    let ledger = load.stop().await;
    assert_eq!(processes(&world), before, "nobody restarted a service");
    all_holds(&world, ledger).await;
}

/// Whatever the answer is, it comes by the deadline. One session that holds a lock of the server may stop all others.
async fn answered_in_time(records: &Records, there: &str, frozen: Service) {
    for call in 0..3 {
        let begun = Instant::now();
        let name = format!("{COLLECTION}/records/{frozen:?}-{call}").to_lowercase();
        let answer = match call {
            0 => records.create(&name, &Values::from([("name".into(), "x".into())]), "").await,
            1 => records.reveal(there).await,
            _ => records.set(there, "", "name", "y").await,
        };
        let (taken, answer) = (begun.elapsed(), answer.map(|_| ()).map_err(|failed| failed.details().clone()));
        println!("{frozen:?} frozen: answered in {taken:.2?}: {answer:?}");
        assert!(taken <= BOUND, "{answer:?} took {taken:?}");
        if let Err(details) = answer {
            assert!(matches!(details.code, Code::Unavailable | Code::DeadlineExceeded), "{details:?}");
        }
    }
}
