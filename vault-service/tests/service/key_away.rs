//! key-service is away, slow or sealed: answers are bounded and say so, and everything works again by itself.

use api::audit::v1::Event;
use serde_json::json;
use test_support::poll_until;
use tokio::time::Instant;
use tonic::Code;

use crate::support::{BOUND, Calls, LIMIT, Refused, Replica, World, fields, name, new_record, reason_of, refused};

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

/// A key database that was set back lacks what was made since: that is said, raises the alarm and leaves an entry.
#[tokio::test]
async fn what_a_set_back_key_database_lacks_is_said() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let mut of_person = new_record("p-2", &json!({ "a": 1 }));
    "person-1".clone_into(&mut of_person.record.as_mut().unwrap().subject);
    app.create_record(of_person).await.unwrap();
    let (sql, mut running, mut newest) = (world.keys.sql().await, Vec::new(), world.keys.address);
    // No header names the key of a person.
    let persons = ("DELETE FROM subject_keys", "p-2", Refused::does_not_open());
    // key-service counts its wraps meanwhile.
    let tenants =
        "BEGIN; LOCK TABLE wrap_counts IN EXCLUSIVE MODE; DELETE FROM wrap_counts; DELETE FROM key_versions USING keys
        WHERE keys.key_uid = key_versions.key_uid AND tenant_uid IS NOT NULL;
        DELETE FROM keys WHERE tenant_uid IS NOT NULL; COMMIT";
    for (made_since, lost, refusal) in [persons, (tenants, "p-1", Refused::version_unknown())] {
        app.reveal("p-1").await.unwrap();
        sql.batch_execute(made_since).await.unwrap();
        let (address, fresh) = world.keys.replica().await;
        world.to_keys.lead_to(address);
        newest = address;
        running.push(fresh);
        assert_eq!(refused(app.reveal(lost).await), refusal, "{made_since}");
        let told = |event: &Event| event.resource == name(lost) && event.outcome == 4;
        let told = world.audit.event("records.reveal", told).await;
        assert_eq!(told.attributes["reason"], refusal.reason);
    }
    assert_eq!(refused(app.create("p-3", &json!({ "a": 1 })).await), Refused::version_unknown());
    let tenant = world.sql().await.query_one("SELECT tenant_uid FROM tenants", &[]).await.unwrap().get(0);
    // One that has seen the key makes no other in its place.
    world.provision(newest, tenant).await;
    app.create("p-3", &json!({ "a": 1 })).await.unwrap();
    app.reveal("p-3").await.unwrap();
    assert_eq!(refused(app.reveal("p-1").await), Refused::does_not_open(), "the key is another one");
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
