//! Append-only migrations and the gate at start.

use db::{Db, DbConfig, Executor as _, MigrateError, Migration, Schema, Statement, check_version, migrate};
use test_support::postgres::{Cluster, TestDatabase};

use crate::connect;

const FIRST: Migration =
    Migration { version: 1, name: "first", sql: "-- compatible from: 1\nCREATE TABLE first (id integer)" };
const SECOND: Migration =
    Migration { version: 2, name: "second", sql: "-- compatible from: 2\nCREATE TABLE second (id integer)" };

async fn empty() -> (TestDatabase<'static>, DbConfig, Db) {
    let database = Cluster::shared().await.unwrap().database("vault", &[]).await.unwrap();
    let (migrator, service) = (database.migrator_config(), connect(&database.config()));
    (database, migrator, service)
}

#[tokio::test]
async fn migrations_apply_once_in_order() {
    let (_database, migrator, service) = empty().await;
    assert_eq!(migrate(&migrator, false, &[FIRST]).await.unwrap(), 1);
    assert_eq!(migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap(), 1);
    assert_eq!(migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap(), 0);
    check_version(&service, &[FIRST, SECOND]).await.unwrap();
}

#[tokio::test]
async fn two_runners_at_once_take_turns() {
    let (_database, migrator, service) = empty().await;
    let steps = [
        Migration { sql: "-- compatible from: 1\nSELECT pg_sleep(0.3); CREATE TABLE first (id integer)", ..FIRST },
        Migration { sql: "-- compatible from: 1\nSELECT pg_sleep(0.3); CREATE TABLE second (id integer)", ..SECOND },
    ];
    let runners = (migrate(&migrator, false, &steps), migrate(&migrator, false, &steps));
    let (one, two) = futures::future::join(runners.0, runners.1).await;
    let mut applied = [one.unwrap(), two.unwrap()];
    applied.sort_unstable();
    assert_eq!(applied, [0, 2]);
    check_version(&service, &steps).await.unwrap();
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let (_database, migrator, service) = empty().await;
    migrate(&migrator, false, &[FIRST]).await.unwrap();
    let edited = [Migration { sql: "-- compatible from: 1\nCREATE TABLE first (id bigint)", ..FIRST }, SECOND];
    for result in [migrate(&migrator, false, &edited).await.map(drop), check_version(&service, &edited).await.map(drop)]
    {
        assert!(matches!(result, Err(MigrateError::Edited { version: 1, .. })), "{result:?}");
    }
    // Nothing of the refused list was applied.
    check_version(&service, &[FIRST]).await.unwrap();
}

/// A third migration that leaves binaries working that know `from`.
fn third(from: i32) -> Migration {
    let sql = match from {
        1 => "-- compatible from: 1\nSELECT 1",
        2 => "-- compatible from: 2\nSELECT 1",
        _ => "-- compatible from: 3\nSELECT 1",
    };
    Migration { version: 3, name: "third", sql }
}

#[tokio::test]
async fn a_migration_that_does_not_say_whom_it_leaves_working_is_refused_before_anything_runs() {
    let (_database, migrator, service) = empty().await;
    for sql in [
        "CREATE TABLE second (id integer)",
        "-- compatible from: 3\nSELECT 1",
        "-- compatible from: 0\nSELECT 1",
        "-- compatible from: one\nSELECT 1",
        "-- Compatible from: 1\nSELECT 1",
        "-- compatible from: 1\n-- compatible from: 2\nSELECT 1",
        "SELECT 1;\n-- compatible from: 1\n",
    ] {
        let steps = [FIRST, Migration { sql, ..SECOND }];
        for result in
            [migrate(&migrator, false, &steps).await.map(drop), check_version(&service, &steps).await.map(drop)]
        {
            assert!(matches!(result, Err(MigrateError::Unstated { version: 2, .. })), "{sql}: {result:?}");
        }
    }
    assert_eq!(check_version(&service, &[]).await.unwrap(), Schema::Known);
}

#[tokio::test]
async fn a_missing_migration_is_older() {
    let (_database, migrator, service) = empty().await;
    let older = check_version(&service, &[FIRST]).await;
    assert!(matches!(older, Err(MigrateError::Older { version: 1, .. })), "{older:?}");
    migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap();
    let older = check_version(&service, &[FIRST, SECOND, third(3)]).await;
    assert!(matches!(older, Err(MigrateError::Older { version: 3, .. })), "{older:?}");
}

#[tokio::test]
async fn an_unknown_migration_that_needs_a_newer_binary_is_refused_with_the_reason() {
    let (_database, migrator, service) = empty().await;
    // What is refused is the second, although the third would do.
    migrate(&migrator, false, &[FIRST, SECOND, third(1)]).await.unwrap();
    for result in
        [migrate(&migrator, false, &[FIRST]).await.map(drop), check_version(&service, &[FIRST]).await.map(drop)]
    {
        let error = result.unwrap_err();
        assert!(matches!(error, MigrateError::Incompatible { version: 2, needed: 2, known: 1, .. }), "{error:?}");
        assert!(error.to_string().contains("needs a binary that knows migration 2, and this one knows 1"), "{error}");
    }
}

#[tokio::test]
async fn unknown_migrations_that_leave_a_binary_working_are_served_and_left_alone() {
    let (_database, migrator, service) = empty().await;
    migrate(&migrator, false, &[FIRST, SECOND, third(2)]).await.unwrap();
    let known = [FIRST, SECOND];
    assert_eq!(check_version(&service, &known).await.unwrap(), Schema::NewerCompatible { version: 3 });
    assert_eq!(migrate(&migrator, false, &known).await.unwrap(), 0);
    // What it does know must be what was applied.
    let edited = [FIRST, Migration { sql: "-- compatible from: 2\nSELECT 2", ..SECOND }];
    let refused = check_version(&service, &edited).await;
    assert!(matches!(refused, Err(MigrateError::Edited { version: 2, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_record_that_is_too_long_is_refused_as_one_that_is_wrong() {
    let (database, migrator, service) = empty().await;
    migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap();
    let long = "ALTER TABLE schema_migrations DROP CONSTRAINT schema_migrations_checksum;
        UPDATE schema_migrations SET name = repeat('x', 1000000);
        UPDATE schema_migrations SET checksum = checksum || decode(repeat('00', 1000000), 'hex') WHERE version = 1";
    database.superuser().await.unwrap().batch_execute(long).await.unwrap();
    let refused = check_version(&service, &[FIRST, SECOND]).await;
    assert!(matches!(refused, Err(MigrateError::Edited { version: 1, .. })), "{refused:?}");
    let refused = check_version(&service, &[]).await;
    let Err(MigrateError::Incompatible { name, .. }) = refused else { panic!("it is not refused") };
    assert_eq!(name.len(), 100);
}

#[tokio::test]
async fn a_row_missing_from_the_record_is_refused() {
    let (database, migrator, service) = empty().await;
    migrate(&migrator, false, &[FIRST, SECOND, third(1)]).await.unwrap();
    let superuser = database.superuser().await.unwrap();
    for (version, known) in [(2, vec![FIRST]), (1, vec![FIRST, SECOND, third(1)])] {
        superuser.execute("DELETE FROM schema_migrations WHERE version = $1", &[&version]).await.unwrap();
        for result in
            [migrate(&migrator, false, &known).await.map(drop), check_version(&service, &known).await.map(drop)]
        {
            assert!(matches!(result, Err(MigrateError::Gap { version: found }) if found == version), "{result:?}");
        }
    }
}

#[tokio::test]
async fn gaps_in_the_numbers_are_refused_before_anything_runs() {
    let (_database, migrator, service) = empty().await;
    let refused = migrate(&migrator, false, &[FIRST, Migration { version: 3, ..SECOND }]).await;
    assert!(matches!(refused, Err(MigrateError::OutOfOrder { version: 3, .. })), "{refused:?}");
    check_version(&service, &[]).await.unwrap();
}

#[tokio::test]
async fn a_failing_migration_leaves_no_trace_and_the_next_run_goes_on_from_there() {
    let (_database, migrator, service) = empty().await;
    let broken = Migration { sql: "-- compatible from: 2\nCREATE TABLE second (id integer); SELECT 1 / 0", ..SECOND };
    let failed = migrate(&migrator, false, &[FIRST, broken]).await;
    assert!(matches!(failed, Err(MigrateError::Failed { version: 2, .. })), "{failed:?}");
    check_version(&service, &[FIRST]).await.unwrap();
    assert_eq!(migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap(), 1);
}

/// A load balancer without a server behind it, or a server that is stopped: connections are taken, and nothing is said.
#[tokio::test]
async fn a_server_that_says_nothing_is_waited_for_as_long_as_a_login_may_take() {
    let (_database, migrator, _service) = empty().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let migrator = DbConfig { port: silent.local_addr().unwrap().port(), ..migrator };
    let refused = migrate(&migrator, false, &[FIRST]).await;
    assert!(matches!(refused, Err(MigrateError::Database(db::Error::Unavailable(_)))), "{refused:?}");
}

#[tokio::test]
async fn the_service_role_may_neither_migrate_nor_change_the_record() {
    let (database, migrator, _service) = empty().await;
    migrate(&migrator, false, &[FIRST]).await.unwrap();
    let service = database.connect().unwrap();
    for sql in ["CREATE TABLE mine (id integer)", "DELETE FROM schema_migrations", "DROP TABLE first"] {
        let result = service.query(&Statement::built("forbidden", sql), &[]).await;
        assert!(matches!(result, Err(db::Error::Query(_))), "{sql}: {result:?}");
    }
}
