//! The signer's messages as `tlog`'s types. What does not convert is refused as a whole: nothing is guessed.

use api::key::v1 as proto;
use names::LogName;
use tlog::protocol::{
    AckOutcome, Acknowledgement, Alarm, AlarmKind, Closing, Loss, Rollback, SealOutcome, Segment, SegmentAnswer,
    SignerView, StoredSegment,
};
use tlog::{CompactRange, Hash, Mac};

use super::{HeadsPage, KnownLogs, ListedHead, MacsToVerify, SealRequest, SignerError};

/// Head of an answer that has none because the log is unknown or the segment was refused.
const NO_HEAD: Hash = [0; 32];

pub(super) fn seal_request(request: SealRequest) -> proto::SealBatchRequest {
    proto::SealBatchRequest {
        segments: request.segments.into_iter().map(segment).collect(),
        rollbacks: request.rollbacks.iter().map(rollback).collect(),
    }
}

pub(super) fn acknowledge_request(acknowledgements: &[Acknowledgement]) -> proto::AcknowledgeRequest {
    proto::AcknowledgeRequest { logs: acknowledgements.iter().map(acknowledgement).collect() }
}

/// `None`: what the signer keeps of the log cannot be used.
pub(super) fn ack_outcome(outcome: proto::AckOutcome) -> Result<Option<AckOutcome>, SignerError> {
    match outcome {
        proto::AckOutcome::Acknowledged => Ok(Some(AckOutcome::Acknowledged)),
        proto::AckOutcome::Unchecked => Ok(Some(AckOutcome::Unchecked)),
        proto::AckOutcome::Ahead => Ok(Some(AckOutcome::Ahead)),
        proto::AckOutcome::Forked => Ok(Some(AckOutcome::Forked)),
        proto::AckOutcome::Busy => Ok(Some(AckOutcome::Busy)),
        proto::AckOutcome::Failed => Ok(None),
        proto::AckOutcome::Unspecified => Err(SignerError::Answer("an outcome is missing")),
    }
}

fn segment(segment: Segment) -> proto::Segment {
    proto::Segment {
        log: segment.log.to_string(),
        first_index: Some(segment.first_index),
        previous_head: segment.previous_head.to_vec(),
        entries: segment.entries,
    }
}

fn acknowledgement(acknowledgement: &Acknowledgement) -> proto::Acknowledgement {
    proto::Acknowledgement {
        log: acknowledgement.log.to_string(),
        size: Some(acknowledgement.size),
        head: acknowledgement.head.to_vec(),
        alarms_raised: acknowledgement.alarms_raised,
    }
}

fn rollback(rollback: &Rollback) -> proto::Rollback {
    let (log, kind) = (rollback.log.to_string(), rollback.kind.name().to_owned());
    proto::Rollback { log, kind, size: Some(rollback.size) }
}

pub(super) fn verify_macs_request(macs: MacsToVerify) -> proto::VerifyMacsRequest {
    proto::VerifyMacsRequest { log: macs.log.to_string(), indices: macs.indices, heads: macs.heads, macs: macs.macs }
}

pub(super) fn segment_answer(result: proto::SegmentResult) -> Result<SegmentAnswer, SignerError> {
    let outcome = match result.outcome() {
        proto::SealOutcome::Sealed => SealOutcome::Sealed,
        proto::SealOutcome::Behind => SealOutcome::Behind,
        proto::SealOutcome::Ahead => SealOutcome::Ahead,
        proto::SealOutcome::Forked => SealOutcome::Forked,
        proto::SealOutcome::Stale => SealOutcome::Stale,
        proto::SealOutcome::Malformed => SealOutcome::Malformed,
        proto::SealOutcome::Time => SealOutcome::Time,
        proto::SealOutcome::PassedOver => SealOutcome::PassedOver,
        proto::SealOutcome::Unspecified => return Err(SignerError::Answer("an outcome is missing")),
    };
    let head = if result.head.is_empty() { NO_HEAD } else { hash(&result.head)? };
    Ok(SegmentAnswer {
        outcome,
        size: result.size.unwrap_or_default(),
        head,
        macs: macs(&result.macs)?,
        behind: result.behind.into_iter().map(stored_segment).collect::<Result<_, _>>()?,
        more: result.more,
        losses: result.losses.iter().map(loss).collect::<Result<_, _>>()?,
        acknowledged: result.acknowledged.unwrap_or_default(),
        snapshot: result.snapshot,
        last_logged_ns: result.last_log_time_ns.unwrap_or(i64::MIN),
        alarms_raised: result.alarms_raised.unwrap_or_default(),
        now_ns: result.clock_ns,
        detail: result.detail,
    })
}

fn stored_segment(segment: proto::StoredSegment) -> Result<StoredSegment, SignerError> {
    let macs = macs(&segment.macs)?;
    if macs.len() != segment.entries.len() {
        return Err(SignerError::Answer("a segment's entries and macs do not pair"));
    }
    let first_index = segment.first_index.ok_or(SignerError::Answer("a segment has no first index"))?;
    let (entries, snapshot) = (segment.entries, segment.snapshot);
    Ok(StoredSegment { first_index, entries, macs, head: hash(&segment.head)?, snapshot })
}

fn loss(loss: &proto::Loss) -> Result<Loss, SignerError> {
    const INCOMPLETE: SignerError = SignerError::Answer("a loss is incomplete");
    let (Some(first_index), Some(last_index)) = (loss.first_index, loss.last_index) else { return Err(INCOMPLETE) };
    let hashes = loss.compact_range.iter().map(|hash_| hash(hash_)).collect::<Result<_, _>>()?;
    let range = last_index.checked_add(1).and_then(|end| CompactRange::from_hashes(end, hashes)).ok_or(INCOMPLETE)?;
    Ok(Loss {
        first_index,
        last_index,
        head: hash(&loss.head)?,
        range,
        macs_digest: hash(&loss.macs_digest)?,
        declared_ns: loss.declare_time.as_ref().map_or(0, nanos),
    })
}

/// The log's name and what the signer knows of it.
pub(super) fn view(head: proto::Head) -> Result<(LogName, SignerView), SignerError> {
    let log = log_name(&head.log)?;
    let alarms = head.alarms.into_iter().map(alarm).collect::<Result<_, _>>()?;
    let losses = head.losses.iter().map(loss).collect::<Result<_, _>>()?;
    let unacknowledged = head.unacknowledged.into_iter().map(stored_segment).collect::<Result<_, _>>()?;
    let view = SignerView {
        size: head.size.ok_or(SignerError::Answer("a head has no size"))?,
        head: hash(&head.head)?,
        acknowledged: head.acknowledged.unwrap_or_default(),
        root: hash(&head.root)?,
        last_logged_ns: head.last_log_time_ns.unwrap_or(i64::MIN),
        macs_digest: hash(&head.macs_digest)?,
        alarms,
        alarms_in_all: head.alarms_in_all,
        unlisted_last_index: head.unlisted_last_index,
        losses,
        unacknowledged,
    };
    Ok((log, view))
}

/// A page of `ListHeads`.
pub(super) fn heads_page(page: proto::ListHeadsResponse) -> Result<HeadsPage, SignerError> {
    let mut logs = KnownLogs::default();
    for head in &page.heads {
        let log = log_name(&head.log)?;
        if head.unusable {
            tracing::warn!(%log, "the signer cannot use what it keeps of a log: it was altered or set back");
            logs.unusable.push(log);
            continue;
        }
        logs.heads.push(ListedHead {
            log,
            size: head.size.ok_or(SignerError::Answer("a head has no size"))?,
            head: hash(&head.head)?,
            acknowledged: head.acknowledged.unwrap_or_default(),
            has_open_alarms: head.alarms.iter().any(|alarm| alarm.close_time.is_none()),
        });
    }
    Ok(HeadsPage { logs, next_page_token: page.next_page_token, now_ns: page.clock_ns })
}

fn alarm(alarm: proto::Alarm) -> Result<Alarm, SignerError> {
    let closed_ns = alarm.close_time.as_ref().map(nanos);
    Ok(Alarm {
        id: alarm.alarm_id.parse().map_err(|_malformed| SignerError::Answer("an alarm's id is no UUID"))?,
        kind: AlarmKind::from_name(&alarm.kind).ok_or(SignerError::Answer("an alarm's kind has another form"))?,
        first_index: alarm.first_index.unwrap_or_default(),
        last_index: alarm.last_index.unwrap_or_default(),
        detail: alarm.detail,
        head: if alarm.head.is_empty() { None } else { Some(hash(&alarm.head)?) },
        raised_ns: alarm.raise_time.as_ref().map_or(0, nanos),
        closing: closed_ns.map(|closed_ns| Closing { closed_ns, reference: alarm.close_reference }),
    })
}

fn log_name(name: &str) -> Result<LogName, SignerError> {
    name.parse().map_err(|_refused| SignerError::Answer("a log's name does not parse"))
}

fn macs(macs: &[Vec<u8>]) -> Result<Vec<Mac>, SignerError> {
    macs.iter().map(|mac| Mac::from_slice(mac).ok_or(SignerError::Answer("a mac has another length"))).collect()
}

fn hash(bytes: &[u8]) -> Result<Hash, SignerError> {
    bytes.try_into().map_err(|_length| SignerError::Answer("a hash has another length"))
}

fn nanos(time: &prost_types::Timestamp) -> i64 {
    time.seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(time.nanos))
}
