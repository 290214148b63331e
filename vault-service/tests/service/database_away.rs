//! The vault's database does not do what it is asked: nothing is half done, and callers are told whose fault it is.

use serde_json::json;
use tonic::Code;

use crate::support::{World, fields, reason_of, refused};

fn away() -> (Code, String) {
    (Code::Unavailable, "DATABASE_UNAVAILABLE".to_owned())
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_half_done() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world
        .run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE ''full'' USING ERRCODE = ''53100''; END';
             CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE OR DELETE ON records
                FOR EACH ROW EXECUTE FUNCTION full_disk()",
        )
        .await;
    assert_eq!(reason_of(app.create("p-2", &json!({ "a": 1 })).await), away());
    assert_eq!(reason_of(app.update("p-1", &["a"], &json!({ "a": 2 })).await), away());
    assert_eq!(reason_of(app.delete("p-1", "").await), away());
    world.run("DROP TRIGGER full_disk ON records").await;
    assert_eq!(refused(app.get("p-2").await).code, Code::NotFound);
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 1 })));
    app.create("p-2", &json!({ "a": 1 })).await.unwrap();
    app.delete("p-1", "").await.unwrap();
    let done = |action: &'static str| move |event: &api::audit::v1::Event| event.action == action && event.outcome == 1;
    world.audit.count(2, done("records.create")).await;
    world.audit.count(1, done("records.delete")).await;
}

#[tokio::test]
async fn who_waits_for_a_locked_table_is_told_that_it_is_the_database() {
    let world = World::new().await.with_production_budget();
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let session = world.sql().await;
    session.batch_execute("BEGIN; LOCK TABLE records IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert_eq!(reason_of(app.reveal("p-1").await), away());
    assert_eq!(reason_of(app.create("p-2", &json!({ "a": 1 })).await), away());
    session.batch_execute("ROLLBACK").await.unwrap();
    app.reveal("p-1").await.unwrap();
}
