//! Sealed and unsealed, and the first start.

use std::sync::Arc;

use api::key::v1::{
    GetKeyRequest, GetSealStatusRequest, GetSealStatusResponse, KeyPurpose, SealBatchRequest, SealKind,
};
use audit::{Outbox, OutboxConfig, OutboxKeySlot};
use clock::{SharedClock, SystemClock};
use key_service::own_keys::OwnKeysError;
use key_service::seal::{FileSeal, Seal};
use key_service::unseal::{UnsealError, unseal};
use rows::{NewRow, Table};
use test_support::poll_until;
use tonic::Code;

use crate::support::{LIMIT, Refused, Replica, World, refused};

async fn status(world: &World, replica: &Replica) -> GetSealStatusResponse {
    world.calls(replica, "operator").seal.get_seal_status(GetSealStatusRequest::default()).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_wrong_secret_leaves_the_service_sealed_alive_and_answering_operators() {
    let (world, first) = World::start().await;
    first.stop().await;
    let wrong = world.seal_file().with_file_name("wrong-seal");
    std::fs::write(&wrong, [7; 32]).unwrap();

    let sealed = world.replica_with_seal(&wrong).await;
    poll_until(LIMIT, "the stored root key was looked at", async || {
        status(&world, &sealed).await.initialized.then_some(())
    })
    .await
    .unwrap();
    let answer = status(&world, &sealed).await;
    assert!(answer.sealed && answer.kind() == SealKind::File);
    assert!(!sealed.readiness.is_ready());

    let sealed_error = Refused::with(Code::Unavailable, "SEALED", &[]);
    let mut operator = world.calls(&sealed, "operator");
    assert_eq!(refused(operator.create("k", KeyPurpose::Wrap).await), sealed_error);
    let get = GetKeyRequest { name: "keys/vault-service".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.keys.get_key(get).await), sealed_error);
    let mut vault = world.calls(&sealed, "vault-service");
    assert_eq!(refused(vault.generate("keys/vault-service", &[("a", "b")]).await), sealed_error);
    let mut audit = world.calls(&sealed, "audit-service");
    assert_eq!(refused(audit.signer.seal_batch(SealBatchRequest::default()).await), sealed_error);
}

#[tokio::test]
async fn a_sealed_service_unseals_when_the_right_secret_is_mounted() {
    let (world, first) = World::start().await;
    first.stop().await;
    let later = world.seal_file().with_file_name("later-seal");
    std::fs::write(&later, [7; 32]).unwrap();
    let replica = world.replica_with_seal(&later).await;
    poll_until(LIMIT, "the wrong secret was tried", async || status(&world, &replica).await.initialized.then_some(()))
        .await
        .unwrap();
    std::fs::copy(world.seal_file(), &later).unwrap();
    replica.unsealed().await;
    assert!(!status(&world, &replica).await.sealed);
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_the_seal() {
    let (world, replica) = World::start().await;
    let mut stranger = world.calls(&replica, "stranger");
    let answer = stranger.seal.get_seal_status(GetSealStatusRequest::default()).await;
    assert_eq!(refused(answer).code, Code::PermissionDenied);
}

#[tokio::test]
async fn the_first_start_makes_the_first_keys_and_records_them() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    for (name, purpose) in [("keys/audit-mac", KeyPurpose::Mac), ("keys/vault-service", KeyPurpose::Wrap)] {
        let request = GetKeyRequest { name: name.to_owned(), ..Default::default() };
        let key = operator.keys.get_key(request).await.unwrap().into_inner().key.unwrap();
        assert_eq!((key.purpose(), key.primary_version), (purpose, format!("{name}/versions/1")));
        assert!(key.system);
        world.audit.event("keys.create", |event| event.resource == name).await;
    }
}

#[tokio::test]
async fn replicas_that_start_together_make_one_root_key() {
    let world = World::new().await;
    let seal = world.seal_file();
    let replicas = futures::future::join_all((0..4).map(|_| world.replica_with_seal(&seal))).await;
    for replica in &replicas {
        replica.unsealed().await;
    }
    let sql = world.sql().await;
    let count: i64 = sql.query_one("SELECT count(*) FROM root_key", &[]).await.unwrap().get(0);
    let keys: i64 = sql.query_one("SELECT count(*) FROM keys", &[]).await.unwrap().get(0);
    assert_eq!((count, keys), (1, 2));
    let mut installations = Vec::new();
    for replica in &replicas {
        installations.push(status(&world, replica).await.installation_id);
    }
    installations.dedup();
    assert!(uuid::Uuid::try_parse(&installations[0]).is_ok() && installations.len() == 1, "{installations:?}");

    let pairs = [("purpose", "test")];
    let wrapped = world.calls(&replicas[0], "vault-service").generate("keys/vault-service", &pairs).await.unwrap();
    let mut other = world.calls(&replicas[3], "vault-service");
    let opened = other.unwrap("keys/vault-service", &pairs, &wrapped.wrapped_key).await.unwrap();
    assert_eq!(opened.plaintext, wrapped.plaintext);
}

/// Tries to unseal once, and says why that failed.
async fn unseal_error(world: &World, seal: &dyn Seal) -> UnsealError {
    let db = world.database.connect().unwrap();
    let clock: SharedClock = Arc::new(SystemClock);
    let outbox = Outbox::new(db.clone(), OutboxKeySlot::empty(), Arc::clone(&clock), &OutboxConfig::default());
    let error = unseal(&db, seal, &clock, &outbox).await.unwrap_err();
    assert!(outbox.key().current().is_none(), "nothing is written with a key that is not kept");
    error
}

#[tokio::test]
async fn an_altered_root_row_is_an_alarm_and_a_wrong_secret_is_none() {
    let (world, first) = World::start().await;
    first.stop().await;
    let (sql, right) = (world.sql().await, FileSeal::new(&world.seal_file(), false));
    sql.batch_execute("CREATE TABLE genuine AS TABLE root_key").await.unwrap();
    for (change, is_alarm) in [
        ("check_value = decode(repeat('00', 32), 'hex')", true),
        ("create_time_us = create_time_us + 1", true),
        ("seal_kind = 2", true),
        ("seal_params = '\\x00'", true),
        ("seal_kind = 2, seal_params = '\\x00'", true),
        ("installation_id = gen_random_uuid()", true),
        ("row_mac = set_byte(row_mac, 4, 2)", true),
        // Cannot be told from the secret of another installation.
        ("wrapped = set_byte(wrapped, 70, get_byte(wrapped, 70) # 1)", false),
    ] {
        sql.batch_execute(&format!("UPDATE root_key SET {change}")).await.unwrap();
        let error = unseal_error(&world, &right).await;
        assert_eq!(error.is_alarm(), is_alarm, "{change}: {error:?}");
        sql.batch_execute("DELETE FROM root_key; INSERT INTO root_key TABLE genuine").await.unwrap();
    }
    let wrong = world.seal_file().with_file_name("wrong-seal");
    std::fs::write(&wrong, [7; 32]).unwrap();
    let wrong = FileSeal::new(&wrong, false);
    let error = unseal_error(&world, &wrong).await;
    assert!(matches!(error, UnsealError::WrongSeal) && !error.is_alarm(), "{error:?}");
    sql.batch_execute("UPDATE root_key SET seal_kind = 2").await.unwrap();
    let error = unseal_error(&world, &wrong).await;
    assert!(matches!(error, UnsealError::SealKindDiffers { stored: 2, configured: 1 }), "{error:?}");
    assert!(!error.is_alarm());
    sql.batch_execute("DELETE FROM root_key; INSERT INTO root_key TABLE genuine").await.unwrap();
    // The width is none of the reader's business.
    sql.batch_execute("ALTER TABLE root_key ALTER COLUMN seal_kind TYPE integer").await.unwrap();
    world.replica().await;
}

#[tokio::test]
async fn an_altered_root_row_is_not_used() {
    for change in [
        "UPDATE root_key SET check_value = decode(repeat('00', 32), 'hex')",
        "UPDATE root_key SET create_time_us = create_time_us + 1",
        "UPDATE root_key SET seal_kind = 2",
        "UPDATE root_key SET seal_params = '\\x00'",
        "UPDATE root_key SET installation_id = gen_random_uuid()",
        "UPDATE root_key SET wrapped = set_byte(wrapped, 70, get_byte(wrapped, 70) # 1)",
    ] {
        let (world, first) = World::start().await;
        first.stop().await;
        world.sql().await.batch_execute(change).await.unwrap();
        let replica = world.replica_with_seal(&world.seal_file()).await;
        poll_until(LIMIT, "the root key was looked at", async || {
            status(&world, &replica).await.initialized.then_some(())
        })
        .await
        .unwrap();
        assert!(status(&world, &replica).await.sealed, "{change}");
    }
}

/// Deletes the row of a key, with all its versions.
pub(crate) async fn take_away(world: &World, id: &str) {
    let change = format!(
        "DELETE FROM key_versions USING keys WHERE keys.key_uid = key_versions.key_uid AND key_id = '{id}';
        DELETE FROM keys WHERE key_id = '{id}'"
    );
    world.sql().await.batch_execute(&change).await.unwrap();
}

/// How many keys there are after a replica tried to unseal and did not.
async fn keys_of_a_sealed_start(world: &World) -> i64 {
    let replica = world.replica_with_seal(&world.seal_file()).await;
    poll_until(LIMIT, "the root key was looked at", async || status(world, &replica).await.initialized.then_some(()))
        .await
        .unwrap();
    let answer = status(world, &replica).await;
    assert!(answer.sealed && answer.installation_id.is_empty());
    world.sql().await.query_one("SELECT count(*) FROM keys", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_key_of_the_system_that_was_taken_away_is_not_made_anew() {
    let (world, first) = World::start().await;
    take_away(&world, "vault-service").await;
    let mut operator = world.calls(&first, "operator");
    let get = GetKeyRequest { name: "keys/vault-service".to_owned(), ..Default::default() };
    let altered = Refused::with(Code::DataLoss, "AAD_MISMATCH", &[]);
    assert_eq!(refused(operator.keys.get_key(get).await), altered);
    first.stop().await;
    assert_eq!(keys_of_a_sealed_start(&world).await, 1);
}

#[tokio::test]
async fn without_the_list_of_its_own_keys_nothing_is_unsealed() {
    for change in ["DELETE FROM own_keys", "UPDATE own_keys SET names = '{}'"] {
        let (world, first) = World::start().await;
        first.stop().await;
        world.sql().await.batch_execute(change).await.unwrap();
        assert_eq!(keys_of_a_sealed_start(&world).await, 2, "{change}");
    }
}

/// As in an installation of a version that had but one key of its own.
pub(crate) async fn forget_vault_service(world: &World) {
    let row = NewRow::of(Table::new("own_keys")).with("singleton", true).with("names", vec!["audit-mac"]);
    let row = row.authenticated(&world.row_keys().await);
    world.sql().await.execute(&row.update(&["singleton"], 1), &row.params()).await.unwrap();
}

#[tokio::test]
async fn a_key_that_the_installation_never_had_is_made_once_by_replicas_that_start_together() {
    let (world, first) = World::start().await;
    first.stop().await;
    forget_vault_service(&world).await;
    take_away(&world, "vault-service").await;
    let seal = world.seal_file();
    let replicas = futures::future::join_all((0..3).map(|_| world.replica_with_seal(&seal))).await;
    for replica in &replicas {
        replica.unsealed().await;
    }
    let sql = world.sql().await;
    let keys: i64 = sql.query_one("SELECT count(*) FROM keys", &[]).await.unwrap().get(0);
    let listed: Vec<String> = sql.query_one("SELECT names FROM own_keys", &[]).await.unwrap().get(0);
    assert_eq!((keys, listed), (2, vec!["audit-mac".to_owned(), "vault-service".to_owned()]));
    world.audit.event("keys.create", |event| event.resource == "keys/vault-service").await;
    world.calls(&replicas[2], "vault-service").generate("keys/vault-service", &[("a", "b")]).await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_there_but_not_listed_is_not_taken_for_one_of_the_system() {
    let (world, first) = World::start().await;
    first.stop().await;
    forget_vault_service(&world).await;
    assert_eq!(keys_of_a_sealed_start(&world).await, 2);
}

#[tokio::test]
async fn without_its_root_key_a_database_with_keys_gets_no_new_one() {
    let (world, first) = World::start().await;
    let mut audit = world.calls(&first, "audit-service");
    crate::support::Chain::new("logs/acme").seal(&mut audit, [1]).await;
    first.stop().await;
    let (sql, seal) = (world.sql().await, FileSeal::new(&world.seal_file(), false));
    for change in [
        "DELETE FROM root_key",
        "DELETE FROM own_keys",
        // The names of the system's own keys are free again.
        "UPDATE keys SET key_id = key_id || '-old'",
        "DELETE FROM key_versions; DELETE FROM keys",
        "DELETE FROM signer_segments",
    ] {
        sql.batch_execute(change).await.unwrap();
        let error = unseal_error(&world, &seal).await;
        let is_missing = matches!(error, UnsealError::OwnKeys(OwnKeysError::RootKeyMissing));
        assert!(is_missing && error.is_alarm(), "{change}: {error:?}");
        let roots: i64 = sql.query_one("SELECT count(*) FROM root_key", &[]).await.unwrap().get(0);
        assert_eq!(roots, 0, "{change}");
    }
    sql.batch_execute("DELETE FROM signer_heads; DELETE FROM audit_outbox").await.unwrap();
    // Nothing tells this database from an empty one.
    world.replica().await;
}
