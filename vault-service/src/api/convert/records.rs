//! Records, from messages and to them.

use std::collections::HashSet;

use api::vault::v1 as proto;
use names::{CollectionName, NameError, RecordName};
use prost_types::Timestamp;
use rpc::bound::{IS_BOUNDED, at_most};
use rpc::{CallContext, Failure, Granted};
use uuid::Uuid;

use super::{etag, id, parsed, refused, request_id, timestamp};
use crate::api::json::encode::{struct_length, struct_of};
use crate::api::json::fields_of;
use crate::error::Error;
use crate::fields::name::check_reference;
use crate::permissions::RecordsRevealFull;
use crate::problems::Problems;
use crate::records::create::{CreateRecords, GivenRecord};
use crate::records::reveal::{GivenReveal, RevealRecords};
use crate::records::sealing::{SUBJECT_FORM, is_plain, is_subject};
use crate::records::update::{Change, UpdateFields, UpdateRecord};
use crate::records::view::View;
use crate::records::{MAX_RESPONSE_BYTES, RESPONSE_BYTES, Record, Revealed};
use crate::time::Micros;

/// Most requests of a batch.
const MAX_BATCH: usize = at_most(1000);
/// Most names of fields in a request.
const MAX_FIELD_NAMES: usize = at_most(256);
/// What stands for all fields in `update_fields`: no field is called so.
const ALL_FIELDS: &str = "*";
/// What `update_mask` may name.
const MASKED: [&str; 2] = ["subject", "expire_time"];

/// What a request of a batch may repeat of the batch.
fn repeated(field: &str, text: &str, of_batch: &str, problems: &mut Problems) {
    if !text.is_empty() && text != of_batch {
        problems.add(field, format_args!("must be empty or the {field} of the batch"));
    }
}

/// Records to be made, and what is wrong beside them.
pub(in crate::api) struct GivenRecords {
    records: Vec<GivenRecord>,
    is_batch: bool,
    request_id: Option<Uuid>,
    problems: Problems,
}

pub(in crate::api) fn create_record(message: proto::CreateRecordRequest, mut problems: Problems) -> GivenRecords {
    let request_id = request_id(&message.request_id, &mut problems);
    let records = vec![given_record(&message.record_id, message.record)];
    GivenRecords { records, is_batch: false, request_id, problems }
}

pub(in crate::api) fn batch_create(message: proto::BatchCreateRecordsRequest, mut problems: Problems) -> GivenRecords {
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
    GivenRecords { records: records.collect(), is_batch: true, request_id, problems }
}

/// The request to make records; everything that is wrong where even the parent is.
pub(in crate::api) fn create_records(
    parent: Result<CollectionName, NameError>,
    given: GivenRecords,
) -> Result<CreateRecords, Failure> {
    let GivenRecords { records, is_batch, request_id, problems } = given;
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
pub(in crate::api) fn update(
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
pub(in crate::api) fn is_full(request: &proto::RevealRecordRequest) -> bool {
    request.view() == proto::View::Full
}

/// A request to reveal a record; `full` is there where [`is_full`] is.
pub(in crate::api) fn reveal(
    message: proto::RevealRecordRequest,
    full: Option<&Granted<RecordsRevealFull>>,
) -> GivenReveal {
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
pub(in crate::api) fn batch_reveal(
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
pub(in crate::api) fn max_response_bytes(asked: i32, problems: &mut Problems) -> usize {
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

pub(in crate::api) fn record_message(record: Record) -> proto::Record {
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
pub(in crate::api) fn revealed_message(revealed: Revealed) -> Result<proto::Record, Failure> {
    let fields = struct_of(&revealed.fields);
    let mut record = record_message(revealed.record);
    record.fields = Some(fields.ok_or(Failure::from(Error::Bug("a sealed field is no JSON")))?);
    Ok(record)
}

/// What became of one reveal of a batch.
pub(in crate::api) fn reveal_result(
    call: &CallContext,
    revealed: Result<Revealed, Error>,
) -> proto::RevealRecordResult {
    let result = match revealed.map_err(Failure::from).and_then(revealed_message) {
        Ok(record) => proto::reveal_record_result::Result::Record(record),
        Err(failure) => proto::reveal_record_result::Result::Error(call.item_status(&failure)),
    };
    proto::RevealRecordResult { result: Some(result) }
}
