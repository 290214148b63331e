//! Segments, marks, heads, alarms and losses.

use std::collections::HashSet;

use api::key::v1 as wire;
use bytes::Bytes;
use clock::Timestamp;
use names::{KeyId, KeyVersionName, LogName, NameError};
use rpc::page::Page;
use rpc::{CallContext, Failure, Granted, Violations};
use tlog::Mac;
use tlog::protocol::{
    Acknowledgement, Alarm, AlarmKind, Loss, MAX_ADVANCE_ENTRIES, MAX_SEAL_BYTES, MAX_SEAL_ENTRIES, Rollback,
    SealOutcome, Segment, SegmentAnswer, StoredSegment,
};

use super::timestamp;
use crate::keys::PublicKey;
use crate::permissions::SignerSeal;
use crate::signer::{HeadView, SealBatch};

/// Longest reference of a loss, in bytes.
const MAX_REFERENCE: usize = 64;

/// A grant for each log of a batch; a name that does not parse is authorized at the root.
pub fn grants(call: &CallContext, message: &wire::SealBatchRequest) -> Result<Vec<Granted<SignerSeal>>, Failure> {
    let segments = message.segments.iter().map(|one| one.log.as_str());
    let acknowledged = message.acknowledged.iter().map(|one| one.log.as_str());
    let rollbacks = message.rollbacks.iter().map(|one| one.log.as_str());
    let logs: HashSet<_> = segments.chain(acknowledged).chain(rollbacks).collect();
    if logs.is_empty() {
        return Ok(vec![call.grant::<SignerSeal>("logs")?]);
    }
    logs.into_iter().map(|log| call.grant_parsed::<SignerSeal>(&log.parse::<LogName>())).collect()
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
    let mut acknowledged = Vec::with_capacity(message.acknowledged.len());
    for (index, one) in message.acknowledged.into_iter().enumerate() {
        acknowledged.extend(acknowledgement(&one, &format!("acknowledged[{index}]"), &mut violations));
    }
    let mut rollbacks = Vec::with_capacity(message.rollbacks.len());
    for (index, one) in message.rollbacks.into_iter().enumerate() {
        rollbacks.extend(rollback(&one, &format!("rollbacks[{index}]"), &mut violations));
    }
    violations.finish_with(Some(SealBatch { segments, acknowledged, rollbacks }))
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
    Some(Acknowledgement { log: log?, size: size?, head: head? })
}

fn rollback(message: &wire::Rollback, path: &str, violations: &mut Violations) -> Option<Rollback> {
    let log = violations.check(format!("{path}.log"), message.log.parse::<LogName>());
    let size = present(message.size, format!("{path}.size"), violations);
    let kind = match message.kind() {
        wire::AlarmKind::RolledBack => Some(AlarmKind::RolledBack),
        wire::AlarmKind::Suppressed => Some(AlarmKind::Suppressed),
        wire::AlarmKind::Unspecified | wire::AlarmKind::Ahead | wire::AlarmKind::Forked => {
            violations.add(format!("{path}.kind"), "must be ALARM_KIND_ROLLED_BACK or ALARM_KIND_SUPPRESSED");
            None
        }
    };
    Some(Rollback { log: log?, kind: kind?, size: size? })
}

/// A log and an index in it.
pub fn place(log: Result<LogName, NameError>, first_index: Option<u64>) -> Result<(LogName, u64), Failure> {
    let mut violations = Violations::new();
    let log = violations.check("log", log);
    let first_index = present(first_index, "first_index".to_owned(), &mut violations);
    violations.finish_with(log.zip(first_index))
}

/// Entries with their MACs.
pub fn advance(message: wire::AdvanceHeadRequest) -> Result<(Segment, Vec<Mac>), Failure> {
    let mut violations = Violations::new();
    if !(1..=MAX_ADVANCE_ENTRIES).contains(&message.entry_bytes.len()) {
        violations.add("entry_bytes", format_args!("must be 1 to {MAX_ADVANCE_ENTRIES} entries"));
    }
    let macs: Option<Vec<_>> = message.macs.iter().map(|mac| Mac::from_slice(mac)).collect();
    if macs.is_none() {
        violations.add("macs", "must be 36 bytes each");
    }
    let wire = wire::Segment {
        log: message.log,
        first_index: message.first_index,
        previous_head: message.previous_head,
        entries: message.entry_bytes,
    };
    let log = violations.check("log", wire.log.parse::<LogName>());
    let first_index = present(wire.first_index, "first_index".to_owned(), &mut violations);
    let previous_head = bytes32(&wire.previous_head, "previous_head".to_owned(), &mut violations);
    let segment = log.zip(first_index).zip(previous_head).map(|((log, first_index), previous_head)| Segment {
        log,
        first_index,
        previous_head,
        entries: wire.entries,
    });
    violations.finish_with(segment.zip(macs))
}

/// First and last index.
type Range = (u64, u64);

/// A log, a range of it if one is named, and a reference.
pub fn declare_loss(message: wire::DeclareLossRequest) -> Result<(LogName, Option<Range>, String), Failure> {
    let mut violations = Violations::new();
    let log = violations.check("log", message.log.parse::<LogName>());
    let range = match (message.first_index, message.last_index) {
        (Some(first), Some(last)) => Some((first, last)),
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
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    if message.reference.len() > MAX_REFERENCE || !message.reference.bytes().all(plain) {
        violations.add("reference", "must match [A-Za-z0-9._:/-]{0,64}");
    }
    violations.finish_with(log.map(|log| (log, range, message.reference)))
}

/// The key version after which a page of public keys begins.
pub fn public_key_after(page: &Page, violations: &mut Violations) -> Option<(KeyId, u32)> {
    let name = page.after()?.parse::<KeyVersionName>();
    if name.is_err() {
        violations.add("page_token", "must be the next_page_token of the same list");
    }
    name.ok().map(|name| (name.key().clone(), name.version()))
}

fn present(value: Option<u64>, field: String, violations: &mut Violations) -> Option<u64> {
    if value.is_none() {
        violations.add(field, "is required");
    }
    value
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
    }
}

/// What the signer knows of a log.
pub fn head(head: HeadView) -> wire::Head {
    let view = head.view;
    wire::Head {
        log: head.log.to_string(),
        size: Some(view.size),
        head: view.head.to_vec(),
        root: head.root.to_vec(),
        acknowledged: Some(view.acknowledged),
        alarms: view.alarms.into_iter().map(alarm).collect(),
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
    }
}

fn loss(loss: &Loss) -> wire::Loss {
    wire::Loss {
        first_index: Some(loss.first_index),
        last_index: Some(loss.last_index),
        head: loss.head.to_vec(),
        compact_range: loss.range.hashes().iter().map(|hash| hash.to_vec()).collect(),
        declare_time: Some(timestamp(Timestamp::from_nanos(loss.declared_ns))),
    }
}

fn alarm(alarm: Alarm) -> wire::Alarm {
    let kind = match alarm.kind {
        AlarmKind::Ahead => wire::AlarmKind::Ahead,
        AlarmKind::Forked => wire::AlarmKind::Forked,
        AlarmKind::RolledBack => wire::AlarmKind::RolledBack,
        AlarmKind::Suppressed => wire::AlarmKind::Suppressed,
    };
    wire::Alarm {
        kind: kind.into(),
        first_index: Some(alarm.first_index),
        detail: alarm.detail,
        raise_time: Some(timestamp(Timestamp::from_nanos(alarm.raised_ns))),
        closed: alarm.closed,
    }
}
