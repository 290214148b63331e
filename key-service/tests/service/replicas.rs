//! Two replicas on one database never sign two histories.

use api::key::v1::{SealBatchRequest, SealOutcome};

use crate::support::{Chain, World};

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
