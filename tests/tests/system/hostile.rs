//! Hostile input: every RPC with every kind of bad request gets a clear error of the API's table, changes nothing and
//! disturbs no service.
//!
//! # Layout
//! - this file: forms of bad input that any RPC can get, against a golden file
//! - `values`: what `RecordService` refuses in the values of a record
//! - `requests`: what `RecordService` refuses in the rest of a request

mod requests;
mod values;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message as _;
use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::authorization::State;
use crate::support::calls::{Answered, Caller, Refused, code_name};
use crate::support::golden;
use crate::support::message::{methods, request, set, text};
use crate::support::places::Place;
use crate::support::raw::{self, RawConnection};
use crate::support::specimens::{Fixture, Specimen};
use crate::support::stacks::{World, on_quiet_stack};

const GOLDEN: &str = "hostile_input.txt";
/// What no resource of the stack is called.
const UNKNOWN: &str = "no-such-thing";

/// One bad request.
struct Bad {
    form: String,
    message: Vec<u8>,
    wanted: Wanted,
}

/// What must come of a bad request.
enum Wanted {
    /// This code and reason.
    Refusal(Code, &'static str),
    /// `INVALID_ARGUMENT` with a violation of this field; the hint is part of its text.
    Violation { field: String, hint: &'static str },
    /// Whatever the golden file says, as long as it is in the table.
    Golden,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_answers_bad_input_as_the_table_says_and_changes_nothing() {
    on_quiet_stack(async |world| {
        let fixture = Fixture::new(world).await;
        let other = Place::without_collection(world).await;
        let before = State::settled(world).await;
        let mut answers = String::from("# What every RPC answers to bad input, to a caller who may call it.\n");
        for specimen in fixture.specimens().iter().filter(|specimen| specimen.variant.is_empty()) {
            let caller = world.caller(specimen.holder);
            for bad in bad_requests(specimen, &other) {
                let answer = caller.call(specimen.path, bad.message.clone()).await;
                check(&bad, &answer, &format!("{}: {}", specimen.label(), bad.form));
                let summary = summary(specimen.path, &answer);
                writeln!(answers, "{} | {} | {summary}", specimen.label(), bad.form).unwrap();
            }
        }
        // The names of this run's own resources are no part of it.
        golden::compare(GOLDEN, &answers);
        let after = State::settled(world).await;
        after.assert_same_but_refusals(world, &before).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_goes_on_serving_after_bad_bytes_on_many_connections() {
    on_quiet_stack(async |world| {
        let fixture = Fixture::new(world).await;
        let specimens = fixture.specimens();
        for round in 0..8_u8 {
            for specimen in &specimens {
                let bytes: Vec<u8> =
                    (0..64_u8).map(|index| index.wrapping_mul(37).wrapping_add(round * 29) | 0x80).collect();
                let refused = world.caller(specimen.holder).call(specimen.path, bytes).await.unwrap_err();
                assert_eq!(refused.summary(), "INVALID_ARGUMENT MALFORMED", "{}", specimen.label());
            }
        }
        for specimen in specimens.iter().filter(|specimen| specimen.path.contains("/Get")) {
            let answer = world.caller(specimen.holder).call(specimen.path, specimen.message.clone()).await;
            assert!(answer.is_ok(), "{}: {answer:?}", specimen.label());
        }
    })
    .await;
}

/// Bytes of a piece of a request.
const PIECE: usize = 1024;
/// What a stream's window lets in at most, and the pieces that wait for it at the client.
const READ: usize = 65_535 + 2 * PIECE;

/// A message of which so much comes as anybody takes, and how much that was.
fn counted(length: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let pieces = std::iter::repeat_n(Bytes::from(vec![0; PIECE]), length.div_ceil(PIECE));
    let pieces = std::iter::once(raw::prefix(length)).chain(pieces).inspect(move |piece| {
        count.fetch_add(piece.len(), Ordering::Relaxed);
    });
    let frames = tokio_stream::iter(pieces.map(|piece| Ok::<_, Infallible>(Frame::data(piece))));
    (Body::new(StreamBody::new(frames)), taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_refuses_a_byte_more_than_it_takes_before_it_reads_it() {
    on_quiet_stack(async |world| {
        let fixture = Fixture::new(world).await;
        let table = rpc::MethodTable::of_api().unwrap();
        for specimen in fixture.specimens().iter().filter(|specimen| specimen.variant.is_empty()) {
            let instance = specimen.path.split('.').nth(1).unwrap();
            let tls = raw::tls(world, specimen.holder);
            let mut connection = RawConnection::open(&tls, world.port(instance).unwrap(), None).await.unwrap();
            let most = table.get(specimen.path).unwrap().bounds().request;
            let (body, taken) = counted(most + 1);
            let refused = connection.call(specimen.path, body).await.unwrap();
            let taken = taken.load(Ordering::Relaxed);
            assert_eq!(
                (refused.code, &*refused.reason),
                (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
                "{}",
                specimen.path
            );
            assert!(refused.message.contains(&most.to_string()) && taken <= READ, "{}: {taken}", specimen.path);
        }
    })
    .await;
}

fn bad_requests(specimen: &Specimen, other: &str) -> Vec<Bad> {
    let good = request(specimen.path, &specimen.message);
    let mut all = vec![
        Bad::new("garbage bytes", vec![0xff; 16], Wanted::Refusal(Code::InvalidArgument, "MALFORMED")),
        Bad::new("cut short", cut_short(), Wanted::Refusal(Code::InvalidArgument, "MALFORMED")),
        Bad::new("5 MiB", vec![0; 5 << 20], Wanted::Refusal(Code::ResourceExhausted, "MESSAGE_TOO_LARGE")),
    ];
    // An empty message makes a tenant with an id of the vault's choosing: good input.
    if !specimen.path.ends_with("/CreateTenant") {
        all.push(Bad::new("empty message", Vec::new(), Wanted::Golden));
    }
    for path in specimen.names {
        all.extend(bad_names(specimen, &good, path, other));
    }
    for path in specimen.ids {
        all.extend(bad_ids(&good, path));
    }
    all.extend(bad_fields(&good));
    all
}

/// A length-delimited field that promises more than follows.
fn cut_short() -> Vec<u8> {
    vec![0x0a, 0x7f, 0x41]
}

/// Names that do not parse, and names of nothing that exists.
fn bad_names(specimen: &Specimen, good: &DynamicMessage, path: &str, other: &str) -> Vec<Bad> {
    let name = text(good, path);
    let violation = |hint| Wanted::Violation { field: path.to_owned(), hint };
    let mut all = Vec::new();
    let mut add = |form: &str, name: &str, wanted: Wanted| {
        all.push(Bad::with(good, format!("{path}: {form}"), path, Value::String(name.to_owned()), wanted));
    };
    add("empty", "", violation(""));
    add("not a name", "not a name", violation(""));
    add("slash at the end", &format!("{name}/"), violation(""));
    add("parent directory", &format!("{name}/../x"), violation(""));
    add("control character", &format!("{name}\n"), violation(""));
    add("very long", &format!("{name}{}", "x".repeat(10_000)), violation(""));
    let segments: Vec<&str> = name.split('/').collect();
    for at in (1..segments.len()).step_by(2) {
        let with = |id: &str| {
            let mut changed = segments.clone();
            changed[at] = id;
            changed.join("/")
        };
        let kind = segments[at - 1].trim_end_matches('s');
        if matches!(segments[at - 1], "versions" | "entries") {
            add(&format!("unknown {kind}"), &with("999999"), Wanted::Refusal(Code::NotFound, ""));
            add(&format!("{kind} that is no number"), &with("-1"), violation(""));
        } else {
            // Ids of records and users are taken with upper case.
            if matches!(kind, "record" | "user") {
                add(&format!("{kind} that ends in a dash"), &with("an-id-"), violation("an-id"));
            } else {
                add(&format!("upper-case {kind}"), &with(&segments[at].to_uppercase()), violation("lower"));
            }
            if !specimen.creates_what_it_names {
                add(&format!("unknown {kind}"), &with(UNKNOWN), unknown(specimen, path));
            }
        }
    }
    if segments.len() > 2 && segments[0] == "tenants" {
        let mut elsewhere = segments.clone();
        elsewhere[1] = other;
        add("another tenant's", &elsewhere.join("/"), unknown(specimen, path));
    }
    all
}

/// What the name of nothing that exists gets; in a batch, one outside of its parent is bad input.
fn unknown(specimen: &Specimen, path: &str) -> Wanted {
    // Each request of a batch has its own result.
    if path.starts_with("requests[") {
        return Wanted::Golden;
    }
    if specimen.path.ends_with("/BatchRevealRecords") || specimen.path.ends_with("/BatchCreateRecords") {
        return Wanted::Golden;
    }
    Wanted::Refusal(Code::NotFound, "")
}

fn bad_ids(good: &DynamicMessage, path: &str) -> Vec<Bad> {
    let is_record = path.ends_with("record_id");
    let forms = [
        if is_record { ("mark in front", "_id".to_owned(), "id") } else { ("upper-case", "Upper".to_owned(), "lower") },
        ("dash at the end", "id-".to_owned(), ""),
        ("space", "an id".to_owned(), ""),
        ("slash", "an/id".to_owned(), ""),
        if is_record { ("65 characters", "x".repeat(65), "") } else { ("64 characters", "x".repeat(64), "") },
        ("NUL", "a\0b".to_owned(), ""),
        ("not ASCII", "größe".to_owned(), ""),
    ];
    let bad = |(form, id, hint): (&str, String, &'static str)| {
        let wanted = Wanted::Violation { field: path.to_owned(), hint };
        Bad::with(good, format!("{path}: {form}"), path, Value::String(id), wanted)
    };
    forms.into_iter().map(bad).collect()
}

/// Fields that mean the same wherever they stand.
fn bad_fields(good: &DynamicMessage) -> Vec<Bad> {
    let mut all = Vec::new();
    let texts = [
        ("page_token", "garbage!"),
        ("page_token", "AAAA"),
        ("request_id", "not-a-uuid"),
        ("etag", "not an etag"),
        ("tenant_uid", "not-a-uuid"),
    ];
    let has = |name: &str| good.descriptor().get_field_by_name(name).is_some();
    for (field, bad) in texts.into_iter().filter(|(field, _)| has(field)) {
        let wanted = Wanted::Violation { field: field.to_owned(), hint: "" };
        all.push(Bad::with(good, format!("{field}: {bad:?}"), field, Value::String(bad.to_owned()), wanted));
    }
    if has("page_size") {
        for size in [-1, i32::MIN] {
            let wanted = Wanted::Violation { field: "page_size".to_owned(), hint: "" };
            all.push(Bad::with(good, format!("page_size: {size}"), "page_size", Value::I32(size), wanted));
        }
    }
    if good.descriptor().name() == "UpdateRecordRequest" {
        let wanted = Wanted::Violation { field: "record.etag".to_owned(), hint: "" };
        let etag = Value::String("not an etag".to_owned());
        all.push(Bad::with(good, "record.etag: not an etag".to_owned(), "record.etag", etag, wanted));
    }
    all
}

impl Bad {
    fn new(form: &str, message: Vec<u8>, wanted: Wanted) -> Self {
        Self { form: form.to_owned(), message, wanted }
    }

    fn with(good: &DynamicMessage, form: String, path: &str, value: Value, wanted: Wanted) -> Self {
        let mut message = good.clone();
        set(&mut message, path, value);
        Self { form, message: message.encode_to_vec(), wanted }
    }
}

fn check(bad: &Bad, answer: &Result<Answered, Refused>, context: &str) {
    match (&bad.wanted, answer) {
        (Wanted::Golden, Ok(_)) => {}
        (_, Ok(_)) => panic!("{context}: carried out"),
        (wanted, Err(refused)) => {
            let details = &refused.details;
            assert!(is_in_the_table(details.code), "{context}: {refused:?}");
            assert!(!details.request_id.is_empty(), "{context}: no request id");
            assert!(details.retry_after.is_none(), "{context}: waiting does not help");
            match wanted {
                Wanted::Refusal(code, reason) => {
                    assert_eq!((details.code, details.reason.as_str()), (*code, *reason), "{context}: {refused:?}");
                }
                Wanted::Violation { field, hint } => {
                    assert_eq!(details.code, Code::InvalidArgument, "{context}: {refused:?}");
                    let found = details.violations.iter().find(|(violated, _)| violated == field);
                    let Some((_, text)) = found else { panic!("{context}: no violation of {field}: {refused:?}") };
                    assert!(text.contains(hint), "{context}: no hint in {text:?}");
                    assert!(text.len() < 400, "{context}: echoes the input");
                }
                Wanted::Golden => {}
            }
        }
    }
}

/// Codes that bad input may get; everything else is a defect of the service.
fn is_in_the_table(code: Code) -> bool {
    matches!(code, Code::InvalidArgument | Code::NotFound | Code::ResourceExhausted | Code::FailedPrecondition)
}

fn summary(path: &str, answer: &Result<Answered, Refused>) -> String {
    match answer {
        Ok(answer) => match item_error(path, answer) {
            Some(status) => format!("OK, results[0]: {}", code_name(status.code())),
            None => "OK".to_owned(),
        },
        Err(refused) => {
            let mut fields: Vec<&str> = refused.details.violations.iter().map(|(field, _)| field.as_str()).collect();
            fields.sort_unstable();
            format!("{} {}", refused.summary(), fields.join(" ")).trim_end().to_owned()
        }
    }
}

/// Why the first request of a batch was refused.
fn item_error(path: &str, answer: &Answered) -> Option<Status> {
    let (_, method) = methods().into_iter().find(|(known, _)| known == path)?;
    let answer = DynamicMessage::decode(method.output(), answer.first.clone()).unwrap();
    let results = answer.get_field_by_name("results")?;
    let error = results.as_list()?.first()?.as_message()?.get_field_by_name("error")?;
    let error = error.as_message()?.transcode_to::<tonic_types::Status>().unwrap();
    (error.code != 0).then(|| rpc::status_of_item(error))
}

/// A place and its app, for the checks of single values.
async fn place(world: &World) -> (Place, Caller) {
    let place = Place::new(world).await;
    let app = place.app.clone();
    (place, app)
}
