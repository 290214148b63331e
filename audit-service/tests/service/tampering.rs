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

use test_support::entries::event_of;

use crate::world::{Replica, World, events, log};

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
    for (name, index) in [("logs/first", 0_u32), ("logs/middle", 5), ("logs/last", 11)] {
        let found = scene.case(name, &change(index)).await;
        assert_eq!(found, [(FindingKind::ContentChanged, index.into(), index.into())], "{name}");
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
    let empty = "ALTER TABLE entries DROP CONSTRAINT entries_mac_length;
                 UPDATE entries SET mac = '' WHERE log_id = $L AND entry_index = 11";
    assert_eq!(scene.case("logs/emptied", empty).await, [(FindingKind::MacInvalid, 11, 11)]);

    let log = scene.log("logs/recomputed").await;
    recompute(&scene, &log, 5).await;
    // The columns of the entry that was written anew say the same as its bytes.
    assert_eq!(scene.found(&log).await, [(FindingKind::MacInvalid, 5, 11)]);
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
        ("event_id", "(gen_random_uuid())"),
        ("logged_at", "(logged_at + interval '1 microsecond')"),
        ("producer", "('spiffe://strongroom.dev/other')"),
        ("actor", "('spiffe://strongroom.dev/other')"),
        ("action", "('records.get')"),
        ("resource", "('tenants/acme/collections/patients/records/other')"),
        ("outcome", "(2)"),
        ("key_boot, key_counter", "(gen_random_uuid(), 3)"),
    ] {
        scene.tamper(&log, "CREATE TABLE saved AS SELECT * FROM entries WHERE log_id = $L AND entry_index = 4").await;
        scene
            .tamper(&log, &format!("UPDATE entries SET ({column}) = ROW {value} WHERE log_id = $L AND entry_index = 4"))
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
    let renumbered = [(FindingKind::Missing, 4, 4), (FindingKind::ColumnMismatch, 5, 11)];
    assert_eq!(scene.case("logs/hidden", hidden).await, renumbered);
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
    assert_eq!(scene.case("logs/repeated", repeat).await, [(FindingKind::Duplicated, 12, 12)]);
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

    // An operator explains it; nobody else can. It is named for ever.
    let alarm_ids: Vec<String> = report.alarms.iter().map(|alarm| alarm.alarm_id.clone()).collect();
    let explain = || {
        let (log, reference) = (log.to_string(), "ticket/7".to_owned());
        tonic::Request::new(DeclareLossRequest { log, reference, alarm_ids: alarm_ids.clone(), ..Default::default() })
    };
    for caller in ["auditor", "audit-service", "app"] {
        assert!(scene.world.key(caller).declare_loss(explain()).await.is_err(), "{caller}");
    }
    assert_eq!(scene.found(&log).await.len(), 1);
    scene.world.key("operator").declare_loss(explain()).await.unwrap();
    let report = scene.world.verify(&scene.replica, &log).await;
    assert_eq!((report.verdict(), found(&report)), (Verdict::IntactWithAlarms, vec![]), "{report:?}");
    assert_eq!(
        (report.alarms[0].kind.as_str(), report.alarms[0].close_reference.as_str()),
        ("ROLLED_BACK", "ticket/7")
    );
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
    assert_eq!(scene.found(&log).await, [(FindingKind::Forked, 4, 4)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_beyond_the_signer_are_named_as_ahead() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let entry = scene.entry(&log, 11).await;
    let entry = decode(&entry).unwrap();
    let previous_head = [9; 32];
    let event = event_of(&entry, &log);
    let beyond = encode(&Place { index: 20, previous_head, ..entry.place }, &event);
    let segment = Segment { log: log.clone(), first_index: 20, previous_head, entries: vec![beyond] };
    let answers =
        scene.world.signer.seal(SealRequest { segments: vec![segment], ..SealRequest::default() }).await.unwrap();
    assert_eq!(answers[0].outcome, tlog::protocol::SealOutcome::Ahead);
    assert_eq!(scene.found(&log).await, [(FindingKind::Ahead, 20, 20)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_the_signer_does_not_know_is_forked() {
    let mut scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let id = tlog::log_id(&log);
    let name = log.to_string();
    let superuser = scene.world.key_database.superuser().await.unwrap();
    for table in ["signer_segments", "signer_losses", "signer_alarms", "signer_heads"] {
        superuser.batch_execute(&format!("DELETE FROM {table} WHERE log_id = '{id}'")).await.unwrap();
    }
    // A process that has seen the log refuses to know nothing of it.
    scene.world.restart_signer().await;
    let verified = crate::commands::verify(&scene.world, &["--log", &name]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    assert!(verified.output.contains("FORKED             0..11 "), "{}", verified.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_of_the_log_is_held_against_its_entries() {
    let scene = Scene::set().await;
    for (name, change, expected) in [
        ("logs/head", "head = decode(repeat('00', 32), 'hex')", vec![(FindingKind::ColumnMismatch, 11, 11)]),
        ("logs/size", "size = 11", vec![(FindingKind::ColumnMismatch, 10, 10), (FindingKind::ColumnMismatch, 11, 11)]),
        ("logs/more", "size = 13", vec![(FindingKind::Truncated, 12, 12)]),
        ("logs/time", "last_logged_ns = 7000000000000000000", vec![(FindingKind::ColumnMismatch, 11, 11)]),
        ("logs/name", "name = 'logs/other'", vec![(FindingKind::ColumnMismatch, 0, 11)]),
    ] {
        let found = scene.case(name, &format!("UPDATE logs SET {change} WHERE log_id = $L")).await;
        assert_eq!(found, expected, "{name}");
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
    for (size, head, at) in [(SIZE, [1; 32], SIZE - 1), (SIZE + 1, head, SIZE)] {
        let report = scene.world.verify_with(&scene.replica, expecting(size, &head)).await;
        assert_eq!(found(&report), [(FindingKind::ExpectationFailed, at, at)], "{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_goes_on_after_the_first_finding() {
    let scene = Scene::set().await;
    let sql = "UPDATE entries SET actor = 'x' WHERE log_id = $L AND entry_index = 1;
               UPDATE entries SET mac = set_byte(mac, 20, get_byte(mac, 20) # 1) WHERE log_id = $L AND entry_index = 4;
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
async fn a_lost_check_is_made_up_for_and_what_stays_unchecked_is_said() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    scene.replica.faults.lose_checks(1000);
    assert_eq!(scene.found(&log).await, [], "the chain proves it without the signer's help");
    let flip =
        "UPDATE entries SET mac = set_byte(mac, 20, get_byte(mac, 20) # 1) WHERE log_id = $L AND entry_index = 5";
    scene.tamper(&log, flip).await;
    let report = scene.world.verify(&scene.replica, &log).await;
    assert_eq!(found(&report), [(FindingKind::MacInvalid, 0, 11)], "by the digest of all of them");
    assert_eq!((report.unchecked[0].first_index, report.unchecked[0].last_index), (Some(0), Some(11)));
    scene.replica.faults.lose_checks(2);
    assert_eq!(scene.found(&log).await, [(FindingKind::MacInvalid, 5, 5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_no_entry_has_are_found_whatever_constraints_were_dropped() {
    let scene = Scene::set().await;
    let long = "ALTER TABLE entries DROP CONSTRAINT entries_entry_length;
                UPDATE entries SET entry = repeat('x', 60000)::bytea WHERE log_id = $L AND entry_index = 5";
    assert_eq!(scene.case("logs/long", long).await, [(FindingKind::ContentChanged, 5, 5)]);
    let none = "ALTER TABLE entries ALTER COLUMN actor DROP NOT NULL, ALTER COLUMN outcome DROP NOT NULL,
                    DROP CONSTRAINT entries_key_operation_is_whole, DROP CONSTRAINT entries_actor_length;
                UPDATE entries SET actor = NULL WHERE log_id = $L AND entry_index = 3;
                UPDATE entries SET actor = repeat('x', 100000) WHERE log_id = $L AND entry_index = 5;
                UPDATE entries SET key_counter = 7 WHERE log_id = $L AND entry_index = 7";
    // A row without an actor is in no filter's range either: the index of actors leads to one row less.
    let expected = [(0, 11), (3, 3), (5, 5), (7, 7)].map(|(first, last)| (FindingKind::ColumnMismatch, first, last));
    assert_eq!(scene.case("logs/none", none).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_hides_rows_is_found() {
    let scene = Scene::set().await;
    for index in ["entries_resource", "entries_actor", "entries_action", "entries_event_id_key"] {
        let log = scene.log(&format!("logs/{}", index.replace('_', "-"))).await;
        let switch =
            |ready: bool| format!("UPDATE pg_index SET indisready = {ready} WHERE indexrelid = '{index}'::regclass");
        scene.tamper(&log, &switch(false)).await;
        scene.replica.append(&log, &events(2)).await;
        scene.tamper(&log, &switch(true)).await;
        let report = scene.world.verify(&scene.replica, &log).await;
        assert_eq!(found(&report), [(FindingKind::ColumnMismatch, 0, 13)], "{index}");
        let detail = &report.findings[0].detail;
        assert!(detail.contains(index) && detail.contains("12 rows of 14"), "{detail}");
    }
}

/// Rows are read by the primary key: what that hides is missing, and the others say so.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_key_that_hides_rows_is_found() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let switch =
        |ready: bool| format!("UPDATE pg_index SET indisready = {ready} WHERE indexrelid = 'entries_pkey'::regclass");
    scene.tamper(&log, &switch(false)).await;
    scene.replica.append(&log, &events(2)).await;
    scene.tamper(&log, &switch(true)).await;
    let report = scene.world.verify(&scene.replica, &log).await;
    assert_eq!(found(&report), [(FindingKind::ColumnMismatch, 0, 11), (FindingKind::Truncated, 12, 13)]);
    assert!(report.findings[0].detail.contains("entries_pkey leads to 12 rows of 14"), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_switched_off_leaves_the_verdict_open() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let off = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'entries_actor'::regclass";
    scene.tamper(&log, off).await;
    let report = scene.world.verify(&scene.replica, &log).await;
    assert_eq!((report.verdict(), found(&report)), (Verdict::Incomplete, vec![]));
    assert!(report.unchecked[0].detail.contains("entries_actor"), "{report:?}");
}

/// A function of a name that PostgreSQL has, which fits a careless call better: an index over it is not the one that is meant.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_by_a_function_of_the_same_name_leaves_the_verdict_open() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let function = |value: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION public.hashtextextended(value text, seed integer) RETURNS bigint
             LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN {value}; END $$"
        )
    };
    let honest = "pg_catalog.hashtextextended(value, 0::bigint)";
    let lying = format!("CASE WHEN value LIKE '%/r-3' THEN 7 ELSE {honest} END");
    scene.tamper(&log, &function(&lying)).await;
    let index = "DROP INDEX entries_resource;
                 CREATE INDEX entries_resource ON entries (log_id, hashtextextended(resource, 0), entry_index)";
    scene.tamper(&log, index).await;
    scene.tamper(&log, &function(honest)).await;
    let report = scene.world.verify(&scene.replica, &log).await;
    assert_eq!((report.verdict(), found(&report)), (Verdict::Incomplete, vec![]));
    assert!(report.unchecked[0].detail.contains("entries_resource"), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_index_of_entries_is_counted_through() {
    let scene = Scene::set().await;
    let indexes = "SELECT indexname FROM pg_indexes WHERE tablename = 'entries'";
    for row in scene.tamperer.query(indexes, &[]).await.unwrap() {
        let index: String = row.get(0);
        let log = scene.log(&format!("logs/{}", index.replace('_', "-"))).await;
        let switch =
            |valid: bool| format!("UPDATE pg_index SET indisvalid = {valid} WHERE indexrelid = '{index}'::regclass");
        scene.tamper(&log, &switch(false)).await;
        let report = scene.world.verify(&scene.replica, &log).await;
        assert!(report.unchecked.iter().any(|stretch| stretch.detail.contains(&index)), "{index}: {report:?}");
        scene.tamper(&log, &switch(true)).await;
    }
}

/// Puts a view that fails at a row in place of the table.
async fn spoil(scene: &Scene, log: &LogName, index: i64) {
    let spoiled = format!(
        "ALTER TABLE entries RENAME TO entries_behind;
         CREATE VIEW entries AS SELECT log_id, entry_index, event_id, entry, mac, logged_at, producer, actor, action, resource,
             (outcome / CASE WHEN log_id = $L AND entry_index = {index} THEN 0 ELSE 1 END)::smallint AS outcome,
             key_boot, key_counter FROM entries_behind;
         GRANT SELECT ON entries TO strongroom_audit"
    );
    scene.tamper(log, &spoiled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_rows_cannot_be_read_what_was_found_before_stays() {
    let scene = Scene::set().await;
    let log = log("logs/acme");
    scene.replica.append(&log, &events(600)).await;
    scene.world.acknowledged(&log, 600).await;
    scene.tamper(&log, "UPDATE entries SET actor = 'x' WHERE log_id = $L AND entry_index = 3").await;
    spoil(&scene, &log, 590).await;
    let verified = crate::commands::verify(&scene.world, &[]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    for expected in ["COLUMN_MISMATCH    3 ", "UNCHECKED          536..599 ", "the rows could not be read"] {
        assert!(verified.output.contains(expected), "{expected}: {}", verified.output);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_log_that_cannot_be_read_hides_nothing_of_others() {
    let scene = Scene::set().await;
    let log = scene.log("logs/acme").await;
    let other = scene.log("logs/umbrella").await;
    scene.tamper(&other, "DELETE FROM entries WHERE log_id = $L AND entry_index = 4").await;
    spoil(&scene, &log, 0).await;
    let verified = crate::commands::verify(&scene.world, &[]).await;
    assert_eq!(verified.status, 1, "{}", verified.output);
    for expected in ["INCOMPLETE         logs/acme", "TAMPERED           logs/umbrella", "MISSING            4 "] {
        assert!(verified.output.contains(expected), "{expected}: {}", verified.output);
    }
}

/// The rows go beyond what the signer said first, and it does not answer again: nothing vouches for them, and nothing is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_signer_is_not_heard_about_again_are_not_called_intact() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    replica.append(&acme, &events(3)).await;
    let before = world.signer.head(acme.clone()).await.unwrap().unwrap();
    replica.append(&acme, &events(2)).await;
    // Whether there is such a log is asked first.
    replica.faults.lose_heads_after([before.clone(), before]);
    let report = world.verify(&replica, &acme).await;
    assert_eq!(report.verdict(), Verdict::Incomplete, "{report:?}");
    assert!(report.findings.is_empty(), "{report:?}");
    let unchecked: Vec<_> = report.unchecked.iter().map(|part| (part.first_index, part.last_index)).collect();
    assert_eq!(unchecked, [(Some(3), Some(4))], "{report:?}");
}
