//! Refuses a server that may lose a commit it has acknowledged.

use crate::{Db, Error, Executor as _, Statement, statement};

/// Settings that make an acknowledged commit survive a crash of the machine.
const REQUIRED: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

/// Why the server is not trusted with evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotDurable {
    /// The server could not be asked.
    #[error("cannot read the server's settings")]
    Ask(#[source] Error),
    /// A setting that must be on is not.
    #[error("the database server runs with {setting} = {value}: set it to on, acknowledged commits could be lost")]
    Setting {
        /// Name of the setting.
        setting: String,
        /// Its value.
        value: String,
    },
}

/// Checks that `fsync`, `full_page_writes` and the session's `synchronous_commit` are on (or stronger).
pub async fn require_durable(db: &Db) -> Result<(), NotDurable> {
    let rows = db.query(&SETTINGS, &[&&REQUIRED[..]]).await.map_err(NotDurable::Ask)?;
    for row in rows {
        let setting: String = row.try_get(0).map_err(|error| NotDurable::Ask(error.into()))?;
        let value: String = row.try_get(1).map_err(|error| NotDurable::Ask(error.into()))?;
        if value != "on" && value != "remote_apply" {
            return Err(NotDurable::Setting { setting, value });
        }
    }
    Ok(())
}

const SETTINGS: Statement =
    statement!("require_durable", "SELECT name, current_setting(name) FROM unnest($1::text[] /* names */) AS name");
