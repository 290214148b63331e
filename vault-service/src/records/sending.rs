//! Sending new records to the database until it is known what became of them.
//!
//! ```text
//! shared statement ─▶ written
//!        │ skipped, held, or lost
//!        ▼
//! look what is there ─▶ own record: written │ the name is taken
//!        │ nothing
//!        └▶ a statement of its own, and so on
//! ```

use std::collections::HashSet;
use std::sync::Arc;

use names::RecordUid;
use tokio::time::Instant;

use super::Records;
use super::writer::{Write, WriteError};
use crate::error::Error;
use crate::places::Place;
use crate::store::deleted_records::deleted_record_check;
use crate::store::records::record_uids_fetch;

/// How often records are sent whose statement was lost, or met something that has gone since.
const MAX_ATTEMPTS: u32 = 3;

/// Records on their way. What is sent again is the very same bytes.
pub(super) struct Sending<'a> {
    pub(super) records: &'a Records,
    pub(super) place: &'a Place,
    /// Written all or none.
    pub(super) writes: &'a [Arc<Write>],
    pub(super) deadline: Instant,
    /// What became of a statement is not known because of this.
    pub(super) lost: Option<Arc<db::Error>>,
}

impl Sending<'_> {
    /// Until they are written. Where the request id is taken, the same request may have its answer.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        let sent = self.attempts().await;
        match (sent, self.lost) {
            (Err(error @ Error::AlreadyExists(_)), _) => Err(error),
            // What came after the loss says nothing of the statement that was lost.
            (Err(_), Some(lost)) => Err(Error::OutcomeUnknown(lost)),
            (sent, _) => sent,
        }
    }

    async fn attempts(&mut self) -> Result<(), Error> {
        let writer = &self.records.writer;
        for attempt in 1..=MAX_ATTEMPTS {
            let mut request_taken = None;
            let result = match self.writes {
                [write] if attempt == 1 => writer.write(Arc::clone(write), self.deadline).await,
                writes => writer.write_alone(writes, self.lost.is_some(), self.deadline).await,
            };
            match result {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(WriteError::Database(error)) if matches!(*error, db::Error::ConnectionLost(_)) => {
                    self.lost = Some(error);
                }
                Err(error) if error.is_name_taken() || self.lost.is_some() && error.is_uid_taken() => {}
                Err(error) if error.is_request_taken() => request_taken = Some(error),
                Err(error) => return Err(of_write(error)),
            }
            // A statement that was lost may have been done, and undone by somebody else.
            if self.lost.is_some() && self.was_deleted().await? || self.is_there().await? {
                return Ok(());
            }
            if let Some(error) = request_taken {
                return Err(of_write(error));
            }
            if Instant::now() >= self.deadline {
                return Err(Error::Late);
            }
        }
        // Each time something was in the way that has gone since.
        Err(Error::Busy)
    }

    /// Whether they are there now; an error if another record has one of the names.
    async fn is_there(&self) -> Result<bool, Error> {
        let heads = || self.writes.iter().map(|write| &write.row.head);
        let ids: Vec<&str> = heads().map(|head| head.record_id.as_str()).collect();
        let (tenant, collection) = (self.place.tenant.uid, self.place.collection.uid);
        let there = record_uids_fetch(&self.records.core.db, tenant, collection, &ids).await?;
        let own: HashSet<RecordUid> = heads().map(|head| head.record_uid).collect();
        if there.iter().any(|(_, uid)| own.contains(uid)) {
            return Ok(true);
        }
        let taken = self.writes.iter().find(|write| there.iter().any(|(id, _)| *id == write.row.head.record_id));
        taken.map_or(Ok(false), |write| Err(Error::AlreadyExists(write.name.clone().into())))
    }

    /// Whether the first of these records was deleted.
    async fn was_deleted(&self) -> Result<bool, Error> {
        let Some(first) = self.writes.first() else { return Ok(false) };
        let own_keys = self.records.core.own_keys.get(self.deadline).await?;
        let (tenant, uid) = (self.place.tenant.uid, first.row.head.record_uid);
        Ok(deleted_record_check(&self.records.core.db, &own_keys.row, tenant, uid).await?)
    }
}

fn of_write(error: WriteError) -> Error {
    match error {
        WriteError::AuditUnavailable(error) => Error::AuditUnavailable(error),
        WriteError::Database(error) => Error::Database(error),
        WriteError::NotCalled(error) => error.into(),
        WriteError::Unlike => Error::Bug("requests of one statement differ"),
    }
}
