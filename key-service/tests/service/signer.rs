//! Sealing: what is refused, what is repeated, what is caught up.

use api::key::v1::{
    AlarmKind, GetHeadRequest, Head, ListHeadsRequest, Rollback, SealBatchRequest, SealOutcome, SegmentResult,
    VerifyMacsRequest,
};
use tlog::CompactRange;
use tlog::hash::leaf_hash;

use crate::support::{Calls, Chain, World};

const LOG: &str = "logs/acme";

async fn head(calls: &mut Calls, log: &str) -> Head {
    calls.signer.get_head(GetHeadRequest { log: log.to_owned() }).await.unwrap().into_inner().head.unwrap()
}

fn alarms(head: &Head) -> Vec<(AlarmKind, u64)> {
    head.alarms.iter().map(|alarm| (alarm.kind(), alarm.first_index())).collect()
}

#[tokio::test]
async fn a_second_history_is_refused_and_kept_as_an_alarm() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2, 3]).await;

    let (_, elsewhere) = begin.segment([7, 8, 9]);
    let forked = audit.seal_one(elsewhere.segment([10]).0).await;
    assert_eq!((forked.outcome(), forked.size), (SealOutcome::Forked, Some(3)));
    assert_eq!(forked.head, chain.head);
    let (_, within) = begin.segment([1, 2]);
    assert_eq!(audit.seal_one(within.segment([11]).0).await.outcome(), SealOutcome::Forked, "inside a segment");
    for _ in 0..3 {
        audit.seal_one(elsewhere.segment([10]).0).await;
    }
    let mut auditor = world.calls(&replica, "auditor");
    let now = head(&mut auditor, LOG).await;
    assert_eq!(alarms(&now), [(AlarmKind::Forked, 3), (AlarmKind::Forked, 2)]);
    assert_eq!((now.size, now.head), (Some(3), chain.head.to_vec()));
    assert_eq!(chain.seal(&mut audit, [4]).await.outcome(), SealOutcome::Sealed, "the true history goes on");
}

#[tokio::test]
async fn an_invented_beginning_of_an_unknown_log_is_refused() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut wrong = Chain::new(LOG);
    wrong.head = [7; 32];
    assert_eq!(audit.seal_one(wrong.segment([1]).0).await.outcome(), SealOutcome::Forked);
    let (_, beyond) = Chain::new(LOG).segment([1]);
    assert_eq!(audit.seal_one(beyond.segment([2]).0).await.outcome(), SealOutcome::Ahead);
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.size, alarms(&now)), (Some(0), vec![(AlarmKind::Forked, 0), (AlarmKind::Ahead, 1)]));
    let listed = audit.signer.list_heads(ListHeadsRequest::default()).await.unwrap().into_inner().heads;
    assert_eq!(listed.len(), 1, "a log with nothing but alarms is listed");
}

#[tokio::test]
async fn entries_that_are_not_of_their_place_are_malformed() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let chain = Chain::new(LOG);
    let (segment, next) = chain.segment([1, 2]);
    let (other_log, _) = Chain::new("logs/other").segment([1]);
    let mut cut = segment.clone();
    cut.entries[1] = cut.entries[1].slice(1..);
    let mut swapped = segment.clone();
    swapped.entries.swap(0, 1);
    let twice = chain.segment([5, 5]).0;
    let later = chain.raw(next.segment([3]).0.entries);
    for bad in [chain.raw(other_log.entries), cut, swapped, twice, later] {
        let result = audit.seal_one(bad).await;
        assert_eq!((result.outcome(), result.size), (SealOutcome::Malformed, Some(0)));
        assert!(!result.detail.is_empty());
    }
    assert_eq!(audit.seal_one(segment).await.outcome(), SealOutcome::Sealed);
}

#[tokio::test]
async fn one_refused_segment_harms_no_other() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let (good, bad) = (Chain::new("logs/good"), Chain::new("logs/bad"));
    let (_, beyond) = bad.segment([1]);
    let results = audit.seal_batch(vec![beyond.segment([2]).0, good.segment([1]).0], Vec::new()).await;
    let outcomes: Vec<_> = results.iter().map(SegmentResult::outcome).collect();
    assert_eq!(outcomes, [SealOutcome::Ahead, SealOutcome::Sealed]);
    assert_eq!(head(&mut audit, "logs/good").await.size, Some(1));
}

#[tokio::test]
async fn the_same_segment_gets_the_same_answer_also_after_a_rotation_of_the_mac_key() {
    let (world, replica) = World::start().await;
    let other = world.replica().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let (segment, _) = chain.segment([1, 2]);
    let first = chain.seal(&mut audit, [1, 2]).await;
    assert_eq!(first.macs.len(), 2);
    chain.seal(&mut audit, [3]).await;
    world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
    for replica in [&replica, &other] {
        let again = world.calls(replica, "audit-service").seal_one(segment.clone()).await;
        assert_eq!((again.outcome(), &again.macs), (SealOutcome::Sealed, &first.macs));
        assert_eq!((again.size, &again.head), (first.size, &first.head));
    }
    let after = chain.seal(&mut audit, [4]).await;
    assert_eq!((&first.macs[0][..4], &after.macs[0][..4]), (&[0, 0, 0, 1][..], &[0, 0, 0, 2][..]));
    assert_eq!(head(&mut audit, LOG).await.alarms, []);
}

#[tokio::test]
async fn other_bytes_at_a_known_place_are_told_what_is_sealed_there() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    let (sealed, _) = chain.segment([1, 2]);
    chain.seal(&mut audit, [1, 2]).await;
    let middle = chain.clone();
    chain.seal(&mut audit, [3]).await;
    let behind = audit.seal_one(begin.segment([9]).0).await;
    assert_eq!((behind.outcome(), behind.more), (SealOutcome::Behind, false));
    assert_eq!(behind.behind.len(), 2);
    assert_eq!(behind.behind[0].entries, sealed.entries);
    assert_eq!((behind.behind[1].first_index, behind.behind[1].head.as_slice()), (Some(2), &chain.head[..]));
    let probe = audit.seal_one(middle.raw(Vec::new())).await;
    assert_eq!((probe.outcome(), probe.behind.len()), (SealOutcome::Behind, 1));
    let probe = audit.seal_one(chain.raw(Vec::new())).await;
    assert_eq!((probe.outcome(), probe.size, probe.macs.len()), (SealOutcome::Sealed, Some(3), 0));
    assert_eq!(head(&mut audit, LOG).await.alarms, []);
}

#[tokio::test]
async fn what_is_behind_comes_in_answers_of_bounded_size() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    let mut number = 0;
    for _ in 0..5 {
        let events = number..number + 1500;
        number += 1500;
        assert_eq!(chain.seal(&mut audit, events).await.outcome(), SealOutcome::Sealed);
    }
    let (mut at, mut rounds) = (begin, 0);
    while at.size < chain.size {
        let behind = audit.seal_one(at.raw(Vec::new())).await;
        assert_eq!(behind.outcome(), SealOutcome::Behind);
        let last = behind.behind.last().unwrap();
        at.size = last.first_index() + u64::try_from(last.entries.len()).unwrap();
        at.head = last.head.as_slice().try_into().unwrap();
        assert_eq!(behind.more, at.size < chain.size);
        rounds += 1;
    }
    assert!(rounds > 1);
    assert_eq!(at.head, chain.head);
}

#[tokio::test]
async fn acknowledgements_rise_only_and_only_with_the_right_head() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2]).await;
    let first = chain.clone();
    chain.seal(&mut audit, [3]).await;
    audit.seal_batch(Vec::new(), vec![first.acknowledgement()]).await;
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.acknowledged, now.unacknowledged.len()), (Some(2), 1));
    audit.seal_batch(Vec::new(), vec![chain.acknowledgement()]).await;
    audit.seal_batch(Vec::new(), vec![first.acknowledgement()]).await;
    let now = head(&mut audit, LOG).await;
    assert_eq!((now.acknowledged, now.unacknowledged.len()), (Some(3), 0));
    assert_eq!(now.alarms, []);

    chain.seal(&mut audit, [4, 5]).await;
    let mut wrong = chain.acknowledgement();
    wrong.head = vec![0; 32];
    let mut beyond = chain.acknowledgement();
    beyond.size = Some(9);
    let mut within = chain.acknowledgement();
    within.size = Some(4);
    audit.seal_batch(Vec::new(), vec![wrong, beyond, within]).await;
    let now = head(&mut audit, LOG).await;
    assert_eq!(now.acknowledged, Some(3));
    assert_eq!(alarms(&now), [(AlarmKind::Forked, 5), (AlarmKind::Ahead, 9), (AlarmKind::Forked, 4)]);
}

#[tokio::test]
async fn an_acknowledgement_in_the_same_call_does_not_hide_the_newest_segment() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2]).await;
    let committed = chain.clone();
    chain.seal(&mut audit, [3]).await;
    let answers = audit.seal_batch(vec![committed.segment([4]).0], vec![committed.acknowledgement()]).await;
    assert_eq!((answers[0].outcome(), answers[0].behind.len()), (SealOutcome::Behind, 1));
    assert_eq!(answers[0].acknowledged, Some(2));
}

#[tokio::test]
async fn reports_of_the_audit_service_are_kept_where_they_can_be_true() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1, 2]).await;
    audit.seal_batch(Vec::new(), vec![chain.acknowledgement()]).await;
    let report = |kind: AlarmKind, size| Rollback { log: LOG.to_owned(), kind: kind.into(), size: Some(size) };
    let rollbacks =
        vec![report(AlarmKind::RolledBack, 2), report(AlarmKind::RolledBack, 1), report(AlarmKind::Suppressed, 0)];
    let request = SealBatchRequest { rollbacks, ..Default::default() };
    audit.signer.seal_batch(request).await.unwrap();
    let now = head(&mut audit, LOG).await;
    assert_eq!(alarms(&now), [(AlarmKind::RolledBack, 1), (AlarmKind::Suppressed, 0)]);
}

#[tokio::test]
async fn heads_carry_the_root_and_are_listed_by_name() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    for name in ["logs/b", "logs/system", "logs/a"] {
        Chain::new(name).seal(&mut audit, [1]).await;
    }
    let mut chain = Chain::new(LOG);
    let mut range = CompactRange::new();
    for number in 0..7 {
        let (segment, _) = chain.segment([number]);
        range.append(leaf_hash(&segment.entries[0]));
        chain.seal(&mut audit, [number]).await;
    }
    assert_eq!(head(&mut audit, LOG).await.root, range.root());
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListHeadsRequest { page_size: 3, page_token: token };
        let page = audit.signer.list_heads(request).await.unwrap().into_inner();
        names.extend(page.heads.into_iter().map(|head| head.log));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["logs/a", LOG, "logs/b", "logs/system"]);
}

#[tokio::test]
async fn macs_verify_in_their_place_only_under_every_version() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let (mut heads, mut macs) = (Vec::new(), Vec::new());
    for number in 0..4 {
        if number == 2 {
            world.calls(&replica, "operator").rotate("keys/audit-mac").await.unwrap();
        }
        let result = chain.seal(&mut audit, [number]).await;
        heads.extend_from_slice(&result.head);
        macs.extend_from_slice(&result.macs[0]);
    }
    let verify = |log: &str, first, heads: &[u8], macs: &[u8]| VerifyMacsRequest {
        log: log.to_owned(),
        first_index: Some(first),
        heads: heads.to_vec(),
        macs: macs.to_vec(),
    };
    let mut auditor = world.calls(&replica, "auditor");
    let mut invalid = async |request| auditor.signer.verify_macs(request).await.unwrap().into_inner().invalid_indices;
    assert_eq!(invalid(verify(LOG, 0, &heads, &macs)).await, Vec::<u64>::new());
    assert_eq!(invalid(verify(LOG, 1, &heads, &macs)).await, [1, 2, 3, 4]);
    assert_eq!(invalid(verify("logs/other", 0, &heads, &macs)).await, [0, 1, 2, 3]);
    macs[36 * 2 + 20] ^= 1;
    assert_eq!(invalid(verify(LOG, 0, &heads, &macs)).await, [2]);
    macs[36 + 3] = 9;
    assert_eq!(invalid(verify(LOG, 0, &heads, &macs)).await, [1, 2], "a version that does not exist");
}

#[tokio::test]
async fn segments_older_than_a_day_go_when_acknowledged_but_never_the_newest() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    for number in 0..4 {
        chain.seal(&mut audit, [number]).await;
        if number == 1 {
            audit.seal_batch(Vec::new(), vec![chain.acknowledgement()]).await;
        }
    }
    let mut other = Chain::new("logs/other");
    other.seal(&mut audit, [1]).await;
    audit.seal_batch(Vec::new(), vec![other.acknowledgement()]).await;

    let db = world.database.connect().unwrap();
    let key = key_service::root::RootKey::generate().unwrap().row_keys().unwrap();
    let store = &key_service::store::Store::new(db, key);
    let later = clock::Timestamp::from_nanos(i64::MAX);
    let removed = store
        .db()
        .run_one("prune", |conn| Box::pin(async move { store.signer_segments_prune(conn, later, 100).await }));
    assert_eq!(removed.await.unwrap(), 2, "of what is acknowledged, all but the newest of each log");

    let stale = audit.seal_one(begin.segment([9]).0).await;
    assert_eq!((stale.outcome(), stale.size), (SealOutcome::Stale, Some(4)));
    assert_eq!(other.seal(&mut audit, [2]).await.outcome(), SealOutcome::Sealed);
    assert_eq!(head(&mut audit, LOG).await.alarms, []);
}
