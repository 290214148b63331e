//! A key database that was restored from a backup: walked with the real services and the command `advance`.

use std::process::Stdio;

use api::audit::v1::{FindingKind, GetLogRequest, Verdict};
use api::key::v1::key_service_client::KeyServiceClient;
use api::key::v1::signer_service_client::SignerServiceClient;
use api::key::v1::{AdvanceHeadRequest, CloseAlarmRequest, KeyVersion, RotateKeyRequest};
use audit_service::append::{Delay, Outcome};
use names::LogName;
use test_support::poll_until;
use test_support::postgres::{Superuser, keep_rows, put_rows_back};
use tlog::hash::to_hex;
use tlog::protocol::AlarmKind;
use tonic::Request;

use crate::commands::verify;
use crate::world::{PATIENCE, Replica, World, event, events, log};

/// What key-service keeps.
const TABLES: [&str; 8] = [
    "keys",
    "key_versions",
    "signer_heads",
    "signer_segments",
    "signer_alarms",
    "signer_unknown_alarms",
    "signer_losses",
    "own_keys",
];

async fn back_up(world: &World) {
    keep_rows(&world.key_database.superuser().await.unwrap(), &TABLES).await.unwrap();
}

/// Sets the key database back and starts key-service anew.
async fn restore(world: &mut World) {
    set_back(world).await;
    world.restart_signer().await;
}

/// Sets the key database back, while key-service runs.
async fn set_back(world: &World) {
    put_rows_back(&world.key_database.superuser().await.unwrap(), &TABLES).await.unwrap();
}

/// Runs the command as an operator: status and output.
async fn advance(world: &World, arguments: &[&str]) -> (i32, String) {
    let (cert, key) = world.identity_files("operator");
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_audit-service"))
        .arg("advance")
        .arg("--config")
        .arg(world.config_file())
        .arg("--cert")
        .arg(cert)
        .arg("--key")
        .arg(key)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), text)
}

/// Waits until the log takes an event, and says where it is.
async fn taken(replica: &Replica, log: &LogName) -> u64 {
    let event = [event(99)];
    poll_until(PATIENCE, "the log takes entries", async || match replica.outcomes(log, &event).await.as_slice() {
        [Outcome::Logged { index }] => Some(*index),
        _ => None,
    })
    .await
    .unwrap()
}

async fn rotate(world: &World) -> KeyVersion {
    let mut keys = KeyServiceClient::new(world.channel("operator"));
    let request = RotateKeyRequest { name: "keys/audit-mac".to_owned(), ..Default::default() };
    keys.rotate_key(request).await.unwrap().into_inner().key_version.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_signer_is_brought_forward_by_one_command_and_logs_go_on() {
    let mut world = World::start().await;
    let replica = world.replica().await;
    let (acme, umbrella) = (log("logs/acme"), log("logs/umbrella"));
    replica.append(&acme, &events(3)).await;
    replica.append(&acme, &events(4)).await;
    rotate(&world).await;
    back_up(&world).await;
    replica.append(&acme, &events(2)).await;
    replica.append(&acme, &events(3)).await;
    replica.append(&umbrella, &events(5)).await;
    let read = || Request::new(GetLogRequest { name: "logs/acme".to_owned(), ..GetLogRequest::default() });
    let shown = world.logs(&replica, "auditor").get_log(read()).await.unwrap().into_inner().log.unwrap();
    assert_eq!((shown.size, shown.quarantine_reason.as_str()), (Some(12), ""));
    replica.end().await;
    restore(&mut world).await;

    let replica = world.replica().await;
    assert_eq!(replica.outcomes(&acme, &[event(1)]).await, [Outcome::Later(Delay::Quarantined)]);
    // The system's log is ahead too, so that no read can be accounted for: whoever asks is told what to do.
    let refused = poll_until(PATIENCE, "the advice", async || {
        let refused = world.logs(&replica, "auditor").get_log(read()).await.unwrap_err();
        refused.message().contains("audit-service advance --log logs/system").then_some(refused)
    });
    assert_eq!(rpc::StatusDetails::of(&refused.await.unwrap()).reason, "AUDIT_UNAVAILABLE");

    let (status, output) = advance(&world, &["--log", "logs/system"]).await;
    assert_eq!(status, 0, "{output}");
    taken(&replica, &log("logs/system")).await;
    let shown = world.logs(&replica, "auditor").get_log(read()).await.unwrap().into_inner().log.unwrap();
    assert_eq!(shown.quarantine_reason, "AHEAD");
    assert!(shown.quarantine_advice.contains("audit-service advance --log logs/acme"), "{}", shown.quarantine_advice);

    let (status, output) = advance(&world, &["--all"]).await;
    assert_eq!(status, 0, "{output}");
    assert!(output.contains("logs/acme: brought forward from 7 to 12 entries"), "{output}");
    assert!(output.contains("logs/umbrella: brought forward from 0 to 5 entries"), "{output}");
    assert_eq!((taken(&replica, &acme).await, taken(&replica, &umbrella).await), (12, 5));
    let (status, output) = advance(&world, &["--all"]).await;
    assert!(status == 0 && output.contains("nothing to do"), "{status} {output}");
    for log in [&acme, &umbrella] {
        let view = world.signer.head(log.clone()).await.unwrap().unwrap();
        assert!(view.alarms.iter().all(|alarm| alarm.kind == AlarmKind::Ahead && !alarm.is_open()), "{view:?}");
        assert_ne!(world.verify(&replica, log).await.verdict(), Verdict::Tampered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_rows_cut_only_a_size_and_head_kept_outside_bring_the_signer_forward() {
    let mut world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(4)).await;
    back_up(&world).await;
    replica.append(&acme, &events(3)).await;
    let kept = world.signer.head(acme.clone()).await.unwrap().unwrap();
    replica.append(&acme, &events(0)).await;
    replica.end().await;
    world.tamperer().await.batch_execute("DELETE FROM entries WHERE entry_index = 5").await.unwrap();
    restore(&mut world).await;

    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 2 && output.contains("entry 5 is missing"), "{status} {output}");
    let (head, wrong) = (to_hex(&kept.head), to_hex(&[7; 32]));
    let (status, output) =
        advance(&world, &["--log", "logs/acme", "--expected-size", "7", "--expected-head", &wrong]).await;
    assert!(status == 1 && output.contains("refused"), "{status} {output}");
    let (status, output) =
        advance(&world, &["--log", "logs/acme", "--expected-size", "7", "--expected-head", &head]).await;
    assert_eq!(status, 0, "{output}");
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    let advanced = view.alarms.iter().find(|alarm| alarm.kind == AlarmKind::Advanced).unwrap();
    assert!(advanced.is_open() && (advanced.first_index, advanced.last_index) == (4, 6), "{advanced:?}");
    // Only audit-service's rows show that they are where the signer is: it says so after its start, with no new entry.
    let close =
        || CloseAlarmRequest { log: acme.to_string(), alarm_ids: vec![advanced.id.to_string()], ..Default::default() };
    let mut operator = SignerServiceClient::new(world.channel("operator"));
    let refused = operator.close_alarm(close()).await.unwrap_err();
    assert_eq!(rpc::StatusDetails::of(&refused).reason, "NOT_AGREED");
    let replica = world.replica().await;
    poll_until(PATIENCE, "the alarm is closed", async || {
        SignerServiceClient::new(world.channel("operator")).close_alarm(close()).await.ok()
    })
    .await
    .unwrap();
    assert_eq!(taken(&replica, &acme).await, 7);
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    let report = world.verify(&replica, &acme).await;
    let found: Vec<_> = report.findings.iter().map(|found| (found.kind(), found.first_index)).collect();
    assert_eq!(found, [(FindingKind::Missing, Some(5))], "no second history");
    // What came after is verified from a size and head that were taken afterwards.
    let (head, size) = (to_hex(&view.head), view.size.to_string());
    let since = [&size, ":", &head].concat();
    let verified = verify(&world, &["--log", "logs/acme", "--since", &since]).await;
    assert_eq!(verified.status, 0, "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_backup_older_than_the_mac_key_only_a_size_and_head_kept_outside_bring_the_signer_forward() {
    let mut world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(4)).await;
    back_up(&world).await;
    rotate(&world).await;
    replica.append(&acme, &events(3)).await;
    let kept = world.signer.head(acme.clone()).await.unwrap().unwrap();
    replica.end().await;
    restore(&mut world).await;

    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 1 && output.contains("of the MAC key, which is not here"), "{status} {output}");
    let head = to_hex(&kept.head);
    let word = ["--log", "logs/acme", "--expected-size", "7", "--expected-head", &head];
    let (status, output) = advance(&world, &word).await;
    assert!(status == 0 && output.contains("brought forward from 4 to 7 entries"), "{status} {output}");
    let replica = world.replica().await;
    assert_eq!(taken(&replica, &acme).await, 7);
    let report = world.verify(&replica, &acme).await;
    assert_eq!((report.verdict(), report.findings.len()), (Verdict::Incomplete, 0), "{report:?}");
    let unchecked: Vec<_> = report.unchecked.iter().map(|one| (one.first_index, one.last_index)).collect();
    assert_eq!(unchecked, [(Some(4), Some(6))], "what only an operator vouches for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_service_that_was_not_restarted_stops_the_command_and_no_log_is_forked() {
    let mut world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    back_up(&world).await;
    replica.append(&acme, &events(2)).await;
    replica.end().await;
    set_back(&world).await;

    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 2 && output.contains("restart all key-services"), "{status} {output}");
    world.restart_signer().await;
    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 0 && output.contains("brought forward from 3 to 5 entries"), "{status} {output}");
    assert_eq!(world.signer.head(acme).await.unwrap().unwrap().alarms, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_logs_are_not_intact_while_the_signer_cannot_use_what_it_keeps_of_one() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/umbrella"), &events(2)).await;
    replica.append(&log("logs/acme"), &events(3)).await;
    back_up(&world).await;
    replica.append(&log("logs/acme"), &events(2)).await;
    replica.end().await;
    set_back(&world).await;
    let tamperer = world.tamperer().await;
    let sql = "DELETE FROM entries e USING logs l WHERE e.log_id = l.log_id AND l.name = 'logs/acme';
        DELETE FROM logs WHERE name = 'logs/acme'";
    tamperer.batch_execute(sql).await.unwrap();
    let verified = verify(&world, &[]).await;
    assert!(verified.status == 2 && verified.output.contains("logs/acme"), "{} {}", verified.status, verified.output);
}

/// A log of 3 entries goes on with `old` ones; the rows are cut to 3, the key database is set back to there, and 2 other entries
/// are sealed. A session that can put the old rows back.
async fn another_branch(world: &mut World, old: u64) -> Superuser {
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    world.acknowledged(&acme, 3).await;
    back_up(world).await;
    let tamperer = world.tamperer().await;
    tamperer.batch_execute("CREATE TABLE cut_logs AS TABLE logs").await.unwrap();
    replica.append(&acme, &events(old)).await;
    world.acknowledged(&acme, 3 + old).await;
    replica.end().await;
    tamperer
        .batch_execute(
            "CREATE TABLE old_entries AS TABLE entries; CREATE TABLE old_logs AS TABLE logs;
             DELETE FROM entries WHERE entry_index >= 3; DELETE FROM logs; INSERT INTO logs SELECT c.* FROM cut_logs c",
        )
        .await
        .unwrap();
    restore(world).await;
    let replica = world.replica().await;
    replica.append(&acme, &events(2)).await;
    world.acknowledged(&acme, 5).await;
    replica.end().await;
    tamperer
}

async fn put_old_rows_back(tamperer: &Superuser) {
    let sql = "DELETE FROM entries; INSERT INTO entries SELECT o.* FROM old_entries o;
        DELETE FROM logs; INSERT INTO logs SELECT o.* FROM old_logs o";
    tamperer.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_put_back_over_another_history_are_refused() {
    let mut world = World::start().await;
    let acme = log("logs/acme");
    let tamperer = another_branch(&mut world, 4).await;
    put_old_rows_back(&tamperer).await;

    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 1 && output.contains("does not continue what the signer has sealed"), "{status} {output}");
    let replica = world.replica().await;
    assert_eq!(replica.outcomes(&acme, &[event(1)]).await, [Outcome::Later(Delay::Quarantined)]);
    assert_eq!(world.signer.head(acme.clone()).await.unwrap().unwrap().size, 5);
    assert_eq!(world.verify(&replica, &acme).await.verdict(), Verdict::Tampered);
    replica.end().await;

    // The same with a row missing, a pair that was genuine once, and an operator who believes it.
    tamperer.batch_execute("DELETE FROM entries WHERE entry_index = 5").await.unwrap();
    let old = tamperer.query_one("SELECT size, head, snapshot FROM logs WHERE name = 'logs/acme'", &[]).await.unwrap();
    let (head, snapshot): (Vec<u8>, Vec<u8>) = (old.get("head"), old.get("snapshot"));
    let kept = ["--expected-size", "7", "--expected-head", &to_hex(&head)];
    let (status, output) = advance(&world, &[&["--log", "logs/acme"], &kept[..]].concat()).await;
    assert!(status == 1 && output.contains("FORKED"), "{status} {output}");
    let request = AdvanceHeadRequest {
        log: acme.to_string(),
        snapshot: snapshot.into(),
        expected_size: Some(7),
        expected_head: head,
        from_size: Some(5),
        ..Default::default()
    };
    SignerServiceClient::new(world.channel("operator")).advance_head(request).await.unwrap();
    let view = world.signer.head(acme.clone()).await.unwrap().unwrap();
    let alarms: Vec<_> = view.alarms.iter().filter(|alarm| alarm.is_open()).map(|alarm| alarm.id.to_string()).collect();
    let replica = world.replica().await;
    poll_until(PATIENCE, "the alarms are closed", async || {
        let close = CloseAlarmRequest { log: acme.to_string(), alarm_ids: alarms.clone(), ..Default::default() };
        replica.outcomes(&acme, &[event(98)]).await;
        SignerServiceClient::new(world.channel("operator")).close_alarm(close).await.ok()
    })
    .await
    .unwrap();
    let report = world.verify(&replica, &acme).await;
    let found: Vec<_> = report.findings.iter().map(|found| (found.kind(), found.first_index)).collect();
    assert_eq!(found, [(FindingKind::Forked, Some(4)), (FindingKind::Missing, Some(5))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_branch_of_the_same_or_a_smaller_size_is_not_nothing_to_do() {
    let mut world = World::start().await;
    let tamperer = another_branch(&mut world, 2).await;
    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 0 && output.contains("nothing to do"), "{status} {output}");
    put_old_rows_back(&tamperer).await;
    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 1 && output.contains("FORKED"), "of the same size: {status} {output}");
    // The snapshot is an older one, the rows are those of the other branch.
    tamperer
        .batch_execute("UPDATE logs SET snapshot = c.snapshot FROM cut_logs c WHERE c.log_id = logs.log_id")
        .await
        .unwrap();
    let (status, output) = advance(&world, &["--log", "logs/acme"]).await;
    assert!(status == 1 && output.contains("FORKED"), "of a smaller size: {status} {output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_it_lacks() {
    let world = World::start().await;
    for (arguments, status, expected) in [
        (&["--log", "logs/nobody"][..], 2, "no such log"),
        (&["--log", "nobody"][..], 64, "--log"),
        (&[][..], 64, "--log"),
        (&["--log", "logs/acme", "--expected-size", "3", "--expected-head", "00"][..], 64, "64 hex digits"),
    ] {
        let (ended, output) = advance(&world, arguments).await;
        assert!(ended == status && output.contains(expected), "{arguments:?}: {ended} {output}");
    }
}
