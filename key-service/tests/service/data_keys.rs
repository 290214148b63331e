//! Generating, unwrapping, rewrapping: refusals first.

use api::key::v1::{BatchRewrapDataKeysRequest, KeyPurpose, RewrapDataKeyRequest};
use test_support::poll_until;
use tonic::Code;

use crate::support::{LIMIT, Refused, World, context, refused};

const KEY: &str = "keys/vault-service";
const CONTEXT: [(&str, &str); 2] = [("tenant", "t-1"), ("record", "r-1")];

fn mismatch() -> Refused {
    Refused::with(Code::InvalidArgument, "AAD_MISMATCH", &["wrapped_key"])
}

/// The header names a version, or a birth mark of one, that the database does not have.
fn unknown_version() -> Refused {
    Refused::with(Code::FailedPrecondition, "KEY_VERSION_UNKNOWN", &[])
}

#[tokio::test]
async fn a_version_that_the_database_was_set_back_behind_is_named_also_when_its_number_is_given_again() {
    let (world, replica) = World::start().await;
    let (sql, mut operator) = (world.sql().await, world.calls(&replica, "operator"));
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    sql.batch_execute("CREATE TABLE older AS SELECT * FROM keys WHERE key_id = 'k'").await.unwrap();
    operator.rotate("keys/k").await.unwrap();
    let made = world.calls(&replica, "vault-service").generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(made.key_version, "keys/k/versions/2");
    replica.stop().await;
    let restore = "DELETE FROM wrap_counts;
        DELETE FROM key_versions WHERE version = 2;
        UPDATE keys SET primary_version = older.primary_version, revision = older.revision, generation = older.generation,
            row_mac = older.row_mac FROM older WHERE keys.key_uid = older.key_uid";
    sql.batch_execute(restore).await.unwrap();

    let replica = world.replica().await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    let missing = vault.unwrap("keys/k", &CONTEXT, &made.wrapped_key).await.unwrap_err();
    assert!(missing.message().contains("keys/k/versions/2"), "{}", missing.message());
    assert_eq!(refused::<()>(Err(missing)), unknown_version());
    let refusal = world.audit.event("dataKeys.unwrap", |event| event.attributes.contains_key("reason")).await;
    assert_eq!(refusal.attributes["reason"], "KEY_VERSION_UNKNOWN");

    operator.rotate("keys/k").await.unwrap();
    let again = vault.generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(again.key_version, "keys/k/versions/2");
    assert_eq!(refused(vault.unwrap("keys/k", &CONTEXT, &made.wrapped_key).await), unknown_version());
    vault.unwrap("keys/k", &CONTEXT, &again.wrapped_key).await.unwrap();
}

#[tokio::test]
async fn a_data_key_opens_with_its_own_context_only() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let wrapped = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    for other in [
        &[("tenant", "t-1")][..],
        &[("tenant", "t-1"), ("record", "r-2")],
        &[("tenant", "r-1"), ("record", "t-1")],
        &[("tenant", "t-1"), ("record", "r-1"), ("x", "")],
    ] {
        assert_eq!(refused(vault.unwrap(KEY, other, &wrapped).await), mismatch(), "{other:?}");
    }
    vault.unwrap(KEY, &CONTEXT, &wrapped).await.unwrap();
}

#[tokio::test]
async fn a_data_key_opens_under_its_own_key_only() {
    let (world, replica) = World::start().await;
    world.calls(&replica, "operator").create("other", KeyPurpose::Wrap).await.unwrap();
    let mut vault = world.calls(&replica, "vault-service");
    let wrapped = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    assert_eq!(refused(vault.unwrap("keys/other", &CONTEXT, &wrapped).await), mismatch());
    assert_eq!(refused(vault.unwrap("keys/none", &CONTEXT, &wrapped).await).code, Code::NotFound);
}

#[tokio::test]
async fn no_altered_byte_of_a_wrapped_key_opens() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let wrapped = vault.generate(KEY, &CONTEXT).await.unwrap().wrapped_key;
    for index in (0..wrapped.len()).step_by(7) {
        let mut altered = wrapped.clone();
        altered[index] ^= 1;
        let refusal = if (18..30).contains(&index) { unknown_version() } else { mismatch() };
        assert_eq!(refused(vault.unwrap(KEY, &CONTEXT, &altered).await), refusal, "byte {index}");
    }
    for cut in [1, 22, wrapped.len() - 1] {
        assert_eq!(refused(vault.unwrap(KEY, &CONTEXT, &wrapped[..cut]).await), mismatch());
    }
    let longer = [wrapped.as_slice(), &[0]].concat();
    assert_eq!(refused(vault.unwrap(KEY, &CONTEXT, &longer).await), mismatch());
}

#[tokio::test]
async fn only_wrapping_keys_wrap() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let refusal = refused(vault.generate("keys/audit-mac", &CONTEXT).await);
    assert_eq!(refusal, Refused::with(Code::InvalidArgument, "", &["key"]));
}

#[tokio::test]
async fn old_data_keys_open_after_a_rotation_and_new_ones_use_the_new_version() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    let (mut here, mut there) = (world.calls(&replica, "vault-service"), world.calls(&other, "vault-service"));
    let old = here.generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(there.generate("keys/k", &CONTEXT).await.unwrap().key_version, "keys/k/versions/1");
    operator.rotate("keys/k").await.unwrap();

    let new = here.generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(new.key_version, "keys/k/versions/2");
    let opened = there.unwrap("keys/k", &CONTEXT, &new.wrapped_key).await.unwrap();
    assert_eq!(opened.plaintext, new.plaintext, "a replica that does not know the version yet asks the database");
    let opened = there.unwrap("keys/k", &CONTEXT, &old.wrapped_key).await.unwrap();
    assert_eq!((opened.plaintext, opened.key_version.as_str()), (old.plaintext, "keys/k/versions/1"));
    // The promise is a second; other tests load the machine.
    poll_until(std::time::Duration::from_secs(3), "the other replica wraps under the new version", async || {
        let mut there = world.calls(&other, "vault-service");
        let made = there.generate("keys/k", &CONTEXT).await.unwrap();
        (made.key_version == "keys/k/versions/2").then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_rewrap_moves_a_data_key_to_the_primary_version_without_showing_it() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    let mut vault = world.calls(&replica, "vault-service");
    let old = vault.generate("keys/k", &CONTEXT).await.unwrap();
    operator.rotate("keys/k").await.unwrap();
    let rewrap = |context| RewrapDataKeyRequest {
        key: "keys/k".to_owned(),
        subject: String::new(),
        context,
        wrapped_key: old.wrapped_key.clone().into(),
        ..Default::default()
    };
    let wrong = rewrap(context(&[("tenant", "t-2")]));
    assert_eq!(refused(vault.data.rewrap_data_key(wrong).await), mismatch());
    let right = rewrap(context(&CONTEXT));
    let new = vault.data.rewrap_data_key(right.clone()).await.unwrap().into_inner();
    assert_eq!(new.key_version, "keys/k/versions/2");
    assert_eq!(vault.unwrap("keys/k", &CONTEXT, &new.wrapped_key).await.unwrap().plaintext, old.plaintext);
    let batch = BatchRewrapDataKeysRequest { requests: vec![right.clone(), right], ..Default::default() };
    assert_eq!(vault.data.batch_rewrap_data_keys(batch).await.unwrap().into_inner().results.len(), 2);
    world.audit.event("dataKeys.rewrap", |event| event.attributes.get("count").is_some_and(|count| count == "2")).await;
    poll_until(LIMIT, "rewraps are counted", async || {
        let version = world.calls(&replica, "operator").version("keys/k/versions/2").await.unwrap();
        (version.wrap_count == 3).then_some(())
    })
    .await
    .unwrap();
}
