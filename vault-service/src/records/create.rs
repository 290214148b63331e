//! Creating records: a known request is answered from memory, each new record gets a data key of its own, and one
//! statement writes record, request and event.

use std::collections::BTreeSet;
use std::sync::Arc;

use names::{CollectionName, RecordId, RecordUid};
use tokio::time::Instant;
use uuid::Uuid;

use super::limits::RESPONSE_BYTES;
use super::sealing::Draft;
use super::sending::Sending;
use super::writer::Write;
use super::{Record, Records};
use crate::core::Done;
use crate::error::{Error, Resource};
use crate::events::{self, Allowed};
use crate::fields::{Fields, GivenFields};
use crate::keys::GeneratedKey;
use crate::once::{Answer, Canonical};
use crate::permissions::RecordsCreate;
use crate::places::{Collection, Place};
use crate::policy::never_store::Folded;
use crate::problems::Problems;
use crate::time::Micros;

/// A record as a caller gave it, with what is wrong with it so far.
#[derive(Debug, Default)]
pub struct GivenRecord {
    /// Its id; made where there is none.
    pub id: Option<RecordId>,
    /// Whom it is about.
    pub subject: Option<String>,
    /// Its fields.
    pub fields: GivenFields,
    /// When it may be purged.
    pub expire_time: Option<Micros>,
    /// What is wrong.
    pub problems: Problems,
}

/// What a caller asks for.
#[derive(Debug)]
pub struct CreateRecords {
    /// Where.
    pub parent: CollectionName,
    /// One, or several that are made all or none.
    pub records: Vec<GivenRecord>,
    /// Whether they came as a batch: then problems are reported below `requests[i]`.
    pub is_batch: bool,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
    /// What is wrong with the request itself.
    pub problems: Problems,
}

/// A record that passed every check.
#[derive(Debug)]
struct Checked {
    id: Option<RecordId>,
    subject: Option<String>,
    fields: Fields,
    expire_time: Option<Micros>,
}

impl Records {
    /// Seals and writes records.
    pub async fn create(
        &self,
        allowed: &Allowed<RecordsCreate>,
        asked: CreateRecords,
        deadline: Instant,
    ) -> Result<Done<Vec<Record>>, Error> {
        let place = self.core.places.place(&asked.parent, deadline).await?;
        let (request_id, is_batch) = (asked.request_id, asked.is_batch);
        let (records, expired) = asked.checked(&place.collection, Micros::of(self.core.clock.now()))?;
        let key = request_id.map(|id| allowed.request_key(place.tenant.uid, id));
        let request = self.core.identified(key, deadline, || canonical(&place, &records, is_batch)).await?;
        let (place, request) = (&place, request.as_ref());
        let creation = async {
            // Not before: a request that was done gets its answer again, also after the record has expired.
            expired.finish()?;
            self.core.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
            let answer: usize = records.iter().map(|record| bytes_of_answer(&record.fields)).sum();
            if answer > RESPONSE_BYTES {
                return Err(Error::TooLarge { limit: RESPONSE_BYTES });
            }
            allowed.granted.reserve_response(answer)?;
            let mut writes = self.seal_all(allowed, place, records, deadline).await?;
            if let Some(request) = request {
                let answer: Vec<Record> = writes.iter().map(|write| write.record(place)).collect();
                if let Some(first) = writes.first_mut() {
                    first.request = Some(request.remembered(&answer)?);
                }
            }
            let writes: Vec<_> = writes.into_iter().map(Arc::new).collect();
            Sending { records: self, place, writes: &writes, deadline, lost: None }.run().await?;
            Ok(written(place, writes))
        };
        self.core.once(allowed, request, creation).await
    }

    /// Gives each record its ids, its time and a data key, and seals it.
    async fn seal_all(
        &self,
        allowed: &Allowed<RecordsCreate>,
        place: &Place,
        records: Vec<Checked>,
        deadline: Instant,
    ) -> Result<Vec<Write>, Error> {
        let now = Micros::of(self.core.clock.now());
        let drafts: Vec<Draft> = records.into_iter().map(|record| self.draft(place, record, now)).collect();
        let keys = self.data_keys(place, &drafts, deadline).await?;
        let mut writes = Vec::with_capacity(drafts.len());
        for (draft, key) in drafts.into_iter().zip(keys) {
            let (name, operation) = (draft.name.clone(), key.operation);
            let row = draft.seal(place, key)?;
            let event = events::of_record(&*self.core.clock, allowed, &name, &row.head, Some(operation))
                .with("fields", row.head.field_names.len());
            writes.push(Write { name, row, request: None, event, granted: allowed.granted.clone() });
        }
        Ok(writes)
    }

    fn draft(&self, place: &Place, record: Checked, now: Micros) -> Draft {
        let uid = clock::uuid_v7(&*self.core.clock);
        let id = record.id.unwrap_or_else(|| RecordId::from_uuid(uid));
        Draft {
            name: place.collection.name.record(id),
            uid: RecordUid::new(uid),
            revision: 1,
            subject: record.subject,
            create_time: now,
            update_time: now,
            expire_time: record.expire_time,
            fields: record.fields,
        }
    }

    /// One data key for each draft. A single one shares its message with other calls.
    async fn data_keys(&self, place: &Place, drafts: &[Draft], deadline: Instant) -> Result<Vec<GeneratedKey>, Error> {
        let keys = match drafts {
            [draft] => vec![self.core.keys.generate(draft.key_request(&place.tenant), deadline).await?],
            drafts => {
                let requests: Vec<_> = drafts.iter().map(|draft| draft.key_request(&place.tenant)).collect();
                self.core.keys.generate_all(&requests, deadline).await?
            }
        };
        Ok(keys)
    }
}

impl Answer for Vec<Record> {
    /// The record, or the collection of several.
    fn resource(&self) -> Option<Resource> {
        match self.as_slice() {
            [record] => Some(record.name.clone().into()),
            records => records.first().map(|record| record.name.parent().into()),
        }
    }
}

impl CreateRecords {
    /// Reports everything that is wrong with the request at once. If nothing but the time is, the records are there, and what
    /// expires before `now`.
    fn checked(self, collection: &Collection, now: Micros) -> Result<(Vec<Checked>, Problems), Error> {
        let (mut problems, mut expired) = (self.problems, Problems::default());
        let (mut ids, mut folded) = (BTreeSet::new(), Folded::default());
        let mut records = Vec::with_capacity(self.records.len());
        for (index, mut given) in self.records.into_iter().enumerate() {
            let mut of_fields = Problems::default();
            let (fields, unreadable) = collection.policies.check(given.fields, &mut folded, &mut of_fields);
            collection.policies.check_record(&fields, &unreadable, &mut of_fields);
            given.problems.extend("record", of_fields);
            let mut of_time = Problems::default();
            check_expire_time(given.expire_time, now, "record.expire_time", &mut of_time);
            if let Some(id) = &given.id
                && !ids.insert(id.clone())
            {
                given.problems.add("record_id", "is given twice in this batch");
            }
            if self.is_batch {
                problems.extend(&format!("requests[{index}]"), given.problems);
                expired.extend(&format!("requests[{index}]"), of_time);
            } else {
                problems.append(given.problems);
                expired.append(of_time);
            }
            let (id, subject, expire_time) = (given.id, given.subject, given.expire_time);
            records.push(Checked { id, subject, fields, expire_time });
        }
        if !problems.is_empty() {
            problems.append(std::mem::take(&mut expired));
        }
        problems.finish()?;
        Ok((records, expired))
    }
}

/// Bytes of a record in the answer: its names, and what every one has.
fn bytes_of_answer(fields: &Fields) -> usize {
    let ids_and_times = 1024;
    fields.iter().map(|(name, _)| name.len().saturating_add(4)).sum::<usize>().saturating_add(ids_and_times)
}

/// Reports an expire time that has come already.
pub(super) fn check_expire_time(time: Option<Micros>, now: Micros, field: &str, problems: &mut Problems) {
    if time.is_some_and(|time| time <= now) {
        problems.add(field, "is in the past");
    }
}

/// The canonical bytes of a request, before ids and times are made.
fn canonical(place: &Place, records: &[Checked], is_batch: bool) -> Canonical {
    let mut canonical = Canonical::new::<RecordsCreate>(&place.collection.name.to_string());
    canonical.part([u8::from(is_batch)]).part(records.len().to_be_bytes());
    for record in records {
        canonical
            .optional(record.id.as_ref().map(RecordId::as_str))
            .optional(record.subject.as_deref())
            .optional(record.expire_time.map(|time| time.get().to_be_bytes()))
            .fields(&record.fields);
    }
    canonical
}

/// The answer of a request whose records were written.
fn written(place: &Place, writes: Vec<Arc<Write>>) -> Done<Vec<Record>> {
    let event_id = writes.first().map(|write| write.event.event_id);
    let records = writes.into_iter().map(|write| match Arc::try_unwrap(write) {
        Ok(Write { name, row, .. }) => Record::of(&place.tenant, name, row.head),
        // The batch that took it is not dropped yet.
        Err(shared) => shared.record(place),
    });
    Done { value: records.collect(), event_id }
}

impl Write {
    fn record(&self, place: &Place) -> Record {
        Record::of(&place.tenant, self.name.clone(), self.row.head.clone())
    }
}
