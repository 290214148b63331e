//! The place of one key in the cache. The cache drops places late; the key in one is wiped at once, by [`Held::drop_key`].

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::loaded::{LoadedKey, Wanted};
use super::marks::Mark;
use crate::error::Error;
use crate::key::Key;

/// Most versions that are held of one key; more are loaded when used, unless all are wanted.
const MAX_VERSIONS_HELD: usize = 64;

/// A place in the cache.
#[derive(Debug, Default)]
pub(super) struct Held {
    state: RwLock<State>,
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    /// The cache has dropped the place: nothing is put there any more.
    is_dropped: bool,
    key: Option<Arc<LoadedKey>>,
    /// The last load that failed, and when.
    failed: Option<(Instant, Arc<Error>)>,
}

impl Held {
    /// The key, if it has the versions that are wanted and was loaded recently enough.
    pub(super) fn key(&self, wanted: Wanted<'_>, not_before: Option<Instant>) -> Option<Arc<LoadedKey>> {
        let state = self.read();
        let key = state.key.as_ref()?;
        let is_recent = not_before.is_none_or(|moment| key.loaded() >= moment);
        (is_recent && key.has(wanted)).then(|| Arc::clone(key))
    }

    /// Waits until nobody else loads the key.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Puts a key there, unless the place was dropped while it was loaded: then only its caller has it.
    pub(super) fn keep(&self, key: LoadedKey) -> Arc<LoadedKey> {
        let key = Arc::new(key);
        let mut state = self.write();
        if !state.is_dropped {
            state.key = Some(Arc::clone(&key));
            state.failed = None;
        }
        key
    }

    /// Notes that the key could not be loaded. What is held of it is used on only if the database did not answer.
    pub(super) fn fail(&self, error: Error) -> Arc<Error> {
        let error = Arc::new(error);
        let mut state = self.write();
        if !error.is_of_database() {
            state.key = None;
        }
        state.failed = Some((Instant::now(), Arc::clone(&error)));
        error
    }

    /// Why a load failed that ended after this moment.
    pub(super) fn failed_since(&self, moment: Instant) -> Option<Arc<Error>> {
        let state = self.read();
        state.failed.as_ref().filter(|(at, _)| *at >= moment).map(|(_, error)| Arc::clone(error))
    }

    /// Wipes the key: its bytes go with the last call that is at work with them.
    pub(super) fn drop_key(&self) {
        let mut state = self.write();
        state.is_dropped = true;
        (state.key, state.failed) = (None, None);
    }

    /// Numbers of the versions to load: the primary one, those held, those wanted, and the newest that was seen. `None`: all.
    pub(super) fn numbers_with(&self, wanted: Wanted<'_>, key: &Key, mark: Option<&Mark>) -> Option<Vec<u32>> {
        let mut numbers = match wanted {
            Wanted::Primary => BTreeSet::new(),
            Wanted::Also(numbers) => numbers.iter().copied().collect(),
            Wanted::All => return None,
        };
        numbers.insert(key.primary_version);
        numbers.extend(mark.and_then(Mark::newest_version));
        let state = self.read();
        let held = state.key.iter().flat_map(|key| key.versions().map(|one| one.version.version));
        for number in held.take(MAX_VERSIONS_HELD.saturating_sub(numbers.len())) {
            numbers.insert(number);
        }
        Some(numbers.into_iter().collect())
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
