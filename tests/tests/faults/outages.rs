//! key-service and audit-service away: calls are refused in time with their reason, or go on as far as they may, and
//! everything works again by itself.

use std::time::{Duration, Instant};

use api::audit::v1::Outcome;
use rpc::StatusDetails;
use stack::Service;
use stack::processes::ProcessId;
use tonic::Code;

use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::checks::{all_delivered, all_holds};
use crate::support::eventually;
use crate::support::ledger::{CREATE, Ledger, State};
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{COLLECTION, World};

/// Longest wait for a refusal.
const BOUND: Duration = Duration::from_secs(2);
/// Undelivered rows that the vault may have.
const BACKLOG: usize = 40;
/// How old they may be, in the test about their age.
const BACKLOG_AGE: Duration = Duration::from_secs(3);

fn name(id: &str) -> String {
    format!("{COLLECTION}/records/{id}")
}

fn values(text: &str) -> Values {
    Values::from([("name".into(), text.into())])
}

/// Creates a record that is known to the ledger.
async fn create(records: &Records, ledger: &mut Ledger, id: &str) -> Result<(), Failed> {
    let (name, values) = (name(id), values(id));
    let done = records.create(&name, &values, "").await?;
    ledger.written(CREATE, &name, &done, State::Present(1, values));
    Ok(())
}

/// Makes a call several times, each of which must be refused as unavailable for `reason`; usually within two seconds,
/// whatever else this machine does.
async fn refused_in_time(what: &str, reason: &str, call: impl AsyncFn(usize) -> Result<Done, Failed>) {
    let mut times = Vec::new();
    for number in 0..5 {
        let begun = Instant::now();
        let failed = call(number).await.expect_err(what);
        times.push(begun.elapsed());
        assert_eq!(failed.summary(), (Code::Unavailable, reason), "{what}: {failed:?}");
        let StatusDetails { retry_after, .. } = failed.details();
        assert!(retry_after.is_some(), "{what}: {failed:?}");
    }
    times.sort_unstable();
    println!("{what}: refused with {reason} in {times:.2?}");
    assert!(times[times.len() / 2] <= BOUND, "{what} took {times:?}");
}

fn vault_process(world: &World) -> ProcessId {
    world.process("vault").unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_key_service_values_are_refused_in_time_and_nothing_is_half_done() {
    let mut world = World::start(|_| ()).await;
    let (records, vault) = (world.records("vault"), vault_process(&world));
    let load = Load::start("o", (0..4).map(|_| world.records("vault")), &mut Random::announced());
    let mut ledger = Ledger::default();
    create(&records, &mut ledger, "there").await.unwrap();
    load.answers(20).await;

    world.kill_now("key");
    let creating = async |number| records.create(&name(&format!("never-{number}")), &values("x"), "").await;
    refused_in_time("a create", "KEY_SERVICE_UNAVAILABLE", creating).await;
    let there = name("there");
    refused_in_time("a reveal", "KEY_SERVICE_UNAVAILABLE", async |_| records.reveal(&there).await).await;
    let replacing = async |_| records.replace(&there, "", &values("y")).await;
    refused_in_time("an update", "KEY_SERVICE_UNAVAILABLE", replacing).await;
    let metadata = records.get(&there).await.unwrap();
    assert_eq!(metadata.revision, 1);

    world.start_again("key").await;
    let begun = Instant::now();
    eventually("a create to work again", async || create(&records, &mut ledger, "again").await.ok()).await;
    println!("works again {:.2?} after key-service was ready", begun.elapsed());
    load.answers(20).await;
    assert_eq!(vault_process(&world), vault, "nobody restarted vault-service");
    for number in 0..5 {
        let missing = records.get(&name(&format!("never-{number}"))).await.unwrap_err();
        assert_eq!(missing.details().code, Code::NotFound);
    }
    ledger.merge(load.stop().await);
    all_holds(&world, ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_audit_service_work_goes_on_up_to_the_bound() {
    let bound = format!("\n[outbox]\nmax_backlog = {BACKLOG}\n");
    let mut world = World::start(|options| drop(options.extra.insert(Service::Vault, bound))).await;
    let records = world.records("vault");
    let mut ledger = Ledger::default();
    create(&records, &mut ledger, "there").await.unwrap();
    all_delivered(&world).await;

    world.kill_now("audit");
    let mut accepted = 0;
    let refused = loop {
        match create(&records, &mut ledger, &format!("r-{accepted}")).await {
            Ok(()) => accepted += 1,
            Err(failed) => break failed,
        }
        assert!(accepted <= BACKLOG, "more was accepted than may wait");
    };
    assert_eq!(refused.summary(), (Code::Unavailable, "AUDIT_UNAVAILABLE"), "{refused:?}");
    // Rows that are committed while the backlog is read count twice for a moment.
    assert!(accepted + 8 >= BACKLOG, "only {accepted} were accepted");
    println!("{accepted} creates were accepted without audit-service");
    eventually("the backlog to be full", async || {
        let next = format!("s-{}", ledger.writes.len());
        create(&records, &mut ledger, &next).await.err()
    })
    .await;
    let there = name("there");
    refused_in_time("a reveal", "AUDIT_UNAVAILABLE", async |_| records.reveal(&there).await).await;
    let creating = async |number| records.create(&name(&format!("never-{number}")), &values("x"), "").await;
    refused_in_time("a create", "AUDIT_UNAVAILABLE", creating).await;
    let replacing = async |_| records.replace(&there, "", &values("y")).await;
    refused_in_time("an update", "AUDIT_UNAVAILABLE", replacing).await;
    let deleting = async |_| records.delete(&there, "").await;
    refused_in_time("a delete", "AUDIT_UNAVAILABLE", deleting).await;
    records.get(&there).await.unwrap();

    recovers(&mut world, &records, ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_waits_too_long_for_audit_service_stops_the_work_too() {
    let bound = format!("\n[outbox]\nmax_backlog_age = \"{}s\"\n", BACKLOG_AGE.as_secs());
    let mut world = World::start(|options| drop(options.extra.insert(Service::Vault, bound))).await;
    let records = world.records("vault");
    // What the stack was furnished with does not wait as well.
    all_delivered(&world).await;
    world.kill_now("audit");
    let mut ledger = Ledger::default();
    let begun = Instant::now();
    let refused = eventually("a refusal", async || {
        let next = format!("r-{}", ledger.writes.len());
        create(&records, &mut ledger, &next).await.err()
    })
    .await;
    assert_eq!(refused.summary(), (Code::Unavailable, "AUDIT_UNAVAILABLE"), "{refused:?}");
    assert!(begun.elapsed() >= BACKLOG_AGE, "refused after {:?} already", begun.elapsed());
    let creating = async |number| records.create(&name(&format!("never-{number}")), &values("x"), "").await;
    refused_in_time("a create", "AUDIT_UNAVAILABLE", creating).await;
    recovers(&mut world, &records, ledger).await;
}

/// Brings audit-service back; everything is delivered and work goes on by itself.
async fn recovers(world: &mut World, records: &Records, mut ledger: Ledger) {
    let vault = vault_process(world);
    world.start_again("audit").await;
    let begun = Instant::now();
    eventually("a create to work again", async || create(records, &mut ledger, "again").await.ok()).await;
    println!("works again {:.2?} after audit-service was ready", begun.elapsed());
    assert_eq!(vault_process(world), vault, "nobody restarted vault-service");
    all_holds(world, ledger).await;
    failed_calls_are_told(world).await;
}

/// Nothing that was refused left an entry that says it was done.
async fn failed_calls_are_told(world: &World) {
    let done = i32::from(Outcome::Ok);
    let sql = format!("SELECT count(*) FROM entries WHERE resource LIKE '%/never-%' AND outcome = {done}");
    assert_eq!(world.count(Service::Audit, &sql).await, 0);
}
