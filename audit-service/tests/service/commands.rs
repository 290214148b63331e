//! The subcommand `verify`, run as the binary that operators run.

use std::net::SocketAddr;
use std::process::Stdio;

use crate::world::{World, events, log};

/// What the subcommand said and how it ended.
pub(crate) struct Verified {
    pub(crate) status: i32,
    pub(crate) output: String,
}

pub(crate) async fn verify(world: &World, arguments: &[&str]) -> Verified {
    verify_against(world, &world.key_address.to_string(), arguments).await
}

/// With another address of the signer.
pub(crate) async fn verify_against(world: &World, signer: &str, arguments: &[&str]) -> Verified {
    let config = world.config_file();
    let text = std::fs::read_to_string(&config).unwrap();
    let signer: SocketAddr = signer.parse().unwrap();
    let text = text.replace(&world.key_address.to_string(), &signer.to_string());
    let path = world.directory.join("verify.toml");
    std::fs::write(&path, text).unwrap();
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_audit-service"))
        .arg("verify")
        .arg("--config")
        .arg(&path)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    Verified { status: output.status.code().unwrap(), output: text }
}

#[tokio::test(flavor = "multi_thread")]
async fn intact_logs_end_with_status_0() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(20)).await;
    replica.append(&log("logs/umbrella"), &events(3)).await;
    let verified = verify(&world, &[]).await;
    assert_eq!(verified.status, 0, "{}", verified.output);
    assert!(verified.output.contains("INTACT: 2 logs, 23 entries, 0 findings"), "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_finding_is_printed_with_kind_and_range_and_status_1() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(10)).await;
    replica.append(&log("logs/umbrella"), &events(3)).await;
    world.acknowledged(&acme, 10).await;
    let sql = "UPDATE entries SET actor = 'x' WHERE entry_index = 5; DELETE FROM entries WHERE entry_index >= 8";
    world.tamperer().await.batch_execute(sql).await.unwrap();
    let verified = verify(&world, &[]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    for expected in ["COLUMN_MISMATCH    5 ", "TRUNCATED          8..9 ", "TAMPERED: 2 logs"] {
        assert!(verified.output.contains(expected), "{expected}: {}", verified.output);
    }
    assert_eq!(verify(&world, &["--log", "logs/umbrella"]).await.status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_get_json() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(10)).await;
    world.acknowledged(&acme, 10).await;
    world.tamperer().await.batch_execute("DELETE FROM entries WHERE entry_index = 4").await.unwrap();
    let verified = verify(&world, &["--json"]).await;
    let document: serde_json::Value = serde_json::from_str(&verified.output).unwrap();
    assert_eq!(document["verdict"], "TAMPERED");
    let finding = &document["logs"][0]["findings"][0];
    assert_eq!((&finding["kind"], &finding["first_index"]), (&"MISSING".into(), &4.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_database_is_verified_in_place_of_it() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(10)).await;
    world.acknowledged(&acme, 10).await;
    replica.end().await;
    let superuser = world.database.superuser().await.unwrap();
    let source = world.database.name();
    let copy = format!("{source}_copy");
    let tables = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                  AND pid <> pg_backend_pid()";
    superuser.batch_execute(tables).await.unwrap();
    drop(superuser);
    let other = test_support::postgres::Cluster::shared().await.unwrap().superuser("postgres").await.unwrap();
    let copied = async || other.batch_execute(&format!("CREATE DATABASE {copy} TEMPLATE {source}")).await.ok();
    test_support::poll_until(crate::world::PATIENCE, "a copy", copied).await.unwrap();
    let tamperer = test_support::postgres::Cluster::shared().await.unwrap().superuser(&copy).await.unwrap();
    let sql = "SET session_replication_role = replica; DELETE FROM entries WHERE entry_index = 0";
    tamperer.batch_execute(sql).await.unwrap();

    let verified = verify(&world, &["--database", &copy]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    assert!(verified.output.contains("MISSING            0 "), "{}", verified.output);
    assert_eq!(verify(&world, &[]).await.status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_belong_to_no_log_are_found() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(10)).await;
    world.acknowledged(&acme, 10).await;
    let stray = "INSERT INTO entries SELECT '00000000-0000-0000-0000-000000000001', entry_index, event_id, entry, mac,
                 logged_at, producer, actor, action, resource, outcome FROM entries WHERE entry_index = 3";
    world.tamperer().await.batch_execute(stray).await.unwrap();
    let verified = verify(&world, &[]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    assert!(verified.output.contains("00000000-0000-0000-0000-000000000001"), "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_only_the_signer_knows_is_missed() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(10)).await;
    world.acknowledged(&acme, 10).await;
    world.tamperer().await.batch_execute("DELETE FROM entries; DELETE FROM logs").await.unwrap();
    let verified = verify(&world, &[]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    assert!(verified.output.contains("TRUNCATED          0..9 "), "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_knows_is_no_such_log() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(3)).await;
    let verified = verify(&world, &["--log", "logs/acmee"]).await;
    assert_eq!(verified.status, 2, "{}", verified.output);
    assert!(verified.output.contains("no such log"), "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn size_and_head_of_a_report_are_expected_or_trusted_by_the_next_on_a_busy_log() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(10)).await;
    world.acknowledged(&acme, 10).await;
    let verified = verify(&world, &["--json", "--log", "logs/acme"]).await;
    let document: serde_json::Value = serde_json::from_str(&verified.output).unwrap();
    let (size, head) =
        (document["logs"][0]["size"].to_string(), document["logs"][0]["head"].as_str().unwrap().to_owned());
    assert_eq!((size.as_str(), document["logs"][0]["root"].as_str().unwrap().len()), ("10", 64));
    replica.append(&acme, &events(5)).await;
    let arguments = ["--log", "logs/acme", "--expected-size", &size, "--expected-head", &head];
    let verified = verify(&world, &arguments).await;
    assert_eq!(verified.status, 0, "{}", verified.output);
    assert!(verified.output.contains("size 15  head "), "{}", verified.output);

    world.tamperer().await.batch_execute("DELETE FROM entries WHERE entry_index = 4").await.unwrap();
    let verified = verify(&world, &["--log", "logs/acme", "--since", &format!("{size}:{head}")]).await;
    assert_eq!(verified.status, 0, "{}", verified.output);
    assert!(verified.output.contains("5 entries"), "{}", verified.output);
    let other = format!("{size}:{}", "07".repeat(32));
    let verified = verify(&world, &["--log", "logs/acme", "--since", &other]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    assert!(verified.output.contains("EXPECTATION_FAILED 10 "), "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_that_makes_no_sense_ends_with_status_64() {
    let world = World::start().await;
    let since = ["--log", "logs/acme", "--since", "3"];
    for arguments in [
        &["--log", "acme"][..],
        &["--expected-size", "3"],
        &["--expected-head", "00"],
        &["--since", "3:00"],
        &since,
        &["--wat"],
    ] {
        assert_eq!(verify(&world, arguments).await.status, 64, "{arguments:?}");
    }
}
