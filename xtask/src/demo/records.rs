//! A tenant and its records: stored, revealed, refused, updated, and still readable after a rotation.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use api::key::v1::{GetKeyRequest, RotateKeyRequest};
use api::vault::v1::{
    Classification, Collection, CreateCollectionRequest, CreateRecordRequest, CreateTenantRequest, FieldPolicy,
    JsonType, ListRecordsRequest, Record, RevealRecordRequest, Tenant, Treatment, UpdateRecordRequest, View,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use prost_types::value::Kind;
use prost_types::{Struct, Value};
use serde_json::{Map, Value as Json};
use stack::{Service, Stack};
use tonic::{Code, Status};

use super::cast::{App, Cast};
use super::input::Given;
use super::story::Story;
use super::{excerpt, values};
use crate::outcome::Failure;
use crate::screen::{self, number};

/// Calls in flight at one time.
const IN_FLIGHT: usize = 16;
/// What a reveal is for.
const PURPOSE: &str = "treatment";

/// A record as it was stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) etag: String,
    pub(crate) fields: Map<String, Json>,
}

/// The tenant of this run and what is in it.
#[derive(Debug)]
pub(crate) struct Scene {
    given: Vec<Given>,
    /// Id of the tenant, new in every run.
    pub(crate) tenant: String,
    tenant_uid: String,
    collection: String,
    pub(crate) records: Vec<Stored>,
    /// Reveals that were answered.
    pub(crate) reveals: usize,
    /// Records that were created.
    pub(crate) creates: usize,
    /// Updates that were made.
    pub(crate) updates: usize,
}

impl Scene {
    /// A new tenant with a collection.
    pub(crate) async fn open(story: &mut Story, cast: &mut Cast, given: Vec<Given>) -> Result<Self, Failure> {
        story.chapter("A tenant and its patients");
        let tag = uuid::Uuid::from_bytes(random()?).simple().to_string();
        let tenant = format!("demo-{}", tag.get(..8).unwrap_or_default());
        let display_name = "Springfield General Hospital".to_owned();
        let request = CreateTenantRequest {
            tenant_id: tenant.clone(),
            tenant: Some(Tenant { display_name, ..Tenant::default() }),
            ..CreateTenantRequest::default()
        };
        let made = cast.tenants.create_tenant(request).await?.into_inner().tenant.ok_or("no tenant in the answer")?;
        story.holds(format_args!(
            "{} has a key of its own, keys/{}, and a log of its own, logs/{tenant}",
            made.name, made.uid
        ));
        let policies = policies(&given);
        let names: Vec<&str> = policies.iter().map(|policy| policy.field.as_str()).collect();
        let note = format!("policies for {}; fields without one are sealed as well", names.join(", "));
        let request = CreateCollectionRequest {
            parent: made.name.clone(),
            collection_id: "patients".to_owned(),
            collection: Some(Collection { field_policies: policies, ..Collection::default() }),
            ..CreateCollectionRequest::default()
        };
        let collection = cast.collections.create_collection(request).await?.into_inner().collection;
        let collection = collection.ok_or("no collection in the answer")?.name;
        story.holds(format_args!("{collection}"));
        screen::note(note);
        let records = Vec::with_capacity(given.len());
        Ok(Self { given, tenant, tenant_uid: made.uid, collection, records, reveals: 0, creates: 0, updates: 0 })
    }

    /// Stores all records, and looks for what they say in the database.
    pub(crate) async fn store(&mut self, story: &mut Story, cast: &mut Cast, stack: &Stack) -> Result<(), Failure> {
        story.chapter("Store");
        let begun = Instant::now();
        let bytes: usize = self.given.iter().map(Given::size).sum();
        let (app, parent) = (&cast.app, &self.collection);
        let stored = stream::iter(std::mem::take(&mut self.given).into_iter().map(|given| async move {
            let request = CreateRecordRequest {
                parent: parent.clone(),
                record_id: given.id.unwrap_or_default(),
                record: Some(Record { fields: Some(values::to_struct(&given.fields).into()), ..Record::default() }),
                ..CreateRecordRequest::default()
            };
            let created = app.clone().create_record(request).await;
            let created = created.map_err(|status| format!("{}: {}", given.place, status.message()))?;
            Ok::<_, Failure>((created.into_inner().record.unwrap_or_default(), given.fields))
        }));
        let stored: Vec<(Record, Map<String, Json>)> = stored.buffered(IN_FLIGHT).try_collect().await?;
        let seconds = begun.elapsed().as_secs_f64();
        let quiet = stored.iter().all(|(record, _)| record.fields.is_none() && record.revision == Some(1));
        self.records.extend(stored.into_iter().map(|(record, fields)| Stored {
            name: record.name,
            etag: record.etag,
            fields,
        }));
        self.creates = self.records.len();
        let rate = rate(self.creates, seconds);
        story.expect(
            quiet,
            format_args!(
                "{} records, {} KiB, each sealed under a data key of its own: {seconds:.1} s, {rate} a second",
                number(self.creates),
                number(bytes / 1024),
            ),
        );
        let listed = self.list(cast).await?;
        story.expect(
            listed == self.creates,
            format_args!("a list shows {} of them, without a single value", number(listed)),
        );
        self.at_rest(story, stack).await
    }

    async fn list(&self, cast: &mut Cast) -> Result<usize, Failure> {
        let (mut count, mut page_token) = (0, String::new());
        loop {
            let request = ListRecordsRequest {
                parent: self.collection.clone(),
                page_size: 1000,
                page_token,
                ..Default::default()
            };
            let page = cast.operator.list_records(request).await?.into_inner();
            count += page.records.iter().filter(|record| record.fields.is_none()).count();
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(count);
            }
        }
    }

    /// No value that a person would recognize is in any column of the vault's tables or of the audit log.
    async fn at_rest(&self, story: &mut Story, stack: &Stack) -> Result<(), Failure> {
        let mut found = Vec::new();
        self.records
            .iter()
            .flat_map(|record| record.fields.values())
            .for_each(|value| values::strings(value, &mut found));
        let ids: BTreeSet<&str> = self.records.iter().map(|record| id(&record.name)).collect();
        let telling = found.into_iter().filter(|text| text.len() >= 9 && !ids.contains(text));
        let needles: Vec<&str> = telling.collect::<BTreeSet<_>>().into_iter().collect();
        // Each value whole: as bytes in what is sealed, as text in the rest of the row.
        let sql = "SELECT count(*) FROM unnest($1::text[]) AS needle, records
                   WHERE tenant_id = $2 AND (position(convert_to(needle, 'UTF8') in sealed_fields) > 0
                       OR position(convert_to(needle, 'UTF8') in wrapped_key) > 0)";
        let session = stack.sql(Service::Vault).await?;
        let sample: Vec<&str> = needles.iter().copied().step_by((needles.len() / 200).max(1)).collect();
        let hits: i64 = session.query_one(sql, &[&sample, &self.tenant]).await?.try_get(0)?;
        story.expect(
            hits == 0,
            format_args!(
                "{} names, numbers and notes looked for in all rows of the database: none found",
                number(sample.len())
            ),
        );
        Ok(())
    }

    /// Reveals every record and holds it against what was given.
    pub(crate) async fn reveal(&mut self, story: &mut Story, cast: &mut Cast) -> Result<(), Failure> {
        story.chapter("Reveal");
        let begun = Instant::now();
        let equal = self.reveal_all(cast).await?;
        let (seconds, total) = (begun.elapsed().as_secs_f64(), self.records.len());
        let rate = rate(total, seconds);
        story.expect(equal == total, format_args!(
            "{} of {} revealed equal to their input: {seconds:.1} s, {rate} a second, each accounted for before its answer",
            number(equal), number(total),
        ));
        if let Some(record) = self.records.get(total / 3) {
            screen::note(format_args!("{}:", record.name));
            screen::note(excerpt::excerpt(&record.fields));
        }
        let name = self.record(0)?.name.clone();
        let masked = reveal(&mut cast.app, &name, View::Masked).await?;
        self.reveals += 1;
        let mask = Kind::StringValue("********".to_owned());
        let hidden = masked.fields.values().filter(|value| value.kind.as_ref() == Some(&mask)).count();
        story.expect(
            hidden == masked.fields.len() && hidden > 0,
            format_args!("a masked view of one: {} fields, no value", number(hidden)),
        );
        Ok(())
    }

    /// How many records are revealed as they were given.
    async fn reveal_all(&mut self, cast: &Cast) -> Result<usize, Failure> {
        let equal = stream::iter(self.records.iter().map(|record| async move {
            let fields = reveal(&mut cast.app.clone(), &record.name, View::Full).await?;
            Ok::<_, Status>(values::same_objects(&values::from_struct(&fields), &record.fields))
        }));
        let equal: Vec<bool> = equal.buffer_unordered(IN_FLIGHT).try_collect().await?;
        self.reveals += equal.len();
        Ok(equal.into_iter().filter(|equal| *equal).count())
    }

    /// Whether one record is revealed as it was given.
    pub(crate) async fn reveals_equal(&mut self, cast: &mut Cast, index: usize) -> Result<bool, Failure> {
        let record = self.record(index)?.clone();
        let fields = reveal(&mut cast.app, &record.name, View::Full).await?;
        self.reveals += 1;
        Ok(values::same_objects(&values::from_struct(&fields), &record.fields))
    }

    pub(crate) fn record(&self, index: usize) -> Result<&Stored, Failure> {
        self.records.get(index).ok_or_else(|| "there are too few records".into())
    }

    /// Calls that must not be answered.
    pub(crate) async fn refuse(&mut self, story: &mut Story, cast: &mut Cast) -> Result<(), Failure> {
        story.chapter("Refuse");
        let name = self.record(0)?.name.clone();
        let asked = || RevealRecordRequest {
            name: name.clone(),
            view: View::Full.into(),
            purpose: PURPOSE.to_owned(),
            ..RevealRecordRequest::default()
        };
        let answer = cast.operator.reveal_record(asked()).await;
        story.refused("the operator asks for a value", answer, Code::PermissionDenied, "");
        let answer = cast.stranger.reveal_record(asked()).await;
        story.refused("a stranger with a valid certificate asks", answer, Code::PermissionDenied, "");
        let curious = RevealRecordRequest { purpose: "curiosity".to_owned(), ..asked() };
        let answer = cast.app.reveal_record(curious).await;
        story.refused("the app asks without a purpose that the collection knows", answer, Code::InvalidArgument, "");
        let card = Struct { fields: [("cvv".to_owned(), text("123"))].into() };
        let answer = cast.app.create_record(self.request(card)).await;
        story.refused("a record with a card's CVV", answer, Code::InvalidArgument, "NEVER_STORE");
        let mut again = self.request(Struct { fields: [("name".to_owned(), text("someone else"))].into() });
        again.record_id = id(&name).to_owned();
        let answer = cast.app.create_record(again).await;
        story.refused("a second record with the same id", answer, Code::AlreadyExists, "");
        Ok(())
    }

    fn request(&self, fields: Struct) -> CreateRecordRequest {
        let record = Some(Record { fields: Some(fields.into()), ..Record::default() });
        CreateRecordRequest { parent: self.collection.clone(), record, ..CreateRecordRequest::default() }
    }

    /// Updates a record, then again with the etag that is no longer its own.
    pub(crate) async fn update(&mut self, story: &mut Story, cast: &mut Cast) -> Result<(), Failure> {
        story.chapter("Update");
        let index = self.records.len() - 1;
        let before = self.record(index)?.clone();
        let note = "Moved to ward 4; the family was told.";
        let update = UpdateRecordRequest {
            record: Some(Record {
                name: before.name.clone(),
                etag: before.etag.clone(),
                fields: Some(Struct { fields: [("notes".to_owned(), text(note))].into() }.into()),
                ..Record::default()
            }),
            update_fields: vec!["notes".to_owned()],
            ..Default::default()
        };
        let after = cast.app.update_record(update.clone()).await?.into_inner().record.unwrap_or_default();
        self.updates += 1;
        if let Some(record) = self.records.get_mut(index) {
            record.etag = after.etag;
            record.fields.insert("notes".to_owned(), Json::String(note.to_owned()));
        }
        let kept = self.reveals_equal(cast, index).await?;
        story.expect(
            after.revision == Some(2) && kept,
            "one field replaced: revision 2 under a new data key, the others carried over",
        );
        let answer = cast.app.update_record(update).await;
        story.refused("the same update with the etag of revision 1", answer, Code::Aborted, "ETAG_MISMATCH");
        Ok(())
    }

    /// Rotates the tenant's key; old records stay readable, new ones are wrapped by the new version.
    pub(crate) async fn rotate(&mut self, story: &mut Story, cast: &mut Cast) -> Result<(), Failure> {
        story.chapter("Rotate the key");
        let name = format!("keys/{}", self.tenant_uid);
        let key = cast
            .keys
            .get_key(GetKeyRequest { name: name.clone(), ..Default::default() })
            .await?
            .into_inner()
            .key
            .unwrap_or_default();
        let rotated =
            cast.keys.rotate_key(RotateKeyRequest { name, etag: key.etag, ..Default::default() }).await?.into_inner();
        let version = rotated.key_version.unwrap_or_default().name;
        story.holds(format_args!("{version} wraps from now on"));
        let deadline = Instant::now() + Duration::from_secs(3);
        let fields: Map<String, Json> =
            [("name".to_owned(), Json::String("Born after the rotation".to_owned()))].into_iter().collect();
        loop {
            let request = self.request(values::to_struct(&fields));
            let record = cast.app.create_record(request).await?.into_inner().record.unwrap_or_default();
            self.creates += 1;
            self.records.push(Stored { name: record.name, etag: record.etag, fields: fields.clone() });
            if record.key_version == version || Instant::now() > deadline {
                story.expect(record.key_version == version, "a new record is wrapped by the new version");
                break;
            }
        }
        let (equal, total) = (self.reveal_all(cast).await?, self.records.len());
        story.expect(
            equal == total,
            format_args!("{} of {} revealed, old versions and new", number(equal), number(total)),
        );
        Ok(())
    }
}

/// Asks for all fields of a record.
pub(crate) async fn reveal(app: &mut App, name: &str, view: View) -> Result<Struct, Status> {
    let request = RevealRecordRequest {
        name: name.to_owned(),
        view: view.into(),
        purpose: PURPOSE.to_owned(),
        reference: "demo".to_owned(),
        ..RevealRecordRequest::default()
    };
    let fields = app.reveal_record(request).await?.into_inner().record.and_then(|record| record.fields);
    fields.unwrap_or_default().to_struct().map_err(|error| Status::internal(format!("the answer: {error}")))
}

/// The last part of a record's name.
pub(crate) fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// Policies for the fields that the records have, and for the one that must never be stored.
fn policies(given: &[Given]) -> Vec<FieldPolicy> {
    let policy = |field: &str, classification: Classification, kind: JsonType| FieldPolicy {
        field: field.to_owned(),
        classification: classification.into(),
        treatment: Treatment::Encrypt.into(),
        json_type: kind.into(),
        ..FieldPolicy::default()
    };
    let known = [
        policy("ssn", Classification::Pii, JsonType::String),
        policy("mrn", Classification::Phi, JsonType::String),
        policy("diagnoses", Classification::Phi, JsonType::Array),
        policy("email", Classification::Pii, JsonType::String),
    ];
    let is_there = |policy: &FieldPolicy| given.iter().any(|record| record.fields.contains_key(&policy.field));
    let mut policies: Vec<FieldPolicy> = known.into_iter().filter(is_there).collect();
    policies.push(FieldPolicy {
        treatment: Treatment::NeverStore.into(),
        ..policy("cvv", Classification::Pci, JsonType::Unspecified)
    });
    policies
}

fn text(value: &str) -> Value {
    Value { kind: Some(Kind::StringValue(value.to_owned())) }
}

/// So many in so many seconds, as a whole number for people.
fn rate(count: usize, seconds: f64) -> String {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    format!("{:.0}", count / seconds.max(0.001))
}

fn random() -> Result<[u8; 16], Failure> {
    let random = ring::rand::generate(&ring::rand::SystemRandom::new()).map_err(|_unspecified| "no random bytes")?;
    Ok(random.expose())
}
