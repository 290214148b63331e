//! Callers that give up in the middle of a statement.

use std::collections::HashSet;
use std::time::Duration;

use db::{Db, Executor as _, Statement, statement};
use test_support::poll_until;
use test_support::postgres::{Superuser, TestDatabase};
use tokio::time::{Instant, timeout};

use crate::{connect, database};

static ENDLESS: Statement = statement!("endless", "SELECT pg_sleep(60)");
static SHORT: Statement = statement!("short", "SELECT pg_sleep(0.01)");
static SESSION: Statement = statement!("session", "SELECT pg_backend_pid()");

/// Sessions of `database`'s service that run a statement with these words.
async fn sessions_with(superuser: &Superuser, database: &TestDatabase<'_>, words: &str) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = 'strongroom_vault' \
               AND state = 'active' AND query LIKE '%' || $2 || '%'";
    superuser.query_one(sql, &[&database.name(), &words]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_statement_that_was_given_up_ends_and_takes_no_time_of_others() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    let mut config = database.config();
    (config.max_connections, config.statement_timeout_ms) = (2, 60_000);
    let db = connect(&config);
    let sleepers = || async { Some(sessions_with(&superuser, &database, "pg_sleep(60)").await) };
    let given_up = async || {
        let endless = db.query(&ENDLESS, &[]);
        let running = async {
            let running = async || sleepers().await.filter(|sleepers| *sleepers > 0);
            poll_until(Duration::from_secs(5), "the statement to run", running).await.unwrap();
        };
        tokio::select! {
            ended = endless => panic!("it ended: {ended:?}"),
            () = running => {}
        }
    };
    // Each time the pool's last used connection is the one that is given up.
    for _ in 0..3 {
        given_up().await;
        let started = Instant::now();
        for _ in 0..10 {
            db.ping().await.unwrap();
        }
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        let gone = async || sleepers().await.filter(|sleepers| *sleepers == 0);
        poll_until(Duration::from_secs(5), "the statement to end", gone).await.unwrap();
    }
}

async fn session(db: &Db) -> i32 {
    db.query_one(&SESSION, &[]).await.unwrap().get(0)
}

/// Callers give up all the time: each login would cost more than the statement that it saves.
#[tokio::test]
async fn giving_up_short_statements_costs_no_connection() {
    let database = database().await;
    let mut config = database.config();
    config.max_connections = 1;
    let db = connect(&config);
    let mut sessions = HashSet::new();
    for _ in 0..40 {
        sessions.insert(session(&db).await);
        // Prepared on this session: one that is given up while it is being prepared ends with its session.
        db.query(&SHORT, &[]).await.unwrap();
        let statement = db.query(&SHORT, &[]);
        assert!(timeout(Duration::from_millis(1), statement).await.is_err(), "it ended too early");
    }
    // All but one at most take long only on a machine that is busy with other things.
    assert!(sessions.len() < 5, "{} logins for 40 statements", sessions.len());
}

#[tokio::test]
async fn a_statement_given_up_while_it_is_prepared_leaves_nothing_at_the_server() {
    let database = database().await;
    let mut config = database.config();
    config.max_connections = 1;
    let db = connect(&config);
    let holder = database.superuser().await.unwrap();
    // There is a connection.
    db.ping().await.unwrap();
    holder.batch_execute("BEGIN; LOCK TABLE counters").await.unwrap();
    let given_up = statement!("given_up", "SELECT value FROM counters");
    let statement = db.query(&given_up, &[]);
    assert!(timeout(Duration::from_millis(20), statement).await.is_err(), "prepared under a lock");
    holder.batch_execute("ROLLBACK").await.unwrap();
    let left = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM counters'";
    let left = Statement::built("left", left);
    let left = db.query_one(&left, &[]);
    assert_eq!(left.await.unwrap().get::<_, i64>(0), 0);
}
