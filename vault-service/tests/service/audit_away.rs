//! audit-service is away: work goes on until too much waits, then nothing is done without evidence.

use std::time::Duration;

use audit::OutboxConfig;
use serde_json::json;
use test_support::poll_until;
use tokio::time::Instant;
use tonic::Code;

use crate::support::{BOUND, LIMIT, World, new_record, reason_of};

#[tokio::test]
async fn work_goes_on_until_too_much_waits_and_all_is_delivered_afterwards() {
    let outbox = OutboxConfig { max_backlog: 20, max_backlog_age: Duration::from_mins(10), ..OutboxConfig::default() };
    let world = World::new().await.with_outbox(outbox);
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    app.create("p-0", &json!({ "a": 1 })).await.unwrap();
    world.audit.event("records.create", |_| true).await;
    world.audit.set_away(true);
    let sql = world.sql().await;
    let waiting = async || -> i64 { sql.query_one("SELECT count(*) FROM audit_outbox", &[]).await.unwrap().get(0) };
    let (mut done, mut tried) = (1, 0);
    let refusal = loop {
        tried += 1;
        assert!(tried < 10_000, "it never ends");
        match app.create(&format!("p-{done}"), &json!({ "a": 1 })).await {
            Ok(_) => done += 1,
            // Between two looks at the table rows are counted rather twice than not at all: refused a little early.
            Err(_) if waiting().await < 20 => tokio::task::yield_now().await,
            Err(status) => break status,
        }
    };
    assert_eq!(done, 21);
    let unavailable = (Code::Unavailable, "AUDIT_UNAVAILABLE".to_owned());
    assert_eq!(reason_of::<()>(Err(refusal)), unavailable);
    let started = Instant::now();
    assert_eq!(reason_of(app.reveal("p-0").await), unavailable);
    assert_eq!(reason_of(app.update("p-0", &[], &json!({ "a": 2 })).await), unavailable);
    assert_eq!(reason_of(app.delete("p-0", "").await), unavailable);
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    // What leaves no entry goes on.
    app.get("p-0").await.unwrap();

    world.audit.set_away(false);
    poll_until(LIMIT, "reveals work again", async || app.reveal("p-0").await.ok()).await.unwrap();
    world.audit.count(done, |event| event.action == "records.create" && event.outcome == 1).await;
}

#[tokio::test]
async fn too_old_events_close_their_own_log_only() {
    let outbox =
        OutboxConfig { max_backlog: 100_000, max_backlog_age: Duration::from_millis(300), ..OutboxConfig::default() };
    let world = World::new().await.with_outbox(outbox);
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut operator = world.calls(&vault, "operator");
    operator.create_tenant("quiet").await.unwrap();
    poll_until(LIMIT, "the outbox is empty", async || {
        let rows: i64 = world.sql().await.query_one("SELECT count(*) FROM audit_outbox", &[]).await.unwrap().get(0);
        (rows == 0).then_some(())
    })
    .await
    .unwrap();
    world.audit.set_away(true);
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    poll_until(LIMIT, "the log is closed", async || {
        let refusal = app.reveal("p-1").await.err()?;
        (reason_of::<()>(Err(refusal)).1 == "AUDIT_UNAVAILABLE").then_some(())
    })
    .await
    .unwrap();
    operator.create_collection("tenants/quiet", "patients").await.unwrap();
    world.audit.set_away(false);
    poll_until(LIMIT, "the log is open again", async || app.reveal("p-1").await.ok()).await.unwrap();
}

#[tokio::test]
async fn a_forged_outbox_row_is_not_delivered() {
    let (world, vault) = World::start().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.audit.event("records.create", |_| true).await;
    world.audit.set_away(true);
    world.calls(&vault, "app").create("p-2", &json!({ "a": 1 })).await.unwrap();
    let sql = world.sql().await;
    sql.batch_execute(
        "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
         SELECT gen_random_uuid(), log_name, time_ns, events, mac FROM audit_outbox LIMIT 1",
    )
    .await
    .unwrap();
    world.audit.set_away(false);
    poll_until(LIMIT, "the forged row is set aside", async || {
        let rows: i64 = sql.query_one("SELECT count(*) FROM audit_outbox_refused", &[]).await.unwrap().get(0);
        (rows == 1).then_some(())
    })
    .await
    .unwrap();
    world.audit.count(2, |event| event.action == "records.create" && event.outcome == 1).await;
}

/// A trigger that keeps events out of the outbox lets no statement pass for one that wrote them.
#[tokio::test]
async fn events_that_are_kept_from_the_outbox_are_missed() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-0", "p-1"] {
        app.create(id, &json!({ "a": 1 })).await.unwrap();
    }
    world
        .run(
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER nothing BEFORE INSERT ON audit_outbox FOR EACH ROW EXECUTE FUNCTION nothing()",
        )
        .await;
    assert!(app.reveal("p-1").await.is_err());
    assert!(app.create("p-2", &json!({ "a": 1 })).await.is_err());
    assert!(app.batch_create(vec![new_record("p-3", &json!({ "a": 1 }))]).await.is_err());
    assert!(app.update("p-1", &["a"], &json!({ "a": 2 })).await.is_err());
    assert!(app.delete("p-1", "").await.is_err());
    let mut operator = world.calls(&vault, "operator");
    assert!(operator.create_collection("tenants/acme", "more").await.is_err());
    world.run("DROP TRIGGER nothing ON audit_outbox").await;
    app.reveal("p-0").await.unwrap();
}
