//! Keys with their material in memory, so that wrapping and unwrapping ask no database.
//!
//! Every replica polls for changed keys ([`REFRESH_INTERVAL`]) and loads them anew, so a rotation is seen everywhere within
//! a second. A replica that could not poll for [`MAX_STALENESS`] trusts nothing it holds and loads each key before use.
//! What is held for longer than [`MAX_AGE`] is loaded again in any case, which checks its rows again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use db::Conn;
use names::{BirthMark, KeyId};
use secret::SecretBytes;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::Error;
use crate::key::{Key, KeyVersion, VersionState, missing_version};
use crate::root::RootKey;
use crate::store::Store;
use crate::store::key_versions::StoredVersion;
use crate::store::keys::{ChangedKey, StoredKey};

/// How often each replica asks for changed keys.
pub const REFRESH_INTERVAL: Duration = Duration::from_millis(250);
/// Keys are not trusted when the last poll is longer ago.
const MAX_STALENESS: Duration = Duration::from_millis(900);
/// A key is loaded again when it was loaded longer ago.
const MAX_AGE: Duration = Duration::from_secs(30);
/// Most changed keys that one poll loads.
const MAX_CHANGED: i64 = 500;
/// Most keys held; the rest is loaded when used.
const MAX_KEYS: usize = 100_000;
/// Versions that a key can have.
const MAX_VERSIONS: i64 = 100_000;
/// Loads of different keys that run at once.
const LOAD_LANES: usize = 8;

/// A key with the material of its versions.
#[derive(Debug)]
pub struct LoadedKey {
    /// The key.
    pub key: Key,
    /// `keys/{key}`.
    pub name: Arc<str>,
    versions: BTreeMap<u32, LoadedVersion>,
    generation: u64,
    loaded: Instant,
}

/// A version with its material.
#[derive(Debug)]
pub struct LoadedVersion {
    /// The version.
    pub version: KeyVersion,
    /// `keys/{key}/versions/{version}`.
    name: Arc<str>,
    /// Its 32 bytes; none once destroyed.
    material: Option<SecretBytes<32>>,
}

impl LoadedKey {
    /// The version with this number.
    pub fn version(&self, number: u32) -> Option<&LoadedVersion> {
        self.versions.get(&number)
    }

    /// The primary version.
    pub fn primary(&self) -> Result<&LoadedVersion, Error> {
        self.version(self.key.primary_version).ok_or(Error::Bug("a key lacks its primary version"))
    }

    /// The version with this number and birth mark.
    pub fn version_born(&self, number: u32, birth_mark: BirthMark) -> Option<&LoadedVersion> {
        self.version(number).filter(|version| version.birth_mark() == birth_mark)
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &LoadedVersion> {
        self.versions.values()
    }
}

impl LoadedVersion {
    /// Its name: `keys/{key}/versions/{version}`.
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// What tells it from another version of its number.
    pub fn birth_mark(&self) -> BirthMark {
        self.version.birth_mark
    }

    /// The material, if the version may be used.
    pub fn usable(&self, key: &Key) -> Result<&SecretBytes<32>, Error> {
        match (&self.material, self.version.state) {
            (Some(material), VersionState::Enabled) => Ok(material),
            (_, state) => Err(Error::VersionUnusable { name: key.name().version(self.version.version), state }),
        }
    }

    /// The material whatever the state, for checking what the version made before; none once destroyed.
    pub fn material(&self) -> Option<&SecretBytes<32>> {
        self.material.as_ref()
    }
}

/// The keys that this process holds.
#[derive(Debug)]
pub struct Keyring {
    store: Arc<Store>,
    root: Arc<RootKey>,
    keys: RwLock<HashMap<KeyId, Arc<LoadedKey>>>,
    lanes: [Mutex<()>; LOAD_LANES],
    polled: RwLock<Option<(Instant, u64)>>,
}

impl Keyring {
    /// An empty ring; nothing it loads is trusted for long before the first [`Keyring::refresh`].
    pub fn new(store: Arc<Store>, root: Arc<RootKey>) -> Self {
        let lanes = std::array::from_fn(|_| Mutex::default());
        Self { store, root, keys: RwLock::default(), lanes, polled: RwLock::new(None) }
    }

    /// The key with an id, from memory where it may be trusted.
    pub async fn key(&self, id: &KeyId) -> Result<Arc<LoadedKey>, Error> {
        if let Some(held) = self.held(id) {
            return Ok(held);
        }
        let _lane = self.lane(id).lock().await;
        match self.held(id) {
            Some(held) => Ok(held),
            None => self.load(id).await,
        }
    }

    /// The key with an id as it is in the database now: after a change by this process, or where a caller knows of a
    /// version that is not held. Callers that wait together share a load.
    pub async fn reload(&self, id: &KeyId) -> Result<Arc<LoadedKey>, Error> {
        let asked = Instant::now();
        let _lane = self.lane(id).lock().await;
        match self.held(id).filter(|held| held.loaded > asked) {
            Some(held) => Ok(held),
            None => self.load(id).await,
        }
    }

    /// Loads the keys that changed since the last call.
    pub async fn refresh(&self) -> Result<(), Error> {
        let (started, store) = (Instant::now(), &self.store);
        let polled = self.polled.read().unwrap_or_else(PoisonError::into_inner).map(|(_, generation)| generation);
        let Some(mut generation) = polled else {
            let newest = store
                .db()
                .run_one("key_newest_generations", |conn| {
                    Box::pin(async move { store.key_newest_generations(conn, MAX_CHANGED).await })
                })
                .await?;
            // What was loaded before the first poll may have changed unseen.
            self.keys.write().unwrap_or_else(PoisonError::into_inner).clear();
            // An altered row says nothing about how far the others are.
            self.set_polled(started, newest.into_iter().find_map(Result::ok).unwrap_or_default());
            return Ok(());
        };
        let mut since = generation;
        loop {
            let changed = store
                .db()
                .run_one("key_list_changed", |conn| {
                    Box::pin(async move { store.key_list_changed(conn, since, MAX_CHANGED).await })
                })
                .await?;
            let full = i64::try_from(changed.len()).is_ok_and(|count| count == MAX_CHANGED);
            for ChangedKey { stated, key } in changed {
                since = since.max(stated);
                generation = generation.max(key.as_ref().map_or(0, |stored| stored.generation));
                self.load_changed(key).await?;
            }
            if !full {
                self.set_polled(started, generation);
                return Ok(());
            }
        }
    }

    /// An altered row is reported and passed over, and so is one of a newer version: neither may keep other keys' changes from
    /// being seen.
    async fn load_changed(&self, stored: Result<StoredKey, crate::store::Error>) -> Result<(), Error> {
        let error = match stored.map_err(Error::from) {
            Ok(stored) => self.load_stored(stored).await.err(),
            Err(error) => Some(error),
        };
        match error {
            Some(error) if error.is_alarm() => {
                error.report();
                Ok(())
            }
            Some(error) if error.is_newer() => {
                tracing::debug!(error = service::chain(&error), "a key is passed over");
                Ok(())
            }
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn held(&self, id: &KeyId) -> Option<Arc<LoadedKey>> {
        let now = Instant::now();
        let (polled, _) = (*self.polled.read().unwrap_or_else(PoisonError::into_inner))?;
        if now.duration_since(polled) > MAX_STALENESS {
            return None;
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(id).filter(|held| now.duration_since(held.loaded) <= MAX_AGE).map(Arc::clone)
    }

    async fn load(&self, id: &KeyId) -> Result<Arc<LoadedKey>, Error> {
        let store = &self.store;
        let stored =
            store.db().run_one("key_fetch", |conn| Box::pin(async move { store.key_fetch(conn, id).await })).await?;
        let stored = stored.ok_or_else(|| Error::key_not_found(names::KeyName::new(id.clone())))?;
        self.load_stored(stored).await
    }

    async fn load_stored(&self, stored: StoredKey) -> Result<Arc<LoadedKey>, Error> {
        let loaded = Instant::now();
        let (store, key, uid) = (&self.store, &stored.key, stored.key.uid);
        let versions = store
            .db()
            .run_one("key_version_list", |conn| Box::pin(async move { all_versions(store, conn, key).await }))
            .await?;
        let mut opened = BTreeMap::new();
        for version in versions {
            let place = (uid, version.version.version, stored.key.purpose);
            let material = match &version.material {
                Some(sealed) => Some(self.root.decrypt_version(place, sealed).map_err(Error::Material)?),
                None => None,
            };
            let number = version.version.version;
            let name = Arc::from(stored.key.name().version(number).to_string());
            opened.insert(number, LoadedVersion { version: version.version, name, material });
        }
        let name = Arc::from(stored.key.name().to_string());
        let key = LoadedKey { key: stored.key, name, versions: opened, generation: stored.generation, loaded };
        Ok(self.keep(Arc::new(key)))
    }

    /// Keeps a key, unless a newer generation of it arrived meanwhile, which is returned then.
    fn keep(&self, key: Arc<LoadedKey>) -> Arc<LoadedKey> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = keys.get(&key.key.id).filter(|held| held.generation > key.generation) {
            return Arc::clone(held);
        }
        if keys.len() >= MAX_KEYS {
            let now = Instant::now();
            keys.retain(|_, held| now.duration_since(held.loaded) <= MAX_AGE / 2);
            if keys.len() >= MAX_KEYS {
                return key;
            }
        }
        keys.insert(key.key.id.clone(), Arc::clone(&key));
        key
    }

    fn set_polled(&self, at: Instant, generation: u64) {
        *self.polled.write().unwrap_or_else(PoisonError::into_inner) = Some((at, generation));
    }

    fn lane(&self, id: &KeyId) -> &Mutex<()> {
        let lane = id.as_str().bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let [first, ..] = &self.lanes;
        self.lanes.get(lane % LOAD_LANES).unwrap_or(first)
    }
}

/// All versions of a key, in their order, each held against its HMAC and none missing.
pub async fn all_versions(store: &Store, conn: &Conn, key: &Key) -> Result<Vec<StoredVersion>, Error> {
    let versions = store.key_version_list(conn, key.uid, 0, MAX_VERSIONS).await?;
    let numbers = versions.iter().map(|version| version.version.version);
    match missing_version(0, numbers, key.primary_version) {
        Some(number) => Err(Error::VersionMissing(key.name().version(number))),
        None => Ok(versions),
    }
}
