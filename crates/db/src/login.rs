//! Connecting with the password and the authorities that are in their files now.
//!
//! A role's password is changed in the database and in the file, one after the other. In between, and where the file cannot be used,
//! the one that was taken last is tried.

use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::Connect;
use futures::future::BoxFuture;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_postgres::{Client, Config, Error, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{ConfigError, DbConfig, said};

/// How a process logs in.
pub(crate) struct Login {
    config: DbConfig,
    production: bool,
    /// What was taken last; at first what was there at the start.
    taken: Mutex<Arc<Credentials>>,
}

/// What the files said.
struct Credentials {
    password: secret::SecretVec,
    tls: MakeRustlsConnect,
}

impl Credentials {
    fn read(config: &DbConfig, production: bool) -> Result<Self, ConfigError> {
        Ok(Self { password: config.password(production)?, tls: config.connector(production)? })
    }

    /// A connection, and the task that runs it.
    async fn connect(&self, mut session: Config) -> Result<(Client, JoinHandle<()>), Error> {
        session.password(self.password.expose());
        let (client, connection) = session.connect(self.tls.clone()).await?;
        Ok((client, run(connection)))
    }
}

impl Login {
    /// Reads the files for the first time.
    pub(crate) fn new(config: &DbConfig, production: bool) -> Result<Self, ConfigError> {
        let taken = Mutex::new(Arc::new(Credentials::read(config, production)?));
        Ok(Self { config: config.clone(), production, taken })
    }

    fn taken(&self) -> Arc<Credentials> {
        Arc::clone(&self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn log_in(&self, session: Config) -> Result<(Client, JoinHandle<()>), Error> {
        let (config, production) = (self.config.clone(), self.production);
        let read = spawn_blocking(move || Credentials::read(&config, production)).await;
        let now = match read {
            Ok(Ok(now)) => Arc::new(now),
            Ok(Err(error)) => {
                said::warn("files", &format!("{}, what was taken last is used", said::chain(&error)));
                self.taken()
            }
            Err(_ended) => self.taken(),
        };
        let connected = now.connect(session.clone()).await;
        let Err(error) = connected else {
            *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = now;
            return connected;
        };
        said::cannot_connect(&error);
        let before = self.taken();
        let is_refused = error.code().is_some_and(|code| *code == SqlState::INVALID_PASSWORD);
        if is_refused && before.password.expose() != now.password.expose() {
            return before.connect(session).await;
        }
        Err(error)
    }
}

impl Connect for Login {
    fn connect(&self, session: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(self.log_in(session.clone()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the pool ends it with its connection")]
fn run(connection: impl Future<Output = Result<(), Error>> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(reason = said::chain(&error), "a connection to the database ended");
        }
    })
}
