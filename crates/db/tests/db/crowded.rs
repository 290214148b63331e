//! PostgreSQL grants fewer connections than are wanted.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::{Db, Error, Executor as _, statement};
use futures::future::{join_all, select};
use test_support::poll_until;
use test_support::postgres::{Cluster, Superuser, TestDatabase};
use tracing_subscriber::fmt::MakeWriter;

const CALLERS: usize = 64;

/// A cluster of its own, because a role's limit is for all of its databases.
struct Crowded {
    cluster: Cluster,
    superuser: Superuser,
}

impl Crowded {
    async fn new() -> Self {
        let cluster = Cluster::start().await.unwrap();
        let database = cluster.database("vault", &[]).await.unwrap();
        let superuser = database.superuser().await.unwrap();
        drop(database);
        Self { cluster, superuser }
    }

    async fn database(&self) -> TestDatabase<'_> {
        self.cluster.database("vault", &[]).await.unwrap()
    }

    async fn limit(&self, connections: i32) {
        let sql = format!("ALTER ROLE strongroom_vault CONNECTION LIMIT {connections}");
        self.superuser.batch_execute(&sql).await.unwrap();
    }

    async fn sessions(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'strongroom_vault'";
        self.superuser.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Waits until the service has so many sessions.
    async fn has_sessions(&self, wanted: impl Fn(i64) -> bool) {
        let same = async || wanted(self.sessions().await).then_some(());
        poll_until(Duration::from_secs(30), "as many sessions", same).await.unwrap();
    }
}

async fn call(db: &Db) -> Result<(), Error> {
    db.query(&statement!("call", "SELECT pg_sleep(0.005)"), &[]).await.map(drop)
}

/// Many callers at once, several times each.
async fn load(db: &Db, calls_each: usize) {
    let caller = async || {
        for _ in 0..calls_each {
            call(db).await?;
        }
        Ok::<_, Error>(())
    };
    for result in join_all((0..CALLERS).map(|_| caller())).await {
        result.unwrap();
    }
}

#[tokio::test]
async fn many_callers_share_few_connections_and_none_fails() {
    let crowded = Crowded::new().await;
    // With one, there is none to ask whether the database answers: those of the calls tell.
    for limit in [4, 2, 1] {
        crowded.limit(limit).await;
        let database = crowded.database().await;
        let db = database.connect().unwrap();
        // In the order of a service that starts.
        db.ping().await.unwrap();
        assert!(db.answers().await, "limit {limit}");
        db.warm(8).await.unwrap();
        load(&db, 10).await;
        assert!(db.answers().await, "limit {limit}");
        assert_eq!(crowded.sessions().await, i64::from(limit), "all that there may be are used");
        drop(db);
        crowded.has_sessions(|sessions| sessions == 0).await;
    }
}

#[tokio::test]
async fn a_limit_that_is_raised_is_used_under_load() {
    let crowded = Crowded::new().await;
    crowded.limit(3).await;
    let database = crowded.database().await;
    let db = database.connect().unwrap();
    load(&db, 2).await;
    assert_eq!(crowded.sessions().await, 3);
    crowded.limit(-1).await;
    // Sixteen, each of which shows that there is room for one more.
    let more = Box::pin(crowded.has_sessions(|sessions| sessions == 16));
    let endless = Box::pin(async {
        loop {
            load(&db, 1).await;
        }
    });
    select(more, endless).await;
}

/// As where the connection of readiness came first, or came back first after the server was away.
#[tokio::test]
async fn the_last_connection_goes_to_the_calls() {
    let crowded = Crowded::new().await;
    crowded.limit(1).await;
    let database = crowded.database().await;
    let db = database.connect().unwrap();
    assert!(db.answers().await);
    assert_eq!(crowded.sessions().await, 1);
    load(&db, 1).await;
    assert!(db.answers().await);
}

/// Others have all of them.
#[tokio::test]
async fn without_any_connection_calls_are_unavailable_within_their_wait_until_there_is_one() {
    let crowded = Crowded::new().await;
    crowded.limit(1).await;
    let (first, second) = (crowded.database().await, crowded.database().await);
    let (other, db) = (first.connect().unwrap(), second.connect().unwrap());
    other.ping().await.unwrap();
    for result in join_all((0..20).map(|_| call(&db))).await {
        assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
    }
    assert!(!db.answers().await);
    drop(other);
    call(&db).await.unwrap();
    load(&db, 1).await;
    assert!(db.answers().await);
}

#[tokio::test]
async fn the_cause_is_logged_once_with_what_to_do() {
    let crowded = Crowded::new().await;
    crowded.limit(2).await;
    let database = crowded.database().await;
    let db = database.connect().unwrap();
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(lines.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    load(&db, 3).await;
    drop(guard);
    let said = lines.text();
    assert_eq!(said.matches("53300").count(), 1, "{said}");
    for part in ["WARN", "too many connections for role", "CONNECTION LIMIT", "database.max_connections"] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
}

#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
