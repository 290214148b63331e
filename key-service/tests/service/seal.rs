//! Sealed and unsealed, and the first start.

use api::key::v1::{
    GetKeyRequest, GetSealStatusRequest, GetSealStatusResponse, KeyPurpose, SealBatchRequest, SealKind,
};
use test_support::poll_until;
use tonic::Code;

use crate::support::{LIMIT, Refused, Replica, World, refused};

async fn status(world: &World, replica: &Replica) -> GetSealStatusResponse {
    world.calls(replica, "operator").seal.get_seal_status(GetSealStatusRequest {}).await.unwrap().into_inner()
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
    let get = GetKeyRequest { name: "keys/vault-service".to_owned() };
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
    let answer = stranger.seal.get_seal_status(GetSealStatusRequest {}).await;
    assert_eq!(refused(answer).code, Code::PermissionDenied);
}

#[tokio::test]
async fn the_first_start_makes_the_first_keys_and_records_them() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    for (name, purpose) in [("keys/audit-mac", KeyPurpose::Mac), ("keys/vault-service", KeyPurpose::Wrap)] {
        let request = GetKeyRequest { name: name.to_owned() };
        let key = operator.keys.get_key(request).await.unwrap().into_inner().key.unwrap();
        assert_eq!((key.purpose(), key.primary_version), (purpose, format!("{name}/versions/1")));
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

    let pairs = [("purpose", "test")];
    let wrapped = world.calls(&replicas[0], "vault-service").generate("keys/vault-service", &pairs).await.unwrap();
    let mut other = world.calls(&replicas[3], "vault-service");
    let opened = other.unwrap("keys/vault-service", &pairs, &wrapped.wrapped_key).await.unwrap();
    assert_eq!(opened.plaintext, wrapped.plaintext);
}

#[tokio::test]
async fn an_altered_root_row_is_not_used() {
    for change in [
        "UPDATE root_key SET check_value = decode(repeat('00', 32), 'hex')",
        "UPDATE root_key SET create_time_us = create_time_us + 1",
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
