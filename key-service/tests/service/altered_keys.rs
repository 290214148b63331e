//! Rows that SQL altered, or that a newer version wrote, while keys are made and rotated: nothing is built on them.

use std::sync::Arc;

use api::key::v1::KeyPurpose;
use audit::{Outbox, OutboxConfig, OutboxKeySlot};
use clock::{SharedClock, SystemClock};
use key_service::keyring::{Keyring, Limits};
use key_service::seal::FileSeal;
use key_service::store::Store;
use key_service::subjects::Subjects;
use key_service::unseal::unseal;
use rows::{NewRow, Table};
use test_support::poll_until;
use tonic::Code;
use uuid::Uuid;

use crate::support::{LIMIT, Refused, World, refused};

const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];

fn altered() -> Refused {
    Refused::with(Code::DataLoss, "AAD_MISMATCH", &[])
}

#[tokio::test]
async fn a_version_that_was_made_up_moves_no_number() {
    let (world, replica) = World::start().await;
    let (sql, mut operator) = (world.sql().await, world.calls(&replica, "operator"));
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    sql.batch_execute(
        "INSERT INTO key_versions SELECT key_uid, 50, birth_mark, state, material, public_key, create_time_us,
             destroy_time_us, previous, row_mac
         FROM key_versions WHERE key_uid = (SELECT key_uid FROM keys WHERE key_id = 'k')",
    )
    .await
    .unwrap();
    assert_eq!(refused(operator.rotate("keys/k").await), altered());
    sql.batch_execute("DELETE FROM key_versions WHERE version = 50").await.unwrap();
    assert_eq!(operator.rotate("keys/k").await.unwrap().name, "keys/k/versions/2");
    let fresh = world.replica().await;
    world.calls(&fresh, "vault-service").generate("keys/k", &CONTEXT).await.unwrap();
}

#[tokio::test]
async fn a_generation_that_was_made_up_moves_no_number() {
    let (world, replica) = World::start().await;
    let (sql, mut operator) = (world.sql().await, world.calls(&replica, "operator"));
    for id in ["a", "b"] {
        operator.create(id, KeyPurpose::Wrap).await.unwrap();
    }
    let set = async |generation: &str| {
        let set = format!("UPDATE keys SET generation = {generation} WHERE key_id = 'a'");
        sql.batch_execute(&set).await.unwrap();
    };
    sql.batch_execute("CREATE TABLE kept AS SELECT generation FROM keys WHERE key_id = 'a'").await.unwrap();
    set("9223372036854775806").await;
    assert_eq!(refused(operator.rotate("keys/b").await), altered());
    assert_eq!(refused(operator.create("c", KeyPurpose::Wrap).await), altered());
    // A process that starts now follows the other keys all the same.
    let fresh = world.replica().await;
    world.calls(&fresh, "vault-service").generate("keys/b", &CONTEXT).await.unwrap();
    set("(SELECT generation FROM kept)").await;
    operator.rotate("keys/b").await.unwrap();
    operator.create("c", KeyPurpose::Wrap).await.unwrap();
}

/// A full page of rows that this version may not read is followed by the next page, not by itself.
#[tokio::test]
async fn a_page_of_keys_for_newer_versions_is_passed_over() {
    let (world, replica) = World::start().await;
    replica.stop().await;
    let (sql, db) = (world.sql().await, world.database.connect().unwrap());
    let clock: SharedClock = Arc::new(SystemClock);
    let outbox = Outbox::new(db.clone(), OutboxKeySlot::empty(), Arc::clone(&clock), &OutboxConfig::default());
    let opened = unseal(&db, &FileSeal::new(&world.seal_file(), false), &clock, &outbox).await.unwrap();
    let store = Arc::new(Store::new(db, opened.root.row_keys().unwrap()));
    let root = Arc::new(opened.root);
    let subjects = Subjects::new(Arc::clone(&store), Arc::clone(&root), clock);
    let keyring = Keyring::new(store, root, Limits::default());
    keyring.refresh(&subjects).await.unwrap();
    let rows = world.row_keys().await;
    sql.batch_execute("ALTER TABLE keys DROP CONSTRAINT keys_purpose_known").await.unwrap();
    for number in 0..501_u64 {
        let id = format!("later-{number}");
        let row = NewRow::of(Table::new("keys"))
            .with("key_uid", Uuid::from_u128(number.into()))
            .with("key_id", id.as_str())
            .with("purpose", 9_i16)
            .with("system", false)
            .with("primary_version", 1_u32)
            .with("revision", 1_u64)
            .with("generation", 1000 + number)
            .with("labels", Vec::<u8>::new())
            .with("create_time_us", 1_i64)
            .authenticated(&rows);
        sql.execute(&row.insert(1), &row.params()).await.unwrap();
    }
    keyring.refresh(&subjects).await.unwrap();
}

/// As many rows as a poll looks at were made up, and they state the highest generations.
#[tokio::test]
async fn many_keys_that_were_made_up_hide_no_change_and_set_nothing_back() {
    let (world, replica) = World::start().await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    for id in ["k", "other"] {
        operator.create(id, KeyPurpose::Wrap).await.unwrap();
    }
    let made = vault.generate_for("keys/other", "p-1", &CONTEXT).await.unwrap();
    vault.generate("keys/k", &CONTEXT).await.unwrap();
    let newest = world.newest_generation().await;
    world.make_up_keys(newest + 1000..=newest + 1600).await;
    world.make_up_subjects(newest + 1000..=newest + 1600).await;

    world.disable("k").await;
    world.change_key("k", newest + 1).await;
    let disabled =
        poll_until(LIMIT, "the change of the key is seen", async || vault.generate("keys/k", &CONTEXT).await.err());
    assert_eq!(refused::<()>(Err(disabled.await.unwrap())).reason, "KEY_VERSION_DISABLED");
    world.erase_subject_at("p-1", newest + 2).await;
    let erased = poll_until(LIMIT, "the erasure is seen", async || {
        vault.unwrap_for(("keys/other", "p-1"), &CONTEXT, &made.wrapped_key).await.err()
    });
    assert_eq!(refused::<()>(Err(erased.await.unwrap())).reason, "ERASED");
    vault.generate("keys/other", &CONTEXT).await.unwrap();
    assert_eq!(refused(operator.rotate("keys/other").await), altered(), "nothing is built on them");

    world.remove_made_up().await;
    operator.rotate("keys/other").await.unwrap();
    world.audit.event("keys.rotate", |event| event.outcome == 1).await;
    assert!(world.audit.events().iter().all(|event| event.action != "keys.setBack"));
    replica.stop().await;
}
