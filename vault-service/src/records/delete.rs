//! Removing records.

use names::{Etag, EventId, RecordName, RecordUid};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

use super::Records;
use super::sealing::check_columns;
use crate::as_text;
use crate::core::Done;
use crate::error::{DoesNotOpen, Error, Resource};
use crate::events::{self, Allowed};
use crate::once::{Answer, Canonical, Identified};
use crate::permissions::RecordsDelete;
use crate::places::Place;
use crate::problems::Problems;
use crate::store::StoreError;
use crate::store::deleted_records::Deleted;
use crate::store::records::{RecordHead, Removal, record_delete, record_head_fetch};
use crate::time::Micros;

/// What a caller asks for.
#[derive(Debug)]
pub struct DeleteRecord {
    /// The record.
    pub name: RecordName,
    /// The revision that it must have.
    pub etag: Option<Etag>,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
    /// What is wrong.
    pub problems: Problems,
}

/// That a record was deleted, as it is remembered.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeletedRecord {
    #[serde(with = "as_text")]
    name: RecordName,
}

impl Answer for DeletedRecord {
    fn resource(&self) -> Option<Resource> {
        Some(self.name.clone().into())
    }
}

impl DeleteRecord {
    fn canonical(&self) -> Canonical {
        let mut canonical = Canonical::new::<RecordsDelete>(&self.name.to_string());
        canonical.optional(self.etag.map(|etag| etag.to_string()));
        canonical
    }
}

impl Records {
    /// Removes a record, at the revision of the etag where one is given.
    pub async fn delete(
        &self,
        allowed: &Allowed<RecordsDelete>,
        mut asked: DeleteRecord,
        deadline: Instant,
    ) -> Result<Done<DeletedRecord>, Error> {
        let place = self.core.places.place(&asked.name.parent(), deadline).await?;
        std::mem::take(&mut asked.problems).finish()?;
        let key = asked.request_id.map(|id| allowed.request_key(place.tenant.uid, id));
        let request = self.core.identified(key, deadline, || asked.canonical()).await?;
        let deleting = Deleting { records: self, allowed, place: &place, asked: &asked, request: request.as_ref() };
        self.core.once(allowed, request.as_ref(), deleting.run(deadline)).await
    }
}

/// One delete, from its first attempt to its last.
#[derive(Clone, Copy)]
struct Deleting<'a> {
    records: &'a Records,
    allowed: &'a Allowed<RecordsDelete>,
    place: &'a Place,
    asked: &'a DeleteRecord,
    request: Option<&'a Identified>,
}

/// What one attempt came to.
enum Attempt {
    Deleted(EventId),
    /// The record moved meanwhile.
    Moved,
    /// Whether it was deleted is not known.
    Lost(db::Error),
}

impl Deleting<'_> {
    async fn run(self, deadline: Instant) -> Result<Done<DeletedRecord>, Error> {
        let name = &self.asked.name;
        self.records.core.outbox.admit(&self.place.tenant.log()).map_err(Error::AuditUnavailable)?;
        let done = |event_id| Done { value: DeletedRecord { name: name.clone() }, event_id };
        // The record that an attempt was about whose answer was lost.
        let mut lost: Option<(RecordUid, db::Error)> = None;
        loop {
            let head = match self.head().await {
                Ok(head) => head,
                Err(error) => return Err(lost.map_or(error, |(_, lost)| Error::of_change(lost))),
            };
            let is_gone = |(uid, _): &(RecordUid, _)| head.as_ref().is_none_or(|head| head.record_uid != *uid);
            if lost.as_ref().is_some_and(is_gone) {
                // It is gone because of this call, or of another that came first; what has its name now is another record.
                // Where the request is remembered it was this one, and the answer is found there.
                return if self.request.is_none() { Ok(done(None)) } else { Err(self.not_found()) };
            }
            let head = head.ok_or_else(|| self.not_found())?;
            match self.attempt(&head, deadline).await {
                Ok(Attempt::Deleted(event_id)) => return Ok(done(Some(event_id))),
                Ok(Attempt::Moved) if Instant::now() < deadline => {}
                Ok(Attempt::Moved) => {
                    return Err(lost.map_or(Error::Contended(name.clone()), |(_, lost)| Error::of_change(lost)));
                }
                Ok(Attempt::Lost(error)) if Instant::now() < deadline => lost = Some((head.record_uid, error)),
                Ok(Attempt::Lost(error)) => return Err(Error::of_change(error)),
                // It has another revision by now, which the lost statement is not about.
                Err(Error::EtagMismatch) => return Err(Error::EtagMismatch),
                // What came after the loss says nothing of the statement that was lost.
                Err(error) => return Err(lost.map_or(error, |(_, lost)| Error::of_change(lost))),
            }
        }
    }

    async fn attempt(&self, head: &RecordHead, deadline: Instant) -> Result<Attempt, Error> {
        let Self { records, allowed, place, asked, request } = *self;
        let core = &records.core;
        let name = &asked.name;
        if let Err(source) = check_columns(name, head) {
            return Err(records.does_not_open(place, name.clone(), head, source).await);
        }
        if asked.etag.is_some_and(|etag| etag != Etag::new(head.record_uid.as_uuid(), head.revision)) {
            return Err(Error::EtagMismatch);
        }
        let keys = core.own_keys.get(deadline).await?;
        let event = events::of_record(&*core.clock, allowed, name, head, None);
        let event_id = event.event_id;
        let outbox = core.outbox.row(&place.tenant.log(), &[event]).map_err(Error::AuditUnavailable)?;
        let request = request.map(|request| request.remembered(&DeletedRecord { name: name.clone() })).transpose()?;
        let delete_time = Micros::of(core.clock.now());
        let deleted = Deleted { tenant_uid: place.tenant.uid, head, delete_time };
        let removal = Removal { key: place.record_key(name), deleted, request: request.as_ref() };
        match record_delete(&core.db, &keys.row, removal, &outbox).await {
            Ok(true) => {
                core.outbox.committed(1);
                Ok(Attempt::Deleted(event_id))
            }
            Ok(false) => Ok(Attempt::Moved),
            // A record of another name was deleted with this uid, which SQL had given it.
            Err(StoreError::Database(error)) if error.is_unique_violation_of("deleted_records_pkey") => {
                Err(Error::DoesNotOpen { name: name.clone(), source: DoesNotOpen::Columns })
            }
            Err(StoreError::Database(error @ db::Error::ConnectionLost(_))) => Ok(Attempt::Lost(error)),
            Err(error) => Err(error.into()),
        }
    }

    fn not_found(&self) -> Error {
        Error::NotFound(self.asked.name.clone().into())
    }

    async fn head(&self) -> Result<Option<RecordHead>, Error> {
        Ok(record_head_fetch(&self.records.core.db, self.place.record_key(&self.asked.name)).await?)
    }
}
