//! Sealing new revisions. Each is a new data key and seals everything anew; the old revision is not kept.
//!
//! ```text
//! row ─▶ unwrap and open the old revision ─▶ check ─▶ data key ─▶ seal
//!     ─▶ UPDATE … WHERE revision = old, with the event ─▶ answer
//!                │ moved meanwhile: start over with a new data key (stale, where the caller gave an etag)
//! ```
//! The old revision is opened even where nothing of its fields is carried over: uid and times are, and what SQL has
//! changed there must not be sealed anew. An unwrapped old revision is accounted for like a reveal, whatever becomes of
//! the update.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::Event;
use envelope::record::Selection;
use names::{Etag, EventId, RecordName};
use tokio::time::Instant;

use super::create::check_expire_time;
use super::read::key_of;
use super::sealing::{Draft, check_columns, check_head, open, unwrap_request};
use super::{Record, RecordsUpdate};
use crate::error::{DoesNotOpen, Error};
use crate::events::{self, Allowed};
use crate::fields::{Fields, GivenFields, Unreadable};
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
    /// Which fields it is about.
    pub update_fields: UpdateFields,
    /// The new fields.
    pub fields: GivenFields,
    /// Whom the record is about.
    pub subject: Change<String>,
    /// When it may be purged.
    pub expire_time: Change<Micros>,
    /// What is wrong.
    pub problems: Problems,
}

/// Which fields an update is about; every other one is carried over.
#[derive(Debug, PartialEq, Eq)]
pub enum UpdateFields {
    /// Those that are given.
    Given,
    /// Those named: replaced where they are given, else removed.
    Named(Vec<String>),
    /// All of them.
    All,
}

/// What becomes of something beside the fields.
#[derive(Debug, Clone)]
pub enum Change<T> {
    /// It is carried over.
    Keep,
    /// It is replaced.
    Set(Option<T>),
}

impl<T: Clone> Change<T> {
    fn of(&self, old: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => old.cloned(),
            Self::Set(new) => new.clone(),
        }
    }
}

/// An update that passed every check that needs no row.
#[derive(Debug)]
struct Checked {
    name: RecordName,
    etag: Option<Etag>,
    update_fields: UpdateFields,
    fields: Fields,
    subject: Change<String>,
    expire_time: Change<Micros>,
}

/// One update, from its first attempt to its last.
struct Updating<'a> {
    vault: &'a Vault,
    allowed: &'a Allowed<RecordsUpdate>,
    place: &'a Place,
    asked: &'a Checked,
    deadline: Instant,
    /// Events of revisions that were opened and that no statement took yet.
    opened: Vec<Event>,
}

/// What one attempt came to.
enum Attempt {
    /// The new revision is written.
    Written(Box<Record>, EventId),
    /// The record moved meanwhile.
    Moved,
}

impl Vault {
    /// Seals a new revision.
    pub async fn record_update(
        self: &Arc<Self>,
        allowed: Allowed<RecordsUpdate>,
        asked: UpdateRecord,
        deadline: Instant,
    ) -> Result<Done<Record>, Error> {
        let place = self.place(&asked.name.parent(), deadline).await?;
        let asked = asked.checked(&place, Micros::of(self.clock.now()))?;
        self.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
        let vault = Arc::clone(self);
        let updating = async move {
            let (allowed, place, asked) = (&allowed, &place, &asked);
            let updating = Updating { vault: &vault, allowed, place, asked, deadline, opened: Vec::new() };
            updating.run().await
        };
        self.to_the_end("update", updating).await
    }
}

impl Updating<'_> {
    /// Attempts until the record holds still. Events of unwrapped revisions that no statement took are written at the end.
    async fn run(mut self) -> Result<Done<Record>, Error> {
        let mut result = Err(Error::EtagMismatch);
        for _ in 0..MAX_ATTEMPTS {
            match self.attempt().await {
                Ok(Attempt::Written(record, event_id)) => {
                    result = Ok(Done { value: *record, event_id: Some(event_id) });
                    break;
                }
                Ok(Attempt::Moved) if self.asked.etag.is_none() && Instant::now() < self.deadline => {}
                Ok(Attempt::Moved) => break,
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        if let Err(error) = &result {
            self.account_for_failure(error.code()).await;
        }
        result
    }

    async fn account_for_failure(self, reason: &'static str) {
        if self.opened.is_empty() {
            return;
        }
        // With ids of their own: a statement of unknown outcome may have written the same revisions as carried over, and
        // an id whose event has changed would be an alarm.
        let anew = || EventId::new(clock::uuid_v7(&*self.vault.clock));
        let failed = |event| Event { event_id: anew(), ..events::failed(event, reason) };
        let opened: Vec<Event> = self.opened.into_iter().map(failed).collect();
        if let Err(unavailable) = self.vault.events.write(&self.place.tenant.log(), &opened).await {
            tracing::error!(error = %unavailable, "an unwrapped revision has no entry");
        }
    }

    async fn attempt(&mut self) -> Result<Attempt, Error> {
        let (vault, place, asked) = (self.vault, self.place, self.asked);
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
        let key = vault.keys.generate(draft.key_request(&place.tenant), self.deadline).await?;
        let operation = key.operation;
        let row = draft.seal(place, key)?;
        let event = events::of_record(&*vault.clock, self.allowed, &asked.name, &row.head, Some(operation))
            .with("fields", row.head.field_names.len());
        let event_id = event.event_id;
        // The update's own event comes first; those of the revisions that were opened for it commit with it.
        let mut told = vec![event];
        told.extend(self.opened.iter().cloned());
        let outbox = vault.outbox.row(&place.tenant.log(), &told).map_err(Error::AuditUnavailable)?;
        if !self.write(&row, old.head.revision, &outbox).await? {
            return Ok(Attempt::Moved);
        }
        self.opened.clear();
        vault.outbox.committed(1);
        Ok(Attempt::Written(Box::new(Record::of(&place.tenant, asked.name.clone(), row.head)), event_id))
    }

    async fn row(&self) -> Result<RecordRow, Error> {
        let name = &self.asked.name;
        let key = key_of(self.place, name);
        let row = self
            .vault
            .db
            .run_one("record_update_fetch", |conn| Box::pin(async move { record_fetch(conn, key).await }))
            .await?
            .ok_or_else(|| Error::NotFound(name.clone().into()))?;
        match check_columns(name, &row.head) {
            Ok(()) => Ok(row),
            Err(source) => Err(self.vault.does_not_open(self.place, name.clone(), &row.head, source).await),
        }
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
        policies.check_carried_over(&fields, &mut of_record);
        fields.replace(changed, given.copy());
        fields.check_record(policies, &Unreadable::default(), &mut of_record);
        problems.extend("record", of_record);
        problems.finish()?;
        Ok(fields)
    }

    /// Unwraps the old revision and opens it.
    async fn open_old(&mut self, old: &RecordRow, reason: &'static str) -> Result<Fields, Error> {
        let (vault, place, asked) = (self.vault, self.place, self.asked);
        let event_of = |operation| events::of_record(&*vault.clock, self.allowed, &asked.name, &old.head, operation);
        let does_not_open = |source| Error::DoesNotOpen { name: asked.name.clone(), source };
        let source = if let Err(source) = check_head(&asked.name, &old.head) {
            source
        } else {
            let request = unwrap_request(&place.tenant, &asked.name, &old.head);
            match vault.keys.unwrap(request, self.deadline).await {
                Ok(key) => {
                    self.opened.push(event_of(Some(key.operation)).with("reason", reason));
                    return open(place, &asked.name, old, key, Selection::All).map_err(does_not_open);
                }
                Err(error) => DoesNotOpen::of_key(error)?,
            }
        };
        self.opened.push(event_of(None));
        Err(does_not_open(source))
    }

    fn next(&self, old: &RecordRow) -> Draft {
        Draft {
            name: self.asked.name.clone(),
            uid: old.head.record_uid,
            revision: old.head.revision.saturating_add(1),
            subject: self.asked.subject.of(old.head.subject.as_ref()),
            create_time: old.head.create_time,
            // Never before the record was made, whatever the clock says.
            update_time: Micros::of(self.vault.clock.now()).max(old.head.create_time),
            expire_time: self.asked.expire_time.of(old.head.expire_time.as_ref()),
            fields: Fields::default(),
        }
    }

    /// Writes the revision if the record has not moved. After a lost connection it is looked up: the wrapped key tells
    /// whether it was this very write. The lost statement may still take effect, so the second one may find itself
    /// forestalled by the first.
    async fn write(&self, row: &RecordRow, old: u64, outbox: &audit::OutboxRow) -> Result<bool, Error> {
        let (db, key) = (&self.vault.db, row.key());
        let mut lost = None;
        for _ in 0..2 {
            let written = db
                .run_one("record_update", |conn| Box::pin(async move { record_update(conn, row, old, outbox).await }))
                .await;
            match written {
                Err(error @ db::Error::ConnectionLost(_)) => lost = Some(error),
                Ok(false) if lost.is_some() => {}
                known => return Ok(known?),
            }
            let now = db
                .run_one("record_update_resolve", |conn| Box::pin(async move { record_fetch(conn, key).await }))
                .await?;
            match now.filter(|now| now.head.record_uid == row.head.record_uid) {
                Some(now) if now.head.wrapped_key == row.head.wrapped_key => return Ok(true),
                Some(now) if now.head.revision == old => {}
                // Another write made this revision, so this one never will.
                Some(now) if now.head.revision == row.head.revision => return Ok(false),
                // It was written and overwritten, or never.
                _ => break,
            }
        }
        Err(lost.map_or(Error::EtagMismatch, Error::from))
    }
}

impl UpdateRecord {
    /// Reports everything that is wrong with the request at once.
    fn checked(self, place: &Place, now: Micros) -> Result<Checked, Error> {
        let policies = &place.collection.policies;
        let mut problems = self.problems;
        let mut of_record = Problems::default();
        match &self.update_fields {
            UpdateFields::Named(named) => {
                let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
                for (name, _) in self.fields.iter().filter(|(name, _)| !named.contains(name)) {
                    of_record.add(format!("fields.{name}"), "is given but not named in update_fields");
                }
            }
            UpdateFields::Given if self.fields.is_empty() && !changes_beside(&self.subject, &self.expire_time) => {
                of_record.add("fields", "nothing is given to be changed");
            }
            UpdateFields::Given | UpdateFields::All => {}
        }
        if let Change::Set(time) = self.expire_time {
            check_expire_time(time, now, "expire_time", &mut of_record);
        }
        let (fields, unreadable) = self.fields.check(policies, &mut of_record);
        if self.update_fields == UpdateFields::All {
            fields.check_record(policies, &unreadable, &mut of_record);
        }
        problems.extend("record", of_record);
        problems.finish()?;
        let (subject, expire_time) = (self.subject, self.expire_time);
        Ok(Checked {
            name: self.name,
            etag: self.etag,
            update_fields: self.update_fields,
            fields,
            subject,
            expire_time,
        })
    }
}

/// Whether an update changes anything beside the fields.
fn changes_beside(subject: &Change<String>, expire_time: &Change<Micros>) -> bool {
    matches!(subject, Change::Set(_)) || matches!(expire_time, Change::Set(_))
}
