//! Raising alarms, and closing them.

use uuid::Uuid;

use super::{LogState, NewAlarm};
use crate::protocol::{Alarm, AlarmKind, Closing, MAX_ALARMS, Tally, count};

/// Adds an alarm to those of a log, unless it says nothing new or so many are kept already that one more says no more.
/// Returns whether it is to be stored. `alarms` are all that the log has; `limit` of them are kept.
pub fn raise(alarms: &mut Vec<Alarm>, new: NewAlarm, id: Uuid, raised_ns: i64, limit: usize) -> bool {
    let mut alike = alarms.iter().filter(|alarm| alarm.is_open() && alarm.kind == new.kind);
    let known = match new.kind {
        // A wrong clock is one event, however many entries are logged by it.
        AlarmKind::Clock => alike.next().is_some(),
        // Rows that were set back catch up step by step.
        AlarmKind::RolledBack => alike.any(|alarm| alarm.first_index <= new.first_index),
        _ => alike.any(|alarm| alarm.first_index == new.first_index),
    };
    if known || alarms.len() >= limit.min(MAX_ALARMS) {
        return false;
    }
    let NewAlarm { kind, first_index, last_index, detail } = new;
    alarms.push(Alarm { id, kind, first_index, last_index, detail, raised_ns, closing: None });
    true
}

/// Why alarms are not closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// No alarm of the log has this id, or it is closed.
    #[error("the log has no open alarm {0}")]
    NotOpen(Uuid),
    /// Rows and signer have not been seen to agree since an alarm was raised.
    #[error("audit-service's rows and the signer have not agreed since the alarm was raised")]
    NotAgreed,
}

/// Closes the alarms of a log that an operator names, all or none; `now_ns` is when. Needs that audit-service was seen to
/// stand where the signer stands after each of them was raised.
pub fn close(state: &LogState, alarms: &mut [Alarm], ids: &[Uuid], closing: &Closing) -> Result<(), CloseError> {
    for id in ids {
        let alarm = alarms.iter().find(|alarm| alarm.id == *id && alarm.is_open());
        let alarm = alarm.ok_or(CloseError::NotOpen(*id))?;
        if alarm.raised_ns >= state.agreed_ns {
            return Err(CloseError::NotAgreed);
        }
    }
    close_named(alarms, ids, closing);
    Ok(())
}

/// Closes those of the alarms that are named and open.
pub(super) fn close_named(alarms: &mut [Alarm], ids: &[Uuid], closing: &Closing) {
    for alarm in alarms.iter_mut().filter(|alarm| alarm.is_open() && ids.contains(&alarm.id)) {
        alarm.closing = Some(closing.clone());
    }
}

impl LogState {
    /// Takes over what alarms the log has.
    pub fn set_alarms(&mut self, alarms: &[Alarm]) {
        self.alarms = Tally::of_alarms(alarms);
        self.open_alarms = count(alarms.iter().filter(|alarm| alarm.is_open()).count());
    }
}
