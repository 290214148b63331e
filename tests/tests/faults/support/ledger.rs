//! What clients were told: writes and reveals that were acknowledged, and the states that each record may be in.

use std::collections::BTreeMap;

use super::calls::{Done, Failed, Values};

/// The writes, by the permission that their entries carry.
pub(crate) const CREATE: &str = "records.create";
pub(crate) const UPDATE: &str = "records.update";
/// An old revision that was opened for an update.
pub(crate) const CARRY_OVER: &str = "records.carryOver";
pub(crate) const DELETE: &str = "records.delete";
pub(crate) const REVEAL: &str = "records.reveal";

/// A state that a record may be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is not there.
    Absent,
    /// It is at this revision, with these values.
    Present(i64, Values),
}

/// An acknowledged write or an answered reveal.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) action: &'static str,
    /// Name of the record.
    pub(crate) name: String,
    /// Revision that was written, revealed or deleted.
    pub(crate) revision: i64,
    /// Id of the event, where the answer said so.
    pub(crate) event_id: Option<String>,
}

/// What clients know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// By name. More than one state where the outcome of a write is not known.
    pub(crate) records: BTreeMap<String, Vec<State>>,
    pub(crate) writes: Vec<Told>,
    pub(crate) reveals: Vec<Told>,
    /// Calls whose outcome is not known.
    pub(crate) unknown: usize,
    /// Calls that say that nothing was done.
    pub(crate) not_done: usize,
    /// What must never happen.
    pub(crate) surprises: Vec<String>,
}

impl Ledger {
    /// The load went on without a single failed call, or the test fails.
    pub(crate) fn undisturbed(&self) {
        assert_eq!((self.unknown, self.not_done), (0, 0), "calls failed: {}", self.figures());
        assert_eq!(self.surprises, Vec::<String>::new());
    }

    /// A write was acknowledged: whatever came before is overruled.
    pub(crate) fn written(&mut self, action: &'static str, name: &str, done: &Done, state: State) {
        let revision = match &state {
            State::Present(revision, _) => *revision,
            State::Absent => done.revision,
        };
        if action != DELETE && done.revision != revision {
            let surprise = format!("{action} of {name} was answered with revision {}, not {revision}", done.revision);
            self.surprises.push(surprise);
        }
        self.records.insert(name.to_owned(), vec![state]);
        let event_id = done.event_id.clone();
        self.writes.push(Told { action, name: name.to_owned(), revision, event_id });
    }

    /// A record may also be in this state.
    pub(crate) fn may_be(&mut self, name: &str, state: State) {
        let states = self.records.entry(name.to_owned()).or_default();
        if !states.contains(&state) {
            states.push(state);
        }
    }

    /// A reveal was answered.
    pub(crate) fn revealed(&mut self, name: &str, done: &Done) {
        if done.event_id.is_none() {
            self.surprises.push(format!("a reveal of {name} has no event id"));
        }
        let (revision, event_id) = (done.revision, done.event_id.clone());
        self.reveals.push(Told { action: REVEAL, name: name.to_owned(), revision, event_id });
        self.saw(name, &State::Present(done.revision, done.values.clone()));
    }

    /// A record was seen in this state. A record that is gone does not come back.
    pub(crate) fn saw(&mut self, name: &str, state: &State) {
        let known = self.records.get(name).map_or(&[][..], Vec::as_slice);
        if !known.contains(state) {
            self.surprises.push(format!("{name} is {state:?}; known are {known:?}"));
        }
        if *state == State::Absent {
            self.records.insert(name.to_owned(), vec![State::Absent]);
        }
    }

    /// A call failed in a way that faults explain; whether that is so.
    pub(crate) fn failed(&mut self, failed: &Failed) -> bool {
        match failed {
            Failed::NothingDone(_) => self.not_done += 1,
            Failed::Unknown(_) => self.unknown += 1,
            Failed::Refused(_) => return false,
        }
        true
    }

    /// A call failed in a way that nothing explains.
    pub(crate) fn surprise(&mut self, what: &str, name: &str, failed: &Failed) {
        let known = self.records.get(name);
        self.surprises.push(format!("{what} {name}: {:?}; known are {known:?}", failed.details()));
    }

    /// The only state that a record can be in; none where there are several.
    pub(crate) fn certain(&self, name: &str) -> Option<&State> {
        match self.records.get(name)?.as_slice() {
            [state] => Some(state),
            _ => None,
        }
    }

    /// Takes over what another client knows of other records.
    pub(crate) fn merge(&mut self, other: Self) {
        let Self { records, writes, reveals, unknown, not_done, surprises } = other;
        self.records.extend(records);
        self.writes.extend(writes);
        self.reveals.extend(reveals);
        self.unknown += unknown;
        self.not_done += not_done;
        self.surprises.extend(surprises);
    }

    /// In one line.
    pub(crate) fn figures(&self) -> String {
        let of = |action| self.writes.iter().filter(|write| write.action == action).count();
        format!(
            "{} creates, {} updates, {} deletes and {} reveals answered; {} calls of unknown outcome, {} not done",
            of(CREATE),
            of(UPDATE),
            of(DELETE),
            self.reveals.len(),
            self.unknown,
            self.not_done,
        )
    }
}
