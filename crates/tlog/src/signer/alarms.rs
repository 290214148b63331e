//! Raising alarms, and closing them.

use uuid::Uuid;

use super::known::LogState;
use crate::hash::Hash;
use crate::protocol::{Alarm, AlarmKind, Closing, Tally, count};

/// An alarm to keep. The same kind and index of a log is kept once while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    /// What happened.
    pub kind: AlarmKind,
    /// First index it concerns.
    pub first_index: u64,
    /// Last index it concerns.
    pub last_index: u64,
    /// In words.
    pub detail: String,
    /// ADVANCED: the head that the signer had before, at the first index.
    pub head: Option<Hash>,
}

impl NewAlarm {
    /// An alarm about one index.
    pub(super) fn at(kind: AlarmKind, index: u64, detail: &str) -> Self {
        Self { kind, first_index: index, last_index: index, detail: detail.to_owned(), head: None }
    }
}

/// What became of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raising {
    /// It is new: to be stored.
    Kept,
    /// An open one says it already.
    Known,
    /// So many of its kind are kept, one of them open, that one more says no more.
    Full,
}

/// Adds an alarm to those of a log, which `alarms` are all of. Of each kind `limit` are kept, closed ones included, so that
/// no kind takes the room of another; where all of a kind are closed there is room for one more, and for what operators do
/// always.
pub fn raise(alarms: &mut Vec<Alarm>, new: NewAlarm, id: Uuid, raised_ns: i64, limit: usize) -> Raising {
    let mut alike = alarms.iter().filter(|alarm| alarm.is_open() && alarm.kind == new.kind);
    let any_open = alike.clone().next().is_some();
    let known = match new.kind {
        // A wrong clock is one event, however many entries are logged by it.
        AlarmKind::Clock => any_open,
        // Rows that were set back catch up step by step.
        AlarmKind::RolledBack => alike.any(|alarm| alarm.first_index <= new.first_index),
        _ => alike.any(|alarm| (alarm.first_index, alarm.last_index) == (new.first_index, new.last_index)),
    };
    if known {
        return Raising::Known;
    }
    let of_kind = alarms.iter().filter(|alarm| alarm.kind == new.kind).count();
    if any_open && of_kind >= limit && new.kind != AlarmKind::Advanced {
        return Raising::Full;
    }
    let NewAlarm { kind, first_index, last_index, detail, head } = new;
    alarms.push(Alarm { id, kind, first_index, last_index, detail, head, raised_ns, closing: None });
    Raising::Kept
}

/// Why alarms are not closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// No alarm of the log has this id, or it is closed.
    #[error("the log has no open alarm {0}")]
    NotOpen(Uuid),
    /// Rows and signer have not been seen to agree since the newest alarm was raised.
    #[error("audit-service's rows and the signer have not agreed since the newest alarm was raised")]
    NotAgreed,
    /// The alarm is of a kind that a loss does not explain.
    #[error("a loss does not explain alarm {0}, which is neither ROLLED_BACK nor SUPPRESSED")]
    NotExplained(Uuid),
}

/// Closes the alarms of a log that an operator names, all or none. Needs that audit-service was seen to stand where the
/// signer stands after the newest alarm of the log was raised: after, not later, for a clock may have been set back. `state`
/// is `None` for a log that the signer has never sealed for: it has nothing that rows could agree with, and rows that go on
/// saying more are refused again, which is a new alarm.
pub fn close(
    state: Option<&LogState>,
    alarms: &mut [Alarm],
    ids: &[Uuid],
    closing: &Closing,
) -> Result<(), CloseError> {
    let is_open = |id: &Uuid| alarms.iter().any(|alarm| alarm.id == *id && alarm.is_open());
    if let Some(id) = ids.iter().find(|id| !is_open(id)) {
        return Err(CloseError::NotOpen(*id));
    }
    if state.is_some_and(|state| state.agreed_ns == 0) {
        return Err(CloseError::NotAgreed);
    }
    close_named(alarms, ids, closing);
    Ok(())
}

/// Closes the alarms of rolled back or suppressed rows that an operator names, all or none, because what happened is known:
/// rows that were rolled back are no news until audit-service has caught up, if it has not by now.
pub fn explain(state: &mut LogState, alarms: &mut [Alarm], ids: &[Uuid], closing: &Closing) -> Result<(), CloseError> {
    let mut explained_from = state.explained_from;
    for id in ids {
        let alarm = alarms.iter().find(|alarm| alarm.id == *id && alarm.is_open());
        let alarm = alarm.ok_or(CloseError::NotOpen(*id))?;
        match alarm.kind {
            AlarmKind::RolledBack if state.agreed_ns == 0 => {
                explained_from = Some(explained_from.map_or(alarm.first_index, |from| from.min(alarm.first_index)));
            }
            AlarmKind::RolledBack | AlarmKind::Suppressed => {}
            _ => return Err(CloseError::NotExplained(*id)),
        }
    }
    close_named(alarms, ids, closing);
    state.explained_from = explained_from;
    state.set_alarms(alarms);
    Ok(())
}

/// Closes those of the alarms that are named and open: what an advance explains.
pub fn close_named(alarms: &mut [Alarm], ids: &[Uuid], closing: &Closing) {
    for alarm in alarms.iter_mut().filter(|alarm| alarm.is_open() && ids.contains(&alarm.id)) {
        alarm.closing = Some(closing.clone());
    }
}

impl LogState {
    /// Takes over what alarms the log has, none of them raised since.
    pub fn set_alarms(&mut self, alarms: &[Alarm]) {
        self.alarms = Tally::of_alarms(alarms);
        self.open_alarms = count(alarms.iter().filter(|alarm| alarm.is_open()).count());
    }

    /// Takes over what alarms the log has after so many were raised. One that was not kept, because an open one says it already
    /// or its kind has no room, counts like any other.
    pub fn set_raised(&mut self, alarms: &[Alarm], raisings: usize) {
        self.set_alarms(alarms);
        if raisings > 0 {
            self.disagree(count(raisings));
        }
    }

    /// Rows and signer have to agree anew, after so many reasons.
    pub(super) fn disagree(&mut self, reasons: u64) {
        self.alarms_raised = self.alarms_raised.saturating_add(reasons);
        self.raised_at = self.size();
        self.agreed_ns = 0;
    }
}
