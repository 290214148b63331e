//! Sealing new revisions. Each is a new data key and seals everything anew; the old revision is not kept.
//!
//! ```text
//! the record's turn ─▶ row ─▶ unwrap and open the old revision ─▶ check ─▶ data key ─▶ seal
//!     ─▶ UPDATE … WHERE revision = old, with the event and the request ─▶ answer
//!                │ moved meanwhile: start over with a new data key (stale, where the caller gave an etag)
//! ```
//! The old revision is opened even where nothing of its fields is carried over: uid and times are, and what SQL has
//! changed there must not be sealed anew. Each revision that is opened so has an entry of its own, [`CARRY_OVER`], whatever
//! becomes of the update, which has one.
//!
//! # Layout
//! - `asked`: what is asked for, and what of it is wrong

mod asked;

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use audit::Event;
use envelope::record::Selection;
use names::{Etag, EventId};
use tokio::time::{Instant, timeout_at};

use super::reader::{COPIES, MAX_SEALED_BYTES, SMALL};
use super::sealing::{Draft, check_columns, check_head, open, unwrap_request};
use super::{Record, Records};
use crate::core::Done;
use crate::error::{DoesNotOpen, Error, Resource};
use crate::events::{self, Allowed};
use crate::fields::{Fields, Unreadable};
use crate::keys::Operation;
use crate::once::{Answer, Identified};
use crate::permissions::RecordsUpdate;
use crate::places::Place;
use crate::problems::Problems;
use crate::store::StoreError;
use crate::store::records::{
    FetchedRecord, RecordHead, RecordKey, RecordRow, WantedRow, record_head_fetch, record_update, records_fetch,
};
use crate::store::requests::NewRequest;
use crate::time::Micros;

use asked::Checked;
pub use asked::{Change, UpdateFields, UpdateRecord};

/// How long before its deadline, at most, an update stops trying, so that its caller hears why.
const TO_ANSWER: Duration = Duration::from_millis(100);
/// A turn that took so long when its caller's time was up kept waiting for something that keeps the next one waiting, too.
const LONG_TURN: Duration = Duration::from_secs(1);
/// Action of the entry of an old revision that was opened for an update.
pub const CARRY_OVER: &str = "records.carryOver";

/// One update, from its first attempt to its last.
struct Updating<'a> {
    records: &'a Records,
    allowed: &'a Allowed<RecordsUpdate>,
    place: &'a Place,
    asked: &'a Checked,
    request: Option<&'a Identified>,
    deadline: Instant,
    /// When the last attempt begins.
    until: Instant,
    /// The event of a revision that was opened, until a statement takes it.
    opened: Option<Event>,
    /// The event of a revision that does not open.
    does_not_open: Option<Event>,
}

/// A revision to write.
#[derive(Clone, Copy)]
struct Revision<'a> {
    row: &'a RecordRow,
    /// The revision that it was made from.
    old: u64,
    request: Option<&'a NewRequest>,
    outbox: &'a audit::OutboxRow,
}

/// What one attempt came to.
enum Attempt {
    /// The new revision is written.
    Written(Box<Record>, EventId),
    /// The record moved meanwhile.
    Moved,
}

impl Answer for Record {
    fn resource(&self) -> Option<Resource> {
        Some(self.name.clone().into())
    }
}

impl Records {
    /// Seals a new revision.
    pub async fn update(
        self: &Arc<Self>,
        allowed: Allowed<RecordsUpdate>,
        asked: UpdateRecord,
        deadline: Instant,
    ) -> Result<Done<Record>, Error> {
        let place = self.core.places.place(&asked.name.parent(), deadline).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        let until = deadline - TO_ANSWER.min(left / 10);
        let key = asked.request_id.map(|id| allowed.request_key(place.tenant.uid, id));
        let (asked, expired) = asked.checked(&place, Micros::of(self.core.clock.now()))?;
        let request = self.core.identified(key, deadline, || asked.canonical()).await?;
        // Before the work is detached: who goes away while waiting leaves the line. And before a known answer is looked for,
        // so that a repeated request finds that of the one before it.
        let turn = timeout_at(until, self.locks.lock(&asked.name)).await.ok().flatten();
        let Some(turn) = turn else {
            // It may be the repetition of one that was made.
            let contended = ready(Err(Error::Contended(asked.name)));
            return self.core.once(&allowed, request.as_ref(), contended).await;
        };
        let (records, begun) = (Arc::clone(self), Instant::now());
        let updating = async move {
            let (allowed, place, asked, request) = (&allowed, &place, &asked, request.as_ref());
            let updating = async {
                // Not before: a request that was done gets its answer again, also after the time has come.
                expired.finish()?;
                records.core.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
                let (opened, does_not_open) = (None, None);
                let updating = Updating {
                    records: &records,
                    allowed,
                    place,
                    asked,
                    request,
                    deadline,
                    until,
                    opened,
                    does_not_open,
                };
                updating.run().await
            };
            records.core.once(allowed, request, Box::pin(updating)).await.inspect_err(|error| {
                let waited_long = matches!(error, Error::Late) && begun.elapsed() >= LONG_TURN;
                if waited_long || error.is_outage() {
                    turn.release_all();
                }
            })
        };
        self.core.to_the_end("update", updating).await
    }
}

impl Updating<'_> {
    /// Attempts until the record holds still.
    async fn run(mut self) -> Result<Done<Record>, Error> {
        loop {
            let error = match self.attempt().await {
                Ok(Attempt::Written(record, event_id)) => {
                    return Ok(Done { value: *record, event_id: Some(event_id) });
                }
                Ok(Attempt::Moved) if self.asked.etag.is_some() => Error::EtagMismatch,
                Ok(Attempt::Moved) if Instant::now() < self.until => {
                    self.account_for_attempt("").await;
                    continue;
                }
                Ok(Attempt::Moved) => Error::Contended(self.asked.name.clone()),
                Err(error) => error.in_time(self.deadline),
            };
            self.account_for_attempt(error.code()).await;
            return Err(error);
        }
    }

    /// Writes the events of an attempt that wrote no revision.
    async fn account_for_attempt(&mut self, reason: &'static str) {
        // With ids of their own: a statement of unknown outcome may have written the same revisions as carried over, and
        // an id whose event has changed would be an alarm.
        let anew = || EventId::new(clock::uuid_v7(&*self.records.core.clock));
        let opened = self.opened.take().map(|event| Event { event_id: anew(), ..event });
        let does_not_open = self.does_not_open.take().map(|event| events::failed(event, reason));
        let events: Vec<Event> = opened.into_iter().chain(does_not_open).collect();
        if events.is_empty() {
            return;
        }
        if let Err(unavailable) = self.records.core.events.write(&self.place.tenant.log(), &events).await {
            tracing::error!(error = %unavailable, "an update that failed has no entry");
        }
    }

    async fn attempt(&mut self) -> Result<Attempt, Error> {
        let (core, place, asked) = (&self.records.core, self.place, self.asked);
        let old = self.row().await?;
        let etag = Etag::new(old.head.record_uid.as_uuid(), old.head.revision);
        if asked.etag.is_some_and(|expected| expected != etag) {
            return Err(Error::EtagMismatch);
        }
        let mut draft = self.next(&old);
        draft.fields = match &asked.update_fields {
            UpdateFields::All => {
                self.open_old(&old, "REPLACED").await?;
                asked.fields.copy()
            }
            UpdateFields::Given => {
                let fields = self.open_old(&old, "CARRIED_OVER").await?;
                let given: Vec<String> = asked.fields.iter().map(|(name, _)| name.to_owned()).collect();
                self.carried_over(fields, &given)?
            }
            UpdateFields::Named(named) => {
                let fields = self.open_old(&old, "CARRIED_OVER").await?;
                self.carried_over(fields, named)?
            }
        };
        let key = core.keys.generate(draft.key_request(&place.tenant), self.deadline).await?;
        let operation = key.operation;
        let row = draft.seal(place, key)?;
        let event = events::of_record(&*core.clock, self.allowed, &asked.name, &row.head, Some(operation))
            .with("fields", row.head.field_names.len());
        let event_id = event.event_id;
        // The update's own event comes first; that of the revision that was opened for it commits with it.
        let told: Vec<Event> = std::iter::once(event).chain(self.opened.clone()).collect();
        let outbox = core.outbox.row(&place.tenant.log(), &told).map_err(Error::AuditUnavailable)?;
        let record = Record::of(&place.tenant, asked.name.clone(), row.head.clone());
        let request = self.request.map(|request| request.remembered(&record)).transpose()?;
        let change = Revision { row: &row, old: old.head.revision, request: request.as_ref(), outbox: &outbox };
        if !self.write(change).await? {
            return Ok(Attempt::Moved);
        }
        self.opened = None;
        core.outbox.committed(1);
        Ok(Attempt::Written(Box::new(record), event_id))
    }

    async fn row(&mut self) -> Result<RecordRow, Error> {
        let name = &self.asked.name;
        let key = self.place.record_key(name);
        let not_found = || Error::NotFound(name.clone().into());
        let mut fetched = self.fetch(key, SMALL).await?.ok_or_else(not_found)?;
        let (bytes, is_cut) = (fetched.bytes(), fetched.is_cut);
        if is_cut && bytes <= MAX_SEALED_BYTES {
            // The old fields, opened, and those that are written.
            self.allowed.granted.cover_response(bytes.saturating_mul(COPIES))?;
            fetched = self.fetch(key, bytes).await?.ok_or_else(not_found)?;
        }
        if fetched.is_cut && bytes <= MAX_SEALED_BYTES {
            return Err(Error::Contended(name.clone()));
        }
        // What is larger than any record stays cut, and does not open.
        let row = fetched.row;
        match check_columns(name, &row.head) {
            Ok(()) => Ok(row),
            Err(source) => {
                let error = self.records.does_not_open(self.place, name.clone(), &row.head, source).await;
                if matches!(error, Error::DoesNotOpen { .. }) {
                    self.does_not_open = Some(self.event_of(&row.head, None));
                }
                Err(error)
            }
        }
    }

    async fn fetch(&self, key: RecordKey<'_>, most: usize) -> Result<Option<FetchedRecord>, Error> {
        let wanted = [WantedRow { key, most: i32::try_from(most).unwrap_or(i32::MAX) }];
        Ok(records_fetch(&self.records.core.db, &wanted).await?.pop().flatten())
    }

    fn event_of(&self, head: &RecordHead, operation: Option<Operation>) -> Event {
        events::of_record(&*self.records.core.clock, self.allowed, &self.asked.name, head, operation)
    }

    /// The old fields with those changed that the update is about.
    fn carried_over(&self, mut fields: Fields, changed: &[String]) -> Result<Fields, Error> {
        let (policies, given) = (&self.place.collection.policies, &self.asked.fields);
        let (mut problems, mut of_record) = (Problems::default(), Problems::default());
        for (index, name) in changed.iter().enumerate() {
            if given.get(name).is_none() && fields.get(name).is_none() {
                problems.add(format!("update_fields[{index}]"), "is neither given nor a field of the record");
            }
        }
        fields.replace(changed, Fields::default());
        policies.check_carried_over(&fields, given, &mut of_record);
        fields.replace(changed, given.copy());
        policies.check_record(&fields, &Unreadable::default(), &mut of_record);
        problems.extend("record", of_record);
        problems.finish()?;
        Ok(fields)
    }

    /// Unwraps the old revision and opens it.
    async fn open_old(&mut self, old: &RecordRow, reason: &'static str) -> Result<Fields, Error> {
        let (place, name) = (self.place, &self.asked.name);
        let unwrapped = match check_head(name, &old.head) {
            Err(source) => Err((source, None)),
            Ok(()) => {
                match self.records.core.keys.unwrap(unwrap_request(&place.tenant, name, &old.head), self.deadline).await
                {
                    Err(error) => Err((DoesNotOpen::of_key(error)?, None)),
                    Ok(key) => {
                        let operation = key.operation;
                        match open(place, name, old, key, Selection::All) {
                            Ok(fields) => Ok((fields, operation)),
                            Err(source) => Err((source, Some(operation))),
                        }
                    }
                }
            }
        };
        match unwrapped {
            Ok((fields, operation)) => {
                let event = self.event_of(&old.head, Some(operation)).with("reason", reason);
                self.opened = Some(Event { action: CARRY_OVER.to_owned(), ..event });
                Ok(fields)
            }
            Err((source, operation)) => {
                self.does_not_open = Some(self.event_of(&old.head, operation));
                Err(Error::DoesNotOpen { name: name.clone(), source })
            }
        }
    }

    fn next(&self, old: &RecordRow) -> Draft {
        Draft {
            name: self.asked.name.clone(),
            uid: old.head.record_uid,
            revision: old.head.revision.saturating_add(1),
            subject: self.asked.subject.of(old.head.subject.as_ref()),
            create_time: old.head.create_time,
            // Never before the revision that it follows, whatever the clock says.
            update_time: Micros::of(self.records.core.clock.now()).max(old.head.update_time),
            expire_time: self.asked.expire_time.of(old.head.expire_time.as_ref()),
            fields: Fields::default(),
        }
    }

    /// Writes the revision if the record has not moved. After a lost connection it is looked up: the wrapped key tells
    /// whether it was this very write. The lost statement may still take effect, so the second one may find itself
    /// forestalled by the first.
    async fn write(&self, revision: Revision<'_>) -> Result<bool, Error> {
        let Revision { row, old, request, outbox } = revision;
        let (db, key) = (&self.records.core.db, row.key());
        let mut lost = None;
        for _ in 0..2 {
            let written = record_update(db, row, old, request, outbox).await;
            match written {
                Err(StoreError::Database(error @ db::Error::ConnectionLost(_))) => lost = Some(error),
                Ok(false) if lost.is_some() => {}
                // What came after the loss says nothing of the statement that was lost.
                Err(_) if lost.is_some() => break,
                known => return Ok(known?),
            }
            let Ok(now) = record_head_fetch(db, key).await else { break };
            match now.filter(|now| now.record_uid == row.head.record_uid) {
                Some(now) if now.wrapped_key == row.head.wrapped_key => return Ok(true),
                Some(now) if now.revision == old => {}
                // Another write made this revision, so this one never will.
                Some(now) if now.revision == row.head.revision => return Ok(false),
                // It was written and overwritten, or never.
                _ => break,
            }
        }
        Err(lost.map_or(Error::EtagMismatch, Error::of_change))
    }
}
