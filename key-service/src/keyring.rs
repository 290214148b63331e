//! Keys with their material in memory, so that wrapping and unwrapping ask no database.
//!
//! ```text
//! every 250 ms   which keys and subject keys changed?  names and generations only: what is held of them is dropped
//! use            held and recent enough? else loaded: the key and the versions that are asked for, by one call for all
//! ```
//! Every replica polls, so a rotation is seen everywhere within a second. A replica that could not poll for
//! [`Limits::max_staleness`] trusts nothing that it holds: each use loads, and what was held is dropped when it polls again.
//! What is held for longer than [`Limits::max_age`] is dropped in any case, so that its rows are checked again.
//!
//! A row that says less than this process has seen ([`marks`]) was set back: nothing is wrapped under its key.
//!
//! # Layout
//! - [`loaded`]: a key with the versions that were asked for
//! - `held`: what is held of one key
//! - [`marks`]: what this process has seen of each key
//! - `poll`: following changes

mod held;
mod loaded;
mod marks;
mod poll;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use db::Executor;
use names::{KeyId, KeyName};
use secret_cache::SecretCache;
use tokio::time::Instant;

use crate::error::Error;
use crate::key::{Key, missing_version};
use crate::root::RootKey;
use crate::store::Store;
use crate::store::key_versions::StoredVersion;
use crate::store::keys::StoredKey;
use crate::subjects::Subjects;
use held::Held;
pub use loaded::{LoadedKey, LoadedVersion, Wanted};
pub use marks::{Mark, Marks, SetBack};

/// How often each replica asks for changed keys.
pub const REFRESH_INTERVAL: Duration = Duration::from_millis(250);
/// Most keys held; the rest is loaded when used.
const MAX_KEYS: u64 = 20_000;
/// Versions that a key can have.
pub const MAX_VERSIONS: u32 = 10_000;

/// How long what is held is used.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Nothing held is trusted when the last poll is longer ago.
    pub max_staleness: Duration,
    /// A key is dropped when it was loaded longer ago.
    pub max_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_staleness: Duration::from_millis(900), max_age: Duration::from_secs(30) }
    }
}

/// How far this process has followed changes.
#[derive(Debug, Clone, Copy)]
struct Polled {
    at: Instant,
    /// The newest generation of a key.
    keys: u64,
    /// The newest generation of a subject key; 0 where none has changed yet.
    subjects: u64,
}

/// The keys that this process holds.
#[derive(Debug)]
pub struct Keyring {
    store: Arc<Store>,
    root: Arc<RootKey>,
    limits: Limits,
    keys: SecretCache<KeyId, Held>,
    /// What this process has seen, for as long as it lives.
    pub marks: Marks,
    polled: RwLock<Option<Polled>>,
    /// Rows that were altered when the last poll met them: each is reported once.
    altered: std::sync::Mutex<BTreeSet<String>>,
    /// The last key that was looked at again because it was set back.
    looked_at: std::sync::Mutex<Option<KeyId>>,
}

impl Keyring {
    /// An empty ring; nothing it loads is trusted for long before the first [`Keyring::refresh`].
    pub fn new(store: Arc<Store>, root: Arc<RootKey>, limits: Limits) -> Self {
        let keys = SecretCache::new(MAX_KEYS, limits.max_age);
        let (marks, polled) = (Marks::default(), RwLock::new(None));
        let (altered, looked_at) = (std::sync::Mutex::default(), std::sync::Mutex::default());
        Self { store, root, limits, keys, marks, polled, altered, looked_at }
    }

    /// The key with an id and the versions of it that are wanted, from memory where they may be trusted. A wanted version
    /// that there is not is not in it.
    pub async fn key(&self, id: &KeyId, wanted: Wanted<'_>) -> Result<Arc<LoadedKey>, Error> {
        let not_before = if self.is_fresh() { None } else { Some(Instant::now()) };
        self.key_since(id, wanted, not_before).await
    }

    /// The same as it is in the database now: after a change by this process, or where a caller knows of a version that is
    /// not held. Callers that wait together share a load.
    pub async fn reload(&self, id: &KeyId, wanted: Wanted<'_>) -> Result<Arc<LoadedKey>, Error> {
        self.key_since(id, wanted, Some(Instant::now())).await
    }

    async fn key_since(
        &self,
        id: &KeyId,
        wanted: Wanted<'_>,
        not_before: Option<Instant>,
    ) -> Result<Arc<LoadedKey>, Error> {
        let held = self.keys.held(id).await.unwrap_or_default();
        if let Some(key) = held.key(wanted, not_before) {
            return Ok(key);
        }
        let asked = Instant::now();
        let place = self.keys.turn(id).await;
        // Whoever had the turn before may have loaded what is wanted here, or found that it cannot be loaded.
        let held = place.get().unwrap_or_default();
        if let Some(key) = held.key(wanted, not_before) {
            return Ok(key);
        }
        if let Some(error) = held.failed_since(asked) {
            return Err(Error::Shared(error));
        }
        match self.load(id, &held, wanted).await {
            Ok(key) => {
                let key = Arc::new(key);
                place.keep(Held::loaded(Arc::clone(&key)));
                Ok(key)
            }
            Err(error) => {
                let error = Arc::new(error);
                place.keep(held.failed(Arc::clone(&error)));
                Err(Error::Shared(error))
            }
        }
    }

    /// Wipes all that is held: it may have changed unseen.
    pub async fn clear(&self) {
        self.keys.clear().await;
    }

    /// Whether changes were followed a moment ago.
    pub fn is_fresh(&self) -> bool {
        let polled = self.polled.read().unwrap_or_else(PoisonError::into_inner);
        polled.is_some_and(|polled| polled.at.elapsed() <= self.limits.max_staleness)
    }

    /// Loads a key with its primary version, the versions that are held of it and those that are wanted.
    async fn load(&self, id: &KeyId, held: &Held, wanted: Wanted<'_>) -> Result<LoadedKey, Error> {
        let loaded = Instant::now();
        let store = &self.store;
        // What contradicts a mark was set back if the mark is older than the reading.
        let mark = self.marks.of(id);
        let stored = store.key_fetch(store.db(), id).await?;
        let Some(StoredKey { key, generation, .. }) = stored else {
            return Err(self.marks.missing(mark.as_ref(), KeyName::new(id.clone())));
        };
        let numbers = held.numbers_with(wanted, &key, mark.as_ref());
        let versions = match numbers.as_deref() {
            Some(numbers) => store.key_versions_fetch(store.db(), key.uid, numbers).await?,
            None => all_versions(store, store.db(), &key).await?,
        };
        if !versions.iter().any(|one| one.version.version == key.primary_version) {
            return Err(Error::VersionMissing(key.primary_name()));
        }
        let is_set_back = self.marks.judge(mark.as_ref(), &key, generation, &versions);
        let missing = self.deleted_among(&key, numbers.as_deref().unwrap_or_default(), &versions).await?;
        let is_whole = numbers.is_none();
        let mut loaded = LoadedKey::new(key, loaded, is_set_back, is_whole);
        loaded.missing = missing;
        for version in versions {
            loaded.open(version, &self.root)?;
        }
        Ok(loaded)
    }

    /// Those of the numbers that were given to versions which are not there: somebody deleted them. Others were never given.
    async fn deleted_among(&self, key: &Key, numbers: &[u32], found: &[StoredVersion]) -> Result<Vec<u32>, Error> {
        let is_found = |number: &u32| found.iter().any(|one| one.version.version == *number);
        let is_given = |number: &u32| (1..key.primary_version).contains(number) && !is_found(number);
        let absent: Vec<u32> = numbers.iter().copied().filter(is_given).collect();
        if absent.is_empty() {
            return Ok(absent);
        }
        let next = self.store.key_versions_after(self.store.db(), key.uid, &absent).await?;
        let was_given = |number: &u32| {
            let following = next.iter().filter(|one| one.version.version > *number);
            following.min_by_key(|one| one.version.version).is_none_or(|one| one.version.before() >= *number)
        };
        Ok(absent.into_iter().filter(was_given).collect())
    }
}

/// All versions of a key, in their order, each held against its HMAC and none missing.
pub async fn all_versions(store: &Store, db: &impl Executor, key: &Key) -> Result<Vec<StoredVersion>, Error> {
    let versions = store.key_version_list(db, key.uid, 0, i64::from(MAX_VERSIONS)).await?;
    match missing_version(0, versions.iter().map(|one| &one.version), key.primary_version) {
        Some(number) => Err(Error::VersionMissing(key.name().version(number))),
        None => Ok(versions),
    }
}
