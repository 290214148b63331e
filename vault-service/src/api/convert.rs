//! Messages to domain types and back. What is wrong with a message is collected, so that all of it is said at once.
//!
//! # Layout
//! - `policy`: policies of fields

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use api::vault::v1 as proto;
use names::{CollectionName, Etag, NameError, OnBehalfOf, RecordName};
use prost_types::Timestamp;
use rpc::bound::{IS_BOUNDED, at_most};
use rpc::{CallContext, Failure, Granted};
use uuid::Uuid;

use super::json::{fields_of, struct_length, struct_of};
use crate::error::Error;
use crate::fields::name::check_reference;
use crate::permissions::RecordsRevealFull;
use crate::places::{Collection, Tenant};
use crate::policy::TenantState;
use crate::problems::Problems;
use crate::records::create::{CreateRecords, GivenRecord};
use crate::records::reveal::{GivenReveal, RevealRecords};
use crate::records::sealing::{SUBJECT_FORM, is_plain, is_subject};
use crate::records::update::{Change, UpdateFields, UpdateRecord};
use crate::records::view::View;
use crate::records::{MAX_RESPONSE_BYTES, RESPONSE_BYTES, Record, Revealed};
use crate::time::Micros;

mod policy;

pub(super) use policy::field_policies;
use policy::policy_message;

/// Most requests of a batch.
const MAX_BATCH: usize = at_most(1000);
/// Most names of fields in a request.
const MAX_FIELD_NAMES: usize = at_most(256);
/// What stands for all fields in `update_fields`: no field is called so.
const ALL_FIELDS: &str = "*";
/// What `update_mask` may name.
const MASKED: [&str; 2] = ["subject", "expire_time"];

/// The value of a name that was parsed before authorization, or what is wrong with the whole message.
pub(super) fn parsed<T>(field: &str, name: Result<T, NameError>, problems: Problems) -> Result<(T, Problems), Failure> {
    match name {
        Ok(name) => Ok((name, problems)),
        Err(error) => {
            let mut all = Problems::default();
            all.add(field, error);
            all.append(problems);
            Err(refused(all))
        }
    }
}

/// The failure of a message with problems.
pub(super) fn refused(problems: Problems) -> Failure {
    match problems.finish() {
        Err(invalid) => invalid.into_failure(),
        Ok(()) => Failure::bug("a message is refused and nothing is wrong with it"),
    }
}

/// An id that may be left out.
pub(super) fn id<T: FromStr<Err: fmt::Display>>(field: &str, text: &str, problems: &mut Problems) -> Option<T> {
    if text.is_empty() { None } else { problems.check(field, text.parse()) }
}

pub(super) fn request_id(text: &str, problems: &mut Problems) -> Option<Uuid> {
    if text.is_empty() {
        None
    } else {
        let uuid = Uuid::parse_str(text).ok().filter(|uuid| !uuid.is_nil());
        problems.check("request_id", uuid.ok_or("must be a UUID other than the nil UUID"))
    }
}

pub(super) fn etag(text: &str, problems: &mut Problems) -> Option<Etag> {
    if text.is_empty() { None } else { problems.check("etag", text.parse()) }
}

/// For whom a call is made.
pub(super) fn on_behalf_of(text: &str, problems: &mut Problems) -> Option<OnBehalfOf> {
    problems.check("on_behalf_of", OnBehalfOf::parse_optional(text)).flatten()
}

/// The same where a call that is done leaves no entry: the form alone counts.
pub(super) fn check_on_behalf_of(text: &str, problems: &mut Problems) {
    let _only_checked = on_behalf_of(text, problems);
}

/// What a request of a batch may repeat of the batch.
fn repeated(field: &str, text: &str, of_batch: &str, problems: &mut Problems) {
    if !text.is_empty() && text != of_batch {
        problems.add(field, format_args!("must be empty or the {field} of the batch"));
    }
}

pub(super) fn create_record(
    message: proto::CreateRecordRequest,
    mut problems: Problems,
) -> (GivenRecord, Option<Uuid>, Problems) {
    let request_id = request_id(&message.request_id, &mut problems);
    (given_record(message.record_id.as_str(), message.record), request_id, problems)
}

pub(super) fn batch_create(
    message: proto::BatchCreateRecordsRequest,
    mut problems: Problems,
) -> (Vec<GivenRecord>, Option<Uuid>, Problems) {
    let request_id = request_id(&message.request_id, &mut problems);
    check_batch(message.requests.len(), &mut problems);
    let records = message.requests.into_iter().take(MAX_BATCH).map(|request| {
        let mut record = given_record(&request.record_id, request.record);
        repeated("parent", &request.parent, &message.parent, &mut record.problems);
        repeated("on_behalf_of", &request.on_behalf_of, &message.on_behalf_of, &mut record.problems);
        if !request.request_id.is_empty() {
            record.problems.add("request_id", "must be empty: a batch has one request_id");
        }
        record
    });
    (records.collect(), request_id, problems)
}

/// The request to make records; everything that is wrong where even the parent is.
pub(super) fn create_records(
    parent: Result<CollectionName, NameError>,
    (records, request_id, problems): (Vec<GivenRecord>, Option<Uuid>, Problems),
    is_batch: bool,
) -> Result<CreateRecords, Failure> {
    let error = match parent {
        Ok(parent) => return Ok(CreateRecords { parent, records, is_batch, request_id, problems }),
        Err(error) => error,
    };
    let mut all = problems;
    for (index, record) in records.into_iter().enumerate() {
        if is_batch {
            all.extend(&format!("requests[{index}]"), record.problems);
        } else {
            all.append(record.problems);
        }
    }
    parsed("parent", Err(error), all).map(|(never, _)| never)
}

fn given_record(id_text: &str, record: Option<proto::Record>) -> GivenRecord {
    let mut given = GivenRecord::default();
    given.id = id("record_id", id_text, &mut given.problems);
    let Some(record) = record else {
        given.problems.add("record", "is required");
        return given;
    };
    let mut of_record = Problems::default();
    given.subject = subject(record.subject, &mut of_record);
    given.expire_time = expire_time(record.expire_time, &mut of_record);
    given.fields = fields_of(record.fields, &mut of_record);
    given.problems.extend("record", of_record);
    given
}

/// The request to update a record; everything that is wrong where even the name is.
pub(super) fn update(
    name: Result<RecordName, NameError>,
    message: proto::UpdateRecordRequest,
    mut problems: Problems,
) -> Result<UpdateRecord, Failure> {
    let request_id = request_id(&message.request_id, &mut problems);
    let update_fields = update_fields(message.update_fields, &mut problems);
    let Some(record) = message.record else {
        problems.add("record", "is required");
        return Err(refused(problems));
    };
    let mut of_record = Problems::default();
    let expected = etag(&record.etag, &mut of_record);
    let subject = subject(record.subject, &mut of_record);
    let expire_time = expire_time(record.expire_time, &mut of_record);
    let fields = fields_of(record.fields, &mut of_record);
    let mask = message.update_mask.unwrap_or_default().paths;
    check_mask(&mask, &mut problems);
    let all = update_fields == UpdateFields::All;
    let subject = change("subject", subject, all, &mask, &mut of_record);
    let expire_time = change("expire_time", expire_time, all, &mask, &mut of_record);
    problems.extend("record", of_record);
    let (name, problems) = parsed("record.name", name, problems)?;
    Ok(UpdateRecord { name, etag: expected, update_fields, fields, subject, expire_time, request_id, problems })
}

/// Which fields an update is about.
fn update_fields(mut names: Vec<String>, problems: &mut Problems) -> UpdateFields {
    if let [only] = names.as_slice()
        && only == ALL_FIELDS
    {
        return UpdateFields::All;
    }
    field_names("update_fields", &names, problems);
    names.truncate(MAX_FIELD_NAMES);
    let mut seen = HashSet::new();
    for (index, name) in names.iter().enumerate() {
        if !seen.insert(name.as_str()) {
            problems.add(format!("update_fields[{index}]"), "is named twice");
        }
    }
    if names.is_empty() { UpdateFields::Given } else { UpdateFields::Named(names) }
}

fn check_mask(mask: &[String], problems: &mut Problems) {
    if mask.len() > MASKED.len() || mask.iter().any(|path| !MASKED.contains(&path.as_str())) {
        problems.add("update_mask", format_args!("may name {}, each once", MASKED.join(" and ")));
    }
}

/// What becomes of something beside the fields.
fn change<T>(path: &str, given: Option<T>, all: bool, mask: &[String], problems: &mut Problems) -> Change<T> {
    let is_named = mask.iter().any(|named| named == path);
    if given.is_some() && !mask.is_empty() && !is_named {
        problems.add(path, "is given but not named in update_mask");
    }
    if all || is_named || given.is_some() { Change::Set(given) } else { Change::Keep }
}

/// Whether a view needs the permission to see whole values.
pub(super) fn is_full(request: &proto::RevealRecordRequest) -> bool {
    request.view() == proto::View::Full
}

/// A request to reveal a record; `full` is there where [`is_full`] is.
pub(super) fn reveal(message: proto::RevealRecordRequest, full: Option<&Granted<RecordsRevealFull>>) -> GivenReveal {
    let mut problems = Problems::default();
    let name = problems.check("name", message.name.parse::<RecordName>());
    let expected = etag(&message.etag, &mut problems);
    field_names("read_fields", &message.read_fields, &mut problems);
    let view = match (proto::View::try_from(message.view), full) {
        (Ok(proto::View::Full), Some(full)) => View::Full(full.clone()),
        (Ok(_), _) => View::Masked,
        (Err(_), _) => {
            problems.add("view", "is no view of this version");
            View::Masked
        }
    };
    if message.reference.len() > 64 || !message.reference.bytes().all(is_plain) {
        problems.add("reference", "must match [A-Za-z0-9._:/-]{0,64}");
    }
    let (read_fields, purpose, reference) = (message.read_fields, message.purpose, message.reference);
    GivenReveal { name, etag: expected, read_fields, view, purpose, reference, problems }
}

/// The request to reveal several records; everything that is wrong where even the parent is.
pub(super) fn batch_reveal(
    parent: Result<CollectionName, NameError>,
    message: proto::BatchRevealRecordsRequest,
    full: Option<&Granted<RecordsRevealFull>>,
    mut problems: Problems,
) -> Result<RevealRecords, Failure> {
    check_batch(message.requests.len(), &mut problems);
    let most = max_response_bytes(message.max_response_bytes, &mut problems);
    let given = |request: proto::RevealRecordRequest| {
        let on_behalf_of = request.on_behalf_of.clone();
        let mut given = reveal(request, full);
        repeated("on_behalf_of", &on_behalf_of, &message.on_behalf_of, &mut given.problems);
        given
    };
    let mut reveals: Vec<GivenReveal> = message.requests.into_iter().take(MAX_BATCH).map(given).collect();
    let parent = match parent {
        Ok(parent) => parent,
        Err(error) => {
            for (index, given) in reveals.into_iter().enumerate() {
                problems.extend(&format!("requests[{index}]"), given.problems);
            }
            return parsed("parent", Err(error), problems).map(|(never, _)| never);
        }
    };
    let mut named = HashSet::new();
    for given in &mut reveals {
        let Some(name) = &given.name else { continue };
        if name.parent() != parent {
            given.problems.add("name", "must be a record of the batch's parent");
        }
        if !named.insert(name.clone()) && IS_BOUNDED {
            given.problems.add("name", "is given twice in this batch");
        }
    }
    Ok(RevealRecords { parent, reveals, is_batch: true, most, measure: struct_length, problems })
}

/// What an answer may have, in bytes.
pub(super) fn max_response_bytes(asked: i32, problems: &mut Problems) -> usize {
    match usize::try_from(asked) {
        Ok(0) => RESPONSE_BYTES,
        Ok(asked) if asked <= MAX_RESPONSE_BYTES => asked,
        _ => {
            problems.add("max_response_bytes", format_args!("must be 0 to {MAX_RESPONSE_BYTES}"));
            RESPONSE_BYTES
        }
    }
}

fn check_batch(requests: usize, problems: &mut Problems) {
    if requests == 0 || requests > MAX_BATCH {
        problems.add("requests", format_args!("must be 1 to {MAX_BATCH}"));
    }
}

fn field_names(field: &str, names: &[String], problems: &mut Problems) {
    if names.len() > MAX_FIELD_NAMES {
        problems.add(field, format_args!("at most {MAX_FIELD_NAMES} names"));
    }
    for (index, name) in names.iter().enumerate().take(MAX_FIELD_NAMES) {
        if let Err(rule) = check_reference(name) {
            problems.add(format!("{field}[{index}]"), rule);
        }
    }
}

fn subject(text: String, problems: &mut Problems) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if !is_subject(&text) {
        problems.add("subject", format_args!("must match {SUBJECT_FORM}"));
    }
    Some(text)
}

fn expire_time(time: Option<Timestamp>, problems: &mut Problems) -> Option<Micros> {
    let time = time?;
    let micros = Micros::from_parts(time.seconds, time.nanos);
    if micros.is_none() {
        problems.add("expire_time", "must be a time between the years 1 and 9999");
    }
    micros
}

pub(super) fn tenant_message(tenant: &Tenant) -> proto::Tenant {
    proto::Tenant {
        name: tenant.name.to_string(),
        uid: tenant.uid.to_string(),
        display_name: tenant.display_name.clone(),
        state: match tenant.state {
            TenantState::Active => proto::TenantState::Active,
            TenantState::Unknown(_) => proto::TenantState::Unspecified,
        }
        .into(),
        create_time: Some(timestamp(tenant.create_time)),
        etag: Etag::new(tenant.uid.as_uuid(), tenant.revision).to_string(),
    }
}

pub(super) fn collection_message(collection: &Collection) -> proto::Collection {
    proto::Collection {
        name: collection.name.to_string(),
        uid: collection.uid.to_string(),
        field_policies: collection.policies.iter().map(policy_message).collect(),
        purposes: collection.purposes.clone(),
        create_time: Some(timestamp(collection.create_time)),
        etag: Etag::new(collection.uid.as_uuid(), collection.revision).to_string(),
    }
}

pub(super) fn record_message(record: Record) -> proto::Record {
    proto::Record {
        name: (&record.name).into(),
        uid: record.uid.to_string(),
        revision: Some(i64::try_from(record.revision).unwrap_or(i64::MAX)),
        key_version: record.key_version().map(|version| version.to_string()).unwrap_or_default(),
        etag: record.etag().to_string(),
        subject: record.subject.unwrap_or_default(),
        fields: None,
        field_names: record.field_names,
        create_time: Some(timestamp(record.create_time)),
        update_time: Some(timestamp(record.update_time)),
        expire_time: record.expire_time.map(timestamp),
    }
}

/// A record with values.
pub(super) fn revealed_message(revealed: Revealed) -> Result<proto::Record, Failure> {
    let fields = struct_of(&revealed.fields);
    let mut record = record_message(revealed.record);
    record.fields = Some(fields.ok_or(Failure::from(Error::Bug("a sealed field is no JSON")))?);
    Ok(record)
}

/// What became of one reveal of a batch.
pub(super) fn reveal_result(call: &CallContext, revealed: Result<Revealed, Error>) -> proto::RevealRecordResult {
    let result = match revealed.map_err(Failure::from).and_then(revealed_message) {
        Ok(record) => proto::reveal_record_result::Result::Record(record),
        Err(failure) => proto::reveal_record_result::Result::Error(call.item_status(&failure)),
    };
    proto::RevealRecordResult { result: Some(result) }
}

fn timestamp(time: Micros) -> Timestamp {
    let (seconds, nanos) = time.parts();
    Timestamp { seconds, nanos }
}
