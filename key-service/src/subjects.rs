//! Subject keys: one for each data subject under a key, made when the first data key for the subject is generated.
//!
//! They are held for [`MAX_AGE`], at most [`MAX_HELD`] of them. A change of one, such as an erasure, drops it on every replica
//! within a second (`keyring`).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use clock::SharedClock;
use moka::future::Cache;
use names::{KeyUid, TenantUid};
use secret::SecretBytes;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::error::Error;
use crate::key::Key;
use crate::root::RootKey;
use crate::store::Store;
use crate::store::subject_keys::StoredSubjectKey;

/// A subject key is loaded again when it was loaded longer ago.
const MAX_AGE: Duration = Duration::from_secs(5);
/// Most subject keys held.
const MAX_HELD: u64 = 20_000;

/// A data subject under a key.
pub type Subject = (KeyUid, Arc<str>);

/// What there is of a subject.
#[derive(Debug, Clone)]
pub enum SubjectKey {
    /// Its 32 bytes, shared by the calls that use them.
    Present(Arc<SecretBytes<32>>),
    /// The subject was erased.
    Erased,
}

/// The subject keys that this process holds for a moment.
#[derive(Debug)]
pub struct Subjects {
    store: Arc<Store>,
    root: Arc<RootKey>,
    clock: SharedClock,
    held: Cache<Subject, Arc<Held>>,
}

/// The place of one subject's key in the cache, which drops places late: the key in one is wiped at once.
#[derive(Debug, Default)]
struct Held {
    state: RwLock<State>,
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    is_dropped: bool,
    key: Option<SubjectKey>,
}

impl Held {
    fn key(&self) -> Option<SubjectKey> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).key.clone()
    }

    /// Puts a key there, unless the place was dropped while it was loaded.
    fn keep(&self, key: &SubjectKey) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if !state.is_dropped {
            state.key = Some(key.clone());
        }
    }

    fn drop_key(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        (state.is_dropped, state.key) = (true, None);
    }
}

impl Subjects {
    /// None held yet.
    pub fn new(store: Arc<Store>, root: Arc<RootKey>, clock: SharedClock) -> Self {
        let held = Cache::builder()
            .max_capacity(MAX_HELD)
            .time_to_live(MAX_AGE)
            .eviction_listener(|_subject, held: Arc<Held>, _cause| held.drop_key())
            .build();
        Self { store, root, clock, held }
    }

    /// The keys of subjects, sorted by key and subject and each once; those that do not exist are left out. What is held is
    /// used if changes are followed.
    pub async fn find(&self, wanted: &[(&Key, &str)], is_fresh: bool) -> Result<HashMap<Subject, SubjectKey>, Error> {
        let (mut found, mut missing) = (HashMap::with_capacity(wanted.len()), Vec::new());
        for (key, subject) in wanted {
            let place: Subject = (key.uid, Arc::from(*subject));
            let held = if is_fresh { self.held.get(&place).await.and_then(|held| held.key()) } else { None };
            match held {
                Some(key) => drop(found.insert(place, key)),
                None => missing.push(place),
            }
        }
        if !missing.is_empty() {
            self.load(missing, is_fresh, &mut found).await?;
        }
        Ok(found)
    }

    /// A new key for a subject, encrypted for its row.
    pub fn make(&self, key: &Key, subject: &str) -> Result<StoredSubjectKey, Error> {
        let tenant = key.tenant.unwrap_or(TenantUid::new(Uuid::nil()));
        let material = SecretBytes::random().map_err(crate::root::RootError::Random)?;
        Ok(StoredSubjectKey {
            key: key.uid,
            tenant,
            subject: subject.to_owned(),
            material: Some(self.root.encrypt_subject_key((key.uid, tenant, subject), &material)?),
            create_time: self.clock.now().truncate_micros(),
            erase_time: None,
            generation: None,
        })
    }

    /// Wipes all that is held.
    pub async fn clear(&self) {
        for (_, held) in &self.held {
            held.drop_key();
        }
        self.held.invalidate_all();
        self.held.run_pending_tasks().await;
    }

    /// Wipes what is held of one subject.
    pub async fn drop_key(&self, key: KeyUid, subject: &str) {
        if let Some(held) = self.held.remove(&(key, Arc::from(subject))).await {
            held.drop_key();
        }
    }

    /// Wipes what was held for too long.
    pub async fn wipe_expired(&self) {
        self.held.run_pending_tasks().await;
    }

    /// Loads what others do not load already. Turns are taken in the order of keys and subjects, so that no two calls wait for
    /// each other.
    async fn load(
        &self,
        missing: Vec<Subject>,
        is_fresh: bool,
        found: &mut HashMap<Subject, SubjectKey>,
    ) -> Result<(), Error> {
        let mut places = Vec::with_capacity(missing.len());
        for subject in missing {
            let held = self.held.get_with(subject.clone(), async { Arc::default() }).await;
            places.push((subject, held));
        }
        let mut turns = Vec::with_capacity(places.len());
        let mut wanted: HashMap<(KeyUid, &str), (&Subject, &Arc<Held>)> = HashMap::with_capacity(places.len());
        for (subject, held) in &places {
            turns.push(held.turn.lock().await);
            match held.key() {
                Some(key) if is_fresh => drop(found.insert(subject.clone(), key)),
                _ => drop(wanted.insert((subject.0, &subject.1), (subject, held))),
            }
        }
        let (store, pairs): (_, &Vec<_>) = (&self.store, &wanted.keys().copied().collect());
        if pairs.is_empty() {
            return Ok(());
        }
        let rows = store
            .db()
            .run_one("subject_keys_fetch", |conn| Box::pin(async move { store.subject_keys_fetch(conn, pairs).await }))
            .await?;
        for row in rows {
            let Some((subject, held)) = wanted.get(&(row.key, row.subject.as_str())) else { continue };
            let place = (row.key, row.tenant, row.subject.as_str());
            let key = match &row.material {
                Some(material) => SubjectKey::Present(Arc::new(self.root.decrypt_subject_key(place, material)?)),
                None => SubjectKey::Erased,
            };
            held.keep(&key);
            found.insert((*subject).clone(), key);
        }
        Ok(())
    }
}
