//! After a restore: bringing the signer forward.

use api::key::v1::{AckOutcome, AdvanceHeadRequest, SealBatchRequest, SealOutcome, SegmentResult};
use rpc::StatusDetails;
use tonic::Code;

use crate::signer_repair::{close, forget_segments, loss};
use crate::support::{Chain, Refused, Restored, World, alarms, head, inconsistent, open_ids, refused};

const LOG: &str = "logs/acme";

fn advance(sealed: &SegmentResult, from_size: u64, proof: Vec<Vec<u8>>) -> AdvanceHeadRequest {
    AdvanceHeadRequest {
        log: LOG.to_owned(),
        snapshot: sealed.snapshot.clone(),
        from_size: Some(from_size),
        consistency_proof: proof,
        ..Default::default()
    }
}

#[tokio::test]
async fn a_restored_signer_goes_forward_to_its_own_snapshot_and_to_nothing_else() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2, 3]).await;
    let elsewhere = Chain::new("logs/other").seal(&mut audit, [1, 2, 3, 4, 5]).await;
    world.back_up().await;
    chain.seal(&mut audit, [4]).await;
    let newest = chain.seal(&mut audit, [5, 6]).await;
    replica.stop().await;
    world.restore().await;

    let replica = world.replica().await;
    let mut audit = world.calls(&replica, "audit-service");
    assert_eq!(audit.seal_one(chain.segment([7]).0).await.outcome(), SealOutcome::Ahead, "the signer is behind");
    let mut operator = world.calls(&replica, "operator");
    let good = advance(&newest, 3, chain.proof_from(3));
    let mut forged = good.clone();
    let mut bytes = forged.snapshot.to_vec();
    bytes[60] ^= 1;
    forged.snapshot = bytes.into();
    let foreign = AdvanceHeadRequest { snapshot: elsewhere.snapshot, ..good.clone() };
    for bad in [forged, foreign] {
        let answer = operator.signer.advance_head(bad).await;
        assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["snapshot"]));
    }
    for proof in [Vec::new(), chain.proof_from(2), chain.proof_from(4)] {
        let answer = operator.signer.advance_head(advance(&newest, 3, proof)).await;
        assert_eq!(refused(answer), inconsistent());
    }
    for from in [0, 2, 4, 6] {
        let answer = operator.signer.advance_head(advance(&newest, from, chain.proof_from(from))).await;
        let refusal = Refused::with(Code::FailedPrecondition, "OTHER_BEGINNING", &[]);
        assert_eq!(refused(answer), refusal, "made for what another process said: no alarm");
    }
    assert_eq!(alarms(&head(&mut audit, LOG).await), [("AHEAD", 6), ("FORKED", 3)], "what was offered is told");
    assert_eq!(refused(audit.signer.advance_head(good.clone()).await).code, Code::PermissionDenied);

    let now = operator.signer.advance_head(good.clone()).await.unwrap().into_inner().head.unwrap();
    assert_eq!((now.size, now.head.as_slice()), (Some(6), &chain.head[..]));
    assert_eq!((&now.root, now.acknowledged), (&chain.range().root().to_vec(), Some(6)));
    assert_eq!((alarms(&now), now.alarms_in_all), (vec![("FORKED", 3)], 2), "what was beyond the end is explained");
    let again = AdvanceHeadRequest { from_size: Some(6), consistency_proof: Vec::new(), ..good };
    let again = refused(operator.signer.advance_head(again).await);
    assert_eq!(again, Refused::with(Code::FailedPrecondition, "NOT_BEYOND", &[]));
    assert_eq!(chain.seal(&mut audit, [7]).await.outcome(), SealOutcome::Sealed);
    assert_eq!(head(&mut audit, LOG).await.macs_digest.len(), 32);
    let event = world.audit.event("heads.advance", |_| true).await;
    assert_eq!((event.resource.as_str(), event.attributes["size"].as_str()), (LOG, "6"));
}

#[tokio::test]
async fn a_log_that_the_restored_signer_never_knew_goes_forward_without_a_proof() {
    let (world, replica) = World::start().await;
    let Restored { mut audit, mut operator, mut chain, newest, replica: _replica } =
        world.restored_before_the_log(replica, LOG).await;
    let now = operator.signer.advance_head(advance(&newest, 0, Vec::new())).await.unwrap().into_inner().head.unwrap();
    assert_eq!((now.size, alarms(&now), now.alarms_in_all), (Some(2), Vec::new(), 1));
    assert_eq!(chain.seal(&mut audit, [3]).await.outcome(), SealOutcome::Sealed);
}

#[tokio::test]
async fn another_branch_is_refused_also_with_the_old_rows_and_their_proof() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2, 3]).await;
    let cut = chain.clone();
    world.back_up().await;
    let old = chain.seal(&mut audit, [4, 5]).await;
    replica.stop().await;
    world.restore().await;
    // Rows cut to the restored head; another history goes on from there; then the old rows are put back.
    let replica = world.replica().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut branch = cut.clone();
    assert_eq!(branch.seal(&mut audit, [9]).await.outcome(), SealOutcome::Sealed);
    let mut operator = world.calls(&replica, "operator");
    for proof in [chain.proof_from(3), chain.proof_from(4)] {
        assert_eq!(refused(operator.signer.advance_head(advance(&old, 4, proof)).await), inconsistent());
    }
    branch.seal(&mut audit, [10]).await;
    let answer = operator.signer.advance_head(advance(&old, 5, chain.proof_from(4))).await;
    assert_eq!(refused(answer), inconsistent(), "the same size with another head");
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.size, now.head.as_slice()), (Some(5), &branch.head[..]));
    assert_eq!(alarms(&now), [("FORKED", 4), ("FORKED", 5)]);
}

#[tokio::test]
async fn a_snapshot_under_a_key_version_that_the_backup_lacks_names_that_version() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1]).await;
    world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
    world.back_up().await;
    let second = chain.seal(&mut audit, [2]).await;
    let middle = chain.clone();
    world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
    let third = chain.seal(&mut audit, [3]).await;
    replica.stop().await;
    world.restore().await;

    let replica = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let status = operator.signer.advance_head(advance(&third, 1, chain.proof_from(1))).await.unwrap_err();
    assert_eq!(StatusDetails::of(&status).reason, "KEY_VERSION_UNKNOWN");
    assert!(status.message().contains("version 3"), "{}", status.message());
    let now = operator.signer.advance_head(advance(&second, 1, middle.proof_from(1))).await.unwrap().into_inner();
    assert_eq!(now.head.unwrap().size, Some(2));
}

#[tokio::test]
async fn a_snapshot_under_a_key_version_that_the_backup_lacks_is_taken_on_an_operators_word() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1]).await;
    world.back_up().await;
    let known = chain.seal(&mut audit, [2]).await;
    let middle = chain.clone();
    world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
    let newest = chain.seal(&mut audit, [3]).await;
    replica.stop().await;
    world.restore().await;

    let replica = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let word = |result: &SegmentResult, chain: &Chain| AdvanceHeadRequest {
        expected_size: Some(chain.size),
        expected_head: chain.head.to_vec(),
        ..advance(result, 1, Vec::new())
    };
    let mut forged = word(&known, &middle);
    let mut bytes = forged.snapshot.to_vec();
    bytes[15] ^= 1;
    forged.snapshot = bytes.into();
    let answer = operator.signer.advance_head(forged).await;
    assert_eq!(
        refused(answer),
        Refused::with(Code::InvalidArgument, "", &["snapshot"]),
        "wrong under a version that is here"
    );
    let mut unlike = word(&newest, &chain);
    unlike.expected_head = vec![7; 32];
    let answer = operator.signer.advance_head(unlike).await;
    assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["expected_head"]));

    let now = operator.signer.advance_head(word(&newest, &chain)).await.unwrap().into_inner().head.unwrap();
    assert_eq!((now.size, now.head.as_slice(), alarms(&now)), (Some(3), &chain.head[..], vec![("ADVANCED", 1)]));
    assert!(now.alarms[0].detail.contains("word alone"), "{}", now.alarms[0].detail);
    assert_eq!(now.root, chain.range().root().to_vec());
    let event = world.audit.event("heads.advance", |_| true).await;
    assert_eq!(event.attributes["unproven"].as_str(), "true");
    let mut audit = world.calls(&replica, "audit-service");
    assert_eq!(chain.seal(&mut audit, [4]).await.outcome(), SealOutcome::Sealed);
}

#[tokio::test]
async fn losses_come_back_with_the_snapshot_and_a_lost_range_needs_an_operators_word() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1]).await;
    let backed_up = chain.head;
    world.back_up().await;
    chain.seal(&mut audit, [2, 3]).await;
    chain.seal(&mut audit, [4]).await;
    forget_segments(&world, 3).await;
    assert_eq!(audit.seal_one(begin.segment([9]).0).await.outcome(), SealOutcome::Stale);
    world.calls(&replica, "operator").signer.declare_loss(loss(0, 2)).await.unwrap();
    let newest = chain.seal(&mut audit, [5]).await;
    replica.stop().await;
    world.restore().await;

    let replica = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let word = |size, head: &[u8]| AdvanceHeadRequest {
        expected_size: Some(size),
        expected_head: head.to_vec(),
        ..advance(&newest, 1, Vec::new())
    };
    for bad in [word(4, &chain.head), word(5, &[7; 32])] {
        let answer = operator.signer.advance_head(bad).await;
        assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["expected_head"]));
    }
    let now = operator.signer.advance_head(word(5, &chain.head)).await.unwrap().into_inner().head.unwrap();
    assert_eq!((now.size, alarms(&now)), (Some(5), vec![("ADVANCED", 1)]));
    assert_eq!((now.alarms[0].last_index, &now.alarms[0].head[..]), (Some(4), &backed_up[..]), "where it came from");
    let losses: Vec<_> = now.losses.iter().map(|loss| (loss.first_index, loss.last_index)).collect();
    assert_eq!(losses, [(Some(0), Some(2))]);
    let mut audit = world.calls(&replica, "audit-service");
    assert_eq!(chain.seal(&mut audit, [6]).await.outcome(), SealOutcome::Sealed);
    assert_eq!(audit.acknowledge(chain.acknowledgement()).await, AckOutcome::Acknowledged);
    operator.signer.close_alarm(close(open_ids(&now, "ADVANCED"))).await.unwrap();
    let closed = head(&mut audit, LOG).await;
    assert_eq!((alarms(&closed), &closed.alarms[0].head), (vec![], &now.alarms[0].head));
}

#[tokio::test]
async fn a_process_that_was_not_restarted_says_what_to_do_and_goes_forward() {
    let (world, replica) = World::start().await;
    let restarted = world.replica().await;
    let (mut audit, mut there) = (world.calls(&replica, "audit-service"), world.calls(&restarted, "audit-service"));
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2]).await;
    world.back_up().await;
    let middle = chain.seal(&mut audit, [3]).await;
    let between = chain.clone();
    let newest = chain.seal(&mut audit, [4]).await;
    world.restore().await;
    let request = SealBatchRequest { segments: vec![chain.segment([5]).0], ..Default::default() };
    let status = audit.signer.seal_batch(request).await.unwrap_err();
    assert_eq!(StatusDetails::of(&status).reason, "LOG_INCONSISTENT");
    assert!(status.message().contains("audit-service advance"), "{}", status.message());

    let mut operator = world.calls(&replica, "operator");
    let short = operator.signer.advance_head(advance(&middle, 2, between.proof_from(2))).await;
    assert_eq!(refused(short), inconsistent(), "less than this process has seen");
    let now = operator.signer.advance_head(advance(&newest, 2, chain.proof_from(2))).await.unwrap().into_inner();
    assert_eq!(now.head.unwrap().size, Some(4));
    for calls in [&mut audit, &mut there] {
        let number = u128::from(chain.size) + 100;
        assert_eq!(chain.seal(calls, [number]).await.outcome(), SealOutcome::Sealed);
    }
}

#[tokio::test]
async fn a_signer_without_its_newest_segment_trusts_no_head() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let newest = chain.seal(&mut audit, [1, 2]).await;
    world.sql().await.batch_execute("DELETE FROM signer_segments").await.unwrap();
    let replica = world.replica().await;
    let mut operator = world.calls(&replica, "operator");
    let answer = operator.signer.advance_head(advance(&newest, 2, Vec::new())).await;
    assert_eq!(refused(answer), inconsistent());
}
