//! Segments, marks, heads, alarms and losses.

use std::collections::HashSet;

use api::key::v1 as wire;
use bytes::Bytes;
use clock::Timestamp;
use names::{LogName, NameError, OnBehalfOf};
use rpc::{CallContext, Failure, Granted, Permission, Violations};
use tlog::Hash;
use tlog::consistency::MAX_PROOF_HASHES;
use tlog::protocol::{
    AckOutcome, Acknowledgement, Alarm, AlarmKind, Loss, MAX_ACKNOWLEDGEMENTS, MAX_NAMED_ALARMS, MAX_SEAL_BYTES,
    MAX_SEAL_ENTRIES, MAX_VERIFY_MACS, Rollback, SealOutcome, Segment, SegmentAnswer, SignerView, StoredSegment,
};
use tlog::signer::Proof;
use tlog::signer::repair::EntryRange;
use tlog::snapshot::MAX_SNAPSHOT_BYTES;
use uuid::Uuid;

use super::timestamp;
use crate::keys::read::PublicKey;
use crate::permissions::{SignerAcknowledge, SignerSeal};
use crate::signer::acknowledge::Acknowledged;
use crate::signer::advance::Advance;
use crate::signer::repair::{AlarmsToClose, LossToDeclare};
use crate::signer::seal_batch::asked::SealBatch;

/// Longest reference of a loss or a closed alarm, in bytes.
const MAX_REFERENCE: usize = 64;
/// Most reports of one batch.
const MAX_ROLLBACKS: usize = 4096;
/// Greatest index of an entry, and greatest size of a log: databases have no greater number.
const MAX_INDEX: u64 = i64::MAX.unsigned_abs();

/// A grant for each log of a batch; a name that does not parse is authorized at the root.
pub fn grants(call: &CallContext, message: &wire::SealBatchRequest) -> Result<Vec<Granted<SignerSeal>>, Failure> {
    let segments = message.segments.iter().map(|one| one.log.as_str());
    let rollbacks = message.rollbacks.iter().map(|one| one.log.as_str());
    grants_of(call, segments.chain(rollbacks))
}

/// A grant for each log of a call; a name that does not parse is authorized at the root.
pub fn acknowledge_grants(
    call: &CallContext,
    message: &wire::AcknowledgeRequest,
) -> Result<Vec<Granted<SignerAcknowledge>>, Failure> {
    grants_of(call, message.logs.iter().map(|one| one.log.as_str()))
}

fn grants_of<'a, P: Permission>(
    call: &CallContext,
    logs: impl Iterator<Item = &'a str>,
) -> Result<Vec<Granted<P>>, Failure> {
    let logs: HashSet<_> = logs.collect();
    if logs.is_empty() {
        return Ok(vec![call.grant::<P>("logs")?]);
    }
    logs.into_iter().map(|log| call.grant_parsed::<P>(&log.parse::<LogName>())).collect()
}

/// A batch to seal.
pub fn seal_batch(message: wire::SealBatchRequest) -> Result<SealBatch, Failure> {
    let mut violations = Violations::new();
    check_size(&message.segments, &mut violations);
    let mut logs = HashSet::new();
    let mut segments = Vec::with_capacity(message.segments.len());
    for (index, one) in message.segments.into_iter().enumerate() {
        let path = format!("segments[{index}]");
        if let Some(segment) = segment(one, &path, &mut violations) {
            if !logs.insert(segment.log.clone()) {
                violations.add(format!("{path}.log"), "must be in one segment of a batch only");
            }
            segments.push(segment);
        }
    }
    if message.rollbacks.len() > MAX_ROLLBACKS {
        violations.add("rollbacks", format_args!("must be at most {MAX_ROLLBACKS}"));
    }
    let mut rollbacks = Vec::with_capacity(message.rollbacks.len());
    for (index, one) in message.rollbacks.into_iter().take(MAX_ROLLBACKS).enumerate() {
        rollbacks.extend(rollback(&one, &format!("rollbacks[{index}]"), &mut violations));
    }
    violations.finish_with(Some(SealBatch { segments, rollbacks }))
}

/// How far logs are committed.
pub fn acknowledge(message: wire::AcknowledgeRequest) -> Result<Vec<Acknowledgement>, Failure> {
    let mut violations = Violations::new();
    if message.logs.len() > MAX_ACKNOWLEDGEMENTS {
        violations.add("logs", format_args!("must be at most {MAX_ACKNOWLEDGEMENTS}"));
    }
    let mut logs = HashSet::new();
    let mut acknowledgements = Vec::with_capacity(message.logs.len().min(MAX_ACKNOWLEDGEMENTS));
    for (index, one) in message.logs.into_iter().take(MAX_ACKNOWLEDGEMENTS).enumerate() {
        let path = format!("logs[{index}]");
        let acknowledgement = acknowledgement(&one, &path, &mut violations);
        if acknowledgement.as_ref().is_some_and(|one| !logs.insert(one.log.clone())) {
            violations.add(format!("{path}.log"), "must be acknowledged once in a call");
        }
        acknowledgements.extend(acknowledgement);
    }
    violations.finish_with(Some(acknowledgements))
}

fn check_size(segments: &[wire::Segment], violations: &mut Violations) {
    let entries: usize = segments.iter().map(|one| one.entries.len()).sum();
    let bytes: usize = segments.iter().flat_map(|one| &one.entries).map(Bytes::len).sum();
    if entries > MAX_SEAL_ENTRIES || bytes > MAX_SEAL_BYTES {
        let limits = format_args!("must have at most {MAX_SEAL_ENTRIES} entries and {MAX_SEAL_BYTES} bytes together");
        violations.add("segments", limits);
    }
}

fn segment(message: wire::Segment, path: &str, violations: &mut Violations) -> Option<Segment> {
    let log = violations.check(format!("{path}.log"), message.log.parse::<LogName>());
    let first_index = present(message.first_index, format!("{path}.first_index"), violations);
    let previous_head = bytes32(&message.previous_head, format!("{path}.previous_head"), violations);
    Some(Segment { log: log?, first_index: first_index?, previous_head: previous_head?, entries: message.entries })
}

fn acknowledgement(
    message: &wire::Acknowledgement,
    path: &str,
    violations: &mut Violations,
) -> Option<Acknowledgement> {
    let log = violations.check(format!("{path}.log"), message.log.parse::<LogName>());
    let size = present(message.size, format!("{path}.size"), violations);
    let head = bytes32(&message.head, format!("{path}.head"), violations);
    Some(Acknowledgement { log: log?, size: size?, head: head?, alarms_raised: message.alarms_raised })
}

fn rollback(message: &wire::Rollback, path: &str, violations: &mut Violations) -> Option<Rollback> {
    let log = violations.check(format!("{path}.log"), message.log.parse::<LogName>());
    let size = present(message.size, format!("{path}.size"), violations);
    let kind = AlarmKind::from_name(&message.kind);
    let kind = kind.filter(|kind| matches!(kind, AlarmKind::RolledBack | AlarmKind::Suppressed));
    if kind.is_none() {
        violations.add(format!("{path}.kind"), "must be ROLLED_BACK or SUPPRESSED");
    }
    Some(Rollback { log: log?, kind: kind?, size: size? })
}

/// The log whose MACs are to be checked; their indices are such as entries can have.
pub fn log_of_macs(log: Result<LogName, NameError>, indices: &[u64]) -> Result<LogName, Failure> {
    let mut violations = Violations::new();
    let log = violations.check("log", log);
    if indices.len() > MAX_VERIFY_MACS {
        violations.add("indices", format_args!("must be at most {MAX_VERIFY_MACS}"));
    } else if indices.iter().any(|index| *index > MAX_INDEX) {
        violations.add("indices", "must be below 2^63");
    }
    violations.finish_with(log)
}

/// A snapshot and what vouches for it.
pub fn advance(message: wire::AdvanceHeadRequest) -> Result<Advance, Failure> {
    let mut violations = Violations::new();
    let log = violations.check("log", message.log.parse::<LogName>());
    if message.snapshot.is_empty() || message.snapshot.len() > MAX_SNAPSHOT_BYTES {
        violations.add("snapshot", format_args!("must be 1 to {MAX_SNAPSHOT_BYTES} bytes"));
    }
    let on_behalf_of = violations.check("on_behalf_of", OnBehalfOf::parse_optional(&message.on_behalf_of));
    let from_size = present(message.from_size, "from_size".to_owned(), &mut violations);
    let proof = if let Some(size) = message.expected_size {
        if !message.consistency_proof.is_empty() {
            violations.add("consistency_proof", "must be empty where expected_size is given");
        }
        let head = bytes32(&message.expected_head, "expected_head".to_owned(), &mut violations);
        head.map(|head| Proof::Operator { size, head })
    } else {
        if !message.expected_head.is_empty() {
            violations.add("expected_size", "is required together with expected_head");
        }
        consistency_proof(&message.consistency_proof, &mut violations).map(Proof::Consistency)
    };
    let parts = log.zip(proof).zip(from_size.zip(on_behalf_of));
    violations.finish_with(parts.map(|((log, proof), (from_size, on_behalf_of))| Advance {
        log,
        snapshot: message.snapshot,
        from_size,
        proof,
        on_behalf_of,
    }))
}

fn consistency_proof(hashes: &[Vec<u8>], violations: &mut Violations) -> Option<Vec<Hash>> {
    let limited = Some(hashes).filter(|hashes| hashes.len() <= MAX_PROOF_HASHES);
    let proof = limited.and_then(|hashes| hashes.iter().map(|hash| hash.as_slice().try_into().ok()).collect());
    if proof.is_none() {
        violations.add("consistency_proof", format_args!("must be at most {MAX_PROOF_HASHES} hashes of 32 bytes"));
    }
    proof
}

/// What an operator declares of a log.
pub fn declare_loss(message: wire::DeclareLossRequest) -> Result<LossToDeclare, Failure> {
    let mut violations = Violations::new();
    let log = violations.check("log", message.log.parse::<LogName>());
    let range = match (message.first_index, message.last_index) {
        (Some(first_index), Some(last_index)) => Some(EntryRange { first_index, last_index }),
        (None, None) => None,
        (Some(_), None) => {
            violations.add("last_index", "is required together with first_index");
            None
        }
        (None, Some(_)) => {
            violations.add("first_index", "is required together with last_index");
            None
        }
    };
    let alarms = alarm_ids(&message.alarm_ids, &mut violations);
    if range.is_none() && message.alarm_ids.is_empty() {
        violations.add("alarm_ids", "must name alarms where no range is given");
    }
    check_reference(&message.reference, &mut violations);
    let on_behalf_of = violations.check("on_behalf_of", OnBehalfOf::parse_optional(&message.on_behalf_of));
    let parts = log.zip(alarms).zip(on_behalf_of);
    violations.finish_with(parts.map(|((log, alarms), on_behalf_of)| LossToDeclare {
        log,
        range,
        alarms,
        reference: message.reference,
        on_behalf_of,
    }))
}

/// Alarms that an operator closes.
pub fn close_alarms(message: wire::CloseAlarmRequest) -> Result<AlarmsToClose, Failure> {
    let mut violations = Violations::new();
    let log = violations.check("log", message.log.parse::<LogName>());
    if message.alarm_ids.is_empty() {
        violations.add("alarm_ids", "must name at least one alarm");
    }
    let alarms = alarm_ids(&message.alarm_ids, &mut violations);
    check_reference(&message.reference, &mut violations);
    let on_behalf_of = violations.check("on_behalf_of", OnBehalfOf::parse_optional(&message.on_behalf_of));
    let parts = log.zip(alarms).zip(on_behalf_of);
    violations.finish_with(parts.map(|((log, alarms), on_behalf_of)| AlarmsToClose {
        log,
        alarms,
        reference: message.reference,
        on_behalf_of,
    }))
}

fn alarm_ids(ids: &[String], violations: &mut Violations) -> Option<Vec<Uuid>> {
    let limited = Some(ids).filter(|ids| ids.len() <= MAX_NAMED_ALARMS);
    let ids = limited.and_then(|ids| ids.iter().map(|id| id.parse().ok()).collect());
    if ids.is_none() {
        violations.add("alarm_ids", format_args!("must be at most {MAX_NAMED_ALARMS} UUIDs"));
    }
    ids
}

fn check_reference(reference: &str, violations: &mut Violations) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    if reference.len() > MAX_REFERENCE || !reference.bytes().all(plain) {
        violations.add("reference", "must match [A-Za-z0-9._:/-]{0,64}");
    }
}

/// An index, or a count of entries.
fn present(value: Option<u64>, field: String, violations: &mut Violations) -> Option<u64> {
    let within = value.filter(|value| *value <= MAX_INDEX);
    if within.is_none() {
        violations.add(field, if value.is_none() { "is required" } else { "must be below 2^63" });
    }
    within
}

fn bytes32(value: &[u8], field: String, violations: &mut Violations) -> Option<[u8; 32]> {
    let bytes = value.try_into().ok();
    if bytes.is_none() {
        violations.add(field, "must be 32 bytes");
    }
    bytes
}

/// The answer to a segment.
pub fn segment_result(answer: SegmentAnswer) -> wire::SegmentResult {
    let outcome = match answer.outcome {
        SealOutcome::Sealed => wire::SealOutcome::Sealed,
        SealOutcome::Behind => wire::SealOutcome::Behind,
        SealOutcome::Ahead => wire::SealOutcome::Ahead,
        SealOutcome::Forked => wire::SealOutcome::Forked,
        SealOutcome::Stale => wire::SealOutcome::Stale,
        SealOutcome::Malformed => wire::SealOutcome::Malformed,
        SealOutcome::Time => wire::SealOutcome::Time,
        SealOutcome::PassedOver => wire::SealOutcome::PassedOver,
    };
    wire::SegmentResult {
        outcome: outcome.into(),
        size: Some(answer.size),
        head: answer.head.to_vec(),
        macs: answer.macs.iter().map(|mac| mac.as_bytes().to_vec()).collect(),
        behind: answer.behind.into_iter().map(stored_segment).collect(),
        more: answer.more,
        losses: answer.losses.iter().map(loss).collect(),
        acknowledged: Some(answer.acknowledged),
        detail: answer.detail,
        snapshot: answer.snapshot,
        last_log_time_ns: log_time(answer.last_logged_ns),
        alarms_raised: Some(answer.alarms_raised),
        clock_ns: answer.now_ns,
    }
}

/// What became of an acknowledgement.
pub fn ack_outcome(outcome: Acknowledged) -> wire::AckOutcome {
    match outcome {
        Some(AckOutcome::Acknowledged) => wire::AckOutcome::Acknowledged,
        Some(AckOutcome::Unchecked) => wire::AckOutcome::Unchecked,
        Some(AckOutcome::Ahead) => wire::AckOutcome::Ahead,
        Some(AckOutcome::Forked) => wire::AckOutcome::Forked,
        Some(AckOutcome::Busy) => wire::AckOutcome::Busy,
        None => wire::AckOutcome::Failed,
    }
}

/// A log of a list; without a view what is kept of it cannot be used.
pub fn listed_head(log: &LogName, view: Option<SignerView>) -> wire::Head {
    match view {
        Some(view) => head(log, view),
        None => wire::Head { log: log.to_string(), unusable: true, ..wire::Head::default() },
    }
}

/// What the signer knows of a log.
pub fn head(log: &LogName, view: SignerView) -> wire::Head {
    wire::Head {
        log: log.to_string(),
        size: Some(view.size),
        head: view.head.to_vec(),
        root: view.root.to_vec(),
        acknowledged: Some(view.acknowledged),
        alarms: view.alarms.into_iter().map(alarm).collect(),
        alarms_in_all: view.alarms_in_all,
        unlisted_last_index: view.unlisted_last_index,
        last_log_time_ns: log_time(view.last_logged_ns),
        macs_digest: view.macs_digest.to_vec(),
        unusable: false,
        losses: view.losses.iter().map(loss).collect(),
        unacknowledged: view.unacknowledged.into_iter().map(stored_segment).collect(),
    }
}

/// A public key.
pub fn public_key(key: &PublicKey) -> wire::PublicKey {
    wire::PublicKey { key_version: key.name.to_string(), public_key: key.public_key.to_vec() }
}

fn stored_segment(segment: StoredSegment) -> wire::StoredSegment {
    wire::StoredSegment {
        first_index: Some(segment.first_index),
        entries: segment.entries,
        macs: segment.macs.iter().map(|mac| mac.as_bytes().to_vec()).collect(),
        head: segment.head.to_vec(),
        snapshot: segment.snapshot,
    }
}

/// None for a log without entries.
fn log_time(ns: i64) -> Option<i64> {
    (ns != i64::MIN).then_some(ns)
}

fn loss(loss: &Loss) -> wire::Loss {
    wire::Loss {
        first_index: Some(loss.first_index),
        last_index: Some(loss.last_index),
        head: loss.head.to_vec(),
        compact_range: loss.range.hashes().iter().map(|hash| hash.to_vec()).collect(),
        declare_time: Some(timestamp(Timestamp::from_nanos(loss.declared_ns))),
        macs_digest: loss.macs_digest.to_vec(),
    }
}

fn alarm(alarm: Alarm) -> wire::Alarm {
    let (close_time, close_reference) = match alarm.closing {
        Some(closing) => (Some(timestamp(Timestamp::from_nanos(closing.closed_ns))), closing.reference),
        None => (None, String::new()),
    };
    wire::Alarm {
        alarm_id: alarm.id.to_string(),
        kind: alarm.kind.name().to_owned(),
        first_index: Some(alarm.first_index),
        last_index: Some(alarm.last_index),
        detail: alarm.detail,
        head: alarm.head.map(|head| head.to_vec()).unwrap_or_default(),
        raise_time: Some(timestamp(Timestamp::from_nanos(alarm.raised_ns))),
        close_time,
        close_reference,
    }
}
