//! Data keys that also depend on a subject's key.

use std::time::{Duration, Instant};

use test_support::poll_until;
use tonic::Code;

use crate::support::{LIMIT, Refused, World, refused};

const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];
const TENANT: &str = "0190a5a0-0000-7000-8000-000000000001";

#[tokio::test]
async fn a_subjects_data_key_opens_for_that_subject_only() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let key = vault.provision(TENANT).await.unwrap().name;
    let made = vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap();
    vault.generate_for(&key, "patient-2", &CONTEXT).await.unwrap();
    let mismatch = Refused::with(Code::InvalidArgument, "AAD_MISMATCH", &["wrapped_key"]);
    for other in ["", "patient-2", "patient-3"] {
        let answer = vault.unwrap_for((&key, other), &CONTEXT, &made.wrapped_key).await;
        assert_eq!(refused(answer), mismatch, "{other:?}");
    }
    let opened = vault.unwrap_for((&key, "patient-1"), &CONTEXT, &made.wrapped_key).await.unwrap();
    assert_eq!(opened.plaintext, made.plaintext);
}

#[tokio::test]
async fn a_data_key_without_subject_does_not_open_for_one() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let key = vault.provision(TENANT).await.unwrap().name;
    vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap();
    let plain = vault.generate(&key, &CONTEXT).await.unwrap();
    let answer = vault.unwrap_for((&key, "patient-1"), &CONTEXT, &plain.wrapped_key).await;
    assert_eq!(refused(answer).reason, "AAD_MISMATCH");
}

#[tokio::test]
async fn a_subject_has_one_key_however_many_replicas_ask_for_it_first() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let key = world.calls(&replica, "vault-service").provision(TENANT).await.unwrap().name;
    let calls = (0..6).map(|index| {
        let mut vault = world.calls(if index % 2 == 0 { &replica } else { &other }, "vault-service");
        let key = key.clone();
        async move { vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap() }
    });
    let made = futures::future::join_all(calls).await;
    let count: i64 = world.sql().await.query_one("SELECT count(*) FROM subject_keys", &[]).await.unwrap().get(0);
    assert_eq!(count, 1);
    let mut vault = world.calls(&other, "vault-service");
    for one in made {
        let opened = vault.unwrap_for((&key, "patient-1"), &CONTEXT, &one.wrapped_key).await.unwrap();
        assert_eq!(opened.plaintext, one.plaintext);
    }
}

#[tokio::test]
async fn without_its_subjects_key_a_data_key_does_not_open() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let key = vault.provision(TENANT).await.unwrap().name;
    let made = vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap();
    world.sql().await.batch_execute("DELETE FROM subject_keys").await.unwrap();
    let fresh = world.replica().await;
    let mut vault = world.calls(&fresh, "vault-service");
    let answer = vault.unwrap_for((&key, "patient-1"), &CONTEXT, &made.wrapped_key).await;
    assert_eq!(refused(answer).reason, "AAD_MISMATCH");
    vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap();
    let answer = vault.unwrap_for((&key, "patient-1"), &CONTEXT, &made.wrapped_key).await;
    assert_eq!(refused(answer).reason, "AAD_MISMATCH", "nor with a new one");
}

async fn subject_keys(world: &World) -> i64 {
    world.sql().await.query_one("SELECT count(*) FROM subject_keys", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_subjects_key_that_is_made_leaves_an_event() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let key = vault.provision(TENANT).await.unwrap().name;
    for _ in 0..3 {
        vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap();
    }
    vault.generate_for(&key, "patient-2", &CONTEXT).await.unwrap();
    let is_made = |event: &&api::audit::v1::Event| event.action == "subjectKeys.create";
    poll_until(LIMIT, "both are told", async || {
        (world.audit.events().iter().filter(is_made).count() == 2).then_some(())
    })
    .await
    .unwrap();
    for event in world.audit.events().iter().filter(is_made) {
        assert_eq!((event.resource.as_str(), event.attributes["count"].as_str()), (key.as_str(), "1"));
        assert_eq!(event.actor, "spiffe://strongroom.dev/vault-service");
        assert!(!format!("{event:?}").contains("patient"), "whom it is about is nobody's business");
    }
}

#[tokio::test]
async fn no_subjects_key_is_made_for_a_data_key_that_is_refused() {
    let (world, replica) = World::start().await;
    let key = world.calls(&replica, "vault-service").provision(TENANT).await.unwrap().name;
    world.disable(TENANT).await;
    let fresh = world.replica().await;
    let answer = world.calls(&fresh, "vault-service").generate_for(&key, "patient-1", &CONTEXT).await;
    assert_eq!(refused(answer), Refused::with(Code::FailedPrecondition, "KEY_VERSION_DISABLED", &[]));
    assert_eq!(subject_keys(&world).await, 0);
}

#[tokio::test]
async fn an_erased_subject_stays_erased_and_every_replica_knows_within_a_second() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let key = vault.provision(TENANT).await.unwrap().name;
    let made = vault.generate_for(&key, "patient-1", &CONTEXT).await.unwrap();
    vault.generate_for(&key, "patient-2", &CONTEXT).await.unwrap();
    world.erase_subject("patient-1").await;
    let erased = Refused::with(Code::FailedPrecondition, "ERASED", &[]);
    let since = Instant::now();
    let answer = poll_until(LIMIT, "it is erased", async || {
        vault.unwrap_for((&key, "patient-1"), &CONTEXT, &made.wrapped_key).await.err()
    });
    assert_eq!(refused::<()>(Err(answer.await.unwrap())), erased);
    // Held subject keys are used for 5 seconds where nothing changes.
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    assert_eq!(refused(vault.generate_for(&key, "patient-1", &CONTEXT).await), erased);
    vault.generate_for(&key, "patient-2", &CONTEXT).await.unwrap();
    let fresh = world.replica().await;
    let mut vault = world.calls(&fresh, "vault-service");
    assert_eq!(refused(vault.generate_for(&key, "patient-1", &CONTEXT).await), erased, "none is made anew");
    assert_eq!(refused(vault.unwrap_for((&key, "patient-1"), &CONTEXT, &made.wrapped_key).await), erased);
    assert_eq!(subject_keys(&world).await, 2);
    for action in ["dataKeys.unwrap", "dataKeys.generate"] {
        let is =
            |event: &api::audit::v1::Event| event.attributes.get("reason").is_some_and(|reason| reason == "ERASED");
        world.audit.event(action, is).await;
    }
}
