//! Marks that audit-service sets: how far it has committed, and what it found wrong in its own database.

use super::{Known, NewAlarm};
use crate::protocol::{Acknowledgement, AlarmKind, Rollback};

/// What to do about an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckDecision {
    /// Set the mark to this size.
    Advance(u64),
    /// Nothing: it says nothing new, or nothing that can be checked.
    Ignore,
    /// Keep an alarm: what was committed is not what was sealed.
    Alarm(NewAlarm),
}

/// Decides about an acknowledgement. `known` is `None` for a log that the signer has never sealed for; `known.at` is the
/// stored segment with the greatest first index below the acknowledged size. A late or repeated one never does harm.
pub fn acknowledge(known: Option<&Known>, acknowledgement: &Acknowledgement) -> AckDecision {
    let size = acknowledgement.size;
    let (end, mark) = known.map_or((0, 0), |known| (known.state.size(), known.state.acknowledged));
    if size <= mark {
        return AckDecision::Ignore;
    }
    let Some(known) = known.filter(|_| size <= end) else {
        return alarm(AlarmKind::Ahead, size, "acknowledged beyond the end of the log");
    };
    let head = if size == end {
        Some(known.state.head)
    } else if let Some(loss) = known.losses.iter().find(|loss| loss.end() == size) {
        Some(loss.head)
    } else {
        match &known.at {
            Some(at) if at.end() == size => Some(at.head),
            Some(at) if at.end() > size => {
                return alarm(AlarmKind::Forked, size, "acknowledged within a sealed segment");
            }
            _ => None,
        }
    };
    match head {
        Some(head) if head == acknowledgement.head => AckDecision::Advance(size),
        Some(_) => alarm(AlarmKind::Forked, size, "acknowledged with another head"),
        None => AckDecision::Ignore,
    }
}

fn alarm(kind: AlarmKind, first_index: u64, detail: &'static str) -> AckDecision {
    AckDecision::Alarm(NewAlarm { kind, first_index, detail })
}

/// The alarm to keep for a report, if it can be true: rows below the acknowledged mark, or a row that suppresses an
/// event.
pub fn report(known: Option<&Known>, report: &Rollback) -> Option<NewAlarm> {
    let acknowledged = known.map_or(0, |known| known.state.acknowledged);
    match report.kind {
        AlarmKind::RolledBack if report.size < acknowledged => Some(NewAlarm {
            kind: AlarmKind::RolledBack,
            first_index: report.size,
            detail: "the audit database stood below what it had acknowledged",
        }),
        AlarmKind::Suppressed => Some(NewAlarm {
            kind: AlarmKind::Suppressed,
            first_index: report.size,
            detail: "a row held the id or the place of an event that it is not",
        }),
        AlarmKind::RolledBack | AlarmKind::Ahead | AlarmKind::Forked => None,
    }
}
