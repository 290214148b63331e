//! The database before anything is served: waits for it, refuses a schema that this binary does not know, and watches it
//! afterwards.

use std::time::Duration;

use db::{Db, Migration};

use crate::Shutdown;
use crate::config::DatabaseConfig;
use crate::process::{BoxError, chain};
use crate::readiness::Condition;

/// Pause between attempts to reach the database.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// How often a running process looks whether its database answers.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// A warning is logged once for so many attempts.
const ATTEMPTS_A_WARNING: u32 = 40;

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
        match db::check_version(&db, migrations).await {
            Ok(()) => return Ok(Some(db)),
            Err(error) if error.is_retryable() => {
                if attempts.is_multiple_of(ATTEMPTS_A_WARNING) {
                    tracing::info!(error = chain(&error), "waiting for the database");
                }
                attempts = attempts.wrapping_add(1);
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(None),
            () = tokio::time::sleep(RETRY_PAUSE) => {}
        }
    }
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
    db::migrate(config, production, migrations).await?;
    Ok(())
}
