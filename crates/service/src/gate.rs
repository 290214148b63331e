//! The database before anything is served: waits for it, refuses a schema that this binary does not know, and watches it
//! afterwards.

use std::time::Duration;

use db::{Db, MigrateError, Migration};

use crate::Shutdown;
use crate::config::DatabaseConfig;
use crate::process::{BoxError, chain};
use crate::readiness::Condition;

/// Pause between attempts to reach the database.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// How often a running process looks whether its database answers.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// Connections opened before the process is ready.
const WARM_CONNECTIONS: usize = 8;
/// The wait is logged once for so many attempts.
const ATTEMPTS_A_LINE: u32 = 40;

/// Connects and checks the schema version; an unreachable database is waited for. `None` if `shutdown` came first.
pub(crate) async fn open(
    config: &DatabaseConfig,
    production: bool,
    migrations: &[Migration],
    shutdown: &Shutdown,
) -> Result<Option<Db>, BoxError> {
    let db = Db::connect(config, production)?;
    let mut attempts = 0_u32;
    loop {
        match check(&db, production, migrations).await {
            Ok(()) => {
                // Logins are slow; if these fail, the first calls will tell.
                let _ = db.warm(WARM_CONNECTIONS).await;
                return Ok(Some(db));
            }
            Err(error) if may_pass(&error) => {
                if attempts.is_multiple_of(ATTEMPTS_A_LINE) {
                    tracing::info!(error = chain(error.as_ref()), "waiting for the database");
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

async fn check(db: &Db, production: bool, migrations: &[Migration]) -> Result<(), BoxError> {
    db::check_version(db, migrations).await?;
    if production {
        db::require_durable(db).await?;
    }
    Ok(())
}

/// Whether waiting may help: the server could not be asked, which says nothing about the schema.
fn may_pass(error: &BoxError) -> bool {
    let database = match error.downcast_ref::<MigrateError>() {
        Some(MigrateError::Database(source)) => Some(source),
        _ => error.downcast_ref::<db::Error>(),
    };
    matches!(database, Some(db::Error::Unavailable(_) | db::Error::Timeout | db::Error::ConnectionLost(_)))
}

/// Keeps `database` at whether the database answers, until `shutdown`.
pub(crate) async fn probe(db: Db, database: Condition, shutdown: Shutdown) {
    loop {
        database.set(db.ping().await.is_ok());
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
