//! Two replicas on one database never sign two histories.

use api::key::v1::{KeyPurpose, SealBatchRequest, SealOutcome};

use test_support::poll_until;
use tonic::{Code, Status};

use crate::support::{Chain, LIMIT, World};

#[tokio::test]
async fn of_two_first_segments_of_a_log_one_is_sealed_and_the_other_is_behind() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    for round in 0..5 {
        let chain = Chain::new(&format!("logs/t-{round}"));
        let calls = (0..6).map(|index| {
            let mut calls = world.calls(if index % 2 == 0 { &replica } else { &other }, "audit-service");
            let segment = chain.segment([index]).0;
            async move { calls.seal_one(segment).await.outcome() }
        });
        let outcomes = futures::future::join_all(calls).await;
        let sealed = outcomes.iter().filter(|outcome| **outcome == SealOutcome::Sealed).count();
        let behind = outcomes.iter().filter(|outcome| **outcome == SealOutcome::Behind).count();
        assert_eq!((sealed, behind), (1, 5), "{outcomes:?}");
    }
    let alarms: i64 = world.sql().await.query_one("SELECT count(*) FROM signer_alarms", &[]).await.unwrap().get(0);
    assert_eq!(alarms, 0);
}

#[tokio::test]
async fn batches_over_the_same_logs_in_other_orders_do_not_deadlock() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let names: Vec<_> = (0..20).map(|number| format!("logs/t-{number}")).collect();
    let calls = (0..6_u128).map(|index| {
        let mut calls = world.calls(if index % 2 == 0 { &replica } else { &other }, "audit-service");
        let mut segments: Vec<_> = names.iter().map(|name| Chain::new(name).segment([index]).0).collect();
        if index % 3 == 0 {
            segments.reverse();
        }
        async move {
            let request = SealBatchRequest { segments, ..Default::default() };
            calls.signer.seal_batch(request).await.unwrap().into_inner().results
        }
    });
    let results = futures::future::join_all(calls).await;
    let sealed = results.iter().flatten().filter(|result| result.outcome() == SealOutcome::Sealed).count();
    assert_eq!(sealed, names.len(), "each log was begun once");
}

/// The answer, after a few UNAVAILABLE at most.
async fn served<T>(mut call: impl AsyncFnMut() -> Result<T, Status>) -> T {
    poll_until(LIMIT, "the call is served", async || match call().await {
        Ok(answer) => Some(answer),
        Err(status) if status.code() == Code::Unavailable => None,
        Err(status) => panic!("{status}"),
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn columns_are_added_and_widened_under_replicas_that_run() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let (mut here, mut there) = (world.calls(&replica, "operator"), world.calls(&other, "operator"));
    let (mut vault, mut audit) = (world.calls(&other, "vault-service"), world.calls(&replica, "audit-service"));
    let context = [("record", "r-1")];
    here.create("k", KeyPurpose::Wrap).await.unwrap();
    let mut made = vec![vault.generate_for("keys/k", "p-1", &context).await.unwrap().wrapped_key];
    let mut chain = Chain::new("logs/acme");
    chain.seal(&mut audit, [1]).await;
    for change in [
        "ALTER TABLE keys ADD COLUMN added bigint, ALTER COLUMN purpose TYPE integer, ALTER COLUMN primary_version TYPE bigint",
        "ALTER TABLE wrap_counts ADD COLUMN added text; ALTER TABLE key_versions ADD COLUMN added bytea",
        "ALTER TABLE subject_keys ALTER COLUMN subject TYPE varchar(512)",
        "ALTER TABLE signer_heads ADD COLUMN added text; ALTER TABLE signer_segments ALTER COLUMN digest SET STORAGE MAIN",
        "ALTER TABLE signer_alarms ADD COLUMN added text",
    ] {
        world.sql().await.batch_execute(change).await.unwrap();
        let version = served(async || here.rotate("keys/k").await).await;
        assert_eq!(served(async || there.version(&version.name).await).await.name, version.name, "{change}");
        made.push(served(async || vault.generate_for("keys/k", "p-1", &context).await).await.wrapped_key);
        for wrapped in &made {
            served(async || vault.unwrap_for(("keys/k", "p-1"), &context, wrapped).await).await;
        }
        let (segment, next) = chain.segment([u128::from(chain.size) + 1]);
        let request = SealBatchRequest { segments: vec![segment], ..Default::default() };
        let sealed = served(async || audit.signer.seal_batch(request.clone()).await).await.into_inner().results;
        assert_eq!(sealed[0].outcome(), SealOutcome::Sealed, "{change}");
        chain = next;
    }
    let fresh = world.replica().await;
    let mut vault = world.calls(&fresh, "vault-service");
    for wrapped in &made {
        vault.unwrap_for(("keys/k", "p-1"), &context, wrapped).await.unwrap();
    }
}
