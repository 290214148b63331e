//! Refuses sessions that are not as they were asked for: something in between keeps startup parameters for itself.

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::{Db, DbConfig, Error, Executor as _, Statement, statement};

/// Why sessions are not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAsAsked {
    /// The server could not be asked.
    #[error("cannot read the session's settings")]
    Ask(#[source] Error),
    /// Settings that were sent with the login have other values.
    #[error(
        "the session has {0}: something between this service and PostgreSQL, such as a pooler, keeps startup parameters for \
         itself; docs/runbooks/poolers.md says what to do"
    )]
    Settings(String),
}

/// Checks that the limits of time and the planning of statements are those that were sent with the login.
pub async fn require_session(db: &Db, config: &DbConfig) -> Result<(), NotAsAsked> {
    let asked = config.limits();
    let names: Vec<&str> = asked.iter().map(|(name, _)| *name).collect();
    let names = names.as_slice();
    let rows = db.query(&SETTINGS, &[&names]).await.map_err(NotAsAsked::Ask)?;
    let mut others = Vec::new();
    for row in rows {
        let name: String = row.try_get(0).map_err(|error| NotAsAsked::Ask(error.into()))?;
        let setting: String = row.try_get(1).map_err(|error| NotAsAsked::Ask(error.into()))?;
        let wanted = asked.iter().find(|(asked, _)| *asked == name);
        others.extend(
            wanted.filter(|(_, value)| *value != setting).map(|(_, value)| format!("{name} = {setting}, not {value}")),
        );
    }
    if others.is_empty() { Ok(()) } else { Err(NotAsAsked::Settings(others.join(", "))) }
}

const SETTINGS: Statement =
    statement!("require_session", "SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[] /* names */)");

impl Error {
    /// Whether what answers takes no login that has startup parameters, so that waiting does not help.
    ///
    /// `PgBouncer` says so with 08P01 and these words; with 08P01 and other words it says all that it has no code for, that
    /// PostgreSQL is away among it.
    pub fn refuses_parameters(&self) -> bool {
        let Self::Unavailable(cause) = self else { return false };
        let Some(PoolError::Backend(error)) = cause.downcast_ref() else { return false };
        error.as_db_error().is_some_and(|said| {
            *said.code() == SqlState::PROTOCOL_VIOLATION && said.message().contains("unsupported startup parameter")
        })
    }
}
