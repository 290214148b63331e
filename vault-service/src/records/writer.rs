//! Concurrent creates share a statement and its commit.
//!
//! ```text
//! creates ─▶ shared statement ─┬▶ written
//!                              ├▶ skipped: the name or the request id is taken     ┐ each goes on by itself,
//!                              └▶ held: somebody else is about to take the name    ┘ in a statement of its own
//! ```
//! Each record is written together with its request and its event, or not at all. One that cannot be written now fails
//! nobody else's, nor does it keep them waiting for more than a moment ([`PARTS`]): while it goes on by itself, further
//! ones of its name do not come into a shared statement at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use audit::{AuditUnavailable, Event, Outbox, OutboxRow};
use batch::{BatchCall, Batcher, NotCalled};
use db::Db;
use futures::future::join_all;
use names::{RecordName, RecordUid};
use rpc::Granted;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::held::{HeldName, HeldNames};
use crate::batches::batcher;
use crate::permissions::RecordsCreate;
use crate::store::StoreError;
use crate::store::records::{NewRecord, RecordRow, Way, records_insert};
use crate::store::requests::{NewRequest, RequestKey, requests_known};

/// Into how many parts a shared statement is divided where one of its names is held: all but one of them are written at
/// once. Each division costs 50 ms, so that the last neighbour of a held name among 256 has waited for 250 ms.
const PARTS: usize = 4;
/// Statements for one record alone that run at once: each may wait for a lock, on a connection that others want.
const ALONE: usize = 2;
/// How often a shared statement is sent because request ids in it were taken.
const MAX_ROUNDS: usize = 3;

/// A record to write.
#[derive(Debug)]
pub struct Write {
    /// Its name.
    pub name: RecordName,
    /// Its row.
    pub row: RecordRow,
    /// The request to remember.
    pub request: Option<NewRequest>,
    /// What tells of it.
    pub event: Event,
    /// Kept, so that the call counts as long as this waits.
    pub granted: Granted<RecordsCreate>,
}

/// Why records were not written, or may not have been.
#[derive(Debug, Clone)]
pub enum WriteError {
    /// The database said so.
    Database(Arc<db::Error>),
    /// Nothing came from the batcher.
    NotCalled(NotCalled),
    /// Their requests cannot be written by one statement: a mistake in this program.
    Unlike,
    /// Their events cannot be made.
    AuditUnavailable(AuditUnavailable),
}

impl From<NotCalled> for WriteError {
    fn from(error: NotCalled) -> Self {
        Self::NotCalled(error)
    }
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(error) => Self::Database(Arc::new(error)),
            StoreError::Row(_) => Self::Unlike,
        }
    }
}

impl WriteError {
    fn database(&self) -> Option<&db::Error> {
        if let Self::Database(error) = self { Some(error) } else { None }
    }

    /// Whether one of the names is taken.
    pub fn is_name_taken(&self) -> bool {
        self.violates("records_pkey")
    }

    /// Whether the request id is taken.
    pub fn is_request_taken(&self) -> bool {
        self.violates(REQUEST)
    }

    /// Whether a record with one of the uids is there.
    pub fn is_uid_taken(&self) -> bool {
        self.violates("records_record_uid_key")
    }

    fn violates(&self, constraint: &str) -> bool {
        self.database().is_some_and(|error| error.is_unique_violation_of(constraint))
    }
}

const REQUEST: &str = "requests_pkey";

/// Writes new records.
#[derive(Debug)]
pub struct RecordWriter {
    batcher: Batcher<Insert>,
    insert: Insert,
    alone: Semaphore,
    /// Names that statements of their own are about.
    held: HeldNames,
}

impl RecordWriter {
    /// The batcher runs as a job.
    pub fn new(db: Db, outbox: Outbox, jobs: &service::Jobs) -> Self {
        let insert = Insert { db, outbox };
        let batcher = batcher("records_insert", insert.clone(), jobs);
        Self { batcher, insert, alone: Semaphore::new(ALONE), held: HeldNames::default() }
    }

    /// Writes one record, in a statement with others that come at the same time. `false`, and nothing is written, where its
    /// name or its request id is taken or about to be.
    pub async fn write(&self, write: Arc<Write>, deadline: Instant) -> Result<bool, WriteError> {
        if self.held.contains(&write.held()) {
            return Ok(false);
        }
        self.batcher.call(write, deadline).await?
    }

    /// Writes records in a statement of their own, all or none. With `again`, those that were deleted before are left out:
    /// they were written by a statement that was lost. Whether there were none of those.
    pub async fn write_alone(&self, writes: &[Arc<Write>], again: bool, deadline: Instant) -> Result<bool, WriteError> {
        let way = if again { Way::Again } else { Way::Own };
        let [write] = writes else { return self.insert.all(writes, way).await };
        let _held = self.held.hold(write.held());
        let turn = timeout_at(deadline, self.alone.acquire()).await;
        let _turn = turn.map_err(|_elapsed| NotCalled::Late)?.map_err(|_closed| NotCalled::Ending)?;
        self.insert.all(writes, way).await
    }
}

#[derive(Debug, Clone)]
struct Insert {
    db: Db,
    outbox: Outbox,
}

/// What became of the writes of one shared statement so far.
#[derive(Default)]
struct Came {
    written: HashSet<RecordUid>,
    failed: HashMap<RecordUid, WriteError>,
}

impl BatchCall for Insert {
    type Request = Arc<Write>;
    type Answer = Result<bool, WriteError>;
    type Error = WriteError;

    async fn call(&self, writes: Vec<Arc<Write>>, _: Instant) -> Result<Vec<Result<bool, WriteError>>, WriteError> {
        let mut came = Came::default();
        let mut groups = vec![one_of_each_request(&writes)];
        let mut rounds = 0;
        while !groups.is_empty() {
            let results = join_all(groups.iter().map(|group| self.shared(group))).await;
            let mut left = Vec::new();
            for (group, result) in groups.into_iter().zip(results) {
                match result {
                    Ok(written) => came.written.extend(written),
                    // Somebody holds one of the names.
                    Err(error) if matches!(error.database(), Some(db::Error::Locked)) => left.extend(parts(&group)),
                    // Each of them goes on by itself.
                    Err(error) if error.is_request_taken() && rounds >= MAX_ROUNDS => {}
                    Err(error) if error.is_request_taken() => {
                        rounds += 1;
                        match self.of_new_requests(&group).await {
                            Ok(new) => left.extend(Some(new).filter(|new| !new.is_empty())),
                            Err(error) => came.fail(&group, &error),
                        }
                    }
                    Err(error) => came.fail(&group, &error),
                }
            }
            groups = left;
        }
        Ok(writes.iter().map(|write| came.of(write.uid())).collect())
    }

    fn weight(write: &Arc<Write>) -> usize {
        write.row.sealed_fields.len()
    }
}

impl Came {
    fn fail(&mut self, writes: &[Arc<Write>], error: &WriteError) {
        self.failed.extend(writes.iter().map(|one| (one.uid(), error.clone())));
    }

    fn of(&self, uid: RecordUid) -> Result<bool, WriteError> {
        self.failed.get(&uid).map_or_else(|| Ok(self.written.contains(&uid)), |error| Err(error.clone()))
    }
}

impl Write {
    fn uid(&self) -> RecordUid {
        self.row.head.record_uid
    }

    fn held(&self) -> HeldName {
        self.row.key().into()
    }
}

impl Insert {
    /// Writes those records whose names are free.
    async fn shared(&self, writes: &[Arc<Write>]) -> Result<Vec<RecordUid>, WriteError> {
        let rows = writes.iter().map(|write| self.outbox.row(&write.event.log, std::slice::from_ref(&write.event)));
        let rows: Result<Vec<_>, _> = rows.collect();
        let rows = rows.map_err(WriteError::AuditUnavailable)?;
        self.run(writes, rows.iter().map(Some), Way::Shared).await
    }

    /// Writes records, all or none but those that were deleted before; whether all. Events of one log share outbox rows.
    async fn all(&self, writes: &[Arc<Write>], way: Way) -> Result<bool, WriteError> {
        let rows = self.outbox.rows(writes.iter().map(|write| &write.event));
        let rows = rows.map_err(WriteError::AuditUnavailable)?;
        let events = rows.iter().map(Some).chain(std::iter::repeat(None));
        Ok(self.run(writes, events, way).await?.len() == writes.len())
    }

    async fn run<'a>(
        &self,
        writes: &'a [Arc<Write>],
        events: impl Iterator<Item = Option<&'a OutboxRow>>,
        way: Way,
    ) -> Result<Vec<RecordUid>, WriteError> {
        let records = writes.iter().zip(events).map(|(write, event)| {
            let (row, request) = (&write.row, write.request.as_ref());
            NewRecord { row, request, event }
        });
        let records: Vec<_> = records.collect();
        let written = records_insert(&self.db, &records, way).await?;
        self.outbox.committed(written.len());
        Ok(written)
    }

    /// The writes of a statement whose request ids are not taken.
    async fn of_new_requests(&self, writes: &[Arc<Write>]) -> Result<Vec<Arc<Write>>, WriteError> {
        let keys = writes.iter().filter_map(|write| write.request.as_ref()).map(|request| &request.key);
        let keys: Vec<&RequestKey> = keys.collect();
        let known = requests_known(&self.db, &keys).await.map_err(|error| WriteError::Database(Arc::new(error)))?;
        let is_new = |write: &&Arc<Write>| write.request.as_ref().is_none_or(|request| !known.contains(&request.key));
        Ok(writes.iter().filter(is_new).cloned().collect())
    }
}

/// The first write of each request: one that came twice at once is not taken for one that was done before.
fn one_of_each_request(writes: &[Arc<Write>]) -> Vec<Arc<Write>> {
    let mut seen = HashSet::new();
    let is_first = |write: &&Arc<Write>| write.request.as_ref().is_none_or(|request| seen.insert(request.key.clone()));
    writes.iter().filter(is_first).cloned().collect()
}

/// A statement in parts; none of a single record, which goes on by itself.
fn parts(writes: &[Arc<Write>]) -> Vec<Vec<Arc<Write>>> {
    if writes.len() == 1 {
        return Vec::new();
    }
    writes.chunks(writes.len().div_ceil(PARTS)).map(<[_]>::to_vec).collect()
}
