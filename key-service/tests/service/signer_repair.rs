//! What operators say of logs: declaring losses, closing alarms.

use api::key::v1::{
    AckOutcome, CloseAlarmRequest, DeclareLossRequest, GetHeadRequest, ListHeadsRequest, Rollback, SealBatchRequest,
    SealOutcome,
};
use rpc::StatusDetails;
use tonic::Code;

use crate::support::{Calls, Chain, Refused, World, alarms, head, inconsistent, open_ids, refused};

const LOG: &str = "logs/acme";

pub(crate) fn loss(first: u64, last: u64) -> DeclareLossRequest {
    DeclareLossRequest {
        log: LOG.to_owned(),
        first_index: Some(first),
        last_index: Some(last),
        reference: "INC-7".to_owned(),
        ..Default::default()
    }
}

pub(crate) fn explain(alarm_ids: Vec<String>) -> DeclareLossRequest {
    DeclareLossRequest { log: LOG.to_owned(), alarm_ids, reference: "INC-7".to_owned(), ..Default::default() }
}

pub(crate) fn close(alarm_ids: Vec<String>) -> CloseAlarmRequest {
    CloseAlarmRequest { log: LOG.to_owned(), alarm_ids, reference: "INC-8".to_owned(), ..Default::default() }
}

pub(crate) async fn report(audit: &mut Calls, kind: &str, size: u64) {
    let rollback = Rollback { log: LOG.to_owned(), kind: kind.to_owned(), size: Some(size) };
    let request = SealBatchRequest { rollbacks: vec![rollback], ..Default::default() };
    audit.signer.seal_batch(request).await.unwrap();
}

/// Removes segments of the log below `end`, as if they were acknowledged and a day old.
pub(crate) async fn forget_segments(world: &World, end: i64) {
    let sql = "DELETE FROM signer_segments s USING signer_heads h
        WHERE h.log_id = s.log_id AND h.log_name = 'logs/acme' AND s.first_index < $1";
    assert!(world.sql().await.execute(sql, &[&end]).await.unwrap() > 0);
}

#[tokio::test]
async fn a_loss_begins_where_audit_service_stands_and_ends_where_the_signer_knows_the_log() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1]).await;
    let stands = chain.clone();
    let mut ends = Vec::new();
    for events in [vec![2, 3], vec![4], vec![5, 6]] {
        chain.seal(&mut audit, events).await;
        ends.push(chain.clone());
    }
    let answer = operator.signer.declare_loss(loss(1, 3)).await;
    assert_eq!(refused(answer), Refused::with(Code::FailedPrecondition, "NOTHING_LOST", &[]));
    forget_segments(&world, 3).await;
    assert_eq!(audit.seal_one(stands.segment([9]).0).await.outcome(), SealOutcome::Stale);
    for (first, last) in [(0, 3), (2, 3), (3, 3)] {
        let status = operator.signer.declare_loss(loss(first, last)).await.unwrap_err();
        assert!(StatusDetails::of(&status).violations[0].1.contains("begin at 1"), "{status:?}");
        assert_eq!(refused::<()>(Err(status)), Refused::with(Code::InvalidArgument, "", &["first_index"]));
    }
    for (first, last) in [(1, 1), (1, 0), (1, 4), (1, 6)] {
        let answer = operator.signer.declare_loss(loss(first, last)).await;
        assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["last_index"]), "{first} to {last}");
    }
    let unknown = DeclareLossRequest { log: "logs/unknown".to_owned(), ..loss(0, 1) };
    assert_eq!(refused(operator.signer.declare_loss(unknown).await).code, Code::NotFound);
    assert_eq!(refused(audit.signer.declare_loss(loss(1, 2)).await).code, Code::PermissionDenied);

    let now = operator.signer.declare_loss(loss(1, 2)).await.unwrap().into_inner().head.unwrap();
    let lost = &now.losses[0];
    assert_eq!((lost.first_index, lost.last_index, lost.head.as_slice()), (Some(1), Some(2), &ends[0].head[..]));
    let hashes: Vec<_> = ends[0].range().hashes().iter().map(|hash| hash.to_vec()).collect();
    assert_eq!(lost.compact_range, hashes);
    let event = world.audit.event("losses.declare", |event| event.outcome == 1).await;
    assert_eq!((event.reference.as_str(), event.attributes["last"].as_str()), ("INC-7", "2"));
    let behind = audit.seal_one(stands.segment([9]).0).await;
    assert_eq!((behind.outcome(), behind.losses.len(), behind.behind.len()), (SealOutcome::Behind, 1, 2));

    // Before it has caught up the next segment is gone too: the loss is declared again, to cover more.
    forget_segments(&world, 4).await;
    assert_eq!(audit.seal_one(stands.segment([9]).0).await.outcome(), SealOutcome::Stale);
    let now = operator.signer.declare_loss(loss(1, 3)).await.unwrap().into_inner().head.unwrap();
    assert_eq!(now.losses.len(), 2);
    let behind = audit.seal_one(stands.segment([9]).0).await;
    assert_eq!((behind.outcome(), behind.losses.len(), behind.behind.len()), (SealOutcome::Behind, 2, 1));
    assert_eq!(behind.behind[0].first_index, Some(4));
    assert_eq!(chain.seal(&mut audit, [7]).await.outcome(), SealOutcome::Sealed);
}

#[tokio::test]
async fn a_declaration_closes_the_alarms_that_it_names_and_explains_what_is_still_rolled_back() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    audit.acknowledge(chain.acknowledgement()).await;
    let (_, elsewhere) = begin.segment([7, 8]);
    audit.seal_one(elsewhere.segment([9]).0).await;
    report(&mut audit, "ROLLED_BACK", 1).await;
    report(&mut audit, "SUPPRESSED", 0).await;
    let now = head(&mut audit, LOG).await;
    let (rolled_back, forked) = (open_ids(&now, "ROLLED_BACK"), open_ids(&now, "FORKED"));
    for ids in [forked, vec![uuid::Uuid::nil().to_string()]] {
        let answer = operator.signer.declare_loss(explain(ids)).await;
        assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["alarm_ids"]));
    }
    let now = operator.signer.declare_loss(explain(rolled_back)).await.unwrap().into_inner().head.unwrap();
    assert_eq!(alarms(&now), [("FORKED", 2), ("SUPPRESSED", 0)], "those that were not named stay open");
    assert_eq!(now.losses, []);

    report(&mut audit, "ROLLED_BACK", 1).await;
    assert_eq!(alarms(&head(&mut audit, LOG).await), [("FORKED", 2), ("SUPPRESSED", 0)], "one declaration is enough");
    report(&mut audit, "ROLLED_BACK", 0).await;
    assert_eq!(alarms(&head(&mut audit, LOG).await).len(), 3, "but not for rows that are gone besides");
    audit.acknowledge(chain.acknowledgement()).await;
    report(&mut audit, "ROLLED_BACK", 1).await;
    assert_eq!(head(&mut audit, LOG).await.alarms_in_all, 4, "an open alarm of rows further back says it already");
}

#[tokio::test]
async fn alarms_are_closed_by_name_once_rows_and_signer_agree_again() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    assert_eq!(audit.acknowledge(chain.acknowledgement()).await, AckOutcome::Acknowledged);
    let (_, elsewhere) = begin.segment([7, 8]);
    audit.seal_one(elsewhere.segment([9]).0).await;
    let (_, beyond) = chain.segment([10]);
    audit.seal_one(beyond.segment([11]).0).await;
    let now = head(&mut audit, LOG).await;
    let (forked, ahead) = (open_ids(&now, "FORKED"), open_ids(&now, "AHEAD"));
    let answer = operator.signer.close_alarm(close(forked.clone())).await;
    assert_eq!(refused(answer), Refused::with(Code::FailedPrecondition, "NOT_AGREED", &[]));

    assert_eq!(audit.acknowledge(chain.acknowledgement()).await, AckOutcome::Acknowledged);
    let answer = operator.signer.close_alarm(close(forked.clone())).await;
    assert_eq!(refused(answer).reason, "NOT_AGREED", "an acknowledgement of what was so before the alarms");
    chain.seal(&mut audit, []).await;
    audit.acknowledge(chain.acknowledgement()).await;
    audit.seal_one(elsewhere.segment([9]).0).await;
    assert_eq!(head(&mut audit, LOG).await.alarms_in_all, 2, "an open alarm says it already");
    audit.acknowledge(chain.acknowledgement()).await;
    let answer = operator.signer.close_alarm(close(forked.clone())).await;
    assert_eq!(refused(answer).reason, "NOT_AGREED", "an acknowledgement of what was so before it happened again");
    chain.seal(&mut audit, []).await;
    audit.acknowledge(chain.acknowledgement()).await;
    assert_eq!(refused(audit.signer.close_alarm(close(forked.clone())).await).code, Code::PermissionDenied);
    let both = [forked.clone(), vec![uuid::Uuid::nil().to_string()]].concat();
    let answer = operator.signer.close_alarm(close(both)).await;
    assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["alarm_ids"]));
    assert_eq!(alarms(&head(&mut audit, LOG).await).len(), 2, "all or none");
    let now = operator.signer.close_alarm(close(forked.clone())).await.unwrap().into_inner().head.unwrap();
    assert_eq!(alarms(&now), [("AHEAD", 3)]);
    let closed = now.alarms.iter().find(|alarm| alarm.kind == "FORKED").unwrap();
    assert_eq!((closed.close_reference.as_str(), now.alarms_in_all), ("INC-8", 2));
    assert_eq!(refused(operator.signer.close_alarm(close(forked)).await).fields, ["alarm_ids"], "closed before");
    let event = world.audit.event("alarms.close", |event| event.outcome == 1).await;
    assert_eq!((event.resource.as_str(), event.reference.as_str()), (LOG, "INC-8"));
    operator.signer.close_alarm(close(ahead)).await.unwrap();
    audit.seal_one(elsewhere.segment([9]).0).await;
    assert_eq!(alarms(&head(&mut audit, LOG).await), [("FORKED", 2)], "what happens again is a new alarm");
}

#[tokio::test]
async fn many_closed_alarms_hide_no_open_one() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    audit.seal_one(begin.segment([7, 8]).1.segment([9]).0).await;
    let reports = |from: u64| {
        let report = |size| Rollback { log: LOG.to_owned(), kind: "SUPPRESSED".to_owned(), size: Some(size) };
        SealBatchRequest { rollbacks: (from..from + 60).map(report).collect(), ..Default::default() }
    };
    for round in 0..2 {
        audit.signer.seal_batch(reports(round * 60)).await.unwrap();
        let ids = open_ids(&head(&mut audit, LOG).await, "SUPPRESSED");
        operator.signer.declare_loss(explain(ids)).await.unwrap();
    }
    let now = head(&mut audit, LOG).await;
    assert_eq!((alarms(&now), now.alarms.len(), now.alarms_in_all), (vec![("FORKED", 2)], 100, 121));
    let unlisted = now.unlisted_last_index.unwrap();
    assert!((20..60).contains(&unlisted), "of the first round, the oldest: {unlisted}");
}

#[tokio::test]
async fn an_alarm_or_loss_that_is_missing_or_was_set_back_makes_its_log_unusable_and_no_other() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let sql = world.sql().await;
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    Chain::new("logs/other").seal(&mut audit, [1]).await;
    report(&mut audit, "SUPPRESSED", 0).await;
    sql.batch_execute("CREATE TABLE kept AS TABLE signer_alarms").await.unwrap();
    operator.signer.declare_loss(explain(open_ids(&head(&mut audit, LOG).await, "SUPPRESSED"))).await.unwrap();
    chain.seal(&mut audit, [3]).await;
    forget_segments(&world, 2).await;
    assert_eq!(audit.seal_one(begin.segment([9]).0).await.outcome(), SealOutcome::Stale);
    operator.signer.declare_loss(loss(0, 1)).await.unwrap();
    sql.batch_execute("CREATE TABLE alarms AS TABLE signer_alarms; CREATE TABLE losses AS TABLE signer_losses")
        .await
        .unwrap();

    let get = || GetHeadRequest { log: LOG.to_owned() };
    for tampering in [
        "DELETE FROM signer_alarms",
        "DELETE FROM signer_alarms; INSERT INTO signer_alarms SELECT k.* FROM kept k",
        "DELETE FROM signer_losses",
        "UPDATE signer_alarms SET detail = 'nothing'",
    ] {
        sql.batch_execute(tampering).await.unwrap();
        assert_eq!(refused(audit.signer.get_head(get()).await).code, Code::DataLoss, "{tampering}");
        let listed = audit.signer.list_heads(ListHeadsRequest::default()).await.unwrap().into_inner().heads;
        let unusable: Vec<_> = listed.iter().map(|head| (head.log.as_str(), head.unusable)).collect();
        assert_eq!(unusable, [(LOG, true), ("logs/other", false)], "{tampering}");
        sql.batch_execute(
            "DELETE FROM signer_alarms; INSERT INTO signer_alarms SELECT a.* FROM alarms a;
             DELETE FROM signer_losses; INSERT INTO signer_losses SELECT l.* FROM losses l",
        )
        .await
        .unwrap();
        assert_eq!(audit.signer.get_head(get()).await.unwrap().into_inner().head.unwrap().losses.len(), 1);
    }
}

#[tokio::test]
async fn alarms_of_logs_that_were_never_sealed_are_few_counted_and_kept_when_the_log_begins() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let chain = Chain::new(LOG);
    let (_, mut beyond) = chain.segment([1]);
    for number in 2..25 {
        assert_eq!(audit.seal_one(beyond.segment([number]).0).await.outcome(), SealOutcome::Ahead);
        beyond = beyond.segment([number]).1;
    }
    let (_, elsewhere) = Chain::new("logs/other").segment([1]);
    audit.seal_one(elsewhere.segment([2]).0).await;
    assert_eq!(head(&mut audit, LOG).await.alarms_in_all, 16);
    let sql = world.sql().await;
    sql.batch_execute("CREATE TABLE kept AS TABLE signer_alarms; DELETE FROM signer_alarms WHERE first_index = 3")
        .await
        .unwrap();
    for log in [LOG, "logs/other"] {
        let get = GetHeadRequest { log: log.to_owned() };
        assert_eq!(refused(audit.signer.get_head(get).await), inconsistent(), "they are counted together");
    }
    sql.batch_execute("DELETE FROM signer_alarms; INSERT INTO signer_alarms SELECT k.* FROM kept k").await.unwrap();
    let mut chain = chain;
    assert_eq!(chain.seal(&mut audit, [1]).await.outcome(), SealOutcome::Sealed);
    assert_eq!(head(&mut audit, LOG).await.alarms_in_all, 16);
    assert_eq!(head(&mut audit, "logs/other").await.alarms_in_all, 1);
}
