//! A database restored from a backup, under replicas that run: the key database, and then as docs/runbooks/keys.md says; the
//! audit database; the vault's. And as docs/runbooks/backup.md says where events waited in the outbox.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use api::audit::v1::{AppendEventsRequest, FindingKind, Verdict};
use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::signer_service_client::SignerServiceClient;
use api::key::v1::{DeclareLossRequest, RotateKeyRequest};
use prost::Message as _;
use stack::{Service, processes};
use test_support::postgres::Binaries;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::replicas::key_of_tenant;
use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::checks::{all_agrees, all_delivered, logs_are_intact, read_back, verify};
use crate::support::eventually;
use crate::support::evidence::{Evidence, events_of};
use crate::support::ledger::CREATE;
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{COLLECTION, LOG, SYSTEM_LOG, World};

const CLIENTS: usize = 6;

/// What is answered where the key database was set back.
const UNKNOWN: (Code, &str) = (Code::FailedPrecondition, "KEY_VERSION_UNKNOWN");

fn values() -> Values {
    Values::from([("name".into(), "Ada".into())])
}

fn name(id: &str) -> String {
    format!("{COLLECTION}/records/{id}")
}

/// Runs one of PostgreSQL's programs on a database.
fn postgres(world: &World, service: Service, program: &str, arguments: &[&str]) {
    let program = Binaries::find().unwrap().program(program);
    let url = format!("--dbname={}", world.database_url(service).unwrap());
    let run = || processes::run(&program, &[&[url.as_str()], arguments].concat(), world.directory(), None);
    tokio::task::block_in_place(run).unwrap();
}

/// The backup and the restore of the runbook.
fn back_up(world: &World, service: Service) {
    postgres(world, service, "pg_dump", &["--format=custom", "--file=backup.dump"]);
}

fn restore(world: &World, service: Service) {
    postgres(world, service, "pg_restore", &["--clean", "--if-exists", "--single-transaction", "backup.dump"]);
}

/// Ends an instance as an operator does.
fn end(world: &mut World, instance: &str) {
    tokio::task::block_in_place(|| world.terminate(instance)).unwrap();
}

/// The restore with what waited in the old database's outbox, once the service has ended: with the commands of the runbook.
fn restore_with_outbox(world: &World, service: Service) {
    let tables = ["--data-only", "--column-inserts", "--on-conflict-do-nothing", "--table=audit_outbox*"];
    postgres(world, service, "pg_dump", &[&tables[..], &["--file=outbox.sql"]].concat());
    restore(world, service);
    put_outbox_back(world, service);
}

fn put_outbox_back(world: &World, service: Service) {
    postgres(world, service, "psql", &["--single-transaction", "--set=ON_ERROR_STOP=1", "--file=outbox.sql"]);
}

/// Events that wait in a service's outbox, by their logs.
type Waiting = BTreeMap<String, Vec<Uuid>>;

async fn waiting(world: &World, service: Service) -> Waiting {
    let database = world.sql(service).await.unwrap();
    let mut waiting = Waiting::new();
    for row in database.query("SELECT log_name, events FROM audit_outbox", &[]).await.unwrap() {
        let request = AppendEventsRequest::decode(row.get::<_, &[u8]>(1)).unwrap();
        let ids = request.events.iter().map(|event| Uuid::from_slice(&event.event_id).unwrap());
        waiting.entry(row.get(0)).or_default().extend(ids);
    }
    waiting
}

/// Each event that waited is in its log, once.
async fn are_told(world: &World, waiting: &Waiting) {
    for (log, ids) in waiting {
        let events = events_of(world, log).await;
        for id in ids {
            let times = events.iter().filter(|event| event.event_id.to_string() == id.to_string()).count();
            assert_eq!(times, 1, "{id} in {log}");
        }
    }
}

async fn rotate(world: &World, instance: &str) -> Result<String, Status> {
    let request = RotateKeyRequest { name: key_of_tenant(world).await, ..Default::default() };
    let mut keys = KeyServiceClient::new(world.channel("operator", instance).unwrap());
    Ok(keys.rotate_key(request).await?.into_inner().key_version.unwrap().name)
}

/// Code and reason of the first answer that is neither good nor "try again".
async fn refused(what: &str, mut call: impl AsyncFnMut() -> Result<Done, Failed>) -> (Code, String) {
    eventually(what, async || match call().await {
        Ok(_) => None,
        Err(failed) if failed.details().code == Code::Unavailable => None,
        Err(failed) => Some((failed.details().code, failed.details().reason.clone())),
    })
    .await
}

/// Until a call is answered well.
async fn answered(what: &str, mut call: impl AsyncFnMut() -> Result<Done, Failed>) -> Done {
    eventually(what, async || call().await.ok()).await
}

async fn wraps_no_more(records: &Records) {
    let mut attempt = 0;
    let refusal = refused("creates to be refused", async || {
        attempt += 1;
        records.create(&name(&format!("late-{attempt}")), &values(), "").await
    });
    let (code, reason) = refusal.await;
    assert_eq!((code, reason.as_str()), UNKNOWN);
}

fn advance(world: &World) {
    let operator = world.identity("operator").unwrap();
    let text = |path: &Path| path.display().to_string();
    let (config, cert, key) = (text(&world.config("audit")), text(&operator.cert), text(&operator.key));
    let arguments = ["advance", "--config", &config, "--cert", &cert, "--key", &key, "--all"];
    println!("{}", world.run(Service::Audit, &arguments).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_database_that_was_restored_is_noticed_and_the_runbook_mends_it() {
    let mut world = World::start(|_| ()).await;
    let second = world.add_replica(Service::Key).await.unwrap();
    let records = world.records("vault");
    records.create(&name("before"), &values(), "").await.unwrap();
    back_up(&world, Service::Key);
    let lost = rotate(&world, &second).await.unwrap();
    let since = eventually("the new version in use", async || {
        let done = records.create(&name("since"), &values(), "").await.ok()?;
        if done.key_version == lost {
            return Some(done);
        }
        records.delete(&name("since"), "").await.unwrap();
        None
    });
    assert!(since.await.key_version.ends_with("/versions/2"));
    all_delivered(&world).await;

    // The mistake: nobody was stopped.
    restore(&world, Service::Key);
    let restored = Instant::now();
    wraps_no_more(&records).await;
    println!("creates are refused {:.2?} after the restore", restored.elapsed());
    let (code, reason) = refused("the lost version is missed", async || records.reveal(&name("since")).await).await;
    assert_eq!((code, reason.as_str()), UNKNOWN);
    for instance in ["key", &second] {
        let rotated = rotate(&world, instance).await.unwrap_err();
        assert_eq!(rotated.code(), Code::FailedPrecondition, "{rotated:?}");
        eventually("it is said", async || (world.mentions(instance, "was set back behind") > 0).then_some(())).await;
        assert_eq!(world.mentions(instance, "was set back behind"), 1, "{instance}");
    }

    // The runbook, step by step.
    for instance in ["audit", "key", &second] {
        end(&mut world, instance);
    }
    restore(&world, Service::Key);
    let config = world.config("key").display().to_string();
    println!("{}", world.run(Service::Key, &["restored", "--config", &config]).unwrap());
    for instance in ["key", &second] {
        world.restart(instance).await.unwrap();
    }
    advance(&world);
    world.restart("audit").await.unwrap();

    let kept = answered("what was stored before opens", async || records.reveal(&name("before")).await).await;
    assert_eq!(kept.values, values());
    let (code, reason) = refused("what is lost is named", async || records.reveal(&name("since")).await).await;
    assert_eq!((code, reason.as_str()), UNKNOWN);
    let version = eventually("the key is rotated", async || rotate(&world, "key").await.ok()).await;
    assert!(version.ends_with("/versions/1001"), "{version}");
    let mut attempt = 0;
    let new = eventually("the new version in use", async || {
        attempt += 1;
        let id = name(&format!("new-{attempt}"));
        let done = records.create(&id, &values(), "").await.ok()?;
        (done.key_version == version).then_some(id)
    });
    let new = new.await;
    assert_eq!(answered("what is stored since opens", async || records.reveal(&new).await).await.values, values());
    all_delivered(&world).await;
    for log in [LOG, SYSTEM_LOG] {
        let report = verify(&world, log).await;
        assert!(matches!(report.verdict(), Verdict::Intact | Verdict::IntactWithAlarms), "{log}: {report:?}");
    }
}

/// What the signer keeps brings back what the backup lacks; that it was missing is an alarm, which an operator explains.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_audit_database_that_was_restored_under_load_gets_back_all_its_entries() {
    let mut world = World::start(|_| ()).await;
    world.add_replica(Service::Audit).await.unwrap();
    let load = Load::start("a", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    load.answers(60).await;
    back_up(&world, Service::Audit);
    load.answers(100).await;
    let size = "SELECT sum(size)::bigint FROM logs";
    let before = world.count(Service::Audit, size).await;
    restore(&world, Service::Audit);
    load.answers(60).await;
    let ledger = load.stop().await;
    all_agrees(&world, ledger).await;
    assert!(world.count(Service::Audit, size).await >= before, "of {before} entries");
    let mut noticed = 0;
    for log in [LOG, SYSTEM_LOG] {
        let report = verify(&world, log).await;
        assert!(report.findings.iter().all(|found| found.kind() == FindingKind::RolledBack), "{log}: {report:?}");
        if report.verdict() == Verdict::Intact {
            continue;
        }
        noticed += 1;
        // The runbook: an operator explains it.
        let alarm_ids = report.alarms.iter().map(|alarm| alarm.alarm_id.clone()).collect();
        let explained = DeclareLossRequest { log: log.into(), alarm_ids, ..Default::default() };
        let mut signer = SignerServiceClient::new(world.channel("operator", "key").unwrap());
        signer.declare_loss(explained).await.unwrap();
        let report = verify(&world, log).await;
        assert_eq!(report.verdict(), Verdict::IntactWithAlarms, "{log}: {report:?}");
    }
    assert!(noticed > 0, "nobody said a word");
}

/// What is lost is lost, and the log tells of it; nothing that is there is harmed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_vault_that_was_restored_is_as_it_was_and_the_log_tells_what_it_lacks() {
    let mut world = World::start(|_| ()).await;
    let second = world.add_replica(Service::Vault).await.unwrap();
    let replicas = [world.records("vault"), world.records(&second)];
    let [records, _] = &replicas;
    let load = Load::start("v", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    load.answers(60).await;
    let mut ledger = load.stop().await;
    for id in ["kept", "changed", "deleted"] {
        records.create(&name(id), &values(), "").await.unwrap();
    }
    all_delivered(&world).await;
    back_up(&world, Service::Vault);

    let request_id = "01a229aa-0000-7000-8000-000000000001";
    records.create(&name("since"), &values(), request_id).await.unwrap();
    records.set(&name("changed"), "", "name", "Grace").await.unwrap();
    records.delete(&name("deleted"), "").await.unwrap();
    all_delivered(&world).await;
    restore(&world, Service::Vault);

    for records in &replicas {
        for id in ["kept", "changed", "deleted"] {
            let there = answered("what was there at the backup", async || records.reveal(&name(id)).await).await;
            assert_eq!(there.values, values(), "{id}");
        }
        let (code, _) = refused("what came since is gone", async || records.reveal(&name("since")).await).await;
        assert_eq!(code, Code::NotFound);
    }
    read_back(records, &mut ledger).await;
    assert!(ledger.surprises.is_empty(), "{:?}", ledger.surprises);
    all_delivered(&world).await;
    let created = async || {
        let evidence = Evidence::of(&world).await;
        let of_it = evidence.entries.iter().filter(|entry| entry.action == CREATE && entry.name == name("since"));
        of_it.filter(|entry| entry.is_done && !entry.is_replay).count()
    };
    assert_eq!(created().await, 1, "what is lost is told of");
    // The request is forgotten as well: it is done, not answered again.
    records.create(&name("since"), &values(), request_id).await.unwrap();
    all_delivered(&world).await;
    assert_eq!(created().await, 2);
    logs_are_intact(&world).await;
}

/// What waited when a database was restored is in no other place: put back as the runbook says, it is told of, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_waits_in_an_outbox_is_told_of_after_a_restore() {
    let mut world = World::start(|_| ()).await;
    let records = world.records("vault");
    records.create(&name("kept"), &values(), "").await.unwrap();
    all_delivered(&world).await;

    // The vault database alone; one event waits in the dump as well.
    end(&mut world, "audit");
    records.create(&name("before"), &values(), "").await.unwrap();
    back_up(&world, Service::Vault);
    records.create(&name("since"), &values(), "").await.unwrap();
    records.reveal(&name("kept")).await.unwrap();
    end(&mut world, "vault");
    let of_vault = waiting(&world, Service::Vault).await;
    assert!(of_vault.get(LOG).is_some_and(|ids| ids.len() >= 3), "two creates and a reveal wait: {of_vault:?}");
    restore_with_outbox(&world, Service::Vault);
    assert_eq!(waiting(&world, Service::Vault).await, of_vault);
    for instance in ["vault", "audit"] {
        world.restart(instance).await.unwrap();
    }
    let (code, _) = refused("what came since is gone", async || records.reveal(&name("since")).await).await;
    assert_eq!(code, Code::NotFound);
    all_delivered(&world).await;
    are_told(&world, &of_vault).await;
    logs_are_intact(&world).await;
    // Rows that were delivered meanwhile are not told of twice.
    put_outbox_back(&world, Service::Vault);
    all_delivered(&world).await;
    are_told(&world, &of_vault).await;

    // The key database alone: uses of keys wait.
    back_up(&world, Service::Key);
    end(&mut world, "audit");
    answered("a reveal", async || records.reveal(&name("kept")).await).await;
    for instance in ["vault", "key"] {
        end(&mut world, instance);
    }
    let of_key = waiting(&world, Service::Key).await;
    assert!(of_key.contains_key(SYSTEM_LOG), "uses of keys wait: {of_key:?}");
    restore_with_outbox(&world, Service::Key);
    let config = world.config("key").display().to_string();
    println!("{}", world.run(Service::Key, &["restored", "--config", &config]).unwrap());
    world.restart("key").await.unwrap();
    advance(&world);
    for instance in ["audit", "vault"] {
        world.restart(instance).await.unwrap();
    }
    answered("what was stored before opens", async || records.reveal(&name("kept")).await).await;
    all_delivered(&world).await;
    are_told(&world, &of_key).await;
    logs_are_intact(&world).await;
}
