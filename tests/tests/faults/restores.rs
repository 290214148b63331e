//! The key database restored from a backup: under replicas that run, and then as docs/runbooks/keys.md says.

use std::path::Path;
use std::time::Instant;

use api::audit::v1::Verdict;
use api::key::v1::RotateKeyRequest;
use api::key::v1::key_service_client::KeyServiceClient;
use stack::{Service, processes};
use test_support::postgres::Binaries;
use tonic::{Code, Status};

use crate::replicas::key_of_tenant;
use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::checks::{all_delivered, verify};
use crate::support::eventually;
use crate::support::world::{COLLECTION, LOG, SYSTEM_LOG, World};

/// What is answered where the key database was set back.
const UNKNOWN: (Code, &str) = (Code::FailedPrecondition, "KEY_VERSION_UNKNOWN");

fn values() -> Values {
    Values::from([("name".into(), "Ada".into())])
}

fn name(id: &str) -> String {
    format!("{COLLECTION}/records/{id}")
}

/// Runs one of PostgreSQL's programs on the key database.
fn postgres(world: &World, program: &str, arguments: &[&str]) {
    let program = Binaries::find().unwrap().program(program);
    let url = format!("--dbname={}", world.database_url(Service::Key).unwrap());
    processes::run(&program, &[&[url.as_str()], arguments].concat(), world.directory(), None).unwrap();
}

/// The backup and the restore of the runbook.
fn back_up(world: &World) {
    postgres(world, "pg_dump", &["--format=custom", "--file=key.dump"]);
}

fn restore(world: &World) {
    postgres(world, "pg_restore", &["--clean", "--if-exists", "key.dump"]);
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
    back_up(&world);
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
    restore(&world);
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
        tokio::task::block_in_place(|| world.terminate(instance)).unwrap();
    }
    restore(&world);
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
