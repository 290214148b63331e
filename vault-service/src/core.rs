//! What every topic works with.

use std::future::Future;
use std::sync::Arc;

use audit::{Outbox, OutboxWriter};
use clock::SharedClock;
use db::Db;
use names::EventId;
use rpc::page::{MAX_BYTES, Page};
use service::Jobs;
use tokio::sync::oneshot;

use crate::error::{Error, Resource};
use crate::keys::Keys;
use crate::keys::own::OwnKeySource;
use crate::places::Places;
use crate::store::StoreError;
use crate::store::types::Most;

/// The database, the way to data keys, the outbox, and the tasks of calls.
#[derive(Debug)]
pub struct Core {
    pub(crate) db: Db,
    pub(crate) clock: SharedClock,
    pub(crate) keys: Arc<Keys>,
    pub(crate) own_keys: Arc<OwnKeySource>,
    pub(crate) outbox: Outbox,
    pub(crate) events: OutboxWriter,
    pub(crate) places: Arc<Places>,
    pub(crate) jobs: Jobs,
}

impl Core {
    /// Runs `work` to its end even where the caller goes away: once a key was used, its event must follow.
    pub(crate) async fn to_the_end<T, F>(&self, name: &'static str, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // Boxed: it is large, and would be moved several times on its way into the runtime.
        let work = Box::pin(work);
        self.jobs.spawn(name, async move {
            if let Err(Err(error)) = answer.send(work.await) {
                // The caller went away: nobody is told of it.
                error.report();
            }
        });
        answered.await.unwrap_or(Err(Error::Bug("a use case ended without an answer")))
    }

    /// Whether something new was inserted, or is there although the answer was lost: `stored` reads the uid of what has its name
    /// by now, and `own` is its uid.
    pub(crate) async fn settle_insert<U: PartialEq>(
        &self,
        inserted: Result<(), StoreError>,
        name: &(impl Clone + Into<Resource>),
        own: U,
        stored: impl Future<Output = Result<Option<U>, StoreError>>,
    ) -> Result<(), Error> {
        let error = match inserted {
            Ok(()) => {
                self.outbox.committed(1);
                return Ok(());
            }
            Err(StoreError::Database(error @ (db::Error::UniqueViolation { .. } | db::Error::ConnectionLost(_)))) => {
                error
            }
            Err(error) => return Err(error.into()),
        };
        match stored.await {
            Ok(Some(stored)) if stored == own => Ok(()),
            Ok(Some(_)) => Err(Error::AlreadyExists(name.clone().into())),
            Ok(None) => Err(Error::of_change(error)),
            Err(_) if matches!(error, db::Error::ConnectionLost(_)) => Err(Error::of_change(error)),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a use case answers, and the event that tells of it.
#[derive(Debug)]
pub struct Done<T> {
    /// The answer.
    pub value: T,
    /// The event; none where it is told of by somebody else.
    pub event_id: Option<EventId>,
}

/// What a page is read with: as much as shows whether another one follows.
pub(crate) fn most_of(page: &Page) -> Most {
    Most { rows: page.limit(), bytes: i64::try_from(MAX_BYTES).unwrap_or(i64::MAX) }
}
