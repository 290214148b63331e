//! Subject keys: one for each data subject under a key, made when the first data key for the subject is generated.
//!
//! They are held for [`MAX_AGE`], at most [`MAX_HELD`] of them. A change of one, such as an erasure, drops it on every replica
//! within a second (`keyring`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clock::SharedClock;
use names::{KeyUid, TenantUid};
use secret::SecretBytes;
use secret_cache::{SecretCache, Turn};
use uuid::Uuid;

use crate::error::Error;
use crate::key::Key;
use crate::root::{RootError, RootKey, SubjectPlace};
use crate::store::Store;
use crate::store::subject_keys::{FoundSubject, StoredSubjectKey};

/// A subject key is loaded again when it was loaded longer ago.
const MAX_AGE: Duration = Duration::from_secs(5);
/// Most subject keys held.
const MAX_HELD: u64 = 20_000;

/// A data subject under a key.
pub type Subject = (KeyUid, Arc<str>);

/// Subject keys, or why one cannot be used.
pub type Found = HashMap<Subject, Result<SubjectKey, Error>>;

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
    held: SecretCache<Subject, SubjectKey>,
}

impl Subjects {
    /// None held yet.
    pub fn new(store: Arc<Store>, root: Arc<RootKey>, clock: SharedClock) -> Self {
        Self { store, root, clock, held: SecretCache::new(MAX_HELD, MAX_AGE) }
    }

    /// The keys of subjects, sorted by key and subject and each once; those that do not exist are left out. What is held is
    /// used if changes are followed. Only a database that does not answer fails all.
    pub async fn find(&self, wanted: &[(&Key, &str)], is_fresh: bool) -> Result<Found, Error> {
        let (mut found, mut missing) = (HashMap::with_capacity(wanted.len()), Vec::new());
        for (key, subject) in wanted {
            let place: Subject = (key.uid, Arc::from(*subject));
            let held = if is_fresh { self.held.held(&place).await } else { None };
            match held {
                Some(key) => drop(found.insert(place, Ok(key))),
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
        let material = SecretBytes::random().map_err(RootError::Random)?;
        let place = SubjectPlace { key: key.uid, tenant, subject };
        Ok(StoredSubjectKey {
            key: key.uid,
            tenant,
            subject: subject.to_owned(),
            material: Some(self.root.encrypt_subject_key(place, &material)?),
            create_time: self.clock.now().truncate_micros(),
            erase_time: None,
            generation: None,
        })
    }

    /// Wipes all that is held.
    pub async fn clear(&self) {
        self.held.clear().await;
    }

    /// Wipes what is held of one subject.
    pub async fn drop_key(&self, key: KeyUid, subject: &str) {
        self.held.drop_value(&(key, Arc::from(subject))).await;
    }

    /// Wipes what was held for too long.
    pub async fn wipe_expired(&self) {
        self.held.wipe_expired().await;
    }

    /// Loads what others do not load already. Turns are taken in the order of keys and subjects, so that no two calls wait for
    /// each other.
    async fn load(&self, missing: Vec<Subject>, is_fresh: bool, found: &mut Found) -> Result<(), Error> {
        let mut turns = Vec::with_capacity(missing.len());
        for subject in missing {
            let turn = self.held.turn(&subject).await;
            turns.push((subject, turn));
        }
        let mut wanted: HashMap<(KeyUid, &str), (&Subject, &Turn<SubjectKey>)> = HashMap::with_capacity(turns.len());
        for (subject, place) in &turns {
            match place.get() {
                Some(key) if is_fresh => drop(found.insert(subject.clone(), Ok(key))),
                _ => drop(wanted.insert((subject.0, &subject.1), (subject, place))),
            }
        }
        let pairs: Vec<_> = wanted.keys().copied().collect();
        if pairs.is_empty() {
            return Ok(());
        }
        let rows = self.store.subject_keys_fetch(self.store.db(), &pairs).await?;
        for FoundSubject { key, subject, row } in rows {
            let Some((subject, held_at)) = wanted.get(&(key, subject.as_str())) else { continue };
            let opened = row.map_err(Error::from).and_then(|row| self.open(&row));
            if let Ok(key) = &opened {
                held_at.keep(key.clone());
            }
            found.insert((*subject).clone(), opened);
        }
        Ok(())
    }

    fn open(&self, row: &StoredSubjectKey) -> Result<SubjectKey, Error> {
        let Some(material) = &row.material else { return Ok(SubjectKey::Erased) };
        let place = SubjectPlace { key: row.key, tenant: row.tenant, subject: &row.subject };
        let opened = self.root.decrypt_subject_key(place, material)?;
        Ok(SubjectKey::Present(Arc::new(opened)))
    }
}
