//! Rows and their data keys, for those who open records. Concurrent reveals share the statement and the call to
//! key-service.
//!
//! ```text
//! reveals ─▶ one statement reads the rows ─▶ one call unwraps their data keys ─▶ each opens its own
//! ```
//! They go through both in one company: two companies, one for the statement and one for the call, would wait for each
//! other and be half as large.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db::Db;
use names::{Etag, RecordName};
use tokio::time::Instant;

use super::read::key_of;
use super::sealing::{check_head, unwrap_request};
use crate::batcher::{BatchCall, Batcher, NotCalled};
use crate::error::{DoesNotOpen, Error};
use crate::keys::calls::KeyError;
use crate::keys::{Keys, UnwrapKey, UnwrappedKey};
use crate::places::Place;
use crate::store::records::{RecordRow, records_fetch};

/// A record that somebody wants to open.
#[derive(Debug)]
pub struct Wanted {
    place: Place,
    name: RecordName,
    etag: Option<Etag>,
}

/// What is stored of a record, with its data key.
#[derive(Debug)]
pub struct Found {
    /// The row.
    pub row: RecordRow,
    /// The data key, or why it was not unwrapped.
    pub key: Result<UnwrappedKey, Error>,
}

/// Reads rows and has their data keys unwrapped.
#[derive(Debug)]
pub struct RecordReader {
    batcher: Batcher<Read>,
    source: Source,
}

#[derive(Debug, Clone)]
struct Source {
    db: Db,
    keys: Arc<Keys>,
    /// Statements that the database has answered.
    reads: Arc<AtomicUsize>,
}

impl Wanted {
    /// The record with this name, at this revision if one is given.
    pub fn new(place: Place, name: RecordName, etag: Option<Etag>) -> Self {
        Self { place, name, etag }
    }

    /// Whether this is the row that is wanted.
    fn check(&self, row: Option<RecordRow>) -> Result<RecordRow, Error> {
        let row = row.ok_or_else(|| Error::NotFound(self.name.clone().into()))?;
        let etag = Etag::new(row.head.record_uid.as_uuid(), row.head.revision);
        if self.etag.is_some_and(|expected| expected != etag) { Err(Error::EtagMismatch) } else { Ok(row) }
    }

    /// Asks for the data key of the row, if its columns can be those of the record.
    fn unwrap_request(&self, row: &RecordRow) -> Result<UnwrapKey, Error> {
        check_head(&self.name, &row.head).map_err(|source| self.does_not_open(source))?;
        Ok(unwrap_request(&self.place.tenant, &self.name, &row.head))
    }

    fn of_key(&self, error: KeyError) -> Error {
        DoesNotOpen::of_key(error).map_or_else(Error::from, |source| self.does_not_open(source))
    }

    fn does_not_open(&self, source: DoesNotOpen) -> Error {
        Error::DoesNotOpen { name: self.name.clone(), source }
    }
}

impl RecordReader {
    /// The batcher runs as a job.
    pub fn new(db: Db, keys: Arc<Keys>, jobs: &service::Jobs) -> Self {
        let source = Source { db, keys, reads: Arc::default() };
        Self { batcher: Batcher::start("reveal", Read(source.clone()), jobs), source }
    }

    /// Reads the row of a record and has its data key unwrapped, together with others that are wanted at the same time.
    pub async fn read(&self, wanted: Wanted, deadline: Instant) -> Result<Found, Error> {
        let deadline = self.source.keys.within_budget(deadline);
        let reads = self.source.reads.load(Ordering::Relaxed);
        match self.batcher.call(wanted, deadline).await {
            Ok(found) => found,
            // Where the database has answered meanwhile, this call or others, it was key-service that was waited for.
            Err(ReadError::NotCalled(NotCalled::Late)) if reads != self.source.reads.load(Ordering::Relaxed) => {
                Err(KeyError::from(NotCalled::Late).into())
            }
            Err(ReadError::NotCalled(NotCalled::Late)) => Err(db::Error::Timeout.into()),
            Err(ReadError::NotCalled(error)) => Err(error.into()),
            Err(ReadError::Database(error)) => Err(Error::Database(error)),
        }
    }

    /// Reads rows and has their data keys unwrapped, each for itself, in the order of what is wanted.
    pub async fn read_all(&self, wanted: &[Wanted], deadline: Instant) -> Result<Vec<Result<Found, Error>>, Error> {
        Ok(self.source.read(wanted, deadline).await?)
    }
}

impl Source {
    /// What is found of each: one statement reads the rows, and one message unwraps the keys of those that are there.
    async fn read(&self, wanted: &[Wanted], deadline: Instant) -> Result<Vec<Result<Found, Error>>, db::Error> {
        let rows = self.rows(wanted).await?;
        let mut requests = Vec::with_capacity(wanted.len());
        let checked: Vec<_> = wanted
            .iter()
            .zip(rows)
            .map(|(one, row)| {
                let row = one.check(row)?;
                let asked = one.unwrap_request(&row).map(|request| requests.push(request));
                Ok::<_, Error>((row, asked))
            })
            .collect();
        let mut keys = self.keys.unwrap_to_reveal(requests, deadline).await.into_iter();
        let found = wanted.iter().zip(checked).map(|(one, checked)| {
            let (row, asked) = checked?;
            let key = asked.and_then(|()| {
                let key = keys.next().ok_or(Error::Bug("a data key is missing"))?;
                key.map_err(|error| one.of_key(error))
            });
            Ok(Found { row, key })
        });
        Ok(found.collect())
    }

    /// The rows that are there.
    async fn rows(&self, wanted: &[Wanted]) -> Result<Vec<Option<RecordRow>>, db::Error> {
        let keys: &Vec<_> = &wanted.iter().map(|one| key_of(&one.place, &one.name)).collect();
        let rows = self.db.run_one("records_fetch", |conn| Box::pin(async move { records_fetch(conn, keys).await }));
        let rows: Vec<Option<RecordRow>> = rows.await?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(rows)
    }
}

/// Why nothing was read.
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

/// Reading, as a kind of call that can be shared. What is wrong with one record is its own answer.
#[derive(Debug)]
struct Read(Source);

impl BatchCall for Read {
    type Request = Wanted;
    type Answer = Result<Found, Error>;
    type Error = ReadError;

    async fn call(&self, wanted: &[Wanted], deadline: Instant) -> Result<Vec<Result<Found, Error>>, ReadError> {
        self.0.read(wanted, deadline).await.map_err(|error| ReadError::Database(Arc::new(error)))
    }

    /// No row is known before it is read: as much as a large one has.
    fn weight(_: &Wanted) -> usize {
        64 << 10
    }
}
