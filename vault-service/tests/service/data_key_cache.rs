//! Data keys that reveals use again, beside a real key-service.

use api::audit::v1::Event;
use serde_json::json;
use test_support::poll_until;
use tonic::Code;
use vault_service::keys::cache::DataKeyCacheConfig;

use crate::support::{BOUND, Calls, LIMIT, Replica, World, fields, new_record, reason_of};

/// A world whose vault uses data keys again, with a record of a person.
async fn world() -> (World, Replica, Calls) {
    let config = DataKeyCacheConfig { enabled: true, max_uses: u32::MAX, ..DataKeyCacheConfig::default() };
    let world = World::new().await.with_data_key_cache(config).with_production_budget();
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    let mut request = new_record("p-1", &json!({ "ssn": "1" }));
    "person-1".clone_into(&mut request.record.as_mut().unwrap().subject);
    app.create_record(request).await.unwrap();
    (world, vault, app)
}

fn is_reveal(event: &Event) -> bool {
    event.action == "records.reveal"
}

fn is_cached(event: &Event) -> bool {
    event.attributes.get("data_key").is_some_and(|how| how == "cached")
}

/// Reveals until a data key is used again; the number of the operation that unwrapped it.
async fn used_again(world: &World, app: &mut Calls) -> u64 {
    let revealed = poll_until(LIMIT, "a data key that is used again", async || {
        assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "ssn": "1" })));
        world.audit.events().into_iter().rfind(|event| is_reveal(event) && is_cached(event))
    });
    revealed.await.unwrap().key_counter
}

#[tokio::test]
async fn each_reveal_is_seen_by_key_service_unless_the_configuration_says_otherwise() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "ssn": "1" })).await.unwrap();
    for _ in 0..5 {
        app.reveal("p-1").await.unwrap();
    }
    let events = world.audit.count(5, is_reveal).await;
    assert!(!events.iter().any(is_cached));
    let mut operations: Vec<_> = events.iter().map(|event| event.key_counter).collect();
    operations.dedup();
    assert_eq!(operations.len(), 5);
}

#[tokio::test]
async fn a_reveal_that_key_service_does_not_see_says_so_and_names_the_operation_that_unwrapped() {
    let (world, _vault, mut app) = world().await;
    let operation = used_again(&world, &mut app).await;
    app.reveal("p-1").await.unwrap();
    let of_operation = |event: &Event| is_reveal(event) && event.key_counter == operation;
    let told = poll_until(LIMIT, "all reveals", async || {
        let told: Vec<_> = world.audit.events().into_iter().filter(of_operation).collect();
        (told.iter().filter(|event| is_cached(event)).count() >= 2).then_some(told)
    });
    let told = told.await.unwrap();
    assert_eq!(told.iter().filter(|event| !is_cached(event)).count(), 1, "key-service saw the first: {told:#?}");
}

#[tokio::test]
async fn an_update_opens_the_revision_before_anew_and_reveals_use_its_own_key() {
    let (world, _vault, mut app) = world().await;
    let operation = used_again(&world, &mut app).await;
    app.update("p-1", &["dob"], &json!({ "dob": "1970" })).await.unwrap();
    let carried = world.audit.event("records.carryOver", |_| true).await;
    assert!(carried.key_counter > operation && !is_cached(&carried));
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "dob": "1970", "ssn": "1" })));
}

#[tokio::test]
async fn a_rotation_ends_the_use_of_data_keys_under_the_key() {
    let (world, _vault, mut app) = world().await;
    let operation = used_again(&world, &mut app).await;
    let tenant: uuid::Uuid = world.sql().await.query_one("SELECT tenant_uid FROM tenants", &[]).await.unwrap().get(0);
    world.rotate(&format!("keys/{tenant}")).await;
    let again = poll_until(LIMIT, "an operation after the rotation", async || {
        Some(used_again(&world, &mut app).await).filter(|again| *again != operation)
    });
    assert!(again.await.unwrap() > operation);
}

#[tokio::test]
async fn a_subject_that_is_erased_is_revealed_no_more() {
    let (world, _vault, mut app) = world().await;
    used_again(&world, &mut app).await;
    world.keys.erase_subject("person-1").await;
    let erased = poll_until(BOUND, "the erasure", async || {
        let answer = app.reveal("p-1").await;
        answer.is_err().then(|| reason_of(answer))
    });
    assert_eq!(erased.await.unwrap(), (Code::FailedPrecondition, "ERASED".to_owned()));
    assert_eq!(reason_of(app.reveal("p-1").await).1, "ERASED", "on and on");
}

#[tokio::test]
async fn nothing_is_used_again_while_key_service_does_not_say_what_changed() {
    let (world, _vault, mut app) = world().await;
    used_again(&world, &mut app).await;
    world.to_keys.hang();
    let away = poll_until(BOUND, "the silence", async || {
        let answer = app.reveal("p-1").await;
        answer.is_err().then(|| reason_of(answer))
    });
    assert_eq!(away.await.unwrap(), (Code::Unavailable, "KEY_SERVICE_UNAVAILABLE".to_owned()));
    assert_eq!(reason_of(app.reveal("p-1").await).1, "KEY_SERVICE_UNAVAILABLE", "on and on");
    world.to_keys.lead_to(world.keys.address);
    let back = poll_until(LIMIT, "key-service again", async || app.reveal("p-1").await.ok());
    back.await.unwrap();
    used_again(&world, &mut app).await;
}
