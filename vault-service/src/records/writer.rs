//! Concurrent creates share a statement and its commit.
//!
//! Each record is written together with its request and its event, or not at all: a statement that holds several
//! writes all of them or none, and where one is refused (an id is taken) each is written by itself. Events of one log
//! share outbox rows.

use std::sync::Arc;

use audit::{AuditUnavailable, Event, Outbox};
use db::Db;
use tokio::time::Instant;

use crate::batcher::{BatchCall, Batcher, NotCalled};
use crate::store::StoreError;
use crate::store::records::{NewRecord, RecordRow, records_insert};
use crate::store::requests::NewRequest;

/// A record to write.
#[derive(Debug)]
pub struct Write {
    /// Its row.
    pub row: RecordRow,
    /// The request to remember.
    pub request: Option<NewRequest>,
    /// What tells of it.
    pub event: Event,
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

/// Writes new records.
#[derive(Debug)]
pub struct RecordWriter {
    batcher: Batcher<Insert>,
}

impl RecordWriter {
    /// The batcher runs as a job.
    pub fn new(db: Db, outbox: Outbox, jobs: &service::Jobs) -> Self {
        Self { batcher: Batcher::start("records_insert", Insert { db, outbox }, jobs) }
    }

    /// Writes one record, in a statement with others that come at the same time.
    pub async fn write(&self, write: Arc<Write>, deadline: Instant) -> Result<(), WriteError> {
        self.batcher.call(write, deadline).await
    }
}

#[derive(Debug)]
struct Insert {
    db: Db,
    outbox: Outbox,
}

impl BatchCall for Insert {
    type Request = Arc<Write>;
    type Answer = ();
    type Error = WriteError;

    async fn call(&self, writes: &[Arc<Write>], _: Instant) -> Result<Vec<()>, WriteError> {
        insert(&self.db, &self.outbox, writes).await.map(|()| vec![(); writes.len()])
    }

    fn is_of_one_request(error: &WriteError) -> bool {
        matches!(error, WriteError::Database(error)
            if matches!(**error, db::Error::UniqueViolation { .. } | db::Error::ConstraintViolation { .. }))
    }

    fn weight(write: &Arc<Write>) -> usize {
        write.row.sealed_fields.len()
    }
}

/// Writes records, all or none.
pub async fn insert(db: &Db, outbox: &Outbox, writes: &[Arc<Write>]) -> Result<(), WriteError> {
    let rows = outbox.rows(writes.iter().map(|write| &write.event));
    let rows = &rows.map_err(WriteError::AuditUnavailable)?;
    let result = db.run_one("records_insert", |conn| {
        Box::pin(async move {
            let records: Vec<_> =
                writes.iter().map(|write| NewRecord { row: &write.row, request: write.request.as_ref() }).collect();
            records_insert(conn, &records, rows).await
        })
    });
    result.await.map_err(|error| match error {
        StoreError::Database(error) => WriteError::Database(Arc::new(error)),
        StoreError::Row(_) => WriteError::Unlike,
    })?;
    outbox.committed(rows.len());
    Ok(())
}
