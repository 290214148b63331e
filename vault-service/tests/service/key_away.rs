//! key-service is away, slow or sealed: answers are bounded and say so, and everything works again by itself.

use serde_json::json;
use test_support::poll_until;
use tokio::time::Instant;
use tonic::Code;

use crate::support::{BOUND, Calls, LIMIT, Replica, World, fields, reason_of};

/// A vault that waits for key-service no longer than in production.
async fn world() -> (World, Replica) {
    let world = World::new().await.with_production_budget();
    let vault = world.replica().await;
    world.furnish(&vault).await;
    (world, vault)
}

/// Creating, revealing and updating are refused within their bound, for this reason.
async fn is_refused(app: &mut Calls, reason: &str) {
    let expected = (Code::Unavailable, reason.to_owned());
    let started = Instant::now();
    assert_eq!(reason_of(app.create("new", &json!({ "a": 1 })).await), expected);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    let started = Instant::now();
    assert_eq!(reason_of(app.reveal("p-1").await), expected);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    let started = Instant::now();
    assert_eq!(reason_of(app.update("p-1", &["a"], &json!({ "a": 2 })).await), expected);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
}

async fn works_again(app: &mut Calls) {
    poll_until(LIMIT, "reveals work again", async || app.reveal("p-1").await.ok()).await.unwrap();
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 1 })));
    app.create("new", &json!({ "a": 1 })).await.unwrap();
}

#[tokio::test]
async fn without_key_service_calls_are_refused_in_time_and_work_again() {
    let (world, vault) = world().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.to_keys.refuse();
    is_refused(&mut app, "KEY_SERVICE_UNAVAILABLE").await;
    // What needs no key goes on.
    app.get("p-1").await.unwrap();
    world.to_keys.lead_to(world.keys.address);
    works_again(&mut app).await;
}

#[tokio::test]
async fn a_key_service_that_hangs_is_not_waited_for() {
    let (world, vault) = world().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.to_keys.hang();
    is_refused(&mut app, "KEY_SERVICE_UNAVAILABLE").await;
    world.to_keys.lead_to(world.keys.address);
    works_again(&mut app).await;
}

#[tokio::test]
async fn a_sealed_key_service_says_so() {
    let (world, vault) = world().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let (sealed, _ends) = world.keys.sealed().await;
    world.to_keys.lead_to(sealed);
    is_refused(&mut app, "SEALED").await;
    world.to_keys.lead_to(world.keys.address);
    works_again(&mut app).await;
}

#[tokio::test]
async fn a_short_break_is_not_noticed() {
    let (world, vault) = world().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.to_keys.refuse();
    let mut waiting = app.clone();
    let back = async {
        tokio::task::yield_now().await;
        world.to_keys.lead_to(world.keys.address);
    };
    let (revealed, ()) = futures::future::join(waiting.reveal("p-1"), back).await;
    assert_eq!(revealed.unwrap(), fields(&json!({ "a": 1 })));
}

#[tokio::test]
async fn a_vault_starts_without_its_peers() {
    let world = World::new().await.with_production_budget();
    world.to_keys.refuse();
    world.audit.set_away(true);
    let vault = world.replica().await;
    let mut operator = world.calls(&vault, "operator");
    let started = Instant::now();
    assert_eq!(reason_of(operator.create_tenant("acme").await).1, "KEY_SERVICE_UNAVAILABLE");
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    world.to_keys.lead_to(world.keys.address);
    poll_until(LIMIT, "tenants can be made", async || operator.create_tenant("acme").await.ok()).await.unwrap();
}

#[tokio::test]
async fn many_callers_are_refused_in_time_too() {
    let (world, vault) = world().await;
    let app = world.calls(&vault, "app");
    app.clone().create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.to_keys.hang();
    let started = Instant::now();
    let reveals = (0..200).map(|_| {
        let mut app = app.clone();
        async move { reason_of(app.reveal("p-1").await).1 }
    });
    let reasons = futures::future::join_all(reveals).await;
    assert!(reasons.iter().all(|reason| reason == "KEY_SERVICE_UNAVAILABLE"));
    assert!(started.elapsed() < BOUND * 2, "{:?}", started.elapsed());
}
