//! Two of each service on one database: no second history, nothing twice, no update lost.

use std::collections::BTreeSet;
use std::time::Instant;

use api::key::v1::RotateKeyRequest;
use api::key::v1::key_service_client::KeyServiceClient;
use api::vault::v1::GetTenantRequest;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use futures::future::join_all;
use stack::Service;
use tonic::Code;

use crate::support::calls::{Failed, Records, Values};
use crate::support::checks::all_holds;
use crate::support::eventually;
use crate::support::ledger::{CREATE, Ledger, State, UPDATE};
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{COLLECTION, TENANT, World};

const CLIENTS: usize = 6;
/// Writers that race for one record.
const RACERS: usize = 6;
/// Races with etags, and races without.
const ROUNDS: i64 = 12;

/// Two of each; the second ones work with each other, so that all of them really work.
async fn doubled() -> World {
    let mut world = World::start(|_| ()).await;
    let key = world.add_replica(Service::Key).await.unwrap();
    let second_key = world.port(&key).unwrap();
    world.route("audit-2", Service::Key, second_key);
    let audit = world.add_replica(Service::Audit).await.unwrap();
    let second_audit = world.port(&audit).unwrap();
    world.route("vault-2", Service::Key, second_key);
    world.route("vault-2", Service::Audit, second_audit);
    let vault = world.add_replica(Service::Vault).await.unwrap();
    assert_eq!([key, audit, vault], ["key-2", "audit-2", "vault-2"]);
    world
}

/// Callers of both vaults in turn.
fn both(world: &World, count: usize) -> Vec<Records> {
    (0..count).map(|number| world.records(if number % 2 == 0 { "vault" } else { "vault-2" })).collect()
}

fn values(text: &str) -> Values {
    Values::from([("name".into(), text.into())])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_of_each_service_make_one_history() {
    let mut world = doubled().await;
    let started = Instant::now();
    let mut random = Random::announced();
    let load = Load::start("r", both(&world, CLIENTS), &mut random);
    let racers = both(&world, RACERS);
    let mut ledger = Ledger::default();
    one_winner_for_each_revision(&racers, &mut ledger).await;
    no_change_is_lost(&racers, &mut ledger).await;
    one_request_is_one_record(&racers, &mut ledger).await;
    // Each of them goes away and comes back while its twin works on.
    for name in ["key-2", "audit", "vault-2", "audit-2", "key", "vault"] {
        load.answers(20).await;
        world.kill_now(name);
        world.start_again(name).await;
    }
    load.answers(100).await;
    let of_load = load.stop().await;
    println!("two of each: {} in {:.1} s", of_load.figures(), started.elapsed().as_secs_f64());
    ledger.merge(of_load);
    both_worked(&world).await;
    all_holds(&world, ledger).await;
}

/// Neither replica only watched.
async fn both_worked(world: &World) {
    for (service, method) in [("vault", "CreateRecord"), ("audit", "AppendEvents"), ("key", "SealBatch")] {
        for instance in [service.to_owned(), format!("{service}-2")] {
            let calls = world.answered_calls(&instance, method).await;
            println!("{instance} answered {calls} calls of {method} since its last start");
            assert!(calls > 0.0, "{instance} had no call of {method}");
        }
    }
}

/// Of writers that saw the same revision exactly one wins, whichever vault they ask.
async fn one_winner_for_each_revision(racers: &[Records], ledger: &mut Ledger) {
    let name = format!("{COLLECTION}/records/raced");
    let created = racers[0].create(&name, &values("0"), "").await.unwrap();
    ledger.written(CREATE, &name, &created, State::Present(1, values("0")));
    let mut etag = created.etag;
    for round in 1..=ROUNDS {
        let texts: Vec<Values> = (0..racers.len()).map(|racer| values(&format!("{round} by {racer}"))).collect();
        let calls = racers.iter().zip(&texts).map(|(racer, values)| racer.replace(&name, &etag, values));
        let answers = join_all(calls).await;
        let mut winners = Vec::new();
        for (answer, values) in answers.into_iter().zip(texts) {
            match answer {
                Ok(done) => winners.push((done, values)),
                Err(failed) => assert_eq!(failed.summary(), (Code::Aborted, "ETAG_MISMATCH"), "{failed:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        let (done, values) = winners.remove(0);
        ledger.written(UPDATE, &name, &done, State::Present(round + 1, values));
        etag = done.etag;
    }
}

/// Writers that each set a field of their own, whatever the revision is, all leave their mark.
async fn no_change_is_lost(racers: &[Records], ledger: &mut Ledger) {
    let name = format!("{COLLECTION}/records/shared");
    let created = racers[0].create(&name, &values("shared"), "").await.unwrap();
    ledger.written(CREATE, &name, &created, State::Present(1, values("shared")));
    let mut expected = values("shared");
    let mut revision = 1;
    for round in 0..ROUNDS {
        let (field, text) = (|racer: usize| format!("field-{racer}"), round.to_string());
        let fields: Vec<String> = (0..racers.len()).map(field).collect();
        let calls = racers.iter().zip(&fields).map(|(racer, field)| racer.set(&name, "", field, &text));
        for (answer, field) in join_all(calls).await.into_iter().zip(&fields) {
            match answer {
                Ok(done) => {
                    revision += 1;
                    expected.insert(field.clone(), text.clone());
                    ledger.written(UPDATE, &name, &done, State::Present(done.revision, Values::new()));
                }
                // It moved too often meanwhile.
                Err(failed) => assert_eq!(failed.summary(), (Code::Aborted, "ETAG_MISMATCH"), "{failed:?}"),
            }
        }
    }
    ledger.records.insert(name, vec![State::Present(revision, expected)]);
}

/// The same request through both vaults at once makes one record, and both get the same answer.
async fn one_request_is_one_record(racers: &[Records], ledger: &mut Ledger) {
    for round in 0..ROUNDS {
        let name = format!("{COLLECTION}/records/asked-{round}");
        let request_id = clock::uuid_v7(&clock::SystemClock).to_string();
        let values = values("asked");
        let calls = racers.iter().map(|racer| racer.create(&name, &values, &request_id));
        let answers: Result<Vec<_>, Failed> = join_all(calls).await.into_iter().collect();
        let answers = answers.unwrap();
        let first = answers.first().unwrap();
        for answer in &answers {
            assert_eq!((answer.revision, &answer.etag), (first.revision, &first.etag), "{answers:?}");
        }
        let told: BTreeSet<_> = answers.iter().filter_map(|answer| answer.event_id.as_ref()).collect();
        assert_eq!(told.len(), answers.len(), "each has an entry of its own: {answers:?}");
        ledger.written(CREATE, &name, first, State::Present(1, values));
    }
}

/// The tenant's key.
pub(crate) async fn key_of_tenant(world: &World) -> String {
    let operator = world.channel("operator", "vault").unwrap();
    let request = GetTenantRequest { name: format!("tenants/{TENANT}"), ..Default::default() };
    let tenant = TenantServiceClient::new(operator).get_tenant(request).await.unwrap().into_inner().tenant.unwrap();
    format!("keys/{}", tenant.uid)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotations_under_load_fail_no_call() {
    let world = doubled().await;
    let key = key_of_tenant(&world).await;
    let [first, second] = ["vault", "vault-2"].map(|name| world.records(name));
    let old = format!("{COLLECTION}/records/old");
    let created = first.create(&old, &values("old"), "").await.unwrap();
    assert_eq!(created.key_version, format!("{key}/versions/1"));
    let load = Load::start("v", both(&world, CLIENTS), &mut Random::announced());
    for (version, instance) in (2..).zip(["key", "key-2", "key", "key-2"]) {
        load.answers(30).await;
        let operator = KeyServiceClient::new(world.channel("operator", instance).unwrap());
        let request = RotateKeyRequest { name: key.clone(), ..Default::default() };
        operator.clone().rotate_key(request).await.unwrap();
        // Both replicas take the new version into use by themselves.
        let (begun, wanted) = (Instant::now(), format!("{key}/versions/{version}"));
        for (number, records) in [&first, &second].into_iter().enumerate() {
            let mut attempt = 0;
            eventually("the new version in use", async || {
                attempt += 1;
                let name = format!("{COLLECTION}/records/new-{version}-{number}-{attempt}");
                let done = records.create(&name, &values("new"), "").await.unwrap();
                (done.key_version == wanted).then_some(())
            })
            .await;
        }
        println!("version {version} was in use everywhere {:.2?} after {instance} made it", begun.elapsed());
    }
    let mut ledger = load.stop().await;
    assert_eq!((ledger.unknown, ledger.not_done), (0, 0), "{}", ledger.figures());
    let revealed = second.reveal(&old).await.unwrap();
    assert_eq!(revealed.key_version, created.key_version, "a rotation rewrites nothing");
    ledger.written(CREATE, &old, &created, State::Present(1, values("old")));
    ledger.revealed(&old, &revealed);
    all_holds(&world, ledger).await;
}
