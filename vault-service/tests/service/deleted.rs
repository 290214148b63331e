//! What was deleted stays deleted: its row, put back by SQL or from a backup, is refused.

use api::vault::v1::ListRecordsRequest;
use serde_json::json;

use crate::support::{Calls, PATIENTS, Refused, Replica, World, fields, refused};

/// A world in which the patient p-1 was deleted and put back.
async fn put_back() -> (World, Replica, Calls) {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    world.keep("records").await;
    app.delete("p-1", "").await.unwrap();
    world.put_back("records").await;
    (world, vault, app)
}

/// Every use of p-1 is refused.
async fn is_refused(app: &mut Calls, what: &str) {
    assert_eq!(refused(app.get("p-1").await), Refused::does_not_open(), "{what}: get");
    assert_eq!(refused(app.reveal("p-1").await), Refused::does_not_open(), "{what}: reveal");
    let updated = app.update("p-1", &["a"], &json!({ "a": 2 })).await;
    assert_eq!(refused(updated), Refused::does_not_open(), "{what}: update");
    assert_eq!(refused(app.delete("p-1", "").await), Refused::does_not_open(), "{what}: delete");
    let list = ListRecordsRequest { parent: PATIENTS.to_owned(), ..ListRecordsRequest::default() };
    assert_eq!(refused(app.records.list_records(list).await), Refused::does_not_open(), "{what}: list");
}

#[tokio::test]
async fn a_deleted_record_that_is_put_back_is_refused() {
    let (world, _vault, mut app) = put_back().await;
    is_refused(&mut app, "put back").await;
    let told = world.audit.event("records.reveal", |event| event.outcome == 4).await;
    assert_eq!(told.attributes["reason"], "AAD_MISMATCH");
    // The control: it is the row of deleted_records that tells. Without it the genuine row opens.
    world.run("DELETE FROM deleted_records").await;
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 1 })));
}

#[tokio::test]
async fn a_forged_row_of_a_deleted_record_is_no_leave_to_read() {
    let (world, _vault, mut app) = put_back().await;
    world.run("UPDATE deleted_records SET revision = revision + 1").await;
    is_refused(&mut app, "forged").await;
    world.run("DELETE FROM records").await;
    app.create("p-2", &json!({ "a": 1 })).await.unwrap();
    let uid = "SELECT tenant_uid, record_uid, tenant_id, collection_id, record_id, 1, now(), decode(repeat('00', 37), 'hex') FROM records";
    world.run(&format!("INSERT INTO deleted_records {uid}")).await;
    assert_eq!(refused(app.get("p-2").await), Refused::does_not_open());
}

/// A lawful delete of a row to which SQL had given another record's uid says nothing about that other record.
#[tokio::test]
async fn a_deleted_row_with_the_uid_of_another_record_leaves_that_one_readable() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        app.create(id, &json!({ "a": 1 })).await.unwrap();
    }
    world.keep("records").await;
    world
        .run(
            "CREATE TEMPORARY TABLE other AS SELECT record_uid FROM records WHERE record_id = 'p-2';
            UPDATE records SET record_uid = gen_random_uuid() WHERE record_id = 'p-2';
            UPDATE records SET record_uid = (SELECT record_uid FROM other) WHERE record_id = 'p-1'",
        )
        .await;
    app.delete("p-1", "").await.unwrap();
    world.put_back("records").await;
    assert_eq!(app.reveal("p-2").await.unwrap(), fields(&json!({ "a": 1 })));
    assert_eq!(
        refused(app.delete("p-2", "").await),
        Refused::does_not_open(),
        "its uid is taken among the deleted ones"
    );
    assert_eq!(app.reveal("p-2").await.unwrap(), fields(&json!({ "a": 1 })));
}

#[tokio::test]
async fn a_name_that_is_made_again_is_another_record() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    for value in 1..4 {
        app.create("p-1", &json!({ "a": value })).await.unwrap();
        assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": value })));
        app.delete("p-1", "").await.unwrap();
    }
    let sql = world.sql().await;
    let row = sql.query_one("SELECT count(*), count(DISTINCT record_uid) FROM deleted_records", &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (3, 3));
}

#[tokio::test]
async fn a_delete_that_finds_another_revision_keeps_nothing() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let first = app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    app.update("p-1", &["a"], &json!({ "a": 2 })).await.unwrap();
    assert_eq!(refused(app.delete("p-1", &first.etag).await).reason, "ETAG_MISMATCH");
    let kept: i64 = world.sql().await.query_one("SELECT count(*) FROM deleted_records", &[]).await.unwrap().get(0);
    assert_eq!(kept, 0);
}
