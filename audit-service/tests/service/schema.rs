//! What the database itself refuses, whoever asks.

use tokio_postgres::error::SqlState;

use crate::world::{World, events, log};

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_never_changed_not_even_by_a_superuser() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(3)).await;
    let superuser = world.database.superuser().await.unwrap();
    for sql in ["UPDATE entries SET actor = 'x'", "DELETE FROM entries", "TRUNCATE entries"] {
        let refused = superuser.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
    }
    // The control: the triggers are ordinary ones, which a session may pass that says so.
    world.tamperer().await.batch_execute("DELETE FROM entries WHERE entry_index = 2").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_role_inserts_and_reads_entries_and_nothing_else() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(3)).await;
    let superuser = world.database.superuser().await.unwrap();
    superuser.batch_execute("SET ROLE strongroom_audit").await.unwrap();
    for sql in [
        "UPDATE entries SET actor = 'x'",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "DELETE FROM logs",
        "TRUNCATE logs",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "DROP TABLE entries",
        "CREATE TABLE mine ()",
        "SET session_replication_role = replica",
    ] {
        let refused = superuser.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
    }
    for sql in ["SELECT * FROM entries", "SELECT * FROM logs FOR UPDATE"] {
        superuser.batch_execute(sql).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_stands_in_its_log_once() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(3)).await;
    let superuser = world.database.superuser().await.unwrap();
    let again = "INSERT INTO entries SELECT log_id, 99, event_id, entry, mac, logged_at, producer, actor, action,
                 resource, outcome FROM entries WHERE entry_index = 0";
    let refused = superuser.batch_execute(again).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::UNIQUE_VIOLATION));
}
