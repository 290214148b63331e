//! What this process has seen of each key: rows that say less were set back by somebody else, or by a restore.
//!
//! Marks live as long as the process, and there is one for each key that it met. They are taken before the rows are read
//! that are held against them, and noted only from what was committed, so that no race looks like a set-back database.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::{BirthMark, KeyId, KeyName, KeyUid};

use crate::error::Error;
use crate::key::Key;
use crate::metrics;
use crate::store::key_versions::StoredVersion;

/// The furthest that was seen of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    uid: KeyUid,
    generation: u64,
    primary_version: u32,
    /// The newest version that was loaded.
    newest: Option<(u32, BirthMark)>,
}

impl Mark {
    /// The number of the newest version that was loaded.
    pub fn newest_version(&self) -> Option<u32> {
        self.newest.map(|(number, _)| number)
    }

    /// Whether rows that were read after it was taken have everything that it has.
    fn is_reached(&self, key: &Key, generation: u64, versions: &[StoredVersion]) -> bool {
        let has = |(number, birth_mark): (u32, BirthMark)| {
            versions.iter().any(|one| one.version.version == number && one.version.birth_mark == birth_mark)
        };
        key.uid == self.uid
            && generation >= self.generation
            && key.primary_version >= self.primary_version
            && self.newest.is_none_or(has)
    }
}

/// That the key database was set back, for the one line, event and look of a person that it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBack {
    /// The key that showed it; none where only the newest generation of all keys did.
    pub key: Option<KeyName>,
    /// The generation that was seen.
    pub seen: u64,
    /// The generation that is there now.
    pub found: u64,
}

/// What this process has seen. Shared by all handlers.
#[derive(Debug, Default)]
pub struct Marks(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    keys: HashMap<KeyId, Mark>,
    /// The newest generation of any key.
    newest: u64,
    /// Keys whose rows say less than was seen, when they were read last.
    set_back: BTreeSet<KeyId>,
    /// Whether the newest generation was less than was seen, when it was read last.
    is_behind: bool,
    /// Whether it was said; once until nothing is set back any more.
    is_said: bool,
    /// What an event has still to tell.
    untold: Option<SetBack>,
}

impl Marks {
    /// What was seen of a key until now.
    pub fn of(&self, id: &KeyId) -> Option<Mark> {
        self.lock().keys.get(id).copied()
    }

    /// The newest generation that was seen until now.
    pub fn newest_generation(&self) -> u64 {
        self.lock().newest
    }

    /// Notes a committed row of a key.
    pub fn note(&self, key: &Key, generation: u64) {
        self.lock().note(key, generation);
    }

    /// Holds a key's rows against what was seen before they were read, and notes them. Whether they were set back.
    pub fn judge(&self, before: Option<&Mark>, key: &Key, generation: u64, versions: &[StoredVersion]) -> bool {
        let mut all = self.lock();
        if let Some(mark) = before.filter(|mark| !mark.is_reached(key, generation, versions)) {
            let found = SetBack { key: Some(key.name()), seen: mark.generation, found: generation };
            all.set_back(&key.id, found);
            return true;
        }
        all.note(key, generation);
        if let Some(mark) = all.keys.get_mut(&key.id) {
            let newest = versions.iter().map(|one| (one.version.version, one.version.birth_mark));
            mark.newest = mark.newest.max(newest.max_by_key(|(number, _)| *number));
        }
        if all.set_back.remove(&key.id) {
            all.say_if_over();
        }
        false
    }

    /// What it means that there is no such key: it was never there, or, if it was seen before its row was looked for, it was
    /// taken away.
    pub fn missing(&self, before: Option<&Mark>, name: KeyName) -> Error {
        let Some(mark) = before else { return Error::key_not_found(name) };
        let mut all = self.lock();
        all.set_back(name.key(), SetBack { key: Some(name.clone()), seen: mark.generation, found: 0 });
        match Error::key_not_found(name) {
            Error::KeyNotFound(name) => Error::KeySetBack(name),
            own => own,
        }
    }

    /// Notes the newest generation of all keys, against that which was seen before it was read. Whether it has fallen since it
    /// was read last: then nothing that is held can be trusted.
    pub fn judge_newest(&self, before: u64, found: u64) -> bool {
        let mut all = self.lock();
        let was_behind = std::mem::replace(&mut all.is_behind, found < before);
        if all.is_behind {
            all.say(SetBack { key: None, seen: before, found });
        } else {
            all.newest = all.newest.max(found);
            all.say_if_over();
        }
        all.is_behind && !was_behind
    }

    /// Whether rows of any key said less than was seen when they were read last.
    pub fn has_set_back_keys(&self) -> bool {
        !self.lock().set_back.is_empty()
    }

    /// At most `limit` keys that were set back, those that follow `after`, unless the whole database is: then none can be
    /// expected to be right again.
    pub fn set_back_keys(&self, after: Option<&KeyId>, limit: usize) -> Vec<KeyId> {
        let all = self.lock();
        let follows = |id: &&KeyId| after.is_none_or(|after| *id > after);
        let limit = if all.is_behind { 0 } else { limit };
        all.set_back.iter().filter(follows).take(limit).cloned().collect()
    }

    /// What no event tells of yet.
    pub fn untold(&self) -> Option<SetBack> {
        self.lock().untold.clone()
    }

    /// Notes that an event tells of it.
    pub fn told(&self) {
        self.lock().untold = None;
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn note(&mut self, key: &Key, generation: u64) {
        let new = Mark { uid: key.uid, generation, primary_version: key.primary_version, newest: None };
        let mark = self.keys.entry(key.id.clone()).or_insert(new);
        mark.generation = mark.generation.max(generation);
        mark.primary_version = mark.primary_version.max(key.primary_version);
        self.newest = self.newest.max(generation);
    }

    fn set_back(&mut self, id: &KeyId, found: SetBack) {
        self.set_back.insert(id.clone());
        self.say(found);
    }

    fn is_any_set_back(&self) -> bool {
        self.is_behind || !self.set_back.is_empty()
    }

    fn say(&mut self, found: SetBack) {
        metrics::set_back(self.set_back.len().max(1));
        if std::mem::replace(&mut self.is_said, true) {
            return;
        }
        let SetBack { key, seen, found: now } = &found;
        tracing::error!(
            key = key.as_ref().map(ToString::to_string),
            seen,
            now,
            "the key database was set back behind what this process has seen: nothing is wrapped under keys that it changed. \
             Stop every key-service, restore the newest backup, run `key-service restored`, start them again: \
             docs/runbooks/keys.md"
        );
        self.untold = Some(found);
    }

    fn say_if_over(&mut self) {
        metrics::set_back(if self.is_behind { self.set_back.len().max(1) } else { self.set_back.len() });
        if self.is_said && !self.is_any_set_back() {
            self.is_said = false;
            tracing::info!("the key database has again what this process has seen");
        }
    }
}

#[cfg(test)]
mod tests;
