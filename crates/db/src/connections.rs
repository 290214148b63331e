//! The connections of a process: those of its calls, which share what PostgreSQL grants, and one that asks whether the
//! database answers.

use std::error;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::QueueMode;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use futures::future::join_all;
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::error::{DbError, SqlState};

use crate::conn::{Conn, Upkeep};
use crate::login::Login;
use crate::places::{Place, Places};
use crate::renewal::Renewal;
use crate::settling::{Settling, close};
use crate::{ConfigError, DbConfig, Error};

/// Longest wait for a connection, whether all are busy or the server is away.
const POOL_WAIT: Duration = Duration::from_secs(2);

pub(crate) struct Connections {
    calls: Pool,
    places: Places,
    /// The one that no call uses.
    apart: Pool,
    statement_timeout: Duration,
    upkeep: Arc<Upkeep>,
}

impl Connections {
    /// Connects on first use.
    pub(crate) fn new(config: &DbConfig, production: bool) -> Result<Self, ConfigError> {
        let login = Login::new(config, production)?;
        let session = config.session(true, production)?;
        Ok(Self {
            calls: pool_of(&session, &login, config.max_connections)?,
            places: Places::new(config.max_connections),
            apart: pool_of(&session, &login, 1)?,
            statement_timeout: config.statement_timeout(),
            upkeep: Arc::new(Upkeep { renewal: Renewal::new(), settling: Settling::default() }),
        })
    }

    /// A connection for a call.
    pub(crate) async fn acquire(&self) -> Result<Conn, Error> {
        // In a box, because every door has this inside, and callers have several doors inside each other.
        let (client, place) = within_wait(Box::pin(self.of_calls())).await?;
        Ok(self.conn(client, Some(place)))
    }

    /// Most connections for calls.
    pub(crate) fn most(&self) -> usize {
        self.calls.status().max_size
    }

    /// Opens `connections` ahead of their use, at most as many as there may be and as PostgreSQL grants.
    pub(crate) async fn warm(&self, connections: usize) -> Result<(), Error> {
        let wanted = connections.min(self.most());
        // All are held until the last one is there, so that none is had twice.
        let opened = join_all((0..wanted).map(|_| within_wait(self.calls.get()))).await;
        let failure = opened.into_iter().find_map(|one| one.err().filter(|error| refusal(error).is_none()));
        failure.map_or(Ok(()), Err)
    }

    /// Whether the database answers. Where there is no room for a connection that asks just that, those of the calls tell.
    pub(crate) async fn answers(&self) -> bool {
        let asked = async {
            // That a session ended while nobody used it shows only when it is used; the next one is new.
            for _ in 0..2 {
                match self.asked_apart().await {
                    Ok(()) => return true,
                    Err(error) if refusal(&error).is_some() => return self.calls_are_answered().await,
                    Err(_) => {}
                }
            }
            false
        };
        timeout(POOL_WAIT.saturating_add(self.statement_timeout), asked).await.unwrap_or(false)
    }

    async fn asked_apart(&self) -> Result<(), Error> {
        let client = within_wait(self.apart.get()).await?;
        self.conn(client, None).batch("SELECT 1").await
    }

    async fn calls_are_answered(&self) -> bool {
        match timeout(POOL_WAIT, self.of_calls()).await {
            Ok(Ok((client, place))) => self.conn(client, Some(place)).batch("SELECT 1").await.is_ok(),
            Ok(Err(_)) => false,
            // All are busy: that is load, unless there is none.
            Err(_elapsed) => self.calls.status().size > 0,
        }
    }

    /// One that was made since the schema was last found changed; older ones are closed on the way.
    async fn of_calls(&self) -> Result<(Object, Place), PoolError> {
        loop {
            let place = self.places.take().await.map_err(|_closed| PoolError::Closed)?;
            match self.calls.get().await {
                Ok(client) if self.upkeep.renewal.is_due(Object::metrics(&client).created) => close(client),
                Ok(client) => {
                    if Object::metrics(&client).recycled.is_none() {
                        self.places.admitted();
                    }
                    return Ok((client, place));
                }
                Err(error) => {
                    let Some(reason) = refused_with(&error) else { return Err(error) };
                    if self.calls.status().size == 0 {
                        // The one that asks whether the database answers may have had the last one.
                        drop(self.apart.retain(|_, _| false));
                    }
                    self.places.refused(place, reason).await;
                }
            }
        }
    }

    fn conn(&self, client: Object, place: Option<Place>) -> Conn {
        Conn::new(client, place, self.statement_timeout, Arc::clone(&self.upkeep))
    }
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("calls", &self.calls.status()).finish_non_exhaustive()
    }
}

fn pool_of(session: &Config, login: &Login, connections: usize) -> Result<Pool, ConfigError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(session.clone(), login.clone(), recycling);
    Pool::builder(manager)
        .max_size(connections)
        // The connection that was used last: its server process has plans, catalog and code in the processor's cache.
        .queue_mode(QueueMode::Lifo)
        .build()
        .map_err(|error| ConfigError::Pool(Box::new(error)))
}

async fn within_wait<T>(connection: impl Future<Output = Result<T, PoolError>>) -> Result<T, Error> {
    match timeout(POOL_WAIT, connection).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(unavailable(Box::new(error))),
        Err(elapsed) => Err(unavailable(Box::new(elapsed))),
    }
}

fn unavailable(error: Box<dyn error::Error + Send + Sync>) -> Error {
    metrics::counter!("db_unavailable_total").increment(1);
    Error::Unavailable(error)
}

/// What PostgreSQL said, if it has no room for one connection more: of this role, of this database, or at all.
fn refused_with(error: &PoolError) -> Option<&str> {
    let PoolError::Backend(error) = error else { return None };
    error.as_db_error().filter(|said| *said.code() == SqlState::TOO_MANY_CONNECTIONS).map(DbError::message)
}

fn refusal(error: &Error) -> Option<&str> {
    let Error::Unavailable(cause) = error else { return None };
    refused_with(cause.downcast_ref()?)
}
