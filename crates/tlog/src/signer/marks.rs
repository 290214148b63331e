//! Marks that audit-service sets: how far it has committed, and what it found wrong in its own database.

use super::alarms::NewAlarm;
use super::known::{Clock, Known, LogState};
use crate::protocol::{AckOutcome, Acknowledgement, AlarmKind, Rollback};

/// What to do about an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AckDecision {
    /// Store this state, then answer ACKNOWLEDGED.
    Store(Box<LogState>),
    /// Answer so; nothing to store.
    Answer(AckOutcome),
    /// Keep the alarm, then answer so: what was committed is not what was sealed.
    Alarm(AckOutcome, NewAlarm),
}

/// Decides about an acknowledgement. `known` is `None` for a log that the signer has never sealed for; `known.at` is the
/// stored segment with the greatest first index below the acknowledged size. A late or repeated one never does harm.
pub fn acknowledge(known: Option<&Known>, acknowledgement: &Acknowledgement, clock: Clock) -> AckDecision {
    let size = acknowledgement.size;
    let (end, mark) = known.map_or((0, 0), |known| (known.state.size(), known.state.acknowledged));
    let Some(known) = known.filter(|_| size <= end) else {
        if size == 0 {
            return AckDecision::Answer(AckOutcome::Acknowledged);
        }
        return alarm(AlarmKind::Ahead, size, "acknowledged beyond the end of the log");
    };
    if size < mark || size == 0 {
        return AckDecision::Answer(AckOutcome::Acknowledged);
    }
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
        Some(head) if head != acknowledgement.head => alarm(AlarmKind::Forked, size, "acknowledged with another head"),
        None => AckDecision::Answer(AckOutcome::Unchecked),
        Some(_) => agreed(&known.state, acknowledgement, clock),
    }
}

/// What was committed is what was sealed, up to a size that is not below the mark. Rows and signer agree if that is where the
/// log ended when an alarm was last raised, or behind it, and audit-service knew of all that were raised when it committed: an
/// acknowledgement that was on its way then says nothing of it.
fn agreed(state: &LogState, acknowledgement: &Acknowledgement, clock: Clock) -> AckDecision {
    let size = acknowledgement.size;
    let mut next = state.clone();
    next.acknowledged = size;
    let agreed = acknowledgement.alarms_raised == Some(state.alarms_raised) && size >= state.raised_at;
    if agreed && state.open_alarms > 0 {
        next.agreed_ns = clock.now_ns;
    }
    if size == state.size() {
        next.stale_at = None;
    }
    if size > state.acknowledged || (agreed && size == state.size()) {
        next.explained_from = None;
    }
    if next == *state { AckDecision::Answer(AckOutcome::Acknowledged) } else { AckDecision::Store(Box::new(next)) }
}

fn alarm(kind: AlarmKind, index: u64, detail: &'static str) -> AckDecision {
    let outcome = if kind == AlarmKind::Ahead { AckOutcome::Ahead } else { AckOutcome::Forked };
    AckDecision::Alarm(outcome, NewAlarm::at(kind, index, detail))
}

/// The alarm to keep for a report, if it can be true and nobody has explained it: rows below the acknowledged mark, or a
/// row that suppresses an event.
pub fn report(known: Option<&Known>, report: &Rollback) -> Option<NewAlarm> {
    let state = known.map(|known| &known.state);
    let acknowledged = state.map_or(0, |state| state.acknowledged);
    let explained = state.and_then(|state| state.explained_from).is_some_and(|from| from <= report.size);
    match report.kind {
        AlarmKind::RolledBack if report.size < acknowledged && !explained => Some(NewAlarm::at(
            AlarmKind::RolledBack,
            report.size,
            "the audit database stood below what it had acknowledged",
        )),
        AlarmKind::Suppressed => Some(NewAlarm::at(
            AlarmKind::Suppressed,
            report.size,
            "a row held the id or the place of an event that it is not",
        )),
        _ => None,
    }
}
