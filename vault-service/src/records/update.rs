//! Sealing new revisions. Each is a new data key and seals everything anew; the old revision is not kept.
//!
//! ```text
//! row ─▶ [unwrap and open the old revision, where fields are carried over] ─▶ check ─▶ data key ─▶ seal
//!     ─▶ UPDATE … WHERE revision = old, with the event ─▶ answer
//!                │ moved meanwhile: start over with a new data key (stale, where the caller gave an etag)
//! ```
//! An unwrapped old revision is accounted for like a reveal, whatever becomes of the update.

use std::sync::Arc;

use audit::Event;
use envelope::record::Selection;
use names::{Etag, RecordName};
use rpc::Granted;
use tokio::time::Instant;

use super::read::key_of;
use super::sealing::{Draft, check_columns, open, unwrap_request};
use super::{Record, RecordsUpdate};
use crate::error::{DoesNotOpen, Error};
use crate::events;
use crate::fields::{Fields, GivenFields, Unreadable};
use crate::keys::calls::KeyError;
use crate::places::Place;
use crate::problems::Problems;
use crate::store::records::{RecordRow, record_fetch, record_update};
use crate::time::Micros;
use crate::vault::{Done, Vault};

/// How often an update starts over because the record moved meanwhile.
const MAX_ATTEMPTS: u32 = 8;

/// What a caller asks for, with what is wrong with it so far.
#[derive(Debug)]
pub struct UpdateRecord {
    /// The record.
    pub name: RecordName,
    /// The revision that it must have.
    pub etag: Option<Etag>,
    /// Fields to replace; none for everything.
    pub update_fields: Vec<String>,
    /// The new fields.
    pub fields: GivenFields,
    /// Whom the record is about; only where everything is replaced.
    pub subject: Option<String>,
    /// When it may be purged; only where everything is replaced.
    pub expire_time: Option<Micros>,
    /// What is wrong.
    pub problems: Problems,
}

/// An update that passed every check that needs no row.
#[derive(Debug)]
struct Checked {
    name: RecordName,
    etag: Option<Etag>,
    update_fields: Vec<String>,
    fields: Fields,
    subject: Option<String>,
    expire_time: Option<Micros>,
}

/// What one attempt came to.
enum Attempt {
    /// The new revision is written.
    Written(Box<Record>, names::EventId),
    /// The record moved meanwhile.
    Moved,
}

impl Vault {
    /// Seals a new revision.
    pub async fn record_update(
        self: &Arc<Self>,
        granted: Granted<RecordsUpdate>,
        asked: UpdateRecord,
        deadline: Instant,
    ) -> Result<Done<Record>, Error> {
        let place = self.place(&asked.name.parent(), deadline).await?;
        let asked = asked.checked(&place)?;
        self.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
        let vault = Arc::clone(self);
        self.to_the_end("update", async move { vault.update_accounted(&granted, &place, &asked, deadline).await }).await
    }

    /// Attempts until the record holds still. Events of unwrapped revisions that no statement took are written at the end.
    async fn update_accounted(
        &self,
        granted: &Granted<RecordsUpdate>,
        place: &Place,
        asked: &Checked,
        deadline: Instant,
    ) -> Result<Done<Record>, Error> {
        let mut opened = Vec::new();
        let mut result = Err(Error::EtagMismatch);
        for _ in 0..MAX_ATTEMPTS {
            match self.update_once(granted, place, asked, &mut opened, deadline).await {
                Ok(Attempt::Written(record, event_id)) => {
                    result = Ok(Done { value: *record, event_id: Some(event_id) });
                    break;
                }
                Ok(Attempt::Moved) if asked.etag.is_none() && Instant::now() < deadline => {}
                Ok(Attempt::Moved) => break,
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        if let Err(error) = &result
            && !opened.is_empty()
        {
            let reason = error.code();
            let opened: Vec<Event> = opened.into_iter().map(|event| events::failed(event, reason)).collect();
            if let Err(unavailable) = self.events.write(&place.tenant.log(), &opened).await {
                tracing::error!(error = %unavailable, "an unwrapped revision has no entry");
            }
        }
        result
    }

    async fn update_once(
        &self,
        granted: &Granted<RecordsUpdate>,
        place: &Place,
        asked: &Checked,
        opened: &mut Vec<Event>,
        deadline: Instant,
    ) -> Result<Attempt, Error> {
        let old = self.row(place, &asked.name).await?;
        let etag = Etag::new(old.head.record_uid.as_uuid(), old.head.revision);
        if asked.etag.is_some_and(|expected| expected != etag) {
            return Err(Error::EtagMismatch);
        }
        let draft = if asked.update_fields.is_empty() {
            self.replacing(asked, &old)
        } else {
            self.carrying_over(granted, place, asked, &old, opened, deadline).await?
        };
        let key = self.keys.generate(draft.key_request(&place.tenant), deadline).await?;
        let operation = key.operation;
        let row = draft.seal(place, key)?;
        let event = events::of_record(&*self.clock, granted, &asked.name, &row.head, Some(operation))
            .with("fields", row.head.field_names.len());
        let event_id = event.event_id;
        // The update's own event comes first; those of the revisions that were opened for it commit with it.
        let mut told = vec![event];
        told.extend(opened.iter().cloned());
        let outbox = self.outbox.row(&place.tenant.log(), &told).map_err(Error::AuditUnavailable)?;
        if !self.write_revision(&row, old.head.revision, &outbox).await? {
            return Ok(Attempt::Moved);
        }
        opened.clear();
        self.outbox.committed(1);
        Ok(Attempt::Written(Box::new(Record::of(&place.tenant, asked.name.clone(), &row.head)), event_id))
    }

    async fn row(&self, place: &Place, name: &RecordName) -> Result<RecordRow, Error> {
        let key = key_of(place, name);
        let row = self
            .db
            .run_one("record_update_fetch", |conn| Box::pin(async move { record_fetch(conn, key).await }))
            .await?
            .ok_or_else(|| Error::NotFound(name.clone().into()))?;
        check_columns(name, &row.head).map_err(|source| Error::DoesNotOpen { name: name.clone(), source })?;
        Ok(row)
    }

    /// The next revision where everything is replaced.
    fn replacing(&self, asked: &Checked, old: &RecordRow) -> Draft {
        let mut draft = self.next(asked, old);
        draft.fields = asked.fields.copy();
        draft.subject.clone_from(&asked.subject);
        draft.expire_time = asked.expire_time;
        draft
    }

    /// The next revision where the other fields, subject and expire time are carried over.
    async fn carrying_over(
        &self,
        granted: &Granted<RecordsUpdate>,
        place: &Place,
        asked: &Checked,
        old: &RecordRow,
        opened: &mut Vec<Event>,
        deadline: Instant,
    ) -> Result<Draft, Error> {
        let does_not_open = |source| Error::DoesNotOpen { name: asked.name.clone(), source };
        let key = match self.keys.unwrap(unwrap_request(&place.tenant, &asked.name, &old.head), deadline).await {
            Ok(key) => key,
            Err(KeyError::DoesNotOpen) => {
                opened.push(events::of_record(&*self.clock, granted, &asked.name, &old.head, None));
                return Err(does_not_open(DoesNotOpen::Key));
            }
            Err(error) => return Err(error.into()),
        };
        let event = events::of_record(&*self.clock, granted, &asked.name, &old.head, Some(key.operation));
        opened.push(event.with("reason", "CARRIED_OVER"));
        let mut fields = open(place, &asked.name, old, key, Selection::All).map_err(does_not_open)?;
        fields.replace(&asked.update_fields, asked.fields.copy());
        let (mut problems, mut of_record) = (Problems::default(), Problems::default());
        fields.check_record(&place.collection.policies, &Unreadable::default(), &mut of_record);
        problems.extend("record", of_record);
        problems.finish()?;
        let mut draft = self.next(asked, old);
        draft.fields = fields;
        Ok(draft)
    }

    fn next(&self, asked: &Checked, old: &RecordRow) -> Draft {
        Draft {
            name: asked.name.clone(),
            uid: old.head.record_uid,
            revision: old.head.revision.saturating_add(1),
            subject: old.head.subject.clone(),
            create_time: old.head.create_time,
            // Never before the record was made, whatever the clock says.
            update_time: Micros::of(self.clock.now()).max(old.head.create_time),
            expire_time: old.head.expire_time,
            fields: Fields::default(),
        }
    }

    /// Writes the revision if the record has not moved. After a lost connection it is looked up: the wrapped key tells
    /// whether it was this very write.
    async fn write_revision(&self, row: &RecordRow, old: u64, outbox: &audit::OutboxRow) -> Result<bool, Error> {
        let write = || {
            self.db.run_one("record_update", |conn| {
                Box::pin(async move { record_update(conn, row, old, outbox).await })
            })
        };
        let first: Result<bool, db::Error> = write().await;
        let Err(db::Error::ConnectionLost(_)) = first else { return Ok(first?) };
        let key = row.key();
        let now = self
            .db
            .run_one("record_update_resolve", |conn| Box::pin(async move { record_fetch(conn, key).await }))
            .await?;
        match now {
            Some(now) if now.head.wrapped_key == row.head.wrapped_key => Ok(true),
            Some(now) if now.head.revision == old => Ok(write().await?),
            _ => Ok(false),
        }
    }
}

impl UpdateRecord {
    /// Reports everything that is wrong with the request at once.
    fn checked(mut self, place: &Place) -> Result<Checked, Error> {
        let policies = &place.collection.policies;
        let mut problems = self.problems;
        let mut of_record = Problems::default();
        if !self.update_fields.is_empty() {
            let named = &self.update_fields;
            self.fields.retain(|name| named.iter().any(|named| named == name));
        }
        let (fields, unreadable) = self.fields.check(policies, &mut of_record);
        if self.update_fields.is_empty() {
            fields.check_record(policies, &unreadable, &mut of_record);
        }
        problems.extend("record", of_record);
        problems.finish()?;
        let (subject, expire_time) = (self.subject, self.expire_time);
        Ok(Checked { name: self.name, etag: self.etag, update_fields: self.update_fields, fields, subject, expire_time })
    }
}
