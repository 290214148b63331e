//! Append-only migrations: contiguous numbers, checksums, one runner at a time, and a gate at start.
//!
//! Each migration begins with `-- compatible from: N`: binaries that know migration N, or later ones, work on the schema
//! that it leaves; older ones do not. So a schema is changed under binaries that run, and they may be started on it.
//!
//! ```text
//! the database has …              a binary that knows 1 to 3 …
//!   1, 2                          waits: migration 3 is missing
//!   1, 2, 3                       serves
//!   1, 2, 3, 4 (from 2), 5 (3)    serves: each one that it does not know leaves it working
//!   1, 2, 3, 4 (from 4)           refuses
//! ```

use std::convert::Infallible;
use std::future::pending;
use std::{error, iter};

use ring::digest::{SHA256, digest};
use tokio::time::timeout;
use tokio_postgres::{Client, Row};

use crate::config::CONNECT_TIMEOUT;
use crate::{ConfigError, Db, DbConfig, Error, Executor as _, Statement, statement};

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
        compatible_from integer NOT NULL
            CONSTRAINT schema_migrations_compatible_from CHECK (compatible_from BETWEEN 1 AND version),
        applied_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE schema_migrations IS 'Migrations applied to this database, each with the SHA-256 of its text.';
    COMMENT ON COLUMN schema_migrations.compatible_from IS 'Binaries that know this migration, or later ones, work with the schema.';
    GRANT SELECT ON schema_migrations TO PUBLIC";

/// One step of a schema, embedded in the binary that needs it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Number, contiguous from 1.
    pub version: i32,
    /// Topic, as in the file's name.
    pub name: &'static str,
    /// The statements, after the header.
    pub sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> Vec<u8> {
        digest(&SHA256, self.sql.as_bytes()).as_ref().to_vec()
    }

    fn compatible_from(&self) -> Result<i32, MigrateError> {
        compatible_from(self.version, self.sql).ok_or(MigrateError::Unstated { version: self.version, name: self.name })
    }
}

/// What the header of migration `version` says: the number from which on a binary must know the migrations to work with
/// the schema that this one leaves. None where its text does not begin with exactly one such line, among comments, or
/// the number is not between 1 and `version`.
pub fn compatible_from(version: i32, sql: &str) -> Option<i32> {
    let comments = sql.lines().take_while(|line| line.starts_with("--"));
    let mut stated = comments.filter_map(|line| line.strip_prefix("-- compatible from: "));
    match (stated.next(), stated.next()) {
        (Some(number), None) => number.parse().ok().filter(|number| (1..=version).contains(number)),
        _ => None,
    }
}

/// How the schema of a database stands to a binary that may serve on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Schema {
    /// It is the one that the binary knows.
    Known,
    /// It is a newer one, which leaves the binary working.
    NewerCompatible {
        /// Number of its last migration.
        version: i32,
    },
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
    /// A migration does not say which binaries it leaves working.
    #[error("migration {version} ({name}) must begin with `-- compatible from: N`, N from 1 to {version}")]
    Unstated {
        /// Its number.
        version: i32,
        /// Its topic.
        name: &'static str,
    },
    /// The database has a migration that this binary does not know and that does not leave it working.
    #[error(
        "the database has migration {version} ({name}), which needs a binary that knows migration {needed}, and this one \
         knows {known}: run a newer one"
    )]
    Incompatible {
        /// Its number.
        version: i32,
        /// Its topic, as recorded.
        name: String,
        /// The number that a binary must know.
        needed: i32,
        /// The last number that this binary knows.
        known: i32,
    },
    /// The record of a migration is missing, although later ones are recorded.
    #[error("the database's record lacks migration {version}, although later ones are recorded: restore the database")]
    Gap {
        /// Its number.
        version: i32,
    },
    /// The database lacks a migration that this binary needs. Waiting helps: `migrate` is still to run.
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
/// Two runners at once take turns. Refuses to go on when an applied migration was edited, and does nothing where the
/// database has a newer schema that leaves this binary working.
pub async fn migrate(config: &DbConfig, production: bool, migrations: &[Migration]) -> Result<usize, MigrateError> {
    check(migrations)?;
    let mut session = config.session(false, production).map_err(MigrateError::Config)?;
    session.password(config.password(production).map_err(MigrateError::Config)?.expose());
    let connector = config.connector(production).map_err(MigrateError::Config)?;
    let connected = timeout(CONNECT_TIMEOUT, session.connect(connector)).await;
    let (client, connection) = connected.map_err(unavailable)?.map_err(unavailable)?;
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

/// Checks that the database has these migrations, unchanged, and beyond them only such as leave a binary working that
/// knows these.
pub async fn check_version(db: &Db, migrations: &[Migration]) -> Result<Schema, MigrateError> {
    check(migrations)?;
    let rows = fetch_applied(db).await.map_err(MigrateError::Database)?;
    match standing(&applied(rows)?, migrations)? {
        Standing::Complete => Ok(Schema::Known),
        Standing::Ahead { version } => Ok(Schema::NewerCompatible { version }),
        Standing::Missing { first, .. } => Err(MigrateError::Older { version: first.version, name: first.name }),
    }
}

async fn fetch_applied(db: &Db) -> Result<Vec<Row>, Error> {
    let known = statement!("migrations_known", "SELECT to_regclass('schema_migrations') IS NOT NULL");
    if db.query_one(&known, &[]).await?.try_get(0)? { db.query(&SELECT_APPLIED, &[]).await } else { Ok(Vec::new()) }
}

/// What SQL made long is as wrong where it is cut.
const SELECT_APPLIED: Statement = statement!(
    "migrations_applied",
    "SELECT version, left(name, 100), substr(checksum, 1, 33), compatible_from
    FROM schema_migrations ORDER BY version"
);

struct Applied {
    version: i32,
    name: String,
    checksum: Vec<u8>,
    compatible_from: i32,
}

/// What a database has of the migrations that a binary knows.
enum Standing<'a> {
    Complete,
    /// Not `first` and what comes `after` it.
    Missing {
        first: &'a Migration,
        after: &'a [Migration],
    },
    /// All, and compatible ones up to `version`.
    Ahead {
        version: i32,
    },
}

async fn run(client: &Client, migrations: &[Migration]) -> Result<usize, MigrateError> {
    client.batch_execute(WAIT_FOR_TURN).await.map_err(refused)?;
    // Held until the session ends, so a failure on the way releases it too.
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(refused)?;
    client.batch_execute(WAIT_FOR_TABLES).await.map_err(refused)?;
    client.batch_execute(CREATE_TABLE).await.map_err(refused)?;
    let rows = client.query(SELECT_APPLIED.sql(), &[]).await.map_err(refused)?;
    let missing: Vec<&Migration> = match standing(&applied(rows)?, migrations)? {
        Standing::Complete => Vec::new(),
        Standing::Missing { first, after } => iter::once(first).chain(after).collect(),
        Standing::Ahead { version } => {
            tracing::info!(version, "the schema is newer than this binary, and leaves it working");
            Vec::new()
        }
    };
    for migration in &missing {
        let compatible_from = migration.compatible_from()?;
        apply(client, migration, compatible_from).await.map_err(|error| MigrateError::Failed {
            version: migration.version,
            name: migration.name,
            source: error.into(),
        })?;
        tracing::info!(version = migration.version, name = migration.name, "migration applied");
    }
    Ok(missing.len())
}

async fn apply(client: &Client, migration: &Migration, compatible_from: i32) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("BEGIN").await?;
    client.batch_execute(migration.sql).await?;
    client
        .execute(
            "INSERT INTO schema_migrations (version, name, checksum, compatible_from) VALUES ($1, $2, $3, $4)",
            &[&migration.version, &migration.name, &migration.checksum(), &compatible_from],
        )
        .await?;
    client.batch_execute("COMMIT").await
}

fn applied(rows: Vec<Row>) -> Result<Vec<Applied>, MigrateError> {
    rows.into_iter()
        .map(|row| {
            let (version, name, checksum) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(Applied { version, name, checksum, compatible_from: row.try_get(3)? })
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(refused)
}

/// Compares what was applied with what a binary knows, number by number.
fn standing<'a>(applied: &[Applied], migrations: &'a [Migration]) -> Result<Standing<'a>, MigrateError> {
    for (expected, row) in (1..).zip(applied) {
        if row.version != expected {
            return Err(MigrateError::Gap { version: expected });
        }
    }
    for (row, migration) in applied.iter().zip(migrations) {
        if row.checksum != migration.checksum() {
            return Err(MigrateError::Edited { version: migration.version, name: migration.name });
        }
    }
    if let Some((first, after)) = migrations.get(applied.len()..).and_then(<[Migration]>::split_first) {
        return Ok(Standing::Missing { first, after });
    }
    let known = migrations.last().map_or(0, |last| last.version);
    let unknown = applied.get(migrations.len()..).unwrap_or_default();
    if let Some(row) = unknown.iter().find(|row| row.compatible_from > known) {
        let (version, name, needed) = (row.version, row.name.clone(), row.compatible_from);
        return Err(MigrateError::Incompatible { version, name, needed, known });
    }
    Ok(unknown.last().map_or(Standing::Complete, |last| Standing::Ahead { version: last.version }))
}

/// The numbers are contiguous, and each migration says whom it leaves working.
fn check(migrations: &[Migration]) -> Result<(), MigrateError> {
    for (expected, migration) in (1..).zip(migrations) {
        if migration.version != expected {
            return Err(MigrateError::OutOfOrder { version: migration.version, name: migration.name });
        }
        migration.compatible_from()?;
    }
    Ok(())
}

fn refused(error: tokio_postgres::Error) -> MigrateError {
    MigrateError::Database(error.into())
}

fn unavailable(error: impl error::Error + Send + Sync + 'static) -> MigrateError {
    MigrateError::Database(Error::Unavailable(Box::new(error)))
}
