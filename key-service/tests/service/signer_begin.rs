//! Logs that the signer has no head of: their alarms, what becomes of them when the log begins, and heads that are gone.

use api::key::v1::{
    AckOutcome, AdvanceHeadRequest, CloseAlarmRequest, DeclareLossRequest, GetHeadRequest, ListHeadsRequest, Rollback,
    SealBatchRequest, SealOutcome,
};
use tonic::Code;

use crate::support::{Calls, Chain, Refused, Restored, World, alarms, head, inconsistent, open_ids, refused};

const LOG: &str = "logs/acme";
const OTHER: &str = "logs/other";

/// Has a segment refused that begins beyond the end of a log without entries.
async fn ahead(audit: &mut Calls, log: &str) {
    let beyond = Chain::new(log).segment([1]).1;
    assert_eq!(audit.seal_one(beyond.segment([2]).0).await.outcome(), SealOutcome::Ahead);
}

fn suppressed(log: &str) -> Rollback {
    Rollback { log: log.to_owned(), kind: "SUPPRESSED".to_owned(), size: Some(0) }
}

#[tokio::test]
async fn a_refused_advance_of_an_unknown_log_leaves_its_alarms_as_they_were() {
    let (world, replica) = World::start().await;
    let Restored { mut audit, mut operator, newest, replica: _replica, .. } =
        world.restored_before_the_log(replica, LOG).await;
    let good = AdvanceHeadRequest {
        log: LOG.to_owned(),
        snapshot: newest.snapshot.clone(),
        from_size: Some(0),
        ..Default::default()
    };
    let mistyped = AdvanceHeadRequest { expected_size: Some(2), expected_head: vec![7; 32], ..good.clone() };
    let unproven = AdvanceHeadRequest { consistency_proof: vec![vec![7; 32]], ..good.clone() };
    let answer = operator.signer.advance_head(mistyped).await;
    assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["expected_head"]));
    assert_eq!(refused(operator.signer.advance_head(unproven).await), inconsistent());
    assert_eq!(alarms(&head(&mut audit, LOG).await), [("AHEAD", 2)]);
    ahead(&mut audit, OTHER).await;
    let now = operator.signer.advance_head(good).await.unwrap().into_inner().head.unwrap();
    assert_eq!((now.size, now.alarms_in_all), (Some(2), 1));
    assert_eq!(alarms(&head(&mut audit, OTHER).await), [("AHEAD", 1)]);
}

#[tokio::test]
async fn logs_that_begin_in_one_batch_keep_earlier_alarms_and_those_of_the_batch() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let logs = [LOG, "logs/two", "logs/new"];
    for log in &logs[..2] {
        ahead(&mut audit, log).await;
    }
    let segments = logs.map(|log| Chain::new(log).segment([1]).0).into();
    let rollbacks = [LOG, "logs/new", OTHER].map(suppressed).into();
    audit.signer.seal_batch(SealBatchRequest { segments, rollbacks }).await.unwrap();
    let (before, now) = (("AHEAD", 1), ("SUPPRESSED", 0));
    let all = [(LOG, vec![before, now]), ("logs/two", vec![before]), ("logs/new", vec![now]), (OTHER, vec![now])];
    for (log, expected) in all {
        assert_eq!(alarms(&head(&mut audit, log).await), expected, "{log}");
    }
    ahead(&mut audit, OTHER).await;
}

#[tokio::test]
async fn an_alarm_that_cannot_be_counted_fails_no_acknowledgement_of_another_log() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    ahead(&mut audit, OTHER).await;
    let mut chain = Chain::new(LOG);
    chain.seal(&mut audit, [1]).await;
    world.sql().await.batch_execute("DELETE FROM signer_alarms").await.unwrap();
    let unknown = Chain::new("logs/unknown").segment([1]).1;
    let outcomes = audit.acknowledge_all(vec![unknown.acknowledgement(), chain.acknowledgement()]).await;
    assert_eq!(outcomes, [AckOutcome::Failed, AckOutcome::Acknowledged]);
    assert_eq!(head(&mut audit, LOG).await.acknowledged, Some(1));
}

#[tokio::test]
async fn alarms_of_a_log_that_never_was_are_closed_and_come_again_if_it_goes_on() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let made_up = Chain::new(LOG).segment([1]).1;
    assert_eq!(audit.acknowledge(made_up.acknowledgement()).await, AckOutcome::Ahead);
    let close = |alarm_ids: Vec<String>| CloseAlarmRequest {
        log: LOG.to_owned(),
        alarm_ids,
        reference: "INC-8".to_owned(),
        ..Default::default()
    };
    let open = open_ids(&head(&mut audit, LOG).await, "AHEAD");
    let both = [open.clone(), vec![uuid::Uuid::nil().to_string()]].concat();
    let answer = operator.signer.close_alarm(close(both)).await;
    assert_eq!(refused(answer), Refused::with(Code::InvalidArgument, "", &["alarm_ids"]));
    let elsewhere = CloseAlarmRequest { log: OTHER.to_owned(), ..close(open.clone()) };
    assert_eq!(refused(operator.signer.close_alarm(elsewhere).await).code, Code::NotFound);
    let now = operator.signer.close_alarm(close(open)).await.unwrap().into_inner().head.unwrap();
    assert_eq!((alarms(&now), now.alarms_in_all), (Vec::new(), 1));
    assert_eq!(now.alarms[0].close_reference, "INC-8");
    let event = world.audit.event("alarms.close", |_| true).await;
    assert_eq!((event.resource.as_str(), event.reference.as_str()), (LOG, "INC-8"));
    audit.acknowledge(made_up.acknowledgement()).await;
    let now = head(&mut audit, LOG).await;
    assert_eq!((alarms(&now), now.alarms_in_all), (vec![("AHEAD", 1)], 2));
    Chain::new(LOG).seal(&mut audit, [1]).await;
    assert_eq!(head(&mut audit, LOG).await.alarms_in_all, 2, "also the closed one is the log's when it begins");
}

#[tokio::test]
async fn reports_without_end_hide_neither_a_fork_nor_an_operators_word() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let mut chain = Chain::new(LOG);
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    let rollbacks = |from: u64| {
        let rollbacks = (from..from + 1000).map(|size| Rollback { size: Some(size), ..suppressed(LOG) }).collect();
        SealBatchRequest { rollbacks, ..Default::default() }
    };
    audit.signer.seal_batch(rollbacks(0)).await.unwrap();
    loop {
        let alarm_ids = open_ids(&head(&mut audit, LOG).await, "SUPPRESSED");
        if alarm_ids.is_empty() {
            break;
        }
        let explain = DeclareLossRequest { log: LOG.to_owned(), alarm_ids, ..Default::default() };
        operator.signer.declare_loss(explain).await.unwrap();
    }
    let elsewhere = begin.segment([7, 8]).1.segment([9]).0;
    assert_eq!(audit.seal_one(elsewhere).await.outcome(), SealOutcome::Forked);
    audit.acknowledge(chain.acknowledgement()).await;
    audit.signer.seal_batch(rollbacks(1000)).await.unwrap();
    let now = head(&mut audit, LOG).await;
    assert_eq!(alarms(&now), [("FORKED", 2), ("SUPPRESSED", 1000)]);
    audit.acknowledge(chain.acknowledgement()).await;
    audit.signer.seal_batch(rollbacks(2000)).await.unwrap();
    let (log, alarm_ids, reference) = (LOG.to_owned(), open_ids(&now, "FORKED"), "INC-8".to_owned());
    let close = CloseAlarmRequest { log, alarm_ids, reference, ..Default::default() };
    let answer = operator.signer.close_alarm(close).await;
    assert_eq!(refused(answer), Refused::with(Code::FailedPrecondition, "NOT_AGREED", &[]));

    world.back_up().await;
    let newest = chain.seal(&mut audit, [3, 4]).await;
    replica.stop().await;
    world.restore().await;
    let replica = world.replica().await;
    let word = AdvanceHeadRequest {
        log: LOG.to_owned(),
        snapshot: newest.snapshot,
        from_size: Some(2),
        expected_size: Some(4),
        expected_head: chain.head.to_vec(),
        ..Default::default()
    };
    let answer = world.calls(&replica, "operator").signer.advance_head(word).await;
    let now = answer.unwrap().into_inner().head.unwrap();
    assert_eq!(alarms(&now), [("ADVANCED", 2), ("FORKED", 2), ("SUPPRESSED", 1000)]);
}

#[tokio::test]
async fn an_altered_alarm_of_a_log_without_entries_stops_no_other_logs_acknowledgement() {
    for altered in ["UPDATE signer_alarms SET detail = 'x'", "UPDATE signer_unknown_alarms SET alarm_number = 2"] {
        let (world, replica) = World::start().await;
        let mut audit = world.calls(&replica, "audit-service");
        ahead(&mut audit, OTHER).await;
        let mut chain = Chain::new(LOG);
        chain.seal(&mut audit, [1]).await;
        world.sql().await.batch_execute(altered).await.unwrap();
        let (_, unknown) = Chain::new("logs/unknown").segment([1]);
        let outcomes = audit.acknowledge_all(vec![unknown.acknowledgement(), chain.acknowledgement()]).await;
        assert_eq!(outcomes, [AckOutcome::Failed, AckOutcome::Acknowledged], "{altered}");
        assert_eq!(head(&mut audit, LOG).await.acknowledged, Some(1), "{altered}");
    }
}

#[tokio::test]
async fn an_alarm_under_a_name_that_is_not_its_logs_ends_no_list() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    ahead(&mut audit, OTHER).await;
    let sql = "CREATE TABLE made AS TABLE signer_alarms;
        UPDATE made SET alarm_id = gen_random_uuid(), log_id = gen_random_uuid(), log_name = 'logs/acme';
        INSERT INTO signer_alarms SELECT made.* FROM made";
    world.sql().await.batch_execute(sql).await.unwrap();
    let request = ListHeadsRequest { page_size: 1, ..Default::default() };
    let page = audit.signer.list_heads(request).await.unwrap().into_inner();
    let listed: Vec<_> = page.heads.iter().map(|head| (head.log.as_str(), head.unusable)).collect();
    assert_eq!((listed, page.next_page_token.is_empty()), (vec![(LOG, true)], false));
}

#[tokio::test]
async fn a_log_whose_rows_are_gone_gets_no_second_history() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chains: Vec<Chain> = ["logs/a", LOG, "logs/z"].map(Chain::new).into();
    for chain in &mut chains {
        chain.seal(&mut audit, [1, 2, 3]).await;
    }
    let sql = "DELETE FROM signer_segments s USING signer_heads h
            WHERE h.log_id = s.log_id AND h.log_name IN ('logs/acme', 'logs/z');
        DELETE FROM signer_heads WHERE log_name IN ('logs/acme', 'logs/z')";
    world.sql().await.batch_execute(sql).await.unwrap();
    for second in [Chain::new(LOG).segment([7, 8]).0, Chain::new(LOG).raw(Vec::new())] {
        let request = SealBatchRequest { segments: vec![second], ..Default::default() };
        assert_eq!(refused(audit.signer.seal_batch(request).await), inconsistent());
    }
    let outcomes = audit.acknowledge_all(chains.iter().map(Chain::acknowledgement).collect()).await;
    assert_eq!(outcomes, [AckOutcome::Acknowledged, AckOutcome::Failed, AckOutcome::Failed]);
    let get = GetHeadRequest { log: LOG.to_owned() };
    assert_eq!(refused(audit.signer.get_head(get).await), inconsistent());
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListHeadsRequest { page_size: 1, page_token };
        let page = audit.signer.list_heads(request).await.unwrap().into_inner();
        listed.extend(page.heads.into_iter().map(|head| (head.log, head.unusable)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let all = [("logs/a", false), (LOG, true), ("logs/z", true)].map(|(log, unusable)| (log.to_owned(), unusable));
    assert_eq!(listed, all);

    let mut operator = world.calls(&replica, "operator");
    let alarm_ids = vec![uuid::Uuid::nil().to_string()];
    let (log, reference) = (LOG.to_owned(), "INC-7".to_owned());
    let explain = DeclareLossRequest { log, reference, alarm_ids: alarm_ids.clone(), ..Default::default() };
    assert_eq!(refused(operator.signer.declare_loss(explain).await), inconsistent());
    let (log, reference) = (LOG.to_owned(), "INC-7".to_owned());
    let close = CloseAlarmRequest { log, alarm_ids, reference, ..Default::default() };
    assert_eq!(refused(operator.signer.close_alarm(close).await), inconsistent());
}
