//! More calls than are served, and a flood of denied ones: what is too much is refused with the time to wait, others are
//! served, and refusals fill no outbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use api::vault::v1::ListTenantsRequest;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use futures::stream::{self, StreamExt as _};
use names::LogName;
use stack::Service;
use test_support::entries::event_of;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::Code;

use crate::support::calls::{Failed, Records, Values};
use crate::support::checks::{all_delivered, all_holds};
use crate::support::eventually;
use crate::support::ledger::{CREATE, Ledger, State};
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{COLLECTION, World};

/// Calls of one caller that vault-service serves at one time.
const LIMIT: usize = 16;
/// Calls that come at one time: ten times as many.
const CROWD: usize = 160;
/// Connections that say nothing: more than may be at their handshake at one time.
const SILENT: usize = 600;
/// Calls that are denied.
const DENIED: usize = 3_000;
/// Outbox rows that there may be while denied calls pour in: one a second, and what the load has under way.
const ROWS: i64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_too_much_is_refused_and_others_are_served() {
    let limits = format!("\n[grpc.caller_limits]\nmax_calls = {LIMIT}\n");
    let world = World::start(|options| drop(options.extra.insert(Service::Vault, limits))).await;
    let (name, values) = (format!("{COLLECTION}/records/wanted"), Values::from([("name".into(), "x".into())]));
    let records = world.records("vault");
    let mut ledger = Ledger::default();
    let created = records.create(&name, &values, "").await.unwrap();
    ledger.written(CREATE, &name, &created, State::Present(1, values));

    let crowds: Vec<Records> = (0..4).map(|_| world.records("vault")).collect();
    let operator = TenantServiceClient::new(world.channel("operator", "vault").unwrap());
    let refused = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let mut crowd = JoinSet::new();
        for number in 0..CROWD {
            let (records, name) = (crowds[number % crowds.len()].clone(), name.clone());
            crowd.spawn(async move { records.reveal(&name).await });
        }
        // Another caller finds room meanwhile.
        operator.clone().list_tenants(ListTenantsRequest::default()).await.unwrap();
        for answer in crowd.join_all().await {
            match answer {
                Ok(done) => ledger.revealed(&name, &done),
                Err(failed) => {
                    assert_eq!(failed.details().code, Code::ResourceExhausted, "{failed:?}");
                    assert!(failed.details().retry_after.is_some(), "{failed:?}");
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
    let refused = refused.load(Ordering::Relaxed);
    println!("of {} reveals {} were answered, {refused} refused", 3 * CROWD, ledger.reveals.len());
    assert!(refused > 0 && ledger.reveals.len() >= 3 * LIMIT);
    // Once the crowd is gone, everybody is served again.
    let again = records.reveal(&name).await.unwrap();
    ledger.revealed(&name, &again);
    all_holds(&world, ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn denied_calls_fill_no_outbox_and_keep_nobody_out() {
    let world = World::start(|_| ()).await;
    let load = Load::start("d", (0..4).map(|_| world.records("vault")), &mut Random::announced());
    load.answers(20).await;
    let (stranger, before, begun) =
        (Records::new(world.channel("stranger", "vault").unwrap()), load.answered(), Instant::now());
    let name = format!("{COLLECTION}/records/d0-1");
    let done = Arc::new(AtomicUsize::new(0));
    let flood = async {
        let calls = stream::iter(0..DENIED).map(async |_| {
            let failed: Failed = stranger.reveal(&name).await.unwrap_err();
            assert_eq!(failed.details().code, Code::PermissionDenied, "{failed:?}");
            done.fetch_add(1, Ordering::Relaxed);
        });
        calls.buffer_unordered(32).collect::<Vec<()>>().await;
    };
    let ((), most) = futures::future::join(flood, most_rows(&world, &done)).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{DENIED} denied calls in {seconds:.1} s, meanwhile {} others answered", load.answered() - before);
    println!("at most {most} rows waited in the vault's outbox");
    assert!(most < ROWS, "{most} rows");
    assert!(load.answered() > before, "nobody else was served");
    let ledger = load.stop().await;
    assert_eq!((ledger.unknown, ledger.not_done), (0, 0), "{}", ledger.figures());
    all_are_counted(&world, seconds).await;
    all_holds(&world, ledger).await;
}

/// Most rows seen in the vault's outbox until all denied calls were made.
async fn most_rows(world: &World, done: &AtomicUsize) -> i64 {
    let vault = world.sql(Service::Vault).await.unwrap();
    let mut most = 0;
    while done.load(Ordering::Relaxed) < DENIED {
        let row = vault.query_one("SELECT count(*) FROM audit_outbox", &[]).await.unwrap();
        most = most.max(row.get(0));
        tokio::task::yield_now().await;
    }
    most
}

/// Every denied call is counted in an entry, and there is about one entry a second.
async fn all_are_counted(world: &World, seconds: f64) {
    let audit = world.sql(Service::Audit).await.unwrap();
    let sql = "SELECT entry FROM entries WHERE actor = 'spiffe://strongroom.dev/stranger'";
    let (counted, entries) = eventually("all denied calls to be counted", async || {
        let rows = audit.query(sql, &[]).await.unwrap();
        let counts: Vec<usize> = rows.iter().map(|row| count_of(row.get(0))).collect();
        let counted: usize = counts.iter().sum();
        (counted >= DENIED).then_some((counted, counts.len()))
    })
    .await;
    println!("{counted} calls counted in {entries} entries");
    assert_eq!(counted, DENIED);
    let most = seconds.ceil() + 3.0;
    assert!(f64::from(u32::try_from(entries).unwrap()) <= most, "{entries} entries in {seconds:.1} s");
    all_delivered(world).await;
}

fn count_of(entry: &[u8]) -> usize {
    event_of(&tlog::entry::decode(entry).unwrap(), &LogName::System).attributes["count"].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn silent_connections_keep_nobody_out() {
    let world = World::start(|_| ()).await;
    let (name, values) = (format!("{COLLECTION}/records/wanted"), Values::from([("name".into(), "x".into())]));
    let mut ledger = Ledger::default();
    let address = world.grpc("vault").unwrap();
    let connects = stream::iter(0..SILENT).map(async |_| TcpStream::connect(&address).await.unwrap());
    let silent: Vec<TcpStream> = connects.buffer_unordered(32).collect().await;
    let created = world.records("vault").create(&name, &values, "").await;
    ledger.written(CREATE, &name, &created.unwrap(), State::Present(1, values));
    // None of them stays for long.
    for connection in &silent {
        eventually("the end of a silent connection", async || is_closed(connection).then_some(())).await;
    }
    all_holds(&world, ledger).await;
}

fn is_closed(connection: &TcpStream) -> bool {
    match connection.try_read(&mut [0; 1]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}
