//! Append-only migrations and the gate at start.

use db::{Db, DbConfig, MigrateError, Migration, check_version, migrate};
use test_support::postgres::{Cluster, TestDatabase};

use crate::connect;

const FIRST: Migration = Migration { version: 1, name: "first", sql: "CREATE TABLE first (id integer)" };
const SECOND: Migration = Migration { version: 2, name: "second", sql: "CREATE TABLE second (id integer)" };

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
        Migration { sql: "SELECT pg_sleep(0.3); CREATE TABLE first (id integer)", ..FIRST },
        Migration { sql: "SELECT pg_sleep(0.3); CREATE TABLE second (id integer)", ..SECOND },
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
    let edited = [Migration { sql: "CREATE TABLE first (id bigint)", ..FIRST }, SECOND];
    for result in [migrate(&migrator, false, &edited).await.map(drop), check_version(&service, &edited).await] {
        assert!(matches!(result, Err(MigrateError::Edited { version: 1, .. })), "{result:?}");
    }
    // Nothing of the refused list was applied.
    check_version(&service, &[FIRST]).await.unwrap();
}

#[tokio::test]
async fn an_unknown_migration_is_refused_as_newer_and_a_missing_one_as_older() {
    let (_database, migrator, service) = empty().await;
    let older = check_version(&service, &[FIRST]).await;
    assert!(matches!(older, Err(MigrateError::Older { version: 1, .. })), "{older:?}");
    migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap();
    for result in [migrate(&migrator, false, &[FIRST]).await.map(drop), check_version(&service, &[FIRST]).await] {
        assert!(matches!(result, Err(MigrateError::Newer { version: 2, .. })), "{result:?}");
    }
    let third = Migration { version: 3, name: "third", sql: "SELECT 1" };
    let older = check_version(&service, &[FIRST, SECOND, third]).await;
    assert!(matches!(older, Err(MigrateError::Older { version: 3, .. })), "{older:?}");
}

#[tokio::test]
async fn a_row_missing_from_the_record_is_refused() {
    let (database, migrator, service) = empty().await;
    migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap();
    let superuser = database.superuser().await.unwrap();
    superuser.batch_execute("DELETE FROM schema_migrations WHERE version = 1").await.unwrap();
    for result in
        [migrate(&migrator, false, &[FIRST, SECOND]).await.map(drop), check_version(&service, &[FIRST, SECOND]).await]
    {
        assert!(matches!(result, Err(MigrateError::Older { version: 1, .. })), "{result:?}");
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
    let broken = Migration { sql: "CREATE TABLE second (id integer); SELECT 1 / 0", ..SECOND };
    let failed = migrate(&migrator, false, &[FIRST, broken]).await;
    assert!(matches!(failed, Err(MigrateError::Failed { version: 2, .. })), "{failed:?}");
    check_version(&service, &[FIRST]).await.unwrap();
    assert_eq!(migrate(&migrator, false, &[FIRST, SECOND]).await.unwrap(), 1);
}

#[tokio::test]
async fn the_service_role_may_neither_migrate_nor_change_the_record() {
    let (database, migrator, _service) = empty().await;
    migrate(&migrator, false, &[FIRST]).await.unwrap();
    let service = database.connect().unwrap();
    for sql in ["CREATE TABLE mine (id integer)", "DELETE FROM schema_migrations", "DROP TABLE first"] {
        let result = service.run_one("forbidden", |conn| Box::pin(async move { conn.batch(sql).await })).await;
        assert!(matches!(result, Err(db::Error::Query(_))), "{sql}: {result:?}");
    }
}
