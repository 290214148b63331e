//! Crashes, a signer that is away, quarantine, a restored database: nothing to repair afterwards.

use std::time::{Duration, Instant};

use api::audit::v1::{AppendEventsRequest, FindingKind, GetLogRequest, LogState, Verdict};
use api::key::v1::{CloseAlarmRequest, DeclareLossRequest};
use audit_service::append::{Delay, Outcome};
use clock::{SystemClock, uuid_v7};
use test_support::poll_until;
use tlog::protocol::AlarmKind;
use tonic::{Code, Request};

use crate::world::{PATIENCE, World, event, events, log};

const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE datname = current_database() AND usename = 'strongroom_audit'";

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_whose_answer_was_lost_is_found_again() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let events = events(5);
    replica.faults.lose_answers(1);
    assert_eq!(replica.outcomes(&acme, &events).await, vec![Outcome::Later(Delay::Signer); 5]);
    // The signer has them, the rows do not: recovered, not a finding. The next batch catches up first.
    assert_eq!(replica.append(&acme, &[event(9)]).await, [5]);
    assert_eq!(replica.append(&acme, &events).await, [0, 1, 2, 3, 4]);
    let report = world.verify(&replica, &acme).await;
    assert_eq!((report.verdict(), report.entries), (Verdict::Intact, Some(6)), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_and_not_yet_committed_is_recovered_and_no_finding() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(2)).await;
    replica.faults.lose_answers(1);
    replica.outcomes(&acme, &events(3)).await;
    let report = world.verify(&replica, &acme).await;
    assert_eq!((report.verdict(), report.recovered), (Verdict::Intact, Some(3)), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_killed_between_seal_and_commit_leaves_nothing_to_repair() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    let superuser = world.database.superuser().await.unwrap();
    for round in 0..5 {
        replica.faults.hold_next();
        let event = [event(round)];
        let appending = replica.outcomes(&acme, &event);
        let killing = async {
            replica.faults.holding().await;
            superuser.batch_execute(TERMINATE).await.unwrap();
            replica.faults.release();
        };
        futures::join!(appending, killing);
        // Whatever was answered, sending it again is safe.
        let again =
            poll_until(PATIENCE, "a receipt", async || match replica.outcomes(&acme, &event).await.as_slice() {
                [Outcome::Logged { index }] => Some(*index),
                _ => None,
            });
        assert_eq!(again.await.unwrap(), 3 + round);
    }
    assert_eq!(world.verify(&replica, &acme).await.verdict(), Verdict::Intact);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_seal_and_commit_leaves_nothing_to_repair() {
    let world = World::start().await;
    let dying = world.replica().await;
    let acme = log("logs/acme");
    dying.faults.hold_next();
    let events = events(4);
    {
        let appending = dying.append(&acme, &events);
        let mut appending = std::pin::pin!(appending);
        tokio::select! {
            _ = &mut appending => panic!("answered"),
            () = dying.faults.holding() => {}
        }
    }
    // Its connections end with it; its transaction holds the log until the database notices.
    let superuser = world.database.superuser().await.unwrap();
    superuser.batch_execute(TERMINATE).await.unwrap();
    let other = world.replica().await;
    assert_eq!(other.append(&acme, &events).await, [0, 1, 2, 3]);
    assert_eq!(world.verify(&other, &acme).await.verdict(), Verdict::Intact);
    drop(dying);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_signer_answers_are_bounded_and_come_again_by_themselves() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(1)).await;
    replica.faults.set_away(true);
    let started = Instant::now();
    assert_eq!(replica.outcomes(&acme, &events(1)).await, [Outcome::Later(Delay::Signer)]);
    assert!(started.elapsed() < Duration::from_secs(2));

    let message = api::audit::v1::Event {
        event_id: uuid_v7(&SystemClock).as_bytes().to_vec(),
        log: "logs/acme".to_owned(),
        actor: "spiffe://strongroom.dev/app".to_owned(),
        action: "records.create".to_owned(),
        outcome: 1,
        ..api::audit::v1::Event::default()
    };
    // Each event is answered, whatever happens: again later.
    let request = Request::new(AppendEventsRequest { events: vec![message] });
    let answer = world.ingest(&replica, "vault-service").append_events(request).await.unwrap().into_inner();
    assert_eq!(answer.results.iter().map(|result| result.result.clone()).collect::<Vec<_>>(), [None]);

    let started = Instant::now();
    let read = Request::new(GetLogRequest { name: "logs/acme".to_owned(), ..GetLogRequest::default() });
    let refused = world.logs(&replica, "auditor").get_log(read).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(rpc::StatusDetails::of(&refused).reason, "AUDIT_UNAVAILABLE");

    replica.faults.set_away(false);
    assert_eq!(replica.append(&acme, &events(1)).await, [1]);
    world.acknowledged(&acme, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_row_at_the_end_is_not_sealed_over() {
    let world = World::start().await;
    let replica = world.replica().await;
    let (acme, umbrella) = (log("logs/acme"), log("logs/umbrella"));
    replica.append(&acme, &events(3)).await;
    let forge =
        "INSERT INTO entries SELECT log_id, 3, gen_random_uuid(), entry, mac, logged_at, producer, actor, action,
                 resource, outcome FROM entries WHERE entry_index = 1";
    world.tamperer().await.batch_execute(forge).await.unwrap();
    assert_eq!(replica.outcomes(&acme, &events(1)).await, [Outcome::Later(Delay::Quarantined)]);
    // Only that log is affected.
    assert_eq!(replica.append(&umbrella, &events(2)).await, [0, 1]);
    let read = Request::new(GetLogRequest { name: "logs/acme".to_owned(), ..GetLogRequest::default() });
    let log = world.logs(&replica, "auditor").get_log(read).await.unwrap().into_inner().log.unwrap();
    assert_eq!(log.state(), LogState::Quarantined);
    let kinds: Vec<FindingKind> =
        world.verify(&replica, &acme).await.findings.iter().map(api::audit::v1::Finding::kind).collect();
    assert_eq!(kinds, [FindingKind::Duplicated]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_suppressed_by_a_forged_row_gets_no_receipt() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    world.acknowledged(&acme, 3).await;
    // SQL prepares a row that has the id of an event yet to come.
    let coming = event(7);
    let id = coming.event_id.as_uuid();
    let forge = "INSERT INTO entries SELECT log_id, 1000, $1, entry, mac, logged_at, producer, actor, action, resource,
                 outcome FROM entries WHERE entry_index = 1";
    world.tamperer().await.execute(forge, &[&id]).await.unwrap();
    assert_eq!(replica.outcomes(&acme, &[coming]).await, [Outcome::Later(Delay::Quarantined)]);
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    assert_eq!(view.alarms[0].kind, AlarmKind::Suppressed);
    assert_eq!(world.verify(&replica, &acme).await.verdict(), Verdict::Tampered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_ends_by_itself_when_the_signer_agrees_again() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    // The log's row is changed to another head: the signer calls it a fork.
    let tamperer = world.tamperer().await;
    let row = tamperer.query_one("SELECT head FROM logs WHERE name = 'logs/acme'", &[]).await.unwrap();
    let head: Vec<u8> = row.get(0);
    let change = "UPDATE logs SET head = $1 WHERE name = 'logs/acme'";
    tamperer.execute(change, &[&[1_u8; 32].as_slice()]).await.unwrap();
    assert_eq!(replica.outcomes(&acme, &events(1)).await, [Outcome::Later(Delay::Quarantined)]);
    assert_eq!(replica.outcomes(&acme, &events(1)).await, [Outcome::Later(Delay::Quarantined)]);
    // It is mended, and nobody does anything else.
    tamperer.execute(change, &[&head]).await.unwrap();
    let taken = poll_until(PATIENCE, "the end of the quarantine", async || {
        match replica.outcomes(&acme, &events(1)).await.as_slice() {
            [Outcome::Logged { index }] => Some(*index),
            _ => None,
        }
    });
    assert_eq!(taken.await.unwrap(), 3);
    // What the signer saw is kept for ever.
    let report = world.verify(&replica, &acme).await;
    assert!(report.findings.iter().all(|finding| finding.kind() == FindingKind::Forked), "{report:?}");
    assert_eq!(report.verdict(), Verdict::Tampered);
}

/// Rows of the key database about one log were altered: that log says so where an operator looks, and the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_the_signer_cannot_use_is_quarantined_alone() {
    let world = World::start().await;
    let replica = world.replica().await;
    let (acme, other) = (log("logs/acme"), log("logs/other"));
    replica.append(&acme, &events(3)).await;
    replica.faults.set_unusable(Some(&acme));
    let (one, another) = (events(1), events(1));
    let (refused, taken) = futures::join!(replica.outcomes(&acme, &one), replica.outcomes(&other, &another));
    assert_eq!(refused, [Outcome::Later(Delay::Quarantined)]);
    assert_eq!(taken, [Outcome::Logged { index: 0 }]);
    let request = Request::new(GetLogRequest { name: acme.to_string(), ..GetLogRequest::default() });
    let shown = world.logs(&replica, "auditor").get_log(request).await.unwrap().into_inner().log.unwrap();
    assert_eq!((shown.state(), shown.quarantine_reason.as_str()), (LogState::Quarantined, "SIGNER_UNUSABLE"));
    assert!(shown.quarantine_advice.contains("restore the key database"), "{}", shown.quarantine_advice);
    replica.faults.set_unusable(None);
    let taken = poll_until(PATIENCE, "the end of the quarantine", async || {
        match replica.outcomes(&acme, &events(1)).await.as_slice() {
            [Outcome::Logged { index }] => Some(*index),
            _ => None,
        }
    });
    assert_eq!(taken.await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_restored_from_nothing_catches_up_and_is_reported() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    for _ in 0..3 {
        replica.append(&acme, &events(4)).await;
    }
    world.acknowledged(&acme, 12).await;
    replica.end().await;
    world.tamperer().await.batch_execute("DELETE FROM entries; DELETE FROM logs").await.unwrap();

    // A start alone is enough.
    let replica = world.replica().await;
    let superuser = world.database.superuser().await.unwrap();
    let caught_up = async || {
        let row = superuser.query_one("SELECT count(*) FROM entries", &[]).await.unwrap();
        (row.get::<_, i64>(0) == 12).then_some(())
    };
    poll_until(PATIENCE, "the log to catch up", caught_up).await.unwrap();
    assert_eq!(replica.append(&acme, &events(1)).await, [12]);
    let report = world.verify(&replica, &acme).await;
    let kinds: Vec<FindingKind> = report.findings.iter().map(api::audit::v1::Finding::kind).collect();
    assert_eq!((report.entries, kinds), (Some(13), vec![FindingKind::RolledBack]), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_acknowledges_what_the_last_process_could_not() {
    let world = World::start().await;
    let acme = log("logs/acme");
    let replica = world.replica().await;
    replica.append(&acme, &events(3)).await;
    world.acknowledged(&acme, 3).await;
    // Sealed and committed, and the process ends before it says so.
    replica.faults.lose_acknowledgements();
    replica.append(&acme, &events(2)).await;
    replica.end().await;
    assert_eq!(world.signer.head(acme.clone()).await.unwrap().unwrap().acknowledged, 3);
    let replica = world.replica().await;
    world.acknowledged(&acme, 5).await;
    replica.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantined_system_log_stops_reads_within_their_bound() {
    let world = World::start().await;
    let replica = world.replica().await;
    let (acme, system) = (log("logs/acme"), log("logs/system"));
    replica.append(&acme, &events(1)).await;
    replica.append(&system, &events(1)).await;
    let change = "UPDATE logs SET head = decode(repeat('01', 32), 'hex') WHERE name = 'logs/system'";
    world.tamperer().await.batch_execute(change).await.unwrap();
    let started = Instant::now();
    let read = Request::new(GetLogRequest { name: "logs/acme".to_owned(), ..GetLogRequest::default() });
    let refused = world.logs(&replica, "auditor").get_log(read).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(3));
    let details = rpc::StatusDetails::of(&refused);
    assert_eq!((details.code, details.reason.as_str()), (Code::Unavailable, "AUDIT_UNAVAILABLE"));
    // A tenant's log goes on.
    assert_eq!(replica.append(&acme, &events(1)).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_is_declared_once_from_where_the_log_stands() {
    let world = World::start().await;
    let acme = log("logs/acme");
    let replica = world.replica().await;
    for count in [5, 4, 1] {
        replica.append(&acme, &events(count)).await;
    }
    world.acknowledged(&acme, 10).await;
    replica.end().await;
    // The audit database is set back to five entries; the signer keeps nothing below the ninth.
    let keys = world.key_database.superuser().await.unwrap();
    keys.batch_execute("DELETE FROM signer_segments WHERE first_index < 9").await.unwrap();
    let tamperer = world.tamperer().await;
    let row = tamperer.query_one("SELECT entry FROM entries WHERE entry_index = 5", &[]).await.unwrap();
    let head = tlog::entry::decode(row.get(0)).unwrap().place.previous_head;
    tamperer.batch_execute("DELETE FROM entries WHERE entry_index >= 5").await.unwrap();
    tamperer.execute("UPDATE logs SET size = 5, head = $1", &[&head.as_slice()]).await.unwrap();

    let replica = world.replica().await;
    let open = async || world.signer.head(acme.clone()).await.unwrap().unwrap();
    let rolled_back = poll_until(PATIENCE, "an alarm", async || {
        open().await.alarms.into_iter().find(|alarm| alarm.kind == AlarmKind::RolledBack)
    });
    let rolled_back = rolled_back.await.unwrap();
    assert_eq!(replica.outcomes(&acme, &[event(1)]).await, [Outcome::Later(Delay::Quarantined)]);
    let declare = |first: u64, last: u64| {
        let alarm_ids = vec![rolled_back.id.to_string()];
        let (log, first_index, last_index) = (acme.to_string(), Some(first), Some(last));
        DeclareLossRequest { log, first_index, last_index, alarm_ids, ..DeclareLossRequest::default() }
    };
    let mut operator = world.key("operator");
    let refused = operator.declare_loss(declare(6, 8)).await.unwrap_err();
    assert!(format!("{:?}", rpc::StatusDetails::of(&refused).violations).contains("must begin at 5"), "{refused:?}");
    operator.declare_loss(declare(5, 8)).await.unwrap();

    let taken = poll_until(PATIENCE, "the end of the quarantine", async || {
        match replica.outcomes(&acme, &[event(1)]).await.as_slice() {
            [Outcome::Logged { index }] => Some(*index),
            _ => None,
        }
    });
    assert_eq!(taken.await.unwrap(), 10);
    world.acknowledged(&acme, 11).await;
    let view = open().await;
    assert_eq!((view.alarms.len(), view.alarms[0].is_open(), view.losses.len()), (1, false, 1), "{view:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_mended_is_settled_by_closing_its_alarm() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    world.acknowledged(&acme, 3).await;
    let tamperer = world.tamperer().await;
    tamperer.batch_execute("UPDATE logs SET size = size + 5").await.unwrap();
    assert_eq!(replica.outcomes(&acme, &[event(1)]).await, [Outcome::Later(Delay::Quarantined)]);
    let alarm = world.signer.head(acme.clone()).await.unwrap().unwrap().alarms.remove(0);
    assert_eq!(alarm.kind, AlarmKind::Ahead);
    let close = || CloseAlarmRequest {
        log: acme.to_string(),
        alarm_ids: vec![alarm.id.to_string()],
        ..CloseAlarmRequest::default()
    };
    let refused = world.key("operator").close_alarm(close()).await.unwrap_err();
    assert_eq!(rpc::StatusDetails::of(&refused).reason, "NOT_AGREED");
    tamperer.batch_execute("UPDATE logs SET size = size - 5").await.unwrap();
    let closed = poll_until(PATIENCE, "rows and signer to agree", async || {
        world.key("operator").close_alarm(close()).await.ok()
    });
    closed.await.unwrap();
    replica.append(&acme, &events(1)).await;
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    assert_eq!((view.alarms.len(), view.alarms[0].is_open()), (1, false));
}
