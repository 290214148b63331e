//! The database before anything is served: waits for it and for its schema, refuses a schema that does not leave this
//! binary working, and watches the database afterwards.

use std::time::Duration;

use db::{Db, MigrateError, Migration, NotAsAsked, Schema, chain};

use crate::config::DatabaseConfig;
use crate::error::BoxError;
use crate::readiness::Condition;
use crate::shutdown::Shutdown;

/// Pause between attempts to reach the database.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// How often a running process looks whether its database answers.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// Connections opened before the process is ready.
const WARM_CONNECTIONS: usize = 8;
/// The wait is logged once for so many attempts.
const ATTEMPTS_A_LINE: u32 = 40;

/// Connects and checks the schema version; an unreachable database and an older schema are waited for, in whatever order
/// services and `migrate` are started. `None` if `shutdown` came first.
pub(crate) async fn open(
    config: &DatabaseConfig,
    production: bool,
    migrations: &[Migration],
    shutdown: &Shutdown,
) -> Result<Option<Db>, BoxError> {
    let db = Db::connect(config, production)?;
    let mut attempts = 0_u32;
    loop {
        match check(&db, config, production, migrations).await {
            Ok(schema) => {
                if let Schema::NewerCompatible { version } = schema {
                    tracing::info!(version, "the schema is newer than this binary, and leaves it working");
                }
                // The connection of the probe, while there is room for it.
                db.answers().await;
                // Logins are slow; if these fail, the first calls will tell.
                let _ = db.warm(WARM_CONNECTIONS).await;
                return Ok(Some(db));
            }
            Err(error) if may_pass(&error) => {
                if attempts.is_multiple_of(ATTEMPTS_A_LINE) {
                    tracing::info!(reason = chain(error.as_ref()), "waiting for the database");
                }
                attempts = attempts.wrapping_add(1);
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(None),
            () = tokio::time::sleep(RETRY_PAUSE) => {}
        }
    }
}

async fn check(
    db: &Db,
    config: &DatabaseConfig,
    production: bool,
    migrations: &[Migration],
) -> Result<Schema, BoxError> {
    db::require_session(db, config).await?;
    let schema = db::check_version(db, migrations).await?;
    if production {
        db::require_durable(db).await?;
    }
    Ok(schema)
}

/// Whether waiting may help: the server could not be asked, which says nothing about the schema, or `migrate` is still to
/// run.
fn may_pass(error: &BoxError) -> bool {
    let database = match error.downcast_ref::<MigrateError>() {
        Some(MigrateError::Older { .. }) => return true,
        Some(MigrateError::Database(source)) => Some(source),
        _ => error.downcast_ref::<db::Error>().or(match error.downcast_ref::<NotAsAsked>() {
            Some(NotAsAsked::Ask(source)) => Some(source),
            _ => None,
        }),
    };
    !database.is_some_and(db::Error::refuses_parameters)
        && matches!(
            database,
            Some(db::Error::Unavailable(_) | db::Error::Timeout | db::Error::Locked | db::Error::ConnectionLost(_))
        )
}

/// Keeps `database` at whether the database answers, until `shutdown`. However many calls there are: a replica that had to
/// be left alone for its load would leave that to the others.
pub(crate) async fn probe(db: Db, database: Condition, shutdown: Shutdown) {
    loop {
        database.set(db.answers().await);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(PROBE_INTERVAL) => {}
        }
    }
}

/// Brings the database to this binary's version.
pub(crate) async fn migrate(
    config: &DatabaseConfig,
    production: bool,
    migrations: &[Migration],
) -> Result<(), BoxError> {
    let applied = db::migrate(config, production, migrations).await?;
    tracing::info!(applied, version = migrations.len(), "the schema is up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use test_support::poll_until;
    use test_support::postgres::{Cluster, Pooler, TestDatabase};

    use super::*;
    use crate::readiness::Readiness;

    const FIRST: Migration =
        Migration { version: 1, name: "first", sql: "-- compatible from: 1\nCREATE TABLE first (id integer)" };
    const COMPATIBLE: Migration =
        Migration { version: 2, name: "second", sql: "-- compatible from: 1\nCREATE TABLE second (id integer)" };
    const INCOMPATIBLE: Migration =
        Migration { version: 2, name: "second", sql: "-- compatible from: 2\nDROP TABLE first" };

    async fn empty() -> TestDatabase<'static> {
        Cluster::shared().await.unwrap().database("vault", &[]).await.unwrap()
    }

    async fn open_on(database: &TestDatabase<'_>, shutdown: &Shutdown) -> Result<Option<Db>, BoxError> {
        open(&database.config(), false, &[FIRST], shutdown).await
    }

    #[tokio::test]
    async fn a_schema_that_needs_a_newer_binary_is_refused() {
        let database = empty().await;
        migrate(&database.migrator_config(), false, &[FIRST, INCOMPATIBLE]).await.unwrap();
        let error = open_on(&database, &Shutdown::new()).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(MigrateError::Incompatible { version: 2, .. })), "{error}");
    }

    #[tokio::test]
    async fn an_older_schema_is_waited_for_and_served_once_it_is_migrated() {
        let database = empty().await;
        let (shutdown, migrator) = (Shutdown::new(), database.migrator_config());
        let mut opening = std::pin::pin!(open_on(&database, &shutdown));
        // Long enough for several looks.
        let early = tokio::time::timeout(RETRY_PAUSE * 3, opening.as_mut()).await;
        assert!(early.is_err(), "opened without its schema: {early:?}");
        migrate(&migrator, false, &[FIRST]).await.unwrap();
        assert!(opening.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn whoever_waits_ends_when_asked_to() {
        let (database, shutdown) = (empty().await, Shutdown::new());
        let (opened, ()) = tokio::join!(open_on(&database, &shutdown), async { shutdown.cancel() });
        assert!(opened.unwrap().is_none());
    }

    /// What `PgBouncer` is told to make it swallow the settings that come with a login.
    const SWALLOWS: [(&str, &str); 1] = [("ignore_startup_parameters", "options")];

    async fn pooler(settings: &[(&str, &str)]) -> Pooler {
        let cluster = Cluster::shared().await.unwrap();
        cluster.pooler(cluster.address(), settings).await.unwrap()
    }

    #[tokio::test]
    async fn a_pooler_that_keeps_startup_parameters_for_itself_is_refused_at_the_start() {
        let database = empty().await;
        migrate(&database.migrator_config(), false, &[FIRST]).await.unwrap();
        for (settings, said) in [
            (&SWALLOWS[..], "the session has client_connection_check_interval = 0, not 100"),
            (&[], "unsupported startup parameter: options"),
        ] {
            let pooler = pooler(settings).await;
            let config = DatabaseConfig { port: pooler.port(), ..database.config() };
            let shutdown = Shutdown::new();
            let opened = open(&config, false, &[FIRST], &shutdown);
            let refused = tokio::time::timeout(Duration::from_secs(10), opened).await.expect("it waits");
            let refused = chain(refused.unwrap_err().as_ref());
            assert!(refused.contains(said), "{refused}");
        }
    }

    /// Makes the sessions of a role in a database what the service asks for, as the page on poolers says.
    async fn set_for_the_role(database: &TestDatabase<'_>) {
        let page = include_str!("../../../docs/runbooks/poolers.md");
        let superuser = database.superuser().await.unwrap();
        let of_page = "ALTER ROLE strongroom_vault IN DATABASE strongroom_vault";
        let of_test = format!("ALTER ROLE {} IN DATABASE {}", database.config().user, database.name());
        let statements: Vec<&str> = page.lines().filter(|line| line.starts_with(of_page)).collect();
        assert!(!statements.is_empty());
        superuser.batch_execute(&statements.join("\n").replace(of_page, &of_test)).await.unwrap();
    }

    #[tokio::test]
    async fn behind_a_pooler_a_service_works_with_settings_of_its_role() {
        let database = empty().await;
        migrate(&database.migrator_config(), false, &[FIRST]).await.unwrap();
        set_for_the_role(&database).await;
        let pooler = pooler(&SWALLOWS).await;
        let config = DatabaseConfig { port: pooler.port(), ..database.config() };
        assert!(open(&config, false, &[FIRST], &Shutdown::new()).await.unwrap().is_some());
    }

    /// With the same code as what it never takes, a pooler says whatever it has no code for: that it has no room, that PostgreSQL
    /// is away.
    #[tokio::test]
    async fn what_a_pooler_says_of_its_state_is_waited_out() {
        let database = empty().await;
        migrate(&database.migrator_config(), false, &[FIRST]).await.unwrap();
        set_for_the_role(&database).await;
        let pooler = pooler(&[SWALLOWS[0], ("max_client_conn", "1")]).await;
        let config = DatabaseConfig { port: pooler.port(), ..database.config() };
        let first = Db::connect(&config, false).unwrap();
        poll_until(Duration::from_secs(10), "an answer", async || first.ping().await.ok()).await.unwrap();
        let refused = Db::connect(&config, false).unwrap().ping().await.unwrap_err();
        let said = chain(&refused);
        assert!(said.contains("no more connections allowed") && !refused.refuses_parameters(), "{said}");

        let shutdown = Shutdown::new();
        let mut opening = std::pin::pin!(open(&config, false, &[FIRST], &shutdown));
        let early = tokio::time::timeout(RETRY_PAUSE * 3, opening.as_mut()).await;
        assert!(early.is_err(), "it does not wait: {early:?}");
        drop(first);
        assert!(opening.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_newer_schema_that_leaves_the_binary_working_is_served() {
        let database = empty().await;
        migrate(&database.migrator_config(), false, &[FIRST, COMPATIBLE]).await.unwrap();
        assert!(open_on(&database, &Shutdown::new()).await.unwrap().is_some());
    }
    /// Waits until the process is ready, or is not.
    async fn becomes(readiness: &Readiness, ready: bool) {
        let same = async || (readiness.is_ready() == ready).then_some(());
        poll_until(Duration::from_secs(10), &format!("ready = {ready}"), same).await.unwrap();
    }

    #[tokio::test]
    async fn calls_that_hold_every_connection_leave_the_process_ready() {
        let database = empty().await;
        let mut config = database.config();
        config.max_connections = 2;
        let db = Db::connect(&config, false).unwrap();
        let (readiness, shutdown) = (Readiness::default(), Shutdown::new());
        let probing = probe(db.clone(), readiness.condition("database"), shutdown.clone());
        let hold = || {
            db.run_tx("holder", |tx| {
                Box::pin(async move {
                    tx.batch("SELECT 1").await?;
                    std::future::pending::<Result<(), db::Error>>().await
                })
            })
        };
        let watching = async {
            // The control: whoever asks for a connection gets none.
            assert!(db.ping().await.is_err());
            becomes(&readiness, true).await;
            shutdown.cancel();
        };
        tokio::select! {
            // In this order, so that the holders have the connections.
            biased;
            held = futures::future::join(hold(), hold()) => panic!("no holder ends: {held:?}"),
            _ = futures::future::join(probing, watching) => {}
        }
    }

    #[tokio::test]
    async fn a_database_that_is_away_makes_the_process_unready_until_it_is_back() {
        let cluster = Cluster::start().await.unwrap();
        let database = cluster.database("vault", &[]).await.unwrap();
        let (readiness, shutdown) = (Readiness::default(), Shutdown::new());
        let probing = probe(database.connect().unwrap(), readiness.condition("database"), shutdown.clone());
        let watching = async {
            becomes(&readiness, true).await;
            cluster.kill().await.unwrap();
            becomes(&readiness, false).await;
            cluster.resume().await.unwrap();
            becomes(&readiness, true).await;
            shutdown.cancel();
        };
        tokio::join!(probing, watching);
    }

    /// As where an operator ends it, or a firewall that forgets what is idle.
    #[tokio::test]
    async fn a_probe_whose_session_ended_asks_again_before_it_says_no() {
        let database = empty().await;
        let db = database.connect().unwrap();
        let superuser = database.superuser().await.unwrap();
        assert!(db.answers().await);
        let sql = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND usename = 'strongroom_vault'";
        let session: i32 = superuser.query_one(sql, &[&database.name()]).await.unwrap().get(0);
        // Blocks the runtime, so that nobody on this side notices before the session is used.
        let end = "kill -s TERM $0 && while kill -s 0 $0; do sleep 0.01; done";
        let ended = std::process::Command::new("/bin/sh").args(["-c", end, &session.to_string()]).output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert!(db.answers().await);
    }
}
