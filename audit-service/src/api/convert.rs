//! Messages to domain types and back. What does not convert is refused here and nowhere else.

use api::audit::v1 as proto;
use clock::Timestamp;
use names::{BootId, EventId, LogName, MAX_IDENTITY_BYTES};
use rpc::Violations;
use tlog::entry::{MAX_CODE_COLUMN_BYTES, decode};
use tlog::event::{EventError, IDENTITY_ATTRIBUTE, MAX_RESOURCE_BYTES};
use tlog::protocol::Alarm;
use tlog::signer::repair::EntryRange;
use tlog::verify::{Expectation, Finding, FindingKind, Report, Unchecked, Verdict};
use tlog::{Body, Event, KeyOperation, Outcome};
use uuid::{Uuid, Variant};

use crate::logs::{CheckedEntry, EntryCheck, EntryFilter, ListedLog, LogRow};
use crate::quarantine::advice;
use crate::verify::Progress;

/// Why an event will never be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unacceptable {
    /// A field does not convert.
    #[error("{field} {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it must be.
        problem: &'static str,
    },
    /// It is not one that a log takes.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// Who reports an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    /// The service's name in the policy.
    pub(super) producer: &'a str,
    /// The identity of its certificate.
    pub(super) identity: &'a str,
}

const ID: &str = "must be the 16 bytes of a UUID";
const EVENT_ID: &str = "must be the 16 bytes of a UUIDv7";

/// An event as `source` reports it.
pub(super) fn event(event: proto::Event, source: Source<'_>) -> Result<Event, Unacceptable> {
    const LOG: Unacceptable = Unacceptable::Field { field: "log", problem: "must be logs/{log}" };
    const OUTCOME: Unacceptable = Unacceptable::Field { field: "outcome", problem: "must be 1 to 255" };
    let outcome = u8::try_from(event.outcome).ok().and_then(Outcome::from_number);
    let event = Event {
        event_id: event_id(&event.event_id)?,
        log: event.log.parse().map_err(|_refused| LOG)?,
        producer: source.producer.to_owned(),
        time: Timestamp::from_nanos(event.time_ns),
        actor: event.actor,
        on_behalf_of: event.on_behalf_of,
        action: event.action,
        resource: event.resource,
        outcome: outcome.ok_or(OUTCOME)?,
        purpose: event.purpose,
        reference: event.reference,
        key_operation: key_operation(&event.key_boot_id, event.key_counter)?,
        attributes: event
            .attributes
            .into_iter()
            .chain([(IDENTITY_ATTRIBUTE.to_owned(), source.identity.to_owned())])
            .collect(),
        body: event.body.map(|body| Body { kind: body.kind, content: body.content }),
    };
    event.check()?;
    Ok(event)
}

fn uuid(field: &'static str, bytes: &[u8]) -> Result<Uuid, Unacceptable> {
    match Uuid::from_slice(bytes) {
        Ok(uuid) if !uuid.is_nil() => Ok(uuid),
        _ => Err(Unacceptable::Field { field, problem: ID }),
    }
}

/// Event ids carry their time, so that neither a list of known ones nor its index grows in the middle.
fn event_id(bytes: &[u8]) -> Result<EventId, Unacceptable> {
    let refused = Unacceptable::Field { field: "event_id", problem: EVENT_ID };
    let id = Uuid::from_slice(bytes).map_err(|_length| refused)?;
    let is_v7 = id.get_version_num() == 7 && id.get_variant() == Variant::RFC4122;
    if is_v7 { Ok(EventId::new(id)) } else { Err(refused) }
}

fn key_operation(boot: &[u8], counter: u64) -> Result<Option<KeyOperation>, Unacceptable> {
    if boot.is_empty() && counter == 0 {
        return Ok(None);
    }
    let boot = BootId::new(uuid("key_boot_id", boot)?);
    Ok(Some(KeyOperation { boot, counter }))
}

/// A log as the API shows it.
pub(super) fn log(row: LogRow) -> proto::Log {
    let state = if row.quarantine.is_some() { proto::LogState::Quarantined } else { proto::LogState::Active };
    proto::Log {
        log_id: row.log_id.as_uuid().simple().to_string(),
        size: Some(row.size),
        head: row.head.to_vec(),
        state: state.into(),
        quarantine_advice: row.quarantine.as_deref().map(|reason| advice(&row.name, reason)).unwrap_or_default(),
        quarantine_reason: row.quarantine.unwrap_or_default(),
        name: row.name,
    }
}

/// A log of a list; of one whose row cannot be read, its name alone.
pub(super) fn listed_log(ListedLog { name, row }: ListedLog) -> proto::Log {
    row.map_or_else(|| proto::Log { name, ..proto::Log::default() }, log)
}

/// An entry as its bytes say; the columns are for search only. Of one that is unreadable, its bytes alone.
pub(super) fn entry(log: &LogName, CheckedEntry { row, check }: CheckedEntry) -> proto::Entry {
    let decoded = row.read.as_ref().and_then(|_read| decode(&row.entry).ok());
    let shown = decoded.as_ref().map(content).unwrap_or_default();
    let check = match check {
        EntryCheck::Sealed => proto::EntryCheck::Sealed,
        EntryCheck::MacInvalid => proto::EntryCheck::MacInvalid,
        EntryCheck::Unreadable => proto::EntryCheck::Unreadable,
        EntryCheck::UnknownKeyVersion => proto::EntryCheck::UnknownKeyVersion,
        EntryCheck::NoAnswer => proto::EntryCheck::NoAnswer,
    };
    let differing = row.read.as_ref().map_or(&[][..], |read| &read.differing);
    proto::Entry {
        name: log.entry(row.index).to_string(),
        index: Some(row.index),
        mac: row.mac.to_vec(),
        check: check.into(),
        differing_columns: differing.iter().map(|&column| column.to_owned()).collect(),
        entry: row.entry.clone(),
        ..shown
    }
}

/// What the bytes of an entry say.
fn content(entry: &tlog::Entry<'_>) -> proto::Entry {
    let key_operation = entry.key_operation.map(|operation| format!("{}/{}", operation.boot, operation.counter));
    proto::Entry {
        event_id: entry.event_id.to_string(),
        time: Some(timestamp(entry.time_ns)),
        log_time: Some(timestamp(entry.place.logged_ns)),
        producer: entry.producer.to_owned(),
        actor: entry.actor.to_owned(),
        on_behalf_of: entry.on_behalf_of.to_owned(),
        action: entry.action.to_owned(),
        resource: entry.resource.to_owned(),
        outcome: i32::from(entry.outcome.number()),
        purpose: entry.purpose.to_owned(),
        reference: entry.reference.to_owned(),
        key_operation: key_operation.unwrap_or_default(),
        attributes: entry.attributes().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body_kind: entry.body.map_or("", |body| body.kind).to_owned(),
        body: entry.body.map_or(&[][..], |body| body.content).to_vec(),
        ..proto::Entry::default()
    }
}

fn timestamp(ns: i64) -> prost_types::Timestamp {
    let time = Timestamp::from_nanos(ns);
    prost_types::Timestamp { seconds: time.seconds(), nanos: time.subsec_nanos() }
}

/// The filter of a `ListEntries`.
pub(super) fn filter(request: &proto::ListEntriesRequest, violations: &mut Violations) -> EntryFilter {
    let mut text = |field: &str, value: &String, limit: usize| {
        if value.len() > limit || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            violations
                .add(field, format_args!("must be at most {limit} characters, none of them blank or beyond ASCII"));
        }
        (!value.is_empty()).then(|| value.clone())
    };
    let action = text("action", &request.action, MAX_CODE_COLUMN_BYTES);
    let actor = text("actor", &request.actor, MAX_IDENTITY_BYTES);
    let resource = text("resource", &request.resource, MAX_RESOURCE_BYTES);
    let outcome = match request.outcome {
        0 => None,
        number @ 1..=255 => i16::try_from(number).ok(),
        _ => {
            violations.add("outcome", "must be 1 to 255");
            None
        }
    };
    let event_id = match request.event_id.as_str() {
        "" => None,
        id => violations.check("event_id", id.parse()),
    };
    let start_us = time("start_time", request.start_time.as_ref(), violations);
    let end_us = time("end_time", request.end_time.as_ref(), violations);
    if start_us.zip(end_us).is_some_and(|(start, end)| start > end) {
        violations.add("end_time", "must not be before start_time");
    }
    EntryFilter { action, actor, resource, outcome, event_id, start_us, end_us }
}

/// Microseconds, rounded up: log times are whole microseconds, so comparisons with the rounded time come to the same.
fn time(field: &str, time: Option<&prost_types::Timestamp>, violations: &mut Violations) -> Option<i64> {
    let time = time?;
    let parsed = Timestamp::from_parts(time.seconds, time.nanos);
    if parsed.is_none() {
        violations.add(field, "must be a time between the years 1677 and 2262");
    }
    let ns = parsed?.as_nanos();
    Some(ns.div_euclid(1_000).saturating_add(i64::from(ns.rem_euclid(1_000) > 0)))
}

/// What a caller of `VerifyLog` knew of the log.
pub(super) fn expectation(request: &proto::VerifyLogRequest, violations: &mut Violations) -> Option<Expectation> {
    if request.expected_size.is_none() && request.expected_head.is_empty() {
        return None;
    }
    let Ok(head) = request.expected_head.as_slice().try_into() else {
        violations.add("expected_head", "must be the 32 bytes of the head at expected_size");
        return None;
    };
    let Some(size) = request.expected_size else {
        violations.add("expected_size", "is required where expected_head is given");
        return None;
    };
    Some(Expectation { size, head })
}

/// A message that says how far a verification has come.
pub(super) fn progress(progress: Progress) -> proto::VerifyLogResponse {
    let progress = proto::Progress { entries: Some(progress.entries), size: Some(progress.size) };
    proto::VerifyLogResponse { result: Some(proto::verify_log_response::Result::Progress(progress)) }
}

/// The message that ends a verification.
pub(super) fn report(report: Report) -> proto::VerifyLogResponse {
    let verdict = match report.verdict {
        Verdict::Intact => proto::Verdict::Intact,
        Verdict::IntactWithAlarms => proto::Verdict::IntactWithAlarms,
        Verdict::Incomplete => proto::Verdict::Incomplete,
        Verdict::Tampered => proto::Verdict::Tampered,
    };
    let loss = |loss: &EntryRange| proto::DeclaredLoss {
        first_index: Some(loss.first_index),
        last_index: Some(loss.last_index),
    };
    let verified = report.verified;
    let report = proto::Report {
        verdict: verdict.into(),
        entries: Some(report.entries),
        size: verified.map(|verified| verified.size),
        head: verified.map_or_else(Vec::new, |verified| verified.head.to_vec()),
        root: verified.and_then(|verified| verified.root).map_or_else(Vec::new, |root| root.to_vec()),
        recovered: Some(report.recovered),
        losses: report.losses.iter().map(loss).collect(),
        findings: report.findings.into_iter().map(finding).collect(),
        unchecked: report.unchecked.into_iter().map(unchecked).collect(),
        alarms: report.alarms.into_iter().map(alarm).collect(),
    };
    proto::VerifyLogResponse { result: Some(proto::verify_log_response::Result::Report(report)) }
}

fn finding(finding: Finding) -> proto::Finding {
    let kind = match finding.kind {
        FindingKind::ContentChanged => proto::FindingKind::ContentChanged,
        FindingKind::MacInvalid => proto::FindingKind::MacInvalid,
        FindingKind::ColumnMismatch => proto::FindingKind::ColumnMismatch,
        FindingKind::Missing => proto::FindingKind::Missing,
        FindingKind::Inserted => proto::FindingKind::Inserted,
        FindingKind::Reordered => proto::FindingKind::Reordered,
        FindingKind::Duplicated => proto::FindingKind::Duplicated,
        FindingKind::Truncated => proto::FindingKind::Truncated,
        FindingKind::RolledBack => proto::FindingKind::RolledBack,
        FindingKind::Forked => proto::FindingKind::Forked,
        FindingKind::Ahead => proto::FindingKind::Ahead,
        FindingKind::ExpectationFailed => proto::FindingKind::ExpectationFailed,
    };
    proto::Finding {
        kind: kind.into(),
        first_index: Some(finding.first_index),
        last_index: Some(finding.last_index),
        detail: finding.detail,
    }
}

fn unchecked(stretch: Unchecked) -> proto::Unchecked {
    proto::Unchecked {
        first_index: Some(stretch.first_index),
        last_index: Some(stretch.last_index),
        detail: stretch.detail,
    }
}

fn alarm(alarm: Alarm) -> proto::ReportedAlarm {
    let time = |ns: i64| prost_types::Timestamp {
        seconds: ns.div_euclid(1_000_000_000),
        nanos: i32::try_from(ns.rem_euclid(1_000_000_000)).unwrap_or_default(),
    };
    proto::ReportedAlarm {
        alarm_id: alarm.id.to_string(),
        kind: alarm.kind.name().to_owned(),
        first_index: Some(alarm.first_index),
        last_index: Some(alarm.last_index),
        detail: alarm.detail,
        raise_time: Some(time(alarm.raised_ns)),
        close_time: alarm.closing.as_ref().map(|closing| time(closing.closed_ns)),
        close_reference: alarm.closing.map_or_else(String::new, |closing| closing.reference),
    }
}
