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

use batch::{BatchCall, Batcher, NotCalled};
use db::Db;
use names::{Etag, RecordName};
use rpc::Granted;
use tokio::time::Instant;

use super::limits::MAX_RESPONSE_BYTES;
use super::sealing::{check_head, unwrap_request};
use crate::batches::batcher;
use crate::error::{DoesNotOpen, Error};
use crate::keys::error::KeyError;
use crate::keys::{Keys, UnwrapKey, UnwrappedKey};
use crate::permissions::RecordsReveal;
use crate::places::Place;
use crate::store::records::{FetchedRecord, RecordRow, WantedRow, records_fetch};

/// Sealed fields of a record that come with its row: of a larger one they are read once memory is set aside for them. A
/// message of a batch reads as many rows as the records of one call, so each has less.
pub(super) const SMALL: usize = 64 << 10;
const SMALL_IN_BATCH: usize = 4 << 10;
/// Sealed fields of no record that the vault writes are larger: a mebibyte of JSON, what it is padded with, and the names.
pub(super) const MAX_SEALED_BYTES: usize = 2 << 20;
/// Most bytes of an answer around a record and its fields' names: its name, ids and times; or the status of one that is not
/// shown.
pub(super) const AROUND: usize = 768;
/// What stands before a field's name.
pub(super) const AROUND_NAME: usize = 3;
/// How often the values of a record are there while they are revealed: sealed, opened, as a message, and encoded. What a
/// message takes beyond that is set aside once it is known.
pub(super) const COPIES: usize = 4;

/// A record that somebody wants to open.
#[derive(Debug)]
pub struct Wanted {
    place: Place,
    name: RecordName,
    etag: Option<Etag>,
    /// Whether all of its values will be answered. Of a part less comes out than was stored.
    is_whole: bool,
    /// Kept, so that the call counts as long as this waits; and what the memory is set aside with.
    granted: Granted<RecordsReveal>,
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
    pub fn new(
        place: Place,
        name: RecordName,
        etag: Option<Etag>,
        is_whole: bool,
        granted: Granted<RecordsReveal>,
    ) -> Self {
        Self { place, name, etag, is_whole, granted }
    }

    /// Whether this is the row that is wanted.
    fn check(&self, fetched: Option<FetchedRecord>) -> Result<FetchedRecord, Error> {
        let fetched = fetched.ok_or_else(|| Error::NotFound(self.name.clone().into()))?;
        let head = &fetched.row.head;
        if self.etag.is_some_and(|expected| expected != Etag::new(head.record_uid.as_uuid(), head.revision)) {
            return Err(Error::EtagMismatch);
        }
        if fetched.bytes() > MAX_SEALED_BYTES {
            return Err(self.does_not_open(DoesNotOpen::Columns));
        }
        Ok(fetched)
    }

    /// Sets memory aside for what will be revealed.
    fn reserve(&self, fetched: FetchedRecord) -> Result<FetchedRecord, Error> {
        self.granted.reserve_response(fetched.bytes().saturating_mul(COPIES))?;
        Ok(fetched)
    }

    /// About how many bytes it is answered with, beside those around it: names stand beside the values, too.
    fn answer_bytes(&self, fetched: &FetchedRecord) -> usize {
        let values = if self.is_whole { fetched.sealed_bytes } else { 0 };
        values + fetched.name_bytes
    }

    /// Its row, with as many bytes as these.
    fn row(&self, most: usize) -> WantedRow<'_> {
        WantedRow { key: self.place.record_key(&self.name), most: i32::try_from(most).unwrap_or(i32::MAX) }
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
        Self { batcher: batcher("reveal", Read(source.clone()), jobs), source }
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

    /// Reads rows and has their data keys unwrapped, each for itself, in the order of what is wanted: all for one call. Nothing is
    /// unwrapped where those of which all is wanted make an answer of more than `most` bytes, or more is stored of them than
    /// one batch reads, or there is no memory for them.
    pub async fn read_all(
        &self,
        wanted: &[Wanted],
        most: usize,
        deadline: Instant,
    ) -> Result<Vec<Result<Found, Error>>, Error> {
        let Some(Wanted { granted, .. }) = wanted.first() else { return Ok(Vec::new()) };
        // Sealed fields and names that come with the rows.
        granted.cover_response(wanted.len() * SMALL_IN_BATCH * 2)?;
        let fetched = self.source.fetch(wanted, SMALL_IN_BATCH).await?;
        let there = || wanted.iter().zip(&fetched).filter_map(|(one, fetched)| Some((one, fetched.as_ref().ok()?)));
        let stored: usize = there().map(|(_, fetched)| fetched.bytes()).sum();
        let answered: usize = there().map(|(one, fetched)| one.answer_bytes(fetched)).sum();
        if answered + wanted.len() * AROUND > most {
            return Err(Error::TooLarge { limit: most });
        }
        if stored > MAX_RESPONSE_BYTES {
            return Err(Error::TooLarge { limit: MAX_RESPONSE_BYTES });
        }
        granted.cover_response(stored.saturating_mul(COPIES))?;
        Ok(self.source.unwrap(wanted, self.source.complete(wanted, fetched).await?, deadline).await)
    }
}

impl Source {
    /// What is found of each: one statement reads the rows, and one message unwraps the keys of those that are there.
    async fn read(&self, wanted: &[Wanted], deadline: Instant) -> Result<Vec<Result<Found, Error>>, db::Error> {
        let fetched = self.fetch(wanted, SMALL).await?.into_iter();
        let reserved = wanted.iter().zip(fetched).map(|(one, fetched)| one.reserve(fetched?)).collect();
        Ok(self.unwrap(wanted, self.complete(wanted, reserved).await?, deadline).await)
    }

    /// The rows that are wanted, without sealed fields of more than `most` bytes.
    async fn fetch(&self, wanted: &[Wanted], most: usize) -> Result<Vec<Result<FetchedRecord, Error>>, db::Error> {
        let rows = self.rows(&wanted.iter().map(|one| one.row(most)).collect::<Vec<_>>()).await?;
        Ok(wanted.iter().zip(rows).map(|(one, row)| one.check(row)).collect())
    }

    /// Reads those again whose sealed fields were left out, now whole: each with the bytes that were set aside for it, and no
    /// more, should it have become another meanwhile.
    async fn complete(
        &self,
        wanted: &[Wanted],
        fetched: Vec<Result<FetchedRecord, Error>>,
    ) -> Result<Vec<Result<RecordRow, Error>>, db::Error> {
        let is_cut = |fetched: &Result<FetchedRecord, Error>| fetched.as_ref().is_ok_and(|fetched| fetched.is_cut);
        let cut: Vec<&Wanted> =
            wanted.iter().zip(&fetched).filter(|(_, fetched)| is_cut(fetched)).map(|(one, _)| one).collect();
        let bytes = fetched.iter().filter(|fetched| is_cut(fetched)).flatten().map(FetchedRecord::bytes);
        let again: Vec<_> = cut.iter().zip(bytes).map(|(one, bytes)| one.row(bytes)).collect();
        let rows = if again.is_empty() { Vec::new() } else { self.rows(&again).await? };
        let mut whole = cut.iter().zip(rows).map(|(one, row)| {
            let row = one.check(row)?;
            if row.is_cut { Err(Error::Contended(one.name.clone())) } else { Ok(row) }
        });
        let complete = fetched.into_iter().map(|fetched| {
            let fetched = fetched?;
            let whole =
                if fetched.is_cut { whole.next().unwrap_or(Err(Error::Bug("a row is missing")))? } else { fetched };
            Ok(whole.row)
        });
        Ok(complete.collect())
    }

    /// Has the data keys of the rows unwrapped that can be those of the records.
    async fn unwrap(
        &self,
        wanted: &[Wanted],
        rows: Vec<Result<RecordRow, Error>>,
        deadline: Instant,
    ) -> Vec<Result<Found, Error>> {
        let mut requests = Vec::with_capacity(wanted.len());
        let checked: Vec<_> = wanted
            .iter()
            .zip(rows)
            .map(|(one, row)| {
                let row = row?;
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
        found.collect()
    }

    /// The rows that are there.
    async fn rows(&self, wanted: &[WantedRow<'_>]) -> Result<Vec<Option<FetchedRecord>>, db::Error> {
        let rows = records_fetch(&self.db, wanted).await?;
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

    async fn call(&self, wanted: Vec<Wanted>, deadline: Instant) -> Result<Vec<Result<Found, Error>>, ReadError> {
        self.0.read(&wanted, deadline).await.map_err(|error| ReadError::Database(Arc::new(error)))
    }

    /// No row is known before it is read: as much as a large one has.
    fn weight(_: &Wanted) -> usize {
        64 << 10
    }
}
