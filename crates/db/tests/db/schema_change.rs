//! Columns are added, and types changed, under connections that have prepared their statements.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use db::{Db, Error, Executor, Statement, statement};
use futures::future::{join, join_all, try_join_all};
use test_support::postgres::TestDatabase;
use tokio::sync::Barrier;
use tokio::time::Instant;

use crate::{Retries, connect, database, value};

const ALL: Statement = statement!("all", "SELECT * FROM counters WHERE id = $1");
const CONNECTIONS: usize = 4;

/// Each change gives [`ALL`] another result.
const CHANGES: [&str; 5] = [
    "ALTER TABLE counters ADD COLUMN note text",
    "ALTER TABLE counters ALTER COLUMN note TYPE varchar(128)",
    "ALTER TABLE counters ALTER COLUMN note TYPE text",
    "ALTER TABLE counters DROP COLUMN note",
    "ALTER TABLE counters ADD COLUMN note text NOT NULL DEFAULT ''",
];

async fn change(database: &TestDatabase<'_>, sql: &str) {
    database.superuser().await.unwrap().batch_execute(sql).await.unwrap();
}

async fn pool(database: &TestDatabase<'_>) -> Db {
    let mut config = database.config();
    config.max_connections = CONNECTIONS;
    let db = connect(&config);
    prepare_everywhere(&db).await;
    db
}

/// Runs [`ALL`] on every connection of the pool.
async fn prepare_everywhere(db: &Db) {
    let meet = Barrier::new(CONNECTIONS);
    let meet = &meet;
    let one = || {
        db.run_tx("all", move |tx| {
            Box::pin(async move {
                meet.wait().await;
                tx.query(&ALL, &[&1]).await
            })
        })
    };
    try_join_all((0..CONNECTIONS).map(|_| one())).await.unwrap();
}

#[tokio::test]
async fn a_single_statement_is_tried_again_on_a_new_connection() {
    let database = database().await;
    let db = pool(&database).await;
    let retries = Retries::new();
    let _local = metrics::set_default_local_recorder(&retries.recorder);
    for sql in CHANGES {
        change(&database, sql).await;
        // Every connection of the pool has the statement as it was. One failure renews them all.
        let before = retries.of("all");
        for _ in 0..CONNECTIONS {
            assert_eq!(db.query(&ALL, &[&1]).await.unwrap().len(), 1, "{sql}");
        }
        assert_eq!(retries.of("all"), before + 1, "{sql}");
        prepare_everywhere(&db).await;
    }
}

#[tokio::test]
async fn connections_that_meet_the_change_at_once_are_each_replaced() {
    let database = database().await;
    let db = pool(&database).await;
    for sql in CHANGES {
        change(&database, sql).await;
        prepare_everywhere(&db).await;
    }
}

#[tokio::test]
async fn a_transaction_is_repeated_whole_and_takes_effect_once() {
    let database = database().await;
    let db = pool(&database).await;
    let attempts = AtomicU32::new(0);
    for (n, sql) in (1..).zip(CHANGES) {
        change(&database, sql).await;
        let attempts = &attempts;
        db.run_tx("reads_last", |tx| {
            Box::pin(async move {
                attempts.fetch_add(1, Ordering::Relaxed);
                tx.execute(&statement!("add", "UPDATE counters SET value = value + 1 WHERE id = 1"), &[]).await?;
                tx.query_one(&ALL, &[&1]).await.map(drop)
            })
        })
        .await
        .unwrap();
        assert_eq!(value(&db, 1).await, Some(n), "{sql}");
        prepare_everywhere(&db).await;
    }
    assert_eq!(attempts.into_inner(), 10, "one repetition for each change");
}

/// One row in COPY's binary format (PostgreSQL documentation, "COPY", "Binary Format"): two integers of four bytes.
fn row(id: i32, value: i32) -> Vec<u8> {
    let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
    bytes.extend([0; 8]);
    bytes.extend(2_i16.to_be_bytes());
    for field in [id, value] {
        bytes.extend(4_i32.to_be_bytes());
        bytes.extend(field.to_be_bytes());
    }
    bytes.extend((-1_i16).to_be_bytes());
    bytes
}

#[tokio::test]
async fn rows_that_were_copied_in_before_an_outdated_statement_are_there_once() {
    let database = database().await;
    let db = pool(&database).await;
    for (id, sql) in (10..).zip(CHANGES) {
        change(&database, sql).await;
        db.run_tx("copies", |tx| {
            Box::pin(async move {
                let copy = statement!("copy", "COPY counters (id, value) FROM STDIN (FORMAT binary)");
                tx.copy_in(&copy, row(id, 7).into()).await?;
                tx.query_one(&ALL, &[&id]).await.map(drop)
            })
        })
        .await
        .unwrap();
        assert_eq!(value(&db, id).await, Some(7), "{sql}");
        prepare_everywhere(&db).await;
    }
}

#[tokio::test]
async fn a_snapshot_is_repeated_whole_on_a_new_connection() {
    let database = database().await;
    let db = pool(&database).await;
    for sql in CHANGES {
        change(&database, sql).await;
        let attempts = AtomicU32::new(0);
        for _ in 0..CONNECTIONS {
            let attempts = &attempts;
            let read = db.run_snapshot("read", |tx| {
                Box::pin(async move {
                    attempts.fetch_add(1, Ordering::Relaxed);
                    // Not the first statement: the transaction is lost with the one that follows.
                    tx.query_one(&statement!("first", "SELECT 1"), &[]).await?;
                    tx.query_one(&ALL, &[&1]).await
                })
            });
            let read: Result<_, Error> = read.await;
            read.unwrap();
        }
        assert_eq!(usize::try_from(attempts.into_inner()).unwrap(), CONNECTIONS + 1, "{sql}");
        prepare_everywhere(&db).await;
    }
}

/// A service's statement before an integer is widened: columns by name, integers in one width whatever the column's.
async fn work(db: &impl Executor) -> Result<(), Error> {
    let work = statement!("work", "SELECT id::bigint, value::bigint, note FROM counters WHERE id = $1::integer");
    db.query_one(&work, &[&1]).await.map(drop)
}

#[tokio::test]
async fn under_load_no_call_fails_while_columns_come_and_change() {
    let database = database().await;
    change(&database, CHANGES[0]).await;
    let db = pool(&database).await;
    let (done, calls) = (AtomicBool::new(false), AtomicU32::new(0));
    let worker = async || {
        while !done.load(Ordering::Relaxed) {
            work(&db).await.unwrap();
            db.run_tx("work", |tx| Box::pin(async move { work(tx).await })).await.unwrap();
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    let changes = async {
        let deadline = Instant::now() + Duration::from_secs(20);
        for sql in [
            "ALTER TABLE counters ALTER COLUMN note TYPE varchar(128)",
            "ALTER TABLE counters ADD COLUMN later integer",
            "ALTER TABLE counters ALTER COLUMN value TYPE bigint",
            "ALTER TABLE counters DROP COLUMN note, ADD COLUMN note text",
            "ALTER TABLE counters ALTER COLUMN id TYPE bigint",
            "ALTER TABLE counters ALTER COLUMN id TYPE integer",
        ] {
            let before = calls.load(Ordering::Relaxed);
            change(&database, sql).await;
            while calls.load(Ordering::Relaxed) < before + 20 {
                assert!(Instant::now() < deadline, "no call came through after {sql}");
                tokio::task::yield_now().await;
            }
        }
        done.store(true, Ordering::Relaxed);
    };
    join(join_all((0..8).map(|_| worker())), changes).await;
}
