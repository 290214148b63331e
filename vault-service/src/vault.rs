//! What every use case works with.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use audit::{Outbox, OutboxConfig, OutboxKeySlot, OutboxWriter};
use clock::SharedClock;
use db::Db;
use names::EventId;
use rpc::Channel;
use rpc::page::{MAX_BYTES, Page};
use service::Jobs;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::keys::Keys;
use crate::keys::cache::DataKeyCacheConfig;
use crate::keys::own::OwnKeySource;
use crate::places::Places;
use crate::records::locks::RecordLocks;
use crate::records::reader::RecordReader;
use crate::records::writer::RecordWriter;
use crate::store::types::Most;

/// The vault: its database, its way to data keys and its outbox.
#[derive(Debug)]
pub struct Vault {
    pub(crate) db: Db,
    pub(crate) clock: SharedClock,
    pub(crate) keys: Arc<Keys>,
    pub(crate) own_keys: Arc<OwnKeySource>,
    pub(crate) outbox: Outbox,
    pub(crate) events: OutboxWriter,
    pub(crate) reader: RecordReader,
    pub(crate) records: RecordWriter,
    pub(crate) places: Arc<Places>,
    pub(crate) record_locks: RecordLocks,
    pub(crate) jobs: Jobs,
}

/// What the vault is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its database.
    pub db: Db,
    /// Its time.
    pub clock: SharedClock,
    /// Its way to key-service.
    pub key_service: Channel,
    /// How long it waits for key-service; [`keys::BUDGET`](crate::keys::BUDGET).
    pub key_budget: Duration,
    /// Whether reveals use data keys again.
    pub data_key_cache: DataKeyCacheConfig,
    /// How many events may wait for audit-service.
    pub outbox: OutboxConfig,
    /// Where its tasks run.
    pub jobs: Jobs,
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

impl Vault {
    /// Puts the vault together; nothing is connected yet. The tasks that its calls need run as jobs and end when it is
    /// dropped.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { db, clock, key_service, key_budget, data_key_cache, outbox, jobs } = parts;
        let keys = Arc::new(Keys::new(key_service, key_budget, &jobs).with_cache(&data_key_cache));
        let slot = OutboxKeySlot::empty();
        let own_keys = OwnKeySource::new(db.clone(), Arc::clone(&clock), Arc::clone(&keys), slot.clone());
        let outbox = Outbox::new(db.clone(), slot, Arc::clone(&clock), &outbox);
        let (events, writer) = OutboxWriter::new(outbox.clone());
        jobs.spawn("outbox writer", writer.run());
        let reader = RecordReader::new(db.clone(), Arc::clone(&keys), &jobs);
        let records = RecordWriter::new(db.clone(), outbox.clone(), &jobs);
        let places = Arc::new(Places::default());
        let (own_keys, record_locks) = (Arc::new(own_keys), RecordLocks::default());
        Arc::new(Self { db, clock, keys, own_keys, outbox, events, reader, records, places, record_locks, jobs })
    }

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
}
