//! What statements and transactions promise.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db::{Db, Error, Executor, Tx, statement};
use test_support::poll_until;
use tokio::sync::Barrier;
use tokio::time::{Instant, timeout};

use crate::{Retries, connect, database, value};

/// Makes the server fail with `code`; the text says "deadlock detected" whatever the code is.
async fn fail(tx: &Tx<'_>, code: &str) -> Result<(), Error> {
    tx.batch(&format!("DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '{code}'; END $$")).await
}

async fn add(db: &impl Executor, id: i32) -> Result<u64, Error> {
    db.execute(&statement!("add", "UPDATE counters SET value = value + 1 WHERE id = $1"), &[&id]).await
}

/// Runs a transaction that adds 1 and then fails with `code` in its first `failures` attempts; returns the attempts.
async fn failing(db: &Db, code: &str, failures: u32) -> (Result<(), Error>, u32) {
    let attempts = AtomicU32::new(0);
    let (attempts_ref, code) = (&attempts, &code);
    let result = db
        .run_tx("failing", |tx| {
            Box::pin(async move {
                add(tx, 1).await?;
                if attempts_ref.fetch_add(1, Ordering::Relaxed) < failures { fail(tx, code).await } else { Ok(()) }
            })
        })
        .await;
    (result, attempts.into_inner())
}

#[tokio::test]
async fn lost_transactions_are_repeated_and_take_effect_once() {
    let database = database().await;
    let db = database.connect().unwrap();
    for (code, expected) in [("40001", 1), ("40P01", 2)] {
        let (result, attempts) = failing(&db, code, 2).await;
        result.unwrap();
        assert_eq!(attempts, 3, "{code}");
        assert_eq!(value(&db, 1).await, Some(expected));
    }
}

#[tokio::test]
async fn other_failures_are_not_repeated_whatever_their_text_says() {
    let database = database().await;
    let db = database.connect().unwrap();
    for code in ["P0001", "22012", "55P03", "57014", "53100"] {
        let (result, attempts) = failing(&db, code, 1).await;
        assert!(!result.unwrap_err().is_retryable(), "{code}");
        assert_eq!(attempts, 1, "{code}");
    }
    assert_eq!(value(&db, 1).await, Some(0));
}

#[tokio::test]
async fn repetitions_end() {
    let database = database().await;
    let (result, attempts) = failing(&database.connect().unwrap(), "40001", u32::MAX).await;
    assert!(matches!(result, Err(Error::Conflict(_))));
    assert_eq!(attempts, 11);
}

#[tokio::test]
async fn two_transactions_in_deadlock_both_commit_in_the_end() {
    let database = database().await;
    let setting = format!("ALTER DATABASE {} SET deadlock_timeout = '50ms'", database.name());
    database.superuser().await.unwrap().batch_execute(&setting).await.unwrap();
    let db = database.connect().unwrap();
    let (meet, attempts) = (Barrier::new(2), AtomicU32::new(0));
    let (meet, attempts_ref) = (&meet, &attempts);
    let crossing = |first: i32, second: i32| {
        let once = AtomicU32::new(0);
        let db = &db;
        async move {
            let once = &once;
            db.run_tx("crossing", |tx| {
                Box::pin(async move {
                    attempts_ref.fetch_add(1, Ordering::Relaxed);
                    add(tx, first).await?;
                    if once.fetch_add(1, Ordering::Relaxed) == 0 {
                        meet.wait().await;
                    }
                    add(tx, second).await?;
                    Ok::<_, Error>(())
                })
            })
            .await
        }
    };
    let (one, two) = futures::future::join(crossing(1, 2), crossing(2, 1)).await;
    one.unwrap();
    two.unwrap();
    assert_eq!((value(&db, 1).await, value(&db, 2).await), (Some(2), Some(2)));
    assert!(attempts.into_inner() > 2, "there was no deadlock to survive");
}

#[tokio::test]
async fn an_error_rolls_back_and_success_commits() {
    let database = database().await;
    let db = database.connect().unwrap();
    for commit in [false, true] {
        let result = db
            .run_tx("maybe", |tx| {
                Box::pin(async move {
                    add(tx, 1).await?;
                    if commit { Ok(()) } else { Err(Error::NotOneRow { rows: 9 }) }
                })
            })
            .await;
        assert_eq!(result.is_ok(), commit);
        assert_eq!(value(&db, 1).await, Some(i32::from(commit)));
    }
}

#[tokio::test]
async fn a_swallowed_failure_is_no_success() {
    let database = database().await;
    let db = database.connect().unwrap();
    let result = db
        .run_tx("swallowing", |tx| {
            Box::pin(async move {
                add(tx, 1).await?;
                let _ = fail(tx, "22012").await;
                Ok::<_, Error>(())
            })
        })
        .await;
    assert!(matches!(result, Err(Error::RolledBack)), "{result:?}");
    assert_eq!(value(&db, 1).await, Some(0));
}

#[tokio::test]
async fn statements_side_by_side_are_in_the_transaction_from_the_first() {
    let database = database().await;
    let db = database.connect().unwrap();
    let result: Result<(), Error> = db
        .run_tx("beside", |tx| {
            Box::pin(async move {
                futures::future::try_join(add(tx, 1), add(tx, 2)).await?;
                Err(Error::NotOneRow { rows: 9 })
            })
        })
        .await;
    assert!(result.is_err());
    assert_eq!((value(&db, 1).await, value(&db, 2).await), (Some(0), Some(0)));
}

#[tokio::test]
async fn a_dropped_transaction_rolls_back_and_gives_its_connection_back() {
    let database = database().await;
    let mut config = database.config();
    config.max_connections = 1;
    let db = connect(&config);
    let endless = db.run_tx("endless", |tx| {
        Box::pin(async move {
            add(tx, 1).await?;
            std::future::pending::<Result<(), Error>>().await
        })
    });
    assert!(timeout(Duration::from_millis(300), endless).await.is_err());
    // The same and only connection: inside the old transaction this would read 1.
    assert_eq!(value(&db, 1).await, Some(0));
    let other = database.connect().unwrap();
    other.run_tx("free", |tx| Box::pin(async move { add(tx, 1).await })).await.unwrap();
    assert_eq!(value(&db, 1).await, Some(1));
}

#[tokio::test]
async fn whoever_comes_next_does_not_wait_for_a_statement_that_was_given_up() {
    let database = database().await;
    let mut config = database.config();
    config.max_connections = 1;
    let db = connect(&config);
    let holder = database.superuser().await.unwrap();
    holder.batch_execute("BEGIN; SELECT FROM counters WHERE id = 1 FOR UPDATE").await.unwrap();
    // The lock would be waited for 1.5 s; and the server ends what nobody waits for, with the locks that it holds.
    let next = async |expected: i32| {
        let started = Instant::now();
        assert_eq!(add(&db, 2).await.unwrap(), 1);
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        assert_eq!(value(&db, 2).await, Some(expected));
    };
    assert!(timeout(Duration::from_millis(300), add(&db, 1)).await.is_err());
    next(1).await;
    let transaction = db.run_tx("given_up", |tx| {
        Box::pin(async move {
            add(tx, 2).await?;
            add(tx, 1).await
        })
    });
    assert!(timeout(Duration::from_millis(300), transaction).await.is_err());
    next(2).await;
}

#[tokio::test]
async fn violations_name_their_constraint() {
    let database = database().await;
    let db = database.connect().unwrap();
    let insert = async |id: i32, number: i32| {
        let insert = statement!("insert", "INSERT INTO counters VALUES ($1, $2)");
        db.execute(&insert, &[&id, &number]).await.unwrap_err()
    };
    assert!(insert(1, 0).await.is_unique_violation_of("counters_pkey"));
    let error = insert(3, -1).await;
    assert_eq!(error.constraint(), Some("counters_value_positive"));
    assert!(!error.is_unique_violation_of("counters_value_positive"));
    assert_eq!(value(&db, 3).await, None);
}

#[tokio::test]
async fn errors_do_not_repeat_the_row() {
    let database = database().await;
    let db = database.connect().unwrap();
    let insert = statement!("insert", "INSERT INTO counters VALUES (4711, -4712)");
    let error = db.execute(&insert, &[]).await.unwrap_err();
    // The server's own DETAIL does: "Failing row contains (4711, -4712)".
    let text = format!("{error} {error:?}");
    assert!(!text.contains("4711") && !text.contains("4712"), "{text}");
}

#[tokio::test]
async fn statements_and_locks_are_bounded_in_time() {
    let database = database().await;
    let mut config = database.config();
    (config.statement_timeout_ms, config.lock_timeout_ms) = (700, 200);
    let db = connect(&config);
    let started = Instant::now();
    let slow = db.query(&statement!("slow", "SELECT pg_sleep(60)"), &[]).await;
    assert!(matches!(slow, Err(Error::Timeout)), "{slow:?}");
    let db_ref = &db;
    db.run_tx("holder", |tx| {
        Box::pin(async move {
            add(tx, 1).await?;
            let waiting = db_ref.run_tx("waiting", |tx| Box::pin(async move { add(tx, 1).await })).await;
            assert!(matches!(waiting, Err(Error::Locked)), "{waiting:?}");
            Ok::<_, Error>(())
        })
    })
    .await
    .unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(value(&db, 1).await, Some(1));
}

#[tokio::test]
async fn a_busy_pool_is_unavailable_within_its_wait() {
    let database = database().await;
    let mut config = database.config();
    config.max_connections = 1;
    let db = connect(&config);
    let db_ref = &db;
    db.run_tx("holder", |_tx| {
        Box::pin(async move {
            let started = Instant::now();
            let error = db_ref.ping().await.unwrap_err();
            assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
            assert!((1900..2500).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
            Ok::<_, Error>(())
        })
    })
    .await
    .unwrap();
    db.ping().await.unwrap();
}

/// As while it is restored.
#[tokio::test]
async fn a_table_that_is_not_there_now_is_unavailable() {
    let database = database().await;
    let db = database.connect().unwrap();
    let superuser = database.superuser().await.unwrap();
    let fetch = async || db.query(&statement!("fetch", "SELECT id FROM counters"), &[]).await;
    fetch().await.unwrap();
    superuser.batch_execute("ALTER TABLE counters RENAME TO away").await.unwrap();
    let missing = fetch().await.unwrap_err();
    assert!(matches!(missing, Error::Unavailable(_)), "{missing:?}");
    superuser.batch_execute("ALTER TABLE away RENAME TO counters").await.unwrap();
    fetch().await.unwrap();
}

#[tokio::test]
async fn a_killed_session_is_lost_and_the_next_call_works() {
    let database = database().await;
    let db = database.connect().unwrap();
    let superuser = database.superuser().await.unwrap();
    let (killer, name) = (&superuser, database.name());
    let result: Result<(), Error> = db
        .run_tx("killed", |tx| {
            Box::pin(async move {
                add(tx, 1).await?;
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                           WHERE datname = $1 AND usename = 'strongroom_vault'";
                killer.query(sql, &[&name]).await.unwrap();
                add(tx, 1).await.map(drop)
            })
        })
        .await;
    assert!(matches!(result, Err(Error::ConnectionLost(_))), "{result:?}");
    let healed = poll_until(Duration::from_secs(5), "a working connection", async || db.ping().await.ok()).await;
    healed.unwrap();
    assert_eq!(value(&db, 1).await, Some(0));
}

/// Makes a function that fails with a code as often as it is told, and then returns how often it was called. A sequence is not
/// rolled back.
const FAIL_FIRST: &str = "CREATE SEQUENCE calls; GRANT USAGE ON SEQUENCE calls TO strongroom_vault;
    CREATE FUNCTION fail_first(failures integer, code text) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE call bigint := nextval('calls');
        BEGIN
            IF call <= failures THEN RAISE EXCEPTION 'no' USING ERRCODE = code; END IF;
            RETURN call;
        END $$";

#[tokio::test]
async fn a_single_statement_that_was_lost_is_repeated() {
    let database = database().await;
    database.superuser().await.unwrap().batch_execute(FAIL_FIRST).await.unwrap();
    let db = database.connect().unwrap();
    let retries = Retries::new();
    let _local = metrics::set_default_local_recorder(&retries.recorder);
    let call = statement!("single", "SELECT fail_first($1, $2)");
    let row = db.query_one(&call, &[&2, &"40001"]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), retries.of("single")), (3, 2));
    let refused = db.query_one(&call, &[&99, &"22012"]).await.unwrap_err();
    assert!(!refused.is_retryable(), "{refused:?}");
    // Nothing that the server never does is tried for long.
    let outdated = db.query_one(&call, &[&99, &"0A000"]).await.unwrap_err();
    assert!(matches!(outdated, Error::Unavailable(_)), "{outdated:?}");
    assert_eq!(retries.of("single"), 5);
    let endless = db.query_one(&call, &[&99, &"40P01"]).await.unwrap_err();
    assert!(matches!(endless, Error::Conflict(_)), "{endless:?}");
    assert_eq!(retries.of("single"), 15);
}

#[tokio::test]
async fn a_snapshot_sees_one_state_and_writes_nothing() {
    let database = database().await;
    let db = database.connect().unwrap();
    let db_ref = &db;
    db.run_snapshot("reading", |tx| {
        Box::pin(async move {
            let value = statement!("value", "SELECT value FROM counters WHERE id = 1");
            let read = async || tx.query_one(&value, &[]).await.unwrap().get::<_, i32>(0);
            assert_eq!(read().await, 0);
            db_ref.run_tx("meanwhile", |tx| Box::pin(async move { add(tx, 1).await })).await?;
            assert_eq!(read().await, 0);
            assert!(matches!(add(tx, 1).await, Err(Error::Unavailable(_))));
            Err::<(), _>(Error::NotOneRow { rows: 9 })
        })
    })
    .await
    .unwrap_err();
    assert_eq!(value(&db, 1).await, Some(1));
}
