//! Concurrent reveals share the statement that reads their rows.

use std::sync::Arc;

use db::Db;
use names::RecordName;
use tokio::time::Instant;

use super::read::key_of;
use crate::batcher::{BatchCall, Batcher, NotCalled};
use crate::error::Error;
use crate::places::Place;
use crate::store::records::{RecordKey, RecordRow, records_fetch};

/// Reads the rows of records.
#[derive(Debug)]
pub struct RecordReader {
    batcher: Batcher<Fetch>,
}

impl RecordReader {
    /// The batcher runs as a job.
    pub fn new(db: Db, jobs: &service::Jobs) -> Self {
        Self { batcher: Batcher::start("records_fetch", Fetch { db }, jobs) }
    }

    /// Reads the row of a record, if there is one, in a statement with others that are wanted at the same time.
    pub async fn read(&self, place: &Place, name: &RecordName, deadline: Instant) -> Result<Option<RecordRow>, Error> {
        let key = key_of(place, name);
        let wanted = Wanted { key: RecordKey { record_id: "", ..key }, record_id: Arc::from(key.record_id) };
        Ok(self.batcher.call(wanted, deadline).await?)
    }
}

/// A record that somebody wants to read.
#[derive(Debug, Clone)]
struct Wanted {
    /// Where it is, without its id.
    key: RecordKey<'static>,
    record_id: Arc<str>,
}

impl Wanted {
    fn key(&self) -> RecordKey<'_> {
        RecordKey { record_id: &self.record_id, ..self.key }
    }
}

/// Why a row was not read.
#[derive(Debug, Clone)]
enum ReadError {
    Database(Arc<db::Error>),
    NotCalled(NotCalled),
}

impl From<NotCalled> for ReadError {
    fn from(error: NotCalled) -> Self {
        Self::NotCalled(error)
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => Self::Shared(error),
            ReadError::NotCalled(error) => error.into(),
        }
    }
}

#[derive(Debug)]
struct Fetch {
    db: Db,
}

impl BatchCall for Fetch {
    type Request = Wanted;
    type Answer = Option<RecordRow>;
    type Error = ReadError;

    async fn call(&self, wanted: Vec<Wanted>, _: Instant) -> Result<Vec<Option<RecordRow>>, ReadError> {
        let keys: &Vec<_> = &wanted.iter().map(Wanted::key).collect();
        let rows = self.db.run_one("records_fetch", |conn| Box::pin(async move { records_fetch(conn, keys).await }));
        rows.await.map_err(|error: db::Error| ReadError::Database(Arc::new(error)))
    }

    fn is_of_one_request(_: &ReadError) -> bool {
        false
    }

    /// No row is known before it is read: as much as a large one has.
    fn weight(_: &Wanted) -> usize {
        64 << 10
    }
}
