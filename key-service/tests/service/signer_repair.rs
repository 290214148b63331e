//! After a restore: advancing the head with own MACs, declaring a loss.

use api::key::v1::{
    AdvanceHeadRequest, AlarmKind, DeclareLossRequest, GetHeadRequest, Rollback, SealBatchRequest, SealOutcome,
    SegmentResult,
};
use tlog::CompactRange;
use tlog::hash::leaf_hash;
use tonic::Code;

use crate::support::{Calls, Chain, Refused, World, refused};

const LOG: &str = "logs/acme";

fn advance(chain: &Chain, entries: Vec<bytes::Bytes>, macs: Vec<Vec<u8>>) -> AdvanceHeadRequest {
    AdvanceHeadRequest {
        log: LOG.to_owned(),
        first_index: Some(chain.size),
        previous_head: chain.head.to_vec(),
        entry_bytes: entries,
        macs,
    }
}

fn loss(range: Option<(u64, u64)>) -> DeclareLossRequest {
    DeclareLossRequest {
        log: LOG.to_owned(),
        first_index: range.map(|(first, _)| first),
        last_index: range.map(|(_, last)| last),
        reference: "INC-7".to_owned(),
    }
}

/// Seals two segments, then sets the key database back to after the first, as a restore of an old backup does.
async fn restored(world: &World, audit: &mut Calls) -> (Chain, Chain, Vec<bytes::Bytes>, SegmentResult) {
    let mut chain = Chain::new(LOG);
    chain.seal(audit, [1, 2]).await;
    let sql = world.sql().await;
    sql.batch_execute("CREATE TABLE older AS SELECT * FROM signer_heads").await.unwrap();
    let old = chain.clone();
    let (segment, _) = chain.segment([3, 4]);
    let result = chain.seal(audit, [3, 4]).await;
    sql.batch_execute(
        "DELETE FROM signer_segments; DELETE FROM signer_heads; INSERT INTO signer_heads SELECT * FROM older",
    )
    .await
    .unwrap();
    (old, chain, segment.entries, result)
}

#[tokio::test]
async fn a_restored_signer_goes_forward_with_its_own_macs_only() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let first = chain.clone();
    let (segment, _) = chain.segment([1, 2]);
    let result = chain.seal(&mut audit, [1, 2]).await;
    replica.stop().await;
    world.sql().await.batch_execute("DELETE FROM signer_segments; DELETE FROM signer_heads").await.unwrap();

    let replica = world.replica().await;
    let mut audit = world.calls(&replica, "audit-service");
    assert_eq!(audit.seal_one(chain.segment([3]).0).await.outcome(), SealOutcome::Ahead, "the signer is behind");
    let mut operator = world.calls(&replica, "operator");
    let mut forged = result.macs.clone();
    forged[1][10] ^= 1;
    let answer = operator.signer.advance_head(advance(&first, segment.entries.clone(), forged)).await;
    assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["macs"]));
    let (other, _) = first.segment([8, 9]);
    let answer = operator.signer.advance_head(advance(&first, other.entries, result.macs.clone())).await;
    assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["macs"]), "own macs of other entries");
    let answer = operator.signer.advance_head(advance(&chain, segment.entries.clone(), result.macs.clone())).await;
    assert_eq!(refused(answer).fields, ["first_index"]);

    let head = operator.signer.advance_head(advance(&first, segment.entries, result.macs)).await.unwrap();
    let head = head.into_inner().head.unwrap();
    assert_eq!((head.size, head.head.as_slice()), (Some(2), &chain.head[..]));
    assert!(head.alarms.iter().all(|alarm| alarm.closed), "what was beyond the end is explained");
    assert_eq!(chain.seal(&mut audit, [3]).await.outcome(), SealOutcome::Sealed);
    let event = world.audit.event("heads.advance", |_| true).await;
    assert_eq!((event.resource.as_str(), event.attributes["last"].as_str()), (LOG, "1"));
}

#[tokio::test]
async fn a_signer_without_its_newest_segment_trusts_no_head() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let (old, _, entries, result) = restored(&world, &mut audit).await;
    let replica = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let answer = operator.signer.advance_head(advance(&old, entries, result.macs)).await;
    assert_eq!(refused(answer), Refused::with(Code::DataLoss, "LOG_INCONSISTENT", &[]));
}

#[tokio::test]
async fn a_loss_ends_where_the_signer_knows_the_log() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let mut range = CompactRange::new();
    let begin = chain.clone();
    let mut middle = chain.clone();
    for events in [vec![1, 2], vec![3, 4], vec![5]] {
        let (segment, _) = chain.segment(events.clone());
        if chain.size < 4 {
            segment.entries.iter().for_each(|entry| range.append(leaf_hash(entry)));
        }
        chain.seal(&mut audit, events).await;
        if chain.size == 4 {
            middle = chain.clone();
        }
    }
    let mut operator = world.calls(&replica, "operator");
    for (first, last) in [(0, 2), (3, 1), (0, 5), (7, 9)] {
        let answer = operator.signer.declare_loss(loss(Some((first, last)))).await;
        assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["last_index"]), "{first} to {last}");
    }
    for range in [Some((0, 1)), None] {
        let unknown = DeclareLossRequest { log: "logs/unknown".to_owned(), ..loss(range) };
        assert_eq!(refused(operator.signer.declare_loss(unknown).await).code, Code::NotFound, "{range:?}");
    }

    let head = operator.signer.declare_loss(loss(Some((0, 3)))).await.unwrap().into_inner().head.unwrap();
    let lost = &head.losses[0];
    assert_eq!((lost.first_index, lost.last_index, lost.head.as_slice()), (Some(0), Some(3), &middle.head[..]));
    let hashes: Vec<_> = range.hashes().iter().map(|hash| hash.to_vec()).collect();
    assert_eq!(lost.compact_range, hashes);
    let answer = operator.signer.declare_loss(loss(Some((2, 4)))).await;
    assert_eq!(refused(answer).fields, ["last_index"], "overlaps");
    let event = world.audit.event("losses.declare", |_| true).await;
    assert_eq!(event.resource, LOG, "nothing was declared of an unknown log");
    assert_eq!((event.reference.as_str(), event.attributes["last"].as_str()), ("INC-7", "3"));

    let behind = audit.seal_one(begin.segment([9]).0).await;
    assert_eq!((behind.outcome(), behind.losses.len(), behind.behind.len()), (SealOutcome::Behind, 1, 1));
    assert_eq!(behind.behind[0].first_index, Some(4));
    assert_eq!(chain.seal(&mut audit, [6]).await.outcome(), SealOutcome::Sealed);
}

#[tokio::test]
async fn an_operator_closes_alarms_of_rollback_but_not_of_forks() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    audit.seal_batch(Vec::new(), vec![chain.acknowledgement()]).await;
    let (_, elsewhere) = begin.segment([7, 8]);
    audit.seal_one(elsewhere.segment([9]).0).await;
    let report = |kind: AlarmKind| Rollback { log: LOG.to_owned(), kind: kind.into(), size: Some(1) };
    let rollbacks = || vec![report(AlarmKind::RolledBack), report(AlarmKind::Suppressed)];
    let request = SealBatchRequest { rollbacks: rollbacks(), ..Default::default() };
    audit.signer.seal_batch(request).await.unwrap();

    let mut operator = world.calls(&replica, "operator");
    let head = operator.signer.declare_loss(loss(None)).await.unwrap().into_inner().head.unwrap();
    let closed: Vec<_> = head.alarms.iter().map(|alarm| (alarm.kind(), alarm.closed)).collect();
    let expected = [(AlarmKind::Forked, false), (AlarmKind::RolledBack, true), (AlarmKind::Suppressed, true)];
    assert_eq!(closed, expected);
    assert_eq!(head.losses, []);

    let request = SealBatchRequest { rollbacks: rollbacks(), ..Default::default() };
    audit.signer.seal_batch(request).await.unwrap();
    let get = GetHeadRequest { log: LOG.to_owned() };
    let head = audit.signer.get_head(get).await.unwrap().into_inner().head.unwrap();
    assert_eq!(head.alarms.iter().filter(|alarm| !alarm.closed).count(), 3, "a new rollback is a new alarm");
    assert_eq!(refused(audit.signer.declare_loss(loss(None)).await).code, Code::PermissionDenied);
}
