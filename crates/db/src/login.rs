//! Connecting with the password and the authorities that are in their files now.
//!
//! A role's password is changed in the database and in the file, one after the other. In between, and where a file cannot be used,
//! what it said when it was taken last is tried.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadpool_postgres::Connect;
use futures::future::BoxFuture;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{ConfigError, DbConfig, said};

/// How a process logs in. All its pools share one, so that what one of them was taken with is known to all.
#[derive(Clone)]
pub(crate) struct Login(Arc<Shared>);

struct Shared {
    config: DbConfig,
    production: bool,
    /// What was taken last; at first what was there at the start.
    taken: Mutex<Credentials>,
}

/// What the files said.
#[derive(Clone)]
struct Credentials {
    password: Arc<secret::SecretVec>,
    tls: MakeRustlsConnect,
}

impl Credentials {
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
        let (password, tls) = (Arc::new(config.password(production)?), config.connector(production)?);
        let taken = Mutex::new(Credentials { password, tls });
        Ok(Self(Arc::new(Shared { config: config.clone(), production, taken })))
    }

    fn taken(&self) -> MutexGuard<'_, Credentials> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the files say now; for one that cannot be used what was taken last.
    fn read(&self) -> Credentials {
        let Shared { config, production, .. } = &*self.0;
        let mut now = self.taken().clone();
        let unusable = |error: &ConfigError| {
            said::warn("files", &format!("{}, what was taken last is used", said::chain(error)));
        };
        match config.password(*production) {
            Ok(password) => now.password = Arc::new(password),
            Err(error) => unusable(&error),
        }
        match config.connector(*production) {
            Ok(tls) => now.tls = tls,
            Err(error) => unusable(&error),
        }
        now
    }

    async fn log_in(&self, session: Config) -> Result<(Client, JoinHandle<()>), Error> {
        let login = self.clone();
        let read = spawn_blocking(move || login.read()).await;
        let mut now = read.unwrap_or_else(|_ended| self.taken().clone());
        let mut connected = now.connect(session.clone()).await;
        if let Err(error) = &connected {
            said::cannot_connect(error);
            let before = Arc::clone(&self.taken().password);
            if error.code() == Some(&SqlState::INVALID_PASSWORD) && before.expose() != now.password.expose() {
                now.password = before;
                connected = now.connect(session).await;
            }
        }
        if connected.is_ok() {
            *self.taken() = now;
        }
        connected
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
