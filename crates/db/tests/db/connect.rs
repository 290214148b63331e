//! Settings, TLS, a server that is away or not durable.

use std::path::Path;
use std::time::Duration;

use db::{ConfigError, Db, DbConfig, DbTls, Error, Executor as _, NotDurable, Statement, require_durable, statement};
use test_support::certs::{Authority, Subject};
use test_support::postgres::{Cluster, Options, ServerTls};
use test_support::{Proxy, poll_until};
use tokio::time::Instant;

use crate::{MIGRATIONS, connect, database};

static SESSION: Statement = statement!("session", "SELECT pg_backend_pid()");

#[test]
fn settings_are_closed_and_have_defaults() {
    let minimal = "host = \"h\"\nname = \"n\"\nuser = \"u\"\npassword_file = \"p\"\n";
    let config: DbConfig = toml::from_str(minimal).unwrap();
    assert_eq!((config.port, config.max_connections), (5432, 16));
    assert!(config.lock_timeout_ms > 1_000, "shorter than the server's deadlock_timeout");
    for unknown in ["password = \"x\"\n", "sslmode = \"disable\"\n", "tls = { ca = \"c\", verify = false }\n"] {
        toml::from_str::<DbConfig>(&format!("{minimal}{unknown}")).unwrap_err();
    }
}

#[tokio::test]
async fn production_refuses_to_connect_without_tls() {
    let refused = Db::connect(&database().await.config(), true).unwrap_err();
    assert!(matches!(refused, ConfigError::TlsRequired), "{refused:?}");
}

#[tokio::test]
async fn a_missing_password_file_is_named() {
    let mut config = database().await.config();
    config.password_file = "/nonexistent/password".into();
    assert!(Db::connect(&config, false).unwrap_err().to_string().contains("/nonexistent/password"));
}

#[tokio::test]
async fn tls_verifies_the_server() {
    let directory = Directory::new("tls");
    let ours = Authority::open(&directory.0.join("ours"), "ours").unwrap();
    let theirs = Authority::open(&directory.0.join("theirs"), "theirs").unwrap();
    let server = ours.identity("spiffe://strongroom.dev/postgres").unwrap();
    let tls = Some(ServerTls { cert: server.cert, key: server.key });
    let cluster = Cluster::start_with(Options { tls, ..Options::default() }).await.unwrap();
    let database = cluster.database("vault", &[]).await.unwrap();
    let mut config = database.config();

    config.tls = Some(DbTls { ca: theirs.ca() });
    let refused = Db::connect(&config, true).unwrap().ping().await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");

    config.tls = Some(DbTls { ca: ours.ca() });
    let db = Db::connect(&config, true).unwrap();
    let version = statement!("version", "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let version = db.query_one(&version, &[]);
    assert_eq!(version.await.unwrap().get::<_, &str>(0), "TLSv1.3");

    // Authorities are read again, too.
    let ca = directory.0.join("bundle.pem");
    std::fs::copy(theirs.ca(), &ca).unwrap();
    config.tls = Some(DbTls { ca: ca.clone() });
    let db = Db::connect(&config, true).unwrap();
    db.ping().await.unwrap_err();
    // Each by itself: that the password's file cannot be used changes nothing for them.
    let password_file = directory.0.join("password");
    std::fs::copy(&config.password_file, &password_file).unwrap();
    let db = Db::connect(&DbConfig { password_file: password_file.clone(), ..config }, true).unwrap();
    std::fs::write(password_file, "").unwrap();
    std::fs::copy(ours.ca(), &ca).unwrap();
    db.ping().await.unwrap();
}

/// A certificate of the right authority for another name: its address is reached, and it is not taken for the server.
#[tokio::test]
async fn tls_verifies_the_servers_name() {
    let directory = Directory::new("name");
    let authority = Authority::open(&directory.0, "ours").unwrap();
    let elsewhere = Subject { dns: vec!["elsewhere.test".to_owned()], addresses: Vec::new(), ..Subject::default() };
    let server = authority.issue("elsewhere", &elsewhere).unwrap();
    let tls = Some(ServerTls { cert: server.cert, key: server.key });
    let cluster = Cluster::start_with(Options { tls, ..Options::default() }).await.unwrap();
    let mut config = cluster.database("vault", &[]).await.unwrap().config();
    config.tls = None;
    Db::connect(&config, false).unwrap().ping().await.expect("the control: without TLS it is reached");
    config.tls = Some(DbTls { ca: authority.ca() });
    let refused = Db::connect(&config, true).unwrap().ping().await.unwrap_err();
    let text = service_chain(&refused);
    assert!(text.contains("elsewhere.test") || text.contains("NotValidForName"), "{text}");
}

/// An error with its causes.
fn service_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_at_once_and_comes_back() {
    let cluster = Cluster::start().await.unwrap();
    let database = cluster.database("vault", &[]).await.unwrap();
    let db = database.connect().unwrap();
    db.warm(4).await.unwrap();
    cluster.kill().await.unwrap();
    // Pooled connections notice one by one; every answer is quick, and none is a success.
    let away = poll_until(Duration::from_secs(10), "the pool to notice", async || {
        let started = Instant::now();
        let error = db.ping().await.unwrap_err();
        assert!(started.elapsed() < Duration::from_millis(2500));
        matches!(error, Error::Unavailable(_)).then_some(())
    });
    away.await.unwrap();
    cluster.resume().await.unwrap();
    db.ping().await.unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_and_leaves_no_stuck_connection_behind() {
    let cluster = Cluster::start().await.unwrap();
    let database = cluster.database("vault", &[]).await.unwrap();
    let mut config = database.config();
    (config.statement_timeout_ms, config.max_connections) = (200, 1);
    let db = connect(&config);
    let session: i32 = db.query_one(&SESSION, &[]).await.unwrap().get(0);
    signal("STOP", session);
    let started = Instant::now();
    let lost = db.ping().await.unwrap_err();
    assert!(matches!(lost, Error::ConnectionLost(_)), "{lost:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    // The pool has room for one connection: it is a new one.
    db.ping().await.unwrap();
    signal("CONT", session);
}

fn signal(signal: &str, process: i32) {
    let status =
        std::process::Command::new("/bin/sh").args(["-c", "kill -s $0 $1", signal, &process.to_string()]).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn servers_that_may_lose_commits_are_refused() {
    require_durable(&connect(&database().await.config())).await.unwrap();
    for setting in ["fsync", "full_page_writes"] {
        let settings = vec![(setting.to_owned(), "off".to_owned())];
        let cluster = Cluster::start_with(Options { settings, ..Options::default() }).await.unwrap();
        let database = cluster.database("vault", &[]).await.unwrap();
        let refused = require_durable(&database.connect().unwrap()).await.unwrap_err();
        assert!(matches!(&refused, NotDurable::Setting { setting: found, .. } if found == setting), "{refused:?}");
    }
}

/// A directory among the temporary files that ends with the test.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("strongroom-db-{name}-{}", std::process::id()));
        std::fs::create_dir_all(Path::new(&path)).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The file and the database change one after the other; whatever is in the file meanwhile, what was taken last is tried.
#[tokio::test]
async fn a_password_is_read_again_when_it_has_changed() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    let role = format!("rotating_{}", std::process::id());
    superuser
        .batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'first' IN ROLE {}", database.config().user))
        .await
        .unwrap();
    let directory = Directory::new("password");
    let password_file = directory.0.join("password");
    std::fs::write(&password_file, "first\n").unwrap();
    let config = DbConfig { user: role.clone(), password_file: password_file.clone(), ..database.config() };
    let db = Db::connect(&config, false).unwrap();
    db.ping().await.unwrap();
    let all_anew = async || {
        let end = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{role}'");
        superuser.query_one(&end, &[]).await.unwrap();
        // The first one to be told that its session was ended.
        poll_until(Duration::from_secs(5), "an answer", async || db.ping().await.ok()).await.is_ok()
    };
    assert!(all_anew().await, "the control");
    superuser.batch_execute(&format!("ALTER ROLE {role} PASSWORD 'second'")).await.unwrap();
    std::fs::write(&password_file, "second\n").unwrap();
    assert!(all_anew().await, "after the change");
    for bad in ["wrong\n", "", "\u{feff}second\n"] {
        std::fs::write(&password_file, bad).unwrap();
        assert!(all_anew().await, "with {bad:?} in the file");
    }
    assert!(db.answers().await, "what the calls were taken with is known to the one that asks, too");
    // The file first, then the database.
    std::fs::write(&password_file, "third\n").unwrap();
    assert!(all_anew().await, "before the change");
    superuser.batch_execute(&format!("ALTER ROLE {role} PASSWORD 'third'")).await.unwrap();
    assert!(all_anew().await, "after it");
    superuser.batch_execute(&format!("ALTER ROLE {role} PASSWORD 'fourth'")).await.unwrap();
    assert!(!all_anew().await, "nobody knows it");
    superuser.batch_execute(&format!("DROP ROLE {role}")).await.unwrap();
}

/// A primary that lost its power, and its standby under the same name: one call finds that nothing comes back, and the sessions that
/// are left are replaced all together, not each by a call that fails.
#[tokio::test]
async fn a_promoted_standby_is_used_as_soon_as_one_session_is_found_silent() {
    const SESSIONS: usize = 8;
    let primary = Cluster::start().await.unwrap();
    let database = primary.database("vault", &MIGRATIONS).await.unwrap();
    let standby = primary.standby().await.unwrap();
    let proxy = Proxy::to(primary.address()).await.unwrap();
    let mut config = DbConfig { port: proxy.address().port(), ..database.config() };
    config.statement_timeout_ms = 200;
    let db = connect(&config);
    db.warm(SESSIONS).await.unwrap();
    let add = async || {
        let add = statement!("add", "UPDATE counters SET value = value + 1 WHERE id = 1 RETURNING value");
        db.query_one(&add, &[]).await.map(|row| row.get::<_, i32>(0))
    };
    assert_eq!(add().await.unwrap(), 1);
    let follower = standby.superuser(database.name()).await.unwrap();
    let followed = async || {
        let row = follower.query_one("SELECT value FROM counters WHERE id = 1", &[]).await.unwrap();
        (row.get::<_, i32>(0) == 1).then_some(())
    };
    poll_until(Duration::from_secs(10), "the standby to follow", followed).await.unwrap();

    proxy.silence();
    standby.promote().await.unwrap();
    proxy.lead_to(standby.address());
    let lost = add().await.unwrap_err();
    assert!(matches!(lost, Error::ConnectionLost(_)), "{lost:?}");
    for value in (2..).take(SESSIONS) {
        assert_eq!(add().await.unwrap(), value);
    }
}

/// Another machine has the address of a primary, and answers its sessions with a reset, each when it is used.
#[tokio::test]
async fn sessions_that_nobody_knows_any_more_are_replaced_together() {
    const SESSIONS: usize = 8;
    let database = database().await;
    let proxy = Proxy::to(Cluster::shared().await.unwrap().address()).await.unwrap();
    let db = connect(&DbConfig { port: proxy.address().port(), ..database.config() });
    db.warm(SESSIONS).await.unwrap();
    proxy.forget();
    let lost = db.ping().await.unwrap_err();
    assert!(matches!(lost, Error::ConnectionLost(_)), "{lost:?}");
    for _ in 0..SESSIONS {
        db.ping().await.unwrap();
    }
}

/// A primary that another one has taken over from under the same name: sessions that are left on it are replaced.
#[tokio::test]
async fn sessions_of_a_server_that_became_read_only_are_replaced() {
    let cluster = Cluster::start_with(Options::default()).await.unwrap();
    let database = cluster.database("vault", &[]).await.unwrap();
    let db = database.connect().unwrap();
    let superuser = database.superuser().await.unwrap();
    superuser.batch_execute("CREATE TABLE t (id int); GRANT ALL ON t TO PUBLIC").await.unwrap();
    let write = async || {
        let write = statement!("write", "INSERT INTO t VALUES (1) RETURNING pg_backend_pid()");
        Ok::<i32, Error>(db.query_one(&write, &[]).await?.get(0))
    };
    let before = write().await.unwrap();
    let reload = "SELECT pg_reload_conf()";
    superuser.batch_execute("ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
    superuser.batch_execute(reload).await.unwrap();
    let replaced = async || {
        let refused = write().await.err().is_some_and(|error| matches!(error, Error::Unavailable(_)));
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
        let left: i64 = superuser.query_one(sql, &[&before]).await.unwrap().get(0);
        (refused && left == 0).then_some(())
    };
    poll_until(Duration::from_secs(10), "its end", replaced).await.unwrap();
    superuser.batch_execute("ALTER SYSTEM RESET default_transaction_read_only").await.unwrap();
    superuser.batch_execute(reload).await.unwrap();
    let after = poll_until(Duration::from_secs(5), "an answer", async || write().await.ok()).await.unwrap();
    assert_ne!(before, after, "it stayed on the session that was refused");
}
