//! Every kind of tampering with the audit database, done by SQL with all rights, found with its kind and range. The same
//! log untouched is the control of each: it verifies INTACT.

use api::audit::v1::{FindingKind, Report, Verdict, VerifyLogRequest};
use api::key::v1::DeclareLossRequest;
use audit_service::signer::SealRequest;
use names::{EventId, LogName};
use test_support::postgres::Superuser;
use tlog::entry::{decode, encode};
use tlog::hash::{chain_head, leaf_hash};
use tlog::protocol::Segment;
use tlog::{Hash, Place};
use uuid::Uuid;

use crate::world::{Replica, World, event_of, events, log};

/// Entries of each log, in segments of four.
const SIZE: u64 = 12;

/// Kind and range of a finding.
type Found = (FindingKind, u64, u64);

struct Scene {
    world: World,
    replica: Replica,
    tamperer: Superuser,
}

impl Scene {
    async fn set() -> Self {
        let world = World::start().await;
        let replica = world.replica().await;
        let tamperer = world.tamperer().await;
        Self { world, replica, tamperer }
    }

    /// A log of twelve entries that was acknowledged as a whole.
    async fn log(&self, name: &str) -> LogName {
        let log = log(name);
        for _ in 0..3 {
            self.replica.append(&log, &events(SIZE / 3)).await;
        }
        self.world.acknowledged(&log, SIZE).await;
        let report = self.world.verify(&self.replica, &log).await;
        assert_eq!((report.verdict(), report.findings.len()), (Verdict::Intact, 0), "{report:?}");
        log
    }

    /// Runs SQL in which `$L` is the log's id.
    async fn tamper(&self, log: &LogName, sql: &str) {
        let sql = sql.replace("$L", &format!("'{}'::uuid", tlog::log_id(log)));
        self.tamperer.batch_execute(&sql).await.unwrap();
    }

    async fn found(&self, log: &LogName) -> Vec<Found> {
        let report = self.world.verify(&self.replica, log).await;
        let verdict = if report.findings.is_empty() { Verdict::Intact } else { Verdict::Tampered };
        assert_eq!(report.verdict(), verdict);
        found(&report)
    }

    /// Makes a log, tampers, and says what is found.
    async fn case(&self, name: &str, sql: &str) -> Vec<Found> {
        let log = self.log(name).await;
        self.tamper(&log, sql).await;
        self.found(&log).await
    }

    async fn entry(&self, log: &LogName, index: i64) -> Vec<u8> {
        let row = self
            .tamperer
            .query_one(
                "SELECT entry FROM entries WHERE log_id = $1 AND entry_index = $2",
                &[&tlog::log_id(log).as_uuid(), &index],
            )
            .await
            .unwrap();
        row.get(0)
    }
}

fn found(report: &Report) -> Vec<Found> {
    let range = |finding: &api::audit::v1::Finding| (finding.first_index.unwrap(), finding.last_index.unwrap());
    report.findings.iter().map(|finding| (finding.kind(), range(finding).0, range(finding).1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_bytes_are_found_wherever_they_are() {
    let scene = Scene::set().await;
    let change = |index: u32| {
        format!(
            "UPDATE entries SET entry = overlay(entry PLACING 'X'::bytea FROM position('reveal'::bytea IN entry))
             WHERE log_id = $L AND entry_index = {index}"
        )
    };
    // The column still says what the bytes said: that is found as well, or the change counts as one.
    for (name, index) in [("logs/first", 0_u32), ("logs/middle", 5), ("logs/last", 11)] {
        let found = scene.case(name, &change(index)).await;
        assert!(found.contains(&(FindingKind::ContentChanged, index.into(), index.into())), "{name}: {found:?}");
        assert!(found.iter().all(|(_, first, last)| (*first, *last) == (index.into(), index.into())), "{found:?}");
    }
    let garbage = "UPDATE entries SET entry = '\\x00' WHERE log_id = $L AND entry_index = 7";
    assert_eq!(scene.case("logs/garbage", garbage).await, [(FindingKind::ContentChanged, 7, 7)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_macs_and_recomputed_chains_are_found() {
    let scene = Scene::set().await;
    let flip = "UPDATE entries SET mac = set_byte(mac, 20, get_byte(mac, 20) # 1)
                WHERE log_id = $L AND entry_index = 5";
    assert_eq!(scene.case("logs/flipped", flip).await, [(FindingKind::MacInvalid, 5, 5)]);
    let empty = "UPDATE entries SET mac = '' WHERE log_id = $L AND entry_index = 11";
    assert_eq!(scene.case("logs/emptied", empty).await, [(FindingKind::MacInvalid, 11, 11)]);

    let log = scene.log("logs/recomputed").await;
    recompute(&scene, &log, 5).await;
    let found = scene.found(&log).await;
    assert!(found.contains(&(FindingKind::MacInvalid, 5, 11)), "{found:?}");
}

/// Rewrites history from `from` on: another actor at `from`, every later entry linked anew, the row in `logs` to match.
async fn recompute(scene: &Scene, log: &LogName, from: i64) {
    let id = tlog::log_id(log);
    let mut head: Option<Hash> = None;
    for index in from..i64::try_from(SIZE).unwrap() {
        let bytes = scene.entry(log, index).await;
        let entry = decode(&bytes).unwrap();
        let previous_head = head.unwrap_or(entry.place.previous_head);
        let mut event = event_of(&entry, log);
        if index == from {
            event.actor = "spiffe://strongroom.dev/nobody".to_owned();
        }
        let rewritten = encode(&Place { previous_head, ..entry.place }, &event);
        head = Some(chain_head(id, entry.place.index, &previous_head, &leaf_hash(&rewritten)));
        scene
            .tamperer
            .execute(
                "UPDATE entries SET entry = $3, actor = $4 WHERE log_id = $1 AND entry_index = $2",
                &[&id.as_uuid(), &index, &rewritten.as_ref(), &event.actor],
            )
            .await
            .unwrap();
    }
    let head = head.unwrap();
    scene
        .tamperer
        .execute("UPDATE logs SET head = $2 WHERE log_id = $1", &[&id.as_uuid(), &head.as_slice()])
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_derived_column_is_held_against_the_bytes() {
    let scene = Scene::set().await;
    let log = scene.log("logs/columns").await;
    for (column, value) in [
        ("event_id", "gen_random_uuid()"),
        ("logged_at", "logged_at + interval '1 microsecond'"),
        ("producer", "'spiffe://strongroom.dev/other'"),
        ("actor", "'spiffe://strongroom.dev/other'"),
        ("action", "'records.get'"),
        ("resource", "'tenants/acme/collections/patients/records/other'"),
        ("outcome", "2"),
    ] {
        scene.tamper(&log, "CREATE TABLE saved AS SELECT * FROM entries WHERE log_id = $L AND entry_index = 4").await;
        scene
            .tamper(&log, &format!("UPDATE entries SET {column} = {value} WHERE log_id = $L AND entry_index = 4"))
            .await;
        assert_eq!(scene.found(&log).await, [(FindingKind::ColumnMismatch, 4, 4)], "{column}");
        let restore = "DELETE FROM entries WHERE log_id = $L AND entry_index = 4;
                       INSERT INTO entries SELECT * FROM saved; DROP TABLE saved";
        scene.tamper(&log, restore).await;
        assert_eq!(scene.found(&log).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_entries_are_found_where_they_were() {
    let scene = Scene::set().await;
    let middle = "DELETE FROM entries WHERE log_id = $L AND entry_index BETWEEN 4 AND 6";
    assert_eq!(scene.case("logs/middle", middle).await, [(FindingKind::Missing, 4, 6)]);
    let first = "DELETE FROM entries WHERE log_id = $L AND entry_index = 0";
    assert_eq!(scene.case("logs/first", first).await, [(FindingKind::Missing, 0, 0)]);
    let hidden = "DELETE FROM entries WHERE log_id = $L AND entry_index = 4;
                  UPDATE entries SET entry_index = entry_index - 1 WHERE log_id = $L AND entry_index > 4";
    let found = scene.case("logs/hidden", hidden).await;
    assert!(found.contains(&(FindingKind::Missing, 4, 4)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn inserted_rows_are_found_where_they_stand() {
    let scene = Scene::set().await;
    let behind = "INSERT INTO entries SELECT log_id, 12, gen_random_uuid(), set_byte(entry, 100, 7), mac, logged_at,
                  producer, actor, action, resource, outcome FROM entries WHERE log_id = $L AND entry_index = 3";
    assert_eq!(scene.case("logs/behind", behind).await, [(FindingKind::Inserted, 12, 12)]);

    let log = scene.log("logs/forged").await;
    let forged = forged(&scene, &log).await;
    let id = tlog::log_id(&log).as_uuid();
    scene
        .tamperer
        .execute(
            "INSERT INTO entries SELECT log_id, 12, $2, $3, mac, logged_at, producer, actor, action, resource, outcome
             FROM entries WHERE log_id = $1 AND entry_index = 11",
            &[&id, &Uuid::from_u128(7), &forged.as_slice()],
        )
        .await
        .unwrap();
    assert_eq!(scene.found(&log).await, [(FindingKind::Inserted, 12, 12)]);
}

/// A well-formed entry that follows the last one, and that nobody sealed.
async fn forged(scene: &Scene, log: &LogName) -> Vec<u8> {
    let last = scene.entry(log, 11).await;
    let last = decode(&last).unwrap();
    let head = scene.world.signer.head(log.clone()).await.unwrap().unwrap().head;
    let mut event = event_of(&last, log);
    event.event_id = EventId::new(Uuid::from_u128(7));
    encode(&Place { index: 12, previous_head: head, ..last.place }, &event).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_and_repeated_entries_are_found() {
    let scene = Scene::set().await;
    let swap = "UPDATE entries SET entry_index = 99 WHERE log_id = $L AND entry_index = 3;
                UPDATE entries SET entry_index = 3 WHERE log_id = $L AND entry_index = 8;
                UPDATE entries SET entry_index = 8 WHERE log_id = $L AND entry_index = 99";
    let found = scene.case("logs/swapped", swap).await;
    assert_eq!(found, [(FindingKind::Reordered, 3, 3), (FindingKind::Reordered, 8, 8)]);

    let repeat = "INSERT INTO entries SELECT log_id, 12, gen_random_uuid(), entry, mac, logged_at, producer, actor,
                  action, resource, outcome FROM entries WHERE log_id = $L AND entry_index = 3";
    let found = scene.case("logs/repeated", repeat).await;
    assert!(found.contains(&(FindingKind::Duplicated, 12, 12)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_end_is_found_however_short_it_is() {
    let scene = Scene::set().await;
    for cut in [1_u64, 3, 4, 11, 12] {
        let sql = format!("DELETE FROM entries WHERE log_id = $L AND entry_index >= {}", SIZE - cut);
        let found = scene.case(&format!("logs/cut-{cut}"), &sql).await;
        assert_eq!(found, [(FindingKind::Truncated, SIZE - cut, SIZE - 1)]);
    }
    let dropped = "DELETE FROM entries WHERE log_id = $L; DELETE FROM logs WHERE log_id = $L";
    assert_eq!(scene.case("logs/dropped", dropped).await, [(FindingKind::Truncated, 0, SIZE - 1)]);
}

/// Cuts a log after its second segment and sets its row back to match.
async fn roll_back(scene: &Scene, log: &LogName) {
    let entry = scene.entry(log, 8).await;
    let head = decode(&entry).unwrap().place.previous_head;
    scene.tamper(log, "DELETE FROM entries WHERE log_id = $L AND entry_index >= 8").await;
    let id = tlog::log_id(log).as_uuid();
    scene
        .tamperer
        .execute("UPDATE logs SET size = 8, head = $2 WHERE log_id = $1", &[&id, &head.as_slice()])
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_set_back_is_found_before_and_after_it_has_caught_up() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    roll_back(&scene, &log).await;
    assert_eq!(scene.found(&log).await, [(FindingKind::RolledBack, 8, 11)]);

    assert_eq!(scene.replica.append(&log, &events(1)).await, [12]);
    let report = scene.world.verify(&scene.replica, &log).await;
    assert_eq!(report.entries, Some(13));
    let kinds: Vec<FindingKind> = report.findings.iter().map(api::audit::v1::Finding::kind).collect();
    assert_eq!(kinds, [FindingKind::RolledBack], "{report:?}");

    // An operator accepts it; nobody else can.
    let accept = || tonic::Request::new(DeclareLossRequest { log: log.to_string(), ..DeclareLossRequest::default() });
    for caller in ["auditor", "audit-service", "app"] {
        assert!(scene.world.key(caller).declare_loss(accept()).await.is_err(), "{caller}");
    }
    assert_eq!(scene.found(&log).await.len(), 1);
    scene.world.key("operator").declare_loss(accept()).await.unwrap();
    assert_eq!(scene.found(&log).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_history_offered_to_the_signer_is_refused_and_found() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let entry = scene.entry(&log, 4).await;
    let entry = decode(&entry).unwrap();
    let mut event = event_of(&entry, &log);
    event.actor = "spiffe://strongroom.dev/nobody".to_owned();
    let previous_head = [9; 32];
    let second = encode(&Place { previous_head, ..entry.place }, &event);
    let segment = Segment { log: log.clone(), first_index: 4, previous_head, entries: vec![second] };
    let request = SealRequest { segments: vec![segment], ..SealRequest::default() };
    let answers = scene.world.signer.seal(request).await.unwrap();
    assert_eq!(answers[0].outcome, tlog::protocol::SealOutcome::Forked);
    assert!(answers[0].macs.is_empty());
    let found = scene.found(&log).await;
    assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [FindingKind::Forked], "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_of_the_log_is_held_against_its_entries() {
    let scene = Scene::set().await;
    for (name, change) in [
        ("logs/head", "head = decode(repeat('00', 32), 'hex')"),
        ("logs/size", "size = 11"),
        ("logs/more", "size = 13"),
        ("logs/name", "name = 'logs/other'"),
    ] {
        let found = scene.case(name, &format!("UPDATE logs SET {change} WHERE log_id = $L")).await;
        assert!(!found.is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_head_shows_what_was_cut_before_it() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let head = scene.world.signer.head(log.clone()).await.unwrap().unwrap().head;
    let expecting = |size, head: &[u8]| VerifyLogRequest {
        name: log.to_string(),
        expected_size: Some(size),
        expected_head: head.to_vec(),
        ..VerifyLogRequest::default()
    };
    let report = scene.world.verify_with(&scene.replica, expecting(SIZE, &head)).await;
    assert_eq!(report.verdict(), Verdict::Intact);
    for (size, head) in [(SIZE, [1; 32]), (SIZE + 1, head)] {
        let report = scene.world.verify_with(&scene.replica, expecting(size, &head)).await;
        assert!(found(&report).iter().any(|found| found.0 == FindingKind::ExpectationFailed), "{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_goes_on_after_the_first_finding() {
    let scene = Scene::set().await;
    let sql = "UPDATE entries SET actor = 'x' WHERE log_id = $L AND entry_index = 1;
               UPDATE entries SET mac = '' WHERE log_id = $L AND entry_index = 4;
               DELETE FROM entries WHERE log_id = $L AND entry_index = 6;
               DELETE FROM entries WHERE log_id = $L AND entry_index = 11";
    let found = scene.case("logs/acme", sql).await;
    let expected = [
        (FindingKind::ColumnMismatch, 1, 1),
        (FindingKind::MacInvalid, 4, 4),
        (FindingKind::Missing, 6, 6),
        (FindingKind::Truncated, 11, 11),
    ];
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_signer_nothing_is_called_intact() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    // The read's own entry needs the signer; it must be away only afterwards.
    scene.world.acknowledged(&log, SIZE).await;
    let command = crate::commands::verify_against(&scene.world, "127.0.0.1:9", &[]).await;
    assert_eq!(command.status, 2, "{}", command.output);
    assert!(command.output.contains("INCOMPLETE"), "{}", command.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_check_is_made_up_for_and_what_stays_unchecked_is_not_called_intact() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    scene.replica.faults.lose_checks(2);
    assert_eq!(scene.world.verify(&scene.replica, &log).await.verdict(), Verdict::Intact);
    scene.replica.faults.lose_checks(1000);
    assert_eq!(scene.world.verify(&scene.replica, &log).await.verdict(), Verdict::Incomplete);
}
