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

/// Puts the first entry in again, as of this producer.
fn copy_of(producer: &str) -> String {
    format!(
        "INSERT INTO entries SELECT log_id, 99, event_id, entry, mac, logged_at, {producer}, actor, action, resource, outcome
         FROM entries WHERE entry_index = 0"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_of_a_producer_stands_in_its_log_once() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(3)).await;
    let superuser = world.database.superuser().await.unwrap();
    let refused = superuser.batch_execute(&copy_of("producer")).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::UNIQUE_VIOLATION));
    // The same id from another producer is another event.
    superuser.batch_execute(&copy_of("'other'")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_no_entry_has_are_refused() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(3)).await;
    let superuser = world.tamperer().await;
    for (value, constraint) in [
        ("entry = ''", "entries_entry_length"),
        ("entry = decode(repeat('00', 49153), 'hex')", "entries_entry_length"),
        ("mac = mac || '\\x00'::bytea", "entries_mac_length"),
        ("producer = ''", "entries_producer_length"),
        ("actor = ''", "entries_actor_length"),
        ("actor = repeat('a', 2049)", "entries_actor_length"),
        ("action = repeat('a', 1025)", "entries_action_length"),
        ("resource = repeat('a', 1025)", "entries_resource_length"),
        ("outcome = 256", "entries_outcome_is_a_byte"),
        ("key_boot = event_id", "entries_key_operation_is_whole"),
    ] {
        let update = format!("UPDATE entries SET {value} WHERE entry_index = 0");
        let refused = superuser.batch_execute(&update).await.unwrap_err();
        let refused = refused.as_db_error().and_then(|error| error.constraint().map(str::to_owned));
        assert_eq!(refused.as_deref(), Some(constraint), "{value}");
    }
    // The longest identity and resource have their place in every index.
    let longest =
        "UPDATE entries SET actor = repeat('a', 2048), resource = repeat('a', 1024), action = repeat('a', 1024)";
    superuser.batch_execute(longest).await.unwrap();
}
