//! Append-only migrations: contiguous numbers, checksums, one runner at a time, and a gate at start.

use std::{convert::Infallible, future::pending};

use ring::digest::{SHA256, digest};
use tokio_postgres::Client;

use crate::{ConfigError, Db, DbConfig, Error};

/// Key of the advisory lock that lets one runner in: "strongrm" in ASCII.
const LOCK: i64 = 0x7374_726f_6e67_726d;

/// Another runner may take its time.
const WAIT_FOR_TURN: &str = "SET lock_timeout = '60s'";
/// Whatever waits for a table makes everybody else wait behind it: better to fail and to be run again.
const WAIT_FOR_TABLES: &str = "SET lock_timeout = '5s'";

const CREATE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version integer PRIMARY KEY CONSTRAINT schema_migrations_version CHECK (version > 0),
        name text NOT NULL,
        checksum bytea NOT NULL CONSTRAINT schema_migrations_checksum CHECK (octet_length(checksum) = 32),
        applied_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE schema_migrations IS 'Migrations applied to this database, each with the SHA-256 of its text.';
    GRANT SELECT ON schema_migrations TO PUBLIC";

/// One step of a schema, embedded in the binary that needs it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Number, contiguous from 1.
    pub version: i32,
    /// Topic, as in the file's name.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> Vec<u8> {
        digest(&SHA256, self.sql.as_bytes()).as_ref().to_vec()
    }
}

/// Why a schema cannot be brought up to date or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The connection settings cannot be used.
    #[error("cannot use the database settings")]
    Config(#[source] ConfigError),
    /// The server could not be asked.
    #[error("cannot read or write the schema's version")]
    Database(#[source] Error),
    /// A migration failed; it was rolled back, those before it stay.
    #[error("migration {version} ({name}) failed")]
    Failed {
        /// Its number.
        version: i32,
        /// Its topic.
        name: &'static str,
        /// Why.
        #[source]
        source: Error,
    },
    /// The embedded migrations are not numbered 1, 2, 3, ….
    #[error("migration {version} ({name}) is out of order: numbers must be contiguous from 1")]
    OutOfOrder {
        /// Its number.
        version: i32,
        /// Its topic.
        name: &'static str,
    },
    /// The text of an applied migration is not the text that was applied.
    #[error("migration {version} ({name}) was changed after it was applied: migrations are append-only")]
    Edited {
        /// Its number.
        version: i32,
        /// Its topic.
        name: &'static str,
    },
    /// The database has a migration that this binary does not know.
    #[error("the database is at schema version {version} ({name}), which this binary does not know: run a newer one")]
    Newer {
        /// Its number.
        version: i32,
        /// Its topic, as recorded.
        name: String,
    },
    /// The database lacks a migration that this binary needs.
    #[error("the database lacks migration {version} ({name}): run `migrate` first")]
    Older {
        /// Its number.
        version: i32,
        /// Its topic.
        name: &'static str,
    },
}

/// Applies what is missing, each migration in a transaction of its own, and returns how many were applied.
///
/// Two runners at once take turns. Refuses to go on when an applied migration was edited or is not known.
pub async fn migrate(config: &DbConfig, production: bool, migrations: &[Migration]) -> Result<usize, MigrateError> {
    check_order(migrations)?;
    let session = config.session(false, production).map_err(MigrateError::Config)?;
    let connector = config.connector().map_err(MigrateError::Config)?;
    let (client, connection) = session.connect(connector).await.map_err(unavailable)?;
    // The connection ends with the client; no task is left behind.
    let drive = async move {
        // Whatever ended it, the statement under way fails with the reason.
        let _ = connection.await;
        pending::<Infallible>().await
    };
    tokio::select! {
        result = run(&client, migrations) => result,
        never = drive => match never {},
    }
}

/// Checks that the database has exactly these migrations: neither an older nor a newer schema is served.
pub async fn check_version(db: &Db, migrations: &[Migration]) -> Result<(), MigrateError> {
    check_order(migrations)?;
    let rows = db
        .run_one("check_version", |conn| {
            Box::pin(async move {
                let known = conn.query_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await?;
                if !known.try_get::<_, bool>(0)? {
                    return Ok(Vec::new());
                }
                conn.query(SELECT_APPLIED, &[]).await
            })
        })
        .await
        .map_err(MigrateError::Database)?;
    match missing(&applied(rows)?, migrations)?.first() {
        None => Ok(()),
        Some(first) => Err(MigrateError::Older { version: first.version, name: first.name }),
    }
}

const SELECT_APPLIED: &str = "SELECT version, name, checksum FROM schema_migrations ORDER BY version";

struct Applied {
    version: i32,
    name: String,
    checksum: Vec<u8>,
}

async fn run(client: &Client, migrations: &[Migration]) -> Result<usize, MigrateError> {
    client.batch_execute(WAIT_FOR_TURN).await.map_err(refused)?;
    // Held until the session ends, so a failure on the way releases it too.
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(refused)?;
    client.batch_execute(WAIT_FOR_TABLES).await.map_err(refused)?;
    client.batch_execute(CREATE_TABLE).await.map_err(refused)?;
    let rows = client.query(SELECT_APPLIED, &[]).await.map_err(refused)?;
    let missing = missing(&applied(rows)?, migrations)?;
    for migration in missing {
        apply(client, migration).await.map_err(|error| MigrateError::Failed {
            version: migration.version,
            name: migration.name,
            source: error.into(),
        })?;
        tracing::info!(version = migration.version, name = migration.name, "migration applied");
    }
    Ok(missing.len())
}

async fn apply(client: &Client, migration: &Migration) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("BEGIN").await?;
    client.batch_execute(migration.sql).await?;
    client
        .execute(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            &[&migration.version, &migration.name, &migration.checksum()],
        )
        .await?;
    client.batch_execute("COMMIT").await
}

fn applied(rows: Vec<tokio_postgres::Row>) -> Result<Vec<Applied>, MigrateError> {
    rows.into_iter()
        .map(|row| Ok(Applied { version: row.try_get(0)?, name: row.try_get(1)?, checksum: row.try_get(2)? }))
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(refused)
}

/// The migrations that come after the applied ones, if those are the first of `migrations`, unchanged.
fn missing<'a>(applied: &[Applied], migrations: &'a [Migration]) -> Result<&'a [Migration], MigrateError> {
    let mut rest = migrations;
    for row in applied {
        let Some((next, after)) = rest.split_first() else {
            return Err(MigrateError::Newer { version: row.version, name: row.name.clone() });
        };
        if row.version != next.version {
            return Err(MigrateError::Older { version: next.version, name: next.name });
        }
        if row.checksum != next.checksum() {
            return Err(MigrateError::Edited { version: next.version, name: next.name });
        }
        rest = after;
    }
    Ok(rest)
}

fn check_order(migrations: &[Migration]) -> Result<(), MigrateError> {
    for (expected, migration) in (1..).zip(migrations) {
        if migration.version != expected {
            return Err(MigrateError::OutOfOrder { version: migration.version, name: migration.name });
        }
    }
    Ok(())
}

fn refused(error: tokio_postgres::Error) -> MigrateError {
    MigrateError::Database(error.into())
}

fn unavailable(error: tokio_postgres::Error) -> MigrateError {
    MigrateError::Database(Error::Unavailable(Box::new(error)))
}
