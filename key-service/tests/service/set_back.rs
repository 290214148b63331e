//! A key database that was set back under running replicas: nothing is wrapped under what is gone, and no number is given twice.

use std::sync::Arc;
use std::time::Duration;

use api::key::v1::{KeyPurpose, ListKeyVersionsRequest};
use audit::{Outbox, OutboxConfig, OutboxKey, OutboxKeySlot};
use clock::{SharedClock, SystemClock};
use key_service::error::Error;
use key_service::keyring::{Keyring, Limits, Wanted};
use key_service::restored::set_floors;
use key_service::seal::FileSeal;
use key_service::store::Store;
use key_service::subjects::Subjects;
use key_service::unseal::{Opened, open};
use test_support::poll_until;
use test_support::postgres::{keep_rows, put_rows_back};
use tonic::Code;

use crate::support::{Calls, LIMIT, Refused, Replica, World, refused};

const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];
const TENANT: &str = "0190a5a0-0000-7000-8000-000000000001";
/// What a restore of the key database sets back, as far as keys are concerned.
const TABLES: [&str; 3] = ["keys", "key_versions", "subject_keys"];

fn unknown() -> Refused {
    Refused::with(Code::FailedPrecondition, "KEY_VERSION_UNKNOWN", &[])
}

/// Waits until a key wraps no more, and returns why.
async fn wraps_no_more(vault: &mut Calls, key: &str) -> Refused {
    poll_until(LIMIT, "the key wraps no more", async || vault.generate(key, &CONTEXT).await.err())
        .await
        .map(|status| refused::<()>(Err(status)))
        .unwrap()
}

async fn set_back(world: &World) {
    put_rows_back(&world.sql().await, &TABLES).await.unwrap();
}

async fn opened(world: &World) -> (Opened, Arc<Store>) {
    let db = world.database.connect().unwrap();
    let opened = open(&db, &FileSeal::new(&world.seal_file(), false)).await.unwrap().unwrap();
    let store = Arc::new(Store::new(db, opened.root.row_keys().unwrap()));
    (opened, store)
}

/// What `key-service restored` does.
async fn restored(world: &World) -> u64 {
    let (opened, store) = opened(world).await;
    let clock: SharedClock = Arc::new(SystemClock);
    let key = OutboxKeySlot::filled(OutboxKey::new(&opened.root.outbox_key().unwrap()));
    let outbox = Outbox::new(store.db().clone(), key, Arc::clone(&clock), &OutboxConfig::default());
    set_floors(&store, &outbox, &clock, 1000).await.unwrap()
}

/// A key of which version 2 was made, and has wrapped a data key, since the backup; and a data key under each version.
async fn rotated_since_the_backup(world: &World, replica: &Replica) -> [Vec<u8>; 2] {
    let (mut operator, mut vault) = (world.calls(replica, "operator"), world.calls(replica, "vault-service"));
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    operator.create("other", KeyPurpose::Wrap).await.unwrap();
    let before = vault.generate("keys/k", &CONTEXT).await.unwrap().wrapped_key;
    keep_rows(&world.sql().await, &TABLES).await.unwrap();
    operator.rotate("keys/k").await.unwrap();
    let since = vault.generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(since.key_version, "keys/k/versions/2");
    [before, since.wrapped_key]
}

#[tokio::test]
async fn a_replica_that_was_not_restarted_wraps_under_no_version_that_is_gone_and_says_so_once() {
    let (world, replica) = World::start().await;
    let [before, since] = rotated_since_the_backup(&world, &replica).await;
    set_back(&world).await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    assert_eq!(wraps_no_more(&mut vault, "keys/k").await, unknown());
    assert_eq!(refused(vault.unwrap("keys/k", &CONTEXT, &since).await), unknown());
    vault.unwrap("keys/k", &CONTEXT, &before).await.unwrap();
    vault.generate("keys/other", &CONTEXT).await.unwrap();
    for name in ["keys/k", "keys/other"] {
        let unsafe_now = Refused::with(Code::FailedPrecondition, "SET_BACK", &[]);
        assert_eq!(refused(operator.rotate(name).await), unsafe_now, "{name}");
    }
    let event = world.audit.event("keys.setBack", |_| true).await;
    assert_eq!(event.actor, "key-service");

    let fresh = world.replica().await;
    let made = world.calls(&fresh, "vault-service").generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(made.key_version, "keys/k/versions/1", "a process that was started on it has seen no more");
    assert_eq!(refused(vault.generate("keys/k", &CONTEXT).await), unknown());
    world.audit.event("dataKeys.generate", |event| event.attributes.contains_key("reason")).await;
    let told = world.audit.events().iter().filter(|event| event.action == "keys.setBack").count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_newer_backup_makes_it_good() {
    let (world, replica) = World::start().await;
    let [_, since] = rotated_since_the_backup(&world, &replica).await;
    let sql = world.sql().await;
    sql.batch_execute("CREATE TABLE k AS TABLE keys; CREATE TABLE v AS TABLE key_versions").await.unwrap();
    set_back(&world).await;
    let mut vault = world.calls(&replica, "vault-service");
    assert_eq!(wraps_no_more(&mut vault, "keys/k").await, unknown());
    let newer = "SET session_replication_role = replica; BEGIN; DELETE FROM keys; DELETE FROM key_versions;
        INSERT INTO keys SELECT * FROM k; INSERT INTO key_versions SELECT * FROM v; COMMIT";
    sql.batch_execute(newer).await.unwrap();
    poll_until(LIMIT, "the key wraps again", async || vault.generate("keys/k", &CONTEXT).await.ok()).await.unwrap();
    vault.unwrap("keys/k", &CONTEXT, &since).await.unwrap();
    world.calls(&replica, "operator").rotate("keys/k").await.unwrap();
}

#[tokio::test]
async fn counts_of_versions_that_are_gone_keep_no_others_from_being_written() {
    let (world, replica) = World::start().await;
    rotated_since_the_backup(&world, &replica).await;
    let (sql, mut vault) = (world.sql().await, world.calls(&replica, "vault-service"));
    // The wraps under version 2 are counted here, and not written before it is gone.
    sql.batch_execute("BEGIN; LOCK TABLE wrap_counts IN EXCLUSIVE MODE").await.unwrap();
    vault.generate("keys/k", &CONTEXT).await.unwrap();
    set_back(&world).await;
    sql.batch_execute("COMMIT").await.unwrap();
    vault.generate("keys/other", &CONTEXT).await.unwrap();
    poll_until(LIMIT, "the other key's wraps are counted", async || {
        let version = world.calls(&replica, "operator").version("keys/other/versions/1").await.unwrap();
        (version.wrap_count == 1).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_key_that_a_restore_lacks_is_not_made_anew_by_who_has_seen_it() {
    let (world, replica) = World::start().await;
    keep_rows(&world.sql().await, &TABLES).await.unwrap();
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    let key = vault.provision(TENANT).await.unwrap().name;
    let wrapped = vault.generate(&key, &CONTEXT).await.unwrap().wrapped_key;
    set_back(&world).await;
    assert_eq!(wraps_no_more(&mut vault, &key).await, unknown());
    assert_eq!(refused(vault.unwrap(&key, &CONTEXT, &wrapped).await), unknown());
    assert_eq!(refused(vault.provision(TENANT).await), unknown());
    let get = api::key::v1::GetKeyRequest { name: key.clone(), ..Default::default() };
    assert_eq!(refused(operator.keys.get_key(get).await), unknown());
    let fresh = world.replica().await;
    world.calls(&fresh, "vault-service").provision(TENANT).await.unwrap();
    assert_eq!(
        refused(vault.generate(&key, &CONTEXT).await),
        unknown(),
        "another key of the same name is not the one seen"
    );
}

#[tokio::test]
async fn no_number_is_given_twice_after_a_restore() {
    let (world, replica) = World::start().await;
    let [before, since] = rotated_since_the_backup(&world, &replica).await;
    set_back(&world).await;
    let keys: i64 = world.sql().await.query_one("SELECT count(*) FROM keys", &[]).await.unwrap().get(0);
    assert_eq!(i64::try_from(restored(&world).await).unwrap(), keys);
    let fresh = world.replica().await;
    let (mut operator, mut vault) = (world.calls(&fresh, "operator"), world.calls(&fresh, "vault-service"));
    assert_eq!(vault.generate("keys/k", &CONTEXT).await.unwrap().key_version, "keys/k/versions/1");
    assert_eq!(operator.rotate("keys/k").await.unwrap().name, "keys/k/versions/1001");
    assert_eq!(operator.rotate("keys/k").await.unwrap().name, "keys/k/versions/1002");
    let made = vault.generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(made.key_version, "keys/k/versions/1002");
    vault.unwrap("keys/k", &CONTEXT, &made.wrapped_key).await.unwrap();
    vault.unwrap("keys/k", &CONTEXT, &before).await.unwrap();
    assert_eq!(refused(vault.unwrap("keys/k", &CONTEXT, &since).await), unknown(), "a number that was passed over");
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let parent = "keys/k".to_owned();
        let list = ListKeyVersionsRequest { parent, page_size: 1, page_token, ..Default::default() };
        let page = operator.keys.list_key_versions(list).await.unwrap().into_inner();
        names.extend(page.key_versions.into_iter().map(|one| one.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, [1, 1001, 1002].map(|number| format!("keys/k/versions/{number}")));
    world.audit.event("keys.restored", |event| event.attributes["count"] == keys.to_string()).await;

    // Whoever was not restarted follows the new generations, and still misses the version that is gone.
    let mut old = world.calls(&replica, "vault-service");
    assert_eq!(wraps_no_more(&mut old, "keys/k").await, unknown());
    assert_eq!(refused(old.unwrap("keys/k", &CONTEXT, &since).await), unknown());
    old.unwrap("keys/k", &CONTEXT, &made.wrapped_key).await.unwrap();

    // A second restore of the same backup passes over what was given after the first.
    set_back(&world).await;
    restored(&world).await;
    restored(&world).await;
    let fresh = world.replica().await;
    let rotated = world.calls(&fresh, "operator").rotate("keys/k").await.unwrap();
    assert_eq!(rotated.name, "keys/k/versions/2001");
}

#[tokio::test]
async fn a_key_is_not_rotated_while_a_log_is_ahead() {
    let (world, replica) = World::start().await;
    world.calls(&replica, "operator").create("k", KeyPurpose::Wrap).await.unwrap();
    let mut restored = world.restored_before_the_log(replica, "logs/acme").await;
    let set_back = Refused::with(Code::FailedPrecondition, "SET_BACK", &[]);
    assert_eq!(refused(restored.operator.rotate("keys/k").await), set_back);
    let advance = api::key::v1::AdvanceHeadRequest {
        log: "logs/acme".to_owned(),
        snapshot: restored.newest.snapshot.clone(),
        from_size: Some(0),
        ..Default::default()
    };
    restored.operator.signer.advance_head(advance).await.unwrap();
    restored.operator.rotate("keys/k").await.unwrap();
}

/// Rows of one key alone are set back, and no poll shows it: what is held is loaded again when it is old enough.
#[tokio::test]
async fn rows_of_one_key_that_are_put_back_are_noticed_when_it_is_loaded_again() {
    let (world, replica) = World::start().await;
    rotated_since_the_backup(&world, &replica).await;
    world.calls(&replica, "operator").create("newer", KeyPurpose::Wrap).await.unwrap();
    let (opened, store) = opened(&world).await;
    let (root, clock): (_, SharedClock) = (Arc::new(opened.root), Arc::new(SystemClock));
    let subjects = Subjects::new(Arc::clone(&store), Arc::clone(&root), clock);
    let limits = Limits { max_age: Duration::from_millis(300), ..Limits::default() };
    let keyring = Keyring::new(store, root, limits);
    let id = "k".parse().unwrap();
    let primary = async |keyring: &Keyring| {
        keyring.refresh(&subjects).await.unwrap();
        keyring.key(&id, Wanted::Primary).await.unwrap().primary().map(|version| version.version.version)
    };
    assert_eq!(primary(&keyring).await.unwrap(), 2);
    let put_back = "SET session_replication_role = replica; BEGIN;
        DELETE FROM key_versions v USING keys k WHERE k.key_uid = v.key_uid AND key_id = 'k' AND version = 2;
        DELETE FROM keys WHERE key_id = 'k'; INSERT INTO keys SELECT * FROM kept.keys WHERE key_id = 'k'; COMMIT";
    world.sql().await.batch_execute(put_back).await.unwrap();
    let error = poll_until(LIMIT, "it is noticed", async || primary(&keyring).await.err()).await.unwrap();
    assert!(matches!(error, Error::KeySetBack(_)), "{error:?}");
}
